use serde_json::{Value, json};

use super::*;
use crate::nodes::Catalogue;

fn catalogue() -> Catalogue {
    let api_endpoint = serde_json::from_value(json!({
        "type": "api-endpoint", "name": "API endpoint", "category": "integration",
        "inputs": [{"name": "data-in"}], "outputs": [{"name": "data-out"}, {"name": "error"}],
        "configSchema": {
            "type": "object", "required": ["url"], "additionalProperties": false,
            "properties": {"url": {"type": "string", "format": "uri"}, "method": {"enum": ["GET", "POST"]}, "body": {}},
        },
    }));
    Catalogue::new([&api_endpoint.unwrap()])
}

fn parse(definition: &Value) -> Result<Definition, Vec<String>> {
    Definition::parse(definition, &catalogue())
        .map(|(_, definition)| definition)
        .map_err(|problems| {
            let line = |problem: jackfield_storage::Problem| {
                format!(
                    "{:?} {}: {}",
                    problem.code,
                    problem.field.join("."),
                    problem.message
                )
            };
            problems.into_iter().map(line).collect()
        })
}

fn problems(definition: Value) -> Vec<String> {
    parse(&definition).unwrap_err()
}

fn good() -> Value {
    json!({
        "nodes": [
            {"key": "hook", "type": "webhook", "config": {"secret": {"set": true}, "scheme": "stripe"}},
            {"key": "amount", "type": "set", "config": {"values": {"total": "{{ trigger.body.amount / 100 }}"}}},
            {"key": "call", "type": "api-endpoint", "config": {
                "url": "https://example.com/{{ steps.amount.output.total }}", "method": "POST",
                "body": {"total": "{{ steps.amount.output.total }}"},
             }, "retry": {"maxAttempts": 5, "initialDelay": "PT2S", "maxDelay": "PT1M", "backoff": 3}, "timeout": "PT30S",
             "onUncertain": "ASK", "position": {"x": 10, "y": 20.5}, "name": "Tell them"},
        ],
        "edges": [{"from": "hook", "to": "amount"}, {"from": "amount", "fromPort": "data-out", "to": "call", "toPort": "data-in"}],
    })
}

#[test]
fn a_good_definition_says_what_it_was_told() {
    let definition = parse(&good()).unwrap();
    let call = definition.node(definition.node_named("call").unwrap());
    assert_eq!(call.timeout, Some(Duration::from_secs(30)));
    assert_eq!(call.on_uncertain, OnUncertain::Ask);
    assert_eq!((call.retry.max_attempts, call.retry.factor), (5, 3.0));
    assert_eq!(definition.triggers().count(), 1);
}

#[test]
fn a_document_is_written_as_it_was_read() {
    let (document, _) = Definition::parse(&good(), &catalogue()).unwrap();
    let written = serde_json::to_value(&document).unwrap();
    let (again, _) = Definition::parse(&written, &catalogue()).unwrap();
    assert_eq!(document, again);
    insta::assert_snapshot!(written["nodes"][2], @r#"{"key":"call","type":"api-endpoint","name":"Tell them","config":{"url":"https://example.com/{{ steps.amount.output.total }}","method":"POST","body":{"total":"{{ steps.amount.output.total }}"}},"retry":{"maxAttempts":5,"initialDelay":"PT2S","maxDelay":"PT1M","backoff":3},"timeout":"PT30S","onUncertain":"ASK","position":{"x":10.0,"y":20.5}}"#);
}

#[test]
fn all_faults_are_told_at_once() {
    insta::assert_debug_snapshot!(problems(json!({
        "nodes": [
            {"key": "hook", "type": "webook"},
            {"key": "2nd", "type": "set", "config": {"values": 1}},
            {"key": "call", "type": "api-endpoint", "config": {"method": "PUSH", "body": "{{ 1 + }}"}, "retries": 3},
            {"key": "call", "type": "debug", "config": {"message": "{{ steps.cal.output }}"}, "timeout": "30s", "onUncertain": "MAYBE"},
            {"type": "manual"},
            17,
        ],
        "edges": [{"from": "call", "to": "nowhere"}, {"from": "call", "fromPort": "done", "to": "call"}, {}],
    })), @r#"
    [
        "Invalid definition.nodes.2.retries: there is no field `retries`; there are key, type, name, config, connectedAppId, retry, timeout, interval, onUncertain, position",
        "Required definition.nodes.4.key: `key` is missing",
        "Invalid definition.nodes.5: has to be an object, not a number",
        "Required definition.edges.2.from: `from` is missing",
        "Required definition.edges.2.to: `to` is missing",
        "Invalid definition.nodes.1.key: `2nd` cannot be a key: it has to start with a letter or `_`, go on with letters, digits, `_` or `-`, and be at most 64 characters long",
        "Taken definition.nodes.3.key: there is another node with the key `call`; keys have to be different",
        "UnknownNodeType definition.nodes.0.type: there is no node type `webook`; did you mean `webhook`?",
        "InvalidConfig definition.nodes.1.config.values: value is not of type \"object\"",
        "InvalidConfig definition.nodes.2.config.method: value is not one of \"GET\" or \"POST\"",
        "InvalidConfig definition.nodes.2.config.url: `url` is missing",
        "InvalidExpression definition.nodes.2.config.body: node `call`: the expression does not parse: unexpected end of input, expected expression, at character 6",
        "Invalid definition.nodes.3.timeout: `30s` is no ISO 8601 duration (it has to start with P); write for example PT30S, PT5M or P1D",
        "Invalid definition.nodes.3.onUncertain: `MAYBE` is unknown; there are RETRY, FAIL and ASK",
        "NotFound definition.edges.0.to: there is no node with the key `nowhere`",
        "UnknownPort definition.edges.1.fromPort: `api-endpoint` has no output port `done`; it has `data-out`, `error`",
    ]
    "#);
}

#[test]
fn the_graph_has_to_make_sense() {
    let node = |key: &str, kind: &str| json!({"key": key, "type": kind, "config": if kind == "debug" { json!({"message": 1}) } else { json!({}) }});
    insta::assert_debug_snapshot!(problems(json!({
        "nodes": [node("start", "manual"), node("a", "debug"), node("b", "debug"), node("island", "debug")],
        "edges": [{"from": "start", "to": "a"}, {"from": "a", "to": "b"}, {"from": "b", "to": "a"}, {"from": "a", "to": "start"}],
    })), @r#"
    [
        "UnknownPort definition.edges.3.toPort: `manual` is a trigger and has no input ports",
        "Cycle definition.edges: the nodes a → b → a form a circle; remove one of the edges between them",
    ]
    "#);
    insta::assert_debug_snapshot!(problems(json!({
        "nodes": [node("start", "manual"), node("a", "debug"), node("island", "debug")],
        "edges": [{"from": "start", "to": "a"}, {"from": "start", "to": "a"}],
    })), @r#"
    [
        "Taken definition.edges.1: the same edge is there twice",
    ]
    "#);
    insta::assert_debug_snapshot!(problems(json!({
        "nodes": [node("start", "manual"), node("island", "debug")], "edges": [],
    })), @r#"
    [
        "Invalid definition.nodes.1: nothing leads to `island`; add an edge to it or remove it",
    ]
    "#);
    insta::assert_debug_snapshot!(problems(json!({"nodes": [], "edges": []})), @r#"
    [
        "Required definition.nodes: there is no trigger; add a node of type `webhook` or `manual`, so that something can start a run",
    ]
    "#);
}

#[test]
fn expressions_read_only_what_comes_before() {
    let debug = |key: &str, message: &str| json!({"key": key, "type": "debug", "config": {"message": {"text": [message]}}});
    insta::assert_debug_snapshot!(problems(json!({
        "nodes": [
            {"key": "start", "type": "manual"},
            debug("a-1", "{{ steps.b.output }}"),
            debug("b", "é {{ steps.a.output ~ steps.b.output }}"),
            debug("c", "{{ steps['a-1'].output }}{{ trigger.body }}{{ steps.start.output }}"),
            debug("d", "{{ secrets.key }}"),
        ],
        "edges": [{"from": "start", "to": "a-1"}, {"from": "a-1", "to": "b"}, {"from": "a-1", "to": "c"}, {"from": "c", "to": "d"}],
    })), @r#"
    [
        "InvalidExpression definition.nodes.4.config.message.text.0: node `d`: there is no `secrets` here; in scope are trigger, steps, run, vars, at character 4",
        "InvalidExpression definition.nodes.1.config.message.text.0: node `a-1`: `steps.b` does not come before `a-1`; join them by edges, or read a step that does, at character 10",
        "InvalidExpression definition.nodes.2.config.message.text.0: node `b`: there is no step `a`; a key with a dash is written steps[\"a-1\"], at character 12",
        "InvalidExpression definition.nodes.2.config.message.text.0: node `b`: `b` cannot read its own output, at character 29",
    ]
    "#);
}

#[test]
fn a_webhook_needs_what_its_scheme_needs() {
    let hook = |config: Value| {
        problems(
            json!({"nodes": [{"key": "hook", "type": "webhook", "config": config}], "edges": []}),
        )
    };
    insta::assert_debug_snapshot!([
        hook(json!({"scheme": "stripe"})),
        hook(json!({"scheme": "none", "secret": {"set": true}})),
        hook(json!({"scheme": "hmac-sha256", "secret": {"set": true}})),
        hook(json!({"scheme": "morse", "secret": 17})),
    ].concat(), @r#"
    [
        "InvalidConfig definition.nodes.0.config.secret: scheme `stripe` needs a secret to check signatures with",
        "InvalidConfig definition.nodes.0.config.secret: scheme `none` has no use for a secret; choose another scheme, or remove the secret",
        "InvalidConfig definition.nodes.0.config.header: scheme `hmac-sha256` needs the name of the header that carries the signature",
        "InvalidConfig definition.nodes.0.config.scheme: value is not one of \"none\", \"stripe\" or 19 other candidates",
        "InvalidConfig definition.nodes.0.config.secret: value is not valid under any of the schemas listed in the 'anyOf' keyword",
    ]
    "#);
}

#[test]
fn too_much_is_refused() {
    let nodes: Vec<_> = (0..10_000)
        .map(|n| json!({"key": format!("n{n}"), "type": "manual"}))
        .collect();
    insta::assert_debug_snapshot!(problems(json!({"nodes": nodes, "edges": []})), @r#"
    [
        "TooLarge definition.nodes: there are 10000 nodes, but a definition may have at most 1000",
    ]
    "#);
    let long = format!("{{{{ {} }}}}", "1 + ".repeat(250_000));
    insta::assert_debug_snapshot!(
        problems(json!({"nodes": [{"key": "a", "type": "debug", "config": {"message": long}}], "edges": []})),
        @r#"
    [
        "InvalidExpression definition.nodes.0.config.message: node `a`: the expression is longer than 16384 bytes, at character 1",
        "Required definition.nodes: there is no trigger; add a node of type `webhook` or `manual`, so that something can start a run",
    ]
    "#
    );
    insta::assert_debug_snapshot!(
        problems(json!({"nodes": [{"key": "a", "type": "debug", "config": {"message": "x".repeat(MAX_SIZE)}}], "edges": []})),
        @r#"
    [
        "TooLarge definition: the definition is 2097225 bytes long, but may have at most 2097152",
    ]
    "#
    );
}
