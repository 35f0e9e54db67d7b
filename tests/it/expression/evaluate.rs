//! What editors ask: what an expression comes to, and what can be called in one.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    an_expression_is_tried_on_json,
    an_expression_is_tried_on_an_earlier_run,
    what_is_wrong_has_its_place,
    helpers_are_listed,
];

const EVALUATE: &str = "query($e: JSON!, $run: ID, $node: String, $scope: ExpressionScopeInput) {
    evaluateExpression(expression: $e, runId: $run, nodeKey: $node, scope: $scope) {
        value type errors { message path position line column }
    }
}";

async fn evaluated(jackfield: &Jackfield, variables: Value) -> Result<Value> {
    let mut data = jackfield.owner().data_with(EVALUATE, variables).await?;
    Ok(data["evaluateExpression"].take())
}

async fn an_expression_is_tried_on_json(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let scope = json!({"trigger": {"body": {"amount": 1250, "currency": "KWD"}}});
    let config = json!({
        "text": "{{ trigger.body.amount | money(trigger.body.currency) }}",
        "number": "{{ trigger.body.amount }}",
        "plain": [true, null],
    });
    let answer = evaluated(&jackfield, json!({"e": config, "scope": scope})).await?;
    assert_eq!(
        answer,
        json!({
            "value": {"text": "1.250 KWD", "number": 1250, "plain": [true, null]}, "type": "OBJECT", "errors": [],
        })
    );
    let answer = evaluated(&jackfield, json!({"e": "{{ none }}"})).await?;
    assert_eq!(answer, json!({"value": null, "type": "NULL", "errors": []}));
    jackfield.finish().await
}

async fn an_expression_is_tried_on_an_earlier_run(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let nodes = [
        node("start", "manual", json!({})),
        node(
            "total",
            "set",
            json!({"values": {"cents": "{{ trigger.body.euros * 100 }}"}}),
        ),
        node(
            "after",
            "debug",
            json!({"message": "{{ steps.total.output }}"}),
        ),
    ];
    let definition = graph(nodes, &["start -> total", "total -> after"]);
    let run = owner.run_once(definition, json!({"euros": 12})).await?;
    let ask = |e: &str, node: Option<&str>| json!({"e": e, "run": run["id"], "node": node});

    let answer = evaluated(&jackfield, ask("{{ steps.total.output.cents + 1 }}", None)).await?;
    assert_eq!(answer["value"], 1201, "{answer}");
    let answer = evaluated(&jackfield, ask("{{ steps | keys }}", Some("after"))).await?;
    assert_eq!(answer["value"], json!(["start", "total"]), "{answer}");
    let answer = evaluated(&jackfield, ask("{{ run.id }}", None)).await?;
    assert_eq!(answer["value"], run["id"], "{answer}");
    jackfield.finish().await
}

async fn what_is_wrong_has_its_place(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let config =
        json!({"headers": [{"X-Id": "one\ntwo {{ trigger.body.id | uper }}"}], "url": "{{ 1 + }}"});
    let answer = evaluated(&jackfield, json!({"e": config})).await?;
    allow_duplicates! {
        assert_json_snapshot!(answer, @r#"
        {
          "value": null,
          "type": null,
          "errors": [
            {
              "message": "there is no filter `uper`",
              "path": [
                "headers",
                "0",
                "X-Id"
              ],
              "position": 30,
              "line": 2,
              "column": 26
            },
            {
              "message": "the expression does not parse: unexpected end of input, expected expression",
              "path": [
                "url"
              ],
              "position": 6,
              "line": 1,
              "column": 6
            }
          ]
        }
        "#);
    }
    jackfield.finish().await
}

async fn helpers_are_listed(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let document = "{ expressionHelpers { name kind group arguments description example } }";
    let data = jackfield.owner().data(document).await?;
    let helpers = data["expressionHelpers"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let money = helpers.iter().find(|helper| helper["name"] == "to_minor");
    assert_eq!(
        money.map(|helper| (&helper["kind"], &helper["group"], &helper["arguments"])),
        Some((&json!("FILTER"), &json!("Money"), &json!("currency")))
    );
    jackfield.finish().await
}
