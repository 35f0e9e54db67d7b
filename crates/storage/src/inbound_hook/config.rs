//! What a hook was told to expect: the `config` column.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;

/// How an inbound hook checks, reads and answers what comes. The secret is not part of it: it is sealed beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HookConfig {
    /// Who sends, and so how the sender proves it.
    pub scheme: Scheme,
    /// The form of the body; what the scheme's sender sends when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// When the sender is answered.
    pub respond: Respond,
    /// `hmac-sha256`: the header that carries the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// `hmac-sha256`: the text in front of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// `hmac-sha256`: how the signature is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// `authorize-net`: how the key is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_encoding: Option<KeyEncoding>,
    /// `meta`: the token with which the subscription is confirmed; the secret when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
}

impl HookConfig {
    /// The form of the body: the configured one, or what the scheme's sender sends.
    pub fn format(&self) -> Format {
        self.format.unwrap_or(match self.scheme {
            Scheme::Twilio | Scheme::Mailchimp => Format::Form,
            _ => Format::Json,
        })
    }
}

text_enum! {
    /// Who sends to a hook and how the sender proves it.
    #[derive(Default)]
    pub enum Scheme {
        /// Anyone who knows the address.
        #[default]
        None => "none",
        /// Stripe.
        Stripe => "stripe",
        /// GitHub.
        Github => "github",
        /// Slack: events, commands and interactions.
        Slack => "slack",
        /// Twilio: messages, calls and their status.
        Twilio => "twilio",
        /// Standard Webhooks, which Quo and Anthropic use among many others.
        Standard => "standard",
        /// HMAC-SHA256 of the body in a header of one's choice.
        HmacSha256 => "hmac-sha256",
        /// QuickBooks.
        Quickbooks => "quickbooks",
        /// Meta: Facebook, Instagram, WhatsApp.
        Meta => "meta",
        /// SendGrid's event webhook.
        Sendgrid => "sendgrid",
        /// Quo in its older generation, when it was OpenPhone.
        Quo => "quo",
        /// Authorize.net.
        AuthorizeNet => "authorize-net",
        /// Lob.
        Lob => "lob",
        /// Postmark: user and password in the URL.
        Postmark => "postmark",
        /// Mailchimp: the secret in the URL's query.
        Mailchimp => "mailchimp",
        /// Google push notifications: the channel's token.
        Google => "google",
    }
}

text_enum! {
    /// The form of a body.
    pub enum Format {
        /// A JSON document.
        Json => "json",
        /// `application/x-www-form-urlencoded`.
        Form => "form",
        /// Whatever comes, as text.
        Raw => "raw",
    }
}

text_enum! {
    /// When the sender of a webhook is answered.
    #[derive(Default)]
    pub enum Respond {
        /// As soon as the event is on disk.
        #[default]
        Immediately => "immediately",
        /// When the run has finished, with the answer of its `respond` node.
        WhenFinished => "when_finished",
    }
}

text_enum! {
    /// How a signature is written.
    #[derive(Default)]
    pub enum Encoding {
        /// Hexadecimal digits.
        #[default]
        Hex => "hex",
        /// Base64 with padding.
        Base64 => "base64",
    }
}

text_enum! {
    /// How a key is written.
    #[derive(Default)]
    pub enum KeyEncoding {
        /// The text itself is the key.
        #[default]
        Text => "text",
        /// The text is the key in hexadecimal digits.
        Hex => "hex",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_configuration_of_a_webhook_node() {
        let config: HookConfig = serde_json::from_str(
            r#"{"scheme": "hmac-sha256", "format": "raw", "respond": "when_finished", "header": "X-Proof", "encoding": "base64"}"#,
        )
        .unwrap();

        assert_eq!(
            config,
            HookConfig {
                scheme: Scheme::HmacSha256,
                format: Some(Format::Raw),
                respond: Respond::WhenFinished,
                header: Some("X-Proof".into()),
                encoding: Some(Encoding::Base64),
                ..HookConfig::default()
            }
        );
    }

    #[test]
    fn the_format_follows_the_scheme_unless_it_is_named() {
        let twilio = HookConfig {
            scheme: Scheme::Twilio,
            ..HookConfig::default()
        };

        assert_eq!(twilio.format(), Format::Form);
        assert_eq!(
            HookConfig {
                format: Some(Format::Json),
                ..twilio
            }
            .format(),
            Format::Json
        );
        assert_eq!(HookConfig::default().format(), Format::Json);
    }
}
