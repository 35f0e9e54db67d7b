//! The credentials that attempts have the use of, as it is written down with the steps.
//!
//! The row of a use is in the commit that says that the attempt begins; what it came to is in that of its end, and in each by which
//! a plugin goes on. So nothing that an attempt does with credentials is without a row, whenever the process dies.

use std::collections::HashMap;

use jackfield_connected_apps::{AppChoice, Tally, use_of};
use jackfield_storage::StorageError;
use jackfield_storage::access::{Permit, Read};
use jackfield_storage::connected_app;
use jackfield_storage::credential_use::{CredentialUse, UsePurpose};
use jackfield_storage::ids::ConnectedAppId;

use super::call::Attempt;
use super::drive::Driver;
use crate::machine::Place;

/// What an attempt under way has.
pub(super) struct Lent {
    row: CredentialUse,
    tally: Tally,
}

impl Attempt {
    /// The provider whose default app it uses, if it is not known yet which one that is.
    fn wants_default(&self) -> Option<&str> {
        match self.definition.node(self.place.node).app() {
            AppChoice::DefaultOf(provider) if self.app.is_none() => Some(provider),
            _ => None,
        }
    }
}

impl Driver {
    /// Finds the default apps that the ready attempts use.
    pub(super) async fn choose_defaults(&mut self) -> Result<(), StorageError> {
        let wanted = self.ready.iter().filter_map(Attempt::wants_default);
        let mut providers: Vec<String> = wanted.map(str::to_owned).collect();
        if providers.is_empty() {
            return Ok(());
        }
        providers.sort_unstable();
        providers.dedup();
        let permit = Permit::<Read>::system(self.run.workspace_id, "engine");
        let db = self.shared.workflows.0.store.reader();
        let apps = connected_app::defaults(db, &permit, &providers).await?;
        let apps = apps.into_iter().map(|app| (app.provider, app.id));
        let apps: HashMap<String, ConnectedAppId> = apps.collect();
        for attempt in &mut self.ready {
            let app = attempt.wants_default().and_then(|wanted| apps.get(wanted));
            attempt.app = app.copied().or(attempt.app);
        }
        Ok(())
    }

    /// An attempt is about to begin.
    pub(super) fn lend(&mut self, attempt: &Attempt) {
        let Some(app) = attempt.app else { return };
        let clock = self.shared.workflows.0.store.clock();
        let place = &attempt.place;
        let path = &place.path;
        let row = CredentialUse {
            workflow_id: Some(attempt.workflow),
            run_id: Some(attempt.run),
            node_key: Some(self.definition.node(place.node).key.to_string()),
            item_path: (!path.items().is_empty()).then(|| path.to_string()),
            attempt: i32::try_from(attempt.attempt).ok(),
            ..use_of(clock, (attempt.workspace, app), UsePurpose::Step)
        };
        self.uses.insert(row.id, row.clone());
        let tally = attempt.tally.clone();
        self.lent.insert(place.clone(), Lent { row, tally });
    }

    /// What is known by now of the use by an attempt will be written with the next commit.
    pub(super) fn note_use(&mut self, place: &Place) {
        if let Some(lent) = self.lent.get_mut(place) {
            lent.tally.put(&mut lent.row);
            self.uses.insert(lent.row.id, lent.row.clone());
        }
    }

    /// An attempt is over.
    pub(super) fn take_back(&mut self, place: &Place) {
        self.note_use(place);
        self.lent.remove(place);
    }

    /// All attempts are over: those under way are given up.
    pub(super) fn take_all_back(&mut self) {
        self.calls.clear();
        self.came.clear();
        let places: Vec<Place> = self.lent.keys().cloned().collect();
        for place in places {
            self.take_back(&place);
        }
    }

    /// The uses that are new, or of which more is known.
    pub(super) fn take_uses(&mut self) -> Vec<CredentialUse> {
        std::mem::take(&mut self.uses).into_values().collect()
    }
}
