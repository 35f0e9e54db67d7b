//! Variables of the workspace, which expressions read as `vars`.

use anyhow::Result;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, graph, node, on_both_engines};
use serde_json::{Value, json};

on_both_engines![
    a_variable_keeps_the_values_it_had,
    a_run_sees_the_variables_as_they_are_when_it_starts,
    editors_try_expressions_on_the_variables,
    what_cannot_be_a_variable_says_why,
    viewers_read_variables_and_no_more,
];

const VARIABLE: &str = "variable { name value description version versions { number value } }";

async fn set(client: &Client, input: Value) -> Result<Value> {
    client.succeed("setVariable", input, VARIABLE).await
}

async fn a_variable_keeps_the_values_it_had(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let input = json!({"name": "vat", "value": 19, "description": "In percent."});
    set(&owner, input).await?;
    set(&owner, json!({"name": "vat", "value": 19})).await?;
    let changed = set(
        &owner,
        json!({"name": "vat", "value": {"full": 19, "reduced": 7}}),
    )
    .await?;
    allow_duplicates! {
        assert_json_snapshot!(changed["variable"], @r#"
        {
          "name": "vat",
          "value": {
            "full": 19,
            "reduced": 7
          },
          "description": "In percent.",
          "version": 2,
          "versions": [
            {
              "number": 2,
              "value": {
                "full": 19,
                "reduced": 7
              }
            },
            {
              "number": 1,
              "value": 19
            }
          ]
        }
        "#);
    }
    set(&owner, json!({"name": "Region", "value": "EU"})).await?;
    let list = "{ variables(search: \"\") { totalCount nodes { id name createdAt updatedBy } } }";
    let listed = owner.data(list).await?;
    let names = listed["variables"]["nodes"].as_array();
    let names: Vec<_> = names
        .into_iter()
        .flatten()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["Region", "vat"]);
    assert_eq!(listed["variables"]["totalCount"], 2);

    let id = &listed["variables"]["nodes"][1]["id"];
    let by = listed["variables"]["nodes"][1]["updatedBy"].as_str();
    assert!(by.is_some_and(|by| by.starts_with("key_")), "{listed}");
    let node = "query($id: ID!) { node(id: $id) { ... on Variable { name value } } }";
    let found = owner.data_with(node, json!({"id": id})).await?;
    assert_eq!(found["node"]["value"], json!({"full": 19, "reduced": 7}));
    let gone = json!({"variableId": id});
    owner
        .succeed("deleteVariable", gone.clone(), "variable { name }")
        .await?;
    let again = owner
        .mutate("deleteVariable", gone, "variable { name }")
        .await?;
    assert_eq!(again["userErrors"][0]["code"], "NOT_FOUND", "{again}");
    jackfield.finish().await
}

async fn a_run_sees_the_variables_as_they_are_when_it_starts(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let definition = graph(
        [
            node("start", "manual", json!({})),
            node(
                "seen",
                "set",
                json!({"values": {"greeting": "{{ vars.greeting }}, {{ vars.who | default('nobody') }}"}}),
            ),
        ],
        &["start -> seen"],
    );
    set(&owner, json!({"name": "greeting", "value": "Hello"})).await?;
    let mut seen = Vec::new();
    for who in [json!("Ada"), json!({"first": "Ada"})] {
        let run = owner.run_once(definition.clone(), json!({})).await?;
        seen.push(run["output"]["greeting"].clone());
        set(&owner, json!({"name": "who", "value": who})).await?;
    }
    let run = owner.run_once(definition, json!({})).await?;
    seen.push(run["output"]["greeting"].clone());
    assert_eq!(
        seen,
        ["Hello, nobody", "Hello, Ada", "Hello, {\"first\":\"Ada\"}"]
    );
    jackfield.finish().await
}

async fn editors_try_expressions_on_the_variables(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    set(&owner, json!({"name": "vat", "value": 19})).await?;
    let ask = "query($scope: ExpressionScopeInput) {
        evaluateExpression(expression: \"{{ vars.vat + 1 }}\", scope: $scope) { value errors { message } }
    }";
    let kept = owner.data_with(ask, json!({})).await?;
    assert_eq!(kept["evaluateExpression"]["value"], 20, "{kept}");
    let given = json!({"scope": {"vars": {"vat": 7}}});
    let tried = owner.data_with(ask, given).await?;
    assert_eq!(tried["evaluateExpression"]["value"], 8, "{tried}");
    jackfield.finish().await
}

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn what_cannot_be_a_variable_says_why(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let mut refused = Vec::new();
    for input in [
        json!({"name": "2nd", "value": 1}),
        json!({"name": "", "value": 1}),
        json!({"name": "größe", "value": 1}),
        json!({"name": "large", "value": "x".repeat(64 * 1024), "description": "y".repeat(2_001)}),
    ] {
        let answer = jackfield
            .owner()
            .mutate("setVariable", input, VARIABLE)
            .await?;
        refused.push(answer);
    }
    allow_duplicates! {
        assert_json_snapshot!(refused, @r#"
        [
          {
            "variable": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "name"
                ],
                "code": "INVALID",
                "message": "a name has letters from a to z, digits and `_`, does not begin with a digit, and has at most 100 characters, so that expressions can say `vars.name`"
              }
            ]
          },
          {
            "variable": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "name"
                ],
                "code": "INVALID",
                "message": "a name has letters from a to z, digits and `_`, does not begin with a digit, and has at most 100 characters, so that expressions can say `vars.name`"
              }
            ]
          },
          {
            "variable": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "name"
                ],
                "code": "INVALID",
                "message": "a name has letters from a to z, digits and `_`, does not begin with a digit, and has at most 100 characters, so that expressions can say `vars.name`"
              }
            ]
          },
          {
            "variable": null,
            "userErrors": [
              {
                "field": [
                  "input",
                  "value"
                ],
                "code": "TOO_LARGE",
                "message": "a value has at most 65536 bytes of JSON"
              },
              {
                "field": [
                  "input",
                  "description"
                ],
                "code": "TOO_LARGE",
                "message": "a description has at most 2000 characters"
              }
            ]
          }
        ]
        "#);
    }
    jackfield.finish().await
}

async fn viewers_read_variables_and_no_more(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    set(&jackfield.owner(), json!({"name": "vat", "value": 19})).await?;
    let input = json!({"name": "Reader", "role": "VIEWER"});
    let key = jackfield
        .owner()
        .succeed("createApiKey", input, "secret")
        .await?;
    let viewer = jackfield
        .anonymous()
        .with_token(key["secret"].as_str().unwrap_or_default());
    let read = viewer
        .data("{ variables { nodes { name value } } }")
        .await?;
    assert_eq!(
        read["variables"]["nodes"],
        json!([{"name": "vat", "value": 19}])
    );
    let input = json!({"name": "vat", "value": 7});
    let answer = viewer.try_mutate("setVariable", input, VARIABLE).await?;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"], "FORBIDDEN",
        "{}",
        answer.body
    );
    jackfield.finish().await
}
