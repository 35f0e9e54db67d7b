//! Sealing of credentials and hook secrets with the master keys.
//!
//! A sealed blob is `version (1 byte) · key id (8) · nonce (12) · AES-256-GCM ciphertext and tag`. The associated data
//! names the workspace and the row, so a blob that is copied to another row or workspace does not open.

mod master_key;
mod reseal;

use std::{fmt::Display, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use jackfield_storage::ids::WorkspaceId;
use zeroize::Zeroizing;

use master_key::{KEY_ID_LEN, Key};
pub use master_key::{MASTER_KEY_FILE, MasterKey, MasterKeyError};
pub use reseal::Resealed;

const VERSION: u8 = 1;
const HEADER_LEN: usize = 1 + KEY_ID_LEN + NONCE_LEN;

/// Seals and opens with the master keys. A clone shares the keys.
#[derive(Clone)]
pub struct Sealer {
    keys: Arc<Vec<SealingKey>>,
}

struct SealingKey {
    id: [u8; KEY_ID_LEN],
    key: RandomizedNonceKey,
}

/// What a sealed blob belongs to: the workspace, the row that holds it and, where that holds several, the place in it.
pub struct Subject(String);

impl Subject {
    /// The row `id` of `workspace`. The id's prefix keeps rows of different kinds apart.
    pub fn new(workspace: WorkspaceId, id: impl Display) -> Self {
        Self(format!("jackfield/{workspace}/{id}"))
    }

    /// The column `part` of the row `id` of `workspace`, where a row has more than one sealed value.
    pub fn part(workspace: WorkspaceId, id: impl Display, part: &str) -> Self {
        Self(format!("jackfield/{workspace}/{id}/{part}"))
    }
}

/// Why a blob did not seal or open. Nothing of the content is told.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SealError {
    /// The blob names a master key that this server does not have.
    #[error(
        "sealed with master key {key_id}, which this server does not have: add that key after the current one in the \
         master key setting or file, or enter the credentials again"
    )]
    UnknownKey {
        /// The id in the blob, in hexadecimal.
        key_id: String,
    },
    /// The blob is damaged, or it was sealed for another row.
    #[error("the sealed value is damaged or belongs to another row: enter the credentials again")]
    Damaged,
    /// The cryptographic library refused to seal.
    #[error("the value could not be sealed")]
    NotSealed,
}

impl Sealer {
    /// A sealer that seals with the first key of `master` and opens with each of them.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        let keys = master
            .keys()
            .iter()
            .map(SealingKey::new)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            keys: Arc::new(keys),
        })
    }

    /// Seals `plain` for `subject` with the current key.
    pub fn seal(&self, subject: &Subject, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let current = self.keys.first().ok_or(SealError::NotSealed)?;
        let mut content = plain.to_vec();
        let nonce = current
            .key
            .seal_in_place_append_tag(Aad::from(subject.0.as_bytes()), &mut content)
            .map_err(|_| SealError::NotSealed)?;

        let mut blob = Vec::with_capacity(HEADER_LEN + content.len());
        blob.push(VERSION);
        blob.extend_from_slice(&current.id);
        blob.extend_from_slice(nonce.as_ref());
        blob.extend_from_slice(&content);
        Ok(blob)
    }

    /// Opens what [`Sealer::seal`] made for the same `subject`, with whichever key sealed it.
    pub fn open(&self, subject: &Subject, blob: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (header, content) = blob
            .split_at_checked(HEADER_LEN)
            .ok_or(SealError::Damaged)?;
        let (key_id, nonce) = header[1..].split_at(KEY_ID_LEN);
        if header[0] != VERSION {
            return Err(SealError::Damaged);
        }
        let sealed_with = self
            .keys
            .iter()
            .find(|key| key.id == key_id)
            .ok_or_else(|| SealError::UnknownKey {
                key_id: hex::encode(key_id),
            })?;

        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::Damaged)?;
        let mut content = Zeroizing::new(content.to_vec());
        let length = sealed_with
            .key
            .open_in_place(nonce, Aad::from(subject.0.as_bytes()), &mut content)
            .map_err(|_| SealError::Damaged)?
            .len();
        content.truncate(length);
        Ok(content)
    }

    /// True when `blob` was sealed with the current key, so that sealing it again would change nothing.
    pub fn is_current(&self, blob: &[u8]) -> bool {
        let key_id = blob.get(1..1 + KEY_ID_LEN);
        self.keys
            .first()
            .is_some_and(|key| key_id == Some(key.id.as_slice()))
    }
}

impl SealingKey {
    fn new(key: &Key) -> Result<Self, SealError> {
        Ok(Self {
            id: key.id(),
            key: RandomizedNonceKey::new(&AES_256_GCM, key.bytes())
                .map_err(|_| SealError::NotSealed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "b2xkIG9sZCBvbGQgb2xkIG9sZCBvbGQgb2xkIG9sZCA=";
    const NEW: &str = "bmV3IG5ldyBuZXcgbmV3IG5ldyBuZXcgbmV3IG5ldyA=";

    fn sealer(keys: &str) -> Sealer {
        Sealer::new(&MasterKey::parse(keys).unwrap()).unwrap()
    }

    fn subject(id: &str) -> Subject {
        Subject(format!("jackfield/ws_1/{id}"))
    }

    #[test]
    fn opens_what_it_sealed() {
        let sealer = sealer(OLD);
        let blob = sealer.seal(&subject("app_1"), b"sk_test").unwrap();

        assert_eq!(
            sealer.open(&subject("app_1"), &blob).unwrap().as_slice(),
            b"sk_test"
        );
        assert!(!blob.windows(7).any(|part| part == b"sk_test"));
    }

    #[test]
    fn does_not_open_for_another_row() {
        let sealer = sealer(OLD);
        let blob = sealer.seal(&subject("app_1"), b"sk_test").unwrap();

        assert_eq!(
            sealer.open(&subject("app_2"), &blob).unwrap_err(),
            SealError::Damaged
        );
    }

    #[test]
    fn does_not_open_a_changed_or_cut_blob() {
        let sealer = sealer(OLD);
        let blob = sealer.seal(&subject("app_1"), b"sk_test").unwrap();
        let mut changed = blob.clone();
        *changed.last_mut().unwrap() ^= 1;

        assert_eq!(
            sealer.open(&subject("app_1"), &changed).unwrap_err(),
            SealError::Damaged
        );
        assert_eq!(
            sealer.open(&subject("app_1"), &blob[..12]).unwrap_err(),
            SealError::Damaged
        );
    }

    #[test]
    fn a_new_key_in_front_seals_and_the_old_one_still_opens() {
        let blob = sealer(OLD).seal(&subject("app_1"), b"sk_test").unwrap();
        let both = sealer(&format!("{NEW},{OLD}"));

        assert_eq!(
            both.open(&subject("app_1"), &blob).unwrap().as_slice(),
            b"sk_test"
        );
        assert!(!both.is_current(&blob));
        assert!(both.is_current(&both.seal(&subject("app_1"), b"sk_test").unwrap()));
    }

    #[test]
    fn names_the_key_that_is_missing() {
        let blob = sealer(OLD).seal(&subject("app_1"), b"sk_test").unwrap();

        insta::assert_snapshot!(sealer(NEW).open(&subject("app_1"), &blob).unwrap_err(), @"sealed with master key 4b4e61bb7a4f2b2b, which this server does not have: add that key after the current one in the master key setting or file, or enter the credentials again");
    }
}
