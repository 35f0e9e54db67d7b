//! Prints `docs/integrations.md` from the plugins that are built. `cargo xtask integrations` writes it with that.

use anyhow::Result;
use jackfield_tests::{Engine, Jackfield, integrations};

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let jackfield = Jackfield::whole(Engine::Sqlite).await?;
    print!("{}", integrations::page(&jackfield.owner()).await?);
    jackfield.finish().await
}
