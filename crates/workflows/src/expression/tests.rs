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
        event: None,
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
    let large = "the value is larger than 4194304 bytes";
    let long = "the expression takes too many steps to evaluate";
    for (expression, reason) in [
        ("'x' * 90000000", large),
        ("'x' * 99999999999999", large),
        ("trigger.body.text * trigger.body.huge", large),
        (
            "['x' * 3000000, 'x' * 3000000, 'x' * 3000000, 'x' * 3000000, 'x' * 3000000, 'x' * 3000000]",
            large,
        ),
        ("('x' * 3000000) ~ ('x' * 3000000)", large),
        ("('x' * 3000000) + ('x' * 3000000)", large),
        ("('x' * 3000000) | replace('x', 'xx')", large),
        ("'x\n' | indent(99999999999)", large),
        ("'' | indent(99999999999)", large),
        ("'x' | pad_end(99999999999)", large),
        ("([('x' * 3000000)] * 100) | join", large),
        ("([('x' * 3000000)] * 100) | map('upper')", large),
        ("([('x' * 3000000)] * 100) | map('before', 'y')", large),
        ("([0] * 99999999) | list", long),
        ("range(100000) | select('in', range(100000))", long),
        ("([range(100000)] * 100000) | map('sum')", long),
        ("[1] | batch(99999999, 0)", long),
        ("[1] | slice(99999999, 0)", long),
        ("range(99999999)", "`range` counts at most 100000 numbers"),
        ("([('x' * 3000000)] * 100000) | sort", long),
        ("1 in ([[0] * 1000000] * 1000000)", long),
    ] {
        let error = one(&format!("{{{{ {expression} }}}}")).unwrap_err();
        assert!(error.contains(reason), "{expression}: {error}");
    }
}

#[test]
fn nothing_is_divisible_by_zero() {
    let smallest = "(-170141183460469231731687303715884105727 - 1)";
    for zero in ["0", "false", "0.0"] {
        let error = one(&format!("{{{{ 9 is divisibleby {zero} }}}}")).unwrap_err();
        assert!(error.contains("divided by zero"), "{zero}: {error}");
    }
    one(&format!("{{{{ {smallest} is divisibleby(-1) }}}}")).unwrap();
    one("{{ 9 is divisibleby 3 }}").unwrap();
}

#[test]
fn many_expressions_share_one_budget() {
    let config = json!(vec!["{{ range(100000) | sum }}"; 1000]);
    let error = evaluate(config).unwrap_err();
    assert!(error.contains("too many steps"), "{error}");
}

#[test]
fn nothing_large_is_made_while_compiling() {
    let config = json!(vec!["{{ ('x' * 99999999) ~ ('y' * 99999999) }}"; 1000]);
    assert!(Template::parse(&config).is_ok());
}

#[test]
fn what_is_too_deep_is_refused_before_the_library_sees_it() {
    for expression in [
        format!("{}1{}", "(".repeat(5000), ")".repeat(5000)),
        format!("{}1{}", "range(".repeat(2000), ")".repeat(2000)),
        format!("{}1", "- ".repeat(8000)),
        format!("{}true", "not ".repeat(4000)),
        format!("{}1", "1 - ".repeat(4000)),
        format!("trigger{}", ".a".repeat(8000)),
        format!("trigger{}", "|a".repeat(8000)),
        format!("{}1", "1 if 1 else ".repeat(1300)),
    ] {
        let error = one(&format!("{{{{ {expression} }}}}")).unwrap_err();
        assert!(error.contains("nested too deeply"), "{error}");
    }
}

#[test]
fn an_undefined_operand_is_named() {
    insta::assert_snapshot!(one("{{ 1 + trigger.body.zip * 2 }}").unwrap_err(), @": `trigger.body.zip` is undefined; add `| default(…)` if it may be missing, at character 8");
    insta::assert_snapshot!(one("a\nbc {{ 'x' ~\n  trigger.body.zip }}").unwrap_err(), @": `trigger.body.zip` is undefined; add `| default(…)` if it may be missing, at line 3, character 3");
    assert_eq!(
        one("{{ trigger.body.a.b.c | default(7) + 1 }}"),
        Ok(json!(8))
    );
    assert_eq!(one("{{ steps.b.output.x is defined }}"), Ok(json!(false)));
    insta::assert_snapshot!(one("{{ nothing.a | default(7) }}").unwrap_err(), @"there is no `nothing` here; in scope are trigger, steps, run, vars, at character 4");
    insta::assert_snapshot!(one("{{ money(1999, 'EUR') }}").unwrap_err(), @"`money` is a filter; write `value | money`, at character 4");
    insta::assert_snapshot!(one("{{ event.data }}").unwrap_err(), @"there is no `event` here; in scope are trigger, steps, run, vars, at character 4");
    insta::assert_snapshot!(one("{{ __add(1, 2) }}").unwrap_err(), @"there is no `__add` here; in scope are trigger, steps, run, vars, at character 4");
}

#[test]
fn operators_mean_what_they_did() {
    for (expression, value) in [
        ("2 + 3 * 4 - 1", json!(13)),
        ("2 * 3 ** 2", json!(18)),
        ("7 // 2 * 2 + 7 % 2", json!(7)),
        ("0.5 * 3", json!(1.5)),
        ("-2 * -3", json!(6)),
        ("'a' * 3 ~ 1", json!("aaa1")),
        ("[1] * 2 + [3]", json!([1, 1, 3])),
        ("true ~ none ~ [1]", json!("truenull[1]")),
        (
            "2 in [1, 2] and 3 not in [1, 2] and 'a' in {'a': 1} and 'b' in 'abc'",
            json!(true),
        ),
        ("1 < 2 < 3", json!(true)),
        ("(1 + 2) * (3 + 4)", json!(21)),
        ("9007199254740993 * 1", json!(9_007_199_254_740_993_i64)),
    ] {
        assert_eq!(
            one(&format!("{{{{ {expression} }}}}")),
            Ok(value),
            "{expression}"
        );
    }
}
