//! Connected apps: who checks them, and which is the default.

use std::collections::HashSet;

use anyhow::Result;
use jackfield_storage::{
    Json, StorageError,
    access::ManageApps,
    connected_app::{self, AppCondition, ConnectedApp},
    sea_orm::{EntityTrait, IntoActiveModel},
};
use jackfield_tests::{Engine, on_both_engines};

use crate::sample::{SECOND, Sample};

on_both_engines!(an_app_that_is_due_is_claimed_once, two_defaults_are_refused);

async fn insert(sample: &Sample, change: impl Fn(&mut ConnectedApp)) -> Result<ConnectedApp> {
    let now = sample.clock.now();
    let mut row = ConnectedApp {
        id: sample.clock.id(),
        workspace_id: sample.permit::<ManageApps>().workspace(),
        provider: "acme".into(),
        name: "Acme".into(),
        active: true,
        sealed: vec![1],
        masked: "••••1234".into(),
        settings: Json::null(),
        created_at: now,
        updated_at: now,
        revision: 0,
        rate_requests: None,
        rate_per: None,
        rate_burst: None,
        is_default: false,
        condition: AppCondition::Connected,
        checked_at: None,
        check_ok: None,
        check_message: None,
        next_check_at: now,
    };
    change(&mut row);
    let (written, permit) = (row.clone(), sample.permit::<ManageApps>());
    let insert = sample.store.writer().call(&permit, |call| {
        Box::pin(async move {
            let insert = connected_app::Entity::insert(row.into_active_model());
            insert.exec_without_returning(call.db()).await?;
            Ok::<_, StorageError>(())
        })
    });
    insert.await?;
    Ok(written)
}

async fn an_app_that_is_due_is_claimed_once(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let mut due = HashSet::new();
    for _ in 0..12 {
        due.insert(insert(&sample, |_| ()).await?.id);
    }
    let now = sample.clock.now();
    let later = insert(&sample, |row| row.next_check_at = now.after(30 * SECOND)).await?;
    insert(&sample, |row| row.active = false).await?;

    let writer = sample.store.writer();
    let claim = || writer.claim_app_checks(8, 60 * SECOND);
    let (here, there, again) = (claim().await?, claim().await?, claim().await?);
    assert_eq!((here.len(), there.len(), again.len()), (8, 4, 0));
    let claimed: HashSet<_> = here.iter().chain(&there).map(|app| app.id).collect();
    assert_eq!(claimed, due);
    let next = connected_app::next_check(sample.store.reader()).await?;
    assert_eq!(next, Some(later.next_check_at));

    // What was claimed and not checked is due again when the lease has run out.
    writer
        .put_off_app_checks(vec![later.id, here[0].id], now.after(600 * SECOND))
        .await?;
    sample.clock.advance(61 * SECOND);
    assert_eq!(writer.claim_app_checks(20, 60 * SECOND).await?.len(), 11);
    Ok(())
}

async fn two_defaults_are_refused(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    insert(&sample, |row| row.is_default = true).await?;
    insert(&sample, |_| ()).await?;
    let of_another = |row: &mut ConnectedApp| {
        row.is_default = true;
        row.provider = "other".into();
    };
    insert(&sample, of_another).await?;
    assert!(insert(&sample, |row| row.is_default = true).await.is_err());
    Ok(())
}
