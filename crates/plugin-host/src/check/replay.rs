use bytes::Bytes;
use jackfield_plugin_abi::messages::{Manifest, NodeManifest};

use super::catalogue::REPLAY;
use super::report::Verdict::{self, Fail, Pass, Skip};
use super::sample::samples;
use super::stage::{Wrong, play};
use super::subject::Subject;
use super::suite::Suite;
use super::world::Mood;

/// How much is shown of two frames that differ, in characters.
const SHOWN: usize = 60;

/// Whether the same call goes the same way again.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    for node in &manifest.nodes {
        if suite.wants(&REPLAY, &node.node_type) {
            let verdict = again(subject, node).await.unwrap_or_else(Fail);
            suite.note(&REPLAY, &node.node_type, verdict);
        }
    }
}

async fn again(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    let samples = samples(node);
    if samples.is_empty() {
        return Ok(Skip(
            "no config could be made up from its schema; give it examples".into(),
        ));
    }
    let (here, there) = (subject.process()?, subject.process()?);
    let mut compared = 0;
    for sample in &samples {
        for mood in [Mood::Kind, Mood::Missing, Mood::Broken] {
            let call = sample.call(node);
            let mut takes = Vec::new();
            for process in [&here, &here, &there] {
                match play(process, &call, &mut subject.world(mood)).await {
                    Ok((_, frames)) => takes.push(frames),
                    Err(wrong @ Wrong::Fault(_)) => return Err(wrong.to_string()),
                    // Which rule that was is for another check to tell.
                    Err(Wrong::Rule(_)) => break,
                }
            }
            if takes.len() < 3 {
                continue;
            }
            for (take, place) in [(1, "the second time"), (2, "in another process")] {
                if let Some(difference) = difference(&takes[0], &takes[take]) {
                    return Ok(Fail(format!("{place}, {difference}")));
                }
            }
            compared += 1;
        }
    }
    Ok(Pass(format!(
        "{compared} calls went the same way three times"
    )))
}

/// Where two takes of a call part.
fn difference(first: &[Bytes], second: &[Bytes]) -> Option<String> {
    let stops = first.iter().zip(second);
    for (stop, (first, second)) in stops.enumerate() {
        if first == second {
            continue;
        }
        let common = first.iter().zip(second).take_while(|(a, b)| a == b).count();
        let from = common.saturating_sub(SHOWN / 2).max(8);
        return Some(format!(
            "stop {}: {} became {}",
            stop + 1,
            shown(first, from),
            shown(second, from)
        ));
    }
    (first.len() != second.len()).then(|| format!("{} stops became {}", first.len(), second.len()))
}

fn shown(frame: &[u8], from: usize) -> String {
    let part = frame.get(from..).unwrap_or_default();
    let text = String::from_utf8_lossy(part);
    format!("…{}", text.chars().take(SHOWN).collect::<String>())
}
