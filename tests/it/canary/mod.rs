//! Secrets of every kind are planted, used in every way there is, and looked for wherever they must not be: in what the server prints
//! at its most talkative, in every byte of the database and of the data directory, in all that the API says, and in core files.

mod core;
mod search;
mod world;

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, ensure};
use jackfield_tests::{Engine, Setup, Socket, on_both_engines};
use serde_json::json;

use search::{Place, files_below, search};
use world::World;

on_both_engines![no_planted_secret_comes_out];

/// What the server is given from outside.
const MASTER_KEY: &str = "Y2FuYXJ5LW1hc3Rlci1rZXktNDcxMS00NzExLTQ3MTE=";
const SESSION_SECRET: &str = "canary-session-secret-4712-4712-4712";

async fn no_planted_secret_comes_out(engine: Engine) -> Result<()> {
    let setup = Setup::with_shop(engine)?
        .environment("JACKFIELD_LOG", "trace")
        .environment("JACKFIELD_MASTER_KEY", MASTER_KEY)
        .environment("JACKFIELD_SESSION_SECRET", SESSION_SECRET);
    let jackfield = setup.start().await?;
    let mut world = World::new(&jackfield).await?;
    world.keeps("the master key", MASTER_KEY);
    world.keeps("the session secret", SESSION_SECRET);
    let owner_key = jackfield.owner_key().to_owned();
    world.keeps("the owner's key", &owner_key);

    let mut events = Socket::connect(&jackfield.url("/graphql"), &owner_key).await?;
    let document = "subscription { events { cursor event { id type data } } }";
    let follow = json!({"id": "1", "type": "subscribe", "payload": {"query": document}});
    events.send(&follow).await?;
    let frames = Frames::collect(events);

    world.accounts().await?;
    world.connected_apps().await?;
    world.refused_apps().await?;
    world.endpoints().await?;
    world.hooks().await?;
    world.runs().await?;
    world.crashes().await?;
    world.strangers().await?;
    world.read_everything().await?;
    tokio::time::sleep(world::SILENCE).await;
    let frames = frames.so_far();
    ensure!(
        frames.contains("order.paid"),
        "nothing was followed: {frames}"
    );
    world.saw(&frames);

    let database = Place::new("the database", jackfield.database_bytes()?);
    // The first start prints the owner's key, once.
    let log = jackfield.log()?.replacen(&owner_key, "", 1);
    let log = Place::new("the log", log.into_bytes());
    let said = Place::new("the API", world.said.clone().into_bytes());
    let home = jackfield.data_dir();
    let home = home
        .parent()
        .context("the data directory lies in the home")?;
    // These are meant to hold what they hold, and only their owner can read them.
    let meant = ["owner.key", "session.key", "master.key", "log"];
    let files = files_below(home, &meant)?;
    let places = [vec![database, log, said], files].concat();
    let found = search(&world.secrets, &places);
    ensure!(
        found.is_empty(),
        "planted secrets came out:\n{}",
        found.join("\n")
    );
    world.all_were_used()?;
    jackfield.finish().await
}

/// What a subscription says, while other things happen.
struct Frames(Arc<Mutex<String>>);

impl Frames {
    fn collect(mut socket: Socket) -> Self {
        let said = Arc::new(Mutex::new(String::new()));
        let frames = Self(Arc::clone(&said));
        tokio::spawn(async move {
            loop {
                match socket.receive().await {
                    Ok(frame) => said
                        .lock()
                        .expect("nobody panics here")
                        .push_str(&frame.to_string()),
                    Err(error) if error.to_string().contains("closed") => break,
                    // Nothing was said for a while.
                    Err(_) => {}
                }
            }
        });
        frames
    }

    fn so_far(&self) -> String {
        self.0.lock().expect("nobody panics here").clone()
    }
}
