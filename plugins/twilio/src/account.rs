//! The account that is acted for. Its SID is a part of every path, and nothing but the credentials says it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Credential, code};

use crate::api::{api, invalid};

/// The SID of the account: that of the settings, otherwise that of the credentials.
pub(crate) async fn account(context: &Context) -> Result<String> {
    match context.of_app("accountSid").await? {
        Some(account) => checked(&account),
        // An operator may not have granted that. Twilio can say it, too.
        None => ask(context).await,
    }
}

/// Whether the credentials are an API key.
pub(crate) async fn has_api_key(context: &Context) -> Result<bool> {
    Ok(context.reveal(app(context)?, "keySid").await.is_ok())
}

fn app(context: &Context) -> Result<&Credential> {
    let absent = || Error::new(code::NO_CREDENTIAL, "Choose a connected app of Twilio.");
    context.credential().ok_or_else(absent)
}

/// It has to stay within its segment of the path.
fn checked(account: &str) -> Result<String> {
    let account = account.trim();
    let is_sid =
        account.starts_with("AC") && account.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match is_sid {
        true => Ok(account.to_owned()),
        false => Err(invalid(
            "accountSid of the connected app is no account SID: it begins with AC, and Twilio's console shows it.",
        )),
    }
}

/// The account whose token it is, of those that it may act for: the one that belongs to itself. An API key may not ask.
async fn ask(context: &Context) -> Result<String> {
    let request = api().request(context, "GET", "/2010-04-01/Accounts.json")?;
    let answer = api().send(request).await.map_err(|mut error| {
        error.message = format!(
            "Which account it is cannot be found out; set accountSid in the settings of the connected app. {}",
            error.message
        );
        error
    })?;
    let accounts = answer["accounts"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let own = accounts
        .iter()
        .find(|account| account["sid"] == account["owner_account_sid"]);
    let only = accounts.first().filter(|_| accounts.len() == 1);
    match own.or(only).and_then(|account| account["sid"].as_str()) {
        Some(sid) => checked(sid),
        None => Err(invalid(
            "Which account it is cannot be found out: set accountSid in the settings of the connected app.",
        )),
    }
}
