//! eWay's Rapid API: <https://eway.io/api-v3/>. It answers 200 to what it refuses: `Errors` has what is wrong with a request,
//! `ResponseMessage` what the bank says of a payment, both as codes.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors};
use jackfield_plugin_sdk::{Request, code};

/// What the codes mean, one a line, as eWay's own library knows them.
const CODES: &str = include_str!("fixtures/codes.txt");

fn api(errors: Errors) -> Api {
    Api::new("https://api.ewaypayments.com")
        .base_when("sandbox", true, "https://api.sandbox.ewaypayments.com")
        .errors(errors)
}

/// Asks for a transaction that there is not, which says whether the key is right.
pub(crate) async fn ask(context: &Context) -> Result<()> {
    let api = api(Errors::new());
    let request = api.request(context, "GET", "/Transaction/0")?;
    match api.send(request).await {
        Err(error) if error.code == "HTTP_403" => Err(Error::new(code::CREDENTIAL, error.message)),
        Err(error) if error.code == "HTTP_400" || error.code == "HTTP_404" => Ok(()),
        answered => answered.map(drop),
    }
}

/// A request that takes or gives money.
pub(crate) fn post(context: &Context, path: &str) -> Result<Request> {
    api(Errors::new()).request(context, "POST", path)
}

/// Has money taken or given. eWay knows no keys, so it is not sent again when nobody knows whether that was done.
pub(crate) async fn transact(context: &Context, request: Request) -> Result<Value> {
    let errors = Errors::new()
        .ok_is("TransactionStatus", true)
        .code("Errors")
        .code("ResponseMessage");
    api(errors).send_once(context, request).await.map_err(told)
}

/// The error with what its codes mean.
fn told(mut error: Error) -> Error {
    let answer = error.data.as_ref();
    let answer = answer.and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
    let Some(answer) = answer.filter(Value::is_object) else {
        return error;
    };
    let text = |member: &str| {
        let text = answer[member].as_str().map(str::trim);
        text.filter(|text| !text.is_empty())
    };
    let (is_invalid, given) = match (text("Errors"), text("ResponseMessage")) {
        (Some(errors), _) => (true, errors),
        (None, Some(message)) => (false, message),
        (None, None) => return error,
    };
    let codes: Vec<&str> = given.split(',').map(str::trim).collect();
    let meant: Vec<String> = codes.iter().map(|code| meaning(code)).collect();
    error.message = format!("eWay refuses it: {}.", meant.join("; "));
    let first = codes.first().copied().unwrap_or_default();
    let name = match first.bytes().next() {
        Some(b'D') if !is_invalid => "DECLINED",
        Some(b'F') => "SUSPECTED_FRAUD",
        _ => first,
    };
    if error.code != code::CREDENTIAL {
        name.clone_into(&mut error.code);
    }
    error
}

/// `D4405` is “Do Not Honour (D4405)”.
fn meaning(code: &str) -> String {
    let known = CODES.lines().find_map(|line| {
        let (known, text) = line.split_once(' ')?;
        (known == code).then_some(text)
    });
    known.map_or_else(|| code.to_owned(), |text| format!("{text} ({code})"))
}

pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(code::INVALID_CONFIG, message)
}
