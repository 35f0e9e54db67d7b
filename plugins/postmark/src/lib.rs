//! Sends e-mail through Postmark.
//!
//! The provider `postmark` holds a server token and, for those who manage sender addresses here, an account token. The node
//! `postmark` sends from one of these addresses. What is sent is held against what Postmark's own SDK sends: `src/fixtures`
//! has that, and the script that captured it.

mod api;
mod postmark;
mod provider;

use jackfield_plugin_sdk::Plugin;

fn plugin() -> Plugin {
    Plugin::new("postmark", env!("CARGO_PKG_VERSION"))
        .description("Sends e-mail through Postmark, and knows its sender addresses.")
        .provider(provider::provider())
        .operations(postmark::operations())
}

jackfield_plugin_sdk::export!(plugin());

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing;

    #[test]
    fn the_examples_of_the_documentation_work() {
        testing::examples(super::plugin);
    }
}
