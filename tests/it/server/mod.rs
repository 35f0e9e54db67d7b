//! The process: how it starts, stops and comes back.

mod refuse;
mod restart;
mod stop;
mod watch;
