//! What a cohort keeps for those who have not taken it yet, bounded in bytes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::Frame;

/// An answer, until all have taken it or the cohort needs its place.
pub(super) struct Kept {
    frame: Mutex<Option<Frame>>,
    bytes: usize,
    total: Arc<AtomicUsize>,
}

impl Kept {
    /// The answer; none when the cohort has forgotten it.
    pub fn frame(&self) -> Option<Frame> {
        self.frame.lock().clone()
    }

    fn forget(&self) {
        if self.frame.lock().take().is_some() {
            self.total.fetch_sub(self.bytes, Ordering::Relaxed);
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.forget();
    }
}

/// Counts what is kept, and has the oldest forgotten when it is too much.
pub(super) struct Ledger {
    most: usize,
    total: Arc<AtomicUsize>,
    kept: VecDeque<Weak<Kept>>,
}

impl Ledger {
    /// Of at most so many bytes, or one answer.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            total: Arc::default(),
            kept: VecDeque::new(),
        }
    }

    /// An answer that is kept from now on.
    pub fn keep(&mut self, frame: Frame) -> Arc<Kept> {
        let bytes = frame.size();
        self.make_room(bytes);
        self.total.fetch_add(bytes, Ordering::Relaxed);
        let kept = Arc::new(Kept {
            frame: Mutex::new(Some(frame)),
            bytes,
            total: self.total.clone(),
        });
        self.kept.push_back(Arc::downgrade(&kept));
        kept
    }

    fn make_room(&mut self, bytes: usize) {
        while let Some(oldest) = self.kept.front() {
            match oldest.upgrade() {
                Some(kept) if self.total.load(Ordering::Relaxed) + bytes > self.most => {
                    kept.forget();
                }
                Some(_) => return,
                None => {}
            }
            self.kept.pop_front();
        }
    }
}
