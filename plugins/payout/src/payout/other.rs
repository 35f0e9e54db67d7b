//! Payouts by an endpoint of one's own.

use jackfield_plugin_sdk::Money;
use jackfield_plugin_sdk::prelude::*;

use super::Payout;
use crate::service::{Service, invalid, settings};

/// What the endpoint is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    recipient: &'a str,
    /// As people write it.
    amount: String,
    /// In the currency's smallest units.
    amount_minor: u64,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a serde_json::Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<&'a std::collections::BTreeMap<String, String>>,
}

/// Asks the endpoint to pay. Where the connected app's settings say that it pays once for each key, it gets an `Idempotency-Key`, and is
/// asked again when nobody knows whether it has paid.
pub(super) async fn pay(payout: &Payout, context: &Context, money: &Money) -> Result<Value> {
    let settings = settings(context)?;
    let url = settings.endpoint.unwrap_or_default();
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    if !is_url {
        return Err(invalid(
            "endpoint in the settings of the connected app is no URL: it is where payouts are posted to.",
        ));
    }
    let told = Told {
        recipient: payout.recipient.trim(),
        amount: money.shown(),
        amount_minor: money.units(),
        currency: money.currency().code(),
        description: payout.description.as_deref(),
        details: payout.details.as_ref(),
        metadata: payout.metadata.as_ref(),
    };
    let request = context.http().post(&url).credential("default");
    let request = match settings.idempotent {
        true => request.idempotent(),
        false => request,
    };
    Service::Endpoint.api().send(request.json(&told)).await
}
