use jackfield_plugin_abi::messages::{
    CredentialSlot, OptionsQuery, PollInput, ResourceQuery, ResourceRef,
};
use jackfield_plugin_host::{IncomingRequest, Operation};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use crate::world::{BOTH, Plugins, World, call, shown};

fn raw(json: &Value) -> Box<RawValue> {
    to_raw_value(json).unwrap()
}

/// An operation of the desk's provider, whose settings say what to answer.
fn of_desk(settings: &RawValue) -> Operation<'_> {
    let slot = CredentialSlot {
        slot: "default".into(),
        provider: "desk".into(),
        settings: Some(settings),
    };
    Operation {
        credentials: vec![slot],
        ..Operation::of_provider("desk")
    }
}

#[tokio::test]
async fn operations_carry_typed_arguments_and_results() {
    let plugins = Plugins::new().desk(&[]);
    let world = World::default();
    for isolation in BOTH {
        let host = plugins.host(isolation).await;
        let polled = json!({"say": {"events": [{"dedupeKey": "e1", "type": "desk.rang", "data": {"n": 1}}], "cursor": 7, "more": true}});
        let config = raw(&polled);
        let input = PollInput {
            cursor: Some(raw(&json!(6))),
            limit: 10,
        };
        let operation = Operation::of_node("desk-poll", &config);
        let polled = host.poll(&operation, &input, &world).await.unwrap();
        insta::allow_duplicates! {
            let polled = serde_json::to_string(&polled).unwrap();
            insta::assert_snapshot!(polled, @r#"{"events":[{"dedupeKey":"e1","type":"desk.rang","data":{"n":1}}],"cursor":7,"more":true}"#);
        }
        let settings = raw(&json!({"say": {"challenge": {"status": 200, "body": "hello"}}}));
        let request = IncomingRequest {
            method: "POST",
            url: "https://jackfield.example/hooks/1",
            headers: &[("x-signature".into(), "abc".into())],
            body: b"{}",
        };
        let received = host.receive(&of_desk(&settings), request, &world).await;
        insta::allow_duplicates! {
            insta::assert_compact_debug_snapshot!(received.unwrap(), @r#"Challenge(WebhookReply { status: 200, headers: [], body: Some("hello") })"#);
        }
        let config = raw(&json!({"say": {"options": [{"value": 1, "label": "One"}]}}));
        let query = OptionsQuery {
            source: "rooms".into(),
            ..OptionsQuery::default()
        };
        let operation = Operation::of_node("desk", &config);
        let options = host.options(&operation, &query, &world).await.unwrap();
        assert_eq!(options.options[0].label, "One");
        let settings = raw(&json!({"say": {"account": "Acme Ltd"}}));
        let tested = host.test_credential(&of_desk(&settings), &world).await;
        assert_eq!(tested.unwrap().account.as_deref(), Some("Acme Ltd"));
        let settings = raw(
            &json!({"say": {"resources": [{"value": "r1", "label": "R", "status": "PENDING"}]}}),
        );
        let query = ResourceQuery {
            resource_type: "room".into(),
            cursor: None,
        };
        let resources = host.resources(&of_desk(&settings), &query, &world).await;
        assert_eq!(resources.unwrap().resources[0].value, "r1");
        let settings = raw(&json!({"say": {"status": "VERIFIED"}}));
        let resource = ResourceRef {
            resource_type: "room".into(),
            value: "r1".into(),
        };
        let verified = host
            .verify_resource(&of_desk(&settings), &resource, &world)
            .await;
        insta::allow_duplicates! {
            insta::assert_compact_debug_snapshot!(verified.unwrap(), @"ResourceVerified { status: Verified, message: None }");
        }
    }
}

#[tokio::test]
async fn what_the_plugin_is_asked_is_the_call() {
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(BOTH[0]).await;
    // Without anything to say it returns the call, which is no result of the operation; but the error is about it.
    let config = raw(&json!({"mode": "echo"}));
    let call = crate::world::plain_call("desk", &config);
    let echoed = host.call(&call, &World::default()).await;
    insta::assert_snapshot!(shown(echoed), @r#"{"op":"node.execute","node":"desk","config":{"mode":"echo"},"input":null,"attempt":1,"idempotencyKey":"step-1"}"#);
}

#[tokio::test]
async fn a_result_that_is_none_is_the_plugins_fault() {
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(BOTH[0]).await;
    let world = World::default();
    let poll = async |say: Value| {
        let config = raw(&json!({"say": say}));
        let input = PollInput {
            cursor: None,
            limit: 1,
        };
        let operation = Operation::of_node("desk-poll", &config);
        let error = host.poll(&operation, &input, &world).await.unwrap_err();
        error.to_string().replace("; this is a mistake in the plugin, which `jackfield plugin check` helps its author to find", "")
    };
    let event = json!({"dedupeKey": "e", "data": 1});
    insta::assert_snapshot!(poll(json!(1)).await, @"PLUGIN_FAULT: the plugin desk: its result of trigger.poll: invalid type: integer `1`, expected struct Polled at line 1 column 1");
    insta::assert_snapshot!(poll(json!({"events": [event, event]})).await, @"PLUGIN_FAULT: the plugin desk: its result of trigger.poll: events has 2 entries, at most 1 were asked for");
    insta::assert_snapshot!(poll(json!({"events": [{"dedupeKey": "", "data": 1}]})).await, @"PLUGIN_FAULT: the plugin desk: its result of trigger.poll: events[0].dedupeKey is empty");
}

#[tokio::test]
async fn what_a_plugin_does_not_offer_is_not_asked_of_it() {
    let plugins = Plugins::new().desk(&[]).puppet(None);
    let host = plugins.host(BOTH[0]).await;
    let world = World::default();
    let config = raw(&json!({}));
    let mut all = String::new();
    let mut note = |error: String| all += &format!("{error}\n");
    let input = PollInput::default();
    let operation = Operation::of_node("desk", &config);
    note(
        host.poll(&operation, &input, &world)
            .await
            .unwrap_err()
            .to_string(),
    );
    let query = OptionsQuery {
        source: "cars".into(),
        ..OptionsQuery::default()
    };
    note(
        host.options(&operation, &query, &world)
            .await
            .unwrap_err()
            .to_string(),
    );
    let acme = Operation::of_provider("acme");
    note(
        host.test_credential(&acme, &world)
            .await
            .unwrap_err()
            .to_string(),
    );
    let query = ResourceQuery {
        resource_type: "car".into(),
        cursor: None,
    };
    let desk = Operation::of_provider("desk");
    note(
        host.resources(&desk, &query, &world)
            .await
            .unwrap_err()
            .to_string(),
    );
    let nobody = Operation::of_provider("nobody");
    note(
        host.resources(&nobody, &query, &world)
            .await
            .unwrap_err()
            .to_string(),
    );
    insta::assert_snapshot!(all, @r#"
    UNSUPPORTED: the plugin desk: the node "desk" is no trigger that is polled
    UNSUPPORTED: the plugin desk: the node "desk" has no options "cars"
    UNSUPPORTED: the plugin puppet: it has no test for credentials
    UNSUPPORTED: the plugin desk: it knows no resources of the type "car"
    PLUGIN_MISSING: no plugin that is loaded brings the provider "nobody"; install one, or see `jackfield plugin list` for why it is not loaded
    "#);
}

#[tokio::test]
async fn a_secret_is_revealed_to_whom_it_is_granted() {
    let asked = json!({"mode": "reveal"});
    let plugins = Plugins::new().desk(&[]);
    let host = plugins.host(BOTH[0]).await;
    let refused = shown(call(&host, &World::default(), "desk", asked.clone()).await);
    insta::assert_snapshot!(refused, @r#"{"events":[{"id":1,"err":{"code":"CAPABILITY_NOT_GRANTED","message":"the plugin desk uses secret.reveal without asking for it in its manifest; let the host put the credential on the request","retryable":false}}]}"#);
    let plugins = Plugins::new().desk(&[r#"-DCAPABILITIES="\"secret.reveal\"""#]);
    let host = plugins.host(BOTH[0]).await;
    let revealed = shown(call(&host, &World::default(), "desk", asked).await);
    insta::assert_snapshot!(revealed, @r#"{"events":[{"id":1,"ok":{"value":"default.token"}}]}"#);
}
