use aws_lc_rs::digest::{SHA256, digest};
use jackfield_storage::Clock;
use jackfield_storage::ids::{Id, SessionId};

use super::secret_text::random_text;

/// Marks a refresh token, for people and for secret scanners.
const PREFIX: &str = "jackfield_rt_";
/// 26 characters of Crockford's base 32.
const ID: usize = 26;
/// 22 characters of 62 carry 131 bits.
const FAMILY: usize = 22;
/// 30 characters of 62 carry 178 bits.
const SECRET: usize = 30;

/// What a refresh token is made of: the session, a secret of all its tokens, and one of its own.
pub struct RefreshToken {
    /// Of which session.
    pub session: SessionId,
    family: String,
    secret: String,
}

impl RefreshToken {
    /// The first one of a session.
    pub fn first(session: SessionId, clock: &Clock) -> Self {
        Self {
            session,
            family: random_text(clock, FAMILY),
            secret: random_text(clock, SECRET),
        }
    }

    /// The one after it.
    pub fn next(&self, clock: &Clock) -> Self {
        Self {
            session: self.session,
            family: self.family.clone(),
            secret: random_text(clock, SECRET),
        }
    }

    /// Reads a token; `None` when it has another form.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let sound = rest.len() == ID + FAMILY + SECRET
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (id, rest) = sound.then(|| rest.split_at(ID))?;
        let (family, secret) = rest.split_at(FAMILY);
        Some(Self {
            session: format!("{}{id}", SessionId::PREFIX).parse().ok()?,
            family: family.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The token as its holder keeps it.
    pub fn text(&self) -> String {
        let (id, family, secret) = (self.session.ulid(), &self.family, &self.secret);
        format!("{PREFIX}{id}{family}{secret}")
    }

    /// SHA-256 of what all tokens of the session share.
    pub fn family_hash(&self) -> Vec<u8> {
        digest(&SHA256, self.family.as_bytes()).as_ref().to_vec()
    }

    /// SHA-256 of what this one has for itself.
    pub fn hash(&self) -> Vec<u8> {
        digest(&SHA256, self.secret.as_bytes()).as_ref().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::Timestamp;

    use super::*;

    #[test]
    fn a_token_reads_back_what_it_shows() {
        let clock = Clock::seeded(Timestamp::EPOCH, 1);
        let first = RefreshToken::first(clock.id(), &clock);
        let read = RefreshToken::parse(&first.text()).unwrap();
        assert_eq!(read.session, first.session);
        assert_eq!(
            (read.family_hash(), read.hash()),
            (first.family_hash(), first.hash())
        );
        let next = first.next(&clock);
        assert_eq!(next.family_hash(), first.family_hash());
        assert_ne!(next.hash(), first.hash());
    }

    #[test]
    fn what_is_no_token_is_not_looked_up() {
        let clock = Clock::seeded(Timestamp::EPOCH, 1);
        let good = RefreshToken::first(clock.id(), &clock).text();
        for text in [
            "",
            PREFIX,
            &good[..good.len() - 1],
            &good.replace("_rt_", "_sk_"),
            &format!("{good}0"),
        ] {
            assert!(RefreshToken::parse(text).is_none(), "{text}");
        }
    }
}
