//! Workflows as files: exported, imported, and kept in step by `jackfield workflow apply`.

use std::fs;

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Engine, Jackfield, on_both_engines, said};
use serde_json::{Value, json};

on_both_engines![
    a_changed_file_is_the_next_version,
    a_file_that_is_wrong_says_where,
    apps_go_by_their_names,
    a_file_is_imported_as_another_workflow,
];

const FILE: &str = "jackfield: workflow/v1
name: Greeting
nodes:
- key: start
  type: manual
- key: greet
  type: debug
  config:
    message: Hello {{ trigger.body.name }}
edges:
- from: start
  to: greet
";

async fn a_changed_file_is_the_next_version(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("greeting.yaml");
    let file = path.display().to_string();
    fs::write(&path, FILE)?;
    jackfield.workflow_command(&["apply", &file, "--publish"])?;
    let changed = FILE
        .replace("Hello", "Good day,")
        .replace("  config", "  timeout: PT5S\n  config");
    fs::write(&path, &changed)?;

    let dry =
        said(&jackfield.workflow_command(&["apply", &file, "--dry-run"])?).replace(&file, "FILE");
    allow_duplicates! {
        assert_snapshot!(dry, @r#"
        FILE: would be changed wf_…
          ~ greet.config.message: "Hello {{ trigger.body.name }}" → "Good day, {{ trigger.body.name }}"
          ~ greet.timeout: null → "PT5S"
        "#);
    }
    jackfield.workflow_command(&["apply", &file])?;
    let owner = jackfield.owner();
    let document = "{ workflows { nodes { id draft { number file } published { number }
        diff(from: 1, to: 2) { nodes { nodeKey change values { path before after } } edges { change } } } } }";
    let data = owner.data(document).await?;
    let workflow = &data["workflows"]["nodes"][0];
    assert_eq!(
        (
            &workflow["draft"]["number"],
            &workflow["published"]["number"]
        ),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        workflow["diff"]["nodes"][0]["values"][1]["after"], "PT5S",
        "{workflow:#}"
    );
    // What is exported can be put back as it is: the order of a node's members is the one of the format.
    let exported = workflow["draft"]["file"].as_str().context("a file")?;
    fs::write(&path, exported)?;
    let again = said(&jackfield.workflow_command(&["apply", &file])?);
    assert!(again.contains(": unchanged"), "{again}");
    let id = workflow["id"].as_str().context("an id")?;
    let printed = jackfield.workflow_command(&["export", id])?;
    assert_eq!(String::from_utf8(printed.stdout)?, exported);

    let restore = json!({"workflowId": id, "number": 1});
    let restored = owner
        .succeed(
            "restoreWorkflowVersion",
            restore.clone(),
            "workflow { draft { number file } }",
        )
        .await?;
    assert_eq!(
        restored["workflow"]["draft"],
        json!({"number": 3, "file": FILE})
    );
    let same = owner
        .succeed(
            "restoreWorkflowVersion",
            restore,
            "workflow { draft { number } }",
        )
        .await?;
    assert_eq!(same["workflow"]["draft"]["number"], 3);
    let none = json!({"workflowId": id, "number": 9});
    let refused = owner
        .mutate("restoreWorkflowVersion", none, "workflow { id }")
        .await?;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");
    jackfield.finish().await
}

async fn a_file_that_is_wrong_says_where(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let folder = tempfile::tempdir()?;
    let wrong = [
        ("a.yaml", FILE.replace("type: debug", "type: debgu")),
        ("b.yaml", "jackfield: workflow/v1\nname: [".to_owned()),
        (
            "c.yml",
            FILE.replace("trigger.body.name", "trigger.body.name | nope"),
        ),
        ("d.json", "{\"name\": 1}".to_owned()),
        ("e.yaml", FILE.to_owned()),
    ];
    for (name, text) in wrong {
        fs::write(folder.path().join(name), text)?;
    }
    let output = jackfield.workflow_command(&["apply", &folder.path().display().to_string()])?;
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output).replace(&format!("{}/", folder.path().display()), "");
    allow_duplicates! {
        assert_snapshot!(text, @"
        e.yaml: created wf_…
        a.yaml: definition.nodes.1.type (UNKNOWN_NODE_TYPE): there is no node type `debgu`; did you mean `debug`?
        b.yaml: file (INVALID): this is neither YAML nor JSON: line 2 column 7: unclosed bracket '['
        c.yml: definition.nodes.1.config.message (INVALID_EXPRESSION): node `greet`: there is no filter `nope`, at character 30
        d.json: file.jackfield (INVALID): this is no workflow of a version known here; its first line is `jackfield: workflow/v1`
        jackfield: 4 of 5 files were refused
        ");
    }
    jackfield.finish().await
}

async fn apps_go_by_their_names(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let file = FILE
        .replace("type: debug", "type: api-endpoint\n  connectedApp: Our API")
        .replace(
            "message: Hello {{ trigger.body.name }}",
            "url: https://example.com/",
        );
    let apply = json!({"file": file});
    let refused = owner
        .mutate("applyWorkflow", apply.clone(), "outcome")
        .await?;
    assert_eq!(
        refused["userErrors"][0]["field"],
        json!(["input", "definition", "nodes", "1", "connectedApp"])
    );
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND", "{refused}");

    let app = json!({"provider": "http", "name": "Our API", "credentials": {"scheme": "bearer", "token": "a-token-of-ours"}});
    let app = owner
        .succeed("connectApp", app, "connectedApp { id }")
        .await?;
    let applied = owner
        .succeed(
            "applyWorkflow",
            apply,
            "outcome workflow { draft { file definition { nodes { connectedAppId } } } }",
        )
        .await?;
    let draft = &applied["workflow"]["draft"];
    assert_eq!(
        draft["definition"]["nodes"][1]["connectedAppId"],
        app["connectedApp"]["id"]
    );
    let written = draft["file"].as_str().context("a file")?;
    assert!(
        written.contains("connectedApp: Our API") && !written.contains("app_"),
        "{written}"
    );
    jackfield.finish().await
}

async fn a_file_is_imported_as_another_workflow(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    for name in [Value::Null, json!("Second")] {
        let input = json!({"file": FILE, "name": name});
        owner
            .succeed("importWorkflow", input, "workflow { id }")
            .await?;
    }
    let data = owner
        .data("{ workflows { nodes { name draft { file(format: JSON) } } } }")
        .await?;
    let names: Vec<_> = data["workflows"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|workflow| &workflow["name"])
        .collect();
    assert_eq!(names, ["Second", "Greeting"]);
    let json = data["workflows"]["nodes"][1]["draft"]["file"]
        .as_str()
        .context("a file")?;
    assert!(
        json.starts_with("{\n  \"jackfield\": \"workflow/v1\",\n  \"name\": \"Greeting\""),
        "{json}"
    );
    jackfield.finish().await
}
