use anyhow::{Context, bail};
use jackfield_storage::access::{ManageKeys, Permit, Role};
use jackfield_storage::api_key::{self, NewApiKey};
use jackfield_storage::{Clock, Store, StoreConfig};

use crate::auth::NewKey;
use crate::config::Config;
use crate::start::prepare_data_dir;

/// Creates an API key in the default workspace and prints it.
///
/// # Errors
///
/// When the database cannot be opened, for example because a server on SQLite is using it.
pub fn run(config: &Config, name: String, role: Role) -> anyhow::Result<()> {
    if name.trim().is_empty() {
        bail!("--name must not be empty");
    }
    prepare_data_dir(&config.data_dir)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(create(config, name, role))
}

async fn create(config: &Config, name: String, role: Role) -> anyhow::Result<()> {
    let store = Store::open(
        StoreConfig::new(config.database_url.reveal()),
        Clock::system(),
    )
    .await?;
    let (workspace, _) = store.ensure_default_workspace().await?;
    let permit = Permit::<ManageKeys>::system(workspace.id, "key create");
    let key = NewKey::generate(store.clock());
    let new = NewApiKey {
        name,
        role,
        prefix: key.prefix,
        hash: key.hash,
        expires_at: None,
    };
    api_key::create(&store, &permit, new)
        .await
        .context("the key cannot be stored")?;
    store.close().await;
    println!("{}", key.secret);
    Ok(())
}
