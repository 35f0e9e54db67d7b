//! Attempts that wait until their connected app's rate limit lets them begin.

use std::collections::BTreeMap;

use jackfield_connected_apps::Later;
use jackfield_storage::ids::ConnectedAppId;
use jackfield_storage::step::StepStatus;
use jackfield_storage::{StorageError, Timestamp};

use super::drive::Driver;
use crate::machine::{Happened, Place, Todo};

impl Driver {
    /// An attempt has its turn later: nothing of it has happened.
    pub(super) fn defer(&mut self, place: &Place, later: Later) {
        let row = self.row(place);
        row.status = StepStatus::Waiting;
        row.wake_at = Some(later.wake_at);
        row.turn_of = Some(later.app);
        if row.attempt <= 1 {
            row.started_at = None;
        }
        self.happened(Happened::Deferred {
            place,
            until: later.wake_at,
        });
    }

    /// Has those attempts ask again whose turns were given by a limit that is another one now, or gone.
    pub(super) async fn look_for_turns(&mut self) -> Result<(), StorageError> {
        for (app, waiting) in self.deferred() {
            let apps = &self.shared.workflows.0.apps;
            let void_from = apps.void_from(self.run.workspace_id, app).await?;
            let void = waiting
                .into_iter()
                .filter(|(wake_at, _)| *wake_at >= void_from);
            for (_, place) in void {
                self.row(&place).turn_of = None;
                self.waits.remove(&place);
                self.todos
                    .retain(|todo| !matches!(todo, Todo::Wait { place: of, .. } if *of == place));
                self.happened(Happened::Due { place: &place });
            }
        }
        Ok(())
    }

    /// The steps that wait for turns, by the apps whose they are, with when they are woken.
    fn deferred(&self) -> BTreeMap<ConnectedAppId, Vec<(Timestamp, Place)>> {
        let mut deferred: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (path, frame) in &self.frames {
            for (node, row) in &frame.rows {
                if let (Some(app), Some(wake_at)) = (row.turn_of, row.wake_at) {
                    let (node, path) = (*node, path.clone());
                    let place = Place { node, path };
                    deferred.entry(app).or_default().push((wake_at, place));
                }
            }
        }
        deferred
    }
}
