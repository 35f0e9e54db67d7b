use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jackfield_storage::Clock;

use super::data_dir::write_private;
use crate::config::Config;

/// The secret of session tokens: the configured one, or that of `session.key` in the data directory, which is made on
/// the first start.
///
/// # Errors
///
/// When the file cannot be read or written, or is too short to be safe.
pub fn load(config: &Config) -> anyhow::Result<Vec<u8>> {
    if let Some(secret) = &config.session_secret {
        return Ok(secret.reveal().as_bytes().to_vec());
    }
    let file = config.data_dir.join("session.key");
    match fs::read_to_string(&file) {
        Ok(text) if text.trim().len() >= 32 => Ok(text.trim().as_bytes().to_vec()),
        Ok(_) => bail!(
            "{} is damaged: remove it to have a new one made; session tokens end then",
            file.display()
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            Clock::system().random(&mut bytes);
            let text = STANDARD.encode(bytes);
            write_private(&file, &format!("{text}\n"))
                .with_context(|| format!("{} cannot be written", file.display()))?;
            Ok(text.into_bytes())
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", file.display())),
    }
}
