//! Every mutation, by those who may not.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use jackfield_tests::{Client, Engine, Jackfield, on_both_engines};
use serde_json::{Value, json};

use super::call::Filler;
use super::schema::Schema;

on_both_engines![
    nobody_changes_anything_without_a_token,
    a_viewer_changes_nothing,
    a_key_changes_nothing_beyond_its_scopes,
];

/// What is for callers of whom nobody knows who they are. Each proves it by what it is given.
const PUBLIC: [&str; 4] = [
    "acceptInvitation",
    "refreshSession",
    "resetPassword",
    "signIn",
];

/// What everybody may do about themselves.
const OWN: [&str; 4] = [
    "changePassword",
    "createSessionToken",
    "signOut",
    "switchWorkspace",
];

/// The codes with which each mutation is refused to a caller, with the least input that it takes.
async fn codes(jackfield: &Jackfield, client: &Client) -> Result<BTreeMap<String, Vec<String>>> {
    let schema = Schema::read(&jackfield.owner()).await?;
    let own = BTreeMap::new();
    let filler = Filler {
        schema: &schema,
        own: &own,
    };
    let mut codes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (last, mut fields): (Vec<_>, Vec<_>) = schema
        .root("Mutation")
        .into_iter()
        .partition(|field| field.name == "signOut");
    fields.extend(last);
    for field in fields {
        let document = filler.document("Mutation", &field, 1);
        let input = filler.arguments(&field, &[], &Value::Null);
        let answer = client.send(&document, Value::Object(input)).await?;
        let code = answer.body["errors"][0]["extensions"]["code"].as_str();
        let code = code.unwrap_or("answered").to_owned();
        codes.entry(code).or_default().push(field.name);
    }
    Ok(codes)
}

/// Checks that all mutations but these are refused with a code, and these are not.
fn refused_but(mut codes: BTreeMap<String, Vec<String>>, code: &str, but: &[&str]) -> Result<()> {
    let refused = codes.remove(code).with_context(|| format!("{codes:?}"))?;
    let others: BTreeSet<String> = codes.into_values().flatten().collect();
    let but: BTreeSet<String> = but.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(others, but);
    assert!(refused.len() > 40, "{refused:?}");
    Ok(())
}

async fn nobody_changes_anything_without_a_token(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let codes = codes(&jackfield, &jackfield.anonymous()).await?;
    refused_but(codes, "UNAUTHENTICATED", &PUBLIC)?;
    jackfield.finish().await
}

async fn a_viewer_changes_nothing(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let viewer = jackfield
        .owner()
        .join("viewer@example.com", "VIEWER")
        .await?;
    // One session is ended on the way, so each caller has their own.
    let key = key(&jackfield, json!({"name": "Viewer", "role": "VIEWER"})).await?;
    let free = [PUBLIC.as_slice(), OWN.as_slice()].concat();
    for client in [key, viewer.client] {
        let codes = codes(&jackfield, &client).await?;
        let over = codes.get("UNAUTHENTICATED").cloned().unwrap_or_default();
        assert_eq!(over, Vec::<String>::new(), "the session goes on to the end");
        refused_but(codes, "FORBIDDEN", &free)?;
    }
    jackfield.finish().await
}

async fn a_key_changes_nothing_beyond_its_scopes(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let reader = json!({"name": "Reader", "role": "OWNER", "scopes": ["READ"]});
    let codes = codes(&jackfield, &key(&jackfield, reader).await?).await?;
    let free = [PUBLIC.as_slice(), &["createSessionToken"]].concat();
    refused_but(codes, "FORBIDDEN", &free)?;
    jackfield.finish().await
}

async fn key(jackfield: &Jackfield, input: Value) -> Result<Client> {
    let made = jackfield
        .owner()
        .succeed("createApiKey", input, "secret")
        .await?;
    let secret = made["secret"].as_str().context("a new key")?;
    Ok(jackfield.anonymous().with_token(secret))
}
