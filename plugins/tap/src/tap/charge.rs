//! <https://developers.tap.company/reference/create-a-charge>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::{Outcome, number};
use crate::api::{api, invalid, post, present};

/// Charges a card, a saved card or another payment method.
#[derive(Config)]
pub(super) struct Charge {
    #[field(flatten)]
    price: Price,
    /// What is charged: a token that Tap made of a card in the browser (`tok_…`), a saved card (`card_…`), or a way to pay that the customer
    /// chooses on Tap's page, such as `src_all`, `src_card` or `src_kw.knet`.
    #[field(placeholder = "tok_…", min_length = 1)]
    source: String,
    /// Who pays: Tap's id of the customer. Needed for a saved card.
    #[field(placeholder = "cus_…")]
    customer: Option<String>,
    /// The customer's first name, in place of the id.
    first_name: Option<String>,
    /// The customer's last name.
    last_name: Option<String>,
    /// The customer's e-mail address.
    #[field(label = "E-mail", format = "email", placeholder = "ada@example.com")]
    email: Option<String>,
    /// What it is for.
    #[field(placeholder = "Booking {{ trigger.body.booking }}")]
    description: Option<String>,
    /// Where the customer comes back to from Tap's page or the bank's.
    #[field(label = "Return URL", format = "uri")]
    redirect_url: Option<String>,
    /// Where Tap tells what became of it: commonly the URL of the connected app's hook.
    #[field(label = "Webhook URL", format = "uri")]
    post_url: Option<String>,
    /// Whether the customer is there. Otherwise it was agreed before, and the agreement is named.
    #[field(advanced, default = true)]
    customer_initiated: bool,
    /// Whether the bank may ask the customer; not without the customer.
    #[field(
        advanced,
        label = "3-D Secure",
        default = true,
        shown_when(customer_initiated = true)
    )]
    three_d_secure: bool,
    /// What was agreed when the card was saved.
    #[field(
        advanced,
        shown_when(customer_initiated = false),
        placeholder = "payment_agreement_…"
    )]
    payment_agreement: Option<String>,
    /// Whether the card is saved for later.
    #[field(advanced)]
    save_card: Option<bool>,
    /// What bank statements show.
    #[field(advanced)]
    statement_descriptor: Option<String>,
    /// Your own number of the payment.
    #[field(advanced)]
    transaction: Option<String>,
    /// Your own number of the order or booking.
    #[field(advanced)]
    order: Option<String>,
    /// Whether Tap sends the customer a receipt by e-mail.
    #[field(advanced)]
    email_receipt: Option<bool>,
    /// What goes with it in Tap, to be found there and in its events.
    #[field(advanced, widget = "key-value")]
    metadata: Option<BTreeMap<String, String>>,
    /// Tap's id of the merchant, where an account has several; that of the connected app's setting `merchant` unless given.
    #[field(advanced, placeholder = "merchant_…")]
    merchant: Option<String>,
}

/// What Tap says of a charge that was made, or goes on at the customer's.
const MADE: &[&str] = &[
    "CAPTURED",
    "AUTHORIZED",
    "INITIATED",
    "IN_PROGRESS",
    "PENDING",
];

impl Operation for Charge {
    const NAME: &'static str = "charge";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        if !self.customer_initiated && self.payment_agreement.is_none() {
            return Err(invalid(
                "paymentAgreement is missing: without the customer Tap charges only what was agreed.",
            ));
        }
        let named = |id: &Option<String>| id.as_ref().map_or(Value::Null, |id| json!({"id": id}));
        let url =
            |url: &Option<String>| url.as_ref().map_or(Value::Null, |url| json!({"url": url}));
        let reference = [
            ("transaction", json!(self.transaction)),
            ("order", json!(self.order)),
        ];
        let body = present(&[
            ("amount", number(&money)?),
            ("currency", money.currency().code().into()),
            ("customer_initiated", self.customer_initiated.into()),
            (
                "threeDSecure",
                (self.customer_initiated && self.three_d_secure).into(),
            ),
            ("save_card", json!(self.save_card)),
            ("payment_agreement", named(&self.payment_agreement)),
            ("statement_descriptor", json!(self.statement_descriptor)),
            ("description", json!(self.description)),
            ("metadata", json!(self.metadata)),
            ("reference", present(&reference)),
            (
                "receipt",
                self.email_receipt
                    .map_or(Value::Null, |email| json!({"email": email, "sms": false})),
            ),
            ("customer", self.payer()?),
            ("merchant", named(&self.merchant(&context)?)),
            ("source", json!({"id": self.token(&context).await?})),
            ("post", url(&self.post_url)),
            ("redirect", url(&self.redirect_url)),
        ]);
        let answer = post(&context, "/v2/charges/", "charge", &body, MADE).await?;
        Outcome::of(answer, &money)
    }
}

impl Charge {
    fn payer(&self) -> Result<Value> {
        match (&self.customer, &self.first_name, &self.email) {
            (Some(id), None, None) => Ok(json!({"id": id})),
            (None, Some(first_name), Some(email)) => Ok(present(&[
                ("first_name", json!(first_name)),
                ("last_name", json!(self.last_name)),
                ("email", json!(email)),
            ])),
            _ => Err(invalid(
                "Who pays is customer, or firstName with email: give one of the two.",
            )),
        }
    }

    fn merchant(&self, context: &Context) -> Result<Option<String>> {
        #[derive(Default, Deserialize)]
        struct Settings {
            merchant: Option<String>,
        }
        let settings: Settings = match context.credential() {
            Some(app) => app.settings()?,
            None => Settings::default(),
        };
        Ok(self.merchant.clone().or(settings.merchant))
    }

    /// What is charged. Of a saved card Tap first makes a token, which is good for one charge:
    /// <https://developers.tap.company/reference/tokens>.
    async fn token(&self, context: &Context) -> Result<String> {
        let source = self.source.trim();
        if !source.starts_with("card_") {
            return Ok(source.to_owned());
        }
        let customer = self.customer.as_ref();
        let customer = customer.ok_or_else(|| {
            invalid("customer is missing: a saved card is charged together with its customer's id.")
        })?;
        let card = json!({"saved_card": {"card_id": source, "customer_id": customer}});
        let request = api().request(context, "POST", "/v2/tokens")?;
        // A token that nobody uses does nothing.
        let token = api().send(request.repeatable().json(&card)).await?;
        let id = token["id"].as_str();
        id.map(str::to_owned)
            .ok_or_else(|| invalid("Tap made no token of the saved card."))
    }
}
