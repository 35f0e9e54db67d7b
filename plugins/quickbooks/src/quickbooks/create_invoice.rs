//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/invoice>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{Amount, Currency};
use serde_json::Map;

use super::line::{LineItem, written};
use super::number::number;
use super::{customer, line};
use crate::api::{Reference, create, invalid, once, request, send};

/// Invoices a customer.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
pub(super) struct CreateInvoice {
    /// Who is invoiced: QuickBooks' id of the customer, the display name, or the e-mail address.
    #[field(
        body = "CustomerRef.value",
        options = "customers",
        placeholder = "Ada Lovelace",
        min_length = 1
    )]
    customer: String,
    /// What is invoiced.
    #[field(skip, min_length = 1, max_length = 750)]
    line_items: Vec<LineItem>,
    /// The invoice's number; QuickBooks counts unless given.
    #[field(body = "DocNumber", label = "Invoice number", max_length = 21)]
    number: Option<String>,
    /// The invoice's date; today unless given.
    #[field(body = "TxnDate", format = "date", placeholder = "2026-12-01")]
    date: Option<String>,
    /// Until when it is to be paid; by the terms unless given.
    #[field(format = "date", placeholder = "2026-12-31")]
    due_date: Option<String>,
    /// The e-mail address that the invoice goes to.
    #[field(
        body = "BillEmail.Address",
        label = "E-mail",
        format = "email",
        placeholder = "ada@example.com"
    )]
    email: Option<String>,
    /// Whether QuickBooks sends it by e-mail at once.
    #[field(skip, default = false)]
    send: bool,
    /// What the customer reads on it.
    #[field(body = "CustomerMemo.value", widget = "textarea", max_length = 1000)]
    message: Option<String>,
    /// What only the company reads.
    #[field(body = "PrivateNote", widget = "textarea", max_length = 4000)]
    note: Option<String>,
    /// By which terms it is paid.
    #[field(advanced, body = "SalesTermRef.value", options = "terms")]
    terms: Option<String>,
    /// Whether amounts have the tax in them, outside of the USA.
    #[field(advanced, body = "GlobalTaxCalculation")]
    tax: Option<Tax>,
    /// A percentage that is taken off all of it.
    #[field(advanced, skip, label = "Discount in percent")]
    discount_percent: Option<Amount>,
    /// The invoice's currency; the customer's unless given.
    #[field(advanced, body = "CurrencyRef.value", placeholder = "EUR")]
    currency: Option<Currency>,
    /// How many of the company's currency one of the invoice's is.
    #[field(advanced, skip)]
    exchange_rate: Option<Amount>,
    /// The class that all of it belongs to, by its id.
    #[field(advanced, body = "ClassRef.value")]
    class: Option<String>,
    /// Whether the customer can pay it on line by card.
    #[field(advanced, label = "Pay by card")]
    allow_online_credit_card_payment: Option<bool>,
    /// Whether the customer can pay it on line from a bank account.
    #[field(advanced, label = "Pay by bank", body = "AllowOnlineACHPayment")]
    allow_online_bank_payment: Option<bool>,
    /// Whatever else the invoice has, by QuickBooks' names, such as `CustomField`.
    #[field(advanced, skip, widget = "code", language = "json")]
    other_fields: Option<Map<String, Value>>,
}

/// Whether amounts have the tax in them.
#[derive(Config, Body)]
enum Tax {
    /// The tax is added to the amounts.
    #[field(body = "TaxExcluded")]
    Excluded,
    /// The tax is in the amounts.
    #[field(body = "TaxInclusive")]
    Included,
    /// There is no tax.
    #[field(body = "NotApplicable")]
    None,
}

/// An invoice. QuickBooks' answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Invoice {
    /// By which payments refer to it.
    pub(super) id: String,
    /// Its number, as the customer reads it.
    #[serde(default)]
    doc_number: Option<String>,
    /// Who is invoiced.
    pub(super) customer_ref: Reference,
    /// What it comes to.
    #[serde(default)]
    total_amt: Option<f64>,
    /// What is left to be paid.
    #[serde(default)]
    balance: Option<f64>,
    /// Until when.
    #[serde(default)]
    due_date: Option<String>,
    /// Whether it was sent by e-mail: `NotSet`, `NeedToSend` or `EmailSent`.
    #[serde(default)]
    email_status: Option<String>,
}

impl Operation for CreateInvoice {
    const NAME: &'static str = "create_invoice";
    type Output = Whole<Invoice>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        if self.send && self.email.is_none() {
            return Err(invalid(
                "email is missing: it says where the invoice is sent to.",
            ));
        }
        self.customer = customer::id(&context, &self.customer).await?;
        let body = self.body(&context).await?;
        let created: Whole<Invoice> = create(&context, "Invoice", &body).await?;
        match self.email.filter(|_| self.send) {
            Some(email) => send_to(&context, &created.id, &email).await,
            None => Ok(created),
        }
    }
}

impl CreateInvoice {
    async fn body(&self, context: &Context) -> Result<Value> {
        let mut body = json!(self);
        let mut lines = written(context, &self.line_items, self.currency.as_ref()).await?;
        if let Some(percent) = &self.discount_percent {
            lines.push(line::discount(percent)?);
        }
        body["Line"] = lines.into();
        if let Some(rate) = &self.exchange_rate {
            body["ExchangeRate"] = number(rate)?.into();
        }
        if let (Value::Object(body), Some(others)) = (&mut body, &self.other_fields) {
            body.extend(others.clone());
        }
        Ok(body)
    }
}

/// Has QuickBooks send an invoice, once for each step.
async fn send_to(context: &Context, id: &str, email: &str) -> Result<Whole<Invoice>> {
    let request = request(context, "POST", &format!("/invoice/{id}/send"))?;
    let request = request
        .query("sendTo", email)
        .body(Vec::new(), "application/octet-stream");
    read(send(once(context, request, "send")).await?["Invoice"].take())
}
