//! Hooks that providers post to.

mod format;
mod respond;
mod scheme;
mod stripe;
