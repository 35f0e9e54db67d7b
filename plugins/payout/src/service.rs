//! Who pays: the services, and whose credentials a connected app has.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Credential, HmacAlgorithm, SignatureEncoding, code};

/// The version of Stripe's API whose requests and answers this plugin knows.
const STRIPE_VERSION: &str = "2026-10-28.endive";

/// A code that no key makes of anything.
const NO_CODE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Service {
    Stripe,
    Lob,
    Checkbook,
    Endpoint,
}

impl Service {
    pub(crate) const ALL: [Self; 4] = [Self::Stripe, Self::Lob, Self::Checkbook, Self::Endpoint];

    /// The member of its credentials that no other service has.
    const fn field(self) -> &'static str {
        match self {
            Self::Stripe => "secretKey",
            Self::Lob => "lobKey",
            Self::Checkbook => "checkbookSecret",
            Self::Endpoint => "endpointToken",
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Stripe => "Stripe",
            Self::Lob => "Lob",
            Self::Checkbook => "Checkbook",
            Self::Endpoint => "an endpoint",
        }
    }

    /// Whose credentials the connected app has, of these. A key must not go to another service, and the plugin is not shown it; but
    /// the host says whether there is a member of that name when it is asked about a signature under it.
    pub(crate) async fn of(context: &Context, candidates: &[Self]) -> Result<Option<Self>> {
        let app = app(context)?;
        for service in candidates {
            let key = (app, service.field());
            let signature = (NO_CODE, SignatureEncoding::Hex);
            match context
                .verify_hmac(HmacAlgorithm::Sha256, key, b"", signature)
                .await
            {
                Ok(_) => return Ok(Some(*service)),
                Err(error) if error.retryable => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Its API.
    pub(crate) fn api(self) -> Api {
        match self {
            Self::Stripe => stripe(),
            Self::Lob => lob(),
            Self::Checkbook => checkbook(),
            Self::Endpoint => endpoint(),
        }
    }
}

/// <https://docs.stripe.com/error-low-level>
fn stripe() -> Api {
    let errors = Errors::new()
        .code("error.code")
        .code("error.type")
        .message("error.message")
        .retry_statuses(&[409])
        .retry_codes(&["lock_timeout", "rate_limit"])
        .final_codes(&["idempotency_error"])
        .credential_codes(&["api_key_expired", "platform_api_key_expired"])
        .retry_header("stripe-should-retry");
    Api::new("https://api.stripe.com")
        .header("Stripe-Version", STRIPE_VERSION)
        .forms()
        .errors(errors)
}

/// <https://docs.lob.com/#tag/Errors>
fn lob() -> Api {
    let errors = Errors::new()
        .code("error.code")
        .message("error.message")
        .credential_codes(&["unauthorized", "unauthorized_token", "invalid_api_key"])
        .reset_header("x-rate-limit-reset");
    Api::new("https://api.lob.com").errors(errors)
}

/// <https://docs.checkbook.io/docs/api/error-codes>. Its own library takes an `error` for a failure also where the status is 200.
fn checkbook() -> Api {
    let errors = Errors::new()
        .fault_at("error")
        .code("error_code")
        .message("error")
        .message("more_info");
    Api::new("https://api.checkbook.io")
        .base_when("sandbox", true, "https://api.sandbox.checkbook.io")
        .header("Accept", "application/json")
        .errors(errors)
}

fn endpoint() -> Api {
    let errors = Errors::new()
        .code("error.code")
        .code("code")
        .message("error.message")
        .message("message")
        .message("error");
    Api::new("").errors(errors)
}

/// The settings of a connected app.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Settings {
    /// Of Lob: the bank account that checks are drawn on.
    pub(crate) bank_account: Option<String>,
    /// Of Lob: the address that checks come from.
    pub(crate) from: Option<String>,
    /// Where an endpoint is.
    pub(crate) endpoint: Option<String>,
    /// Whether an endpoint pays once for each `Idempotency-Key`, however often it is asked.
    pub(crate) idempotent: bool,
}

pub(crate) fn settings(context: &Context) -> Result<Settings> {
    app(context)?.settings()
}

fn app(context: &Context) -> Result<&Credential> {
    let absent = || Error::new(code::NO_CREDENTIAL, "Choose a connected app for payouts.");
    context.credential().ok_or_else(absent)
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
