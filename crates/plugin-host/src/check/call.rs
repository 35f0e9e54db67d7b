use std::borrow::Cow;

use jackfield_plugin_abi::frame::encode;
use jackfield_plugin_abi::messages::{
    Answer, Empty, Event, Events, Example, Manifest, NodeManifest, Outcome, code, port,
};
use serde_json::{Value, json};

use super::catalogue::{
    CANCEL, CLOSE, EXAMPLES, RUN, Rule, UNKNOWN_EVENT, UNKNOWN_NODE, UNKNOWN_OPERATION,
    UNUSABLE_CONFIG,
};
use super::report::Verdict::{self, Fail, Pass, Skip, Warn};
use super::sample::{Sample, call_of, samples, slots};
use super::stage::{End, Play, Stop, Wrong, play, play_until, survived};
use super::subject::Subject;
use super::suite::Suite;
use super::world::{Mood, World};

/// Most awaits of a call at which it is closed or cancelled.
const AWAITS: usize = 16;
/// Most stops that a cancelled call may still make.
const TIDYING: usize = 8;

/// Calls, whole and broken off.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    for (rule, op, node) in [
        (
            &UNKNOWN_OPERATION,
            "check.no-such-operation",
            manifest.nodes.first().map_or("", |node| &node.node_type),
        ),
        (&UNKNOWN_NODE, "node.execute", "check-no-such-node"),
    ] {
        if suite.wants(rule, "") {
            let verdict = unknown(subject, op, node).await.unwrap_or_else(Fail);
            suite.note(rule, "", verdict);
        }
    }
    for node in &manifest.nodes {
        for rule in [
            &UNUSABLE_CONFIG,
            &RUN,
            &EXAMPLES,
            &UNKNOWN_EVENT,
            &CLOSE,
            &CANCEL,
        ] {
            if suite.wants(rule, &node.node_type) {
                let verdict = of_node(subject, node, rule).await.unwrap_or_else(Fail);
                suite.note(rule, &node.node_type, verdict);
            }
        }
    }
}

async fn of_node(
    subject: &Subject,
    node: &NodeManifest,
    rule: &'static Rule,
) -> Result<Verdict, String> {
    if rule.key == UNUSABLE_CONFIG.key {
        return bad_configs(subject, node).await;
    }
    if rule.key == EXAMPLES.key {
        return examples(subject, node).await;
    }
    let samples = samples(node);
    if samples.is_empty() {
        return Ok(Skip(
            "no config could be made up from its schema; give it examples".into(),
        ));
    }
    match rule.key {
        key if key == RUN.key => runs(subject, node, &samples).await,
        key if key == UNKNOWN_EVENT.key => unknown_event(subject, node, &samples[0]).await,
        key if key == CLOSE.key => closes(subject, node, &samples).await,
        _ => cancels(subject, node, &samples).await,
    }
}

async fn unknown(subject: &Subject, op: &str, node: &str) -> Result<Verdict, String> {
    let process = subject.process()?;
    let call = call_of(&json!({}), &json!({}), |call| {
        call.op = Cow::Owned(op.to_owned());
        call.node = Cow::Owned(node.to_owned());
    });
    let end = play(&process, &call, &mut subject.world(Mood::Kind)).await;
    Ok(match end {
        Ok((End::Failed(error), _)) if error.code == code::UNSUPPORTED => Pass(error.message),
        Ok((End::Failed(error), _)) => {
            Fail(format!("it ended with {error} in place of UNSUPPORTED"))
        }
        Ok(_) => Fail("it did not end with an error".into()),
        Err(wrong) => Fail(wrong.to_string()),
    })
}

/// Configs that no schema of an object means.
async fn bad_configs(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    let Ok(validator) = jsonschema::draft202012::new(&node.config_schema) else {
        return Ok(Skip("its schema is not valid".into()));
    };
    let wrong_types = |value: &Value| {
        let properties = node
            .config_schema
            .get("properties")
            .and_then(Value::as_object);
        let names = properties
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone());
        names.map(|name| (name, value.clone())).collect::<Value>()
    };
    let configs = [
        Value::Null,
        json!(17),
        json!("config"),
        json!([]),
        json!({}),
        wrong_types(&json!([[[]]])),
        wrong_types(&json!({"a": {}})),
        wrong_types(&json!(-1.5e300)),
    ];
    let process = subject.process()?;
    let mut tried = 0;
    for config in configs.iter().filter(|config| !validator.is_valid(config)) {
        tried += 1;
        let call = call_of(config, &json!({}), |call| {
            call.node = Cow::Owned(node.node_type.clone());
            call.credentials = slots(node.provider.as_deref());
        });
        match play(&process, &call, &mut subject.world(Mood::Kind)).await {
            Ok((End::Failed(_), _)) => {}
            Ok(_) => {
                return Ok(Fail(format!(
                    "the config {config}: it did not end with an error"
                )));
            }
            Err(wrong) => return Ok(Fail(format!("the config {config}: {wrong}"))),
        }
    }
    Ok(match tried {
        0 => Skip("its schema allows anything".into()),
        tried => Pass(format!("{tried} end with an error")),
    })
}

async fn runs(
    subject: &Subject,
    node: &NodeManifest,
    samples: &[Sample],
) -> Result<Verdict, String> {
    let process = subject.process()?;
    let (mut played, mut endless) = (0, Vec::new());
    for sample in samples {
        for mood in Mood::ALL {
            let when = mood.told();
            let end = play(&process, &sample.call(node), &mut subject.world(mood)).await;
            match end {
                Err(wrong) => return Ok(Fail(format!("when {when}: {wrong}"))),
                Ok((End::Done(outcome), _)) => {
                    if let Some(reason) = unfit(node, &outcome) {
                        return Ok(Fail(format!("when {when}: {reason}")));
                    }
                }
                Ok((End::Endless, _)) => endless.push(when),
                Ok((End::Failed(_), _)) => {}
            }
            played += 1;
        }
    }
    endless.dedup();
    Ok(match endless.first() {
        Some(when) => Warn(format!("when {when} it goes on without end")),
        None => Pass(format!("{played} calls kept the rules")),
    })
}

/// What is wrong with a result of a node.
fn unfit(node: &NodeManifest, outcome: &Outcome) -> Option<String> {
    if !node.outputs.iter().any(|port| port.name == outcome.port) {
        return Some(format!(
            "it finished at the port {}, which it has not",
            outcome.port
        ));
    }
    let schema = node
        .output_schema
        .as_ref()
        .filter(|_| outcome.port == port::DATA_OUT)?;
    let output: Value = serde_json::from_str(outcome.output.get()).ok()?;
    let validator = jsonschema::draft202012::new(schema).ok()?;
    let error = validator.validate(&output).err()?;
    Some(format!("its output is not what its schema says: {error}"))
}

async fn examples(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    if node.examples.is_empty() {
        return Ok(Skip("it has no examples".into()));
    }
    let process = subject.process()?;
    for example in &node.examples {
        let call = Sample::of(example).call(node);
        let end = play(&process, &call, &mut subject.world_of(example)).await;
        let end = end
            .map_err(|wrong| format!("{:?}: {wrong}", example.title))?
            .0;
        if let Some(reason) = differs(example, end) {
            return Ok(Fail(format!("{:?}: {reason}", example.title)));
        }
    }
    Ok(Pass(format!("{} end as they say", node.examples.len())))
}

fn differs(example: &Example, end: End) -> Option<String> {
    match (&example.error, end) {
        (_, End::Endless) => Some("it goes on without end".into()),
        (None, End::Failed(error)) => Some(format!("it ended with {error}")),
        (Some(expected), End::Failed(error)) => (expected.code != error.code)
            .then(|| format!("it ended with {error} in place of {}", expected.code)),
        (Some(expected), End::Done(_)) => Some(format!("it did not end with {}", expected.code)),
        (None, End::Done(outcome)) => {
            let expected = example.output.as_ref()?;
            let output: Value = serde_json::from_str(outcome.output.get()).ok()?;
            (output != *expected).then(|| format!("its output is {output}"))
        }
    }
}

async fn unknown_event(
    subject: &Subject,
    node: &NodeManifest,
    sample: &Sample,
) -> Result<Verdict, String> {
    let process = subject.process()?;
    let (mut play, stop) = Play::open(&process, &sample.call(node))
        .await
        .map_err(|wrong| wrong.to_string())?;
    if !matches!(stop, Stop::Waits) {
        return Ok(Skip("it awaits nothing".into()));
    }
    let events = Events {
        events: vec![Event::ok(u64::MAX, Answer::Empty(Empty {}))],
    };
    let frame = encode(&events, &[]).map_err(|error| error.to_string())?;
    Ok(match play.resume(frame).await {
        Ok(Stop::Waits) => Pass("it waits on".into()),
        Ok(_) => Fail("the call ended".into()),
        Err(wrong) => Fail(wrong.to_string()),
    })
}

async fn closes(
    subject: &Subject,
    node: &NodeManifest,
    samples: &[Sample],
) -> Result<Verdict, String> {
    let process = subject.process()?;
    let mut closed = 0;
    for sample in samples {
        for stops in 0..AWAITS {
            let played = play_until(
                &process,
                &sample.call(node),
                &mut subject.world(Mood::Kind),
                stops,
            )
            .await;
            let Some(play) = played.map_err(|wrong| wrong.to_string())? else {
                break;
            };
            let pid = process.pid();
            drop(play);
            closed += 1;
            if let Err(reason) = survived(&process, pid).await {
                return Ok(Fail(format!("closed at await {}: {reason}", stops + 1)));
            }
        }
    }
    Ok(match closed {
        0 => Skip("it awaits nothing".into()),
        closed => Pass(format!("{closed} calls were closed")),
    })
}

async fn cancels(
    subject: &Subject,
    node: &NodeManifest,
    samples: &[Sample],
) -> Result<Verdict, String> {
    let process = subject.process()?;
    let mut cancelled = 0;
    for sample in samples {
        for stops in 0..AWAITS {
            let mut world = subject.world(Mood::Kind);
            let played = play_until(&process, &sample.call(node), &mut world, stops).await;
            let Some(play) = played.map_err(|wrong| wrong.to_string())? else {
                break;
            };
            cancelled += 1;
            let at = |reason: String| format!("cancelled at await {}: {reason}", stops + 1);
            match cancel(play, &mut world).await {
                Ok(true) => {}
                Ok(false) => return Ok(Fail(at(format!("it went on for {TIDYING} more stops")))),
                Err(wrong) => return Ok(Fail(at(wrong.to_string()))),
            }
        }
    }
    Ok(match cancelled {
        0 => Skip("it awaits nothing".into()),
        cancelled => Pass(format!("{cancelled} calls ended")),
    })
}

/// Whether a call ends soon after it was cancelled.
async fn cancel(mut play: Play, world: &mut World<'_>) -> Result<bool, Wrong> {
    let mut stop = play.cancel().await?;
    for _ in 0..TIDYING {
        match stop {
            Stop::Waits => stop = play.answer(world).await?,
            _ => return Ok(true),
        }
    }
    Ok(false)
}
