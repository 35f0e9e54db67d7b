//! Scalars beyond those of the GraphQL specification, each with a URL that says what its text looks like.

mod date_time;
mod duration;
mod json;
mod url;

pub use date_time::DateTime;
pub use duration::Duration;
pub use json::JsonScalar;
pub use url::Url;
