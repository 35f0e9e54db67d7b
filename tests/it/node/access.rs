//! What ends on one node ends on the others, also what is open there.

use std::time::Duration;

use anyhow::{Result, bail};
use jackfield_tests::{Client, Engine, Jackfield, Socket, example};
use serde_json::json;

use super::{finish, two_nodes};

#[test]
fn a_revoked_key_is_refused_on_every_node() -> Result<()> {
    example(Engine::Postgres, revoke_a_key)
}

#[test]
fn a_user_who_is_deactivated_is_out_on_every_node() -> Result<()> {
    example(Engine::Postgres, deactivate_a_user)
}

const WHO: &str = "{ viewer { role } }";

/// The same caller at another node.
fn at(node: &Jackfield, token: &str) -> Client {
    node.anonymous().with_token(token)
}

/// Waits until a caller is refused, for a much shorter time than anybody looks around by themselves.
async fn refused(client: &Client) -> Result<()> {
    for _ in 0..200 {
        if client.send(WHO, json!({})).await?.status == 401 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bail!("the node has not heard of it")
}

async fn closed(socket: &mut Socket) -> Result<u16> {
    tokio::time::timeout(Duration::from_secs(3), socket.close_code()).await?
}

async fn revoke_a_key(_: Engine) -> Result<()> {
    let (first, second) = two_nodes().await?;
    let input = json!({"name": "CI", "role": "VIEWER"});
    let made = first
        .owner()
        .succeed("createApiKey", input, "apiKey { id } secret")
        .await?;
    let secret = made["secret"].as_str().unwrap_or_default();
    let (here, there) = (at(&first, secret), at(&second, secret));
    // Both have it in memory now, and something is open on the other node.
    here.data(WHO).await?;
    there.data(WHO).await?;
    let mut socket = Socket::connect(&second.url("/graphql"), secret).await?;

    let input = json!({"apiKeyId": made["apiKey"]["id"]});
    first
        .owner()
        .succeed("revokeApiKey", input, "apiKey { id }")
        .await?;

    assert_eq!(
        here.send(WHO, json!({})).await?.status,
        401,
        "where it was revoked it is at once"
    );
    refused(&there).await?;
    assert_eq!(closed(&mut socket).await?, 4403);
    finish(first, second).await
}

async fn deactivate_a_user(_: Engine) -> Result<()> {
    let (first, second) = two_nodes().await?;
    let ada = first.owner().join("ada@example.com", "EDITOR").await?;
    let there = at(&second, &ada.token);
    there.data(WHO).await?;
    let mut socket = Socket::connect(&second.url("/graphql"), &ada.token).await?;
    let changed = json!({"userId": ada.id, "role": "ADMIN"});
    first
        .owner()
        .succeed("changeUserRole", changed, "user { id }")
        .await?;
    for round in 0.. {
        if there.data(WHO).await?["viewer"]["role"] == "ADMIN" {
            break;
        }
        assert!(round < 200, "the node has not heard of the role");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Another role closes nothing.
    socket.send(&json!({"type": "ping"})).await?;
    assert_eq!(socket.receive().await?["type"], "pong");

    first
        .owner()
        .succeed("deactivateUser", json!({"userId": ada.id}), "user { id }")
        .await?;

    refused(&there).await?;
    assert_eq!(closed(&mut socket).await?, 4403);
    finish(first, second).await
}
