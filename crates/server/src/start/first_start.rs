use std::fs;
use std::path::Path;

use anyhow::Context;
use jackfield_storage::Store;
use jackfield_storage::access::{ManageKeys, Permit, Role, Scopes};
use jackfield_storage::api_key::{self, NewApiKey};

use super::data_dir::write_private;
use crate::auth::NewKey;

/// The name of the workspace that the first start makes.
pub const DEFAULT_WORKSPACE: &str = "default";

/// On an empty database makes the workspace and its owner's key, prints the key once and keeps it in `owner.key`.
///
/// # Errors
///
/// When the database or the file cannot be written.
pub async fn ensure_owner(store: &Store, data_dir: &Path) -> anyhow::Result<()> {
    let (workspace, _) = store.ensure_default_workspace().await?;
    let permit = Permit::<ManageKeys>::system(workspace.id, "first start");
    // Asked by the keys and not by the workspace: a start that was cut off in between is made good.
    if api_key::count(store.reader(), &permit, None).await? > 0 {
        return Ok(());
    }
    let key = NewKey::generate(store.clock());
    let file = data_dir.join("owner.key");
    if file.exists() {
        fs::rename(&file, data_dir.join("owner.key.old"))
            .with_context(|| format!("{} cannot be put aside", file.display()))?;
    }
    write_private(&file, &format!("{}\n", key.secret))
        .with_context(|| format!("{} cannot be written", file.display()))?;
    let new = NewApiKey {
        name: "Owner".to_owned(),
        integration: None,
        role: Role::Owner,
        scopes: Scopes::All,
        prefix: key.prefix,
        hash: key.hash,
        expires_at: None,
    };
    api_key::create(store, &permit, new).await?;
    println!(
        "The owner's API key, shown this once and kept in {}:\n\n    {}\n",
        file.display(),
        key.secret
    );
    Ok(())
}
