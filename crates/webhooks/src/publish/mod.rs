//! What a company's own product says has happened.

mod fingerprint;

pub use fingerprint::fingerprint;
