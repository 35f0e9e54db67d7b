use jackfield_plugin_abi::messages::{Example, ExampleError, Manifest, NodeManifest, port};
use serde_json::{Value, json};

use super::exchange::{Exchanges, compare_values};
use super::{Ran, plugin};
use crate::Plugin;

/// Runs every example of a plugin's nodes, and looks whether its manifest holds together. One line is the whole test:
///
/// ```
/// # use jackfield_plugin_sdk::prelude::*;
/// # #[derive(Config)]
/// # struct Ping {
/// #     /// Where.
/// #     url: String,
/// # }
/// # impl Node for Ping {
/// #     const TYPE: &'static str = "ping";
/// #     type Output = u16;
/// #     fn about() -> About {
/// #         About::new("Ping").examples(r#"[{
/// #             "title": "Ping a server", "config": {"url": "https://example.com/"}, "output": 204,
/// #             "exchanges": [{"request": {"method": "GET", "url": "https://example.com/"}, "response": {"status": 204}}]
/// #         }]"#)
/// #     }
/// #     async fn run(self, context: Context) -> Result<u16> {
/// #         Ok(context.http().get(&self.url).send().await?.status())
/// #     }
/// # }
/// fn plugin() -> Plugin {
///     Plugin::new("ping", "1.0.0").node::<Ping>()
/// }
///
/// // #[test]
/// fn examples() {
///     jackfield_plugin_sdk::testing::examples(plugin);
/// }
/// # examples();
/// ```
///
/// # Panics
/// When an example ends otherwise than it says, or a node has none. Says which, and what differs.
#[track_caller]
pub fn examples(make: impl Fn() -> Plugin) {
    let manifest = make().manifest().clone();
    let mistakes = super::manifest::mistakes(&manifest);
    assert!(
        mistakes.is_empty(),
        "the manifest does not hold together:\n  {}",
        mistakes.join("\n  ")
    );
    for node in &manifest.nodes {
        let is_step = node.trigger.is_none();
        assert!(
            !is_step || !node.examples.is_empty(),
            "the node {} has no examples",
            node.node_type
        );
        for example in &node.examples {
            let stage = plugin(make())
                .node(&node.node_type, example.config.clone())
                .input(&example.input);
            let stage = match &node.provider {
                Some(provider) if node.provider_required => {
                    let stage = stage.connected_app(provider, &settings(example));
                    let secrets = secrets(&manifest, provider);
                    secrets.fold(stage, |stage, field| stage.secret(field, "secret"))
                }
                _ => stage,
            };
            let ran = stage
                .exchanges(Exchanges::new(example.exchanges.clone()))
                .run();
            check(node, example, &ran);
        }
    }
}

/// The secret members of all schemes: an app in an example lacks none.
fn secrets<'m>(manifest: &'m Manifest, provider: &str) -> impl Iterator<Item = &'m str> {
    let mut providers = manifest.providers.iter();
    let schemes = providers.find(|known| known.name == *provider);
    let schemes = schemes.into_iter().flat_map(|provider| &provider.schemes);
    let members = schemes.filter_map(|scheme| scheme.schema["properties"].as_object());
    let secret = |(_, schema): &(&String, &Value)| schema["writeOnly"] == true;
    members
        .flatten()
        .filter(secret)
        .map(|(name, _)| name.as_str())
}

fn settings(example: &Example) -> Value {
    match &example.settings {
        Value::Null => json!({}),
        given => given.clone(),
    }
}

#[track_caller]
fn check(node: &NodeManifest, example: &Example, ran: &Ran) {
    let name = format!("the example “{}” of {}", example.title, node.node_type);
    match (&ran.result, &example.error) {
        (Err(error), Some(ExampleError { code, message })) => {
            assert_eq!(error.code, *code, "{name} fails otherwise: {error}");
            if let Some(message) = message {
                assert_eq!(error.message, *message, "{name} fails with another message");
            }
        }
        (Err(error), None) => panic!("{name} fails: {error}"),
        (Ok(outcome), Some(expected)) => panic!(
            "{name} should fail with {}, not return {}",
            expected.code, outcome.output
        ),
        (Ok(outcome), None) => {
            let expected = example.port.as_deref().unwrap_or(port::DATA_OUT);
            assert_eq!(outcome.port, expected, "{name} leaves through another port");
            let output: Value =
                serde_json::from_str(outcome.output.get()).expect("an output is JSON");
            let mut lines = Vec::new();
            compare_values(
                "output",
                example.output.as_ref().unwrap_or(&Value::Null),
                &output,
                &mut lines,
            );
            let lines: Vec<_> = lines
                .iter()
                .map(|line| {
                    line.replace("recorded", "documented")
                        .replace("sent", "returned")
                })
                .collect();
            assert!(
                lines.is_empty(),
                "{name} returns something else:\n  {}",
                lines.join("\n  ")
            );
        }
    }
}
