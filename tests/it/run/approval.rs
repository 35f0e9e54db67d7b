//! A person is asked: over a signed link or over the API, once.

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Workflow, graph, node, on_both_engines, step};
use serde_json::{Value, json};

on_both_engines![
    a_link_asks_and_takes_one_answer,
    the_api_takes_one_answer,
    nobody_answers_in_time,
    an_approval_outlives_the_server,
];

/// Sends the link before it asks.
fn signed(outside: &Receiver, approval: Value) -> Value {
    let mail = json!({"url": outside.url("/mail"), "method": "POST", "body": {"link": "{{ run.approvals.sign }}"}});
    let said = |key: &str| node(key, "debug", json!({"message": "{{ steps.sign.output }}"}));
    let nodes = [
        node("start", "manual", json!({})),
        node("mail", "api-endpoint", mail),
        node("sign", "approval", approval),
        said("yes"),
        said("no"),
        said("silence"),
    ];
    let edges = [
        "start -> mail",
        "mail -> sign",
        "sign.approved -> yes",
        "sign.rejected -> no",
        "sign.timeout -> silence",
    ];
    graph(nodes, &edges)
}

/// A run that asks, with the link that it has sent.
async fn asked(
    jackfield: &Jackfield,
    outside: &Receiver,
    workflow: &Workflow,
) -> Result<(String, String)> {
    let sent = outside.requests().len();
    let run = jackfield.owner().start_run(workflow, json!({})).await?;
    let mails = outside.wait_for(sent + 1).await?;
    let link = mails[sent].json()["link"].clone();
    let link = link.as_str().context("the mail has a link")?.to_owned();
    assert!(link.starts_with(&jackfield.url("/approvals/")), "{link}");
    jackfield.owner().reached(&run, "sign", "WAITING").await?;
    Ok((run, link))
}

/// The status and the text of the page behind a link.
async fn open(link: &str) -> Result<(u16, String)> {
    let response = reqwest::get(link).await?;
    Ok((response.status().as_u16(), response.text().await?))
}

/// Sends the form of the page.
async fn answer(link: &str, decision: &str, comment: &str) -> Result<(u16, String)> {
    let form = [("decision", decision), ("comment", comment)];
    let body = form
        .map(|(name, value)| format!("{name}={value}"))
        .join("&");
    let request = reqwest::Client::new()
        .post(link)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let response = request.send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

async fn a_link_asks_and_takes_one_answer(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let definition = signed(&outside, json!({"message": "Pay <b>12 €</b>?"}));
    let workflow = jackfield.owner().publish("Sign", definition).await?;
    let (run, link) = asked(&jackfield, &outside, &workflow).await?;

    // Opening it, as mail scanners do, changes nothing.
    let (status, page) = open(&link).await?;
    assert_eq!(status, 200);
    assert!(page.contains("Pay &lt;b&gt;12 €&lt;/b&gt;?"), "{page}");
    assert!(page.contains("<form method=post>"), "{page}");
    let now = jackfield.owner().run(&run).await?;
    assert_eq!(step(&now, "sign")["status"], "WAITING");

    // No other link does, and no other answer.
    let last = if link.ends_with('0') { "1" } else { "0" };
    let changed = format!("{}{last}", &link[..link.len() - 1]);
    let elsewhere = link.replace("~sign~", "~mail~");
    for wrong in [&changed, &elsewhere] {
        assert_eq!(open(wrong).await?.0, 404);
        assert_eq!(answer(wrong, "APPROVED", "").await?.0, 404);
    }
    assert_eq!(answer(&link, "MAYBE", "").await?.0, 400);
    let now = jackfield.owner().run(&run).await?;
    assert_eq!(step(&now, "sign")["status"], "WAITING");

    let (status, page) = answer(&link, "APPROVED", "All+good").await?;
    assert_eq!(status, 200);
    assert!(page.contains("Your answer was taken."), "{page}");
    let (status, page) = answer(&link, "REJECTED", "").await?;
    assert_eq!(status, 409, "{page}");
    let run = jackfield.owner().ended(&run).await?;
    let said = &step(&run, "yes")["output"]["message"];
    assert_eq!(
        (&said["decision"], &said["comment"], &said["decidedBy"]),
        (&json!("APPROVED"), &json!("All good"), &json!("link")),
        "{run:#}"
    );
    assert_eq!(step(&run, "no")["status"], "SKIPPED", "{run:#}");
    assert!(open(&link).await?.1.contains("This was approved."));
    jackfield.finish().await
}

async fn the_api_takes_one_answer(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let definition = signed(&outside, json!({}));
    let workflow = owner.publish("Sign", definition).await?;
    let (run, link) = asked(&jackfield, &outside, &workflow).await?;
    let now = owner.run(&run).await?;
    let decide = async |node: &str, decision: &str| {
        let input =
            json!({"stepId": step(&now, node)["id"], "decision": decision, "comment": "too much"});
        owner
            .mutate("decideApproval", input, "step { nodeKey }")
            .await
    };

    let wrong = decide("mail", "APPROVED").await?;
    assert_eq!(wrong["userErrors"][0]["code"], "CONFLICT", "{wrong:#}");
    let taken = decide("sign", "REJECTED").await?;
    assert_eq!(
        taken,
        json!({"step": {"nodeKey": "sign"}, "userErrors": []})
    );
    let second = decide("sign", "APPROVED").await?;
    assert_eq!(second["userErrors"][0]["code"], "CONFLICT", "{second:#}");
    assert_eq!(answer(&link, "APPROVED", "").await?.0, 409);
    let run = owner.ended(&run).await?;
    let said = &step(&run, "no")["output"]["message"];
    assert_eq!(said["comment"], "too much", "{run:#}");
    assert_ne!(said["decidedBy"], "link", "{run:#}");
    assert_eq!(step(&run, "yes")["status"], "SKIPPED", "{run:#}");
    jackfield.finish().await
}

async fn nobody_answers_in_time(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let mut definition = signed(&outside, json!({"timeout": "PT0.5S"}));
    let workflow = owner.publish("Sign soon", definition.clone()).await?;
    let (run, link) = asked(&jackfield, &outside, &workflow).await?;
    let run = owner.ended(&run).await?;
    assert_eq!(run["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(step(&run, "silence")["status"], "SUCCEEDED", "{run:#}");
    assert_eq!(answer(&link, "APPROVED", "").await?.0, 409);
    assert!(open(&link).await?.1.contains("Nobody is asked any more."));

    // Without an edge from the port, the time is up for the run too.
    if let Some(edges) = definition["edges"].as_array_mut() {
        edges.retain(|edge| edge["fromPort"] != "timeout");
    }
    if let Some(nodes) = definition["nodes"].as_array_mut() {
        nodes.retain(|node| node["key"] != "silence");
    }
    let run = owner.run_once(definition, json!({})).await?;
    assert_eq!(
        (
            &run["status"],
            &run["error"]["code"],
            &run["error"]["nodeKey"]
        ),
        (&json!("FAILED"), &json!("TIMEOUT"), &json!("sign")),
        "{run:#}"
    );
    jackfield.finish().await
}

async fn an_approval_outlives_the_server(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let mut jackfield = Jackfield::start(engine).await?;
    let definition = signed(&outside, json!({"message": "Still there?"}));
    let workflow = jackfield.owner().publish("Sign", definition).await?;
    let (one, link) = asked(&jackfield, &outside, &workflow).await?;
    let (other, _) = asked(&jackfield, &outside, &workflow).await?;
    jackfield.kill().await?;
    jackfield.restart().await?;
    jackfield.terminate().await?;
    jackfield.restart().await?;

    let owner = jackfield.owner();
    assert!(open(&link).await?.1.contains("Still there?"));
    assert_eq!(answer(&link, "APPROVED", "").await?.0, 200);
    let now = owner.run(&other).await?;
    let input = json!({"stepId": step(&now, "sign")["id"], "decision": "REJECTED"});
    owner
        .succeed("decideApproval", input, "step { id }")
        .await?;
    let (one, other) = (owner.ended(&one).await?, owner.ended(&other).await?);
    assert_eq!(step(&one, "yes")["status"], "SUCCEEDED", "{one:#}");
    assert_eq!(step(&other, "no")["status"], "SUCCEEDED", "{other:#}");
    assert_eq!(outside.requests().len(), 2);
    jackfield.finish().await
}
