//! Large values are stored once, and as long as somebody uses them.

use std::time::Duration;

use anyhow::{Context, Result};
use jackfield_storage::{
    Advance, AdvanceError, Append, Besides, Claim, Json, NewEvent, NewRun, Start,
    access::{PublishEvents, Read, StartRuns},
    event,
    page::Page,
    payload,
    retention::{Retention, Swept},
    run::{self, Concurrency, OnFull, Run, RunFilter, RunStatus},
    sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait, Statement},
    step::{self, Step, StepStatus},
};
use jackfield_tests::{Engine, on_both_engines};
use serde_json::{Value, json};

use crate::sample::{SECOND, Sample};

on_both_engines!(
    a_value_that_many_documents_hold_is_stored_once,
    a_value_goes_with_the_last_who_uses_it,
    a_value_stays_for_who_uses_it_later,
    what_is_not_written_leaves_no_value_behind,
    runs_of_limited_workflows_and_reruns_use_the_same_values,
);

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Some hundred kilobytes, as a webhook with many items has it.
fn body(name: &str) -> Value {
    let items: Vec<_> = (0..5_000)
        .map(|n| json!({"id": n, "name": format!("{name} {n}"), "note": "@ \"quoted\""}))
        .collect();
    json!({"id": "evt_1", "items": items})
}

async fn payloads(sample: &Sample) -> Result<u64> {
    Ok(payload::Entity::find().count(sample.store.reader()).await?)
}

/// A number that a statement gives.
async fn number(sample: &Sample, sql: &str) -> Result<i64> {
    let db = sample.store.reader();
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    Ok(row.context("one row")?.try_get_by(0)?)
}

/// An event with a large body that starts a run.
async fn append(sample: &Sample, body: &Value) -> Result<Run> {
    let append = Append {
        event: NewEvent {
            data: body.clone().into(),
            ..sample.event(None)
        },
        runs: vec![NewRun {
            input: json!({"body": body, "headers": {}}).into(),
            ..sample.run()
        }],
    };
    let permit = sample.permit::<PublishEvents>();
    let mut appended = sample.store.writer().append(&permit, append).await?;
    Ok(appended.runs.remove(0))
}

async fn claim(sample: &Sample) -> Result<Run> {
    let claim = Claim {
        owner: "here".to_owned(),
        lease: 30 * SECOND,
        limit: 1,
    };
    let mut claimed = sample.store.writer().claim(claim).await?;
    Ok(claimed.remove(0))
}

/// Ends the run after so many steps that pass the body on.
async fn end(sample: &Sample, mut run: Run, steps: usize) -> Result<Vec<Step>> {
    let body = run.input.value()["body"].take();
    let steps: Vec<_> = (0..steps)
        .map(|number| Step {
            node_key: format!("n{number}"),
            input: Some(json!({"values": {"number": number, "all": body}}).into()),
            output: Some(json!({"number": number, "all": body}).into()),
            ..sample.step(&run, StepStatus::Succeeded)
        })
        .collect();
    run.output = steps.last().and_then(|step| step.output.clone());
    run.finish(RunStatus::Succeeded, sample.clock.now());
    let advance = Advance {
        run,
        steps: steps.clone(),
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Besides::default(),
    };
    sample.store.writer().advance(advance).await?;
    Ok(steps)
}

async fn a_value_that_many_documents_hold_is_stored_once(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let body = body("item");
    let started = append(&sample, &body).await?;
    let claimed = claim(&sample).await?;
    assert_eq!(claimed.input.value(), started.input.value());
    let steps = end(&sample, claimed, 20).await?;

    assert_eq!(payloads(&sample).await?, 1);
    let text = body["items"].to_string().len();
    assert_eq!(
        number(&sample, "SELECT CAST(length(text) AS BIGINT) FROM payloads").await?,
        i64::try_from(text)?
    );
    for (table, columns) in [
        ("steps", "input || output"),
        ("runs", "input || output"),
        ("events", "data"),
    ] {
        let longest = format!("SELECT CAST(max(length({columns})) AS BIGINT) FROM {table}");
        assert!(number(&sample, &longest).await? < 500, "{table}");
    }

    // Whoever reads has them whole.
    let (db, read) = (sample.store.reader(), sample.permit::<Read>());
    let found = step::of_runs(db, &read, &[started.id]).await?;
    let documents = |steps: &[Step]| -> Vec<_> {
        let both = |step: &Step| (step.input.clone(), step.output.clone());
        steps.iter().map(both).collect()
    };
    assert_eq!(documents(&found), documents(&steps));
    let listed = run::list(db, &read, &RunFilter::default(), Page::first(10), &[]).await?;
    assert_eq!(listed.items[0].input, started.input);
    assert_eq!(listed.items[0].output, steps[19].output);
    let events = event::changes_after(db, &read, 0, &[], 10).await?;
    assert_eq!(events[0].data.as_str(), body.to_string());
    sample.store.close().await;
    Ok(())
}

/// A month later: what is old goes.
async fn sweep(sample: &Sample, retention: Retention) -> Result<Swept> {
    sample.clock.advance(31 * DAY);
    Ok(sample.store.sweep(retention).await?)
}

const RUNS: Retention = Retention {
    runs: Some(DAY),
    runs_per_workflow: None,
    events: None,
    audit_log: None,
    credential_uses: None,
};

const EVENTS: Retention = Retention {
    runs: None,
    runs_per_workflow: None,
    events: Some(DAY),
    audit_log: None,
    credential_uses: None,
};

async fn a_value_goes_with_the_last_who_uses_it(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    append(&sample, &body("one")).await?;
    let run = claim(&sample).await?;
    end(&sample, run, 2).await?;
    assert_eq!(sweep(&sample, RUNS).await?.runs, 1);
    assert_eq!(payloads(&sample).await?, 1, "the event has it still");
    assert_eq!(sweep(&sample, EVENTS).await?.events, 1);
    assert_eq!(payloads(&sample).await?, 0);
    let uses = "SELECT count(*) FROM payload_uses";
    assert_eq!(number(&sample, uses).await?, 0);
    sample.store.close().await;
    Ok(())
}

async fn a_value_stays_for_who_uses_it_later(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    append(&sample, &body("one")).await?;
    let first = claim(&sample).await?;
    end(&sample, first, 1).await?;
    append(&sample, &body("one")).await?;
    append(&sample, &body("two")).await?;
    assert_eq!(sweep(&sample, RUNS).await?.runs, 1);
    assert_eq!(sweep(&sample, EVENTS).await?.events, 3);
    assert_eq!(payloads(&sample).await?, 2, "two runs are not over");
    let later = claim(&sample).await?;
    assert_eq!(later.input.value()["body"], body("one"));
    sample.store.close().await;
    Ok(())
}

async fn what_is_not_written_leaves_no_value_behind(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let permit = sample.permit::<StartRuns>();
    let writer = sample.store.writer();
    writer.start(&permit, sample.start(None)).await?;
    let stale = claim(&sample).await?;
    sample.clock.advance(60 * SECOND);
    claim(&sample).await?;
    let large = Json::from(body("stale"));
    let advance = Advance {
        steps: vec![Step {
            output: Some(large),
            ..sample.step(&stale, StepStatus::Succeeded)
        }],
        run: stale,
        blobs: Vec::new(),
        uses: Vec::new(),
        besides: Besides::default(),
    };
    let lost = writer.advance(advance).await;
    assert!(matches!(lost, Err(AdvanceError::FenceLost)), "{lost:?}");
    assert_eq!(payloads(&sample).await?, 0);
    sample.store.close().await;
    Ok(())
}

async fn runs_of_limited_workflows_and_reruns_use_the_same_values(engine: Engine) -> Result<()> {
    let sample = Sample::create(engine).await?;
    let (permit, writer) = (sample.permit::<StartRuns>(), sample.store.writer());
    let input = Json::from(json!({"body": body("item")}));
    let workflow = sample.clock.id();
    for _ in 0..2 {
        let run = NewRun {
            workflow_id: workflow,
            input: input.clone(),
            concurrency: Some(Concurrency {
                limit: 1,
                key: None,
                on_full: OnFull::Queue,
            }),
            ..sample.run()
        };
        let start = Start {
            run,
            idempotency_key: None,
        };
        writer.start(&permit, start).await?;
    }
    assert_eq!(payloads(&sample).await?, 1);
    // The second one is let in when the first is over, with its input.
    let first = claim(&sample).await?;
    let steps = end(&sample, first, 1).await?;
    let second = claim(&sample).await?;
    assert_eq!(second.input, input);

    let again = Run {
        id: sample.clock.id(),
        rerun_of: Some(second.id),
        status: RunStatus::Queued,
        fence: 0,
        slot: None,
        slot_group: None,
        slot_limit: None,
        ..second
    };
    let copy = Step {
        id: sample.clock.id(),
        run_id: again.id,
        ..steps[0].clone()
    };
    let id = again.id;
    let allowed = permit.clone();
    writer
        .call(&permit, move |call| {
            Box::pin(async move { run::insert(call, &allowed, again, vec![copy], None).await })
        })
        .await?;
    assert_eq!(payloads(&sample).await?, 1);
    let found = step::of_runs(sample.store.reader(), &sample.permit(), &[id]).await?;
    assert_eq!(found[0].output, steps[0].output);
    sample.store.close().await;
    Ok(())
}
