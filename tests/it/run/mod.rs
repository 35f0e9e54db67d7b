//! Runs and their steps.

mod branch;
mod input;
mod limit;
mod rerun;
mod retry;
mod test;
mod updates;
