//! The schema: committed as `schema.graphql`, and described throughout.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use jackfield_tests::{Client, Engine, Jackfield, Setup, on_both_engines};
use serde_json::{Value, json};

on_both_engines![everything_has_a_description, errors_of_requests_have_codes];

#[test]
fn the_committed_schema_is_current() -> Result<()> {
    let printed = Command::new(Setup::new(Engine::Sqlite)?.server())
        .arg("schema")
        .output()?;
    ensure!(
        printed.status.success(),
        "{}",
        String::from_utf8_lossy(&printed.stderr)
    );
    let committed = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql"))?;
    assert!(
        committed == printed.stdout,
        "schema.graphql is not current; run `cargo xtask schema` and commit it"
    );
    Ok(())
}

const INTROSPECTION: &str = "{ __schema { types {
    name kind description specifiedByURL
    fields(includeDeprecated: true) { name description args { name description } }
    inputFields { name description }
    enumValues(includeDeprecated: true) { name description }
} } }";

async fn everything_has_a_description(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let schema = jackfield.owner().data(INTROSPECTION).await?;
    let mut bare = Vec::new();
    for kind in list(&schema["__schema"]["types"]) {
        let name = kind["name"].as_str().unwrap_or_default();
        let built_in = ["Int", "Float", "String", "Boolean", "ID"].contains(&name);
        if built_in || name.starts_with("__") {
            continue;
        }
        note_bare(kind, "", &mut bare);
        if kind["kind"] == "SCALAR" && kind["specifiedByURL"].is_null() {
            bare.push(format!("{name} has no @specifiedBy"));
        }
        for field in list(&kind["fields"]) {
            note_bare(field, name, &mut bare);
            list(&field["args"]).for_each(|argument| {
                note_bare(argument, &format!("{name}.{}", field["name"]), &mut bare)
            });
        }
        list(&kind["inputFields"])
            .chain(list(&kind["enumValues"]))
            .for_each(|member| note_bare(member, name, &mut bare));
    }
    assert_eq!(bare, Vec::<String>::new());
    jackfield.finish().await
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn note_bare(described: &Value, within: &str, bare: &mut Vec<String>) {
    if described["description"]
        .as_str()
        .unwrap_or_default()
        .is_empty()
    {
        bare.push(format!("{within} {} has no description", described["name"]));
    }
}

async fn errors_of_requests_have_codes(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    assert_eq!(code(&owner, "{ viewer { ").await?, "GRAPHQL_PARSE_FAILED");
    assert_eq!(
        code(&owner, "{ nothing }").await?,
        "GRAPHQL_VALIDATION_FAILED"
    );
    let unfilled = "query ($id: ID!) { viewer { role } workflow(id: $id) { id } }";
    let answer = owner.send(unfilled, json!({})).await?;
    insta::allow_duplicates! {
        insta::assert_snapshot!(answer.body, @r#"{"errors":[{"message":"The variable \"$id\" of the type \"ID!\" needs a value in `variables`.","locations":[{"line":1,"column":8}],"extensions":{"code":"BAD_USER_INPUT"}}]}"#);
    }
    let deep = format!(
        "{{ workflows {} {{ totalCount }} {} }}",
        "{ nodes { runs".repeat(20),
        "} }".repeat(20)
    );
    assert_eq!(code(&owner, &deep).await?, "TOO_COMPLEX");
    let wide = format!(
        "{{ {} }}",
        (0..2000)
            .map(|n| format!("a{n}: viewer {{ role }}"))
            .collect::<Vec<_>>()
            .join(" ")
    );
    assert_eq!(code(&owner, &wide).await?, "TOO_COMPLEX");
    jackfield.finish().await
}

async fn code(client: &Client, document: &str) -> Result<String> {
    let answer = client.send(document, json!({})).await?;
    Ok(answer.body["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}
