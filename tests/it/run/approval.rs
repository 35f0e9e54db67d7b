//! A person is asked: over a signed link or over the API, once.

use anyhow::{Context, Result};
use insta::{allow_duplicates, assert_json_snapshot, assert_snapshot};
use jackfield_tests::{
    Engine, Jackfield, Receiver, Reply, Workflow, graph, node, on_both_engines, step,
};
use serde_json::{Value, json};

on_both_engines![
    a_link_asks_and_takes_one_answer,
    a_link_that_nobody_signed_asks_nothing,
    a_link_opened_too_early_says_so,
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

/// What a browser is shown, without the style sheet: the status, what the headers forbid it, and the page.
async fn seen(request: reqwest::RequestBuilder) -> Result<String> {
    let request = request.header("accept", "text/html,application/xhtml+xml");
    let response = request.send().await?;
    let header = |name: &str| {
        let value = response.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let head = [
        response.status().to_string(),
        header("content-type"),
        header("cache-control"),
        header("referrer-policy"),
        header("content-security-policy"),
    ]
    .join("\n");
    let page = response.text().await?;
    let (before, style) = page.split_once("<style>").context("a page has a style")?;
    let (_, after) = style.split_once("</style>").context("a style ends")?;
    Ok(format!(
        "{head}\n\n{}",
        format!("{before}{after}").replace("><", ">\n<")
    ))
}

/// Opens a link.
async fn open(link: &str) -> Result<String> {
    seen(reqwest::Client::new().get(link)).await
}

/// Sends the form of the page, from a page that tells nobody where it is from.
async fn answer(link: &str, form: &str) -> Result<String> {
    let request = reqwest::Client::new()
        .post(link)
        .header("origin", "null")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned());
    seen(request).await
}

const YES: &str = "comment=Alles+gut%2C+Stra%C3%9Fe+12&decision=APPROVED";
const NO: &str = "comment=&decision=REJECTED";

#[expect(clippy::too_many_lines, reason = "each answer is shown whole")]
async fn a_link_asks_and_takes_one_answer(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let definition = signed(&outside, json!({"message": "Pay <b>12 €</b>?"}));
    let workflow = jackfield.owner().publish("Sign", definition).await?;
    let (run, link) = asked(&jackfield, &outside, &workflow).await?;

    // Opening it, as mail scanners do, changes nothing, and neither does a form without an answer.
    let shown = open(&link).await?;
    let unanswered = answer(&link, "comment=hm&decision=MAYBE").await?;
    let now = jackfield.owner().run(&run).await?;
    assert_eq!(step(&now, "sign")["status"], "WAITING");
    let taken = answer(&link, YES).await?;
    // At once, when the run may not have heard of it yet.
    let again = answer(&link, NO).await?;
    assert!(again.starts_with("409 "), "{again}");
    let run = jackfield.owner().ended(&run).await?;
    let later = open(&link).await?;
    let too_late = answer(&link, YES).await?;
    let story = [shown, unanswered, taken, later, too_late].join("\n\n");
    allow_duplicates! {
        assert_snapshot!(story, @r#"
    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Approval</title>
    <h1>Approval</h1>
    <p class=message>Pay &lt;b&gt;12 €&lt;/b&gt;?</p>
    <form method=post>
    <label for=comment>Comment</label>
    <textarea id=comment name=comment maxlength=10000>
    </textarea>
    <button class=yes name=decision value=APPROVED>Approve</button>
    <button name=decision value=REJECTED>Reject</button>
    </form>
    </html>

    400 Bad Request
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>What is your answer?</title>
    <h1>What is your answer?</h1>
    <p>Go back and choose one of the two buttons.</p>
    </html>

    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Thank you</title>
    <h1>Thank you</h1>
    <p>Your answer was taken.</p>
    </html>

    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Approval</title>
    <h1>Approval</h1>
    <p>This was approved.</p>
    </html>

    409 Conflict
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Your answer was not taken</title>
    <h1>Your answer was not taken</h1>
    <p>This was approved.</p>
    </html>
    "#);
    }

    let said = &step(&run, "yes")["output"]["message"];
    assert_eq!(
        (&said["decision"], &said["comment"], &said["decidedBy"]),
        (
            &json!("APPROVED"),
            &json!("Alles gut, Straße 12"),
            &json!("link")
        ),
        "{run:#}"
    );
    assert_eq!(step(&run, "no")["status"], "SKIPPED", "{run:#}");
    jackfield.finish().await
}

async fn a_link_that_nobody_signed_asks_nothing(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    let jackfield = Jackfield::start(engine).await?;
    let definition = signed(&outside, json!({"message": "Pay?"}));
    let workflow = jackfield.owner().publish("Sign", definition).await?;
    let (run, link) = asked(&jackfield, &outside, &workflow).await?;
    let (other, other_link) = asked(&jackfield, &outside, &workflow).await?;

    let (named, tag) = link.rsplit_once('~').context("a link ends with its tag")?;
    let (_, other_tag) = other_link.rsplit_once('~').context("so does the other")?;
    let last = if tag.ends_with('0') { "1" } else { "0" };
    let wrong = [
        ("another tag", format!("{}{last}", &link[..link.len() - 1])),
        ("a shorter tag", link[..link.len() - 1].to_owned()),
        ("no tag", named.to_owned()),
        ("the tag of another run", format!("{named}~{other_tag}")),
        ("another node", link.replace("~sign~", "~mail~")),
        ("another item", link.replace("~sign~", "~sign~3")),
        (
            "another letter case",
            format!("{named}~{}", tag.to_uppercase()),
        ),
    ];
    let mut refusal = None;
    for (what, link) in &wrong {
        let shown = open(link).await?;
        assert_eq!(answer(link, YES).await?, shown, "{what}");
        assert_eq!(refusal.get_or_insert(shown.clone()), &shown, "{what}");
    }
    allow_duplicates! {
        assert_snapshot!(refusal.unwrap_or_default(), @r#"
    404 Not Found
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>There is no such question</title>
    <h1>There is no such question</h1>
    <p>The link is not complete, or not one of this server.</p>
    </html>
    "#);
    }
    for (run, link) in [(&run, &link), (&other, &other_link)] {
        let now = jackfield.owner().run(run).await?;
        assert_eq!(step(&now, "sign")["status"], "WAITING", "{now:#}");
        answer(link, NO).await?;
        jackfield.owner().ended(run).await?;
    }
    jackfield.finish().await
}

async fn a_link_opened_too_early_says_so(engine: Engine) -> Result<()> {
    let outside = Receiver::start().await?;
    outside.answer("/mail", [Reply::hang()]);
    let jackfield = Jackfield::start(engine).await?;
    let owner = jackfield.owner();
    let definition = signed(&outside, json!({"message": "Pay?"}));
    let workflow = owner.publish("Sign", definition).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    let mails = outside.wait_for(1).await?;
    let link = mails[0].json()["link"].clone();
    let link = link.as_str().context("the mail has a link")?;
    let mut story = vec![open(link).await?, answer(link, YES).await?];
    let input = json!({"runId": run});
    owner.succeed("cancelRun", input, "run { id }").await?;
    owner.ended(&run).await?;
    story.push(open(link).await?);
    allow_duplicates! {
        assert_snapshot!(story.join("\n\n"), @r#"
    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Approval</title>
    <h1>Approval</h1>
    <p>Nothing is asked yet. Open the link again later.</p>
    </html>

    409 Conflict
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Your answer was not taken</title>
    <h1>Your answer was not taken</h1>
    <p>Nothing is asked yet. Open the link again later.</p>
    </html>

    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Approval</title>
    <h1>Approval</h1>
    <p>The run ended without coming to this question.</p>
    </html>
    "#);
    }
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

    let answers = [
        decide("mail", "APPROVED").await?,
        decide("sign", "REJECTED").await?,
        decide("sign", "APPROVED").await?,
    ];
    allow_duplicates! {
        assert_json_snapshot!(answers, @r#"
    [
      {
        "step": null,
        "userErrors": [
          {
            "field": [
              "input",
              "stepId"
            ],
            "code": "CONFLICT",
            "message": "nobody is asked here at the moment: the run has not come to it, it was answered already, or it is over"
          }
        ]
      },
      {
        "step": {
          "nodeKey": "sign"
        },
        "userErrors": []
      },
      {
        "step": null,
        "userErrors": [
          {
            "field": [
              "input",
              "stepId"
            ],
            "code": "CONFLICT",
            "message": "nobody is asked here at the moment: the run has not come to it, it was answered already, or it is over"
          }
        ]
      }
    ]
    "#);
    }
    assert!(answer(&link, YES).await?.starts_with("409 "));
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
    let story = [open(&link).await?, answer(&link, YES).await?].join("\n\n");
    allow_duplicates! {
        assert_snapshot!(story, @r#"
    200 OK
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Approval</title>
    <h1>Approval</h1>
    <p>Nobody is asked any more.</p>
    </html>

    409 Conflict
    text/html; charset=utf-8
    no-store
    no-referrer
    default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'

    <!doctype html>
    <html lang=en>
    <meta charset=utf-8>
    <meta name=viewport content="width=device-width">
    <meta name=robots content=noindex>
    <title>Your answer was not taken</title>
    <h1>Your answer was not taken</h1>
    <p>Nobody is asked any more.</p>
    </html>
    "#);
    }

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
    assert!(open(&link).await?.contains("Still there?"));
    assert!(answer(&link, YES).await?.starts_with("200 "));
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
