use serde_json::json;

use crate::Plugin;
use crate::abi::messages::port;

/// Holds a plugin's first node to the names that workflows know it by: its type, the values of `operation` in their order, and the
/// ports `data-out` and `error`.
///
/// ```
/// # use jackfield_plugin_sdk::prelude::*;
/// # #[derive(Config)]
/// # struct Ping {}
/// # impl Operation for Ping {
/// #     const NAME: &'static str = "ping";
/// #     type Output = ();
/// #     async fn run(self, _: Context) -> Result<()> { Ok(()) }
/// # }
/// # fn plugin() -> Plugin {
/// #     let about = About::new("Probe").output("data-out", "An answer.").output("error", "None.");
/// #     Plugin::new("probe", "1.0.0").operations(Operations::new("probe", about).operation::<Ping>())
/// # }
/// jackfield_plugin_sdk::testing::offers(plugin, "probe", &["ping"]);
/// ```
///
/// # Panics
/// When it is another one, with both.
#[track_caller]
pub fn offers(plugin: fn() -> Plugin, node: &str, operations: &[&str]) {
    let plugin = plugin();
    let Some(first) = plugin.manifest().nodes.first() else {
        panic!("the plugin has no node");
    };
    assert_eq!(first.node_type, node);
    let offered = &first.config_schema["properties"]["operation"]["enum"];
    assert_eq!(*offered, json!(operations));
    let ports: Vec<&str> = first
        .outputs
        .iter()
        .map(|port| port.name.as_str())
        .collect();
    assert_eq!(ports, [port::DATA_OUT, port::ERROR]);
}
