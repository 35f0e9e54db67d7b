//! What one node changes in the catalogue of event types holds on the others.

use std::time::Duration;

use anyhow::{Result, ensure};
use jackfield_tests::{Client, Engine, example};
use serde_json::{Value, json};

use super::{finish, two_nodes};

#[test]
fn events_are_held_to_the_schema_that_another_node_has_changed() -> Result<()> {
    example(Engine::Postgres, change_a_schema)
}

/// What a node says to a number of cents that is a text.
async fn text_of_cents(client: &Client) -> Result<Value> {
    let input = json!({"type": "invoice.paid", "data": {"cents": "1"}});
    let payload = client.mutate("publishEvent", input, "event { id }").await?;
    Ok(payload["userErrors"].clone())
}

/// Waits until the node has heard of the change, for a much shorter time than anybody looks around by themselves.
async fn until(client: &Client, refused: bool) -> Result<Value> {
    for _ in 0..200 {
        let errors = text_of_cents(client).await?;
        if (errors != json!([])) == refused {
            return Ok(errors);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    anyhow::bail!("the node has not heard of the change")
}

async fn change_a_schema(_: Engine) -> Result<()> {
    let (first, second) = two_nodes().await?;
    let of = |kind: &str| json!({"properties": {"cents": {"type": kind}}});
    let input = json!({"name": "invoice.paid", "category": "INVOICE", "schema": of("string")});
    let made = first.owner();
    let made = made.succeed("createEventType", input, "eventType { id }");
    let id = made.await?["eventType"]["id"].clone();
    // Both have the catalogue in memory now.
    for node in [&first, &second] {
        until(&node.owner(), false).await?;
    }
    for round in 0..6 {
        let (here, there) = match round % 4 < 2 {
            true => (&first, &second),
            false => (&second, &first),
        };
        let refused = round % 2 == 0;
        let schema = of(if refused { "integer" } else { "string" });
        let input = json!({"eventTypeId": id, "schema": schema});
        here.owner()
            .succeed("updateEventType", input, "eventType { version }")
            .await?;
        // Where it was changed it holds at once.
        let said = text_of_cents(&here.owner()).await?;
        ensure!((said != json!([])) == refused, "{said:#}");
        let heard = until(&there.owner(), refused).await?;
        assert_eq!(heard, said, "both nodes say the same");
    }
    finish(first, second).await
}
