//! Authorize.net's API: <https://developer.authorize.net/api/reference/>. Every request is a POST to one address, every answer has
//! status 200 and begins with a byte order mark; `messages.resultCode` says how the request was, `transactionResponse` how the payment.

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};

use crate::message::{Body, Merchant, Transaction};

const PATH: &str = "/xml/v1/request.api";

/// Errors of the processor that pass in some minutes; no money was taken.
/// <https://developer.authorize.net/api/reference/responseCodes.html>
const PASSING: &[&str] = &["19", "20", "21", "22", "23", "25", "26", "E00053", "E00104"];

fn api() -> Api {
    let errors = Errors::new()
        .ok_is("messages.resultCode", "Ok")
        .fault_at("transactionResponse.errors")
        .code("transactionResponse.errors[0].errorCode")
        .code("messages.message[0].code")
        .message("transactionResponse.errors[0].errorText")
        .message("messages.message[0].text")
        .retry_codes(PASSING)
        .credential_codes(&["E00005", "E00006", "E00007", "E00008"]);
    Api::new("https://api2.authorize.net")
        .base_when("sandbox", true, "https://apitest.authorize.net")
        .errors(errors)
}

/// Asks whether the credentials are right. Asking twice does nothing.
pub(crate) async fn authenticate(context: &Context) -> Result<()> {
    let merchant = merchant(context).await?;
    let request = api().request(context, "POST", PATH)?.repeatable();
    let request = request.json(&Body::AuthenticateTest {
        merchant_authentication: merchant,
    });
    api().send(request).await.map(drop)
}

/// Has a transaction made. Authorize.net knows no keys, so it is not sent again when nobody knows whether it was made.
///
/// The credentials are shown to the plugin and the transaction is the only request of its call: what a call has heard goes to disk
/// before its second request.
pub(crate) async fn transact(
    context: &Context,
    reference: Option<String>,
    transaction: Transaction,
) -> Result<Value> {
    let request = api().request(context, "POST", PATH)?;
    let request = request.json(&Body::CreateTransaction {
        merchant_authentication: merchant(context).await?,
        ref_id: reference,
        transaction_request: Box::new(transaction),
    });
    let answer = api().send_once(context, request).await.map_err(told)?;
    match answer["transactionResponse"]["responseCode"].as_str() {
        // Approved, or held for somebody to look at.
        Some("1" | "4") => Ok(answer),
        _ => Err(Error::new(
            code::UNEXPECTED_RESPONSE,
            "Authorize.net does not say whether the transaction was approved: look it up there before it is tried again.",
        )),
    }
}

/// The error under a name that says what to do.
fn told(mut error: Error) -> Error {
    let answer = error.data.as_ref();
    let answer = answer.and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
    let Some(answer) = answer else {
        return error;
    };
    let response = &answer["transactionResponse"];
    let reason = response["errors"][0]["errorCode"].as_str();
    match (response["responseCode"].as_str(), reason) {
        (_, Some("11")) => {
            "DUPLICATE".clone_into(&mut error.code);
            error.message += " The same was paid a moment ago: give another invoiceNumber, or a smaller duplicateWindow.";
        }
        (_, Some("54")) => {
            "NOT_REFUNDABLE".clone_into(&mut error.code);
            error.message += " A payment can be refunded when it is settled, which happens once a day; before that it can be voided.";
        }
        (Some("2"), _) => "DECLINED".clone_into(&mut error.code),
        _ => {}
    }
    error
}

async fn merchant(context: &Context) -> Result<Merchant> {
    let absent = || {
        Error::new(
            code::NO_CREDENTIAL,
            "Choose a connected app of Authorize.net.",
        )
    };
    let app = context.credential().ok_or_else(absent)?;
    let login = context.reveal(app, "loginId").await?;
    let key = context.reveal(app, "transactionKey").await?;
    Ok(Merchant {
        name: login.expose().trim().to_owned(),
        transaction_key: key.expose().trim().to_owned(),
    })
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
