//! The node `stripe`.

mod cancel_subscription;
mod charge;
mod common;
mod create_customer;
mod create_subscription;
mod customer;
mod options;
mod refund;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Stripe")
        .description("Charges and refunds payments, and manages customers and subscriptions.")
        .icon("credit-card")
        .provider("stripe")
        .input("data-in", "What is paid for, and by whom.")
        .output(
            "data-out",
            "What Stripe says of the payment, refund, customer or subscription.",
        )
        .output("error", "Why it was refused.")
        .documentation(include_str!("stripe/documentation.md"))
        .examples(include_str!("stripe/examples.json"))
        .options::<options::Customers>()
        .options::<options::PaymentMethods>()
        .options::<options::Prices>()
        .options::<options::Subscriptions>();
    Operations::new("stripe", about)
        .operation::<charge::Charge>()
        .operation::<refund::Refund>()
        .operation::<create_customer::CreateCustomer>()
        .operation::<create_subscription::CreateSubscription>()
        .operation::<cancel_subscription::CancelSubscription>()
}

#[cfg(test)]
pub(crate) mod tests;
