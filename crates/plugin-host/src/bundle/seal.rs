use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign::{KeyPair, PublicKey as MinisignKey, SecretKey, SecretKeyBox};

use super::BundleError;
use crate::trust::PublicKey;

/// Bytes of a secret key with all that belongs to it.
const LENGTH: usize = 158;

/// The secret key of an author. It has neither `Debug` nor `Display`.
pub struct SigningKey {
    secret: SecretKey,
    public: PublicKey,
}

/// A secret key that cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// It is not the text of a key file.
    #[error("it is no secret key of minisign")]
    NoKey,
    /// It is encrypted, and no password was given.
    #[error("it is protected by a password")]
    PasswordNeeded,
    /// The password is wrong, or the file is damaged.
    #[error("the password is wrong")]
    WrongPassword,
    /// It could not be made.
    #[error("no key could be made: {0}")]
    Generate(String),
}

/// The two files of a new key.
pub struct NewKey {
    /// The text of the file that the author keeps.
    pub secret: String,
    /// The text of the file that the author publishes.
    pub public: String,
    /// The public key alone.
    pub key: PublicKey,
}

impl SigningKey {
    /// Makes a key, with a password or without one.
    ///
    /// # Errors
    /// When the machine gives no random bytes or has not the memory to derive a key from the password.
    pub fn generate(password: Option<String>) -> Result<NewKey, SigningKeyError> {
        let failed = |error: minisign::PError| SigningKeyError::Generate(error.to_string());
        let pair = match password {
            Some(password) => KeyPair::generate_encrypted_keypair(Some(password)),
            None => KeyPair::generate_unencrypted_keypair(),
        };
        let KeyPair { pk, sk } = pair.map_err(failed)?;
        let public = pk.to_box().map_err(failed)?.into_string();
        let comment = "secret key for Jackfield plugins; keep it to yourself";
        Ok(NewKey {
            secret: sk.to_box(Some(comment)).map_err(failed)?.into_string(),
            key: public.parse().map_err(|_| SigningKeyError::NoKey)?,
            public,
        })
    }

    /// Reads the text of a secret key's file, made here or by minisign or rsign2.
    ///
    /// # Errors
    /// When it is no key, or its password is needed or wrong.
    pub fn read(text: &str, password: Option<String>) -> Result<Self, SigningKeyError> {
        let bytes = decode(text).ok_or(SigningKeyError::NoKey)?;
        let secret = match (bytes.get(2..4), password) {
            // Not by the box: that checks a checksum which minisign leaves empty when there is no password.
            (Some([0, 0]), _) => {
                SecretKey::from_bytes(&bytes).map_err(|_| SigningKeyError::NoKey)?
            }
            (Some(b"Sc"), None) => return Err(SigningKeyError::PasswordNeeded),
            (Some(b"Sc"), Some(password)) => SecretKeyBox::from(text.to_owned())
                .into_secret_key(Some(password))
                .map_err(|_| SigningKeyError::WrongPassword)?,
            _ => return Err(SigningKeyError::NoKey),
        };
        let public = MinisignKey::from_secret_key(&secret).map_err(|_| SigningKeyError::NoKey)?;
        let public = public
            .to_base64()
            .parse()
            .map_err(|_| SigningKeyError::NoKey)?;
        Ok(Self { secret, public })
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The text of a `.minisig` file over these bytes.
    pub(super) fn sign(&self, bytes: &[u8], comment: &str) -> Result<String, BundleError> {
        let untrusted = "signature of a Jackfield plugin; verify with minisign";
        // With the public key the signature is verified before it is given out.
        let public =
            MinisignKey::from_secret_key(&self.secret).map_err(|_| BundleError::Signature)?;
        let signature = minisign::sign(
            Some(&public),
            &self.secret,
            bytes,
            Some(comment),
            Some(untrusted),
        );
        signature
            .map(|signature| signature.into_string())
            .map_err(|_| BundleError::Signature)
    }
}

/// The bytes of a key's file: two letters for the algorithm, two for how it is encrypted, and the rest.
fn decode(text: &str) -> Option<Vec<u8>> {
    let line = text.lines().nth(1)?.trim();
    let bytes = STANDARD.decode(line).ok()?;
    (bytes.len() == LENGTH && bytes.starts_with(b"Ed")).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Made by `minisign -G -W`, version 0.11 of Debian.
    const UNENCRYPTED: &str = "untrusted comment: minisign encrypted secret key\nRWQAAEIyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA4GOdgyNDn1DLXNCtZciG9zcOH3+4RfObaSACLKrWO20I96u+iyJ2lpTLR8is5nO9QfvnzMzysdOawRrXzxm5+oF5ZRLa65i3AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn a_key_that_minisign_made_signs() {
        let key = SigningKey::read(UNENCRYPTED, None).unwrap();
        let signature = key.sign(b"bytes", "file:plugin.json").unwrap();
        assert!(key.public().verifies(b"bytes", &signature));
        assert_eq!(
            key.public().as_str(),
            "RWTgY52DI0OfUJTLR8is5nO9QfvnzMzysdOawRrXzxm5+oF5ZRLa65i3"
        );
    }

    fn error(text: &str, password: Option<&str>) -> String {
        match SigningKey::read(text, password.map(str::to_owned)) {
            Ok(_) => "read".into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_key_signs_what_its_public_half_verifies() {
        let new = SigningKey::generate(None).unwrap();
        let key = SigningKey::read(&new.secret, None).unwrap();
        assert_eq!(key.public(), &new.key);
        let signature = key.sign(b"bytes", "file:plugin.json").unwrap();
        assert!(new.key.verifies(b"bytes", &signature));
        assert!(!new.key.verifies(b"other", &signature));
        assert_eq!(new.public.parse(), Ok(new.key));
    }

    #[test]
    fn a_key_with_a_password_needs_it() {
        let new = SigningKey::generate(Some("open sesame".into())).unwrap();
        assert_eq!(error(&new.secret, Some("open sesame")), "read");
        insta::assert_snapshot!(error(&new.secret, Some("wrong")), @"the password is wrong");
        insta::assert_snapshot!(error(&new.secret, None), @"it is protected by a password");
        insta::assert_snapshot!(error("junk", None), @"it is no secret key of minisign");
        insta::assert_snapshot!(error(&new.public, None), @"it is no secret key of minisign");
    }
}
