//! The frame that every message travels in: `u32le json_len, u32le bin_len`, UTF-8 JSON, raw bytes.
//!
//! Bodies travel as raw bytes behind the JSON, which names them with an [`Attachment`]: nothing on the way has to escape,
//! parse or copy them. Zero bytes stand for a frame that holds the empty object.
//!
//! ```
//! use jackfield_plugin_abi::frame::{Attachments, Caps, Frame, encode};
//! use jackfield_plugin_abi::messages::{HttpRequest, Effect, EffectKind, Turn};
//!
//! let mut attachments = Attachments::default();
//! let mut request = HttpRequest::new("POST", "https://api.example.com/v1/customers");
//! request.body = Some(attachments.attach(b"name=Ada"));
//! let turn = Turn { effects: vec![Effect { id: 1, kind: EffectKind::HttpRequest(request) }], ..Turn::default() };
//! let bytes = encode(&turn, attachments.bytes())?;
//!
//! let frame = Frame::decode(&bytes, Caps::default())?;
//! let turn: Turn = frame.parse()?;
//! let EffectKind::HttpRequest(request) = &turn.effects[0].kind else { unreachable!() };
//! assert_eq!(frame.attachment(request.body.unwrap())?, b"name=Ada");
//! # Ok::<(), jackfield_plugin_abi::frame::FrameError>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};

/// Length in bytes of the two length fields that begin a frame.
pub const HEADER_LEN: usize = 8;

/// What a frame may weigh, in bytes. Both sides check before they allocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Most bytes of JSON.
    pub json: usize,
    /// Most raw bytes.
    pub bin: usize,
}

impl Caps {
    /// No caps, for a side that already holds the whole frame.
    pub const UNLIMITED: Self = Self {
        json: usize::MAX,
        bin: usize::MAX,
    };
}

impl Default for Caps {
    /// 8 MiB of JSON and 64 MiB of attachments.
    fn default() -> Self {
        Self {
            json: 8 << 20,
            bin: 64 << 20,
        }
    }
}

/// The two lengths that begin a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Bytes of JSON that follow.
    pub json: u32,
    /// Raw bytes that follow the JSON.
    pub bin: u32,
}

impl FrameHeader {
    /// Measures the parts of a frame that is about to be written.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] when a part does not fit 32 bits.
    pub fn of(json: &[u8], bin: &[u8]) -> Result<Self, FrameError> {
        let length = |part, bytes: &[u8]| {
            u32::try_from(bytes.len()).map_err(|_| FrameError::TooLarge {
                part,
                len: bytes.len(),
                cap: u32::MAX as usize,
            })
        };
        Ok(Self {
            json: length("JSON", json)?,
            bin: length("attachments", bin)?,
        })
    }

    /// Reads the lengths, so that a transport knows how much is to come.
    ///
    /// # Errors
    /// [`FrameError::TooLarge`] when a part exceeds its cap.
    pub fn decode(bytes: [u8; HEADER_LEN], caps: Caps) -> Result<Self, FrameError> {
        let [j0, j1, j2, j3, b0, b1, b2, b3] = bytes;
        let header = Self {
            json: u32::from_le_bytes([j0, j1, j2, j3]),
            bin: u32::from_le_bytes([b0, b1, b2, b3]),
        };
        for (part, len, cap) in [
            ("JSON", header.json, caps.json),
            ("attachments", header.bin, caps.bin),
        ] {
            let len = len as usize;
            if len > cap {
                return Err(FrameError::TooLarge { part, len, cap });
            }
        }
        Ok(header)
    }

    /// The bytes that begin the frame.
    pub fn encode(self) -> [u8; HEADER_LEN] {
        let [j0, j1, j2, j3] = self.json.to_le_bytes();
        let [b0, b1, b2, b3] = self.bin.to_le_bytes();
        [j0, j1, j2, j3, b0, b1, b2, b3]
    }

    /// Bytes that follow the header.
    pub fn body_len(self) -> usize {
        self.json as usize + self.bin as usize
    }
}

/// A frame borrowed from the bytes that hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    json: &'a str,
    bin: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Takes a whole frame apart without copying.
    ///
    /// # Errors
    /// When a length exceeds its cap or does not match the bytes, or the JSON part is no UTF-8.
    pub fn decode(bytes: &'a [u8], caps: Caps) -> Result<Self, FrameError> {
        if bytes.is_empty() {
            return Ok(Self {
                json: "{}",
                bin: &[],
            });
        }
        let wrong_length = |expected| FrameError::Length {
            expected,
            found: bytes.len(),
        };
        let (header, body) = bytes
            .split_first_chunk::<HEADER_LEN>()
            .ok_or_else(|| wrong_length(HEADER_LEN))?;
        let header = FrameHeader::decode(*header, caps)?;
        if body.len() != header.body_len() {
            return Err(wrong_length(HEADER_LEN + header.body_len()));
        }
        let (json, bin) = body.split_at(header.json as usize);
        let json = std::str::from_utf8(json).map_err(|_| FrameError::NotUtf8)?;
        Ok(Self { json, bin })
    }

    /// The JSON part as text.
    pub fn json(&self) -> &'a str {
        self.json
    }

    /// The JSON part as a message, borrowing from the frame.
    ///
    /// # Errors
    /// [`FrameError::Json`] when it is not that message.
    pub fn parse<T: Deserialize<'a>>(&self) -> Result<T, FrameError> {
        serde_json::from_str(self.json).map_err(FrameError::Json)
    }

    /// The raw bytes that a member of the message points to.
    ///
    /// # Errors
    /// [`FrameError::Attachment`] when it points outside the frame.
    pub fn attachment(&self, attachment: Attachment) -> Result<&'a [u8], FrameError> {
        let Attachment {
            range: (offset, len),
        } = attachment;
        let outside = FrameError::Attachment {
            offset,
            len,
            bin: self.bin.len(),
        };
        let end = (offset as usize).checked_add(len as usize);
        end.and_then(|end| self.bin.get(offset as usize..end))
            .ok_or(outside)
    }
}

/// Points into the raw bytes of the frame that holds the message: `{"$bin":[offset,len]}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// Offset and length in bytes.
    #[serde(rename = "$bin")]
    range: (u32, u32),
}

impl Attachment {
    /// Length in bytes of what it points to.
    pub fn len(self) -> usize {
        self.range.1 as usize
    }

    /// Whether it points to nothing.
    pub fn is_empty(self) -> bool {
        self.range.1 == 0
    }
}

/// Gathers the raw bytes of a frame that is being written.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    bytes: Vec<u8>,
}

impl Attachments {
    /// Copies `bytes` behind what is there and returns what points to them. Bytes past 4 GiB are pointed to in vain:
    /// [`encode`] then refuses the frame.
    pub fn attach(&mut self, bytes: &[u8]) -> Attachment {
        let offset = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        Self::range(offset, bytes.len())
    }

    /// Like [`attach`](Self::attach), but takes the bytes over without copying when they are the first.
    pub fn attach_owned(&mut self, bytes: Vec<u8>) -> Attachment {
        if !self.bytes.is_empty() {
            return self.attach(&bytes);
        }
        self.bytes = bytes;
        Self::range(0, self.bytes.len())
    }

    fn range(offset: usize, len: usize) -> Attachment {
        let narrow = |size| u32::try_from(size).unwrap_or(u32::MAX);
        Attachment {
            range: (narrow(offset), narrow(len)),
        }
    }

    /// What was gathered.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Forgets what was gathered.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }
}

/// Writes `message` and the attachments that it points to as one frame.
///
/// # Errors
/// When the message cannot be JSON (a map with keys that are no strings) or a part does not fit 32 bits.
pub fn encode<T: Serialize + ?Sized>(message: &T, bin: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut frame = Vec::with_capacity(HEADER_LEN + 256 + bin.len());
    encode_into(&mut frame, message, bin)?;
    Ok(frame)
}

/// Like [`encode`], behind what `buffer` already holds.
///
/// # Errors
/// As [`encode`]; the buffer is then as it was.
pub fn encode_into<T: Serialize + ?Sized>(
    buffer: &mut Vec<u8>,
    message: &T,
    bin: &[u8],
) -> Result<(), FrameError> {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; HEADER_LEN]);
    let written = serde_json::to_writer(&mut *buffer, message).map_err(FrameError::Json);
    match written.and_then(|()| FrameHeader::of(&buffer[start + HEADER_LEN..], bin)) {
        Ok(header) => {
            buffer[start..start + HEADER_LEN].copy_from_slice(&header.encode());
            buffer.extend_from_slice(bin);
            Ok(())
        }
        Err(error) => {
            buffer.truncate(start);
            Err(error)
        }
    }
}

/// Why bytes are no frame, or a frame is not the message that was expected.
#[derive(Debug)]
pub enum FrameError {
    /// A part is larger than allowed.
    TooLarge {
        /// `JSON` or `attachments`.
        part: &'static str,
        /// Its length in bytes.
        len: usize,
        /// The most that is allowed.
        cap: usize,
    },
    /// The lengths at the beginning do not add up to the bytes that came.
    Length {
        /// Bytes announced.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// The JSON part is no UTF-8.
    NotUtf8,
    /// The JSON part is not the message that was expected, or a message cannot be written as JSON.
    Json(serde_json::Error),
    /// An attachment points outside the frame.
    Attachment {
        /// Where it points.
        offset: u32,
        /// How many bytes it claims.
        len: u32,
        /// How many raw bytes the frame has.
        bin: usize,
    },
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { part, len, cap } => {
                write!(
                    f,
                    "the frame's {part} part has {len} bytes, {cap} are allowed"
                )
            }
            Self::Length { expected, found } => {
                write!(f, "the frame announces {expected} bytes, {found} came")
            }
            Self::NotUtf8 => write!(f, "the frame's JSON part is not UTF-8"),
            Self::Json(error) => write!(f, "the frame's JSON part: {error}"),
            Self::Attachment { offset, len, bin } => write!(
                f,
                "an attachment points to bytes {offset}..{offset}+{len}, the frame has {bin}"
            ),
        }
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> String {
        match Frame::decode(bytes, Caps { json: 64, bin: 16 }) {
            Ok(frame) => format!("{} + {} bytes", frame.json, frame.bin.len()),
            Err(error) => error.to_string(),
        }
    }

    fn raw(json_len: u32, bin_len: u32, rest: &[u8]) -> Vec<u8> {
        let header = FrameHeader {
            json: json_len,
            bin: bin_len,
        };
        [&header.encode()[..], rest].concat()
    }

    #[test]
    fn a_frame_comes_back_as_it_went() {
        let mut attachments = Attachments::default();
        attachments.attach(b"first");
        let second = attachments.attach(b"second");
        let bytes = encode(&second, attachments.bytes()).unwrap();
        let frame = Frame::decode(&bytes, Caps::default()).unwrap();
        assert_eq!(frame.json(), r#"{"$bin":[5,6]}"#);
        assert_eq!(frame.attachment(frame.parse().unwrap()).unwrap(), b"second");
    }

    #[test]
    fn zero_bytes_are_the_empty_object() {
        assert_eq!(decode(b""), "{} + 0 bytes");
    }

    #[test]
    fn bad_frames_say_what_is_wrong() {
        assert_eq!(decode(b"\x02\0\0"), "the frame announces 8 bytes, 3 came");
        assert_eq!(
            decode(&raw(2, 0, b"{")),
            "the frame announces 10 bytes, 9 came"
        );
        assert_eq!(
            decode(&raw(2, 0, b"{}x")),
            "the frame announces 10 bytes, 11 came"
        );
        assert_eq!(
            decode(&raw(65, 0, b"{}")),
            "the frame's JSON part has 65 bytes, 64 are allowed"
        );
        assert_eq!(
            decode(&raw(2, u32::MAX, b"{}")),
            "the frame's attachments part has 4294967295 bytes, 16 are allowed"
        );
        assert_eq!(
            decode(&raw(2, 0, b"\xff\xfe")),
            "the frame's JSON part is not UTF-8"
        );
    }

    #[test]
    fn an_attachment_stays_inside_its_frame() {
        let bytes = encode(&(), b"four").unwrap();
        let frame = Frame::decode(&bytes, Caps::default()).unwrap();
        let at = |offset, len| {
            frame.attachment(Attachment {
                range: (offset, len),
            })
        };
        assert_eq!(at(1, 3).unwrap(), b"our");
        assert_eq!(at(4, 0).unwrap(), b"");
        assert!(at(1, 4).is_err());
        assert!(at(u32::MAX, u32::MAX).is_err());
    }

    #[test]
    fn a_message_that_is_no_json_leaves_the_buffer_alone() {
        let mut buffer = b"before".to_vec();
        let message = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert!(encode_into(&mut buffer, &message, b"").is_err());
        assert_eq!(buffer, b"before");
    }
}
