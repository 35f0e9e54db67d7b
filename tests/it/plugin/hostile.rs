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
    let workflow = owner
        .publish(
            name,
            start_then(node(
                "harm",
                name,
                json!({"url": "https://elsewhere.example/"}),
            )),
        )
        .await?;
    let run = owner.start_run(&workflow, json!({})).await?;
    let run = owner.ended(&run).await?;
    let step = step(&run, "harm");
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    Ok(format!(
        "{name} {} {}",
        word(&step["status"]),
        word(&step["error"]["code"])
    ))
}

async fn the_server_outlives_them_all(engine: Engine) -> Result<()> {
    let setup = Setup::new(engine)?.environment("JACKFIELD_UNSIGNED_PLUGINS", "allow");
    let plugins: PathBuf = setup.plugins().to_owned();
    compile_all(&plugins)?;
    let jackfield = setup.start().await?;
    let owner = jackfield.owner();

    let data = owner
        .data("{ plugins { nodes { name status error } } }")
        .await?;
    let listed = data["plugins"]["nodes"].as_array().context("a list")?;
    for (name, _) in cases("load") {
        let file = format!("{name}{}", std::env::consts::DLL_SUFFIX);
        let plugin = listed.iter().find(|plugin| plugin["name"] == *file);
        let plugin = plugin.with_context(|| format!("{file} is not listed: {data:#}"))?;
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
        assert_snapshot!(told, @"");
    }

    let good = start_then(node("good", "good", json!({})));
    let run = owner.run_once(good, json!({})).await?;
    assert_eq!(step(&run, "good")["output"], "good", "{run:#}");
    jackfield.finish().await
}
