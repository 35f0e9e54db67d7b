//! A loaded library behind safe functions: the only place that calls into foreign code.

mod load;
mod sink;
mod table;

pub(crate) use load::host_info;
pub(crate) use sink::{Sink, judge, verdict};
pub(crate) use table::{Instance, Library};
