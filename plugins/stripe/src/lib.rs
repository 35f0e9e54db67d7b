//! Payments through Stripe: the node `stripe` charges, refunds and subscribes, the trigger `stripe-event` starts from what Stripe
//! tells.

mod api;
mod event;
mod price;
mod provider;
mod stripe;
mod webhook_endpoint;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("stripe", env!("CARGO_PKG_VERSION"))
        .description("Charges, refunds and subscriptions through Stripe, and what happens there.")
        .provider(provider::provider())
        .operations(stripe::operations())
        .webhook::<event::StripeEvent>()
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    use super::*;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(plugin);
    }

    #[test]
    fn the_manifest_says_what_the_contract_fixes() {
        testing::offers(
            plugin,
            "stripe",
            &[
                "charge",
                "refund",
                "create_customer",
                "create_subscription",
                "cancel_subscription",
            ],
        );
        let stripe = plugin();
        let resource = &stripe.manifest().providers[0].resources[0];
        assert_eq!(
            (resource.resource_type.as_str(), resource.max),
            ("webhook_endpoint", Some(10))
        );
    }
}
