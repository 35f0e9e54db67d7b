//! <https://eway.io/api-v3/#refunds>

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::id::Id;
use super::outcome::Outcome;
use crate::api::{post, transact};

/// Pays a payment back, all of it or a part.
#[derive(Config)]
pub(super) struct Refund {
    /// The payment: the id that `charge` returned.
    #[field(placeholder = "11872526")]
    transaction: Id,
    #[field(flatten)]
    price: Price,
    /// The invoice or booking that is paid back.
    #[field(max_length = 64)]
    invoice_number: Option<String>,
    /// Why.
    #[field(max_length = 64)]
    description: Option<String>,
    /// A reference of your own, which searches find.
    #[field(advanced, max_length = 50)]
    reference: Option<String>,
}

impl Operation for Refund {
    const NAME: &'static str = "refund";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        let id = self.transaction.number("transaction")?.to_string();
        let mut refund = json!({
            "TransactionID": id, "TotalAmount": money.units(), "CurrencyCode": money.currency().code(),
        });
        for (name, value) in [
            ("InvoiceNumber", &self.invoice_number),
            ("InvoiceReference", &self.reference),
            ("InvoiceDescription", &self.description),
        ] {
            if let Some(value) = value {
                refund[name] = value.as_str().into();
            }
        }
        let request = post(&context, &format!("/Transaction/{id}/Refund"))?;
        let answer = transact(&context, request.json(&json!({"Refund": refund}))).await?;
        Outcome::of(answer, &money)
    }
}
