//! Nodes that call any HTTP API: `api-endpoint` for requests of all kinds, `external-webhook` for simple notifications.
//!
//! Both hand on the whole response. A status below 400 leaves through `data-out`, any other through `error`, with a hint
//! to try again where that can help. When there is no response at all (no connection, a timeout, a forbidden address) the
//! step fails with the host's error, and what is left after its retries leaves through `error` as well.

mod api_endpoint;
mod credentials;
mod external_webhook;
mod request;
mod response;

use jackfield_plugin_sdk::Plugin;

use api_endpoint::ApiEndpoint;
use external_webhook::ExternalWebhook;

fn plugin() -> Plugin {
    Plugin::new("http", env!("CARGO_PKG_VERSION"))
        .description("Calls any HTTP API and sends webhooks.")
        .provider(credentials::provider())
        .node::<ApiEndpoint>()
        .node::<ExternalWebhook>()
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
        let plugin = plugin();
        let manifest = plugin.manifest();
        let nodes: Vec<&str> = manifest
            .nodes
            .iter()
            .map(|node| node.node_type.as_str())
            .collect();
        assert_eq!(nodes, ["api-endpoint", "external-webhook"]);
        for node in &manifest.nodes {
            let ports: Vec<&str> = node.outputs.iter().map(|port| port.name.as_str()).collect();
            assert_eq!(ports, ["data-out", "error"]);
            assert_eq!(
                (node.provider.as_deref(), node.provider_required),
                (Some("http"), false)
            );
        }
        let schemes = manifest.providers[0].schemes.iter();
        let schemes: Vec<&str> = schemes.map(|scheme| scheme.scheme.as_str()).collect();
        assert_eq!(
            schemes,
            [
                "bearer",
                "api_key",
                "basic",
                "oauth2_client_credentials",
                "oauth2_authorization_code",
                "jwt_bearer"
            ]
        );
    }
}
