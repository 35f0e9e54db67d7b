//! The node `authorize-net`.

mod charge;
mod outcome;
mod refund;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Authorize.net")
        .description(
            "Charges saved payment profiles and payments from Accept.js, and refunds them.",
        )
        .icon("credit-card")
        .provider("authorize-net")
        .input("data-in", "What is paid for, and by whom.")
        .output("data-out", "What Authorize.net says of the transaction.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("authorize_net/documentation.md"))
        .examples(include_str!("authorize_net/examples.json"));
    Operations::new("authorize-net", about)
        .operation::<charge::Charge>()
        .operation::<refund::Refund>()
}

#[cfg(test)]
mod tests;
