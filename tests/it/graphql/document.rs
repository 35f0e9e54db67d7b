//! Trusted documents, automatic persisted queries, and answers that clients keep.

use std::fs;

use anyhow::Result;
use aws_lc_rs::digest::{SHA256, digest};
use insta::{assert_json_snapshot, assert_snapshot};
use jackfield_tests::{Engine, Jackfield, Setup};
use reqwest::Response;
use reqwest::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};

const ROLE: &str = "query Role { viewer { role } }";

/// A server with a manifest of one document.
async fn start(only_trusted: bool) -> Result<Jackfield> {
    let setup = Setup::new(Engine::Sqlite)?;
    let manifest = setup.home().join("documents.json");
    fs::write(&manifest, json!({"role-1": ROLE}).to_string())?;
    setup
        .environment("JACKFIELD_TRUSTED_DOCUMENTS", &manifest.to_string_lossy())
        .environment(
            "JACKFIELD_ONLY_TRUSTED_DOCUMENTS",
            &only_trusted.to_string(),
        )
        .start()
        .await
}

async fn post(jackfield: &Jackfield, body: Value) -> Result<Value> {
    let request = reqwest::Client::new().post(jackfield.url("/graphql"));
    let request = request.bearer_auth(jackfield.owner_key()).json(&body);
    Ok(request.send().await?.json().await?)
}

async fn get(jackfield: &Jackfield, query: &str, known: Option<&str>) -> Result<Response> {
    let url = jackfield.url(&format!("/graphql?{query}"));
    let mut request = reqwest::Client::new().get(url);
    request = request.bearer_auth(jackfield.owner_key());
    if let Some(tag) = known {
        request = request.header(IF_NONE_MATCH, tag);
    }
    Ok(request.send().await?)
}

#[tokio::test]
async fn an_id_stands_for_a_trusted_document() -> Result<()> {
    let jackfield = start(false).await?;
    assert_json_snapshot!(post(&jackfield, json!({"documentId": "role-1"})).await?, @r#"
    {
      "data": {
        "viewer": {
          "role": "OWNER"
        }
      },
      "extensions": {
        "cost": {
          "requested": 2,
          "limit": 100000
        }
      }
    }
    "#);
    assert_json_snapshot!(post(&jackfield, json!({"documentId": "role-2"})).await?, @r#"
    {
      "errors": [
        {
          "message": "No trusted document has the id \"role-2\": deploy a manifest with it before the client that sends it.",
          "extensions": {
            "code": "DOCUMENT_NOT_FOUND"
          }
        }
      ]
    }
    "#);
    jackfield.finish().await
}

#[tokio::test]
async fn a_server_may_take_trusted_documents_only() -> Result<()> {
    let jackfield = start(true).await?;
    let trusted = post(&jackfield, json!({"documentId": "role-1"})).await?;
    let same_text = post(&jackfield, json!({"query": ROLE})).await?;
    assert_eq!(trusted, same_text);
    assert_json_snapshot!(post(&jackfield, json!({"query": "{ viewer { role } }"})).await?, @r#"
    {
      "errors": [
        {
          "message": "This server executes trusted documents only: send the `documentId` of one, or have the document added to the manifest.",
          "extensions": {
            "code": "DOCUMENT_NOT_TRUSTED"
          }
        }
      ]
    }
    "#);
    // Its end is not looked into: that takes queries which this server refuses.
    jackfield.abandon();
    Ok(())
}

#[tokio::test]
async fn a_hash_is_enough_from_the_second_time_on() -> Result<()> {
    let jackfield = start(false).await?;
    let document = "{ __typename }";
    let hash = hex::encode(digest(&SHA256, document.as_bytes()));
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});

    let unknown = post(&jackfield, json!({"extensions": extensions})).await?;
    let sent = post(
        &jackfield,
        json!({"extensions": extensions, "query": document}),
    )
    .await?;
    let known = post(&jackfield, json!({"extensions": extensions})).await?;
    let by_get = get(&jackfield, &format!("extensions={extensions}"), None).await?;

    assert_json_snapshot!(unknown, @r#"
    {
      "errors": [
        {
          "message": "PersistedQueryNotFound",
          "extensions": {
            "code": "PERSISTED_QUERY_NOT_FOUND"
          }
        }
      ]
    }
    "#);
    assert_json_snapshot!(sent, @r#"
    {
      "data": {
        "__typename": "Query"
      },
      "extensions": {
        "cost": {
          "requested": 1,
          "limit": 100000
        }
      }
    }
    "#);
    assert_eq!((&sent, &sent), (&known, &by_get.json().await?));
    jackfield.finish().await
}

#[tokio::test]
async fn a_client_that_has_the_answer_is_told_so() -> Result<()> {
    let jackfield = start(false).await?;
    let first = get(&jackfield, "documentId=role-1", None).await?;
    let tag = first.headers()[ETAG].to_str()?.to_owned();
    let again = get(&jackfield, "documentId=role-1", Some(&tag)).await?;
    let other = get(&jackfield, "documentId=role-1", Some("W/\"other\"")).await?;
    let text = get(&jackfield, "query={__typename}", None).await?;

    assert_eq!(first.headers()["cache-control"], "private, no-cache");
    assert_eq!(
        (again.status().as_u16(), again.headers()[ETAG].to_str()?),
        (304, &*tag)
    );
    assert_eq!(again.text().await?, "");
    assert_eq!(
        (other.status().as_u16(), other.text().await?),
        (200, first.text().await?)
    );
    assert_eq!(text.headers().get(ETAG), None);
    assert_eq!(text.headers()["cache-control"], "no-store");
    jackfield.finish().await
}

#[test]
fn a_manifest_that_cannot_be_used_keeps_the_server_from_starting() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    fs::write(
        setup.home().join("documents.json"),
        r#"{"role-1": "{ viewer { "}"#,
    )?;
    let manifest = setup.home().join("documents.json");
    let setup = setup.environment("JACKFIELD_TRUSTED_DOCUMENTS", &manifest.to_string_lossy());
    let runtime = tokio::runtime::Runtime::new()?;
    let exit = runtime.block_on(setup.run_to_exit())?;
    let said = exit
        .log
        .lines()
        .last()
        .unwrap_or_default()
        .replace(&*manifest.to_string_lossy(), "FILE");
    assert_ne!(exit.code, 0);
    assert_snapshot!(said, @r#"jackfield: trusted_documents: FILE cannot be used: the document "role-1" cannot be executed: Syntax error at line 1, column 12."#);
    Ok(())
}
