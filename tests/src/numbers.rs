//! Numbers that look random and can be had again.

use std::env;
use std::hash::{BuildHasher, Hasher, RandomState};

/// SplitMix64: the same numbers for the same seed.
pub struct Numbers(u64);

impl Numbers {
    /// The numbers of this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// The next one, from 0 to below the limit, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The seed that this variable of the environment names, and any one without it. Print it, so that it can be named.
#[must_use]
pub fn seed(name: &str) -> u64 {
    number(name, RandomState::new().build_hasher().finish() % 1_000_000)
}

/// The number in this variable of the environment, or the default.
#[must_use]
pub fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok().and_then(|text| text.parse().ok());
    given.unwrap_or(default)
}
