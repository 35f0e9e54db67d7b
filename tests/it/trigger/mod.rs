//! What starts runs by itself: `event`, `schedule`, and the triggers of plugins.

mod event;
mod plugin;
mod poll;
mod schedule;
