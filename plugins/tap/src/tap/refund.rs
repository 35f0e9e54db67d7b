//! <https://developers.tap.company/reference/create-a-refund>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::{Outcome, number};
use crate::api::{post, present};

/// Pays a charge back, all of it or a part.
#[derive(Config)]
pub(super) struct Refund {
    /// The charge, as `charge` returned it.
    #[field(placeholder = "chg_…", min_length = 1)]
    charge: String,
    #[field(flatten)]
    price: Price,
    /// Why.
    #[field(default = Reason::RequestedByCustomer)]
    reason: Reason,
    /// More of why.
    description: Option<String>,
    /// Where Tap tells what became of it: commonly the URL of the connected app's hook.
    #[field(label = "Webhook URL", format = "uri")]
    post_url: Option<String>,
    /// Your own number of the refund.
    #[field(advanced)]
    reference: Option<String>,
    /// What goes with it in Tap.
    #[field(advanced, widget = "key-value")]
    metadata: Option<BTreeMap<String, String>>,
}

/// Why it is paid back.
#[derive(Clone, Copy, Config, Body)]
enum Reason {
    /// It was charged twice.
    Duplicate,
    /// It was not the customer.
    Fraudulent,
    /// The customer wanted it.
    RequestedByCustomer,
}

/// What Tap says of a refund that was made, or goes on at the bank's.
const MADE: &[&str] = &["REFUNDED", "ACCEPTED", "PENDING", "IN_PROGRESS"];

impl Operation for Refund {
    const NAME: &'static str = "refund";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        let post_url = self.post_url.as_ref();
        let body = present(&[
            ("charge_id", self.charge.trim().into()),
            ("amount", number(&money)?),
            ("currency", money.currency().code().into()),
            ("reason", json!(self.reason)),
            ("description", json!(self.description)),
            ("reference", present(&[("merchant", json!(self.reference))])),
            ("metadata", json!(self.metadata)),
            (
                "post",
                post_url.map_or(Value::Null, |url| json!({"url": url})),
            ),
        ]);
        let answer = post(&context, "/v2/refunds/", "refund", &body, MADE).await?;
        Outcome::of(answer, &money)
    }
}
