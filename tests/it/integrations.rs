//! The page of integrations: committed as `docs/integrations.md`, written from the manifests.

use std::fs;
use std::path::Path;

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, integrations};

#[tokio::test(flavor = "multi_thread")]
async fn the_committed_page_is_current() -> Result<()> {
    let jackfield = Jackfield::whole(Engine::Sqlite).await?;
    let page = integrations::page(&jackfield.owner()).await?;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(integrations::PAGE);
    let committed = fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == page,
        "docs/integrations.md is not current; run `cargo xtask integrations` and commit it"
    );
    jackfield.finish().await
}
