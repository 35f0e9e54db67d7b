//! The one binary: `jackfield`.

// The optimised build may still compute the layout of the whole schema's nested futures here.
#![recursion_limit = "256"]

mod auth;
mod cli;
mod config;
mod http;
mod logs;
mod shutdown;
mod start;

use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything else: a plugin's process must have no threads and nothing open.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == jackfield_plugin_host::CHILD_ARG)
    {
        jackfield_plugin_host::child::run();
    }
    cli::run()
}
