//! The end of a call that nobody waits for any more: the plugin is told and may tidy up before it is closed.

use std::time::Duration;

use jackfield_plugin_abi::frame::{Caps, Frame, encode};
use jackfield_plugin_abi::messages::{CallError, Event, Events, Turn, code};
use serde_json::value::RawValue;

use crate::transport::{Conversation, Reply};

/// Most turns that a plugin gets to tidy up in.
const TURNS: usize = 16;
/// Why; the plugin may log it.
const REASON: &str = "the call is no longer wanted";

/// Cancels a call in the background. Nothing that it asks for is done any more: each effect is answered with `CANCELLED`.
/// What is not over after `grace` is closed as it is.
pub(crate) fn cancel(talk: Box<dyn Conversation>, waiting: Vec<u64>, grace: Duration, caps: Caps) {
    // A server that is going down closes without ceremony.
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return;
    };
    runtime.spawn(async move {
        tokio::time::timeout(grace, tidy_up(talk, waiting, caps))
            .await
            .ok();
    });
}

async fn tidy_up(mut talk: Box<dyn Conversation>, mut waiting: Vec<u64>, caps: Caps) -> Option<()> {
    if talk.is_working() {
        let reply = talk.rest().await.ok()?;
        waiting.extend(asked(&reply, caps)?);
    }
    let mut events = vec![Event::cancel(REASON)];
    for _ in 0..TURNS {
        let refused = |id| Event::err(id, CallError::new(code::CANCELLED, REASON));
        events.extend(waiting.drain(..).map(refused));
        if events.is_empty() {
            // It waits for nothing that will ever come.
            return None;
        }
        let frame: Events<&RawValue> = Events {
            events: std::mem::take(&mut events),
        };
        let frame = encode(&frame, &[]).ok()?;
        let reply = talk.resume(frame).await.ok()?;
        waiting.extend(asked(&reply, caps)?);
    }
    None
}

/// The effects that wait for an answer; none when the call is over.
fn asked(reply: &Reply, caps: Caps) -> Option<Vec<u64>> {
    if reply.done {
        return None;
    }
    let frame = Frame::decode(&reply.frame, caps).ok()?;
    let turn: Turn<'_> = frame.parse().ok()?;
    let answered = turn
        .effects
        .iter()
        .filter(|effect| effect.kind.is_answered());
    Some(answered.map(|effect| effect.id).collect())
}
