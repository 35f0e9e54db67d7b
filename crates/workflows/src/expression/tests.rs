use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::definition::Definition;
use crate::nodes::Catalogue;

/// What a config evaluates to when step `a-1` returned `{"id": 7, "name": "Ada"}`.
fn evaluate(config: Json) -> Result<Json, String> {
    let definition = json!({
        "nodes": [
            {"key": "start", "type": "manual"},
            {"key": "a-1", "type": "set", "config": {"values": {}}},
            {"key": "b", "type": "set", "config": {"values": {}}},
        ],
        "edges": [{"from": "start", "to": "a-1"}, {"from": "a-1", "to": "b"}],
    });
    let (_, definition) = Definition::parse(&definition, &Catalogue::new([])).unwrap();
    let step = StepOutput {
        output: from_json(&json!({"id": 7, "name": "Ada"})),
        port: "data-out".into(),
    };
    let scope = Arc::new(Scope {
        steps: Arc::new(vec![None, Some(step), None]),
        definition: Arc::new(definition),
        trigger: from_json(&json!({"body": {
            "amount": 2000, "big": 9_007_199_254_740_993_i64, "huge": u64::MAX, "ratio": 0.1, "none": null, "yes": true,
            "items": [{"n": 1}, {"n": 2}], "object": {"z": 1, "a": {"b": []}}, "text": "x", "a b": 1,
        }})),
        run: from_json(&json!({"id": "run_1"})),
        vars: from_json(&json!({})),
    });
    let template = Template::parse(&config).map_err(|errors| errors[0].to_string())?;
    let value = template
        .evaluate(&scope)
        .map_err(|error| format!("{}: {error}", error.path()))?;
    Ok(serde_json::from_str(&to_json(&value)?).unwrap())
}

fn one(expression: &str) -> Result<Json, String> {
    evaluate(json!(expression))
}

#[test]
fn a_whole_expression_keeps_its_type() {
    for (path, value) in [
        ("amount", json!(2000)),
        ("big", json!(9_007_199_254_740_993_i64)),
        ("huge", json!(u64::MAX)),
        ("ratio", json!(0.1)),
        ("none", json!(null)),
        ("yes", json!(true)),
        ("items", json!([{"n": 1}, {"n": 2}])),
        ("object", json!({"z": 1, "a": {"b": []}})),
    ] {
        assert_eq!(
            one(&format!("{{{{ trigger.body.{path} }}}}")),
            Ok(value),
            "{path}"
        );
    }
    assert_eq!(
        one("{{ trigger.body.big + 1 }}"),
        Ok(json!(9_007_199_254_740_994_i64))
    );
    assert_eq!(
        one("{{ trigger.body.huge + 1 }}").unwrap().to_string(),
        "1.8446744073709552e+19"
    );
}

#[test]
fn objects_keep_the_order_of_their_members() {
    assert_eq!(
        one("{{ trigger.body.object }}").unwrap().to_string(),
        r#"{"z":1,"a":{"b":[]}}"#
    );
}

#[test]
fn in_a_text_values_are_written_out() {
    assert_eq!(
        one("{{ trigger.body.amount }} for {{ steps['a-1'].output.name }}"),
        Ok(json!("2000 for Ada"))
    );
    assert_eq!(
        one("{{ trigger.body.items }}, {{ trigger.body.none }}"),
        Ok(json!(r#"[{"n":1},{"n":2}], null"#))
    );
    assert_eq!(one("<{{ trigger.body.text }}&>"), Ok(json!("<x&>")));
}

#[test]
fn expressions_are_found_at_any_depth() {
    assert_eq!(
        evaluate(json!({"a": [1, {"b": "{{ 1 + 1 }}", "c": "plain"}], "d": {"e": true}})),
        Ok(json!({"a": [1, {"b": 2, "c": "plain"}], "d": {"e": true}}))
    );
}

#[test]
fn lookups_reach_everything() {
    assert_eq!(one("{{ trigger.body.items[1].n }}"), Ok(json!(2)));
    assert_eq!(one("{{ trigger.body['a b'] }}"), Ok(json!(1)));
    assert_eq!(one("{{ steps['a-1'].port }}"), Ok(json!("data-out")));
    assert_eq!(one("{{ run.id }}"), Ok(json!("run_1")));
    assert_eq!(
        one("{{ trigger.body.items | map(attribute='n') | sum }}"),
        Ok(json!(3))
    );
    assert_eq!(
        one("{{ {'a': trigger.body.amount, 'b': [1]} }}"),
        Ok(json!({"a": 2000, "b": [1]}))
    );
    assert_eq!(
        one("{{ 'yes' if trigger.body.amount > 100 else 'no' }}"),
        Ok(json!("yes"))
    );
    assert_eq!(one("{{ ('{\"a\": 1}' | fromjson).a }}"), Ok(json!(1)));
    assert_eq!(
        one("{{ steps }}"),
        Ok(json!({"a-1": {"output": {"id": 7, "name": "Ada"}, "port": "data-out"}}))
    );
}

#[test]
fn what_is_not_there_is_an_error_that_names_it() {
    insta::assert_snapshot!(one("{{ trigger.body.amuont.value }}").unwrap_err(), @": `trigger.body.amuont` is undefined; add `| default(…)` if it may be missing, at character 4");
    insta::assert_snapshot!(one("Hi {{ trigger.body.items[7].n | upper }}").unwrap_err(), @": `trigger.body.items[7]` is undefined; add `| default(…)` if it may be missing, at character 25");
    insta::assert_snapshot!(one("{{ steps.b.output }}").unwrap_err(), @": `steps.b` is undefined; add `| default(…)` if it may be missing, at character 4");
    insta::assert_snapshot!(evaluate(json!({"headers": [{"x": "{{ 1 + trigger.body.none }}"}]})).unwrap_err(), @"headers[0].x: invalid operation: tried to use + operator on unsupported types number and none, at character 4");
    assert_eq!(
        one("{{ trigger.body.note | default('none') }}"),
        Ok(json!("none"))
    );
    assert_eq!(one("{{ trigger.body.note is defined }}"), Ok(json!(false)));
}

#[test]
fn what_does_not_parse_says_where() {
    insta::assert_snapshot!(one("é: {{ 1 + }}").unwrap_err(), @"the expression does not parse: unexpected end of input, expected expression, at character 9");
    insta::assert_snapshot!(one("{{ trigger.body.a | no_such_filter }}").unwrap_err(), @"there is no filter `no_such_filter`, at character 21");
    insta::assert_snapshot!(one("{{ env.HOME }}").unwrap_err(), @"there is no `env` here; in scope are trigger, steps, run, vars, at character 4");
    insta::assert_snapshot!(one("{{ debug() }}").unwrap_err(), @"there is no `debug` here; in scope are trigger, steps, run, vars, at character 4");
    insta::assert_snapshot!(one("{{ a } }").unwrap_err(), @r#"this `{{` has no matching `}}`; write {{ "{{" }} to mean the two braces themselves, at character 1"#);
}

#[test]
fn nothing_runs_or_grows_without_end() {
    insta::assert_snapshot!(one("{{ 'x' * 90000000 }}").unwrap_err(), @"the value is larger than 4194304 bytes");
    insta::assert_snapshot!(one("{{ ('x' * 3000000) | replace('x', 'xx') }}").unwrap_err(), @": invalid operation: the result of `replace` is larger than 4194304 bytes, at character 22");
    insta::assert_snapshot!(one("{{ 'x\n' | indent(99999999999) }}").unwrap_err(), @": invalid operation: the result of `indent` is larger than 4194304 bytes, at character 11");
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(one(&deep).is_err());
}
