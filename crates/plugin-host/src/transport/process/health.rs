use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::breaker::{Admission, Breaker, BreakerLimits};
use super::hello::Sandbox;
use crate::transport::{Fault, Health};

/// What is remembered of children that are gone.
pub(super) struct Record {
    told: Mutex<Told>,
    /// Whether the breaker has to be asked even when a child runs.
    guarded: AtomicBool,
}

struct Told {
    breaker: Breaker,
    crashes: u64,
    last_error: Option<String>,
    sandbox: Option<Sandbox>,
}

/// The right to make one call.
pub(super) struct Probe<'a> {
    /// None when the plugin is not in quarantine.
    record: Option<&'a Record>,
}

impl Record {
    pub(super) fn new(limits: BreakerLimits) -> Self {
        Self {
            told: Mutex::new(Told {
                breaker: Breaker::new(limits),
                crashes: 0,
                last_error: None,
                sandbox: None,
            }),
            guarded: AtomicBool::new(false),
        }
    }

    /// Whether a call may go to a child that runs without asking further.
    pub(super) fn is_open(&self) -> bool {
        !self.guarded.load(Ordering::Relaxed)
    }

    /// Asks to make a call, which may have to wait before it starts a child.
    pub(super) fn admit(&self) -> Result<(Probe<'_>, Duration), Fault> {
        let mut told = self.told.lock();
        match told.breaker.admit(Instant::now()) {
            Admission::Go(pause) => Ok((Probe { record: None }, pause)),
            Admission::Probe => {
                let record = Some(self);
                Ok((Probe { record }, Duration::ZERO))
            }
            Admission::Quarantined { retry_after } => {
                let last = told.last_error.as_deref().unwrap_or("it crashed");
                Err(Fault::Quarantined {
                    message: format!("it is in quarantine because it keeps crashing: {last}"),
                    retry_after,
                })
            }
        }
    }

    /// A child ended that should not have.
    pub(super) fn crashed(&self, reason: &str) {
        let mut told = self.told.lock();
        let now = Instant::now();
        told.breaker.crashed(now);
        told.crashes += 1;
        told.last_error = Some(reason.to_owned());
        self.guarded.store(
            told.breaker.quarantined_for(now).is_some(),
            Ordering::Relaxed,
        );
    }

    /// A child said what is in force in it.
    pub(super) fn found(&self, sandbox: Sandbox) {
        self.told.lock().sandbox = Some(sandbox);
    }

    pub(super) fn health(&self) -> Health {
        let told = self.told.lock();
        Health {
            crashes: told.crashes,
            last_error: told.last_error.clone(),
            quarantined_for: told.breaker.quarantined_for(Instant::now()),
            sandbox: told.sandbox,
        }
    }

    fn tried(&self, worked: bool) {
        let mut told = self.told.lock();
        let now = Instant::now();
        told.breaker.tried(now, worked);
        self.guarded.store(
            told.breaker.quarantined_for(now).is_some(),
            Ordering::Relaxed,
        );
    }
}

impl Probe<'_> {
    /// A call that needs no leave.
    pub(super) const FREE: Self = Self { record: None };

    /// The plugin came back from the call.
    pub(super) fn passed(mut self) {
        if let Some(record) = self.record.take() {
            record.tried(true);
        }
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if let Some(record) = self.record {
            record.tried(false);
        }
    }
}
