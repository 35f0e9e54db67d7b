use jackfield_plugin_abi::frame::FrameHeader;
use jackfield_plugin_abi::messages::{Manifest, NodeManifest};

use super::catalogue::{BAD_EVENTS, BAD_FRAMES, BAD_TEXT};
use super::report::Verdict::{self, Fail, Pass, Skip};
use super::sample::{call_of, samples};
use super::stage::{Play, Stop, Wrong, play_until};
use super::subject::Subject;
use super::suite::Suite;
use super::world::Mood;

/// Most awaits at which bad events are tried.
const AWAITS: usize = 4;
/// How deep the deepest JSON is.
const DEEP: usize = 200_000;

/// What the plugin makes of frames that are none.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    let call = match manifest.nodes.first().map(|node| (node, samples(node))) {
        Some((node, samples)) if !samples.is_empty() => samples[0].call(node),
        _ => call_of(&serde_json::json!({}), &serde_json::json!({}), |_| ()),
    };
    for (rule, frames) in [(&BAD_FRAMES, lengths(&call)), (&BAD_TEXT, texts())] {
        if suite.wants(rule, "") {
            let verdict = calls(subject, frames).await;
            suite.note(rule, "", verdict);
        }
    }
    for node in &manifest.nodes {
        if suite.wants(&BAD_EVENTS, &node.node_type) {
            let verdict = events(subject, node).await.unwrap_or_else(Fail);
            suite.note(&BAD_EVENTS, &node.node_type, verdict);
        }
    }
}

type Bad = (&'static str, Vec<u8>);

fn framed(json: u32, bin: u32, rest: &[u8]) -> Vec<u8> {
    [&FrameHeader { json, bin }.encode()[..], rest].concat()
}

/// Frames whose lengths do not add up. `whole` is a good one.
fn lengths(whole: &[u8]) -> Vec<Bad> {
    let body = whole.get(8..).unwrap_or_default();
    let len = u32::try_from(body.len()).unwrap_or(0);
    vec![
        ("a frame of one byte", vec![7]),
        ("half of a header", vec![2, 0, 0, 0]),
        (
            "a JSON part that is longer than the frame",
            framed(len + 1, 0, body),
        ),
        ("a JSON part of 4 GiB", framed(u32::MAX, 0, body)),
        ("attachments that are not there", framed(len, 1, body)),
        ("attachments of 4 GiB", framed(len, u32::MAX, body)),
        (
            "lengths whose sum is too large for 32 bits",
            framed(u32::MAX, u32::MAX, body),
        ),
        ("bytes behind the frame", [whole, b"junk"].concat()),
        ("half of a frame", whole[..whole.len() / 2].to_vec()),
    ]
}

/// Frames with something else than a JSON object in them.
fn texts() -> Vec<Bad> {
    let json = |text: &[u8]| framed(u32::try_from(text.len()).unwrap_or(0), 0, text);
    let deep = |before: &str| json(&[before.as_bytes(), &b"[".repeat(DEEP)].concat());
    vec![
        ("bytes that are not UTF-8", json(b"\xff\xfe\xfd\xfc")),
        ("text that is not JSON", json(b"<call/>")),
        ("half of an object", json(b"{\"op\":\"node.exec")),
        ("a number in place of an object", json(b"17")),
        ("an object without members", json(b"{}")),
        (
            "members of other types",
            json(b"{\"op\":1,\"node\":[],\"config\":{},\"input\":{},\"attempt\":\"x\"}"),
        ),
        ("JSON that is nested 200000 levels deep", deep("")),
        ("an op that is nested 200000 levels deep", deep("{\"op\":")),
    ]
}

/// Each has to be refused, by a status or by an error of the call.
async fn calls(subject: &Subject, frames: Vec<Bad>) -> Verdict {
    let process = match subject.process() {
        Ok(process) => process,
        Err(reason) => return Fail(reason),
    };
    let count = frames.len();
    for (what, frame) in frames {
        if let Some(reason) = taken(Play::open(&process, &frame).await.map(|(_, stop)| stop)) {
            return Fail(format!("{what}: {reason}"));
        }
    }
    Pass(format!("{count} are refused"))
}

/// What is wrong with how a bad frame was taken.
fn taken(played: Result<Stop, Wrong>) -> Option<String> {
    use crate::transport::Fault;
    use jackfield_plugin_abi::Status;
    match played {
        Ok(Stop::Failed(_)) => None,
        Ok(_) => Some("it was taken for a good one".into()),
        Err(Wrong::Fault(Fault::Failed { status, .. })) if status != Status::PANIC => None,
        Err(wrong) => Some(wrong.to_string()),
    }
}

async fn events(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    let samples = samples(node);
    let Some(sample) = samples.first() else {
        return Ok(Skip("no config could be made up".into()));
    };
    let call = sample.call(node);
    let process = subject.process()?;
    let good = framed(13, 0, b"{\"events\":[]}");
    let mut tried = 0;
    for stops in 0..AWAITS {
        for (what, frame) in lengths(&good) {
            let mut world = subject.world(Mood::Kind);
            let played = play_until(&process, &call, &mut world, stops).await;
            let Some(mut play) = played.map_err(|wrong| wrong.to_string())? else {
                break;
            };
            tried += 1;
            if let Some(reason) = taken(play.resume(frame).await) {
                return Ok(Fail(format!("at await {}, {what}: {reason}", stops + 1)));
            }
        }
    }
    Ok(match tried {
        0 => Skip("it awaits nothing".into()),
        tried => Pass(format!("{tried} are refused")),
    })
}
