//! The JSON Schemas that authors in other languages work from: current, well formed, described, and right about messages.
#![expect(
    clippy::unwrap_used,
    reason = "a test that meets an error here has failed"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jackfield_plugin_abi::frame::Attachments;
use jackfield_plugin_abi::messages::{
    Answer, BlobBytes, BlobRef, Call, CallError, Empty, Event, Events, Header, HostInfo,
    HttpResponse, Limits, RandomBytes, SecretValue, Time, Turn, Verified,
};
use jackfield_plugin_abi::schema::documents;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

fn committed(path: &str) -> Value {
    let text = std::fs::read(folder().join(path)).unwrap();
    serde_json::from_slice(&text).unwrap()
}

/// What is wrong with a message, by its schema.
fn wrong(path: &str, message: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(&committed(path)).unwrap();
    let errors = validator.iter_errors(message);
    errors.map(|error| error.to_string()).collect()
}

#[track_caller]
fn fits(path: &str, message: &Value) {
    assert_eq!(wrong(path, message), Vec::<String>::new(), "{message}");
}

#[track_caller]
fn misfits(path: &str, message: &Value) {
    assert_ne!(wrong(path, message), Vec::<String>::new(), "{message}");
}

#[test]
fn the_committed_schemas_are_current() {
    for (path, schema) in documents() {
        let text = format!("{}\n", serde_json::to_string_pretty(&schema).unwrap());
        let committed = std::fs::read_to_string(folder().join(path)).unwrap_or_default();
        assert!(
            committed == text,
            "schemas/{path} is not current; run `cargo xtask schema` and commit it"
        );
    }
    let expected: BTreeSet<PathBuf> = documents()
        .iter()
        .map(|(path, _)| folder().join(path))
        .collect();
    assert_eq!(files(&folder()), expected);
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => BTreeSet::from([path]),
        })
        .collect()
}

#[test]
fn every_member_is_described_and_speaks_no_rust() {
    for (path, schema) in documents() {
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{path}");
        described(path, &schema);
    }
}

fn described(at: &str, schema: &Value) {
    let Value::Object(members) = schema else {
        return;
    };
    for (name, member) in members {
        let at = format!("{at}/{name}");
        if name == "properties" {
            for (name, property) in member.as_object().unwrap() {
                let known = ["description", "$ref", "const"];
                let known = known.iter().any(|key| property.get(key).is_some());
                assert!(known, "{at}/{name} has no description");
            }
        }
        if let (true, Some(text)) = (name == "description", member.as_str()) {
            assert!(!text.contains("::") && !text.contains("]("), "{at}: {text}");
        }
        match member {
            Value::Array(items) => items.iter().for_each(|item| described(&at, item)),
            other => described(&at, other),
        }
    }
}

#[test]
fn what_a_host_writes_fits() {
    let limits = Limits::default();
    let info = HostInfo {
        name: "jackfield".into(),
        version: "1.0.0".into(),
        features: vec!["effects/1".into()],
        limits,
    };
    fits("host-info.json", &serde_json::to_value(info).unwrap());

    let call = json!({
        "op": "node.execute", "node": "ticket", "config": {"list": "L1"}, "input": null, "attempt": 1,
        "credentials": [{"slot": "default", "provider": "acme", "settings": {"region": "eu"}}],
        "idempotencyKey": "run_1.create", "timeoutMs": 30000,
        "run": {"workflowId": "wf_1", "runId": "run_1", "nodeKey": "create"},
    });
    let text = call.to_string();
    let read: Call<'_> = serde_json::from_str(&text).unwrap();
    fits("call.json", &serde_json::to_value(read).unwrap());
    for missing in ["op", "config", "input", "attempt", "idempotencyKey"] {
        let mut call = call.clone();
        call.as_object_mut().unwrap().shift_remove(missing);
        assert!(serde_json::from_str::<Call<'_>>(&call.to_string()).is_err());
        misfits("call.json", &call);
    }

    let mut attachments = Attachments::default();
    let bytes = attachments.attach(b"raw");
    let blob = BlobRef {
        id: "blob_1".into(),
        size: 3,
        content_type: "image/png".into(),
        sha256: "00".into(),
    };
    let response = HttpResponse {
        status: 200,
        headers: vec![Header("content-type".into(), "image/png".into())],
        body: Some(bytes),
        blob: Some(blob),
        truncated: true,
        url: "https://api.acme.example/".into(),
        duration_ms: 12,
    };
    let answers = [
        Answer::Http(response),
        Answer::Empty(Empty {}),
        Answer::Time(Time { unix_micros: -1 }),
        Answer::Random(RandomBytes { bytes }),
        Answer::Verified(Verified { valid: false }),
        Answer::Blob(BlobBytes {
            bytes,
            size: 3,
            content_type: "image/png".into(),
        }),
        Answer::Secret(SecretValue { value: "s".into() }),
    ];
    let answers = answers.into_iter().map(|answer| Event::ok(1, answer));
    let failed = Event::err(2, CallError::new("TIMEOUT", "No answer.").retryable());
    let events = answers.chain([failed, Event::cancel("enough")]).collect();
    let events = serde_json::to_value(Events { events }).unwrap();
    fits("events.json", &events);
    misfits("events.json", &json!({"events": [{"id": 1}]}));
    misfits("events.json", &json!({"events": [{"ok": {}}]}));
}

/// Turns that the type reads and turns that it does not; the schema agrees, and is stricter about ids.
#[test]
fn what_a_plugin_writes_fits() {
    let effects = [
        json!({"id": 1, "http.request": {"method": "POST", "url": "https://api.acme.example/", "query": [["a", "b"]],
            "headers": [["x", "y"]], "body": {"$bin": [0, 3]}, "credential": "default", "timeoutMs": 1, "maxBytes": 1,
            "truncate": true, "followRedirects": false, "idempotencyKey": "k", "repeatable": true, "responseBody": "auto", "attachBytes": 9}}),
        json!({"id": 2, "sleep": {"ms": 250}}),
        json!({"log": {"level": "info", "message": "hello", "fields": {"a": 1}}}),
        json!({"id": 3, "now": {}}),
        json!({"id": 4, "random": {"len": 16}}),
        json!({"id": 5, "hmac.verify": {"algorithm": "sha256", "credential": "default", "field": "key",
            "message": {"$bin": [0, 3]}, "signature": "00", "encoding": "hex"}}),
        json!({"id": 6, "blob.read": {"id": "blob_1", "offset": 0, "len": 10}}),
        json!({"id": 7, "secret.reveal": {"credential": "default", "field": "key"}}),
        json!({"progress": {"fraction": 0.5, "message": "half"}}),
    ];
    let pending = json!({"effects": effects, "a member of a later minor": 1});
    let text = pending.to_string();
    let read: Turn<'_> = serde_json::from_str(&text).unwrap();
    let known = read.effects.iter().all(|effect| {
        !matches!(
            effect.kind,
            jackfield_plugin_abi::messages::EffectKind::Unknown(_)
        )
    });
    assert!(known && read.effects.len() == effects.len());
    fits("turn.json", &pending);
    let again = serde_json::to_value(read).unwrap();
    fits("turn.json", &again);
    fits("turn.json", &json!({}));
    fits("turn.json", &json!({"result": {"output": [1]}}));
    fits(
        "turn.json",
        &json!({"result": {"port": "error", "output": {}, "retry": {"afterMs": 100}}}),
    );
    fits(
        "turn.json",
        &json!({"error": {"code": "CARD_DECLINED", "message": "No funds."}}),
    );
    for bad in [
        json!({"id": 1, "sleep": {"ms": -1}}),
        json!({"id": 1, "random": {}}),
        json!({"id": 1, "http.request": {"url": "https://api.acme.example/"}}),
        json!({"log": {"level": "loud", "message": ""}}),
        json!({"id": 1, "blob.read": {"id": "blob_1", "len": "all"}}),
    ] {
        let turn = json!({"effects": [bad]});
        assert!(serde_json::from_str::<Turn<'_>>(&turn.to_string()).is_err());
        misfits("turn.json", &turn);
    }
    misfits("turn.json", &json!({"effects": [{"sleep": {"ms": 1}}]}));
    misfits(
        "turn.json",
        &json!({"effects": [{"id": 1, "teleport": {}}]}),
    );
}

#[test]
fn arguments_and_results_of_operations_fit() {
    let event = json!({"dedupeKey": "evt_1", "type": "invoice.paid", "data": {"id": 1}, "occurredAt": "2026-01-01T00:00:00Z"});
    let reply = json!({"status": 200, "headers": [["content-type", "text/plain"]], "body": "pong"});
    for (path, good) in [
        (
            "trigger.poll/input.json",
            json!({"limit": 100, "cursor": {"since": 1}}),
        ),
        ("trigger.poll/input.json", json!({"limit": 100})),
        (
            "trigger.poll/output.json",
            json!({"events": [event], "cursor": "c", "more": false}),
        ),
        ("trigger.poll/output.json", json!({})),
        (
            "webhook.receive/input.json",
            json!({"method": "POST", "url": "https://hooks.example/x", "headers": [["a", "b"]], "body": {"$bin": [0, 0]}}),
        ),
        (
            "webhook.receive/output.json",
            json!({"accepted": {"events": [event], "respond": reply}}),
        ),
        (
            "webhook.receive/output.json",
            json!({"rejected": {"reason": "The signature is wrong."}}),
        ),
        ("webhook.receive/output.json", json!({"challenge": reply})),
        (
            "options.load/input.json",
            json!({"source": "lists", "search": "ne", "cursor": "2"}),
        ),
        (
            "options.load/output.json",
            json!({"options": [{"value": 7, "label": "News", "description": "1,204 members"}], "cursor": "3"}),
        ),
        (
            "credential.test/output.json",
            json!({"account": "Acme Ltd", "details": {"mode": "test"}}),
        ),
        (
            "resource.list/input.json",
            json!({"resourceType": "phone-number"}),
        ),
        (
            "resource.list/output.json",
            json!({"resources": [{"value": "+15551230000", "label": "Office", "status": "PENDING", "isDefault": true}]}),
        ),
        (
            "resource.verify/input.json",
            json!({"resourceType": "phone-number", "value": "+15551230000"}),
        ),
        (
            "resource.verify/output.json",
            json!({"status": "FAILED", "message": "Not yours."}),
        ),
    ] {
        fits(path, &good);
    }
    misfits(
        "trigger.poll/output.json",
        &json!({"events": [{"data": 1}]}),
    );
    misfits("webhook.receive/output.json", &json!({"ignored": {}}));
    misfits("webhook.receive/output.json", &json!({"rejected": {}}));
    misfits(
        "options.load/output.json",
        &json!({"options": [{"label": "News"}]}),
    );
    misfits(
        "resource.list/output.json",
        &json!({"resources": [{"value": "1", "label": "1", "status": "MAYBE"}]}),
    );
}
