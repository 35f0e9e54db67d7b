//! Definitions that cannot be: each is answered with the path of every field that is wrong, and nothing is saved.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Setup, graph, node, on_both_engines, start_then};
use serde_json::{Value, json};

on_both_engines![
    an_unknown_node_type,
    an_unknown_port,
    a_cycle,
    a_config_that_does_not_fit_its_schema,
    an_expression_that_does_not_parse,
    a_step_that_does_not_exist,
    keys_that_are_taken_and_nodes_that_are_islands,
    everything_at_once,
    a_definition_of_ten_thousand_nodes,
    an_expression_of_a_megabyte,
    a_config_of_a_megabyte,
    more_than_the_server_takes,
    a_saved_draft_survives_a_bad_one,
];

/// What `createWorkflow` says to a definition. Nothing may have been saved.
async fn refusal(engine: Engine, definition: Value) -> Result<Value> {
    let jackfield = Jackfield::start(engine).await?;
    let input = json!({"name": "Refused", "definition": definition});
    let payload = jackfield
        .owner()
        .mutate("createWorkflow", input, "workflow { id }")
        .await?;
    let workflows = jackfield
        .owner()
        .data("{ workflows { totalCount } }")
        .await?;
    assert_eq!(workflows["workflows"]["totalCount"], 0);
    jackfield.finish().await?;
    Ok(payload)
}

async fn an_unknown_node_type(engine: Engine) -> Result<()> {
    let refusal = refusal(engine, start_then(node("call", "api-endpiont", json!({})))).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "type"
          ],
          "code": "UNKNOWN_NODE_TYPE",
          "message": "there is no node type `api-endpiont`; did you mean `api-endpoint`?"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn an_unknown_port(engine: Engine) -> Result<()> {
    let nodes = [
        node("start", "manual", json!({})),
        node("large", "if", json!({"condition": "{{ true }}"})),
        node("note", "debug", json!({"message": "m"})),
    ];
    let mut definition = graph(
        nodes,
        &["start -> large", "large.yes -> note", "large.true -> note"],
    );
    definition["edges"][2]["toPort"] = json!("in");
    let refusal = refusal(engine, definition).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "edges",
            "1",
            "fromPort"
          ],
          "code": "UNKNOWN_PORT",
          "message": "`if` has no output port `yes`; it has `true`, `false`, `error`"
        },
        {
          "field": [
            "input",
            "definition",
            "edges",
            "2",
            "toPort"
          ],
          "code": "UNKNOWN_PORT",
          "message": "`debug` has no input port `in`; it has `data-in`"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn a_cycle(engine: Engine) -> Result<()> {
    let nodes = [
        node("start", "manual", json!({})),
        node("one", "debug", json!({"message": 1})),
        node("two", "debug", json!({"message": 2})),
    ];
    let refusal = refusal(
        engine,
        graph(nodes, &["start -> one", "one -> two", "two -> one"]),
    )
    .await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "edges"
          ],
          "code": "CYCLE",
          "message": "the nodes one → two → one form a circle; remove one of the edges between them"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn a_config_that_does_not_fit_its_schema(engine: Engine) -> Result<()> {
    let config = json!({"method": "BREW", "headers": ["no"], "colour": "red"});
    let refusal = refusal(engine, start_then(node("call", "api-endpoint", config))).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "method"
          ],
          "code": "INVALID_CONFIG",
          "message": "value is not one of \"GET\", \"POST\" or 4 other candidates"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "headers"
          ],
          "code": "INVALID_CONFIG",
          "message": "value is not of types \"null\", \"object\""
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "colour"
          ],
          "code": "INVALID_CONFIG",
          "message": "there is no setting `colour` here"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "url"
          ],
          "code": "INVALID_CONFIG",
          "message": "`url` is missing"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn an_expression_that_does_not_parse(engine: Engine) -> Result<()> {
    let values = json!({"good": "{{ 1 + 1 }}", "list": ["{{ trigger.body. }}"], "open": "{{ 1 +"});
    let refusal = refusal(
        engine,
        start_then(node("sums", "set", json!({"values": values}))),
    )
    .await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "values",
            "list",
            "0"
          ],
          "code": "INVALID_EXPRESSION",
          "message": "node `sums`: the expression does not parse: unexpected end of input, expected identifier or integer, at character 16"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "values",
            "open"
          ],
          "code": "INVALID_EXPRESSION",
          "message": "node `sums`: this `{{` has no matching `}}`; write {{ \"{{\" }} to mean the two braces themselves, at character 1"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn a_step_that_does_not_exist(engine: Engine) -> Result<()> {
    let message = json!({"message": "{{ steps.strat.output.body }}"});
    let refusal = refusal(engine, start_then(node("note", "debug", message))).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "message"
          ],
          "code": "INVALID_EXPRESSION",
          "message": "node `note`: there is no step `strat`; did you mean `start`?, at character 10"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn keys_that_are_taken_and_nodes_that_are_islands(engine: Engine) -> Result<()> {
    let nodes = [
        node("start", "manual", json!({})),
        node("note", "debug", json!({"message": 1})),
        node("note", "debug", json!({"message": 2})),
        node("2nd place", "debug", json!({"message": 3})),
        node("alone", "debug", json!({"message": 4})),
    ];
    let refusal = refusal(engine, graph(nodes, &["start -> note", "start -> nobody"])).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "2",
            "key"
          ],
          "code": "TAKEN",
          "message": "there is another node with the key `note`; keys have to be different"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "3",
            "key"
          ],
          "code": "INVALID",
          "message": "`2nd place` cannot be a key: it has to start with a letter or `_`, go on with letters, digits, `_` or `-`, and be at most 64 characters long"
        },
        {
          "field": [
            "input",
            "definition",
            "edges",
            "1",
            "to"
          ],
          "code": "NOT_FOUND",
          "message": "there is no node with the key `nobody`"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn everything_at_once(engine: Engine) -> Result<()> {
    let mut definition = start_then(node("call", "api-endpoint", json!({"url": "{{ ("})));
    definition["nodes"][1]["timeout"] = json!("PT0S");
    definition["nodes"][1]["retry"] = json!({"maxAttempts": 0, "initialDelay": "PT1S"});
    definition["nodes"][1]["connectedAppId"] = json!("app_nonsense");
    let refusal = refusal(engine, definition).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "url"
          ],
          "code": "INVALID_EXPRESSION",
          "message": "node `call`: this `{{` has no matching `}}`; write {{ \"{{\" }} to mean the two braces themselves, at character 1"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "connectedAppId"
          ],
          "code": "INVALID",
          "message": "`app_nonsense` is not a valid id: it must start with `app_` followed by 26 characters"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "retry",
            "maxAttempts"
          ],
          "code": "INVALID",
          "message": "has to be a whole number from 1 to 100"
        },
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "timeout"
          ],
          "code": "INVALID",
          "message": "has to be longer than nothing"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn a_definition_of_ten_thousand_nodes(engine: Engine) -> Result<()> {
    let nodes = (0..10_000).map(|n| node(&format!("n{n}"), "manual", json!({})));
    let refusal = refusal(engine, graph(nodes, &[])).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes"
          ],
          "code": "TOO_LARGE",
          "message": "there are 10000 nodes, but a definition may have at most 1000"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn an_expression_of_a_megabyte(engine: Engine) -> Result<()> {
    let sum = format!("{{{{ {}1 }}}}", "1 + ".repeat(250_000));
    let values = json!({"small": "{{ 1 + 1 }}", "large": [sum]});
    let definition = start_then(node("sums", "set", json!({"values": values})));
    let refusal = refusal(engine, definition).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config",
            "values",
            "large",
            "0"
          ],
          "code": "INVALID_EXPRESSION",
          "message": "node `sums`: the expression is longer than 16384 bytes, at character 1"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn a_config_of_a_megabyte(engine: Engine) -> Result<()> {
    let values = json!({"text": "x".repeat(1_000_000)});
    let definition = start_then(node("large", "set", json!({"values": values})));
    let refusal = refusal(engine, definition).await?;
    allow_duplicates! {
        assert_json_snapshot!(refusal, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition",
            "nodes",
            "1",
            "config"
          ],
          "code": "TOO_LARGE",
          "message": "the config of `large` is 1000022 bytes long, but may have at most 262144"
        }
      ]
    }
    "#);
    }
    Ok(())
}

async fn more_than_the_server_takes(engine: Engine) -> Result<()> {
    let note = |n: usize| {
        let message = "x".repeat(250_000);
        node(&format!("n{n}"), "debug", json!({"message": message}))
    };
    let nodes = (0..10)
        .map(note)
        .chain([node("start", "manual", json!({}))]);
    let input = json!({"name": "Refused", "definition": graph(nodes, &[])});
    let jackfield = Jackfield::start(engine).await?;
    let small = jackfield.owner();
    let small = small.try_mutate("createWorkflow", input.clone(), "workflow { id }");
    let small = small.await?;
    assert_eq!(small.status, 413);
    allow_duplicates! {
        assert_json_snapshot!(small.body, @r#"
    {
      "errors": [
        {
          "message": "The body is larger than 1048576 bytes, the setting `max_body_bytes`.",
          "extensions": {
            "code": "BAD_REQUEST"
          }
        }
      ]
    }
    "#);
    }
    jackfield.finish().await?;

    let setup = Setup::new(engine)?.environment("JACKFIELD_MAX_BODY_BYTES", "8000000");
    let jackfield = setup.start().await?;
    let large = jackfield.owner();
    let large = large.mutate("createWorkflow", input, "workflow { id }");
    let large = large.await?;
    allow_duplicates! {
        assert_json_snapshot!(large, @r#"
    {
      "workflow": null,
      "userErrors": [
        {
          "field": [
            "input",
            "definition"
          ],
          "code": "TOO_LARGE",
          "message": "the definition is 2500586 bytes long, but may have at most 2097152"
        }
      ]
    }
    "#);
    }
    jackfield.finish().await
}

async fn a_saved_draft_survives_a_bad_one(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let good = start_then(node("note", "debug", json!({"message": "good"})));
    let workflow = owner.publish("Note", good).await?;
    let bad = start_then(node("note", "debgu", json!({"message": "bad"})));
    let input = json!({"workflowId": workflow.id, "definition": bad});
    let payload = owner
        .mutate("saveWorkflow", input, "workflow { id }")
        .await?;
    assert_eq!(
        payload["userErrors"][0]["code"], "UNKNOWN_NODE_TYPE",
        "{payload:#}"
    );

    let run = owner.run_to_end(&workflow, json!({})).await?;
    assert_eq!(
        jackfield_tests::step(&run, "note")["output"],
        json!({"message": "good"})
    );
    let document = "query($id: ID!) { workflow(id: $id) { versions { totalCount } } }";
    let data = owner
        .data_with(document, json!({"id": workflow.id}))
        .await?;
    assert_eq!(data["workflow"]["versions"]["totalCount"], 1, "{data:#}");
    jackfield.finish().await
}
