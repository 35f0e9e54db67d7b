//! The Accounting API of QuickBooks Online: <https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features>.

use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors, read};
use jackfield_plugin_sdk::{Request, code};
use serde::de::DeserializeOwned;

/// The version of requests and answers that this plugin knows.
const MINOR_VERSION: &str = "75";

/// Who is limited has to wait so long; QuickBooks counts by the minute.
const WAIT: Duration = Duration::from_secs(60);

/// An answer with a `Fault` is a failure, also with status 200; the gateway before the API writes it in small letters.
/// <https://developer.intuit.com/app/developer/qbo/docs/develop/troubleshooting/error-codes>
fn api() -> Api {
    let errors = Errors::new()
        .fault_at("Fault")
        .fault_at("fault")
        .code("Fault.Error[0].code")
        .code("fault.error[0].code")
        .message("Fault.Error[0].Detail")
        .message("fault.error[0].detail")
        .message("Fault.Error[0].Message")
        .message("fault.error[0].message")
        .credential_codes(&["120", "3100", "003100", "3200", "003200"])
        .retry_codes(&["3001", "003001"])
        .wait(429, WAIT);
    Api::new("https://quickbooks.api.intuit.com/v3/company/{realmId}")
        .base_when(
            "sandbox",
            true,
            "https://sandbox-quickbooks.api.intuit.com/v3/company/{realmId}",
        )
        .header("Accept", "application/json")
        .query("minorversion", MINOR_VERSION)
        .errors(errors)
}

/// The settings of a connected app that matter here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    #[serde(default)]
    realm_id: Value,
}

/// The company that access was granted to; none before that.
pub(crate) fn company(context: &Context) -> Result<Option<String>> {
    let settings = context.credential().map(|app| app.settings::<Settings>());
    Ok(
        match settings.transpose()?.map(|settings| settings.realm_id) {
            Some(Value::String(realm)) if !realm.is_empty() => Some(realm),
            Some(Value::Number(realm)) => Some(realm.to_string()),
            _ => None,
        },
    )
}

/// A request about the company of the connected app.
pub(crate) fn request(context: &Context, method: &str, path: &str) -> Result<Request> {
    if company(context)?.is_none() {
        return Err(Error::new(
            code::NO_CREDENTIAL,
            "The connected app has no company yet: grant it access to one with `startOAuth`, or set realmId in its settings.",
        ));
    }
    api().request(context, method, path)
}

/// Sends it and returns the answer.
pub(crate) async fn send(request: Request) -> Result<Value> {
    api().send(request).await.map_err(advised)
}

/// Creates what the body describes, once for each step however often it is tried. `entity` is QuickBooks' name of its kind.
pub(crate) async fn create<T: DeserializeOwned>(
    context: &Context,
    entity: &str,
    body: &impl Serialize,
) -> Result<T> {
    let path = format!("/{}", entity.to_ascii_lowercase());
    let request = once(context, request(context, "POST", &path)?, entity);
    read(send(request.json(body)).await?[entity].take())
}

/// QuickBooks answers a `requestid` that it has seen as it did the first time.
pub(crate) fn once(context: &Context, request: Request, effect: &str) -> Request {
    let key = request_id(&context.effect_key(effect));
    request.query("requestid", &key).repeatable()
}

/// A `requestid` has at most 50 characters, and the key of a step may have more: FNV-1a of 128 bits.
fn request_id(key: &str) -> String {
    let hash = key.bytes().fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128,
        |hash, byte| {
            (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
        },
    );
    format!("{hash:032x}")
}

/// What can be done about the usual refusals, by QuickBooks' codes.
const ADVICE: &[(&str, &str)] = &[
    (
        "ERROR_610",
        "It was deleted or made inactive, or the company never had it.",
    ),
    (
        "ERROR_2500",
        "What is referred to (a customer, item, account or tax code) is not in this company, or is inactive.",
    ),
    ("ERROR_6140", "Another document has this number."),
    (
        "ERROR_6240",
        "Customers, vendors and employees have names of their own: choose another display name, or let the node take the customer \
         that is there.",
    ),
    (
        "CREDENTIAL",
        "Grant the connected app access to the company again with `startOAuth`.",
    ),
];

fn advised(mut error: Error) -> Error {
    let known = ADVICE.iter().find(|(code, _)| *code == error.code);
    // Without an answer of QuickBooks the host has said what is wrong.
    if let Some((_, advice)) = known.filter(|_| error.data.is_some()) {
        error.message = format!("{} {advice}", error.message);
    }
    error
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}

/// What QuickBooks refers to something with.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Reference {
    /// The id of what it is.
    pub(crate) value: String,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of draft-eastlake-fnv.
    #[test]
    fn keys_are_hashed_by_the_book() {
        assert_eq!(request_id(""), "6c62272e07bb014262b821756295c58d");
        assert_eq!(request_id("a"), "d228cb696f1a8caf78912b704e4a8964");
        assert_eq!(request_id("foobar"), "343e1662793c64bf6f0d3597ba446f18");
    }
}
