use std::fs;
use std::io::{IsTerminal, stdin};
use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use clap::Args;
use jackfield_plugin_host::bundle::SigningKey;

use crate::start::write_private;

/// The variable with the password of a signing key.
pub const PASSWORD: &str = "JACKFIELD_SIGNING_PASSWORD";

/// Where a new key goes.
#[derive(Args)]
pub struct KeygenArgs {
    /// The file for the secret key; the public key goes beside it, with the ending .pub.
    #[arg(long, value_name = "FILE", default_value = "jackfield.key")]
    out: PathBuf,
    /// Protect the secret key with no password, for machines that sign.
    #[arg(long)]
    no_password: bool,
}

/// Makes a key to sign bundles with.
///
/// # Errors
///
/// When one of the files exists or cannot be written, or there is no password.
pub fn run(args: KeygenArgs) -> anyhow::Result<()> {
    let public = args.out.with_extension("pub");
    for file in [&args.out, &public] {
        ensure!(
            !file.exists(),
            "{} exists; choose another name with --out",
            file.display()
        );
    }
    let password = match args.no_password {
        true => None,
        false => Some(new_password()?),
    };
    let key = SigningKey::generate(password)?;
    write_private(&args.out, &key.secret)
        .with_context(|| format!("{} cannot be written", args.out.display()))?;
    fs::write(&public, &key.public)
        .with_context(|| format!("{} cannot be written", public.display()))?;
    println!(
        "secret key  {}  (keep it to yourself, and a copy in a safe place)",
        args.out.display()
    );
    println!("public key  {}  (publish it)", public.display());
    println!(
        "\nWho wants to install what you sign runs\n\n    jackfield plugin trust {} --name YOU",
        key.key
    );
    Ok(())
}

fn new_password() -> anyhow::Result<String> {
    let password = match std::env::var(PASSWORD) {
        Ok(password) => password,
        Err(_) => {
            ensure!(
                stdin().is_terminal(),
                "there is no terminal to ask for a password on: set {PASSWORD}, or add --no-password"
            );
            let password = rpassword::prompt_password("Password for the secret key: ")?;
            if rpassword::prompt_password("Once more: ")? != password {
                bail!("the two are not the same");
            }
            password
        }
    };
    ensure!(
        !password.is_empty(),
        "the password is empty; --no-password makes a key without one"
    );
    Ok(password)
}
