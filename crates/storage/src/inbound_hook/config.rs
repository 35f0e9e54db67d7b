//! What a hook was told to expect: the `config` column.

use ipnet::IpNet;
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
    /// `hmac-…`: the header that carries the signature; `bearer`: the one that carries the token, `Authorization` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// `hmac-…`: the text in front of the signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// `hmac-…`: how the signature is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// `hmac-…`: the header with the Unix time that is signed in front of the body; the body alone is signed when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp_header: Option<String>,
    /// `hmac-…`: what stands between that time and the body; a dot when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<String>,
    /// `authorize-net`: how the key is written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_encoding: Option<KeyEncoding>,
    /// `meta`: the token with which the subscription is confirmed; the secret when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<String>,
    /// The addresses that may send, whatever the scheme; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow_from: Vec<IpNet>,
    /// The largest body in bytes; what the server takes when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u32>,
    /// How many requests a second are taken at most, on each node; any number when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_per_second: Option<u32>,
}

impl HookConfig {
    /// The form of the body: the configured one, or what the scheme's sender sends.
    pub fn format(&self) -> Format {
        self.format.unwrap_or(match self.scheme {
            Scheme::Twilio | Scheme::Mailchimp => Format::Form,
            // What it can read, only the plugin knows.
            Scheme::Plugin => Format::Raw,
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
        /// HMAC-SHA1 of the body in a header of one's choice.
        HmacSha1 => "hmac-sha1",
        /// HMAC-SHA512 of the body in a header of one's choice.
        HmacSha512 => "hmac-sha512",
        /// User and password of HTTP basic authentication.
        Basic => "basic",
        /// A token in a header.
        Bearer => "bearer",
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
        /// Tap Payments.
        Tap => "tap",
        /// The provider of the connected app, as its plugin checks it.
        Plugin => "plugin",
    }
}

impl Scheme {
    /// The scheme in which the provider of that name signs, if it is built in.
    pub fn of_provider(provider: &str) -> Option<Self> {
        let scheme = match provider {
            "facebook" | "whatsapp" | "instagram" => Self::Meta,
            "anthropic" => Self::Standard,
            "stripe" | "github" | "slack" | "twilio" | "quickbooks" | "meta" | "sendgrid"
            | "quo" | "authorize-net" | "lob" | "postmark" | "mailchimp" | "google" | "tap" => {
                provider.parse().ok()?
            }
            _ => return None,
        };
        Some(scheme)
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
