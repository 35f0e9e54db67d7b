//! Plugins: those that load, and those that do not.

mod broken;
mod listed;
mod reload;
mod trust;
