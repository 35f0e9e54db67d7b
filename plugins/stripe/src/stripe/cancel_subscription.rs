//! <https://docs.stripe.com/api/subscriptions/cancel>

use jackfield_plugin_sdk::prelude::*;

use super::create_subscription::Subscription;
use crate::api::api;

/// Ends a subscription, at once or with the period that is paid.
#[derive(Config)]
pub(super) struct CancelSubscription {
    /// Which.
    #[field(options = "subscriptions", placeholder = "sub_…")]
    subscription: String,
    /// When it ends.
    #[field(default = When::Now)]
    when: When,
    /// Whether what is not yet on an invoice is put on a last one.
    #[field(advanced, shown_when(when = "now"))]
    invoice_now: Option<bool>,
    /// Whether the rest of the period is paid back in proportion.
    #[field(advanced, shown_when(when = "now"))]
    prorate: Option<bool>,
    /// Why, in a few words.
    #[field(advanced)]
    comment: Option<String>,
    /// Why, as Stripe counts it.
    #[field(advanced)]
    feedback: Option<Feedback>,
    /// Acts for this account of Stripe Connect, in place of the one in the connected app's settings.
    #[field(advanced, label = "Connected account", placeholder = "acct_…")]
    account: Option<String>,
}

/// When a subscription ends.
#[derive(Config)]
enum When {
    /// At once.
    Now,
    /// With the period that is paid.
    PeriodEnd,
}

/// Why a customer leaves.
#[derive(Clone, Copy, Config, Body)]
enum Feedback {
    CustomerService,
    LowQuality,
    MissingFeatures,
    Other,
    SwitchedService,
    TooComplex,
    TooExpensive,
    Unused,
}

/// Ends it now.
#[derive(Rest)]
#[rest(delete = "/v1/subscriptions/{subscription}", api = api(), output = Whole<Subscription>)]
struct EndNow {
    subscription: String,
    invoice_now: Option<bool>,
    prorate: Option<bool>,
    #[field(query = "cancellation_details[comment]")]
    comment: Option<String>,
    #[field(query = "cancellation_details[feedback]")]
    feedback: Option<Feedback>,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

/// Ends it with its period.
#[derive(Rest)]
#[rest(post = "/v1/subscriptions/{subscription}", api = api(), output = Whole<Subscription>, set("cancel_at_period_end", true))]
struct EndWithPeriod {
    subscription: String,
    #[field(body = "cancellation_details.comment")]
    comment: Option<String>,
    #[field(body = "cancellation_details.feedback")]
    feedback: Option<Feedback>,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

/// As it is.
#[derive(Rest)]
#[rest(get = "/v1/subscriptions/{subscription}", api = api(), output = Whole<Subscription>)]
struct GetSubscription {
    subscription: String,
    #[field(header = "Stripe-Account")]
    account: Option<String>,
}

impl Operation for CancelSubscription {
    const NAME: &'static str = "cancel_subscription";
    type Output = Whole<Subscription>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let (subscription, account) = (self.subscription.clone(), self.account.clone());
        let ended = match self.when {
            When::Now => self.now().call(&context).await,
            When::PeriodEnd => return self.with_period().call(&context).await,
        };
        match ended {
            // Stripe knows nothing to end when it has ended already, as after a try whose answer was lost.
            Err(error) if error.code == "RESOURCE_MISSING" => {
                let now = GetSubscription {
                    subscription,
                    account,
                }
                .call(&context)
                .await;
                now.ok().filter(|now| now.status == "canceled").ok_or(error)
            }
            ended => ended,
        }
    }
}

impl CancelSubscription {
    fn now(self) -> EndNow {
        EndNow {
            subscription: self.subscription,
            invoice_now: self.invoice_now,
            prorate: self.prorate,
            comment: self.comment,
            feedback: self.feedback,
            account: self.account,
        }
    }

    fn with_period(self) -> EndWithPeriod {
        EndWithPeriod {
            subscription: self.subscription,
            comment: self.comment,
            feedback: self.feedback,
            account: self.account,
        }
    }
}
