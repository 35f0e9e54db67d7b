//! The demo: a signed Stripe event runs a workflow whose node, in a plugin, calls an HTTP service.
//!
//! `cargo xtask demo` builds what it needs and runs it.

mod progress;
mod scene;

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_tests::{Engine, Jackfield, Receiver, Reply};
use serde_json::json;
use tokio::time::{Instant, timeout};

use progress::Progress;
use scene::Scene;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let shown = timeout(Duration::from_secs(55), show()).await;
    match shown.context("the demo has taken too long").flatten() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nThe demo failed: {error:?}");
            ExitCode::FAILURE
        }
    }
}

async fn show() -> Result<()> {
    let began = Instant::now();
    let mut progress = Progress::of(7);

    progress
        .step("Starting the server on a temporary directory, with SQLite and the plugin `http`");
    let ledger = Receiver::start().await?;
    ledger.answer(
        "/ledger/bk_2041",
        [Reply::json(201, &json!({"receipt": 77})).after(Duration::from_secs(1))],
    );
    let jackfield = Jackfield::whole(Engine::Sqlite).await?;
    progress.detail(&jackfield.url("/"));
    let catalogue = jackfield
        .owner()
        .succeed("importEventTypes", json!({}), "eventTypes { id }")
        .await?;
    let types = catalogue["eventTypes"].as_array().map_or(0, Vec::len);
    progress.detail(&format!(
        "a catalogue with the starter set of {types} event types"
    ));

    let scene = Scene { jackfield, ledger };
    scene.play(&mut progress).await?;
    scene.jackfield.finish().await?;
    println!(
        "\nDone in {:.1} s. The server has stopped and its directory is gone.",
        began.elapsed().as_secs_f64()
    );
    println!("`cargo xtask serve` starts one that stays.");
    Ok(())
}
