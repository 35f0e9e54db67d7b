//! The node `payout`.

mod check;
mod deposit;
mod other;
mod recipients;

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Amount, AmountIn, Currency, Money};
use serde_json::Map;

use crate::service::{Service, invalid};

/// Pays a worker or contractor.
#[derive(Config)]
pub(crate) struct Payout {
    /// How it is paid.
    method: Method,
    /// Who is paid. By direct deposit the account of Stripe Connect (`acct_…`); by check a name, Lob's id of an address (`adr_…`) or,
    /// with Checkbook, an e-mail address; otherwise what the endpoint knows the person by.
    #[field(
        options = "recipients",
        depends_on(method),
        placeholder = "{{ trigger.body.worker }}",
        min_length = 1
    )]
    recipient: String,
    /// How much.
    #[field(example = &"129.50")]
    amount: Amount,
    /// What the amount is counted in.
    #[field(default = AmountIn::Major)]
    amount_in: AmountIn,
    /// The currency's code of three letters. Checks are made out in USD.
    #[field(placeholder = "USD", example = &"USD")]
    currency: Currency,
    /// What it is for.
    #[field(placeholder = "Job {{ trigger.body.job }}", max_length = 255)]
    description: Option<String>,
    /// Where the money goes.
    #[field(default = Deposit::Balance, shown_when(method = "direct_deposit"))]
    deposit: Deposit,
    /// How fast it gets to the bank.
    #[field(advanced, shown_when(deposit = "bank"))]
    speed: Option<Speed>,
    /// What the bank statement shows, at most 22 characters.
    #[field(advanced, shown_when(deposit = "bank"), max_length = 22)]
    statement_descriptor: Option<String>,
    /// The charge whose money it is (`ch_…`): the transfer then waits until the charge is available.
    #[field(advanced, shown_when(deposit = "balance"), placeholder = "ch_…")]
    source_charge: Option<String>,
    /// What the transfer belongs to, such as a booking.
    #[field(advanced, shown_when(deposit = "balance"))]
    transfer_group: Option<String>,
    /// Whom the check is made out to, where the recipient is no name.
    #[field(shown_when(method = "check"), max_length = 40)]
    name: Option<String>,
    /// Where Lob sends the check, where the recipient is no `adr_…`.
    #[field(shown_when(method = "check"))]
    address: Option<Address>,
    /// What the check's memo line says.
    #[field(shown_when(method = "check"), max_length = 40)]
    memo: Option<String>,
    /// What is printed below the check.
    #[field(advanced, shown_when(method = "check"), max_length = 400)]
    message: Option<String>,
    /// The check's number; Lob counts unless given.
    #[field(advanced, shown_when(method = "check"), min = 1)]
    check_number: Option<u32>,
    /// The bank account that the check is drawn on, in place of the one in the connected app's settings.
    #[field(advanced, shown_when(method = "check"), placeholder = "bank_…")]
    bank_account: Option<String>,
    /// The address that the check comes from, in place of the one in the connected app's settings.
    #[field(advanced, shown_when(method = "check"), placeholder = "adr_…")]
    from: Option<String>,
    /// Whatever else the endpoint wants to know.
    #[field(
        shown_when(method = "other"),
        widget = "code",
        language = "json",
        example = json!({"job": "{{ trigger.body.job }}"})
    )]
    details: Option<Map<String, Value>>,
    /// What goes with it at Stripe or Lob, to be found by.
    #[field(advanced, widget = "key-value")]
    metadata: Option<BTreeMap<String, String>>,
}

/// How it is paid.
#[derive(Clone, Copy, Config, Body, PartialEq, Eq, Debug)]
enum Method {
    /// To an account of Stripe Connect.
    DirectDeposit,
    /// On paper by Lob, or by e-mail by Checkbook.
    Check,
    /// By an endpoint of your own.
    Other,
}

/// Where a direct deposit goes.
#[derive(Clone, Copy, Config, PartialEq, Eq)]
enum Deposit {
    /// Your money goes to the account's balance, and Stripe pays it out by the account's schedule.
    #[field(label = "Account's balance")]
    Balance,
    /// Money that is in the account's balance goes to its bank account or card now.
    #[field(label = "Bank account")]
    Bank,
}

/// How fast money gets to the bank.
#[derive(Clone, Copy, Config, Body)]
enum Speed {
    /// In some days.
    Standard,
    /// In minutes, to accounts and cards that take it, for a fee.
    Instant,
}

/// Where a check is sent.
#[derive(Config, Body)]
struct Address {
    /// The street and the number.
    #[field(body = "address_line1", label = "Street", max_length = 64)]
    line1: String,
    /// What else there is of it.
    #[field(body = "address_line2", label = "Street, second line", max_length = 64)]
    line2: Option<String>,
    /// The city.
    #[field(body = "address_city")]
    city: String,
    /// The state's two letters.
    #[field(body = "address_state", placeholder = "CA")]
    state: String,
    /// The ZIP code.
    #[field(body = "address_zip", label = "ZIP code", placeholder = "94107")]
    zip: String,
    /// The country's two letters; the USA unless given.
    #[field(body = "address_country", default = Some("US".to_owned()), placeholder = "US")]
    country: Option<String>,
}

/// What was paid.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Confirmation {
    /// Who pays.
    service: Service,
    /// The service's id of it, where it tells one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// How far it is, as the service says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Who is paid.
    recipient: String,
    /// How much, as people write it.
    amount: String,
    /// The currency.
    currency: String,
    /// When it is expected to arrive, where the service says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected_on: Option<Value>,
    /// All that the service says.
    answer: Value,
}

impl Node for Payout {
    const TYPE: &'static str = "payout";
    type Output = Confirmation;

    fn about() -> About {
        About::new("Payout")
            .description("Pays a worker or contractor: by direct deposit, by check, or by an endpoint of your own.")
            .icon("banknote")
            .provider("payout")
            .input("data-in", "Who is paid for what.")
            .output("data-out", "What was paid, and how far it is.")
            .output("error", "Why nothing was paid.")
            .documentation(include_str!("payout/documentation.md"))
            .examples(include_str!("payout/examples.json"))
            .options::<recipients::Recipients>()
    }

    async fn run(self, context: Context) -> Result<Confirmation> {
        let money = Money::new(self.amount, self.amount_in, self.currency.clone())?;
        let service = self.service(&context).await?;
        let answer = match service {
            Service::Stripe => deposit::pay(&self, &context, &money).await?,
            Service::Lob => check::on_paper(&self, &context, &money).await?,
            Service::Checkbook => check::by_email(&self, &context, &money).await?,
            Service::Endpoint => other::pay(&self, &context, &money).await?,
        };
        Ok(self.confirmed(service, &money, answer))
    }
}

impl Payout {
    /// Who pays in that way with the credentials of the connected app.
    async fn service(&self, context: &Context) -> Result<Service> {
        let candidates: &[Service] = match self.method {
            Method::DirectDeposit => &[Service::Stripe],
            Method::Check => &[Service::Lob, Service::Checkbook],
            Method::Other => &[Service::Endpoint],
        };
        if let Some(service) = Service::of(context, candidates).await? {
            return Ok(service);
        }
        let names: Vec<&str> = candidates.iter().map(|service| service.name()).collect();
        let wanted = names.join(" or ");
        let message = match Service::of(context, &Service::ALL).await? {
            Some(other) => format!(
                "The connected app has credentials of {}, and {wanted} pays in this way: choose another connected app, or another method.",
                other.name()
            ),
            None => {
                format!("The connected app has no credentials of {wanted}: choose another one.")
            }
        };
        Err(invalid(message))
    }

    fn confirmed(&self, service: Service, money: &Money, answer: Value) -> Confirmation {
        let text = |names: &[&str]| {
            let found = names.iter().find_map(|name| match &answer[*name] {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
            found.filter(|text| !text.is_empty())
        };
        let expected = ["arrival_date", "expected_delivery_date", "expectedOn"];
        let mut expected = expected.iter().map(|name| &answer[*name]);
        Confirmation {
            service,
            id: text(&["id"]),
            status: text(&["status"]),
            recipient: self.recipient.clone(),
            amount: money.shown(),
            currency: money.currency().code().to_owned(),
            expected_on: expected.find(|date| !date.is_null()).cloned(),
            answer,
        }
    }
}

#[cfg(test)]
mod tests;
