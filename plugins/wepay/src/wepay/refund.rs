//! <https://dev.wepay.com/clear/issue-refunds>

use jackfield_plugin_sdk::Portion;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::Outcome;
use crate::api::{invalid, post};

/// Pays a payment back, all of it or a part.
#[derive(Config)]
pub(super) struct Refund {
    /// The payment, as `charge` returned it. It has to be completed, and not older than 60 days.
    #[field(placeholder = "00000000-0000-0000-0000-000006fcd875", min_length = 1)]
    payment: String,
    #[field(flatten)]
    portion: Portion,
    /// Why, as WePay keeps it.
    #[field(default = "requested by the customer".to_owned(), min_length = 1)]
    reason: String,
    /// What your platform gives back of its fee, in the currency's smallest units; goes with an amount.
    #[field(advanced)]
    fee_amount: Option<u64>,
    /// A reference of your own.
    #[field(advanced, max_length = 255)]
    reference: Option<String>,
}

impl Operation for Refund {
    const NAME: &'static str = "refund";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.portion.money()?;
        let mut body = json!({"payment_id": self.payment.trim(), "refund_reason": self.reason});
        if let Some(reference) = &self.reference {
            body["reference_id"] = reference.as_str().into();
        }
        match (&money, self.fee_amount) {
            (Some(money), fee) => {
                body["amounts"] =
                    json!({"total_amount": money.units(), "currency": money.currency().code()});
                if let Some(fee) = fee {
                    body["amounts"]["fee_refund_amount"] = fee.into();
                }
            }
            (None, Some(_)) => {
                return Err(invalid(
                    "feeAmount goes with amount: with all of a payment WePay gives back all of the fee.",
                ));
            }
            (None, None) => {}
        }
        Outcome::of(post(&context, "/refunds", &body).await?, money.as_ref())
    }
}
