//! <https://developer.authorize.net/api/reference/index.html#payment-transactions-refund-a-transaction>

use jackfield_plugin_sdk::Portion;
use jackfield_plugin_sdk::prelude::*;

use super::outcome::Outcome;
use crate::api::{invalid, transact};
use crate::message::{Payment, Profile, Transaction};

/// Pays a payment back, all of it or a part, or voids it while it is not settled.
#[derive(Config)]
pub(super) struct Refund {
    /// The payment: the id that `charge` returned.
    #[field(label = "Transaction", placeholder = "60000000001", min_length = 1)]
    transaction: String,
    /// How it is taken back.
    #[field(default = By::Refund)]
    by: By,
    #[field(flatten)]
    portion: Portion,
    /// The last four digits of the card that paid: what `charge` returned as `lastFour`.
    #[field(
        shown_when(by = "refund"),
        label = "Last four digits",
        placeholder = "1111",
        pattern = "^\\s*[0-9]{4}\\s*$"
    )]
    last_four: Option<String>,
    /// The id of the customer profile that paid, in place of the digits.
    #[field(advanced, shown_when(by = "refund"))]
    customer_profile: Option<String>,
    /// The id of the payment profile that paid.
    #[field(advanced, shown_when(by = "refund"))]
    payment_profile: Option<String>,
    /// A reference of your own, which comes back in the answer and in events.
    #[field(advanced, max_length = 20)]
    reference: Option<String>,
}

/// How money is taken back.
#[derive(Clone, Copy, Config, PartialEq, Eq)]
enum By {
    /// Money of a payment that is settled goes back.
    Refund,
    /// A payment that is not settled yet, which happens once a day, is not made at all.
    Void,
}

impl Operation for Refund {
    const NAME: &'static str = "refund";
    type Output = Outcome;

    async fn run(self, context: Context) -> Result<Outcome> {
        let money = self.portion.money()?;
        let amount = money.as_ref().map(|money| money.shown());
        let currency = money.map(|money| money.currency().code().to_owned());
        let mut transaction = Transaction {
            ref_trans_id: Some(self.transaction.trim().to_owned()),
            ..Transaction::default()
        };
        if self.by == By::Void {
            if amount.is_some() {
                return Err(invalid("A payment is voided as a whole: leave out amount."));
            }
            transaction.transaction_type = "voidTransaction";
        } else {
            if amount.is_none() {
                return Err(invalid("amount is missing: it says how much goes back."));
            }
            transaction.transaction_type = "refundTransaction";
            transaction.amount.clone_from(&amount);
            transaction.currency_code.clone_from(&currency);
            self.goes_to(&mut transaction)?;
        }
        let answer = transact(&context, self.reference.clone(), transaction).await?;
        Outcome::of(answer, amount, currency)
    }
}

impl Refund {
    /// Where the money goes, which Authorize.net does not find out by itself.
    fn goes_to(&self, transaction: &mut Transaction) -> Result<()> {
        match (
            &self.last_four,
            &self.customer_profile,
            &self.payment_profile,
        ) {
            (Some(digits), None, None) => {
                transaction.payment = Some(Payment::CreditCard {
                    card_number: digits.trim().to_owned(),
                    expiration_date: "XXXX",
                });
            }
            (None, Some(customer), Some(payment)) => {
                transaction.profile = Some(Profile::new(customer.clone(), payment.clone()));
            }
            _ => {
                return Err(invalid(
                    "Who gets the money is lastFour, or customerProfile with paymentProfile: give one of the two.",
                ));
            }
        }
        Ok(())
    }
}
