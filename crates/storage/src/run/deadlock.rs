//! Runs that wait for each other, over slots.
//!
//! A run that another one waits for may itself have to wait for a slot. When all who hold such a slot wait, directly or over
//! other runs, for runs that have to wait for slots in their turn, and so on in a circle, none of them ever goes on. The
//! circle is closed by the last of these runs that begins to wait. All transactions that write runs come one after the
//! other, so that whoever looks right then sees all of it.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};

use super::{Column, Entity, Run, RunStatus, Slot};
use crate::{
    Call, StorageError, Timestamp,
    ids::{RunId, WorkflowId},
};

/// How many runs are looked at. A larger circle is one for a person to find.
const MOST: usize = 2_000;

/// Who shares slots: a workflow, and what its limit's key came to.
type Group = (WorkflowId, Option<String>);

/// A run, as far as it matters here.
struct Met {
    id: RunId,
    parent: Option<RunId>,
    /// What it has to wait for before it begins.
    wants: Option<Group>,
    group: Group,
    /// Whether it is about to be over, whatever it waits for.
    leaving: bool,
}

/// What is known of the runs around one that begins to wait.
#[derive(Default)]
struct Waits {
    /// The runs, and which slot those want that have not begun.
    runs: HashMap<RunId, Option<Group>>,
    /// The runs that a run waits for and that are not over.
    awaited: HashMap<RunId, Vec<RunId>>,
    /// Who holds the slots.
    holders: HashMap<Group, Vec<RunId>>,
}

/// Whether `newcomer`, which is about to wait for a slot, would wait for ever.
pub(super) async fn closes_circle(call: &Call, newcomer: &Run) -> Result<bool, StorageError> {
    let Some(parent) = newcomer.parent_step_id.and(newcomer.parent_run_id) else {
        return Ok(false);
    };
    let mut waits = Waits::default();
    // It is not written yet.
    waits.awaited.insert(parent, vec![newcomer.id]);
    let mut met = vec![Met::of(newcomer)];
    loop {
        let (begun, groups) = waits.meet(met);
        if waits.runs.len() > MOST {
            return Ok(false);
        }
        if begun.is_empty() && groups.is_empty() {
            return Ok(!waits.can_go_on(newcomer.id));
        }
        met = waits.ask(call, begun, groups).await?;
    }
}

impl Waits {
    /// Takes runs in. Returns those that have begun and were not met before, and the groups whose slots others want.
    fn meet(&mut self, met: Vec<Met>) -> (Vec<RunId>, HashSet<Group>) {
        let (mut begun, mut groups) = (Vec::new(), HashSet::new());
        for run in met {
            if self.runs.insert(run.id, run.wants.clone()).is_some() {
                continue;
            }
            if run.leaving {
                self.awaited.remove(&run.id);
                continue;
            }
            match run.wants {
                None => begun.push(run.id),
                Some(group) if self.holders.contains_key(&group) => {}
                Some(group) => {
                    groups.insert(group);
                }
            }
        }
        (begun, groups)
    }

    /// Finds out what these wait for, and who holds those slots. Returns the runs that were found.
    async fn ask(
        &mut self,
        call: &Call,
        begun: Vec<RunId>,
        groups: HashSet<Group>,
    ) -> Result<Vec<Met>, StorageError> {
        let mut met = awaited(call, &begun).await?;
        for run in &met {
            if let Some(parent) = run.parent {
                self.awaited.entry(parent).or_default().push(run.id);
            }
        }
        let holders = holders(call, &groups).await?;
        for group in groups {
            self.holders.insert(group, Vec::new());
        }
        for run in &holders {
            let held = self.holders.entry(run.group.clone()).or_default();
            held.push(run.id);
        }
        met.extend(holders);
        Ok(met)
    }

    /// Whether the run goes on at some time. One that has begun can when all that it waits for can; one that wants a slot,
    /// when one of those can that hold one.
    fn can_go_on(&self, run: RunId) -> bool {
        let mut going: HashSet<RunId> = HashSet::new();
        loop {
            let next = self.runs.iter().filter(|(run, wants)| {
                let goes = |run: &RunId| going.contains(run);
                let waits = match wants {
                    Some(group) => {
                        let holders = self.holders.get(group);
                        holders.is_some_and(|held| !held.is_empty() && !held.iter().any(goes))
                    }
                    None => {
                        let awaited = self.awaited.get(run);
                        awaited.is_some_and(|awaited| !awaited.iter().all(goes))
                    }
                };
                !waits && !going.contains(run)
            });
            let next: Vec<RunId> = next.map(|(run, _)| *run).collect();
            if next.is_empty() {
                return going.contains(&run);
            }
            going.extend(next);
        }
    }
}

impl Met {
    fn of(run: &Run) -> Met {
        let slot = run.slot;
        let row = (run.id, run.parent_run_id, run.workflow_id, slot);
        Met::read(row, run.slot_group.clone(), run.due_at)
    }

    fn read(
        (id, parent, workflow, slot): (RunId, Option<RunId>, WorkflowId, Option<Slot>),
        group: Option<String>,
        due: Option<Timestamp>,
    ) -> Met {
        let group = (workflow, group);
        // One that waits for a slot and is due was cancelled.
        let wanted = slot == Some(Slot::Wanted) && due.is_none();
        Met {
            id,
            parent,
            wants: wanted.then(|| group.clone()),
            group,
            leaving: slot == Some(Slot::Leaving),
        }
    }
}

/// Who holds slots of these groups.
async fn holders(call: &Call, groups: &HashSet<Group>) -> Result<Vec<Met>, StorageError> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let any = groups
        .iter()
        .fold(Condition::any(), |any, (workflow, group)| {
            let of_group = Condition::all()
                .add(Column::WorkflowId.eq(*workflow))
                .add(Column::SlotGroup.eq(group.clone()));
            any.add(of_group)
        });
    let held = Entity::find()
        .filter(Column::Slot.is_in([Slot::Held, Slot::Leaving]))
        .filter(any);
    met(call, held).await
}

/// The runs that these wait for and that are not over.
async fn awaited(call: &Call, runs: &[RunId]) -> Result<Vec<Met>, StorageError> {
    if runs.is_empty() {
        return Ok(Vec::new());
    }
    let open = [RunStatus::Queued, RunStatus::Running, RunStatus::Waiting];
    let children = Entity::find()
        .filter(Column::ParentRunId.is_in(runs.iter().copied()))
        .filter(Column::ParentStepId.is_not_null())
        .filter(Column::Status.is_in(open));
    met(call, children).await
}

async fn met(call: &Call, runs: Select<Entity>) -> Result<Vec<Met>, StorageError> {
    let columns = [
        Column::Id,
        Column::ParentRunId,
        Column::WorkflowId,
        Column::Slot,
        Column::SlotGroup,
        Column::DueAt,
    ];
    let rows = runs
        .select_only()
        .columns(columns)
        .limit(MOST as u64 + 1)
        .into_tuple();
    let rows: Vec<(_, _, _, _, Option<String>, Option<Timestamp>)> = rows.all(call.db()).await?;
    let read = |(id, parent, workflow, slot, group, due)| {
        Met::read((id, parent, workflow, slot), group, due)
    };
    Ok(rows.into_iter().map(read).collect())
}
