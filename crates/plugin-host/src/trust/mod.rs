//! Which files may become plugins, and what those may do.
//!
//! An operator decides once, when a plugin is installed, and the decision is written down in `jackfield.lock` beside the
//! plugins: the keys that are trusted, and for each plugin its version, the SHA-256 of its library per platform, who
//! signed it, and the hosts and capabilities that it was granted. From then on the lock alone decides:
//!
//! - no code of a library runs before its bytes were hashed and the lock holds that hash ([`Trust::admit`]); what is
//!   loaded are the very bytes that were hashed, so exchanging the file in between makes no difference;
//! - what it says about itself has to fit the lock, and it gets what it was granted and no more ([`Trust::grant`]);
//! - a plugin whose signer is no longer trusted is not loaded.
//!
//! Signatures are checked when a bundle is installed ([`bundle`](crate::bundle)); the lock then stands for them. Whoever
//! can write the lock can decide what runs, so it belongs to the operator and not to the account of the server.

mod grants;
mod host_grant;
mod key;
mod lock;
mod lock_file;
mod triple;
mod verdict;

pub use grants::{Grants, Wants};
pub use host_grant::{BadHost, HostGrant};
pub use key::{BadKey, PublicKey};
pub use lock::{Consent, Lock, LockedLibrary, LockedPlugin, Signer};
pub use lock_file::{LOCK_FILE, LockError, LockFile};
pub use triple::Triple;
pub(crate) use verdict::Trust;

/// What happens to a library that nobody vouched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsigned {
    /// It is loaded.
    Allow,
    /// It is listed as failed and not loaded.
    Refuse,
}
