use std::borrow::Cow;
use std::collections::HashSet;

use jackfield_plugin_abi::frame::{Attachments, encode};
use jackfield_plugin_abi::messages::{
    CREDENTIAL_TEST, Call, CredentialTested, Header, Manifest, NodeManifest, OPTIONS_LOAD, Options,
    OptionsQuery, Outcome, PollInput, Polled, ProviderManifest, RESOURCE_LIST, RESOURCE_VERIFY,
    Received, ReceivedRequest, ResourceManifest, ResourceQuery, ResourceRef, ResourceVerified,
    Resources, TRIGGER_POLL, Trigger, WEBHOOK_RECEIVE, code,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};

use super::catalogue::{CREDENTIAL, OPTIONS, POLL, RECEIVE, RESOURCES, Rule};
use super::report::Verdict::{self, Fail, Pass};
use super::sample::{samples, slots};
use super::stage::{End, play};
use super::subject::Subject;
use super::suite::Suite;
use super::world::Mood;

/// The other side, in the operations of a plugin.
const MOODS: [Mood; 4] = [Mood::Kind, Mood::Missing, Mood::Rubbish, Mood::Broken];

/// What the manifest says that the plugin can do besides running nodes.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    for node in &manifest.nodes {
        let name = &node.node_type;
        match &node.trigger {
            Some(Trigger::Poll(_)) => {
                note(suite, &POLL, name, poll(subject, node)).await;
            }
            Some(Trigger::Webhook(_)) => {
                let target = Target::of_node(node);
                let verifies = !is_verified_by_host(manifest, node);
                note(suite, &RECEIVE, name, receive(subject, target, verifies)).await;
            }
            _ => {}
        }
        for source in &node.option_sources {
            let of = format!("{name}.{source}");
            note(suite, &OPTIONS, &of, options(subject, node, source)).await;
        }
    }
    for provider in &manifest.providers {
        let name = &provider.name;
        if provider
            .webhook
            .as_ref()
            .is_some_and(|webhook| !webhook.verified_by_host)
        {
            let target = Target::of_provider(provider);
            note(suite, &RECEIVE, name, receive(subject, target, true)).await;
        }
        if provider.credential_test {
            note(suite, &CREDENTIAL, name, credential(subject, provider)).await;
        }
        for resource in &provider.resources {
            let of = format!("{name}.{}", resource.resource_type);
            let verdict = resources(subject, provider, resource);
            note(suite, &RESOURCES, &of, verdict).await;
        }
    }
}

async fn note(
    suite: &mut Suite<'_>,
    rule: &'static Rule,
    of: &str,
    verdict: impl Future<Output = Result<Verdict, String>>,
) {
    if suite.wants(rule, of) {
        let verdict = verdict.await.unwrap_or_else(Fail);
        suite.note(rule, of, verdict);
    }
}

/// Whom an operation is asked of.
struct Target {
    node: String,
    provider: Option<String>,
    slot: Option<String>,
    config: Value,
}

impl Target {
    fn of_node(node: &NodeManifest) -> Self {
        let config = samples(node).into_iter().next();
        Self {
            node: node.node_type.clone(),
            provider: None,
            slot: node.provider.clone(),
            config: config.map_or_else(|| json!({}), |sample| sample.into_config()),
        }
    }

    fn of_provider(provider: &ProviderManifest) -> Self {
        Self {
            node: String::new(),
            provider: Some(provider.name.clone()),
            slot: Some(provider.name.clone()),
            config: json!({}),
        }
    }

    fn call(&self, op: &str, input: &impl Serialize, bin: &[u8]) -> Result<Vec<u8>, String> {
        let raw = |value| -> Result<Box<RawValue>, String> {
            to_raw_value(value).map_err(|error| error.to_string())
        };
        let config = raw(&self.config)?;
        let input = to_raw_value(input).map_err(|error| error.to_string())?;
        let call = Call {
            op: Cow::Borrowed(op),
            node: Cow::Borrowed(&self.node),
            provider: self.provider.as_deref().map(Cow::Borrowed),
            config: &config,
            input: &input,
            credentials: slots(self.slot.as_deref()),
            attempt: 1,
            idempotency_key: "operation_01J0000000000000000000000".into(),
            timeout_ms: Some(30_000),
            run: None,
        };
        encode(&call, bin).map_err(|error| error.to_string())
    }
}

/// What an operation gave, where it did not end with an error of its own.
async fn ask<T: DeserializeOwned>(
    subject: &Subject,
    call: &[u8],
    mood: Mood,
) -> Result<Option<T>, String> {
    let process = subject.process()?;
    let when = mood.told();
    let end = play(&process, call, &mut subject.world(mood)).await;
    match end.map_err(|wrong| format!("when {when}: {wrong}"))?.0 {
        End::Done(outcome) => read(&outcome)
            .map(Some)
            .map_err(|error| format!("when {when}: {error}")),
        End::Failed(error) if error.code == code::UNSUPPORTED => {
            Err(format!("the manifest says that it can, but: {error}"))
        }
        End::Failed(_) => Ok(None),
        End::Endless => Err(format!("when {when} it goes on without end")),
    }
}

fn read<T: DeserializeOwned>(outcome: &Outcome) -> Result<T, String> {
    serde_json::from_str(outcome.output.get())
        .map_err(|error| format!("its result is not what the operation gives: {error}"))
}

fn summary(results: usize) -> Verdict {
    let refused = MOODS.len() - results;
    Pass(format!("results: {results}, errors: {refused}"))
}

async fn poll(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    let target = Target::of_node(node);
    let mut results = 0;
    for mood in MOODS {
        let mut cursor = None;
        for round in 0..2 {
            let input = PollInput {
                cursor: cursor.take(),
                limit: 100,
            };
            let call = target.call(TRIGGER_POLL, &input, &[])?;
            let Some(polled) = ask::<Polled>(subject, &call, mood).await? else {
                break;
            };
            let mut keys = HashSet::new();
            for event in &polled.events {
                if event.dedupe_key.is_empty() || !keys.insert(&event.dedupe_key) {
                    return Ok(Fail(format!(
                        "the dedupeKey {:?} is empty or there twice",
                        event.dedupe_key
                    )));
                }
            }
            results += usize::from(round == 0);
            cursor = polled.cursor;
        }
    }
    Ok(summary(results))
}

/// Whether a trigger is only handed what the host has found to be genuine.
fn is_verified_by_host(manifest: &Manifest, node: &NodeManifest) -> bool {
    let mut providers = manifest.providers.iter();
    providers.any(|provider| {
        let is_its = node.provider.as_deref() == Some(provider.name.as_str());
        let webhook = provider.webhook.as_ref();
        is_its && webhook.is_some_and(|webhook| webhook.verified_by_host)
    })
}

async fn receive(subject: &Subject, target: Target, verifies: bool) -> Result<Verdict, String> {
    let mut attachments = Attachments::default();
    let request = ReceivedRequest {
        method: "POST".into(),
        url: "https://jackfield.example/hooks/check".into(),
        headers: vec![
            Header("content-type".into(), "application/json".into()),
            Header("x-signature".into(), "sha256=00".into()),
        ],
        body: attachments.attach(br#"{"id":"evt_1","type":"check","data":{}}"#),
    };
    let call = target.call(WEBHOOK_RECEIVE, &request, attachments.bytes())?;
    let mut results = 0;
    for mood in MOODS {
        results += usize::from(ask::<Received>(subject, &call, mood).await?.is_some());
    }
    if verifies
        && let Some(Received::Accepted(_)) = ask::<Received>(subject, &call, Mood::Forged).await?
    {
        return Ok(Fail(
            "it accepts a request whose signature is not valid".into(),
        ));
    }
    Ok(summary(results))
}

async fn options(subject: &Subject, node: &NodeManifest, source: &str) -> Result<Verdict, String> {
    let mut results = 0;
    let whole = Target::of_node(node);
    let unfinished = Target {
        config: json!({}),
        ..Target::of_node(node)
    };
    let query = OptionsQuery {
        source: source.to_owned(),
        ..OptionsQuery::default()
    };
    for mood in MOODS {
        for target in [&whole, &unfinished] {
            let call = target.call(OPTIONS_LOAD, &query, &[])?;
            let loaded = ask::<Options>(subject, &call, mood).await?;
            results += usize::from(loaded.is_some() && std::ptr::eq(target, &whole));
        }
    }
    Ok(summary(results))
}

async fn credential(subject: &Subject, provider: &ProviderManifest) -> Result<Verdict, String> {
    let call = Target::of_provider(provider).call(CREDENTIAL_TEST, &json!({}), &[])?;
    let mut results = 0;
    for mood in MOODS {
        let tested = ask::<CredentialTested>(subject, &call, mood).await?;
        if tested.is_some() && mood == Mood::Broken {
            return Ok(Fail(
                "the credential is fine although the provider cannot be reached".into(),
            ));
        }
        results += usize::from(tested.is_some());
    }
    Ok(summary(results))
}

async fn resources(
    subject: &Subject,
    provider: &ProviderManifest,
    resource: &ResourceManifest,
) -> Result<Verdict, String> {
    let target = Target::of_provider(provider);
    let kind = &resource.resource_type;
    let mut results = 0;
    for mood in MOODS {
        let (mut list, mut verify) = (None, None);
        if resource.list {
            let query = ResourceQuery {
                resource_type: kind.clone(),
                cursor: None,
            };
            let call = target.call(RESOURCE_LIST, &query, &[])?;
            list = ask::<Resources>(subject, &call, mood).await?;
        }
        if resource.verify {
            let reference = ResourceRef {
                resource_type: kind.clone(),
                value: "check".into(),
            };
            let call = target.call(RESOURCE_VERIFY, &reference, &[])?;
            verify = ask::<ResourceVerified>(subject, &call, mood).await?;
        }
        results += usize::from(list.is_some() || verify.is_some());
    }
    Ok(summary(results))
}
