use anyhow::{Context, bail};
use jackfield_storage::access::{ManageKeys, Permit, Role, Scope, Scopes};
use jackfield_storage::api_key::{self, NewApiKey};
use jackfield_storage::{Clock, Store, StoreConfig};

use crate::auth::NewKey;
use crate::config::Config;
use crate::start::prepare_data_dir;

/// What the key is to be.
pub struct NewKeyArgs {
    /// What people call it.
    pub name: String,
    /// What its holder may do.
    pub role: Role,
    /// For which integration it is.
    pub integration: Option<String>,
}

/// Creates an API key in the default workspace and prints it.
///
/// # Errors
///
/// When the database cannot be opened, for example because a server on SQLite is using it, or another key has the name.
pub fn run(config: &Config, scopes: &[Scope], args: NewKeyArgs) -> anyhow::Result<()> {
    if args.name.trim().is_empty() {
        bail!("--name must not be empty");
    }
    if let Some(scope) = scopes.iter().find(|scope| scope.minimum() > args.role) {
        let needed = scope.minimum();
        bail!("--scope {scope}: this needs --role {needed} or higher");
    }
    let scopes = match scopes {
        [] => Scopes::All,
        some => Scopes::only(some.iter().copied()),
    };
    prepare_data_dir(&config.data_dir)?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(create(config, scopes, args))
}

async fn create(config: &Config, scopes: Scopes, args: NewKeyArgs) -> anyhow::Result<()> {
    let store = Store::open(
        StoreConfig::new(config.database_url.reveal()),
        Clock::system(),
    )
    .await?;
    let (workspace, _) = store.ensure_default_workspace().await?;
    let permit = Permit::<ManageKeys>::system(workspace.id, "key create");
    let key = NewKey::generate(store.clock());
    let new = NewApiKey {
        name: args.name.trim().to_owned(),
        integration: args.integration,
        role: args.role,
        scopes,
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
