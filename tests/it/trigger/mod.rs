//! What starts runs by itself: `event` and `schedule`.

mod event;
mod schedule;
