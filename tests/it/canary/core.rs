//! A process that dies leaves no picture of its memory.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply, example, node, start_then};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};
use serde_json::json;
use tokio::time::sleep;

#[test]
fn no_process_leaves_a_core_file() -> Result<()> {
    example(Engine::Sqlite, crash)
}

async fn crash(engine: Engine) -> Result<()> {
    // What the server is started with is inherited from here.
    let maximum = getrlimit(Resource::Core).maximum;
    let current = maximum;
    setrlimit(Resource::Core, Rlimit { current, maximum })?;
    let scratch = tempfile::tempdir()?;
    let mut other = Command::new("sleep")
        .arg("60")
        .current_dir(scratch.path())
        .spawn()?;
    kill_process(pid(other.id())?, Signal::ABORT)?;
    other.wait()?;
    if cores(scratch.path())?.is_empty() {
        eprintln!(
            "SKIPPED IN PART: this machine puts core files elsewhere, so only the limits were looked at"
        );
    }

    let outside = Receiver::start().await?;
    outside.answer("/slow", [Reply::default().after(Duration::from_secs(2))]);
    let mut jackfield = Jackfield::whole(engine).await?;
    let owner = jackfield.owner();
    let call = node("call", "api-endpoint", json!({"url": outside.url("/slow")}));
    let workflow = owner.publish("Slow", start_then(call)).await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    outside.wait_for(1).await?;
    let home = jackfield.data_dir();
    let home = home
        .parent()
        .context("the data directory lies in the home")?
        .to_owned();
    let children = jackfield.children()?;
    ensure!(!children.is_empty(), "no plugin runs");
    for process in children.iter().chain([&jackfield.process_id()?]) {
        let limits = fs::read_to_string(format!("/proc/{process}/limits"))?;
        let core = limits
            .lines()
            .find(|line| line.starts_with("Max core file size"));
        let words: Vec<&str> = core.unwrap_or_default().split_whitespace().collect();
        assert_eq!(words[4..6], ["0", "0"], "{core:?}");
    }
    for child in children {
        kill_process(pid(child)?, Signal::ABORT)?;
    }
    let ended = owner.ended(&run).await;
    kill_process(pid(jackfield.process_id()?)?, Signal::ABORT)?;
    while !jackfield.has_ended()? {
        sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(cores(&home)?, Vec::<String>::new(), "{ended:?}");
    jackfield.abandon();
    Ok(())
}

fn pid(id: u32) -> Result<Pid> {
    Pid::from_raw(i32::try_from(id)?).context("a process id is positive")
}

/// What looks like a core file.
fn cores(directory: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() && !entry.path().is_symlink() {
            found.extend(cores(&entry.path())?);
        } else if name.contains("core") {
            found.push(name);
        }
    }
    Ok(found)
}
