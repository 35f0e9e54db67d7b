//! Plugins: those that load, and those that do not.

mod author;
mod broken;
mod check;
mod hostile;
mod listed;
mod record;
mod reload;
mod removed;
mod trust;
