//! What arrives, and what happens when it does not.

use std::time::Duration;

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, on_both_engines};
use serde_json::json;

use super::{all, create, create_with, deliveries, publish, show, start, until, verify};

on_both_engines![
    a_subscribed_event_arrives_signed,
    only_what_was_asked_for_is_sent,
    a_failure_is_tried_again_and_then_given_up,
    what_was_given_up_can_be_sent_again,
    gone_makes_an_endpoint_inactive,
    nothing_but_failures_makes_an_endpoint_inactive,
    what_was_given_up_is_an_event_too,
    only_what_passes_the_filter_is_sent,
    a_body_of_ones_own_is_sent,
    the_order_is_kept,
    the_rate_is_kept,
    a_payload_of_another_kind_is_sent_as_it_is,
    a_test_event_says_so,
];

async fn a_subscribed_event_arrives_signed(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let url = outside.url("/hook");
    let endpoint = create(&owner, &url, &["invoice.paid"]).await?;
    let event = publish(&owner, "invoice.paid", json!({"cents": 12_500})).await?;

    let requests = outside.wait_for(1).await?;
    let request = &requests[0];
    verify(&endpoint.secret, request)?;
    assert_eq!(request.header("webhook-id"), event);
    let body = request.json();
    assert_eq!(
        (&body["type"], &body["data"]),
        (&json!("invoice.paid"), &json!({"cents": 12_500}))
    );
    assert!(body["timestamp"].is_string(), "{body}");

    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["event"]["id"], event);
    let attempt = &found[0]["attempts"][0];
    allow_duplicates! {
        assert_json_snapshot!(attempt, {
            ".durationMs" => "[number]", ".attemptedAt" => "[time]",
            r#".requestHeaders["webhook-id"]"# => "[id]",
            r#".requestHeaders["webhook-timestamp"]"# => "[seconds]",
            r#".requestHeaders["webhook-signature"]"# => "[signature]",
        }, @r#"
        {
          "number": 1,
          "status": "SUCCEEDED",
          "statusCode": 200,
          "durationMs": "[number]",
          "error": null,
          "trigger": "SCHEDULE",
          "responseBody": "{\"ok\":true}",
          "requestHeaders": {
            "content-type": "application/json",
            "webhook-id": "[id]",
            "webhook-signature": "[signature]",
            "webhook-timestamp": "[seconds]"
          },
          "attemptedAt": "[time]"
        }
        "#);
    }
    jackfield.finish().await
}

async fn only_what_was_asked_for_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let exact = create(&owner, &outside.url("/exact"), &["invoice.paid"]).await?;
    let prefix = create(
        &owner,
        &outside.url("/prefix"),
        &["invoice.*", "invoice.paid"],
    )
    .await?;
    let every = create(&owner, &outside.url("/every"), &[]).await?;
    let off = json!({"url": outside.url("/off"), "active": false});
    let off = create_with(&owner, off).await?;
    for event_type in ["invoice.paid", "invoice.void", "booking.created"] {
        publish(&owner, event_type, json!({})).await?;
    }
    until(&owner, &exact, all(1, "SUCCEEDED")).await?;
    until(&owner, &prefix, all(2, "SUCCEEDED")).await?;
    until(&owner, &every, all(3, "SUCCEEDED")).await?;
    assert_eq!(deliveries(&owner, &off).await?.len(), 0);

    // What changes counts for the next event.
    let update = json!({"webhookEndpointId": exact.id, "eventTypes": ["booking.*"]});
    owner
        .succeed("updateWebhookEndpoint", update, "webhookEndpoint { id }")
        .await?;
    let delete = json!({"webhookEndpointId": every.id});
    owner
        .succeed("deleteWebhookEndpoint", delete, "webhookEndpoint { id }")
        .await?;
    publish(&owner, "booking.created", json!({})).await?;
    until(&owner, &exact, all(2, "SUCCEEDED")).await?;
    assert_eq!(deliveries(&owner, &every).await?.len(), 3);
    assert_eq!(outside.requests_to("/off").len(), 0);
    jackfield.finish().await
}

async fn a_failure_is_tried_again_and_then_given_up(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let no = || Reply::json(500, &json!({"no": "not now"}));
    outside.answer("/soon", [no(), Reply::default()]);
    outside.answer("/never", [no()]);
    outside.answer("/moved", [Reply::redirect(302, "/soon")]);
    let soon = create(&owner, &outside.url("/soon"), &[]).await?;
    let never = create(&owner, &outside.url("/never"), &[]).await?;
    let moved = create(&owner, &outside.url("/moved"), &[]).await?;
    let event = publish(&owner, "a", json!({})).await?;

    let found = until(&owner, &soon, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["attemptCount"], 2);
    assert_eq!(found[0]["attempts"][0]["statusCode"], 500);
    assert_eq!(
        found[0]["attempts"][0]["responseBody"],
        r#"{"no":"not now"}"#
    );
    let found = until(&owner, &never, all(1, "FAILED")).await?;
    let attempts = found[0]["attempts"].as_array().context("attempts")?;
    assert_eq!(attempts.len(), 3);
    assert_eq!(
        attempts[2]["error"],
        "HTTP_STATUS: answered 500; only a status from 200 to 299 counts as received"
    );
    until(&owner, &moved, all(1, "FAILED")).await?;
    let ids = outside.requests_to("/never");
    assert!(ids.iter().all(|seen| seen.header("webhook-id") == event));
    for request in outside.requests_to("/soon") {
        verify(&soon.secret, &request)?;
    }
    assert_eq!(
        outside.requests_to("/soon").len(),
        2,
        "no redirect led here"
    );
    jackfield.finish().await
}

async fn what_was_given_up_can_be_sent_again(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let no = || Reply::json(503, &json!({}));
    outside.answer("/hook", [no(), no(), no(), no(), Reply::default()]);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    let found = until(&owner, &endpoint, all(1, "FAILED")).await?;
    let input = json!({"deliveryId": found[0]["id"]});
    let resent = owner
        .succeed("resendDelivery", input, "delivery { status }")
        .await?;
    assert_eq!(resent["delivery"]["status"], "PENDING");

    // It is retried as a new one.
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    let triggers: Vec<_> = (0..5)
        .map(|at| found[0]["attempts"][at]["trigger"].as_str())
        .collect();
    let (schedule, manual) = (Some("SCHEDULE"), Some("MANUAL"));
    assert_eq!(triggers, [schedule, schedule, schedule, manual, schedule]);

    let unknown = json!({"deliveryId": endpoint.id});
    let refused = owner
        .mutate("resendDelivery", unknown, "delivery { id }")
        .await?;
    assert_eq!(refused["userErrors"][0]["code"], "NOT_FOUND");
    jackfield.finish().await
}

async fn gone_makes_an_endpoint_inactive(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    outside.answer("/hook", [Reply::json(410, &json!({}))]);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, all(1, "FAILED")).await?;
    let shown = until_inactive(&jackfield, &endpoint).await?;
    assert_eq!(
        shown["disabledReason"],
        "The endpoint has answered 410 Gone."
    );
    publish(&owner, "a", json!({})).await?;
    assert_eq!(deliveries(&owner, &endpoint).await?.len(), 1);

    // Its owner knows better.
    outside.answer("/hook", [Reply::default()]);
    let update = json!({"webhookEndpointId": endpoint.id, "active": true});
    let selection = "webhookEndpoint { active disabledReason }";
    let updated = owner
        .succeed("updateWebhookEndpoint", update, selection)
        .await?;
    assert_eq!(
        updated["webhookEndpoint"],
        json!({"active": true, "disabledReason": null})
    );
    publish(&owner, "a", json!({})).await?;
    until(&owner, &endpoint, |found| found[0]["status"] == "SUCCEEDED").await?;
    jackfield.finish().await
}

async fn nothing_but_failures_makes_an_endpoint_inactive(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let setup = jackfield_tests::Setup::new(engine)?
        .environment("JACKFIELD_WEBHOOK_RETRIES", "100ms,100ms,100ms,100ms,100ms")
        .environment("JACKFIELD_WEBHOOK_GIVE_UP", "300ms");
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();
    outside.answer("/hook", [Reply::json(500, &json!({}))]);
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    publish(&owner, "a", json!({})).await?;
    let shown = until_inactive(&jackfield, &endpoint).await?;
    let reason = shown["disabledReason"].as_str().unwrap_or_default();
    assert!(reason.starts_with("There were nothing but failures since "));
    // What waited for its next attempt is not sent any more.
    until(&owner, &endpoint, |found| found[0]["status"] != "PENDING").await?;
    jackfield.finish().await
}

async fn until_inactive(
    jackfield: &Jackfield,
    endpoint: &super::Endpoint,
) -> Result<serde_json::Value> {
    for _ in 0..500 {
        let shown = show(&jackfield.owner(), endpoint).await?;
        if shown["active"] == false {
            return Ok(shown);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("the endpoint stays active")
}

async fn what_was_given_up_is_an_event_too(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    outside.answer("/bad", [Reply::json(500, &json!({}))]);
    outside.answer("/gone", [Reply::json(410, &json!({}))]);
    let bad = create(&owner, &outside.url("/bad"), &[]).await?;
    let gone = create(&owner, &outside.url("/gone"), &["b"]).await?;
    let ops = create(
        &owner,
        &outside.url("/ops"),
        &["delivery.exhausted", "endpoint.disabled"],
    )
    .await?;
    let event = publish(&owner, "b", json!({})).await?;
    // Two deliveries are given up, and one endpoint.
    until(&owner, &ops, all(3, "SUCCEEDED")).await?;
    let mut told: Vec<_> = outside
        .requests_to("/ops")
        .iter()
        .map(|request| request.json())
        .collect();
    told.sort_by_key(|body| {
        let part = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        (
            part(&body["type"]),
            body["data"]["attempts"].as_u64(),
            part(&body["data"]["error"]),
        )
    });
    assert_eq!(told[0]["data"]["webhookEndpointId"], gone.id);
    assert_eq!(told[1]["data"]["webhookEndpointId"], bad.id);
    assert_eq!(told[1]["data"]["eventId"], event);
    assert_eq!(told[1]["data"]["attempts"], 3);
    assert_eq!(told[2]["type"], "endpoint.disabled");
    assert_eq!(told[2]["data"]["webhookEndpointId"], gone.id);
    // Who gets every type gets none of these.
    let seen = deliveries(&owner, &bad).await?;
    assert_eq!(seen.len(), 1);
    jackfield.finish().await
}

async fn only_what_passes_the_filter_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let filter = "{{ event.data.cents > 1000 and event.type != 'void' }}";
    let input = json!({"url": outside.url("/hook"), "options": {"filter": filter}});
    let endpoint = create_with(&owner, input).await?;
    for (event_type, data) in [
        ("paid", json!({"cents": 1_001})),
        ("paid", json!({"cents": 1_000})),
        ("void", json!({"cents": 5_000})),
        ("paid", json!({"dollars": 5})),
    ] {
        publish(&owner, event_type, data).await?;
    }
    until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    // A replay looks at it too.
    let input = json!({"webhookEndpointId": endpoint.id});
    owner
        .succeed("replayEvents", input, "replay { id }")
        .await?;
    until(&owner, &endpoint, all(2, "SUCCEEDED")).await?;
    let cents: Vec<_> = outside
        .requests()
        .iter()
        .map(|request| request.json()["data"]["cents"].clone())
        .collect();
    assert_eq!(cents, [1_001, 1_001]);

    let update =
        json!({"webhookEndpointId": endpoint.id, "options": {"filter": "{{ event.data. }}"}});
    let selection = "webhookEndpoint { id }";
    let refused = owner
        .mutate("updateWebhookEndpoint", update, selection)
        .await?;
    let error = &refused["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["field"]),
        (
            &json!("INVALID_EXPRESSION"),
            &json!(["input", "options", "filter"])
        )
    );
    let update = json!({"webhookEndpointId": endpoint.id, "options": {"filter": ""}});
    owner
        .succeed("updateWebhookEndpoint", update, selection)
        .await?;
    publish(&owner, "void", json!({})).await?;
    until(&owner, &endpoint, all(3, "SUCCEEDED")).await?;
    jackfield.finish().await
}

async fn a_body_of_ones_own_is_sent(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let transformation = json!({"text": "{{ event.data.who }} has paid {{ event.data.cents }}", "cents": "{{ event.data.cents }}"});
    let options = json!({"transformation": transformation});
    let input = json!({"url": outside.url("/hook"), "options": options});
    let endpoint = create_with(&owner, input).await?;
    publish(&owner, "paid", json!({"who": "Ada", "cents": 12})).await?;
    let requests = outside.wait_for(1).await?;
    verify(&endpoint.secret, &requests[0])?;
    assert_eq!(
        requests[0].json(),
        json!({"text": "Ada has paid 12", "cents": 12})
    );
    publish(&owner, "paid", json!({"cents": 12})).await?;
    let found = until(&owner, &endpoint, |found| {
        found.first().is_some_and(|row| row["status"] == "FAILED")
    })
    .await?;
    let error = found[0]["attempts"][0]["error"]
        .as_str()
        .unwrap_or_default();
    assert!(
        error.starts_with("TRANSFORMATION: the body cannot be made: ") && error.contains("who"),
        "{error}"
    );
    jackfield.finish().await
}

async fn the_order_is_kept(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = start(engine).await?;
    let owner = jackfield.owner();
    let no = || Reply::json(500, &json!({}));
    outside.answer("/hook", [no(), Reply::default(), no(), Reply::default()]);
    let options = json!({"ordering": "STRICT"});
    let input = json!({"url": outside.url("/hook"), "options": options});
    let endpoint = create_with(&owner, input).await?;
    let options = json!({"ordering": "STRICT", "orderingKey": "who.id"});
    let input = json!({"url": outside.url("/keyed"), "options": options});
    let keyed = create_with(&owner, input).await?;
    let mut events = Vec::new();
    for number in 0..20 {
        let data = json!({"number": number, "who": {"id": number % 2}});
        events.push(publish(&owner, "a", data).await?);
    }
    until(&owner, &endpoint, all(20, "SUCCEEDED")).await?;
    let mut arrived: Vec<String> = outside
        .requests_to("/hook")
        .iter()
        .map(|request| request.header("webhook-id").to_owned())
        .collect();
    assert_eq!(arrived.len(), 22, "two were sent twice");
    arrived.dedup();
    assert_eq!(arrived, events);

    until(&owner, &keyed, all(20, "SUCCEEDED")).await?;
    let arrived = outside.requests_to("/keyed");
    for key in 0..2 {
        let of_key = arrived
            .iter()
            .map(|request| request.json()["data"].clone())
            .filter(|data| data["who"]["id"] == key);
        let numbers: Vec<i64> = of_key.filter_map(|data| data["number"].as_i64()).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
        assert_eq!(numbers.len(), 10);
    }
    jackfield.finish().await
}

async fn the_rate_is_kept(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let options = json!({"rateLimit": 20});
    let input = json!({"url": outside.url("/hook"), "options": options});
    let endpoint = create_with(&owner, input).await?;
    let events: Vec<_> = (0..30).map(|_| json!({"type": "a", "data": {}})).collect();
    let input = json!({"events": events});
    owner
        .succeed("publishEvents", input, "events { id }")
        .await?;
    let found = until(&owner, &endpoint, all(30, "SUCCEEDED")).await?;
    let mut instants: Vec<jiff::Timestamp> = found
        .iter()
        .filter_map(|row| row["attempts"][0]["attemptedAt"].as_str())
        .filter_map(|text| text.parse().ok())
        .collect();
    instants.sort();
    // Twenty a second, a few more where two seconds meet.
    for (at, instant) in instants.iter().enumerate().skip(22) {
        let before = instant.duration_since(instants[at - 22]);
        assert!(before.as_millis() >= 1_000, "{at}: {before:?}");
    }
    jackfield.finish().await
}

async fn a_payload_of_another_kind_is_sent_as_it_is(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url("/hook"), &[]).await?;
    for (content_type, body) in [
        ("application/xml", b"<paid cents=\"1\"/>".as_slice()),
        ("application/octet-stream", &[0, 159, 146, 150]),
    ] {
        let sent = reqwest::Client::new()
            .post(jackfield.url("/v1/events?type=invoice.paid"))
            .bearer_auth(jackfield.owner_key())
            .header("content-type", content_type)
            .body(body.to_vec());
        assert_eq!(sent.send().await?.status(), 202);
    }
    until(&owner, &endpoint, all(2, "SUCCEEDED")).await?;
    let mut requests = outside.requests();
    requests.sort_by_key(|request| request.body.len());
    let [bytes, text] = requests.as_slice() else {
        anyhow::bail!("{requests:?}");
    };
    assert_eq!(bytes.body.as_ref(), [0, 159, 146, 150]);
    assert_eq!(text.text(), "<paid cents=\"1\"/>");
    assert_eq!(text.header("content-type"), "application/xml");
    assert_eq!(text.header("webhook-event-type"), "invoice.paid");
    // The library takes text only.
    verify(&endpoint.secret, text)?;
    jackfield.finish().await
}

async fn a_test_event_says_so(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let endpoint = create(&owner, &outside.url("/hook"), &["invoice.paid"]).await?;
    let bystander = create(&owner, &outside.url("/other"), &[]).await?;
    let example = json!({"name": "invoice.paid", "example": {"cents": 1}});
    owner
        .succeed("createEventType", example, "eventType { id }")
        .await?;
    let input = json!({"webhookEndpointId": endpoint.id});
    let sent = owner
        .succeed("sendTestEvent", input, "event { id type } delivery { id }")
        .await?;
    assert_eq!(sent["event"]["type"], "invoice.paid");
    let requests = outside.wait_for(1).await?;
    verify(&endpoint.secret, &requests[0])?;
    let body = requests[0].json();
    assert_eq!(
        (&body["test"], &body["data"]),
        (&json!(true), &json!({"cents": 1}))
    );
    let found = until(&owner, &endpoint, all(1, "SUCCEEDED")).await?;
    assert_eq!(found[0]["id"], sent["delivery"]["id"]);
    assert_eq!(deliveries(&owner, &bystander).await?.len(), 0);
    jackfield.finish().await
}
