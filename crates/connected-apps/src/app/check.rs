//! Checks apps that are connected: whether the provider still takes the credentials, and what it says of the resources.

use std::sync::Arc;
use std::time::Duration;

use jackfield_storage::{
    Change, Problem, ProblemCode, StorageError, Timestamp,
    access::{ManageApps, Permit},
    connected_app::{self, AppCondition, ConnectedApp},
    credential_use::UsePurpose,
    ids::ConnectedAppId,
};
use sea_orm::{ActiveModelTrait, IntoActiveModel};

use super::{AppError, ConnectedApps, PART, test::Tested};
use crate::grant::Owner;

/// How soon an app is checked again whose provider could not be asked for the first time: what is short is no error.
const SECOND_LOOK: Duration = Duration::from_secs(60);

impl ConnectedApps {
    /// Asks the provider now, and returns the app as it is then.
    pub async fn check(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
    ) -> Result<ConnectedApp, AppError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), id).await?;
        let row = found.ok_or(AppError::NotFound)?;
        match self.ask(&row).await {
            Some(tested) => self.record(permit, row, tested, false).await,
            None => {
                let message = format!(
                    "the plugin of `{}` has no test for credentials, and so nothing can check this app",
                    row.provider
                );
                Err(AppError::Rejected(vec![Problem::new(
                    ["connectedAppId"],
                    ProblemCode::Conflict,
                    message,
                )]))
            }
        }
    }

    /// Checks an app that is due, and says when it is due again.
    pub(super) async fn check_due(&self, row: ConnectedApp) -> Result<(), AppError> {
        let id = row.id;
        match self.ask(&row).await {
            Some(tested) => {
                let permit = Permit::<ManageApps>::system(row.workspace_id, PART);
                self.record(&permit, row, tested, true).await.map(drop)
            }
            None => {
                let writer = self.store.writer();
                writer
                    .put_off_app_checks(vec![id], self.next_check())
                    .await?;
                Ok(())
            }
        }
    }

    /// When an app is to be checked that was checked just now: the times are spread, so that those which were connected together
    /// are not checked together for ever.
    pub(super) fn next_check(&self) -> Timestamp {
        let clock = self.store.clock();
        let mut chance = [0];
        clock.random(&mut chance);
        let spread = 0.9 + 0.2 * f64::from(chance[0]) / 255.0;
        clock.now().after(self.checks.interval.mul_f64(spread))
    }

    /// Checks an app that has just been granted access.
    pub(crate) async fn check_granted(
        &self,
        permit: &Permit<ManageApps>,
        id: ConnectedAppId,
    ) -> Result<ConnectedApp, AppError> {
        let found = connected_app::find(self.store.reader(), &permit.read(), id).await?;
        let row = found.ok_or(AppError::NotFound)?;
        let tested = self.ask(&row).await.unwrap_or(Tested::Accepted(None));
        self.record(permit, row, tested, false).await
    }

    /// Notes that an app is of no use before somebody grants it access again.
    pub(crate) async fn needs_grant(&self, owner: &Owner, why: &str) {
        let permit = Permit::<ManageApps>::system(owner.workspace, PART);
        let noted = async {
            let found = connected_app::find(self.store.reader(), &permit.read(), owner.app).await?;
            let row = found.ok_or(AppError::NotFound)?;
            let tested = Tested::Refused(why.to_owned());
            self.record(&permit, row, tested, false).await
        };
        if let Err(error) = noted.await {
            tracing::error!(%error, app = %owner.app, "it could not be noted that an app needs access again");
        }
    }

    /// What the provider says of the credentials; its resources are brought up to date on the way. None when it cannot be asked
    /// by any means.
    async fn ask(&self, row: &ConnectedApp) -> Option<Tested> {
        let app = match self.unseal(row.clone()) {
            Ok(app) => app,
            Err(error) => return Some(Tested::of(&error)),
        };
        let questions = self.questions(row.workspace_id, app, UsePurpose::HealthCheck);
        let tested = questions.test().await;
        let useless = matches!(tested, Some(Tested::Refused(_) | Tested::Unanswered(_)));
        if !useless && let Err(error) = self.refresh_resources(row, &questions).await {
            tracing::warn!(%error, app = %row.id, "the resources of a connected app could not be brought up to date");
        }
        tested
    }

    /// Writes down what was found, unless the app has other credentials by now. With `patient`, a provider that could not be
    /// asked is an error the second time only.
    async fn record(
        &self,
        permit: &Permit<ManageApps>,
        before: ConnectedApp,
        tested: Tested,
        patient: bool,
    ) -> Result<ConnectedApp, AppError> {
        let now = self.store.clock().now();
        let unanswered = matches!(tested, Tested::Unanswered(_));
        let second_look = patient && unanswered && before.check_ok != Some(false);
        let mut after = before.clone();
        tested.put_result(now, &mut after);
        after.next_check_at = self.next_check();
        match second_look {
            true => after.next_check_at = after.next_check_at.min(now.after(SECOND_LOOK)),
            // Credentials that were refused are not better because the provider is out of reach.
            false if unanswered && before.condition == AppCondition::NeedsReauth => {}
            false => after.condition = tested.condition(),
        }
        self.tell(&before, &after).await;
        let read = permit.read();
        let writer = self.store.writer();
        let recorded = writer.call(permit, move |call| {
            Box::pin(async move {
                let found = connected_app::find(call.db(), &read, before.id).await?;
                let mut row = found.ok_or(AppError::NotFound)?;
                if row.sealed != before.sealed || row.settings != before.settings {
                    return Ok(row);
                }
                row.checked_at = after.checked_at;
                row.check_ok = after.check_ok;
                row.check_message = after.check_message;
                row.next_check_at = after.next_check_at;
                let is_news = row.condition != after.condition;
                row.condition = after.condition;
                if is_news {
                    row.revision = call.next_position();
                }
                let update = row.clone().into_active_model().reset_all();
                update.update(call.db()).await.map_err(StorageError::from)?;
                if is_news {
                    call.publish(Change::ConnectedApp(Arc::new(row.clone())));
                }
                Ok(row)
            })
        });
        recorded.await
    }
}
