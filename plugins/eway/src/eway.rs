//! The node `eway`.

mod charge;
mod id;
mod outcome;
mod refund;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("eWay")
        .description(
            "Charges saved customers and cards that the browser has encrypted, and refunds them.",
        )
        .icon("credit-card")
        .provider("eway")
        .input("data-in", "What is paid for, and by whom.")
        .output("data-out", "What eWay says of the transaction.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("eway/documentation.md"))
        .examples(include_str!("eway/examples.json"));
    Operations::new("eway", about)
        .operation::<charge::Charge>()
        .operation::<refund::Refund>()
}

#[cfg(test)]
mod tests;
