//! A server that a test drops before its end.

use std::cell::Cell;

use super::{Jackfield, log};

thread_local! {
    static DROPPED: Cell<bool> = const { Cell::new(false) };
}

/// Whether a server was dropped on this thread without [`Jackfield::finish`].
pub(crate) fn dropped_without_finish() -> bool {
    DROPPED.get()
}

impl Drop for Jackfield {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        DROPPED.set(true);
        let log = log::read(self.home.path()).unwrap_or_else(|error| error.to_string());
        eprintln!("--- the log of the server\n{log}--- end of the log");
    }
}
