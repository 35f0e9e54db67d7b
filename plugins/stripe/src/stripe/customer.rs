//! Who pays: <https://docs.stripe.com/api/customers>.

use jackfield_plugin_sdk::prelude::*;

use crate::api::api;

/// What of a customer matters here.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Customer {
    pub(super) id: String,
    #[serde(default)]
    invoice_settings: InvoiceSettings,
    default_source: Option<String>,
}

#[derive(Default, Serialize, Deserialize, JsonSchema)]
struct InvoiceSettings {
    default_payment_method: Option<String>,
}

/// A customer, by the id.
#[derive(Rest)]
#[rest(get = "/v1/customers/{customer}", api = api(), output = Customer)]
struct GetCustomer {
    customer: String,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

/// Those with this e-mail address.
#[derive(Rest)]
#[rest(get = "/v1/customers", api = api(), output = Vec<Customer>, pick = "data", query("limit", "2"))]
struct FindCustomers {
    email: String,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

/// What somebody has saved to pay with.
#[derive(Rest)]
#[rest(get = "/v1/customers/{customer}/payment_methods", api = api(), output = Vec<Saved>, pick = "data", query("limit", "2"))]
struct PaymentMethods {
    customer: String,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Saved {
    id: String,
}

/// The customer with this id, or the only one with this e-mail address.
pub(super) async fn find(
    context: &Context,
    account: Option<&str>,
    given: &str,
) -> Result<Customer> {
    let account = account.map(str::to_owned);
    if !is_email(given) {
        let customer = given.to_owned();
        return GetCustomer { customer, account }.call(context).await;
    }
    let email = given.to_owned();
    let mut found = FindCustomers { email, account }.call(context).await?;
    match (found.pop(), found.pop()) {
        (Some(customer), None) => Ok(customer),
        (None, _) => Err(Error::new(
            "CUSTOMER_NOT_FOUND",
            format!("Stripe has no customer with the e-mail address {given}."),
        )),
        (Some(one), Some(other)) => Err(Error::new(
            "CUSTOMER_AMBIGUOUS",
            format!(
                "Stripe has several customers with the e-mail address {given}, such as {} and {}: name one by the id.",
                other.id, one.id
            ),
        )),
    }
}

/// The id of the customer, which an e-mail address may stand for.
pub(super) async fn id(context: &Context, account: Option<&str>, given: String) -> Result<String> {
    match is_email(&given) {
        true => Ok(find(context, account, &given).await?.id),
        false => Ok(given),
    }
}

/// What the customer pays with unless told otherwise: the default, or the only one that is saved. None where that cannot be
/// said; Stripe then says what is missing.
pub(super) async fn usual_payment_method(
    context: &Context,
    account: Option<&str>,
    customer: Customer,
) -> Result<Option<String>> {
    let default = customer.invoice_settings.default_payment_method;
    if let Some(default) = default.or(customer.default_source) {
        return Ok(Some(default));
    }
    let account = account.map(str::to_owned);
    let customer = customer.id;
    let mut saved = PaymentMethods { customer, account }.call(context).await?;
    let only = saved.pop().filter(|_| saved.is_empty());
    Ok(only.map(|saved| saved.id))
}

/// No id of Stripe has an `@`.
pub(super) fn is_email(given: &str) -> bool {
    given.contains('@')
}
