//! A running child: many calls over one socket.

use std::collections::HashMap;
use std::io;
use std::io::Write as _;
use std::mem::MaybeUninit;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::{Notify, oneshot};
use tokio::task::unconstrained;

use super::ear::Ear;
use super::patience::{MOMENT, Patience};
use super::wire::{self, HEAD, Head};
use crate::transport::Fault;

/// How much is read at once.
const READ: usize = 64 << 10;
/// The least room to read into.
const ROOM: usize = 4 << 10;
/// How much room an emptied buffer keeps.
const KEEP: usize = 1 << 20;

/// What a child answered.
pub(super) struct Answer {
    pub(super) kind: i32,
    pub(super) frame: Bytes,
}

pub(super) type Pending = oneshot::Receiver<Result<Answer, Fault>>;

type Waiter = oneshot::Sender<Result<Answer, Fault>>;

struct Asked {
    /// The order of questions, which is the order of the child's work.
    order: u64,
    waiter: Waiter,
}

/// The host's end of a child's socket.
pub(super) struct Link {
    stream: UnixStream,
    /// What came and is not a whole message yet. There is always room in it.
    inbox: Mutex<BytesMut>,
    outbox: Mutex<Outbox>,
    ear: Ear,
    /// How long the child lets callers wait; none where nobody can stay awake beside it.
    patience: Option<Patience>,
    waiting: Mutex<Waiting>,
    calls: Mutex<Calls>,
    closed: Notify,
    max_frame: usize,
}

/// The calls that are open. A new one and the end of them all are decided under one lock, so that no call begins with a
/// child that is let go.
#[derive(Default)]
struct Calls {
    last: u64,
    open: u64,
    closing: bool,
}

#[derive(Default)]
struct Outbox {
    bytes: Vec<u8>,
    sent: usize,
}

impl Outbox {
    fn is_blocked(&self) -> bool {
        self.sent < self.bytes.len()
    }
}

/// Who waits for an answer, by call; a call waits for one answer at a time. A call that was given up still waits, so
/// that a child which is stuck with it is noticed.
struct Waiting {
    calls: HashMap<u64, Asked>,
    asked: u64,
    /// When the last answer came, or the first question after none was left.
    since: Instant,
    answers: u64,
    gone: Option<Fault>,
}

impl Link {
    /// `stream` never blocks; `stays` when callers may stay awake for an answer.
    pub(super) fn new(stream: UnixStream, max_frame: usize, stays: bool) -> Self {
        Self {
            stream,
            inbox: Mutex::new(BytesMut::with_capacity(READ)),
            outbox: Mutex::default(),
            ear: Ear::new(),
            patience: stays.then(Patience::default),
            waiting: Mutex::new(Waiting {
                calls: HashMap::new(),
                asked: 0,
                since: Instant::now(),
                answers: 0,
                gone: None,
            }),
            calls: Mutex::default(),
            closed: Notify::new(),
            max_frame,
        }
    }

    /// A number for a new call; none when no further calls are taken.
    pub(super) fn begin(&self) -> Option<u64> {
        let mut calls = self.calls.lock();
        if calls.closing || self.waiting.lock().gone.is_some() {
            return None;
        }
        calls.open += 1;
        calls.last += 1;
        Some(calls.last)
    }

    /// Takes what the child has said, and tells whether it is still there and says what it may.
    pub(super) fn is_well(&self) -> bool {
        let well = match self.take() {
            Ok(()) => true,
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
        };
        if !well {
            self.ear.rouse();
        }
        well
    }

    /// Has the socket listened to, where nobody did for a while: an end of the child would not be noticed.
    pub(super) fn listen(&self) {
        if !self.ear.is_listening() {
            self.ear.rouse();
        }
    }

    /// Ends a call; `tell` when the child still has it open.
    pub(super) fn end(&self, call: u64, tell: bool) {
        if tell {
            self.send(wire::CLOSE, call, &[]);
        }
        let mut calls = self.calls.lock();
        calls.open -= 1;
        if calls.open == 0 && calls.closing {
            self.closed.notify_one();
        }
    }

    /// Asks; the answer comes later.
    pub(super) fn ask(&self, kind: i32, call: u64, frame: &[u8]) -> Result<Pending, Fault> {
        let (waiter, answer) = oneshot::channel();
        self.expect(call, waiter)?;
        self.send(kind, call, frame);
        Ok(answer)
    }

    /// Waits for what a child says of its own accord.
    pub(super) fn expect(&self, call: u64, waiter: Waiter) -> Result<(), Fault> {
        let mut waiting = self.waiting.lock();
        if let Some(fault) = &waiting.gone {
            return Err(fault.clone());
        }
        if waiting.calls.is_empty() {
            waiting.since = Instant::now();
        }
        waiting.asked += 1;
        let order = waiting.asked;
        waiting.calls.insert(call, Asked { order, waiter });
        Ok(())
    }

    /// Takes no further calls.
    pub(super) fn close(&self) {
        self.calls.lock().closing = true;
        self.closed.notify_one();
    }

    /// Whether no further calls are taken.
    pub(super) fn is_closing(&self) -> bool {
        self.calls.lock().closing
    }

    /// Takes no further calls, unless one is open: then `false`.
    pub(super) fn let_go(&self) -> bool {
        let mut calls = self.calls.lock();
        calls.closing |= calls.open == 0;
        calls.open == 0
    }

    /// Returns when the link was closed, and again when its last call is over.
    pub(super) async fn closed(&self) {
        self.closed.notified().await;
    }

    /// The call that the child is working on, and for how long.
    pub(super) fn working(&self) -> Option<(u64, Duration)> {
        let waiting = self.waiting.lock();
        let oldest = waiting.calls.iter().min_by_key(|(_, asked)| asked.order)?;
        Some((*oldest.0, waiting.since.elapsed()))
    }

    /// How many answers came.
    pub(super) fn answers(&self) -> u64 {
        self.waiting.lock().answers
    }

    /// Fails everything in flight and everything after it. `culprit` is told apart from those that were in its company.
    pub(super) fn fail(&self, culprit: Option<(u64, Fault)>, others: &Fault) {
        let calls = {
            let mut waiting = self.waiting.lock();
            waiting.gone = Some(others.clone());
            std::mem::take(&mut waiting.calls)
        };
        for (call, asked) in calls {
            let fault = match &culprit {
                Some((guilty, fault)) if *guilty == call => fault.clone(),
                _ => others.clone(),
            };
            asked.waiter.send(Err(fault)).ok();
        }
    }

    /// Puts a message on its way. Whoever comes while the socket is busy leaves it to the one before, so messages that
    /// come together travel together.
    fn send(&self, kind: i32, call: u64, frame: &[u8]) {
        let head = Head {
            len: frame.len(),
            kind,
            call,
        };
        let mut outbox = self.outbox.lock();
        outbox.bytes.extend_from_slice(&head.encode());
        outbox.bytes.extend_from_slice(frame);
        if !self.flush(&mut outbox) {
            self.ear.rouse();
        }
    }

    /// Writes what the socket takes; `false` when something is left.
    fn flush(&self, outbox: &mut Outbox) -> bool {
        while outbox.sent < outbox.bytes.len() {
            match (&self.stream).write(&outbox.bytes[outbox.sent..]) {
                Ok(written) => outbox.sent += written,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return false,
                // The reading side sees the end of the socket and says what happened.
                Err(_) => break,
            }
        }
        outbox.sent = 0;
        outbox.bytes.clear();
        outbox.bytes.shrink_to(KEEP);
        true
    }

    /// Waits for an answer: awake for a moment when that pays and nobody else waits for this child, and then as everybody
    /// waits.
    pub(super) async fn wait(&self, pending: &mut Pending) -> Result<Answer, Fault> {
        let gone = |_| Err(Fault::Crashed("its process is gone".into()));
        let Some(patience) = &self.patience else {
            return unconstrained(pending).await.unwrap_or_else(gone);
        };
        let asked = Instant::now();
        let alone = || self.waiting.lock().calls.len() == 1;
        if patience.pays() && alone() {
            self.stay(pending, asked);
        }
        let _asleep = pending.is_empty().then(|| self.ear.asleep());
        // The driver of the call counts its turns by time.
        let answer = unconstrained(pending).await.unwrap_or_else(gone);
        patience.waited(asked.elapsed());
        answer
    }

    /// Reads what comes for a moment, or until the answer is there. It keeps this thread from other work for that long,
    /// which is about as long as it takes to be woken. The processor is offered to others all the while: the child may have
    /// been put on the same one.
    fn stay(&self, pending: &Pending, since: Instant) {
        let _awake = self.ear.awake();
        while pending.is_empty() && since.elapsed() < MOMENT && self.is_well() {
            std::thread::yield_now();
        }
    }

    /// Reads answers and hands them out until the child is gone. Returns what was wrong with what it wrote, if anything.
    pub(super) async fn serve(&self) -> Option<String> {
        loop {
            if !self.ear.listens() && !self.is_blocked() {
                self.ear.roused().await;
            } else if let Err(error) = self.hear().await {
                let wrong = error.kind() == io::ErrorKind::InvalidData;
                return wrong.then(|| error.to_string());
            }
        }
    }

    /// Listens to the socket until another way of doing that is called for.
    async fn hear(&self) -> io::Result<()> {
        let blocked = self.is_blocked();
        // A socket that takes more says so after each message that the child reads.
        let interest = match blocked {
            true => Interest::READABLE | Interest::WRITABLE,
            false => Interest::READABLE,
        };
        // SAFETY: the descriptor is borrowed from the stream, so it stays open and the same for as long as it is registered.
        let socket = unsafe { AsyncFd::register_with_interest(self.stream.as_fd(), interest)? };
        loop {
            let mut ready = tokio::select! {
                ready = socket.ready(interest) => ready?,
                () = self.ear.roused() => return Ok(()),
            };
            if ready.ready().is_writable() {
                self.flush(&mut self.outbox.lock());
                // A child that takes a long message in is not stuck.
                self.waiting.lock().since = Instant::now();
            }
            match self.take() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                taken => taken?,
            }
            if !self.ear.listens() || self.is_blocked() != blocked {
                return Ok(());
            }
        }
    }

    fn is_blocked(&self) -> bool {
        self.outbox.lock().is_blocked()
    }

    /// Reads what is there and hands it out. Callers that stay awake do so too: what one finds wrong is found again by
    /// [`Self::serve`], which is woken by everything that comes.
    ///
    /// # Errors
    /// `WouldBlock` when there is nothing, `InvalidData` with what is wrong with it, any other when the child is gone.
    fn take(&self) -> io::Result<()> {
        let wrong = |reason| io::Error::new(io::ErrorKind::InvalidData, reason);
        let mut inbox = self.inbox.lock();
        self.hand_out(&mut inbox).map_err(wrong)?;
        match self.read(&mut inbox)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => self.hand_out(&mut inbox).map_err(wrong),
        }
    }

    fn read(&self, inbox: &mut BytesMut) -> io::Result<usize> {
        let room: &mut [MaybeUninit<u8>] = inbox.spare_capacity_mut();
        let (read, _) = rustix::io::read(&self.stream, room)?;
        let read = read.len();
        // SAFETY: so many bytes of the room behind the old ones were just written.
        unsafe { inbox.set_len(inbox.len() + read) };
        Ok(read)
    }

    fn hand_out(&self, buffer: &mut BytesMut) -> Result<(), String> {
        while let Some(head) = Head::decode(buffer) {
            if head.len > self.max_frame {
                return Err(format!(
                    "it wrote a message of {} bytes, {} are allowed",
                    head.len, self.max_frame
                ));
            }
            let whole = HEAD + head.len;
            if buffer.len() < whole {
                // In steps, so that memory is taken only for what really comes.
                let step = (whole - buffer.len()).min(buffer.len().max(READ));
                buffer.reserve(step);
                return Ok(());
            }
            let mut message = buffer.split_to(whole);
            let frame = message.split_off(HEAD).freeze();
            self.answer(&head, frame);
        }
        if buffer.capacity() - buffer.len() < ROOM {
            buffer.reserve(READ);
        }
        Ok(())
    }

    fn answer(&self, head: &Head, frame: Bytes) {
        let asked = {
            let mut waiting = self.waiting.lock();
            waiting.since = Instant::now();
            waiting.answers += 1;
            waiting.calls.remove(&head.call)
        };
        // Nobody waits for the answer of a call that was given up.
        if let Some(asked) = asked {
            let kind = head.kind;
            asked.waiter.send(Ok(Answer { kind, frame })).ok();
        }
    }
}
