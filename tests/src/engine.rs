//! The database engines that every integration test runs on.

use std::env;
use std::future::Future;

use anyhow::{Result, ensure};

use crate::jackfield::dropped_without_finish;
use crate::postgres::Cluster;

/// A database engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// The embedded default.
    Sqlite,
    /// A private cluster made from the installed binaries.
    Postgres,
}

/// Runs one example on one engine, or says aloud that it cannot. Used by [`on_both_engines!`](crate::on_both_engines).
///
/// PostgreSQL is required when `JACKFIELD_REQUIRE_POSTGRES` is `1`, and skipped where its binaries are missing otherwise.
pub fn example<F>(engine: Engine, body: fn(Engine) -> F) -> Result<()>
where
    F: Future<Output = Result<()>>,
{
    if engine == Engine::Postgres && !Cluster::is_installed() {
        let required = env::var("JACKFIELD_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(
            !required,
            "JACKFIELD_REQUIRE_POSTGRES=1, but no PostgreSQL server is installed"
        );
        eprintln!("SKIPPED: no PostgreSQL server is installed, so this example ran on SQLite only");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(body(engine))?;
    ensure!(
        !dropped_without_finish(),
        "the example drops a server without `finish`"
    );
    Ok(())
}

/// Makes two tests, `<name>::sqlite` and `<name>::postgres`, of each `async fn(Engine) -> anyhow::Result<()>`.
#[macro_export]
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            use $crate::{Engine, example};

            #[test]
            fn sqlite() -> anyhow::Result<()> {
                example(Engine::Sqlite, super::$name)
            }

            #[test]
            fn postgres() -> anyhow::Result<()> {
                example(Engine::Postgres, super::$name)
            }
        })+
    };
}
