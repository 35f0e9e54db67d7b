//! What Stripe tells reaches those who care.

use anyhow::{Result, ensure};
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::stripe::{PAYMENT_SUCCEEDED, WEBHOOK_SECRET};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, on_both_engines};
use serde_json::json;

use super::{only, start};

on_both_engines![
    payments_failures_and_disputes_are_told_apart,
    a_large_payment_is_told_to_finance,
];

async fn payments_failures_and_disputes_are_told_apart(engine: Engine) -> Result<()> {
    let (jackfield, slack) = start(engine).await?;
    let owner = jackfield.owner();
    let workflow = jackfield.apply_example("stripe-to-slack.yaml").await?;
    let hook = &workflow.hooks[0];
    let event = |id: &str, kind: &str, object: serde_json::Value| {
        json!({"id": id, "object": "event", "type": kind, "created": 1_763_654_400, "data": {"object": object}}).to_string()
    };
    let error = json!({"message": "Your card has expired."});
    let failed =
        json!({"id": "pi_2", "amount": 500, "currency": "eur", "last_payment_error": error});
    let evidence = json!({"due_by": 1_764_547_200});
    let dispute = json!({"id": "du_1", "amount": 12900, "currency": "eur", "reason": "product_not_received", "evidence_details": evidence});
    let events = [
        PAYMENT_SUCCEEDED.to_owned(),
        event("evt_2", "payment_intent.payment_failed", failed),
        event("evt_3", "charge.dispute.created", dispute),
        event("evt_4", "customer.created", json!({"id": "cus_1"})),
    ];
    for (count, event) in events.iter().enumerate() {
        let answer = hook.post_stripe(WEBHOOK_SECRET, event).await?;
        ensure!(answer.status == 200, "{}", answer.text);
        owner.ended_runs_of(&workflow, count + 1).await?;
    }
    let forged = hook.post_stripe("whsec_guess", PAYMENT_SUCCEEDED).await?;
    assert_eq!(forged.status, 401);
    let messages = slack.messages().into_iter();
    let messages: Vec<_> = messages.map(|message| message.text()).collect();
    allow_duplicates! {
        assert_snapshot!(messages.join("\n"), @"
        channel=%23payments&text=129.00+EUR+from+somebody
        channel=%23payments&text=*Failed%3A*+pi_2.+Your+card+has+expired.
        channel=%23payments&text=*Disputed%3A*+129.00+EUR%2C+product+not+received.+Answer+by+1+December.
        ");
    }
    jackfield.finish().await
}

async fn a_large_payment_is_told_to_finance(engine: Engine) -> Result<()> {
    let chat = Receiver::start().await?;
    let jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    owner
        .set_variable("financeChatUrl", chat.url("/hooks/finance"))
        .await?;
    chat.answer(
        "/hooks/finance",
        [Reply::json(503, &json!({})), Reply::default()],
    );
    let workflow = jackfield.apply_example("large-payments.yaml").await?;
    let large = PAYMENT_SUCCEEDED.replace("12900", "129000");
    let answer = workflow.hooks[0]
        .post_stripe(WEBHOOK_SECRET, &large)
        .await?;
    ensure!(answer.status == 200, "{}", answer.text);
    let run = only(&owner, &workflow).await?;
    let told = owner.told_of(&run, &[("chat", &chat)]).await?;
    allow_duplicates! {
        assert_snapshot!(told, @r#"
        SUCCEEDED
        paid SUCCEEDED -> data-out
        large SUCCEEDED -> true {"condition":true}
        notice SUCCEEDED -> data-out {"text":"1290.00 EUR from somebody","fee":3771,"day":"20 November 2025"}
        tell SUCCEEDED after 2 attempts -> data-out {"status":200,"body":{"ok":true},"bodyType":"json","contentType":"application/json"}
        missed SKIPPED
        chat <- POST /hooks/finance {"text":"1290.00 EUR from somebody, on 20 November 2025"}
        chat <- POST /hooks/finance {"text":"1290.00 EUR from somebody, on 20 November 2025"}
        "#);
    }
    jackfield.finish().await
}
