//! Exactly one verified resource of an app and type is the default.

use anyhow::Result;
use futures_util::future::try_join_all;
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Postmark, Setup, example, on_both_engines};
use serde_json::{Value, json};

use super::{add, senders};

on_both_engines![
    the_first_verified_one_is_the_default_until_another_one_is_set,
    there_is_one_default_whoever_sets_it_at_the_same_time,
];

#[expect(clippy::too_many_lines, reason = "whole answers are long")]
async fn the_first_verified_one_is_the_default_until_another_one_is_set(
    engine: Engine,
) -> Result<()> {
    let postmark = Postmark::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let app = postmark.connect(&owner, "Mail").await?;
    postmark.senders(&[
        ("b@example.com", true),
        ("c@example.com", true),
        ("d@example.com", true),
    ]);
    let mut ids = Vec::new();
    for address in [
        "a@example.com",
        "b@example.com",
        "c@example.com",
        "d@example.com",
    ] {
        ids.push(json!({"resourceId": add(&owner, &app, address).await?["id"]}));
    }
    assert_eq!(
        senders(&owner, &app).await?,
        [
            "(a@example.com)",
            "b@example.com*",
            "c@example.com",
            "d@example.com"
        ]
    );
    let set = owner
        .succeed(
            "setDefaultResource",
            ids[3].clone(),
            "resource { value isDefault }",
        )
        .await?;
    assert_eq!(
        set["resource"],
        json!({"value": "d@example.com", "isDefault": true})
    );
    assert_eq!(
        senders(&owner, &app).await?,
        [
            "(a@example.com)",
            "b@example.com",
            "c@example.com",
            "d@example.com*"
        ]
    );
    let unverified = owner
        .mutate("setDefaultResource", ids[0].clone(), "resource { id }")
        .await?;
    allow_duplicates! {
        assert_json_snapshot!(unverified, @r#"
    {
      "resource": null,
      "userErrors": [
        {
          "field": [
            "input",
            "resourceId"
          ],
          "code": "CONFLICT",
          "message": "`a@example.com` is not verified, and so cannot be used: verify it first"
        }
      ]
    }
    "#);
    }
    owner
        .succeed("deleteResource", ids[3].clone(), "resource { id }")
        .await?;
    assert_eq!(
        senders(&owner, &app).await?,
        ["(a@example.com)", "b@example.com*", "c@example.com"],
        "the oldest verified one takes its place"
    );
    for id in &ids[1..3] {
        owner
            .succeed("deleteResource", id.clone(), "resource { id }")
            .await?;
    }
    assert_eq!(senders(&owner, &app).await?, ["(a@example.com)"]);
    postmark.senders(&[("a@example.com", true)]);
    owner
        .succeed("verifyResource", ids[0].clone(), "resource { id }")
        .await?;
    assert_eq!(senders(&owner, &app).await?, ["a@example.com*"]);
    jackfield.finish().await
}

async fn there_is_one_default_whoever_sets_it_at_the_same_time(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    set_at_once(&[&jackfield]).await?;
    jackfield.finish().await
}

#[test]
fn there_is_one_default_over_all_nodes() -> Result<()> {
    example(Engine::Postgres, over_all_nodes)
}

async fn over_all_nodes(engine: Engine) -> Result<()> {
    let first = Jackfield::start(engine).await?;
    let second = Setup::node_of(&first)?.start().await?;
    set_at_once(&[&first, &second]).await?;
    second.finish().await?;
    first.finish().await
}

/// Adds ten verified senders at the same time, and sets the default fifty times at once.
async fn set_at_once(nodes: &[&Jackfield]) -> Result<()> {
    let postmark = Postmark::start().await?;
    let owners: Vec<_> = nodes.iter().map(|node| node.owner()).collect();
    let app = postmark.connect(&owners[0], "Mail").await?;
    let addresses: Vec<String> = (0..10)
        .map(|number| format!("s{number}@example.com"))
        .collect();
    let verified: Vec<(&str, bool)> = addresses
        .iter()
        .map(|address| (address.as_str(), true))
        .collect();
    postmark.senders(&verified);
    let added = addresses
        .iter()
        .enumerate()
        .map(|(number, address)| add(&owners[number % owners.len()], &app, address));
    let added: Vec<Value> = try_join_all(added).await?;
    assert_eq!(defaults(&senders(&owners[0], &app).await?), 1);
    let set = (0..50).map(|number| {
        let input = json!({"resourceId": added[number % added.len()]["id"]});
        owners[number % owners.len()].succeed("setDefaultResource", input, "resource { isDefault }")
    });
    for set in try_join_all(set).await? {
        assert_eq!(set["resource"]["isDefault"], true);
    }
    let after = senders(&owners[0], &app).await?;
    assert_eq!((defaults(&after), after.len()), (1, 10), "{after:?}");

    // Deleting all of them at once leaves none behind.
    let deleted = added.iter().enumerate().map(|(number, one)| {
        let input = json!({"resourceId": one["id"]});
        owners[number % owners.len()].succeed("deleteResource", input, "resource { id }")
    });
    try_join_all(deleted).await?;
    assert!(senders(&owners[0], &app).await?.is_empty());
    Ok(())
}

fn defaults(senders: &[String]) -> usize {
    senders
        .iter()
        .filter(|sender| sender.ends_with('*'))
        .count()
}
