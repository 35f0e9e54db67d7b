//! <https://docs.stripe.com/api/payment_intents/create>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use serde_json::value::to_raw_value;

use super::common::Common;
use super::customer;
use crate::api::post;
use crate::price::Price;

/// Charges a card or another payment method.
#[derive(Config, Body)]
pub(super) struct Charge {
    #[field(flatten)]
    price: Price,
    /// Who pays: Stripe's id of the customer, or the customer's e-mail address where only one has it.
    #[field(options = "customers", placeholder = "cus_… or ada@example.com")]
    customer: Option<String>,
    /// What is charged. The customer's default payment method unless given, or the only one that is saved.
    #[field(
        options = "payment_methods",
        depends_on(customer),
        placeholder = "pm_…"
    )]
    payment_method: Option<String>,
    /// What it is for, as Stripe shows it and writes it on receipts.
    description: Option<String>,
    /// Where Stripe sends a receipt.
    #[field(
        label = "Receipt e-mail",
        format = "email",
        placeholder = "ada@example.com"
    )]
    receipt_email: Option<String>,
    /// Whether the charge is made at once. Otherwise it waits for the customer, who confirms it in your app.
    #[field(advanced, default = true)]
    confirm: bool,
    /// Whether the customer is not there to answer the bank's questions. The charge then fails where it would have to wait for
    /// the answer.
    #[field(advanced, default = Some(true), shown_when(confirm = true))]
    off_session: Option<bool>,
    /// Where the customer comes back to after the bank's questions.
    #[field(
        advanced,
        label = "Return URL",
        format = "uri",
        shown_when(off_session = false)
    )]
    return_url: Option<String>,
    /// When the money is taken. `manual` holds it for some days, until it is captured in Stripe.
    #[field(advanced)]
    capture_method: Option<CaptureMethod>,
    /// What bank statements show, at most 22 characters; not for cards.
    #[field(advanced, max_length = 22)]
    statement_descriptor: Option<String>,
    /// What bank statements show after the account's own prefix, for cards.
    #[field(advanced, max_length = 22)]
    statement_descriptor_suffix: Option<String>,
    #[field(flatten)]
    common: Common,
}

/// When the money is taken.
#[derive(Config, Body)]
enum CaptureMethod {
    /// With the charge.
    Automatic,
    /// Right after the charge, which is faster.
    AutomaticAsync,
    /// When it is captured in Stripe.
    Manual,
}

/// A payment. Stripe's answer has more members; which depends on how it is paid.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct PaymentIntent {
    /// Such as `pi_3QKx7fLkdIwHu7ix0pZ3nF2c`.
    id: String,
    /// `succeeded`; `processing` where the bank takes its time; `requires_capture`, `requires_action`, `requires_confirmation` where
    /// something is left to be done.
    status: String,
    /// In the currency's smallest units.
    amount: u64,
    /// In lower case.
    currency: String,
    /// Stripe's id of the customer.
    customer: Option<String>,
    /// Stripe's id of the charge, by which it can be paid back.
    latest_charge: Option<String>,
}

impl Operation for Charge {
    const NAME: &'static str = "charge";
    type Output = Whole<PaymentIntent>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        if self.confirm {
            self.choose_payment_method(&context).await?;
        } else {
            self.off_session = None;
        }
        if let Some(customer) = self.customer.take() {
            self.customer = Some(customer::id(&context, self.common.account(), customer).await?);
        }
        let paid = post(
            &context,
            self.common.account(),
            "/v1/payment_intents",
            &self,
        )
        .await;
        let paid = paid.map_err(error_without_secrets)?;
        match self.off_session {
            // Whoever has the secret can pay. Nobody is there to do so, and a run is kept.
            Some(true) => read(without_secrets(paid)),
            _ => read(paid),
        }
    }
}

impl Charge {
    /// Finds what the customer pays with, where nothing says so.
    async fn choose_payment_method(&mut self, context: &Context) -> Result<()> {
        let account = self.common.account();
        let Some(given) = self
            .customer
            .as_deref()
            .filter(|_| self.payment_method.is_none())
        else {
            return Ok(());
        };
        let customer = match customer::find(context, account, given).await {
            // A key may be restricted so that it charges whom it may not read. What else is wrong Stripe says of the charge.
            Err(error) if !error.retryable && !customer::is_email(given) => return Ok(()),
            found => found?,
        };
        let id = customer.id.clone();
        let usual = customer::usual_payment_method(context, account, customer).await;
        self.payment_method = match usual {
            Err(error) if !error.retryable => None,
            found => found?,
        };
        self.customer = Some(id);
        Ok(())
    }
}

/// The answer without `client_secret`, wherever it is.
fn without_secrets(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(members) => {
            members.remove("client_secret");
            members
                .values_mut()
                .for_each(|member| *member = without_secrets(member.take()));
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| *item = without_secrets(item.take())),
        _ => {}
    }
    answer
}

/// Stripe's errors have the payment in them.
fn error_without_secrets(mut error: Error) -> Error {
    let data = error.data.take();
    let data = data.and_then(|data| serde_json::from_str::<Value>(data.get()).ok());
    error.data = data.and_then(|data| to_raw_value(&without_secrets(data)).ok());
    error
}
