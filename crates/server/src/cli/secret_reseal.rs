use anyhow::bail;
use serde_json::json;

use super::remote::Server;

const RESEAL: &str = "mutation { resealSecrets(input: {}) { resealed current unreadable } }";

/// Seals everything on a server with its current master key, and says whether the others can go.
///
/// # Errors
///
/// When the server cannot be reached, refuses, or has secrets that none of its keys opens.
pub fn run(server: &Server) -> anyhow::Result<()> {
    let remote = server.connect()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut data = runtime.block_on(remote.ask(RESEAL, json!({})))?;
    let done = data["resealSecrets"].take();
    println!(
        "{} secrets sealed with the current master key, {} were before.",
        done["resealed"], done["current"]
    );
    let unreadable: Vec<&str> = done["unreadable"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|id| id.as_str())
        .collect();
    if !unreadable.is_empty() {
        bail!(
            "no key of the server opens the secrets of {}: enter them again",
            unreadable.join(", ")
        );
    }
    println!("The other master keys of the server can be removed.");
    Ok(())
}
