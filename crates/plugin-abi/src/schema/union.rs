//! Schemas of the messages whose members name what they are, which have readers and writers of their own.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::messages::{
    BlobRead, CallError, Cancel, Effect, Event, HmacVerify, HttpRequest, Log, Now, Progress,
    Random, SecretReveal, Sleep,
};

impl JsonSchema for Effect<'_> {
    fn schema_name() -> Cow<'static, str> {
        "Effect".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let answered = [
            ("http.request", generator.subschema_for::<HttpRequest<'_>>()),
            ("sleep", generator.subschema_for::<Sleep>()),
            ("now", generator.subschema_for::<Now>()),
            ("random", generator.subschema_for::<Random>()),
            ("hmac.verify", generator.subschema_for::<HmacVerify<'_>>()),
            ("blob.read", generator.subschema_for::<BlobRead<'_>>()),
            (
                "secret.reveal",
                generator.subschema_for::<SecretReveal<'_>>(),
            ),
        ];
        let told = [
            ("log", generator.subschema_for::<Log<'_>>()),
            ("progress", generator.subschema_for::<Progress<'_>>()),
        ];
        let mut forms = Vec::new();
        for (name, schema) in answered {
            let id = id("What the answer refers to: never 0, never used twice in one call.");
            forms.push(json_schema!({
                "type": "object",
                "properties": {"id": id, name: schema},
                "required": ["id", name],
            }));
        }
        for (name, schema) in told {
            forms.push(json_schema!({
                "type": "object",
                "description": "Not answered, so it has no id.",
                "properties": {name: schema},
                "required": [name],
            }));
        }
        json_schema!({
            "description": "Something that a plugin asks the host to do, named by a member: `{\"id\":7,\"sleep\":{\"ms\":250}}`.",
            "oneOf": forms,
        })
    }
}

impl<A: JsonSchema> JsonSchema for Event<A> {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (ok, err) = (
            generator.subschema_for::<A>(),
            generator.subschema_for::<CallError>(),
        );
        let cancel = generator.subschema_for::<Cancel>();
        let id = || id("The effect that is answered.");
        json_schema!({
            "description": "`{\"id\":7,\"ok\":{…}}`, `{\"id\":7,\"err\":{…}}` or `{\"cancel\":{…}}`.",
            "oneOf": [
                {"type": "object", "properties": {"id": id(), "ok": ok}, "required": ["id", "ok"]},
                {"type": "object", "properties": {"id": id(), "err": err}, "required": ["id", "err"]},
                {"type": "object", "properties": {"cancel": cancel}, "required": ["cancel"]},
            ],
        })
    }
}

fn id(description: &str) -> Schema {
    json_schema!({"type": "integer", "format": "uint64", "minimum": 1, "description": description})
}
