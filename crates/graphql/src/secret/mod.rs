//! What is sealed, as a whole.

mod reseal;

pub use reseal::ResealSecrets;
