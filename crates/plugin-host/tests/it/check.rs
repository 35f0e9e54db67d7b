//! The conformance suite: green on plugins that keep the rules, and red at the one rule that a plugin breaks.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::{StreamExt, stream};
use jackfield_plugin_host::check::{NotChecked, Options, Report, catalogue, run};

use crate::hostile::collection;
use crate::world::Plugins;

/// How many plugins are checked at a time.
const TOGETHER: usize = 4;

async fn check(file: &Path) -> Result<Report, NotChecked> {
    check_some(file, None).await
}

async fn check_some(file: &Path, filter: Option<&str>) -> Result<Report, NotChecked> {
    let mut options = Options::new(7);
    options.filter = filter.map(str::to_owned);
    options.child = Some(env!("CARGO_BIN_EXE_jackfield-plugin-child").into());
    run(file, &options, &mut |_| ()).await
}

/// What is not well, as one line each. That a busy machine is slow says nothing about a plugin.
fn complaints(report: &Report) -> String {
    let mut lines = String::new();
    for checked in &report.checks {
        let slow = checked.id == "load.time" && checked.verdict.name() == "warn";
        if checked.remedy().is_some() && !slow {
            let (verdict, found) = (checked.verdict.name(), checked.verdict.found());
            lines += &format!("  {verdict} {}: {found}\n", checked.id);
        }
    }
    lines
}

/// Each breaks one rule: the plugin that keeps them all, with a macro.
const BROKEN: &[(&str, &str)] = &[
    ("describe", "UNSTABLE_MANIFEST"),
    ("schema_of_manifest", r#"VERSION="#),
    ("version", r#"VERSION=1.0"#),
    ("texts", r#"DESCRIPTION="#),
    ("hosts", r#"HOST=*"#),
    ("schema", r#"SCHEMA={"type":"thing"}"#),
    ("no_object", r#"SCHEMA={"type":["object","null"]}"#),
    (
        "descriptions",
        r#"SCHEMA={"type":"object","required":["to"],"properties":{"to":{"type":"string"}}}"#,
    ),
    (
        "config_examples",
        r#"SCHEMA={"type":"object","required":["to"],"properties":{"to":{"type":"string","description":"To.","default":7}}}"#,
    ),
    (
        "config_secrets",
        r#"SCHEMA={"type":"object","required":["to"],"properties":{"to":{"type":"string","description":"To.","examples":["x"],"writeOnly":true}}}"#,
    ),
    ("output_schema", r#"OUTPUT_SCHEMA={"type":"thing"}"#),
    (
        "credentials",
        r#"CREDENTIAL_SCHEMA={"type":"object","properties":{"token":{"type":"string"}}}"#,
    ),
    ("time", "STARTS_SLOWLY"),
    ("memory", "NEEDS_MUCH"),
    ("output", "PRINTS"),
    ("threads", "STARTS_THREADS"),
    ("signals", "HANDLES_SIGNALS"),
    ("lengths", "TRUSTS_LENGTHS"),
    ("depth", "TRUSTS_DEPTH"),
    ("events", "TRUSTS_EVENTS"),
    ("operations", "REFUSES_OPERATIONS"),
    ("nodes", "TAKES_ANY_NODE"),
    ("config", "TAKES_ANY_CONFIG"),
    ("errors", "FORGETS_ERRORS"),
    ("port", "UNKNOWN_PORT"),
    ("output_is_another", r#"OUTPUT_SCHEMA={"required":["to"]}"#),
    ("examples", r#"EXAMPLE_OUTPUT={"sent":false}"#),
    ("reveals", "REVEALS"),
    ("unknown_event", "ANSWERS_ANY_EVENT"),
    ("close", "CANNOT_BE_CLOSED"),
    ("cancel", "IGNORES_CANCEL"),
    ("cap", "IGNORES_REFUSAL"),
    ("replay", "COUNTS_CALLS"),
    ("poll", "POLLS_TWICE"),
    ("options", "NO_OPTIONS"),
    ("receive", "ACCEPTS_FORGERIES"),
    ("credential", "TRUSTS_CREDENTIALS"),
    ("resources", "ODD_RESOURCES"),
    ("calls", "STUMBLES_OVER_CALLS"),
    ("more_events", "STUMBLES_OVER_EVENTS"),
];

/// Hostile plugins that do not get as far as a manifest.
const HOSTILE: &[&str] = &[
    "constructor_aborts",
    "no_symbol",
    "null_table",
    "short_table",
    "null_resume",
    "describe_crashes",
    "manifest_any_name",
];

#[tokio::test]
async fn a_plugin_that_keeps_every_rule_is_told_so() {
    let plugins = Plugins::new();
    let report = check(&plugins.conforming("sound", &[])).await.unwrap();
    assert_eq!(complaints(&report), "");
    let made: BTreeSet<&str> = report
        .checks
        .iter()
        .map(|checked| checked.rule.key)
        .collect();
    let all: BTreeSet<&str> = catalogue::ALL.iter().map(|rule| rule.key).collect();
    assert_eq!(made, all, "every check is made, and none is unknown");
    assert_eq!(report.count("skip"), 0);
}

#[tokio::test]
async fn a_plugin_that_asks_to_see_credentials_is_shown_them() {
    let plugins = Plugins::new();
    let file = plugins.conforming("asks", &["REVEALS", r#"CAPABILITIES=["secret.reveal"]"#]);
    assert_eq!(complaints(&check(&file).await.unwrap()), "");
}

#[tokio::test]
async fn a_plugin_that_breaks_a_rule_is_told_which() {
    let plugins = collection::compile(|case| HOSTILE.contains(&case.name));
    let plugins = &plugins;
    let broken = BROKEN.iter().map(|(name, define)| (*name, Some(*define)));
    let hostile = HOSTILE.iter().map(|name| (*name, None));
    let told = stream::iter(broken.chain(hostile)).map(|(name, define)| async move {
        let file = match define {
            Some(define) => plugins.conforming(name, &[define]),
            None => plugins.file(name),
        };
        // Whose process is slow or large is started no more often than needed.
        let filter = match name {
            "time" => Some("load.time"),
            "memory" => Some("load.memory"),
            _ => None,
        };
        let report = check_some(&file, filter).await.unwrap();
        (name, report)
    });
    let told: Vec<(&str, Report)> = told.buffered(TOGETHER).collect().await;
    let mut broken = BTreeSet::new();
    let mut all = String::new();
    for (name, report) in &told {
        let complaints = complaints(report);
        all += &format!("{name}\n{}", without_figures(&complaints));
        let rules = report
            .checks
            .iter()
            .filter(|checked| checked.remedy().is_some());
        broken.extend(rules.map(|checked| checked.rule.key));
    }
    insta::assert_snapshot!(all, @r#"
    describe
      fail abi.describe: the second manifest is another one
    schema_of_manifest
      fail manifest.schema: version is empty
    version
      fail manifest.version: "1.0" is no SemVer version
    texts
      warn manifest.texts: no description: the plugin
    hosts
      warn manifest.hosts: it wants to reach any host (*)
    schema
      fail node.config-schema.sound-send: at "/type": "thing" is not valid under any of the schemas listed in the 'anyOf' keyword
    no_object
      fail node.config-schema.sound-send: its type is not "object"
    descriptions
      warn node.config-descriptions.sound-send: no description: to
    config_examples
      fail node.config-examples.sound-send: the default of to: 7 is not of type "string"
    config_secrets
      warn node.config-secrets.sound-send: writeOnly: to
    output_schema
      fail node.output-schema.sound-send: at "/type": "thing" is not valid under any of the schemas listed in the 'anyOf' keyword
    credentials
      warn provider.schema.sound: looks like a secret, but is not writeOnly: token.token
    time
      fail load.time: …
    memory
      fail load.memory: …
    output
      warn process.output: 3 lines
    threads
      warn process.threads: after the calls, threads are left: 1
    signals
      fail process.signals: handlers for the signals 15
    lengths
      fail frame.bad-length: attachments that are not there: it was taken for a good one
    depth
      fail frame.bad-json: JSON that is nested 200000 levels deep: its process was ended by signal 6 (SIGABRT)
    events
      fail frame.bad-events.sound-send: at await 1, attachments that are not there: it was taken for a good one
    operations
      fail call.unknown-operation: open was refused as malformed
    nodes
      fail call.unknown-node: it did not end with an error
    config
      fail call.bad-config.sound-send: the config null: it did not end with an error
    errors
      fail node.run.sound-send: when every effect fails: it returned JF_PENDING, but waits for nothing that it asked the host for
    port
      fail node.run.sound-send: when every request is answered with 200 and JSON: it finished at the port nowhere, which it has not
    output_is_another
      fail node.run.sound-send: when every request is answered with 200 and JSON: its output is not what its schema says: "to" is a required property
    examples
      fail node.examples.sound-send: "Send to Ada": its output is {"sent":true}
    reveals
      fail node.examples.sound-send: "Send to Ada": it ended with PROVIDER: It did not work.
    unknown_event
      fail call.unknown-event.sound-send: the call ended
    close
      fail call.close-at-await.sound-send: closed at await 2: its process was ended by signal 6 (SIGABRT)
      fail fuzz.events.sound-send: --seed 7, frame 148 (165 bytes, 9b000000020000007b226576656e7473223a5b7b226964223a312c226f6b223a7b22737461747573…): closed after it: its process was ended by signal 6 (SIGABRT)
    cancel
      fail call.cancel.sound-send: cancelled at await 1: it returned JF_PENDING, but waits for nothing that it asked the host for
    cap
      fail output.cap.sound-send: resume wrote more than 75497480 bytes and did not stop when it was refused (JF_E_LIMIT)
    replay
      fail call.replay.sound-send: the second time, stop 3: …{"result":{"output":{"sent":true}}} became …{"result":{"output":{"sent":true,"again":true}}}
    poll
      fail operation.poll.sound-send: the dedupeKey "1" is empty or there twice
    options
      fail operation.options.sound-send.people: the manifest says that it can, but: UNSUPPORTED: It did not work.
    receive
      fail operation.receive.sound: it accepts a request whose signature is not valid
    credential
      fail operation.credential.sound: the credential is fine although the provider cannot be reached
    resources
      fail operation.resource.sound.person: when every request is answered with 200 and JSON: its result is not what the operation gives: unknown variant `perhaps`, expected one of `VERIFIED`, `PENDING`, `FAILED` at line 1 column 19
    calls
      fail fuzz.calls: --seed 7, frame 10 (109 bytes, 6500000000000000226f6b2231653939393138343436373434303733373039353531363136226576…): its process was ended by signal 6 (SIGABRT)
    more_events
      fail fuzz.events.sound-send: --seed 7, frame 10 (109 bytes, 6500000000000000226f6b2231653939393138343436373434303733373039353531363136226576…): its process was ended by signal 6 (SIGABRT)
    constructor_aborts
      fail abi.library: while it was loaded: its process was ended by signal 6 (SIGABRT)
    no_symbol
      fail abi.entry: it does not export jackfield_plugin_entry_v1, so it is no Jackfield plugin of ABI 1
    null_table
      fail abi.entry: it returned no function table (NULL)
    short_table
      fail abi.sizes: its function table has 24 bytes, ABI 1 has 40; build it against jackfield_plugin.h of ABI 1
    null_resume
      fail abi.sizes: its function table has no resume (NULL)
    describe_crashes
      fail abi.describe: its process was ended by signal 11 (SIGSEGV)
    manifest_any_name
      fail manifest.schema: name is "../../etc"; a name has lower case letters, digits, hyphens and underscores, begins with a letter and has at most 64
    "#);
    let every: BTreeSet<&str> = catalogue::ALL.iter().map(|rule| rule.key).collect();
    assert_eq!(
        broken, every,
        "every check has a plugin that it finds fault with"
    );
}

/// Without what a clock or the kernel measured.
fn without_figures(text: &str) -> String {
    let line = |line: &str| match line.split_once(": ") {
        Some((id, _)) if id.contains(" load.") => format!("{id}: …\n"),
        _ => format!("{line}\n"),
    };
    text.lines().map(line).collect()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_report() {
    let plugins = Plugins::new();
    let file = plugins.conforming("seeded", &["STUMBLES_OVER_CALLS"]);
    let mut options = Options::new(3);
    options.child = Some(env!("CARGO_BIN_EXE_jackfield-plugin-child").into());
    options.filter = Some("fuzz.".into());
    let first = run(&file, &options, &mut |_| ()).await.unwrap();
    let second = run(&file, &options, &mut |_| ()).await.unwrap();
    assert_eq!(first.to_json(), second.to_json());
    options.seed = 4;
    let third = run(&file, &options, &mut |_| ()).await.unwrap();
    assert_ne!(first.to_json()["checks"], third.to_json()["checks"]);
}

#[tokio::test]
async fn what_cannot_be_checked_says_why() {
    let said = |result: Result<Report, NotChecked>| result.unwrap_err().to_string();
    insta::assert_snapshot!(said(check(Path::new("/nowhere/libx.so")).await), @"/nowhere/libx.so: it cannot be read: No such file or directory (os error 2); give the path of a plugin's library or bundle");
    insta::assert_snapshot!(said(check(Path::new("/tmp")).await), @"/tmp: it cannot be read: Is a directory (os error 21); give the path of a plugin's library or bundle");
    let plugins = Plugins::new();
    let mut options = Options::new(1);
    options.filter = Some("teleport".into());
    options.child = Some(env!("CARGO_BIN_EXE_jackfield-plugin-child").into());
    let file = plugins.conforming("filtered", &[]);
    insta::assert_snapshot!(said(run(&file, &options, &mut |_| ()).await), @r#"no check has an id with "teleport" in it; without --filter every id is printed"#);
}

#[test]
fn every_check_is_documented_as_it_is() {
    let page = include_str!("../../../../docs/plugins/check.md");
    let rows: String = catalogue::ALL
        .iter()
        .map(|rule| {
            format!(
                "| `{}` | {} | {} |\n",
                rule.pattern(),
                rule.holds,
                rule.remedy
            )
        })
        .collect();
    assert!(
        page.contains(&rows),
        "docs/plugins/check.md has to hold this table:\n{rows}"
    );
}
