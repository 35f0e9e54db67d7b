//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/payment>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{Amount, Currency};

use super::create_invoice::Invoice;
use super::customer;
use super::number::{money, number};
use crate::api::{Reference, create, invalid, request, send};
use crate::query::{is_id, only};

/// Records what a customer has paid.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
pub(super) struct RecordPayment {
    /// What was paid.
    #[field(skip, example = 100)]
    amount: Amount,
    /// Who has paid: QuickBooks' id of the customer, the display name, or the e-mail address. The invoice's customer unless given.
    #[field(skip, options = "customers", placeholder = "Ada Lovelace")]
    customer: Option<String>,
    /// What it was paid for, by QuickBooks' id of the invoice. Without an invoice it is a credit of the customer's.
    #[field(
        skip,
        options = "open_invoices",
        depends_on(customer),
        pattern = "^\\s*[0-9]+\\s*$",
        placeholder = "145"
    )]
    invoice: Option<String>,
    /// The invoice by its number instead, as the customer reads it.
    #[field(skip, max_length = 21, placeholder = "INV-1042")]
    invoice_number: Option<String>,
    /// Several invoices that it was paid for.
    #[field(skip, advanced, default)]
    invoices: Vec<Share>,
    /// When it was paid; today unless given.
    #[field(body = "TxnDate", format = "date", placeholder = "2026-12-02")]
    date: Option<String>,
    /// How it was paid.
    #[field(
        body = "PaymentMethodRef.value",
        label = "Payment method",
        options = "payment_methods"
    )]
    method: Option<String>,
    /// The account that the money is in; Undeposited Funds unless given.
    #[field(body = "DepositToAccountRef.value", options = "accounts")]
    deposit_to: Option<String>,
    /// A number of a check or a payment, to find it by.
    #[field(body = "PaymentRefNum", max_length = 21, placeholder = "4021")]
    reference: Option<String>,
    /// What only the company reads.
    #[field(body = "PrivateNote", widget = "textarea", max_length = 4000)]
    note: Option<String>,
    /// The payment's currency; the customer's unless given.
    #[field(advanced, body = "CurrencyRef.value", placeholder = "EUR")]
    currency: Option<Currency>,
    /// How many of the company's currency one of the payment's is.
    #[field(advanced, skip)]
    exchange_rate: Option<Amount>,
}

/// The part of a payment that was for one invoice.
#[derive(Config)]
struct Share {
    /// QuickBooks' id of the invoice.
    #[field(options = "open_invoices", pattern = "^\\s*[0-9]+\\s*$")]
    invoice: String,
    /// How much of the payment.
    amount: Amount,
}

/// A payment. QuickBooks' answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Payment {
    /// By which QuickBooks knows it.
    id: String,
    /// Who has paid.
    customer_ref: Reference,
    /// What was paid.
    #[serde(default)]
    total_amt: Option<f64>,
    /// What of it was not for an invoice.
    #[serde(default)]
    unapplied_amt: Option<f64>,
}

/// What a payment is for.
struct Applied {
    /// The only invoice's customer, where an answer has told it.
    customer: Option<String>,
    lines: Vec<Value>,
}

impl Operation for RecordPayment {
    const NAME: &'static str = "record_payment";
    type Output = Whole<Payment>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let applied = self.applied(&context).await?;
        let customer = match (&self.customer, applied.customer) {
            (Some(given), _) => customer::id(&context, given).await?,
            (None, Some(customer)) => customer,
            (None, None) => {
                return Err(invalid(
                    "customer is missing: say who has paid, or for which invoice.",
                ));
            }
        };
        let mut body = json!(self);
        body["CustomerRef"] = json!({"value": customer});
        body["TotalAmt"] = self.sent("amount", &self.amount)?;
        if let Some(rate) = &self.exchange_rate {
            body["ExchangeRate"] = number(rate)?.into();
        }
        if !applied.lines.is_empty() {
            body["Line"] = applied.lines.into();
        }
        create(&context, "Payment", &body).await
    }
}

impl RecordPayment {
    fn sent(&self, field: &str, amount: &Amount) -> Result<Value> {
        Ok(money(field, amount, self.currency.as_ref())?.into())
    }

    /// Finds the invoices that are paid.
    async fn applied(&self, context: &Context) -> Result<Applied> {
        let given = [
            self.invoice.is_some(),
            self.invoice_number.is_some(),
            !self.invoices.is_empty(),
        ];
        if given.iter().filter(|given| **given).count() > 1 {
            return Err(invalid(
                "give one of invoice, invoiceNumber and invoices: each of them says what was paid for.",
            ));
        }
        let invoice = match (&self.invoice, &self.invoice_number) {
            (Some(id), _) => self.by_id(context, id.trim()).await?,
            (None, Some(number)) => {
                Some(only(context, "Invoice", "DocNumber", number.trim()).await?)
            }
            (None, None) => None,
        };
        let single = match invoice.map(read::<Invoice>).transpose()? {
            Some(invoice) => Some((invoice.id, Some(invoice.customer_ref.value))),
            None => self.invoice.as_ref().map(|id| (id.trim().to_owned(), None)),
        };
        if let Some((id, customer)) = single {
            let lines = vec![applied_to(&id, &self.sent("amount", &self.amount)?)];
            return Ok(Applied { customer, lines });
        }
        let lines = self.invoices.iter().map(|share| {
            let amount = self.sent("amount of an invoice", &share.amount)?;
            Ok(applied_to(share.invoice.trim(), &amount))
        });
        Ok(Applied {
            customer: None,
            lines: lines.collect::<Result<_>>()?,
        })
    }

    /// The invoice, where it has to say who has paid.
    async fn by_id(&self, context: &Context, id: &str) -> Result<Option<Value>> {
        if self.customer.is_some() {
            return Ok(None);
        }
        if !is_id(id) {
            return Err(invalid(
                "invoice is no id: for an invoice's number there is invoiceNumber.",
            ));
        }
        let request = request(context, "GET", &format!("/invoice/{id}"))?;
        Ok(Some(send(request).await?["Invoice"].take()))
    }
}

fn applied_to(invoice: &str, amount: &Value) -> Value {
    json!({"Amount": amount, "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]})
}
