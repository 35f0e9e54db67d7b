//! <https://dev.wepay.com/api/latest/operation/POST_payments>

use std::collections::BTreeMap;

use jackfield_plugin_sdk::Price;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::Outcome;
use crate::api::{invalid, post};

/// Charges a saved payment method.
#[derive(Config)]
pub(super) struct Charge {
    #[field(flatten)]
    price: Price,
    /// What is charged: WePay's id of the payment method, which your page made with WePay's JavaScript.
    #[field(placeholder = "00000000-6365-0000-0000-00291e8c3ad4", min_length = 1)]
    payment_method: String,
    /// Who gets the money: WePay's id of the merchant's account; that of the connected app's setting `account` unless given.
    #[field(placeholder = "d3f61e56-5d99-4895-af2d-a07ab48476e9")]
    account: Option<String>,
    /// What your platform keeps of it, in the currency's smallest units.
    #[field(advanced)]
    fee_amount: Option<u64>,
    /// Whether the money is taken at once. Otherwise it is held for some days, until it is captured in WePay.
    #[field(advanced)]
    auto_capture: Option<bool>,
    /// A reference of your own.
    #[field(advanced, max_length = 255)]
    reference: Option<String>,
    /// What goes with it in WePay; nothing about persons or cards.
    #[field(advanced, widget = "key-value")]
    custom_data: Option<BTreeMap<String, String>>,
}

impl Operation for Charge {
    const NAME: &'static str = "charge";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.price.money()?;
        let mut body = json!({
            "account_id": self.account(&context)?, "amount": money.units(), "currency": money.currency().code(),
            "payment_method": {"type": "payment_method_id", "payment_method_id": self.payment_method.trim()},
        });
        for (name, value) in [
            ("fee_amount", json!(self.fee_amount)),
            ("auto_capture", json!(self.auto_capture)),
            ("reference_id", json!(self.reference)),
            ("custom_data", json!(self.custom_data)),
        ] {
            if !value.is_null() {
                body[name] = value;
            }
        }
        Outcome::of(post(&context, "/payments", &body).await?, Some(&money))
    }
}

impl Charge {
    fn account(&self, context: &Context) -> Result<String> {
        #[derive(Default, Deserialize)]
        struct Settings {
            account: Option<String>,
        }
        let settings: Settings = match context.credential() {
            Some(app) => app.settings()?,
            None => Settings::default(),
        };
        let account = self.account.clone().or(settings.account);
        account.ok_or_else(|| {
            invalid(
                "account is missing: give it in the node, or in the settings of the connected app.",
            )
        })
    }
}
