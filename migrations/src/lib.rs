//! The database schema, as steps from an empty database to the present one.
//!
//! One file per noun, the same step for SQLite and PostgreSQL. A step that was released is never
//! changed: a new one follows it.
//!
//! Rules of the schema: every row names its workspace, but for `users`, who may belong to several; ids are 16-byte ULIDs; instants are
//! microseconds since 1970; JSON is text. The hot tables (`events`, `runs`, `steps`, `deliveries`,
//! `delivery_attempts`) carry no
//! foreign keys: their references come from rows that were just read, deletes of what they refer to
//! are soft, and checking them again costs a lookup per row of every batch.

mod api_keys;
mod app_checks;
mod app_grants;
mod app_hooks;
mod app_turns;
mod attempt_ids;
mod audit_log;
mod blobs;
mod channels;
mod connected_apps;
mod credential_uses;
mod deliveries;
mod delivery_attempts;
mod endpoint_health;
mod event_payloads;
mod event_requests;
mod event_types;
mod event_waits;
mod events;
mod hook_health;
mod inbound_hooks;
mod invitations;
mod key_scopes;
mod log_heads;
mod message_templates;
mod password_resets;
mod payloads;
mod pins;
mod polls;
mod rejections;
mod replays;
mod resources;
mod run_queues;
mod run_reruns;
mod run_ties;
mod runs;
mod sign_in_failures;
mod signals;
mod step_apps;
mod step_items;
mod step_warnings;
mod steps;
mod test_runs;
mod trigger_states;
mod triggers;
mod turns;
mod user_sessions;
mod users;
mod variables;
mod webhook_endpoints;
mod workflow_versions;
mod workflows;
mod workspace_retention;
mod workspace_rules;
mod workspaces;

use sea_orm_migration::prelude::*;

/// Brings a database to the schema of this build.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(log_heads::Step),
            Box::new(workspaces::Step),
            Box::new(api_keys::Step),
            Box::new(workflows::Step),
            Box::new(workflow_versions::Step),
            Box::new(inbound_hooks::Step),
            Box::new(triggers::Step),
            Box::new(events::Step),
            Box::new(runs::Step),
            Box::new(steps::Step),
            Box::new(connected_apps::Step),
            Box::new(blobs::Step),
            Box::new(rejections::Step),
            Box::new(run_ties::Step),
            Box::new(step_items::Step),
            Box::new(signals::Step),
            Box::new(event_waits::Step),
            Box::new(turns::Step),
            Box::new(trigger_states::Step),
            Box::new(run_reruns::Step),
            Box::new(run_queues::Step),
            Box::new(test_runs::Step),
            Box::new(pins::Step),
            Box::new(event_types::Step),
            Box::new(event_payloads::Step),
            Box::new(workspace_rules::Step),
            Box::new(webhook_endpoints::Step),
            Box::new(deliveries::Step),
            Box::new(delivery_attempts::Step),
            Box::new(endpoint_health::Step),
            Box::new(replays::Step),
            Box::new(workspace_retention::Step),
            Box::new(app_turns::Step),
            Box::new(payloads::Step),
            Box::new(channels::Step),
            Box::new(app_checks::Step),
            Box::new(resources::Step),
            Box::new(step_warnings::Step),
            Box::new(app_grants::Step),
            Box::new(variables::Step),
            Box::new(key_scopes::Step),
            Box::new(users::Step),
            Box::new(invitations::Step),
            Box::new(user_sessions::Step),
            Box::new(audit_log::Step),
            Box::new(app_hooks::Step),
            Box::new(event_requests::Step),
            Box::new(hook_health::Step),
            Box::new(message_templates::Step),
            Box::new(credential_uses::Step),
            Box::new(polls::Step),
            Box::new(password_resets::Step),
            Box::new(sign_in_failures::Step),
            Box::new(step_apps::Step),
            Box::new(attempt_ids::Step),
        ]
    }

    fn migration_table_name() -> DynIden {
        "migrations".into_iden()
    }
}

/// Names a step and says what it does.
macro_rules! step {
    ($name:literal, |$manager:ident| $body:block) => {
        pub struct Step;

        impl sea_orm_migration::MigrationName for Step {
            fn name(&self) -> &str {
                $name
            }
        }

        #[sea_orm_migration::async_trait::async_trait]
        impl sea_orm_migration::MigrationTrait for Step {
            async fn up(
                &self,
                $manager: &sea_orm_migration::SchemaManager,
            ) -> Result<(), sea_orm_migration::DbErr> $body

            fn use_transaction(&self) -> Option<bool> {
                Some(true)
            }
        }
    };
}
use step;

/// An index that holds every row. Its name says the table and the columns.
fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_by_{}", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    index.take()
}

/// A reference that the database checks.
fn reference(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    let mut key = ForeignKey::create();
    key.from(table, column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Cascade);
    key.take()
}
