use jackfield_plugin_abi::frame::Caps;
use jackfield_plugin_abi::messages::Manifest;

use super::catalogue::{DESCRIBE, ENTRY, LIBRARY, MANIFEST, SIZES};
use super::report::Verdict::{Fail, Pass};
use super::subject::Subject;
use super::suite::Suite;
use crate::library::{self, Step};
use crate::manifest;
use crate::transport::{Fault, Transport};

/// Loads the plugin and reads its manifest, without which there is nothing else to check.
pub(super) async fn check(suite: &mut Suite<'_>, subject: &Subject) -> Option<Manifest> {
    let process = match subject.process() {
        Ok(process) => process,
        Err(reason) => {
            suite.note(&LIBRARY, "", Fail(reason));
            return None;
        }
    };
    match process.start().await {
        Ok(()) => {}
        Err(fault) => {
            not_loaded(suite, fault);
            return None;
        }
    }
    suite.note(&LIBRARY, "", Pass("it loads in the sandbox".into()));
    suite.note(&ENTRY, "", Pass("the entry returns a table".into()));
    suite.note(&SIZES, "", Pass("every function is there".into()));
    let frame = match process.describe().await {
        Ok(frame) => frame,
        Err(fault) => {
            suite.note(&DESCRIBE, "", Fail(fault.to_string()));
            return None;
        }
    };
    let again = process.describe().await.map_err(|fault| fault.to_string());
    let elsewhere = match subject.process() {
        Ok(process) => process.describe().await.map_err(|fault| fault.to_string()),
        Err(reason) => Err(reason),
    };
    let verdict = match (again, elsewhere) {
        (Err(fault), _) => Fail(format!("the second time: {fault}")),
        (_, Err(fault)) => Fail(format!("in a second process: {fault}")),
        (Ok(again), _) if again != frame => Fail("the second manifest is another one".into()),
        (_, Ok(elsewhere)) if elsewhere != frame => {
            Fail("the manifest is another one in another process".into())
        }
        _ => Pass(format!("the manifest has {} bytes", frame.len())),
    };
    suite.note(&DESCRIBE, "", verdict);
    match manifest::read(&frame, Caps::default(), &library::host_info()) {
        Ok(manifest) => {
            let (nodes, providers) = (manifest.nodes.len(), manifest.providers.len());
            let found = format!("nodes: {nodes}, providers: {providers}");
            suite.note(&MANIFEST, "", Pass(found));
            Some(manifest)
        }
        Err(reason) => {
            suite.note(&MANIFEST, "", Fail(reason));
            None
        }
    }
}

fn not_loaded(suite: &mut Suite<'_>, fault: Fault) {
    let Fault::Unusable { step, reason } = fault else {
        let found = format!("while it was loaded: {fault}");
        return suite.note(&LIBRARY, "", Fail(found));
    };
    if matches!(step, Step::Sandbox | Step::Library) {
        return suite.note(&LIBRARY, "", Fail(reason));
    }
    suite.note(&LIBRARY, "", Pass("it loads in the sandbox".into()));
    if matches!(step, Step::Symbol | Step::Entry) {
        return suite.note(&ENTRY, "", Fail(reason));
    }
    suite.note(&ENTRY, "", Pass("the entry returns a table".into()));
    suite.note(&SIZES, "", Fail(reason));
}
