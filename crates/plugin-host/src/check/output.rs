use jackfield_plugin_abi::messages::{Manifest, NodeManifest};

use super::catalogue::CAP;
use super::report::Verdict::{self, Fail, Pass, Skip};
use super::sample::samples;
use super::stage::{Play, Wrong};
use super::subject::Subject;
use super::suite::Suite;
use crate::transport::Fault;

/// What the sink takes before it refuses, in bytes: nothing, half of a header, a header, a bit more.
const CAPS: [usize; 4] = [0, 4, 8, 12];

/// Whether the plugin stops when its output is refused.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject, manifest: &Manifest) {
    for node in &manifest.nodes {
        if suite.wants(&CAP, &node.node_type) {
            let verdict = refused(subject, node).await.unwrap_or_else(Fail);
            suite.note(&CAP, &node.node_type, verdict);
        }
    }
}

async fn refused(subject: &Subject, node: &NodeManifest) -> Result<Verdict, String> {
    let samples = samples(node);
    let Some(sample) = samples.first() else {
        return Ok(Skip(
            "no config could be made up from its schema; give it examples".into(),
        ));
    };
    for cap in CAPS {
        let process = subject.process_with(|limits| limits.output = cap)?;
        match Play::open(&process, &sample.call(node)).await {
            Err(Wrong::Fault(Fault::TooMuch(_))) => {}
            Err(wrong) => return Ok(Fail(wrong.to_string())),
            Ok(_) => return Ok(Fail(format!("it found room in a sink of {cap} bytes"))),
        }
    }
    Ok(Pass(format!("it stops after {CAPS:?} bytes")))
}
