//! Events for some of the endpoints: those that share a channel with them.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Client, Engine, Jackfield, Receiver, on_both_engines};
use serde_json::{Value, json};

use super::{Endpoint, all, create_with, deliveries, publish, until};

on_both_engines![
    an_event_goes_to_who_shares_a_channel,
    channels_are_part_of_what_a_key_stands_for,
    the_past_stays_in_its_channels,
    names_that_are_no_channels_are_refused,
];

async fn in_channels(client: &Client, url: &str, channels: &[&str]) -> Result<Endpoint> {
    create_with(client, json!({"url": url, "channels": channels})).await
}

/// Publishes an event into channels and returns its id.
async fn publish_into(client: &Client, channels: &[&str]) -> Result<String> {
    let input = json!({"type": "a", "data": {}, "channels": channels});
    let selection = "event { id channels }";
    let payload = client.succeed("publishEvent", input, selection).await?;
    assert_eq!(payload["event"]["channels"], json!(channels));
    let id = payload["event"]["id"].as_str();
    Ok(id.context("an id")?.to_owned())
}

/// The events that were sent to an endpoint, the last first.
async fn sent(client: &Client, endpoint: &Endpoint) -> Result<Vec<Value>> {
    let found = deliveries(client, endpoint).await?;
    Ok(found.iter().map(|row| row["event"]["id"].clone()).collect())
}

#[expect(
    clippy::cognitive_complexity,
    reason = "who gets what is told for all endpoints at once"
)]
async fn an_event_goes_to_who_shares_a_channel(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let first = in_channels(&owner, &outside.url("/1"), &["project_1042", "project_7"]).await?;
    let second = in_channels(&owner, &outside.url("/2"), &["project_1043"]).await?;
    let every = in_channels(&owner, &outside.url("/3"), &[]).await?;

    let ours = publish_into(&owner, &["project_1042"]).await?;
    let shared = publish_into(&owner, &["project_1043", "project_7"]).await?;
    let nobodys = publish_into(&owner, &["project_9"]).await?;
    let plain = publish(&owner, "a", json!({})).await?;
    let body = json!([{"type": "a", "data": {}, "channels": ["project_1043"]}]);
    let post = |query: &str| {
        let url = jackfield.url(&format!("/v1/events{query}"));
        let request = reqwest::Client::new().post(url);
        request.bearer_auth(jackfield.owner_key())
    };
    let listed: Value = post("").json(&body).send().await?.json().await?;
    let listed = listed["events"][0]["id"].clone();
    let raw = post("?type=a&channels=project_7,project_8");
    let raw = raw.header("content-type", "text/plain").body("raw");
    let raw: Value = raw.send().await?.json().await?;
    let raw = raw["id"].clone();

    until(&owner, &every, all(6, "SUCCEEDED")).await?;
    until(&owner, &first, all(3, "SUCCEEDED")).await?;
    until(&owner, &second, all(2, "SUCCEEDED")).await?;
    assert_eq!(
        sent(&owner, &every).await?,
        [
            raw.clone(),
            listed.clone(),
            json!(plain),
            json!(nobodys),
            json!(shared),
            json!(ours)
        ]
    );
    assert_eq!(
        sent(&owner, &first).await?,
        [raw, json!(shared), json!(ours)]
    );
    assert_eq!(sent(&owner, &second).await?, [listed, json!(shared)]);

    // Whom a test event is for was said already.
    let input = json!({"webhookEndpointId": second.id});
    owner
        .succeed("sendTestEvent", input, "event { id }")
        .await?;
    until(&owner, &second, all(3, "SUCCEEDED")).await?;

    let input = json!({"webhookEndpointId": second.id, "channels": []});
    let selection = "webhookEndpoint { channels }";
    let changed = owner.succeed("updateWebhookEndpoint", input, selection);
    assert_eq!(changed.await?["webhookEndpoint"]["channels"], json!([]));
    publish(&owner, "a", json!({})).await?;
    until(&owner, &second, all(4, "SUCCEEDED")).await?;
    jackfield.finish().await
}

async fn channels_are_part_of_what_a_key_stands_for(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let publish = |channels: &[&str]| {
        let input = json!({"type": "a", "data": {}, "idempotencyKey": "key", "channels": channels});
        let owner = owner.clone();
        async move { owner.mutate("publishEvent", input, "event { id }").await }
    };
    let first = publish(&["project_1", "project_2"]).await?;
    let again = publish(&["project_2", "project_1", "project_2"]).await?;
    assert_eq!(first, again);
    assert!(first["event"]["id"].is_string());
    for other in [&["project_1"] as &[&str], &[]] {
        let refused = publish(other).await?;
        assert_eq!(refused["userErrors"][0]["code"], "CONFLICT", "{refused}");
    }
    jackfield.finish().await
}

async fn the_past_stays_in_its_channels(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    publish_into(&owner, &["project_1043"]).await?;
    let ours = publish_into(&owner, &["project_1042"]).await?;
    publish(&owner, "a", json!({})).await?;
    let endpoint = in_channels(&owner, &outside.url("/hook"), &["project_1042"]).await?;
    let replay = json!({"webhookEndpointId": endpoint.id});
    owner
        .succeed("replayEvents", replay.clone(), "replay { id }")
        .await?;
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["event"]["id"], ours);

    // What has arrived is for others by now: it is neither replayed nor sent again.
    let input = json!({"webhookEndpointId": endpoint.id, "channels": ["project_1044"]});
    let selection = "webhookEndpoint { id }";
    owner
        .succeed("updateWebhookEndpoint", input, selection)
        .await?;
    let resend = json!({"deliveryId": found[0]["id"]});
    let refused = owner
        .mutate("resendDelivery", resend, "delivery { id }")
        .await?;
    allow_duplicates! { assert_json_snapshot!(refused, @r#"
        {
          "delivery": null,
          "userErrors": [
            {
              "field": [
                "input",
                "deliveryId"
              ],
              "code": "CONFLICT",
              "message": "The delivery cannot be sent again: its event is in none of the channels that the endpoint has by now."
            }
          ]
        }
        "#); }
    owner
        .succeed("replayEvents", replay, "replay { id }")
        .await?;
    let document =
        "query($id: ID!) { webhookEndpoint(id: $id) { replays { nodes { status sent } } } }";
    let mut last = Value::Null;
    for _ in 0..1_000 {
        let data = owner.data_with(document, json!({"id": endpoint.id}));
        last = data.await?["webhookEndpoint"]["replays"]["nodes"][0].clone();
        if last["status"] == "FINISHED" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(last, json!({"status": "FINISHED", "sent": 0}));
    jackfield.finish().await
}

async fn names_that_are_no_channels_are_refused(engine: Engine) -> Result<()> {
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let many: Vec<String> = (0..11).map(|number| format!("project_{number}")).collect();
    let mut errors = Vec::new();
    for channels in [json!(["two words"]), json!(many)] {
        let input = json!({"type": "a", "data": {}, "channels": channels});
        let refused = owner.mutate("publishEvent", input, "event { id }").await?;
        errors.push(refused["userErrors"].clone());
        let input = json!({"url": "https://example.com/", "channels": channels});
        let refused = owner.mutate("createWebhookEndpoint", input, "secret");
        errors.push(refused.await?["userErrors"].clone());
    }
    allow_duplicates! { assert_json_snapshot!(errors, @r#"
        [
          [
            {
              "field": [
                "input",
                "channels"
              ],
              "code": "INVALID",
              "message": "`two words` is no channel: 1 to 128 letters, digits, `_`, `-` and `.`, such as `project_1042`."
            }
          ],
          [
            {
              "field": [
                "input",
                "channels"
              ],
              "code": "INVALID",
              "message": "`two words` is no channel: 1 to 128 letters, digits, `_`, `-` and `.`, such as `project_1042`."
            }
          ],
          [
            {
              "field": [
                "input",
                "channels"
              ],
              "code": "INVALID",
              "message": "There are 10 channels at most."
            }
          ],
          [
            {
              "field": [
                "input",
                "channels"
              ],
              "code": "INVALID",
              "message": "There are 10 channels at most."
            }
          ]
        ]
        "#); }
    jackfield.finish().await
}
