//! JSON Schemas (2020-12) of the messages, made from the types in [`messages`](crate::messages). They are committed in
//! `crates/plugin-abi/schemas/`, one document per message; `cargo xtask schema` writes them.

mod describe;
mod union;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::messages::{
    Answer, Call, CredentialTested, Events, HostInfo, Manifest, Options, OptionsQuery, PollInput,
    Polled, Received, ReceivedRequest, ResourceQuery, ResourceRef, ResourceVerified, Resources,
    Turn,
};

/// Every document: the path of its file and the schema.
pub fn documents() -> Vec<(&'static str, Value)> {
    vec![
        ("host-info.json", by_host::<HostInfo>()),
        ("manifest.json", by_plugin::<Manifest>()),
        ("call.json", by_host::<Call<'_>>()),
        ("events.json", by_host::<Events<Answer<'_>>>()),
        ("turn.json", by_plugin::<Turn<'_>>()),
        ("trigger.poll/input.json", by_host::<PollInput>()),
        ("trigger.poll/output.json", by_plugin::<Polled>()),
        (
            "webhook.receive/input.json",
            by_host::<ReceivedRequest<'_>>(),
        ),
        ("webhook.receive/output.json", by_plugin::<Received>()),
        ("options.load/input.json", by_host::<OptionsQuery>()),
        ("options.load/output.json", by_plugin::<Options>()),
        (
            "credential.test/output.json",
            by_plugin::<CredentialTested>(),
        ),
        ("resource.list/input.json", by_host::<ResourceQuery>()),
        ("resource.list/output.json", by_plugin::<Resources>()),
        ("resource.verify/input.json", by_host::<ResourceRef>()),
        (
            "resource.verify/output.json",
            by_plugin::<ResourceVerified>(),
        ),
    ]
}

/// A message that the host writes: members that it always writes are required.
fn by_host<T: JsonSchema>() -> Value {
    let mut schema = document::<T>(SchemaSettings::draft2020_12().for_serialize());
    describe::without_null(&mut schema);
    schema
}

/// A message that the plugin writes: members that it may leave out are not required.
fn by_plugin<T: JsonSchema>() -> Value {
    document::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

fn document<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    describe::plainly(&mut schema);
    schema
}
