//! What is committed together: plan it, tell its callers.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::besides::Besides;
use super::courier::Attempted;
use super::insert_answer::InsertAnswer;
use super::unit::{Advance, AdvanceError, Answer, Insert};
use crate::{
    Change, StorageError, Timestamp,
    blob::Blob,
    changes::Touched,
    credential_use::CredentialUse,
    delivery::Delivery,
    event::Event,
    ids::{DeliveryId, EventId, RunId, WorkspaceId},
    payload::LARGE,
    run::{Run, RunStatus},
    step::Step,
};

/// One caller's rows, and whom to tell.
pub(super) enum Entry {
    Insert(Box<Insert>, InsertAnswer),
    Advance(Box<Advance>, Answer<Result<Run, AdvanceError>>),
    Attempts(
        Vec<Attempted>,
        Answer<Result<Vec<DeliveryId>, StorageError>>,
    ),
}

/// Entries that are committed together.
#[derive(Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    /// Deliveries that were taken out because somebody else has claimed them.
    lost: Vec<DeliveryId>,
}

/// The rows of a batch by table.
#[derive(Default)]
pub(super) struct Tables<'b> {
    pub events: Vec<&'b Event>,
    pub deliveries: Vec<&'b Delivery>,
    pub attempted: Vec<&'b Attempted>,
    pub runs: Vec<&'b Run>,
    pub advanced: Vec<&'b Run>,
    pub steps: Vec<&'b Step>,
    pub blobs: Vec<&'b Blob>,
    pub uses: Vec<&'b CredentialUse>,
    pub besides: Vec<&'b Besides>,
}

/// What makes an entry the same as an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sameness {
    Event(WorkspaceId, String),
    Run(WorkspaceId, String),
}

/// The earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Earlier {
    /// Its id, its position, and the hash that came with its key.
    Event(EventId, i64, Option<Vec<u8>>),
    Run(RunId),
}

impl Batch {
    pub fn of(entry: Entry) -> Self {
        Self {
            entries: vec![entry],
            lost: Vec::new(),
        }
    }

    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Gives each row its position, counted from the log's head, and its times. Returns how many
    /// positions the batch needs.
    pub fn plan(&mut self, now: Timestamp) -> i64 {
        let mut position = 0;
        let mut next = || {
            position += 1;
            position
        };
        for entry in &mut self.entries {
            match entry {
                Entry::Insert(insert, _) => {
                    if let Some(event) = &mut insert.event {
                        event.position = next();
                        event.created_at = now;
                    }
                    for delivery in &mut insert.deliveries {
                        delivery.position = next();
                        delivery.created_at = now;
                    }
                    for step in &mut insert.begun.steps {
                        step.revision = next();
                    }
                    for run in &mut insert.runs {
                        run.revision = next();
                        run.created_at = run.started_at.unwrap_or(now);
                        match run.status {
                            RunStatus::Queued => run.due_at = Some(now),
                            _ => run.started_at = Some(run.created_at),
                        }
                    }
                }
                Entry::Advance(advance, _) => {
                    // The run last: a follower who sees that it is over has seen its steps.
                    for step in &mut advance.steps {
                        step.revision = next();
                    }
                    let workspace = advance.run.workspace_id;
                    advance.besides.plan(workspace, now, &mut next);
                    advance.run.revision = next();
                }
                Entry::Attempts(attempts, _) => {
                    for done in attempts {
                        match &mut done.attempt {
                            Some(attempt) => attempt.position = next(),
                            None if done.delivery.due_at.is_none() => done.position = next(),
                            None => {}
                        }
                    }
                }
            }
        }
        position
    }

    pub fn tables(&self) -> Tables<'_> {
        let mut tables = Tables::default();
        for entry in &self.entries {
            match entry {
                Entry::Insert(insert, _) => {
                    tables.events.extend(&insert.event);
                    tables.deliveries.extend(&insert.deliveries);
                    tables.runs.extend(&insert.runs);
                    tables.steps.extend(&insert.begun.steps);
                    tables.uses.extend(&insert.begun.uses);
                }
                Entry::Advance(advance, _) => {
                    tables.advanced.push(&advance.run);
                    tables.steps.extend(&advance.steps);
                    tables.blobs.extend(&advance.blobs);
                    tables.uses.extend(&advance.uses);
                    tables.besides.push(&advance.besides);
                }
                Entry::Attempts(attempts, _) => tables.attempted.extend(attempts),
            }
        }
        tables
    }

    /// Takes out the entries that repeat one before them in this batch: they are duplicates as soon
    /// as that one is committed.
    pub fn take_repeats(&mut self) -> Self {
        let mut seen = HashSet::new();
        self.take(|entry| {
            entry
                .sameness()
                .is_some_and(|sameness| !seen.insert(sameness))
        })
    }

    /// Takes out the entries that were stored already, and tells their callers. Returns how many.
    pub fn settle_duplicates(&mut self, earlier: &HashMap<Sameness, Earlier>) -> usize {
        let duplicates = self.take(|entry| {
            entry
                .sameness()
                .is_some_and(|sameness| earlier.contains_key(&sameness))
        });
        let taken = duplicates.entries.len();
        for entry in duplicates.entries {
            let found = entry.sameness().and_then(|sameness| earlier.get(&sameness));
            if let (Entry::Insert(_, answer), Some(found)) = (entry, found) {
                answer.duplicate(found.clone());
            }
        }
        taken
    }

    /// Takes out the advances of runs that somebody else has claimed, and tells their callers.
    pub fn settle_lost(&mut self, lost: &HashSet<RunId>) {
        let taken = self.take(
            |entry| matches!(entry, Entry::Advance(advance, _) if lost.contains(&advance.run.id)),
        );
        for entry in taken.entries {
            if let Entry::Advance(_, answer) = entry {
                let _ = answer.send(Err(AdvanceError::FenceLost));
            }
        }
    }

    /// Takes out what was done about deliveries that somebody else has claimed.
    pub fn settle_lost_deliveries(&mut self, lost: &HashSet<DeliveryId>) {
        for entry in &mut self.entries {
            if let Entry::Attempts(attempts, _) = entry {
                attempts.retain(|done| !lost.contains(&done.delivery.id));
            }
        }
        self.lost.extend(lost);
    }

    /// What could be stored already.
    pub fn samenesses(&self) -> Vec<Sameness> {
        self.entries.iter().filter_map(Entry::sameness).collect()
    }

    /// Both halves of the batch, or itself when it cannot be halved.
    pub fn halve(mut self) -> Result<(Self, Self), Self> {
        if self.entries.len() < 2 {
            return Err(self);
        }
        let second = self.entries.split_off(self.entries.len() / 2);
        let lost = self.lost.clone();
        let entries = second;
        Ok((self, Self { entries, lost }))
    }

    /// Tells all callers that nothing was written.
    pub fn fail(&mut self, error: &StorageError) {
        for entry in self.entries.drain(..) {
            match entry {
                Entry::Insert(_, answer) => answer.fail(error.clone()),
                Entry::Advance(_, answer) => {
                    let _ = answer.send(Err(error.clone().into()));
                }
                Entry::Attempts(_, answer) => {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Tells all callers that their rows are on disk, with positions counted from `base`. Returns
    /// the committed rows for followers, if there are any.
    pub fn settle(self, base: i64, followed: bool) -> Vec<Change> {
        let mut changes = Vec::new();
        for entry in self.entries {
            match entry {
                Entry::Insert(mut insert, answer) => {
                    if let Some(event) = &mut insert.event {
                        event.position += base;
                    }
                    for run in &mut insert.runs {
                        run.revision += base;
                    }
                    insert.begun.go_on(&insert.runs);
                    for delivery in &mut insert.deliveries {
                        delivery.position += base;
                    }
                    let event = insert.event.take().map(Arc::new);
                    if let (Some(courier), Some(event)) = (&insert.courier, &event) {
                        courier.stored(event, &insert.deliveries);
                    }
                    if followed {
                        answer.stored(event.clone(), insert.runs.clone());
                        changes.extend(event.map(Change::Event));
                        let deliveries = std::mem::take(&mut insert.deliveries).into_iter();
                        changes.extend(
                            deliveries.map(|row| Change::Delivery(row.position, Arc::new(row))),
                        );
                        let steps = std::mem::take(&mut insert.begun.steps).into_iter();
                        changes.extend(steps.map(|mut step| {
                            step.revision += base;
                            Change::Step(Arc::new(step))
                        }));
                        changes.extend(
                            insert
                                .runs
                                .into_iter()
                                .map(|run| Change::Run(Arc::new(run))),
                        );
                    } else {
                        answer.stored(event, insert.runs);
                    }
                }
                Entry::Advance(mut advance, answer) => {
                    advance.run.revision += base;
                    advance.take_signal();
                    if followed {
                        changes.extend(advance.besides.changes(base));
                        changes.extend(advance.steps.into_iter().map(|mut step| {
                            step.revision += base;
                            Change::Step(Arc::new(step))
                        }));
                        changes.push(Change::Run(Arc::new(advance.run.clone())));
                    }
                    let _ = answer.send(Ok(advance.run));
                }
                Entry::Attempts(attempts, answer) => {
                    if followed {
                        changes.extend(attempts.into_iter().filter_map(|done| {
                            let position = match done.attempt {
                                Some(attempt) => attempt.position,
                                None if done.position > 0 => done.position,
                                None => return None,
                            };
                            let position = base + position;
                            Some(Change::Delivery(position, Arc::new(done.delivery)))
                        }));
                    }
                    let _ = answer.send(Ok(self.lost.clone()));
                }
            }
        }
        changes
    }

    fn take(&mut self, mut taken: impl FnMut(&Entry) -> bool) -> Self {
        let entries = self.entries.extract_if(.., |entry| taken(entry)).collect();
        let lost = Vec::new();
        Self { entries, lost }
    }
}

impl Tables<'_> {
    /// Whether there is nothing but events.
    pub fn only_events(&self) -> bool {
        self.runs.is_empty()
            && self.advanced.is_empty()
            && self.deliveries.is_empty()
            && self.attempted.is_empty()
    }

    /// Whether there is nothing but events, with nothing in them that is stored by itself.
    pub fn only_small_events(&self) -> bool {
        let is_small = |event: &&Event| {
            let documents = std::iter::once(&event.data).chain(&event.request);
            documents.map(|json| json.as_str().len()).max() < Some(LARGE)
        };
        self.only_events() && self.events.iter().all(is_small)
    }

    /// What other nodes are told of the rows.
    pub fn touched(&self) -> Touched {
        let mut touched = Touched::default();
        if !self.events.is_empty() {
            touched.event();
        }
        for run in self.runs.iter().chain(&self.advanced) {
            touched.run(run);
        }
        if !(self.deliveries.is_empty() && self.attempted.is_empty()) {
            touched.delivery();
        }
        for besides in &self.besides {
            besides.touched(&mut touched);
        }
        touched
    }
}

impl Entry {
    fn sameness(&self) -> Option<Sameness> {
        let Self::Insert(insert, _) = self else {
            return None;
        };
        match (&insert.event, insert.runs.first()) {
            (Some(event), _) => {
                let key = event.dedupe_key.clone()?;
                Some(Sameness::Event(event.workspace_id, key))
            }
            (None, Some(run)) => {
                let key = run.idempotency_key.clone()?;
                Some(Sameness::Run(run.workspace_id, key))
            }
            (None, None) => None,
        }
    }
}
