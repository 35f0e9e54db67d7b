//! Taking large values out of a document.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use memchr::memchr2;

use super::{Hash, LARGE, MARK, Owner};
use crate::{Json, ids::WorkspaceId};

/// What was taken out of documents and is to be stored with them.
#[derive(Default)]
pub(crate) struct Taken {
    pub values: BTreeMap<(WorkspaceId, Hash), String>,
    pub uses: BTreeSet<(WorkspaceId, Owner, Hash)>,
}

impl Taken {
    pub fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    /// The text of a document as it is stored. One that is not long is not looked into.
    pub fn take_from(&mut self, (workspace, owner): (WorkspaceId, Owner), json: &Json) -> String {
        let text = json.stored();
        if text.len() < LARGE || text.starts_with(MARK) {
            return text.to_owned();
        }
        let packing = Packing {
            text,
            read: 0,
            written: String::with_capacity(text.len().min(4 * LARGE)),
            open: Vec::new(),
            values: Vec::new(),
        };
        let (written, values) = packing.run();
        for (hash, text) in values {
            self.uses.insert((workspace, owner, hash));
            self.values.entry((workspace, hash)).or_insert(text);
        }
        written
    }
}

/// A document on its way from `text` to `written`.
struct Packing<'t> {
    text: &'t str,
    /// How much of the text is written.
    read: usize,
    written: String,
    /// Where the arrays and objects begin, in `written`, whose end has not come.
    open: Vec<Start>,
    values: Vec<(Hash, String)>,
}

/// Where a value begins in what is written, and how many values were taken out before it.
#[derive(Clone, Copy)]
struct Start {
    at: usize,
    values: usize,
}

impl Packing<'_> {
    fn run(mut self) -> (String, Vec<(Hash, String)>) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            match byte {
                b'"' => at = self.string(at),
                b'{' | b'[' => {
                    self.write_to(at);
                    self.open.push(self.start());
                    at += 1;
                }
                b'}' | b']' => {
                    at += 1;
                    self.write_to(at);
                    if let Some(start) = self.open.pop() {
                        self.end(start);
                    }
                }
                _ => at += 1,
            }
        }
        self.write_to(bytes.len());
        if !self.values.is_empty() {
            self.written.insert(0, MARK);
        }
        (self.written, self.values)
    }

    /// A string that begins at `at`. Returns where it is over.
    fn string(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = at + 1;
        while let Some(found) = memchr2(b'"', b'\\', &bytes[end..]) {
            end += found + 1;
            if bytes[end - 1] == b'"' {
                break;
            }
            // What is escaped says nothing by itself.
            end += 1;
        }
        if end - at >= LARGE && !is_name(&bytes[end..]) {
            self.write_to(at);
            let start = self.start();
            self.write_to(end);
            self.end(start);
        }
        end
    }

    fn start(&self) -> Start {
        Start {
            at: self.written.len(),
            values: self.values.len(),
        }
    }

    fn write_to(&mut self, end: usize) {
        self.written.push_str(&self.text[self.read..end]);
        self.read = end;
    }

    /// The value that began at `start` is written: it is taken out if it is large.
    fn end(&mut self, start: Start) {
        if self.written.len() - start.at < LARGE {
            return;
        }
        let mut text = self.written.split_off(start.at);
        if self.values.len() > start.values {
            text.insert(0, MARK);
        }
        let mut hash = Hash::default();
        hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        self.written.push(MARK);
        self.written.push_str(&hex::encode(hash));
        self.values.push((hash, text));
    }
}

/// Whether the string before `rest` is the name of a member.
fn is_name(rest: &[u8]) -> bool {
    rest.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':')
}
