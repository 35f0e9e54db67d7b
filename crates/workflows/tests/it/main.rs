//! The engine with a real plugin, a real database and a real HTTP service.

mod call;
mod panel;
mod restart;
