//! Direct deposits by Stripe Connect: <https://docs.stripe.com/api/transfers/create>, <https://docs.stripe.com/api/payouts/create>.

use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;
use serde_json::value::to_raw_value;

use super::{Deposit, Payout};
use crate::money::for_stripe;
use crate::service::{Service, invalid};

/// Pays once, however often the step is tried.
pub(super) async fn pay(payout: &Payout, context: &Context, money: &Money) -> Result<Value> {
    let account = payout.recipient.trim();
    if !is_account(account) {
        return Err(invalid(
            "recipient is no account of Stripe Connect, which has an id such as acct_1QKx7fLkdIwHu7ix.",
        ));
    }
    let api = Service::Stripe.api();
    let mut body = json!({
        "amount": for_stripe(money)?, "currency": money.currency().code().to_ascii_lowercase(),
        "description": payout.description, "metadata": payout.metadata,
    });
    let request = match payout.deposit {
        Deposit::Balance => {
            body["destination"] = account.into();
            body["source_transaction"] = json!(payout.source_charge);
            body["transfer_group"] = json!(payout.transfer_group);
            api.request(context, "POST", "/v1/transfers")?
        }
        Deposit::Bank => {
            body["method"] = json!(payout.speed);
            body["statement_descriptor"] = json!(payout.statement_descriptor);
            let request = api.request(context, "POST", "/v1/payouts")?;
            request.header("Stripe-Account", account)
        }
    };
    let answer = api.send(request.idempotent().form(&body)).await?;
    match answer["status"].as_str() {
        Some("failed" | "canceled") => Err(failed(&answer)),
        _ => Ok(answer),
    }
}

fn is_account(given: &str) -> bool {
    let id = given.strip_prefix("acct_").unwrap_or_default();
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A payout that Stripe took and that the bank did not.
fn failed(payout: &Value) -> Error {
    let why = payout["failure_message"]
        .as_str()
        .or(payout["failure_code"].as_str());
    let why = why.unwrap_or("Stripe does not say why");
    let mut error = Error::new(
        "PAYOUT_FAILED",
        format!("The bank did not take the payout: {why}"),
    );
    error.data = to_raw_value(payout).ok();
    error
}
