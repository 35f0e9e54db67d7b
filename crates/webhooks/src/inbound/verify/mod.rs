//! Checks who sent a webhook: one file per scheme, each on the raw bytes, each comparing in constant time.

mod authorize_net;
mod basic;
mod bearer;
mod github;
mod google;
mod header;
mod hmac;
mod lob;
mod mac;
mod mailchimp;
pub(super) mod meta;
mod quickbooks;
mod quo;
mod sendgrid;
mod slack;
mod standard;
mod stripe;
mod tap;
mod tolerance;
mod twilio;

pub(super) use mailchimp::PARAMETER as MAILCHIMP_PARAMETER;
pub(super) use standard::{ID as STANDARD_ID, SVIX_ID};

use http::HeaderMap;
use jackfield_connected_apps::Secret;
use jackfield_storage::{
    Timestamp,
    inbound_hook::{HookConfig, Scheme},
};

/// A request as its sender signed it.
pub struct Signed<'a> {
    /// The absolute URL that the sender was given, with the query of this request.
    pub url: &'a str,
    /// The query without `?`, as it came.
    pub query: Option<&'a str>,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body, byte for byte.
    pub body: &'a [u8],
    /// When the request came.
    pub now: Timestamp,
}

/// Why a request is not believed. Written to the trace of the hook, so it holds neither secrets nor signatures.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refusal {
    /// The header or parameter that carries the proof is absent.
    #[error("{0} is missing")]
    Missing(String),
    /// It is there, but not in the form that the scheme prescribes.
    #[error("{0} is not in the form that this scheme prescribes")]
    Malformed(String),
    /// No signature in the request fits the body and any secret of the hook.
    #[error("no signature fits the body and the secret")]
    Mismatch,
    /// The time that was signed is too far from now: an old request sent again, or a wrong clock.
    #[error(
        "the signed time is {seconds} s away from the server's clock, more than the {} s allowed",
        tolerance::SECONDS
    )]
    Stale {
        /// Distance in seconds.
        seconds: u64,
    },
    /// The scheme needs a secret and the hook has none.
    #[error("the hook has no secret: give it the one that the sender signs with")]
    NoSecret,
    /// The hook's secret is not of the kind that the scheme needs.
    #[error("the hook's secret is not {0}: give it a right one")]
    UnusableSecret(&'static str),
}

impl Refusal {
    /// The stable name of the reason.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "MISSING_SIGNATURE",
            Self::Malformed(_) => "MALFORMED_SIGNATURE",
            Self::Mismatch => "WRONG_SIGNATURE",
            Self::Stale { .. } => "STALE_SIGNATURE",
            Self::NoSecret => "NO_SECRET",
            Self::UnusableSecret(_) => "UNUSABLE_SECRET",
        }
    }
}

/// Checks `request` by the scheme of the hook against each of its secrets, of which one has to fit.
pub fn verify(
    config: &HookConfig,
    secrets: &[Secret],
    request: &Signed<'_>,
) -> Result<(), Refusal> {
    if config.scheme != Scheme::None && secrets.is_empty() {
        return Err(Refusal::NoSecret);
    }
    match config.scheme {
        Scheme::None => Ok(()),
        Scheme::Stripe => stripe::verify(secrets, request),
        Scheme::Github => github::verify(secrets, request),
        Scheme::Slack => slack::verify(secrets, request),
        Scheme::Twilio => twilio::verify(secrets, request),
        Scheme::Standard => standard::verify(secrets, request),
        Scheme::HmacSha1 | Scheme::HmacSha256 | Scheme::HmacSha512 => {
            hmac::verify(algorithm(config.scheme), config, secrets, request)
        }
        Scheme::Basic | Scheme::Postmark => basic::verify(secrets, request),
        Scheme::Bearer => bearer::verify(config, secrets, request),
        Scheme::Tap => tap::verify(secrets, request),
        // Whoever verifies by a plugin asks the plugin.
        Scheme::Plugin => Err(Refusal::NoSecret),
        Scheme::Quickbooks => quickbooks::verify(secrets, request),
        Scheme::Meta => meta::verify(secrets, request),
        Scheme::Sendgrid => sendgrid::verify(secrets, request),
        Scheme::Quo => quo::verify(secrets, request),
        Scheme::AuthorizeNet => authorize_net::verify(config, secrets, request),
        Scheme::Lob => lob::verify(secrets, request),
        Scheme::Mailchimp => mailchimp::verify(secrets, request),
        Scheme::Google => google::verify(secrets, request),
    }
}

fn algorithm(scheme: Scheme) -> aws_lc_rs::hmac::Algorithm {
    match scheme {
        Scheme::HmacSha1 => aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Scheme::HmacSha512 => aws_lc_rs::hmac::HMAC_SHA512,
        _ => aws_lc_rs::hmac::HMAC_SHA256,
    }
}

#[cfg(test)]
mod example;
