//! Runs and their steps.

mod branch;
mod input;
mod retry;
mod updates;
