//! What the server cannot work with: it says so in a sentence and exits with a code, without a panic.

use std::fs;

use anyhow::Result;
use jackfield_tests::{Engine, Exit, Setup};

/// Starts a server on SQLite that is expected to refuse, and returns what it said.
#[tokio::main(flavor = "current_thread")]
async fn refused(setup: Setup) -> Result<Exit> {
    let exit = setup.run_to_exit().await?;
    assert_ne!(exit.code, 0, "{}", exit.log);
    assert!(!exit.log.contains("panicked"), "{}", exit.log);
    Ok(exit)
}

#[test]
fn a_corrupt_database() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    fs::write(
        setup.home().join("data/jackfield.db"),
        "This is no database. ".repeat(1000),
    )?;
    let exit = refused(setup)?;
    assert!(exit.log.contains("jackfield.db"), "{}", exit.log);
    Ok(())
}

#[test]
fn a_database_that_was_cut_off() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let file = setup.home().join("data/jackfield.db");
    let mut bytes = b"SQLite format 3\0".to_vec();
    bytes.resize(700, 0xA5);
    fs::write(&file, bytes)?;
    let exit = refused(setup)?;
    assert!(exit.log.contains("jackfield.db"), "{}", exit.log);
    Ok(())
}

#[test]
fn a_data_directory_that_cannot_be_written() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let data = setup.home().join("data");
    fs::remove_dir(&data)?;
    // Not even root can make a file there.
    std::os::unix::fs::symlink("/proc/self", &data)?;
    let exit = refused(setup)?;
    assert!(exit.log.contains("data"), "{}", exit.log);
    Ok(())
}

#[test]
fn a_data_directory_that_is_a_file() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?;
    let data = setup.home().join("data");
    fs::remove_dir(&data)?;
    fs::write(&data, "")?;
    refused(setup)?;
    Ok(())
}

#[test]
fn a_database_that_is_not_there() -> Result<()> {
    let url = "postgres://nobody@localhost/nothing?host=%2Fnowhere";
    refused(Setup::new(Engine::Sqlite)?.environment("JACKFIELD_DATABASE_URL", url))?;
    Ok(())
}

#[test]
fn a_setting_that_cannot_be() -> Result<()> {
    let setup = Setup::new(Engine::Sqlite)?.environment("JACKFIELD_EGRESS_ALLOW", "10.0.0.0/99");
    let exit = refused(setup)?;
    assert!(
        exit.log.contains("egress_allow") && exit.log.contains("10.0.0.0/99"),
        "{}",
        exit.log
    );
    Ok(())
}
