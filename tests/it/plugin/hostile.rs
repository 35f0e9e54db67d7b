//! Every hostile plugin there is in one server, which then still runs a good one.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use insta::{allow_duplicates, assert_snapshot};
use jackfield_tests::{Client, Engine, Setup, node, on_both_engines, start_then, step};
use serde_json::{Value, json};

on_both_engines![the_server_outlives_them_all];

/// When each does its harm, its name and its source.
const CASES: &str = include_str!("../../../crates/plugin-host/tests/support/hostile/cases.txt");

fn cases(when: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let prefix = format!("{when} ");
    CASES.lines().filter_map(move |line| {
        let case = line.strip_prefix(&prefix)?;
        case.split_once(' ')
    })
}

fn compile(plugins: &Path, name: &str, source: &str) -> Result<()> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates");
    let mut command = match source.rsplit('.').next() {
        Some("rs") => {
            let mut command = Command::new("rustc");
            command.args(["--edition=2024", "--crate-type=cdylib"]);
            command
        }
        kind => {
            let cpp = kind == Some("cpp");
            let mut command = Command::new(if cpp { "c++" } else { "cc" });
            command
                .arg(if cpp { "-std=c++11" } else { "-std=gnu11" })
                .args(["-shared", "-fPIC", "-O1", "-w", "-pthread", "-I"])
                .arg(crates.join("plugin-abi/include"))
                .arg(format!("-D{}", name.to_uppercase()))
                .arg(format!("-DNAME=\"{name}\""));
            command
        }
    };
    let status = command
        .arg(
            crates
                .join("plugin-host/tests/support/hostile")
                .join(source),
        )
        .arg("-o")
        .arg(plugins.join(format!("{name}{}", std::env::consts::DLL_SUFFIX)))
        .status()?;
    ensure!(status.success(), "{name}: {status}");
    Ok(())
}

fn compile_all(plugins: &Path) -> Result<()> {
    let all = cases("load").chain(cases("call"));
    let all: Vec<_> = all.chain([("good", "good.c")]).collect();
    std::thread::scope(|scope| {
        let parts = all.chunks(all.len().div_ceil(2));
        let jobs: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .try_for_each(|(name, source)| compile(plugins, name, source))
                })
            })
            .collect();
        jobs.into_iter()
            .try_for_each(|job| job.join().expect("no panic"))
    })
}

/// How a run of a hostile node ended.
async fn harm(owner: &Client, name: &str) -> Result<String> {
    let mut harm = node("harm", name, json!({"url": "https://elsewhere.example/"}));
    // For the one that goes on for ever, a little at a time.
    harm["timeout"] = json!("PT20S");
    let workflow = owner.publish(name, start_then(harm)).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    let run = owner.ended(&run).await.with_context(|| name.to_owned())?;
    let step = step(&run, "harm");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    Ok(format!(
        "{name} {} {}",
        word(&step["status"]),
        word(&step["error"]["code"])
    ))
}

/// Every plugin file, page by page.
async fn listed(owner: &Client) -> Result<Vec<Value>> {
    let document = "query($after: String) { plugins(first: 100, after: $after) {
        nodes { name status error } pageInfo { hasNextPage endCursor } } }";
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let data = owner.data_with(document, json!({"after": after})).await?;
        let page = &data["plugins"];
        all.extend(page["nodes"].as_array().context("a list")?.iter().cloned());
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] != true {
            return Ok(all);
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "the table of what each plugin is told is the test"
)]
async fn the_server_outlives_them_all(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_UNSIGNED_PLUGINS", "allow");
    let plugins: PathBuf = setup.plugins().to_owned();
    compile_all(&plugins)?;
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();

    let listed = listed(&owner).await?;
    for (name, _) in cases("load") {
        let file = format!("{name}{}", std::env::consts::DLL_SUFFIX);
        let plugin = listed.iter().find(|plugin| plugin["name"] == *file);
        let plugin = plugin.with_context(|| format!("{file} is not listed"))?;
        assert_eq!(plugin["status"], "FAILED", "{plugin}");
        let error = plugin["error"].as_str().unwrap_or_default();
        assert!(error.contains(&file), "{error}");
    }

    let calls = join_all(cases("call").map(|(name, _)| harm(&owner, name))).await;
    let mut told = String::new();
    for call in calls {
        writeln!(told, "{}", call?)?;
    }
    allow_duplicates! {
        assert_snapshot!(told, @"
        bad_json_length FAILED PLUGIN_FAULT
        bad_bin_length FAILED PLUGIN_FAULT
        short_frame FAILED PLUGIN_FAULT
        trailing_bytes FAILED PLUGIN_FAULT
        bad_utf8 FAILED PLUGIN_FAULT
        no_json FAILED PLUGIN_FAULT
        no_object FAILED PLUGIN_FAULT
        empty_frame FAILED PLUGIN_FAULT
        deep_json FAILED PLUGIN_FAULT
        deep_output FAILED PLUGIN_FAULT
        deep_error FAILED PLUGIN_FAULT
        huge_number FAILED PLUGIN_FAULT
        lone_surrogate FAILED PLUGIN_FAULT
        nul_in_output SUCCEEDED -
        bin_outside FAILED INVALID_REQUEST
        endless_output FAILED TOO_LARGE
        ignores_refusal FAILED TOO_LARGE
        endless_piece FAILED TOO_LARGE
        output_of_nobody FAILED TOO_LARGE
        endless_turns FAILED TIMEOUT
        many_effects FAILED TOO_LARGE
        many_lines SUCCEEDED -
        junk_on_stdout FAILED PRINTED
        duplicate_id FAILED PLUGIN_FAULT
        zero_id FAILED PLUGIN_FAULT
        no_id FAILED PLUGIN_FAULT
        id_too_large FAILED PLUGIN_FAULT
        negative_id FAILED PLUGIN_FAULT
        unknown_effect FAILED UNSUPPORTED
        two_effects_in_one SUCCEEDED -
        pending_for_nothing FAILED PLUGIN_FAULT
        pending_for_a_log FAILED PLUGIN_FAULT
        effects_after_done FAILED PLUGIN_FAULT
        result_and_error FAILED PLUGIN_FAULT
        result_too_early FAILED PLUGIN_FAULT
        no_result FAILED PLUGIN_FAULT
        unknown_port FAILED PLUGIN_FAULT
        unknown_status FAILED PLUGIN_FAULT
        lowest_status FAILED PLUGIN_FAULT
        returns_panic FAILED PLUGIN_FAULT
        random_too_much FAILED TOO_LARGE
        blob_of_another FAILED BLOB_NOT_FOUND
        bad_header FAILED INVALID_REQUEST
        bad_method FAILED INVALID_REQUEST
        file_url FAILED INVALID_REQUEST
        private_address FAILED HOST_NOT_GRANTED
        host_not_granted FAILED HOST_NOT_GRANTED
        redirect_to_not_granted FAILED HOST_NOT_GRANTED
        credential_of_another FAILED NO_CREDENTIAL
        secret_of_another FAILED NO_CREDENTIAL
        credential_elsewhere FAILED NO_CREDENTIAL
        segfault FAILED PLUGIN_CRASHED
        aborts FAILED PLUGIN_CRASHED
        exits FAILED PLUGIN_CRASHED
        exits_quietly FAILED PLUGIN_CRASHED
        stack_overflow FAILED PLUGIN_CRASHED
        divides_by_zero FAILED PLUGIN_CRASHED
        endless_loop FAILED PLUGIN_TIMEOUT
        sleeps FAILED PLUGIN_TIMEOUT
        leak FAILED PLUGIN_FAULT
        leak_and_crash FAILED PLUGIN_CRASHED
        shared_leak FAILED PLUGIN_FAULT
        kills_itself FAILED PLUGIN_CRASHED
        stops_itself FAILED PLUGIN_TIMEOUT
        handles_signals FAILED PLUGIN_TIMEOUT
        handles_its_crash FAILED PLUGIN_TIMEOUT
        open_crashes FAILED PLUGIN_CRASHED
        open_loops FAILED PLUGIN_TIMEOUT
        open_refuses FAILED PLUGIN_FAULT
        open_gives_nothing FAILED PLUGIN_FAULT
        close_crashes FAILED PLUGIN_CRASHED
        close_loops FAILED PLUGIN_TIMEOUT
        panic_in_drop FAILED PLUGIN_CRASHED
        throws FAILED PLUGIN_CRASHED
        forks FAILED REFUSED
        executes FAILED REFUSED
        traces_host FAILED REFUSED
        kills_host FAILED REFUSED
        kills_all FAILED REFUSED
        reads_host FAILED REFUSED
        raises_limits FAILED REFUSED
        becomes_root FAILED REFUSED
        opens_files FAILED REFUSED
        writes_files FAILED REFUSED
        opens_device FAILED REFUSED
        tcp_socket FAILED REFUSED
        udp_socket FAILED REFUSED
        unix_socket FAILED REFUSED
        io_uring FAILED REFUSED
        changes_directory FAILED REFUSED
        closes_descriptors FAILED PLUGIN_CRASHED
        junk_on_protocol FAILED PLUGIN_CRASHED
        half_a_frame FAILED PLUGIN_TIMEOUT
        answers_for_others FAILED PLUGIN_FAULT
        reads_protocol FAILED PLUGIN_TIMEOUT
        writes_after_return FAILED PLUGIN_FAULT
        writes_from_a_thread FAILED PLUGIN_FAULT
        thread_bomb FAILED REFUSED
        spins_on SUCCEEDED -
        ");
    }

    let good = start_then(node("good", "good", json!({})));
    let run = owner.run_once(good, json!({})).await?;
    assert_eq!(step(&run, "good")["output"], "good", "{run:#}");
    jackfield.finish().await
}
