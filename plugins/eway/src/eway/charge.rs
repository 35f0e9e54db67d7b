//! <https://eway.io/api-v3/#direct-connection>

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::id::Id;
use super::outcome::Outcome;
use crate::api::{invalid, post, transact};

/// Charges a saved customer, or a card that the browser has encrypted.
#[derive(Config)]
pub(super) struct Charge {
    #[field(flatten)]
    price: Price,
    /// Who pays: the id of the token customer.
    #[field(label = "Token customer", placeholder = "987654321000")]
    token_customer: Option<Id>,
    /// What eWay's Secure Fields or Visa Checkout made of a card in the customer's browser, in place of the token customer.
    #[field(placeholder = "{{ trigger.body.SecuredCardData }}")]
    secured_card_data: Option<String>,
    /// The invoice or booking that is paid.
    #[field(max_length = 64)]
    invoice_number: Option<String>,
    /// What it is for.
    #[field(max_length = 64)]
    description: Option<String>,
    /// A reference of your own, which searches find.
    #[field(advanced, max_length = 50)]
    reference: Option<String>,
    /// Who is there when it is charged. The customer for a card of the browser, and nobody for a token customer, unless given.
    #[field(advanced)]
    transaction_type: Option<TransactionType>,
    /// The address of the customer's browser, for the filters against fraud.
    #[field(advanced, label = "Customer's IP address")]
    customer_ip: Option<String>,
}

/// Who is there when it is charged.
#[derive(Clone, Copy, Config)]
enum TransactionType {
    /// The customer, in your shop.
    Purchase,
    /// Nobody: it was agreed before.
    Recurring,
    /// The customer, on the phone or by letter.
    #[field(label = "Mail or telephone order")]
    Moto,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Sent<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<Customer>,
    payment: Payment<'a>,
    transaction_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secured_card_data: Option<&'a str>,
    #[serde(rename = "CustomerIP", skip_serializing_if = "Option::is_none")]
    customer_ip: Option<&'a str>,
    method: &'static str,
}

#[derive(Serialize)]
struct Customer {
    #[serde(rename = "TokenCustomerID")]
    token_customer_id: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Payment<'a> {
    total_amount: u64,
    currency_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_reference: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_description: Option<&'a str>,
}

impl Operation for Charge {
    const NAME: &'static str = "charge";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        let (customer, usual) = match (&self.token_customer, &self.secured_card_data) {
            (Some(id), None) => {
                let token_customer_id = id.number("tokenCustomer")?;
                (Some(Customer { token_customer_id }), "Recurring")
            }
            (None, Some(_)) => (None, "Purchase"),
            _ => {
                return Err(invalid(
                    "What is charged is tokenCustomer or securedCardData: give one of the two.",
                ));
            }
        };
        let sent = Sent {
            customer,
            payment: Payment {
                total_amount: money.units(),
                currency_code: money.currency().code(),
                invoice_number: self.invoice_number.as_deref(),
                invoice_reference: self.reference.as_deref(),
                invoice_description: self.description.as_deref(),
            },
            transaction_type: match self.transaction_type {
                Some(TransactionType::Purchase) => "Purchase",
                Some(TransactionType::Recurring) => "Recurring",
                Some(TransactionType::Moto) => "MOTO",
                None => usual,
            },
            secured_card_data: self.secured_card_data.as_deref(),
            customer_ip: self.customer_ip.as_deref(),
            method: "ProcessPayment",
        };
        let request = post(&context, "/Transaction")?.json(&sent);
        Outcome::of(transact(&context, request).await?, &money)
    }
}
