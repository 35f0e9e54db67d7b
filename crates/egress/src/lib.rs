//! The only place in Jackfield that opens an outgoing connection.
//!
//! Everything that workflows, plugins and webhooks send goes through [`Egress::send`]. It resolves a name, refuses
//! addresses that are not public (see [`address`]) unless an operator allowed their range, and dials only the
//! addresses that it checked. Redirects are followed by a loop of its own: each hop is checked like the first one,
//! and nothing secret crosses from one origin to another. Time, size and connections per host are bounded. No proxy
//! is ever taken from the environment, and bodies are not decompressed, so there is no archive to explode.
//! What goes to a NATS server ([`nats`]) goes through the same checks.

pub mod address;
mod error;
mod gate;
mod guard;
mod limits;
mod lookup;
pub mod nats;
mod redirect;
mod request;
mod response;
mod send;

pub use error::{EgressError, ErrorCode};
pub use gate::{Gate, Open};
pub use lookup::{Lookup, Resolving, SystemLookup};
pub use request::{Outgoing, Request};
pub use response::Response;
pub use send::{Egress, EgressConfig};
