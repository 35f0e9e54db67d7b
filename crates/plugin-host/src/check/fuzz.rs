use jackfield_plugin_abi::Status;
use jackfield_plugin_abi::frame::FrameHeader;
use jackfield_plugin_abi::messages::{Manifest, NodeManifest};

use super::catalogue::{FUZZ_CALLS, FUZZ_EVENTS};
use super::report::Verdict::{self, Fail, Pass, Skip};
use super::sample::{call_of, samples};
use super::stage::{Play, Stop, Wrong, survived};
use super::subject::Subject;
use super::suite::Suite;
use crate::transport::Fault;

/// How many frames are tried.
const ROUNDS: u32 = 300;
/// How many bytes of a frame are shown.
const SHOWN: usize = 40;
/// What JSON is made of.
const TOKENS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "null",
    "true",
    "0",
    "-1",
    "1e308",
    "1e999",
    "18446744073709551616",
    "\"id\"",
    "\"ok\"",
    "\"err\"",
    "\"cancel\"",
    "\"events\"",
    "\"$bin\"",
    "\"op\"",
    "\"config\"",
    "\"\\ud800\"",
    "\u{fffd}",
];

/// Random bytes, always the same for one seed.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    let seed = suite.seed;
    if suite.wants(&FUZZ_CALLS, "") {
        let verdict = calls(subject, manifest, seed).await.unwrap_or_else(Fail);
        suite.note(&FUZZ_CALLS, "", verdict);
    }
    for node in &manifest.nodes {
        if suite.wants(&FUZZ_EVENTS, &node.node_type) {
            let verdict = events(subject, node, seed).await.unwrap_or_else(Fail);
            suite.note(&FUZZ_EVENTS, &node.node_type, verdict);
        }
    }
}

async fn calls(subject: &Subject, manifest: &Manifest, seed: u64) -> Result<Verdict, String> {
    let process = subject.process()?;
    let mut chance = Chance(seed);
    let sample = manifest
        .nodes
        .first()
        .and_then(|node| Some(samples(node).first()?.call(node)));
    let nothing = serde_json::json!({});
    let good = sample.unwrap_or_else(|| call_of(&nothing, &nothing, |_| ()));
    for round in 1..=ROUNDS {
        let frame = chance.spoil(&good);
        let played = Play::open(&process, &frame).await;
        if let Some(reason) = harm(played.map(|(_, stop)| stop)) {
            return Ok(told(seed, round, &frame, &reason));
        }
    }
    Ok(Pass(format!("{ROUNDS} frames of seed {seed}")))
}

async fn events(subject: &Subject, node: &NodeManifest, seed: u64) -> Result<Verdict, String> {
    let samples = samples(node);
    let Some(sample) = samples.first() else {
        return Ok(Skip(
            "no config could be made up from its schema; give it examples".into(),
        ));
    };
    let process = subject.process()?;
    let mut chance = Chance(seed);
    let call = sample.call(node);
    for round in 1..=ROUNDS {
        let opened = Play::open(&process, &call).await;
        let (mut play, stop) = opened.map_err(|wrong| wrong.to_string())?;
        let pid = process.pid();
        if !matches!(stop, Stop::Waits) {
            return Ok(Skip("it awaits nothing".into()));
        }
        let id = play.asked.first().map_or(1, |asked| asked.id);
        let good = format!(
            "{{\"events\":[{{\"id\":{id},\"ok\":{{\"status\":200,\"headers\":[[\"a\",\"b\"]],\"body\":{{\"$bin\":[0,2]}},\"url\":\"https://a.example/\",\"durationMs\":1,\"unixMicros\":1,\"valid\":true}}}}]}}"
        );
        let header = FrameHeader {
            json: u32::try_from(good.len()).unwrap_or(0),
            bin: 2,
        };
        let good = [&header.encode()[..], good.as_bytes(), b"{}"].concat();
        let frame = chance.spoil(&good);
        if let Some(reason) = harm(play.resume(frame.clone()).await) {
            return Ok(told(seed, round, &frame, &reason));
        }
        drop(play);
        if let Err(reason) = survived(&process, pid).await {
            let reason = format!("closed after it: {reason}");
            return Ok(told(seed, round, &frame, &reason));
        }
    }
    Ok(Pass(format!("{ROUNDS} frames of seed {seed}")))
}

/// Whatever a plugin makes of rubbish is right, but to crash, to hang, to panic, or to write rubbish itself.
fn harm(played: Result<Stop, Wrong>) -> Option<String> {
    match played {
        Ok(_) => None,
        Err(Wrong::Fault(Fault::Failed { status, .. })) if status != Status::PANIC => None,
        Err(wrong) => Some(wrong.to_string()),
    }
}

fn told(seed: u64, round: u32, frame: &[u8], reason: &str) -> Verdict {
    let bytes = hex::encode(&frame[..frame.len().min(SHOWN)]);
    let more = if frame.len() > SHOWN { "…" } else { "" };
    Fail(format!(
        "--seed {seed}, frame {round} ({} bytes, {bytes}{more}): {reason}",
        frame.len()
    ))
}

/// SplitMix64: small, and the same everywhere.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    /// Another frame than a good one.
    fn spoil(&mut self, good: &[u8]) -> Vec<u8> {
        match self.below(5) {
            0 => (0..self.below(64)).map(|_| self.byte()).collect(),
            1 => good[..self.below(good.len())].to_vec(),
            2 => {
                let mut bytes = good.to_vec();
                for _ in 0..=self.below(4) {
                    let at = self.below(bytes.len());
                    bytes[at] = self.byte();
                }
                bytes
            }
            3 => {
                let body: String = (0..self.below(24))
                    .map(|_| TOKENS[self.below(TOKENS.len())])
                    .collect();
                framed(body.as_bytes())
            }
            _ => {
                // A good frame in which a piece of the JSON is another token.
                let json = good.get(8..).unwrap_or_default();
                let at = self.below(json.len());
                let until = (at + self.below(12)).min(json.len());
                let token = TOKENS[self.below(TOKENS.len())].as_bytes();
                framed(&[&json[..at], token, &json[until..]].concat())
            }
        }
    }
}

fn framed(json: &[u8]) -> Vec<u8> {
    let header = FrameHeader {
        json: u32::try_from(json.len()).unwrap_or(0),
        bin: 0,
    };
    [&header.encode()[..], json].concat()
}
