use jackfield_storage::Clock;

pub(super) const ALPHABET: &[u8; 62] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// So many letters and digits of the clock's randomness, each of 62 with the same chance.
pub(super) fn random_text(clock: &Clock, length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let mut bytes = [0; 32];
        clock.random(&mut bytes);
        // Bytes from 248 on would make the first characters of the alphabet likelier than the others.
        let fair = bytes.iter().filter(|byte| **byte < 248);
        let missing = length - text.len();
        text.extend(
            fair.take(missing)
                .map(|byte| char::from(ALPHABET[usize::from(*byte) % 62])),
        );
    }
    text
}
