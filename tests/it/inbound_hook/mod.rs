//! Hooks that providers post to.

mod app;
mod attack;
mod format;
mod limit;
mod plugin;
mod request;
mod respond;
mod rotate;
mod scheme;
mod stripe;
