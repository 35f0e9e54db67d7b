//! Runs and their steps.

mod approval;
mod branch;
mod cancel;
mod child;
mod deadlock;
mod error_workflow;
mod for_each;
mod input;
mod limit;
mod merge;
mod payload;
mod rerun;
mod retry;
mod test;
mod uncertain;
mod updates;
mod wait_for_event;
