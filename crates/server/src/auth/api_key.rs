use aws_lc_rs::digest::{SHA256, digest};
use jackfield_storage::Clock;

use super::secret_text::{ALPHABET, random_text};

/// Marks a Jackfield key, for people and for secret scanners.
const PREFIX: &str = "jackfield_sk_";
/// 30 characters of 62 carry 178 bits.
const RANDOM: usize = 30;
/// 6 characters of 62 hold any CRC-32.
const CHECKSUM: usize = 6;
/// How much of a key its owner sees later.
const SHOWN: usize = PREFIX.len() + 4;

/// A key that was just made. Its text is shown once and stored nowhere.
pub struct NewKey {
    /// The whole key.
    pub secret: String,
    /// The first characters, by which its owner recognises it.
    pub prefix: String,
    /// SHA-256 of the whole key, which is stored.
    pub hash: Vec<u8>,
}

impl NewKey {
    /// Makes a key of the clock's randomness.
    pub fn generate(clock: &Clock) -> Self {
        let mut secret = format!("{PREFIX}{}", random_text(clock, RANDOM));
        secret.push_str(&checksum(&secret));
        let hash = KeyText(&secret).hash();
        Self {
            prefix: secret[..SHOWN].to_owned(),
            hash,
            secret,
        }
    }
}

/// The text of a key whose checksum is right, so that a mistyped one costs no query.
pub struct KeyText<'a>(&'a str);

impl<'a> KeyText<'a> {
    /// Whether a token is meant to be an API key.
    pub fn looks_like(token: &str) -> bool {
        token.starts_with(PREFIX)
    }

    /// Checks the form and the checksum.
    pub fn parse(token: &'a str) -> Option<Self> {
        let random = token.strip_prefix(PREFIX)?;
        let well_formed = random.len() == RANDOM + CHECKSUM
            && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, sum) = well_formed.then(|| token.split_at(token.len() - CHECKSUM))?;
        (checksum(body) == sum).then_some(Self(token))
    }

    /// SHA-256 of the key. A key has too much randomness to be guessed from it, so it needs no salt.
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.0.as_bytes()).as_ref().to_vec()
    }
}

/// CRC-32 in base 62, which scanners can compute without knowing anything else.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// CRC-32 as ISO 3309 and zip define it.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Timestamp;

    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn a_new_key_is_well_formed() {
        let key = NewKey::generate(&Clock::seeded(Timestamp::EPOCH, 1));
        assert_eq!(key.secret.len(), PREFIX.len() + RANDOM + CHECKSUM);
        assert_eq!(key.prefix.len(), SHOWN);
        assert_eq!(KeyText::parse(&key.secret).unwrap().hash(), key.hash);
    }

    #[test]
    fn a_mistyped_key_is_refused_by_its_checksum() {
        let key = NewKey::generate(&Clock::seeded(Timestamp::EPOCH, 2)).secret;
        for at in PREFIX.len()..key.len() {
            let other = if key.as_bytes()[at] == b'x' { "y" } else { "x" };
            let mut mistyped = key.clone();
            mistyped.replace_range(at..=at, other);
            assert!(KeyText::parse(&mistyped).is_none(), "{mistyped}");
        }
        assert!(KeyText::parse("jackfield_sk_").is_none());
        assert!(KeyText::parse(&format!("{key}0")).is_none());
    }
}
