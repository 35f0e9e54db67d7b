//! The node `wepay`.

mod charge;
mod outcome;
mod refund;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("WePay")
        .description("Charges saved payment methods, and refunds payments.")
        .icon("credit-card")
        .provider("wepay")
        .input("data-in", "What is paid for, and by whom.")
        .output("data-out", "What WePay says of the payment or refund.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("wepay/documentation.md"))
        .examples(include_str!("wepay/examples.json"));
    Operations::new("wepay", about)
        .operation::<charge::Charge>()
        .operation::<refund::Refund>()
}

#[cfg(test)]
mod tests;
