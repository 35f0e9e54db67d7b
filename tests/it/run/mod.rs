//! Runs and their steps.

mod branch;
mod input;
mod rerun;
mod retry;
mod updates;
