//! What is said when the database cannot be opened.

use std::{fs, time::Duration};

use anyhow::Result;
use jackfield_storage::{
    Clock, OpenError, Store, StoreConfig,
    sea_orm::{ConnectionTrait, Database as Connect},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{Database, Sample};

on_both_engines!(a_newer_schema_is_refused);

async fn refusal(url: &str) -> String {
    match Store::open(StoreConfig::new(url), Clock::system()).await {
        Ok(_) => "it opened".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("jackfield.db");
    fs::write(
        &file,
        "this is no database, however long one looks at it. ".repeat(100),
    )?;
    let text = refusal(&format!("sqlite://{}", file.display())).await;
    insta::assert_snapshot!(
        text.replace(&file.display().to_string(), "FILE"),
        @"FILE is damaged or is no SQLite database (file is not a database): restore it from a backup, or move it and its -wal file away to start with an empty one"
    );
    assert!(fs::read_to_string(&file)?.starts_with("this is no database"));
    Ok(())
}

#[tokio::test]
async fn a_damaged_database_is_refused() -> Result<()> {
    let sample = Sample::create(Engine::Sqlite).await?;
    sample.store.close().await;
    let file = sample
        .database
        .url
        .trim_start_matches("sqlite://")
        .to_owned();
    let mut bytes = fs::read(&file)?;
    let end = bytes.len();
    bytes[4_096..end].fill(0x5a);
    fs::write(&file, bytes)?;
    let text = refusal(&sample.database.url).await;
    assert!(text.starts_with(&format!("{file} is damaged")), "{text}");
    Ok(())
}

#[tokio::test]
async fn a_directory_that_cannot_be_written_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "")?;
    let text = refusal(&format!("sqlite://{}/data/jackfield.db", file.display())).await;
    insta::assert_snapshot!(
        text.replace(&file.display().to_string(), "FILE"),
        @"FILE/data cannot be written (Not a directory (os error 20)): make the directory writable for the user that runs jackfield, or choose another one with --data-dir"
    );
    Ok(())
}

#[tokio::test]
async fn a_second_server_on_the_same_file_is_refused() -> Result<()> {
    let sample = Sample::create(Engine::Sqlite).await?;
    let text = refusal(&sample.database.url).await;
    assert!(
        text.starts_with("another jackfield server is using "),
        "{text}"
    );
    sample.store.close().await;
    assert_eq!(refusal(&sample.database.url).await, "it opened");
    Ok(())
}

#[tokio::test]
async fn an_unknown_url_is_refused() {
    let text = refusal("mysql://localhost/jackfield").await;
    assert!(
        text.contains("must begin with `sqlite://` or `postgres://`"),
        "{text}"
    );
}

#[tokio::test]
async fn a_postgresql_that_does_not_answer_is_named_without_its_password() {
    let mut config = StoreConfig::new("postgres://jack:s3cret@127.0.0.1:1/field");
    config.connect_timeout = Duration::from_millis(100);
    let text = match Store::open(config, Clock::system()).await {
        Err(error @ OpenError::Unreachable { .. }) => error.to_string(),
        other => panic!("{:?}", other.err()),
    };
    assert!(
        text.starts_with("PostgreSQL at 127.0.0.1:1/field cannot be reached"),
        "{text}"
    );
    assert!(!text.contains("s3cret"), "{text}");
}

async fn a_newer_schema_is_refused(engine: Engine) -> Result<()> {
    let database = Database::create(engine)?;
    database.open(&Clock::system()).await?.close().await;
    let connection = Connect::connect(&database.url).await?;
    connection
        .execute_unprepared(
            "INSERT INTO migrations (version, applied_at) VALUES ('2999_01_01_000001_future', 0)",
        )
        .await?;
    connection.close().await?;
    let text = refusal(&database.url).await;
    assert!(
        text.contains(
            "upgraded by a newer release (it has the schema step `2999_01_01_000001_future`)"
        ),
        "{text}"
    );
    Ok(())
}
