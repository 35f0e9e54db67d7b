use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use jackfield_graphql::AccountError;
use jackfield_storage::user::Email;
use jackfield_storage::{Clock, StorageError, Store, Timestamp, sign_in_failure};
use parking_lot::Mutex;

/// Of how many accounts and addresses something is remembered at most.
const REMEMBERED: usize = 20_000;

/// A number of attempts, and how long it takes until one more is granted.
#[derive(Clone, Copy)]
struct Allowance {
    attempts: u32,
    each: Duration,
}

const ACCOUNT: Allowance = Allowance {
    attempts: 10,
    each: Duration::from_secs(60),
};
/// An office has one address.
const ADDRESS: Allowance = Allowance {
    attempts: 60,
    each: Duration::from_secs(5),
};

/// Slows down whoever guesses passwords: attempts at one account, and attempts from one address, that did not succeed.
///
/// Attempts are counted in memory, so that what comes at once counts as well, and a guess too many costs nothing. Those that have failed
/// are also remembered in the database, for all nodes together: a stranger has no more written than passwords are compared, which takes
/// much longer, and what is written is forgotten as soon as it slows down nobody any more.
pub struct Throttle {
    clock: Clock,
    accounts: Mutex<Buckets<Email>>,
    addresses: Mutex<Buckets<IpAddr>>,
}

/// How long to wait before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Throttle {
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            accounts: Mutex::new(Buckets::new(ACCOUNT)),
            addresses: Mutex::new(Buckets::new(ADDRESS)),
        }
    }

    /// Takes an attempt that is to be made, here or at another node.
    ///
    /// # Errors
    ///
    /// With how long to wait, or when the database fails.
    pub async fn begin(
        &self,
        store: &Store,
        account: &Email,
        address: Option<IpAddr>,
    ) -> Result<(), AccountError> {
        let taken = self.take(account, address);
        taken.map_err(|wait| AccountError::TooMany(wait.0))?;
        let keys = keys(account, address);
        let all: Vec<_> = keys.iter().map(|(key, _)| key.clone()).collect();
        let now = self.clock.now();
        for row in sign_in_failure::find_many(store.reader(), &all).await? {
            let allowance = keys.iter().find(|(key, _)| *key == row.key);
            let Some((_, Allowance { attempts, each })) = allowance else {
                continue;
            };
            let next = row.forgotten_at.max(now).after(*each);
            let over = next.since(now).saturating_sub(*each * *attempts);
            if !over.is_zero() {
                return Err(AccountError::TooMany(over));
            }
        }
        Ok(())
    }

    /// Remembers for all nodes that an attempt has failed.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn failed(
        &self,
        store: &Store,
        account: &Email,
        address: Option<IpAddr>,
    ) -> Result<(), StorageError> {
        let failed = keys(account, address).into_iter();
        let failed = failed.map(|(key, allowance)| (key, allowance.each));
        sign_in_failure::add(store, failed.collect()).await
    }

    /// Takes an attempt, before anything is looked up for it.
    ///
    /// # Errors
    ///
    /// With how long to wait.
    fn take(&self, account: &Email, address: Option<IpAddr>) -> Result<(), Wait> {
        let now = self.clock.now();
        if let Some(address) = address {
            self.addresses.lock().take(network(address), now)?;
        }
        self.accounts.lock().take(account.clone(), now)
    }

    /// Gives back the attempt that has succeeded.
    pub fn succeeded(&self, account: &Email, address: Option<IpAddr>) {
        self.accounts.lock().give_back(account);
        if let Some(address) = address {
            self.addresses.lock().give_back(&network(address));
        }
    }
}

/// By what the failures of an account and an address are remembered: hashes, for nobody has to read there who was guessed at.
fn keys(account: &Email, address: Option<IpAddr>) -> Vec<(Vec<u8>, Allowance)> {
    let hash = |text: String| digest(&SHA256, text.as_bytes()).as_ref().to_vec();
    let account = (hash(format!("account {account}")), ACCOUNT);
    let address = address.map(|address| (hash(format!("address {}", network(address))), ADDRESS));
    [account].into_iter().chain(address).collect()
}

/// What one customer of a provider has: an IPv4 address, or 2⁶⁴ IPv6 addresses.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

struct Buckets<K> {
    allowance: Allowance,
    /// When all attempts of each will be granted again.
    full_at: HashMap<K, Timestamp>,
}

impl<K: Eq + Hash> Buckets<K> {
    fn new(allowance: Allowance) -> Self {
        Self {
            allowance,
            full_at: HashMap::new(),
        }
    }

    fn take(&mut self, key: K, now: Timestamp) -> Result<(), Wait> {
        if self.full_at.len() >= REMEMBERED && !self.full_at.contains_key(&key) {
            self.make_room(now);
        }
        let Allowance { attempts, each } = self.allowance;
        let full_at = self.full_at.entry(key).or_insert(now);
        let next = (*full_at).max(now).after(each);
        let over = next.since(now).saturating_sub(each * attempts);
        if !over.is_zero() {
            return Err(Wait(over));
        }
        *full_at = next;
        Ok(())
    }

    fn give_back(&mut self, key: &K) {
        if let Some(full_at) = self.full_at.get_mut(key) {
            *full_at = full_at.before(self.allowance.each);
        }
    }

    /// Forgets those of whom nothing has to be remembered, else the half of which least has to be.
    fn make_room(&mut self, now: Timestamp) {
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < REMEMBERED {
            return;
        }
        let mut ends: Vec<Timestamp> = self.full_at.values().copied().collect();
        let (_, median, _) = ends.select_nth_unstable(REMEMBERED / 2);
        let median = *median;
        self.full_at.retain(|_, full_at| *full_at > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(name: &str) -> Email {
        format!("{name}@example.com").parse().unwrap()
    }

    #[test]
    fn an_account_is_slowed_down_and_recovers() {
        let clock = Clock::manual(Timestamp::EPOCH);
        let throttle = Throttle::new(clock.clone());
        let ada = email("ada");
        for _ in 0..ACCOUNT.attempts {
            assert_eq!(throttle.take(&ada, None), Ok(()));
        }
        assert_eq!(throttle.take(&ada, None), Err(Wait(ACCOUNT.each)));
        assert_eq!(throttle.take(&email("bob"), None), Ok(()));
        clock.advance(ACCOUNT.each);
        assert_eq!(throttle.take(&ada, None), Ok(()));
        assert!(throttle.take(&ada, None).is_err());
    }

    #[test]
    fn who_succeeds_is_not_slowed_down() {
        let throttle = Throttle::new(Clock::manual(Timestamp::EPOCH));
        let (ada, home) = (email("ada"), Some([192, 0, 2, 7].into()));
        for _ in 0..500 {
            assert_eq!(throttle.take(&ada, home), Ok(()));
            throttle.succeeded(&ada, home);
        }
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_slowed_down() {
        let throttle = Throttle::new(Clock::manual(Timestamp::EPOCH));
        let from = |last: u16| Some(Ipv6Addr::new(0x2001, 0xdb8, 0, 7, 0, 0, 0, last).into());
        for guess in 0..ADDRESS.attempts {
            let account = email(&guess.to_string());
            assert_eq!(throttle.take(&account, from(guess as u16)), Ok(()));
        }
        let next = throttle.take(&email("next"), from(1));
        assert_eq!(next, Err(Wait(ADDRESS.each)));
    }

    #[test]
    fn what_is_remembered_does_not_grow_without_end() {
        let clock = Clock::manual(Timestamp::EPOCH);
        let mut buckets = Buckets::new(ACCOUNT);
        for number in 0..3 * REMEMBERED {
            buckets.take(number, clock.now()).unwrap();
            assert!(buckets.full_at.len() <= REMEMBERED);
        }
    }
}
