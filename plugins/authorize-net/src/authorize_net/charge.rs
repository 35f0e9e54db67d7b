//! <https://developer.authorize.net/api/reference/index.html#payment-transactions-charge-a-customer-profile>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::Outcome;
use crate::api::{invalid, transact};
use crate::message::{
    Customer, Order, Payment, Profile, Setting, Settings, Transaction, UserField, UserFields,
};

/// Charges a saved payment profile, or a payment that Accept.js has taken.
#[derive(Config)]
pub(super) struct Charge {
    #[field(flatten)]
    price: Price,
    /// Who pays: the id of the customer profile.
    #[field(placeholder = "900000001")]
    customer_profile: Option<String>,
    /// What is charged: the id of one of the customer's payment profiles.
    #[field(placeholder = "800000001")]
    payment_profile: Option<String>,
    /// What Accept.js made of a card in the customer's browser (`opaqueData.dataValue`), in place of the profiles. It is good once, for
    /// 15 minutes.
    #[field(placeholder = "{{ trigger.body.opaqueData.dataValue }}")]
    nonce: Option<String>,
    /// Of what the nonce is (`opaqueData.dataDescriptor`).
    #[field(advanced, default = "COMMON.ACCEPT.INAPP.PAYMENT".to_owned())]
    nonce_descriptor: String,
    /// The invoice or booking that is paid. A second payment of the same amount by the same card needs another one, or time in between.
    #[field(max_length = 20)]
    invoice_number: Option<String>,
    /// What it is for.
    #[field(max_length = 255)]
    description: Option<String>,
    /// Where Authorize.net sends a receipt, if the account sends any. Not with profiles, which have an address of their own.
    #[field(label = "E-mail", format = "email", placeholder = "ada@example.com")]
    email: Option<String>,
    /// What you know the customer by. Not with profiles.
    #[field(advanced, max_length = 20)]
    customer_id: Option<String>,
    /// The customer's purchase order.
    #[field(advanced, max_length = 25)]
    po_number: Option<String>,
    /// The address of the customer's browser, for the filters against fraud.
    #[field(advanced, label = "Customer's IP address")]
    customer_ip: Option<String>,
    /// For how many seconds Authorize.net refuses a second charge that is the same: amount, card, invoice; 120 unless given.
    #[field(advanced, min = 0, max = 28800)]
    duplicate_window: Option<u32>,
    /// Whether Authorize.net sends the customer a receipt, whatever the account says.
    #[field(advanced)]
    email_customer: Option<bool>,
    /// What goes with it in Authorize.net, at most 20 entries.
    #[field(advanced, widget = "key-value")]
    user_fields: Option<BTreeMap<String, String>>,
    /// A reference of your own, which comes back in the answer and in events.
    #[field(advanced, max_length = 20)]
    reference: Option<String>,
}

impl Operation for Charge {
    const NAME: &'static str = "charge";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        let (amount, currency) = (money.shown(), money.currency().code().to_owned());
        let reference = self.reference.clone();
        let (payment, profile) = self.source()?;
        let customer = Customer {
            id: self.customer_id.clone(),
            email: self.email.clone(),
        };
        let is_known = customer.id.is_some() || customer.email.is_some();
        let order = Order {
            invoice_number: self.invoice_number.clone(),
            description: self.description.clone(),
        };
        let is_ordered = order.invoice_number.is_some() || order.description.is_some();
        let transaction = Transaction {
            transaction_type: "authCaptureTransaction",
            amount: Some(amount.clone()),
            currency_code: Some(currency.clone()),
            payment,
            profile,
            order: is_ordered.then_some(order),
            po_number: self.po_number.clone(),
            customer: is_known.then_some(customer),
            customer_ip: self.customer_ip.clone(),
            transaction_settings: self.settings(),
            user_fields: self.fields(),
            ..Transaction::default()
        };
        let answer = transact(&context, reference, transaction).await?;
        Outcome::of(answer, Some(amount), Some(currency))
    }
}

impl Charge {
    /// What is charged.
    fn source(&self) -> Result<(Option<Payment>, Option<Profile>)> {
        match (&self.customer_profile, &self.payment_profile, &self.nonce) {
            (Some(customer), Some(payment), None) => {
                if self.email.is_some() || self.customer_id.is_some() {
                    return Err(invalid(
                        "email and customerId go with a nonce only: a customer profile has its own.",
                    ));
                }
                let profile = Profile::new(customer.clone(), payment.clone());
                Ok((None, Some(profile)))
            }
            (None, None, Some(nonce)) => {
                let payment = Payment::OpaqueData {
                    data_descriptor: self.nonce_descriptor.clone(),
                    data_value: nonce.clone(),
                };
                Ok((Some(payment), None))
            }
            _ => Err(invalid(
                "What is charged is customerProfile with paymentProfile, or nonce: give one of the two.",
            )),
        }
    }

    fn settings(&self) -> Option<Settings> {
        let window = self.duplicate_window.map(|window| Setting {
            setting_name: "duplicateWindow",
            setting_value: window.to_string(),
        });
        let receipt = self.email_customer.map(|receipt| Setting {
            setting_name: "emailCustomer",
            setting_value: receipt.to_string(),
        });
        let setting: Vec<Setting> = window.into_iter().chain(receipt).collect();
        (!setting.is_empty()).then_some(Settings { setting })
    }

    fn fields(&self) -> Option<UserFields> {
        let fields = self.user_fields.as_ref()?.iter();
        let user_field = fields.map(|(name, value)| UserField {
            name: name.clone(),
            value: value.clone(),
        });
        Some(UserFields {
            user_field: user_field.collect(),
        })
    }
}
