use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use jackfield_plugin_abi::Status;

use super::socket::Socket;
use crate::library::{Instance, Library, STRAY, Sink, heard, strayed};
use crate::transport::process::hello::Setup;
use crate::transport::process::wire::{self, HEAD, Head};

/// How much is read at once.
const READ: usize = 64 << 10;
/// Answers are sent when this much is there, when nothing is left to do, or after a call that took its time.
const FLUSH: usize = 256 << 10;
/// A call that took longer does not keep the answers before it waiting for the one after it.
const LONG: Duration = Duration::from_micros(50);
/// How much room emptied buffers keep.
const KEEP: usize = 1 << 20;

/// Does what the host says, in order, until the host is gone.
pub(super) fn serve(socket: &Socket, library: &Library, setup: &Setup) -> io::Result<()> {
    let max_frame = setup.max_frame;
    let mut worker = Worker {
        library,
        instances: HashMap::new(),
        answers: Vec::new(),
        max_output: setup.max_output,
    };
    let mut inbox = Inbox::default();
    loop {
        while let Some((head, frame)) = inbox.next(max_frame)? {
            let started = Instant::now();
            worker.work(head, frame);
            if worker.answers.len() > FLUSH || started.elapsed() > LONG {
                worker.flush(socket)?;
            }
        }
        worker.flush(socket)?;
        if !inbox.fill(socket)? {
            return Ok(());
        }
    }
}

/// What came and was not worked on yet.
#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl Inbox {
    fn next(&mut self, max_frame: usize) -> io::Result<Option<(Head, &[u8])>> {
        let waiting = &self.bytes[self.start..self.end];
        let Some(head) = Head::decode(waiting) else {
            return Ok(None);
        };
        if head.len > max_frame {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let Some(frame) = waiting.get(HEAD..HEAD + head.len) else {
            return Ok(None);
        };
        self.start += HEAD + head.len;
        Ok(Some((head, frame)))
    }

    /// Waits for more; `false` when the host is gone.
    fn fill(&mut self, socket: &Socket) -> io::Result<bool> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        let message = Head::decode(&self.bytes[..self.end]).map_or(0, |head| HEAD + head.len);
        let room = message.max(READ);
        if self.bytes.len() < room {
            // In steps, so that memory is taken only for what really comes.
            let step = room.min(self.end * 2 + READ);
            self.bytes.resize(step.max(self.bytes.len()), 0);
        } else if self.bytes.len() > room + KEEP {
            self.bytes.truncate(room);
            self.bytes.shrink_to_fit();
        }
        let read = socket.read(&mut self.bytes[self.end..])?;
        self.end += read;
        Ok(read > 0)
    }
}

struct Worker<'a> {
    library: &'a Library,
    instances: HashMap<u64, Instance>,
    answers: Vec<u8>,
    max_output: usize,
}

impl Worker<'_> {
    fn work(&mut self, head: Head, frame: &[u8]) {
        match head.kind {
            wire::DESCRIBE => {
                let library = self.library;
                self.answer(head.call, |sink| library.describe(sink));
            }
            wire::OPEN => match self.library.open(frame) {
                Ok(instance) => self.resume(head.call, instance, &[]),
                Err(status) => self.refuse(head.call, status),
            },
            wire::RESUME => {
                if let Some(instance) = self.instances.remove(&head.call) {
                    self.resume(head.call, instance, frame);
                }
            }
            _ => {
                self.instances.remove(&head.call);
            }
        }
    }

    /// Runs a call to its next stop, and closes it when that is the last.
    fn resume(&mut self, call: u64, mut instance: Instance, events: &[u8]) {
        let status = self.answer(call, |sink| instance.resume(events, sink));
        if status == Status::PENDING {
            self.instances.insert(call, instance);
        }
    }

    /// Has the plugin write its answer right behind the answers that wait to be sent.
    fn answer(&mut self, call: u64, ask: impl FnOnce(&mut Sink) -> Status) -> Status {
        let start = self.answers.len();
        let mut bytes = std::mem::take(&mut self.answers);
        bytes.extend_from_slice(&[0; HEAD]);
        let mut sink = Sink::onto(bytes, self.max_output);
        let returned = ask(&mut sink);
        let (mut bytes, refused) = sink.into_parts();
        let status = match returned {
            _ if strayed() => STRAY,
            Status(other) if other < wire::LOWEST_STATUS => Status::MALFORMED,
            known => heard(known, refused),
        };
        if status != Status::DONE && status != Status::PENDING {
            bytes.truncate(start + HEAD);
        }
        let head = Head {
            len: bytes.len() - start - HEAD,
            kind: status.0,
            call,
        };
        bytes[start..start + HEAD].copy_from_slice(&head.encode());
        self.answers = bytes;
        status
    }

    fn refuse(&mut self, call: u64, status: Status) {
        let reason = status.0.to_le_bytes();
        let head = Head {
            len: reason.len(),
            kind: wire::OPEN_FAILED,
            call,
        };
        self.answers.extend_from_slice(&head.encode());
        self.answers.extend_from_slice(&reason);
    }

    fn flush(&mut self, socket: &Socket) -> io::Result<()> {
        socket.write_all(&self.answers)?;
        self.answers.clear();
        self.answers.shrink_to(KEEP);
        Ok(())
    }
}
