use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use jackfield_storage::Clock;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// How many may wait for their turn; whoever comes then is told to come again.
const WAITING: usize = 32;

/// The least that OWASP's Password Storage Cheat Sheet advises for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What is compared with when nobody has the address, so that this takes as long. It is the hash of nothing that anybody knows.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// As many sign in as can be taken right now.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("The server is busy with others who sign in. Try again in a moment.")]
pub struct Busy;

/// Hashes and checks passwords: a few at a time, away from the threads that serve requests, so that a flood of them neither
/// stops the server nor fills its memory.
#[derive(Clone)]
pub struct Passwords {
    clock: Clock,
    running: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Passwords {
    pub fn new(clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        // Half of the processor stays for everything else.
        let running = (cores / 2).max(1);
        Self {
            clock,
            running: Arc::new(Semaphore::new(running)),
            places: Arc::new(Semaphore::new(running + WAITING)),
        }
    }

    /// What is stored of a password: a PHC string.
    ///
    /// # Errors
    ///
    /// When too many wait already.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        let mut salt = [0; 16];
        self.clock.random(&mut salt);
        self.work(move || {
            let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
            // The salt and the parameters are ours, so nothing of what a caller sends can make this fail.
            hash.map(|hash| hash.to_string()).map_err(|error| {
                tracing::error!(%error, "a password cannot be hashed");
                Busy
            })
        })
        .await?
    }

    /// Whether a password is the one that was hashed; without a hash it is not, after the same time.
    ///
    /// # Errors
    ///
    /// When too many wait already.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Busy> {
        self.work(move || {
            let known = hash.is_some();
            let hash = hash.as_deref().unwrap_or(NOBODY);
            let fits = hasher().verify_password(password.as_bytes(), hash).is_ok();
            known && fits
        })
        .await
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| Busy)?;
        let turn = self
            .running
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Busy)?;
        // Both are held to the end of the work, also when the caller has gone by then.
        let done = spawn_blocking(move || {
            let done = work();
            drop((turn, place));
            done
        });
        done.await.map_err(|_| Busy)
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Timestamp;

    use super::*;

    #[tokio::test]
    async fn a_password_is_known_by_its_hash() {
        let passwords = Passwords::new(Clock::seeded(Timestamp::EPOCH, 1));
        let hash = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        let verify = |password: &str, hash: Option<&String>| {
            passwords.verify(password.to_owned(), hash.cloned())
        };
        assert!(verify("correct horse", Some(&hash)).await.unwrap());
        assert!(!verify("correct house", Some(&hash)).await.unwrap());
        assert!(!verify("correct horse", None).await.unwrap());
        let again = passwords.hash("correct horse".to_owned()).await.unwrap();
        assert_ne!(again, hash, "each has a salt of its own");
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let passwords = Passwords::new(Clock::seeded(Timestamp::EPOCH, 1));
        let turns = passwords.running.available_permits() + WAITING;
        let _all = passwords
            .places
            .clone()
            .acquire_many_owned(turns as u32)
            .await;
        assert!(passwords.verify("x".to_owned(), None).await.is_err());
    }
}
