//! The node `tap`.

mod charge;
mod outcome;
mod refund;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Tap")
        .description("Charges cards, saved cards and local payment methods, and refunds them.")
        .icon("credit-card")
        .provider("tap")
        .input("data-in", "What is paid for, and by whom.")
        .output("data-out", "What Tap says of the charge or refund.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("tap/documentation.md"))
        .examples(include_str!("tap/examples.json"));
    Operations::new("tap", about)
        .operation::<charge::Charge>()
        .operation::<refund::Refund>()
}

#[cfg(test)]
mod tests;
