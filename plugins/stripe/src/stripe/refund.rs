//! <https://docs.stripe.com/api/refunds/create>

use jackfield_plugin_sdk::prelude::*;

use super::common::Common;
use crate::api::{invalid, post};
use crate::price::Portion;

/// Pays a payment back, all of it or a part.
#[derive(Config, Body)]
pub(super) struct Refund {
    /// The payment, as `charge` returned it. This or the charge says what is paid back.
    #[field(label = "Payment", placeholder = "pi_…")]
    payment_intent: Option<String>,
    /// The charge, where it is not known of what payment.
    #[field(placeholder = "ch_…")]
    charge: Option<String>,
    #[field(flatten)]
    portion: Portion,
    /// Why, as Stripe keeps it.
    reason: Option<Reason>,
    /// Whether the platform's fee is paid back too; for payments with Stripe Connect.
    #[field(advanced)]
    refund_application_fee: Option<bool>,
    /// Whether the transfer to the connected account is taken back; for payments with Stripe Connect.
    #[field(advanced)]
    reverse_transfer: Option<bool>,
    #[field(flatten)]
    common: Common,
}

/// Why it is paid back.
#[derive(Config, Body)]
enum Reason {
    /// It was charged twice.
    Duplicate,
    /// It was not the customer. Stripe then blocks the card and the e-mail address.
    Fraudulent,
    /// The customer wanted it.
    RequestedByCustomer,
}

/// A refund.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Refunded {
    /// Such as `re_3QKx7fLkdIwHu7ix0mD8vVc1`.
    id: String,
    /// `succeeded`, `pending`, `failed`, `requires_action` or `canceled`.
    status: Option<String>,
    /// In the currency's smallest units.
    amount: u64,
    /// In lower case.
    currency: String,
    /// What was paid back.
    payment_intent: Option<String>,
    /// The charge of it.
    charge: Option<String>,
}

impl Operation for Refund {
    const NAME: &'static str = "refund";
    type Output = Whole<Refunded>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        if self.payment_intent.is_some() == self.charge.is_some() {
            return Err(invalid(
                "One of paymentIntent and charge says what is paid back: give one of them.",
            ));
        }
        post(&context, self.common.account(), "/v1/refunds", &self).await
    }
}
