//! Subscribers who ask for the same share one execution, and the bytes of its answers.
//!
//! **Invariant: no gap.** A subscriber who resumes reads the log by himself until he is shown something that his cohort is
//! shown as well; from there on he goes with it. One who falls so far behind that the cohort has forgotten what he has not
//! seen is told so, with his cursor.

mod kept;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, stream};
use jackfield_storage::access::{Role, Scopes};
use jackfield_storage::ids::WorkspaceId;
use parking_lot::Mutex;
use tokio::sync::broadcast::{self, error::RecvError, error::TryRecvError};

use self::kept::{Kept, Ledger};
use super::Frame;

/// How many answers a cohort keeps for those who have not taken them yet.
const KEPT: usize = 1024;
/// How many bytes they may have together.
const KEPT_BYTES: usize = 16 << 20;

/// What subscribers have in common who are shown the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub query: String,
    pub operation_name: Option<String>,
    /// As JSON.
    pub variables: String,
    pub workspace: WorkspaceId,
    pub role: Role,
    pub scopes: Scopes,
}

/// The cohorts that there are. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Cohorts(Arc<Mutex<HashMap<Key, broadcast::Sender<Arc<Kept>>>>>);

impl Cohorts {
    /// Goes with those who ask for the same; `execute` is what they ask for, for the first of them.
    pub(super) fn join(
        &self,
        key: Key,
        execute: impl FnOnce() -> BoxStream<'static, Frame>,
    ) -> Member {
        let mut cohorts = self.0.lock();
        if let Some(cohort) = cohorts.get(&key) {
            return Member(cohort.subscribe());
        }
        let (cohort, first) = broadcast::channel(KEPT);
        cohorts.insert(key.clone(), cohort.clone());
        tokio::spawn(self.clone().run(key, cohort, execute()));
        Member(first)
    }

    /// Passes answers on while anybody wants them.
    async fn run(
        self,
        key: Key,
        cohort: broadcast::Sender<Arc<Kept>>,
        mut answers: BoxStream<'static, Frame>,
    ) {
        let mut ledger = Ledger::new(KEPT_BYTES);
        loop {
            let answer = tokio::select! {
                answer = answers.next() => answer,
                () = cohort.closed() => match self.disband(&key, &cohort) {
                    true => return,
                    false => continue,
                },
            };
            let last = !matches!(answer, Some(Frame::Next { .. }));
            if last {
                // Nobody may join who would not be told.
                self.0.lock().remove(&key);
            }
            if let Some(answer) = answer {
                // When everybody has just left, that is seen in the next round.
                let _ = cohort.send(ledger.keep(answer));
            }
            if last {
                return;
            }
        }
    }

    /// Ends a cohort, unless somebody has joined in the meantime.
    fn disband(&self, key: &Key, cohort: &broadcast::Sender<Arc<Kept>>) -> bool {
        let mut cohorts = self.0.lock();
        let empty = cohort.receiver_count() == 0;
        if empty {
            cohorts.remove(key);
        }
        empty
    }
}

/// A place in a cohort, from when on nothing is missed.
pub(super) struct Member(broadcast::Receiver<Arc<Kept>>);

impl Member {
    /// What the cohort is shown from now on.
    pub fn follow(self) -> impl Stream<Item = Frame> + Send {
        self.follow_after(None, None)
    }

    /// The same; `ahead` comes first, and `seen` is the cursor of what came before it.
    fn follow_after(
        self,
        ahead: Option<Frame>,
        seen: Option<String>,
    ) -> impl Stream<Item = Frame> + Send {
        stream::unfold(Some((self.0, ahead, seen)), |state| async {
            let (mut answers, mut ahead, seen) = state?;
            if let Some(frame) = ahead.take() {
                let seen = frame.cursor().map(str::to_owned).or(seen);
                return Some((frame, Some((answers, None, seen))));
            }
            let kept = match answers.recv().await {
                Ok(kept) => kept.frame(),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return None,
            };
            match kept {
                Some(frame @ Frame::Refused(_)) => Some((frame, None)),
                Some(frame) => {
                    let seen = frame.cursor().map(str::to_owned).or(seen);
                    Some((frame, Some((answers, None, seen))))
                }
                None => Some((Frame::too_slow(seen.as_deref()), None)),
            }
        })
    }

    /// Follows `alone`, which is the same from an earlier place on, until it has come to the cohort, and then goes with it.
    pub fn catch_up(self, alone: BoxStream<'static, Frame>) -> impl Stream<Item = Frame> + Send {
        let catching = CatchingUp {
            member: self,
            ahead: None,
        };
        stream::unfold(Way::Alone(alone, catching), |way| async {
            match way {
                Way::Alone(mut alone, mut catching) => {
                    let frame = alone.next().await?;
                    let way = match frame.position().is_some_and(|at| catching.is_at(at)) {
                        true => {
                            let seen = frame.cursor().map(str::to_owned);
                            let CatchingUp { member, ahead } = catching;
                            Way::Together(member.follow_after(ahead, seen).boxed())
                        }
                        false => Way::Alone(alone, catching),
                    };
                    Some((frame, way))
                }
                Way::Together(mut cohort) => {
                    let frame = cohort.next().await?;
                    Some((frame, Way::Together(cohort)))
                }
            }
        })
    }
}

enum Way {
    Alone(BoxStream<'static, Frame>, CatchingUp),
    Together(BoxStream<'static, Frame>),
}

struct CatchingUp {
    member: Member,
    /// What the cohort was shown after what was looked for.
    ahead: Option<Frame>,
}

impl CatchingUp {
    /// Whether the cohort was shown what is at a position. What it was shown before that is dropped.
    fn is_at(&mut self, position: i64) -> bool {
        loop {
            let frame = match self.ahead.take() {
                Some(frame) => frame,
                None => match self.member.0.try_recv() {
                    Ok(kept) => match kept.frame() {
                        Some(frame) => frame,
                        None => continue,
                    },
                    Err(TryRecvError::Lagged(_)) => continue,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => return false,
                },
            };
            match frame.position() {
                Some(at) if at == position => return true,
                Some(at) if at < position => {}
                _ => {
                    self.ahead = Some(frame);
                    return false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jackfield_storage::{Clock, Cursor};
    use tokio::sync::mpsc;

    use super::*;
    use crate::errors::Code;
    use crate::request::Answer;

    fn key() -> Key {
        Key {
            query: "subscription { events { cursor } }".into(),
            operation_name: None,
            variables: "{}".into(),
            workspace: Clock::seeded(jackfield_storage::Timestamp::EPOCH, 1).id(),
            role: Role::Viewer,
            scopes: Scopes::All,
        }
    }

    fn frame(position: i64) -> Frame {
        Frame::Next {
            json: position.to_string().into(),
            cursor: Some(Cursor::position(position).to_string().into()),
        }
    }

    /// Something to follow, and what is shown to its followers.
    fn source() -> (mpsc::UnboundedSender<Frame>, BoxStream<'static, Frame>) {
        let (says, said) = mpsc::unbounded_channel();
        let frames = stream::unfold(said, |mut said: mpsc::UnboundedReceiver<Frame>| async {
            Some((said.recv().await?, said))
        });
        (says, frames.boxed())
    }

    async fn positions(frames: impl Stream<Item = Frame>, count: usize) -> Vec<i64> {
        let frames: Vec<Frame> = frames.take(count).collect().await;
        frames.iter().filter_map(Frame::position).collect()
    }

    #[tokio::test]
    async fn those_who_ask_for_the_same_share_one_execution() {
        let cohorts = Cohorts::default();
        let (says, said) = source();
        let first = cohorts.join(key(), || said);
        let second = cohorts.join(key(), || panic!("it is executed already"));
        for position in 1..=3 {
            says.send(frame(position)).unwrap();
        }
        assert_eq!(positions(first.follow(), 3).await, [1, 2, 3]);
        assert_eq!(positions(second.follow(), 3).await, [1, 2, 3]);
        says.closed().await;
        assert!(cohorts.0.lock().is_empty());
    }

    #[tokio::test]
    async fn who_resumes_joins_at_the_first_thing_that_both_are_shown() {
        let cohorts = Cohorts::default();
        let (says, said) = source();
        let (alone_says, alone) = source();
        let member = cohorts.join(key(), || said);
        for position in 4..=7 {
            says.send(frame(position)).unwrap();
        }
        tokio::task::yield_now().await;
        for position in 1..=5 {
            alone_says.send(frame(position)).unwrap();
        }
        let all = member.catch_up(alone);
        assert_eq!(positions(all, 7).await, [1, 2, 3, 4, 5, 6, 7]);
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_where_to_resume() {
        let cohorts = Cohorts::default();
        let (says, said) = source();
        let mut slow = Box::pin(cohorts.join(key(), || said).follow());
        says.send(frame(1)).unwrap();
        assert_eq!(slow.next().await.unwrap().position(), Some(1));
        for position in 2..=i64::try_from(KEPT).unwrap() + 2 {
            says.send(frame(position)).unwrap();
        }
        drop(says);
        while !cohorts.0.lock().is_empty() {
            tokio::task::yield_now().await;
        }
        let Some(Frame::Refused(answer)) = slow.next().await else {
            panic!("it goes on");
        };
        let cursor = Cursor::position(1).to_string();
        let text = String::from_utf8(answer.to_json()).unwrap();
        let text = text.replace(&cursor, "CURSOR");
        insta::assert_snapshot!(text, @r#"{"errors":[{"message":"More has happened than is kept for a slow subscriber. Subscribe again with `after: \"CURSOR\"`, and nothing is missing.","extensions":{"code":"TOO_SLOW","cursor":"CURSOR"}}]}"#);
        assert!(slow.next().await.is_none());
    }

    #[tokio::test]
    async fn answers_that_are_large_are_kept_for_less_long() {
        let cohorts = Cohorts::default();
        let (says, said) = source();
        let (mut quick, mut slow) = {
            let first = cohorts.join(key(), || said);
            let second = cohorts.join(key(), || panic!("it is executed already"));
            (Box::pin(first.follow()), Box::pin(second.follow()))
        };
        let large = KEPT_BYTES / 4;
        for position in 1..=6 {
            says.send(Frame::Next {
                json: " ".repeat(large).into(),
                cursor: Some(Cursor::position(position).to_string().into()),
            })
            .unwrap();
            assert_eq!(quick.next().await.unwrap().position(), Some(position));
        }
        assert!(matches!(slow.next().await, Some(Frame::Refused(_))));
        assert!(slow.next().await.is_none());
    }

    #[tokio::test]
    async fn what_cannot_be_executed_is_told_to_all_and_tried_again_for_the_next() {
        let cohorts = Cohorts::default();
        let (says, said) = source();
        let members = [
            cohorts.join(key(), || said),
            cohorts.join(key(), || panic!("it is executed already")),
        ];
        let refusal = Answer::refused(Code::Forbidden, "No.");
        says.send(Frame::Refused(Arc::new(refusal))).unwrap();
        for member in members {
            let frames: Vec<Frame> = member.follow().collect().await;
            assert!(
                matches!(frames.as_slice(), [Frame::Refused(_)]),
                "{frames:?}"
            );
        }
        let (again, said) = source();
        let member = cohorts.join(key(), || said);
        again.send(frame(1)).unwrap();
        assert_eq!(positions(member.follow(), 1).await, [1]);
    }
}
