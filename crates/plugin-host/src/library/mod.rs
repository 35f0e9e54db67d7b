//! A loaded library behind safe functions: the only place that calls into foreign code.

mod load;
mod sink;
mod table;

pub(crate) use load::{Step, host_info};
pub(crate) use sink::{STRAY, Sink, heard, judge, strayed, verdict};
pub(crate) use table::{Instance, Library};
