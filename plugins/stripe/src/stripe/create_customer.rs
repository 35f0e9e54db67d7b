//! <https://docs.stripe.com/api/customers/create>

use jackfield_plugin_sdk::prelude::*;

use super::common::Common;
use crate::api::post;

/// Creates a customer.
#[derive(Config, Body)]
pub(super) struct CreateCustomer {
    /// As it stands on invoices.
    #[field(placeholder = "Ada Lovelace")]
    name: Option<String>,
    /// Where Stripe sends invoices and receipts.
    #[field(label = "E-mail", format = "email", placeholder = "ada@example.com")]
    email: Option<String>,
    /// The number.
    #[field(placeholder = "+15550100")]
    phone: Option<String>,
    /// For yourself, as Stripe shows it.
    description: Option<String>,
    /// Where the customer is; Stripe computes taxes from it.
    address: Option<Address>,
    /// A payment method that was made for the customer. It is saved, and what is charged from then on unless told otherwise.
    #[field(advanced, placeholder = "pm_…")]
    payment_method: Option<String>,
    /// The same, as the default of invoices.
    #[serde(skip)]
    #[field(body = "invoice_settings.default_payment_method")]
    default_payment_method: Option<String>,
    /// What Stripe writes in, the best first, such as `en` and `fr`.
    #[field(advanced, label = "Languages")]
    preferred_locales: Option<Vec<String>>,
    /// Whether taxes are computed.
    #[field(advanced)]
    tax_exempt: Option<TaxExempt>,
    #[field(flatten)]
    common: Common,
}

/// Where somebody is.
#[derive(Config, Body)]
struct Address {
    /// Street and number.
    line1: Option<String>,
    /// What else leads there.
    line2: Option<String>,
    /// The city.
    city: Option<String>,
    /// The postal code.
    postal_code: Option<String>,
    /// State, county or province.
    state: Option<String>,
    /// The code of two letters.
    #[field(placeholder = "GB", pattern = "^[A-Za-z]{2}$")]
    country: Option<String>,
}

/// Whether taxes are computed.
#[derive(Config, Body)]
enum TaxExempt {
    /// They are.
    None,
    /// They are not.
    Exempt,
    /// The customer pays them.
    Reverse,
}

/// A customer.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Created {
    /// Such as `cus_RDnM1c0VJb5pXq`.
    id: String,
    /// As given.
    name: Option<String>,
    /// As given.
    email: Option<String>,
}

impl Operation for CreateCustomer {
    const NAME: &'static str = "create_customer";
    type Output = Whole<Created>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        self.default_payment_method.clone_from(&self.payment_method);
        post(&context, self.common.account(), "/v1/customers", &self).await
    }
}
