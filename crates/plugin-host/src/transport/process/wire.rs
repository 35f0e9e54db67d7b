//! What host and child say to each other over their socket. Both are the same program, so this may change at will.
//!
//! A message is `u32le length, i32le kind, u64le call`, then as many bytes as the length says: the frame that goes to the
//! plugin or came from it. The child works in the order in which messages come, so answers come in that order too.

/// Length in bytes of what begins a message.
pub(crate) const HEAD: usize = 16;

/// To the child: write the manifest.
pub(crate) const DESCRIBE: i32 = 0;
/// To the child: begin a call and run it to its first stop.
pub(crate) const OPEN: i32 = 1;
/// To the child: run a call to its next stop.
pub(crate) const RESUME: i32 = 2;
/// To the child: end a call. Not answered.
pub(crate) const CLOSE: i32 = 3;

/// From the child, once and first: a [`Hello`](super::hello::Hello).
pub(crate) const HELLO: i32 = i32::MIN;
/// From the child: `open` failed with the status in the message. All other kinds are the status of `describe` or `resume`,
/// or one of the two that the sink adds.
pub(crate) const OPEN_FAILED: i32 = i32::MIN + 1;
/// The lowest status of a plugin that does not mean something else here.
pub(crate) const LOWEST_STATUS: i32 = i32::MIN + 16;

/// The beginning of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) len: usize,
    pub(crate) kind: i32,
    pub(crate) call: u64,
}

impl Head {
    pub(crate) fn encode(self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        // Frames are capped far below 4 GiB on both sides.
        let len = u32::try_from(self.len).unwrap_or(u32::MAX);
        bytes[..4].copy_from_slice(&len.to_le_bytes());
        bytes[4..8].copy_from_slice(&self.kind.to_le_bytes());
        bytes[8..].copy_from_slice(&self.call.to_le_bytes());
        bytes
    }

    /// The head of the message that `bytes` begins with, when there are enough of them.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let [l0, l1, l2, l3, k0, k1, k2, k3, call @ ..] = bytes.first_chunk::<HEAD>()?;
        Some(Self {
            len: u32::from_le_bytes([*l0, *l1, *l2, *l3]) as usize,
            kind: i32::from_le_bytes([*k0, *k1, *k2, *k3]),
            call: u64::from_le_bytes(*call),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = Head {
            len: 70_000,
            kind: HELLO,
            call: u64::MAX - 1,
        };
        assert_eq!(Head::decode(&head.encode()), Some(head));
        assert_eq!(Head::decode(&head.encode()[..15]), None);
    }
}
