//! <https://docs.stripe.com/api/subscriptions/create>

use jackfield_plugin_sdk::prelude::*;

use super::common::Common;
use super::customer;
use crate::api::post;

/// Subscribes a customer to one price or several.
#[derive(Config, Body)]
pub(super) struct CreateSubscription {
    /// Who subscribes: Stripe's id of the customer, or the customer's e-mail address where only one has it.
    #[field(options = "customers", placeholder = "cus_… or ada@example.com")]
    customer: String,
    /// To what.
    #[field(min_length = 1, max_length = 20)]
    items: Vec<Item>,
    /// How many days are free at first.
    #[field(min = 1, max = 730)]
    trial_period_days: Option<u32>,
    /// What is charged; the customer's default payment method unless given.
    #[field(
        label = "Payment method",
        name = "paymentMethod",
        options = "payment_methods",
        depends_on(customer),
        placeholder = "pm_…"
    )]
    default_payment_method: Option<String>,
    /// A coupon that makes it cheaper, by its id.
    #[field(body = "discounts[0].coupon")]
    coupon: Option<String>,
    /// What it is for, as the customer sees it.
    #[field(max_length = 500)]
    description: Option<String>,
    /// How invoices are paid.
    #[field(advanced)]
    collection_method: Option<CollectionMethod>,
    /// How many days the customer has to pay an invoice.
    #[field(advanced, min = 1, shown_when(collection_method = "send_invoice"))]
    days_until_due: Option<u32>,
    /// What becomes of the subscription when the first payment fails.
    #[field(advanced)]
    payment_behavior: Option<PaymentBehavior>,
    /// Whether a part of a period is charged in proportion.
    #[field(advanced)]
    proration_behavior: Option<ProrationBehavior>,
    /// Whether it ends after the first period.
    #[field(advanced)]
    cancel_at_period_end: Option<bool>,
    /// Whether the customer is not there to answer the bank's questions.
    #[field(advanced)]
    off_session: Option<bool>,
    #[field(flatten)]
    common: Common,
}

/// What is subscribed to.
#[derive(Config, Body)]
struct Item {
    /// One of the account's prices.
    #[field(options = "prices", placeholder = "price_…")]
    price: String,
    /// How many; one unless given.
    #[field(min = 1)]
    quantity: Option<u32>,
}

/// How invoices are paid.
#[derive(Config, Body)]
enum CollectionMethod {
    /// The payment method is charged.
    ChargeAutomatically,
    /// The customer gets them by e-mail.
    SendInvoice,
}

/// What becomes of a subscription when the first payment fails.
#[derive(Config, Body)]
#[expect(clippy::enum_variant_names, reason = "these are Stripe's names")]
enum PaymentBehavior {
    /// It is there and waits for the payment, for a day.
    AllowIncomplete,
    /// It waits for the payment from the beginning, for which the customer has to be there.
    DefaultIncomplete,
    /// There is none, and the step fails.
    ErrorIfIncomplete,
    /// It is there; only later changes wait for their payment.
    PendingIfIncomplete,
}

/// Whether a part of a period is charged in proportion.
#[derive(Config, Body)]
enum ProrationBehavior {
    /// It is, with the next invoice.
    CreateProrations,
    /// It is, with an invoice of its own.
    AlwaysInvoice,
    /// It is not.
    None,
}

/// A subscription.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Subscription {
    /// Such as `sub_1QKx7fLkdIwHu7ixBd3VwXyZ`.
    pub(super) id: String,
    /// `active`, `trialing`, `incomplete`, `past_due`, `unpaid`, `paused`, `incomplete_expired` or `canceled`.
    pub(super) status: String,
    /// Stripe's id of the customer.
    customer: String,
    /// Whether it ends with its period.
    #[serde(default)]
    cancel_at_period_end: bool,
}

impl Operation for CreateSubscription {
    const NAME: &'static str = "create_subscription";
    type Output = Whole<Subscription>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        let account = self.common.account();
        self.customer = customer::id(&context, account, self.customer.clone()).await?;
        post(&context, self.common.account(), "/v1/subscriptions", &self).await
    }
}
