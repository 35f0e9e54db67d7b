//! Developer tasks. It is compiled on each `cargo xtask`, so it depends on next to nothing.

mod bench;
mod cargo;
mod demo;
mod dist;
mod integrations;
mod schema;
mod serve;
mod test;

use std::env;
use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask <task>

  serve [-- <jackfield serve options>]   build the server and every plugin (release), then run
  dist                                   the same build, laid out in <target dir>/dist
  test [--long] [-- <nextest options>]   every test there is; --long: 1,000 kills, 100,000 events followed
  demo                                   show one workflow from webhook to result
  bench [<name>]                         the benchmarks, or one of them, one JSON line per figure
  schema [--check]                       write schema.graphql and the schemas of messages, or fail if they are not current
  integrations                           write docs/integrations.md from the manifests of the plugins";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let options: Vec<String> = arguments.filter(|argument| argument != "--").collect();
    match (task.as_str(), options.as_slice()) {
        ("serve", options) => serve::run(options),
        ("dist", []) => dist::run().map(|dist| println!("{}", dist.display())),
        ("test", options) => test::run(options),
        ("demo", []) => demo::run(),
        ("bench", []) => bench::run(None),
        ("bench", [name]) => bench::run(Some(name)),
        ("schema", []) => schema::write(),
        ("schema", [check]) if check == "--check" => schema::check(),
        ("integrations", []) => integrations::write(),
        _ => bail!("{USAGE}"),
    }
}
