//! How runs go, one rule at a time.

use std::time::Duration;

use super::*;

/// A run that is told what happens and tells in words what to do.
struct Play {
    definition: Definition,
    state: State,
    began: String,
}

impl Play {
    fn of(nodes: &[(&str, Value)], edges: &str) -> Play {
        let definition = definition(nodes, edges);
        let (trigger, _) = definition.triggers().next().unwrap();
        let (state, todos) = State::start(&definition, trigger);
        let began = words(&definition, &todos);
        Play {
            definition,
            state,
            began,
        }
    }

    /// `a`, or `a[2.0]` for the first item of the inner `for-each` within the third of the outer.
    fn key(&self, key: &str) -> Place {
        let (key, path) = key.split_once('[').unwrap_or((key, "]"));
        Place {
            node: self.definition.node_named(key).unwrap(),
            path: path.trim_end_matches(']').parse().unwrap(),
        }
    }

    fn happens(&mut self, happened: Happened<'_>) -> String {
        let todos = self.state.advance(&self.definition, happened);
        words(&self.definition, &todos)
    }

    fn finished(&mut self, key: &str, port: &str) -> String {
        let place = &self.key(key);
        self.happens(Happened::Finished { place, port })
    }

    fn failed(&mut self, key: &str, retry: Option<Retry>) -> String {
        let place = &self.key(key);
        self.happens(Happened::Failed {
            place,
            retry,
            now: Timestamp::EPOCH,
            random: 0.0,
        })
    }

    fn due(&mut self, key: &str) -> String {
        let place = &self.key(key);
        self.happens(Happened::Due { place })
    }

    fn deferred(&mut self, key: &str) -> String {
        let place = &self.key(key);
        let until = Timestamp::EPOCH.after(Duration::from_secs(7));
        self.happens(Happened::Deferred { place, until })
    }

    fn parked(&mut self, key: &str) -> String {
        let place = &self.key(key);
        self.happens(Happened::Parked { place, until: None })
    }

    fn items(&mut self, key: &str, count: u32, concurrency: u32) -> String {
        let (place, items) = (&self.key(key), Items { count, concurrency });
        self.happens(Happened::Items { place, items })
    }

    fn stopped(&mut self, ending: Ending) -> String {
        self.happens(Happened::Stopped { ending })
    }
}

const NONE: Value = Value::Null;

#[test]
fn one_step_after_the_other() {
    let mut play = Play::of(
        &[("start:manual", NONE), ("a:set", NONE), ("b:set", NONE)],
        "start>a a>b",
    );
    assert_eq!(play.began, "execute a#1");
    assert_eq!(play.finished("a", "data-out"), "execute b#1");
    assert_eq!(play.finished("b", "data-out"), "succeeded");
}

#[test]
fn a_trigger_alone_is_a_whole_run() {
    assert_eq!(Play::of(&[("start:manual", NONE)], "").began, "succeeded");
}

#[test]
fn branches_run_at_the_same_time_and_a_join_waits_for_all() {
    let nodes = [
        ("start:manual", NONE),
        ("a:call", NONE),
        ("b:call", NONE),
        ("join:set", NONE),
    ];
    let mut play = Play::of(&nodes, "start>a start>b a>join b>join");
    assert_eq!(play.began, "execute a#1, execute b#1");
    assert_eq!(play.finished("b", "data-out"), "");
    assert_eq!(play.finished("a", "data-out"), "execute join#1");
}

#[test]
fn an_attempt_that_has_its_turn_later_is_the_same_attempt_then() {
    let nodes = [
        ("start:manual", NONE),
        ("a:call", json!({"retry": {"maxAttempts": 2}})),
        ("b:call", NONE),
    ];
    let mut play = Play::of(&nodes, "start>a start>b");
    assert_eq!(play.deferred("a"), "wait a 7s");
    assert_eq!(play.due("a"), "execute a#1");
    assert_eq!(play.failed("a", Some(Retry::default())), "wait a 1s");
    assert_eq!(play.due("a"), "execute a#2");
    assert_eq!(play.deferred("a"), "wait a 7s");
    // Nothing new is begun in a run that failed.
    assert_eq!(play.failed("b", None), "cancel a, failed by b");
}

#[test]
fn a_branch_that_is_not_taken_is_skipped_to_its_end() {
    let nodes = [
        ("start:manual", NONE),
        ("if:if", NONE),
        ("yes:set", NONE),
        ("no:set", NONE),
        ("later:set", NONE),
        ("join:set", NONE),
    ];
    let mut play = Play::of(
        &nodes,
        "start>if if.true>yes if.false>no no>later later>join yes>join",
    );
    assert_eq!(play.began, "execute if#1");
    assert_eq!(
        play.finished("if", "true"),
        "execute yes#1, skip no, skip later"
    );
    assert_eq!(play.finished("yes", "data-out"), "execute join#1");
}

#[test]
fn the_other_triggers_are_skipped_with_what_only_they_start() {
    let nodes = [
        ("start:manual", NONE),
        ("hook:webhook", NONE),
        ("a:set", NONE),
        ("b:set", NONE),
    ];
    let play = Play::of(&nodes, "start>a hook>a hook>b");
    assert_eq!(play.began, "skip hook, execute a#1, skip b");
}

#[test]
fn a_failure_goes_on_by_its_error_port() {
    let nodes = [
        ("start:manual", NONE),
        ("a:call", NONE),
        ("ok:set", NONE),
        ("sorry:set", NONE),
    ];
    let mut play = Play::of(&nodes, "start>a a>ok a.error>sorry");
    assert_eq!(play.failed("a", None), "skip ok, execute sorry#1");
    assert_eq!(play.finished("sorry", "data-out"), "succeeded");
}

#[test]
fn a_failure_that_nothing_catches_fails_the_run_once_the_rest_is_done() {
    let retried = json!({"retry": {}});
    let nodes = [
        ("start:manual", NONE),
        ("a:call", NONE),
        ("b:call", NONE),
        ("c:call", retried),
        ("after:set", NONE),
    ];
    let mut play = Play::of(&nodes, "start>a start>b start>c b>after");
    assert_eq!(play.failed("c", Some(Retry::default())), "wait c 1s");
    assert_eq!(play.failed("a", None), "cancel c");
    assert_eq!(play.due("c"), "");
    assert_eq!(play.finished("b", "data-out"), "failed by a");
    assert!(play.state.is_finished());
}

#[test]
fn failures_are_retried_as_the_policy_says() {
    let policy =
        json!({"retry": {"maxAttempts": 3, "initialDelay": "PT10S", "backoff": "exponential"}});
    let mut play = Play::of(&[("start:manual", NONE), ("a:call", policy)], "start>a");
    assert_eq!(play.failed("a", Some(Retry::default())), "wait a 10s");
    assert_eq!(play.due("a"), "execute a#2");
    assert_eq!(
        play.failed(
            "a",
            Some(Retry {
                after: Some(Duration::from_secs(60))
            })
        ),
        "wait a 60s"
    );
    assert_eq!(play.due("a"), "execute a#3");
    assert_eq!(play.failed("a", Some(Retry::default())), "failed by a");
}

#[test]
fn what_no_other_attempt_can_help_is_not_retried() {
    let mut play = Play::of(
        &[("start:manual", NONE), ("a:call", json!({"retry": {}}))],
        "start>a",
    );
    assert_eq!(play.failed("a", None), "failed by a");
}

#[test]
fn late_and_repeated_reports_change_nothing() {
    let mut play = Play::of(
        &[("start:manual", NONE), ("a:call", NONE), ("b:call", NONE)],
        "start>a a>b",
    );
    assert_eq!(play.finished("a", "data-out"), "execute b#1");
    let before = play.state.clone();
    assert_eq!(play.finished("a", "data-out"), "");
    assert_eq!(play.failed("a", None), "");
    assert_eq!(play.due("b"), "");
    assert_eq!(play.state, before);
}

#[test]
fn the_ends_of_a_run_are_the_steps_after_which_nothing_came() {
    let nodes = [
        ("start:manual", NONE),
        ("if:if", NONE),
        ("yes:set", NONE),
        ("no:set", NONE),
        ("side:set", NONE),
    ];
    let mut play = Play::of(&nodes, "start>if if.true>yes if.false>no start>side");
    play.finished("if", "true");
    play.finished("yes", "data-out");
    play.finished("side", "data-out");
    let ends: Vec<_> = play
        .state
        .ends(&play.definition)
        .map(|node| play.definition.node(node).key.to_string())
        .collect();
    assert_eq!(ends, ["yes", "side"]);
}

#[test]
fn a_merge_may_go_on_before_every_branch_has_come() {
    let nodes = [
        ("start:manual", NONE),
        ("a:call", NONE),
        ("b:call", NONE),
        ("c:call", NONE),
        ("first:any", NONE),
        ("second:two", NONE),
    ];
    let mut play = Play::of(
        &nodes,
        "start>a start>b start>c a>first b>first c>first a>second b>second c>second",
    );
    assert_eq!(play.began, "execute a#1, execute b#1, execute c#1");
    assert_eq!(play.finished("b", "data-out"), "execute first#1");
    assert_eq!(play.finished("a", "data-out"), "execute second#1");
    assert_eq!(play.finished("first", "data-out"), "");
    assert_eq!(play.finished("second", "data-out"), "");
    assert_eq!(play.finished("c", "data-out"), "succeeded");
}

const LOOP: [(&str, Value); 5] = [
    ("start:manual", NONE),
    ("each:for-each", NONE),
    ("a:call", NONE),
    ("b:call", NONE),
    ("after:set", NONE),
];
const LOOP_EDGES: &str = "start>each each.item>a a>b each>after";

#[test]
fn items_are_done_one_after_the_other() {
    let mut play = Play::of(&LOOP, LOOP_EDGES);
    assert_eq!(play.began, "execute each#1");
    assert_eq!(play.items("each", 2, 1), "begin each 0, execute a[0]#1");
    assert_eq!(play.finished("a[0]", "data-out"), "execute b[0]#1");
    assert_eq!(
        play.finished("b[0]", "data-out"),
        "done each 0, begin each 1, execute a[1]#1"
    );
    assert_eq!(play.finished("a[0]", "data-out"), "");
    assert_eq!(play.finished("a[1]", "data-out"), "execute b[1]#1");
    assert_eq!(
        play.finished("b[1]", "data-out"),
        "done each 1, gather each"
    );
    assert_eq!(play.finished("each", "data-out"), "execute after#1");
    assert_eq!(play.finished("after", "data-out"), "succeeded");
}

#[test]
fn an_item_that_fails_ends_alone() {
    let mut play = Play::of(&LOOP, LOOP_EDGES);
    assert_eq!(
        play.items("each", 3, 2),
        "begin each 0, execute a[0]#1, begin each 1, execute a[1]#1"
    );
    assert_eq!(
        play.failed("a[0]", None),
        "a fails each 0, begin each 2, execute a[2]#1"
    );
    play.finished("a[1]", "data-out");
    play.finished("a[2]", "data-out");
    assert_eq!(play.finished("b[2]", "data-out"), "done each 2");
    assert_eq!(
        play.finished("b[1]", "data-out"),
        "done each 1, gather each"
    );
    assert_eq!(play.finished("each", "data-out"), "execute after#1");
}

#[test]
fn a_list_without_items_is_over_at_once() {
    let mut play = Play::of(&LOOP, LOOP_EDGES);
    assert_eq!(play.items("each", 0, 1), "gather each");
}

#[test]
fn loops_are_nested() {
    let nodes = [
        ("start:manual", NONE),
        ("outer:for-each", NONE),
        ("inner:for-each", NONE),
        ("a:call", NONE),
    ];
    let mut play = Play::of(&nodes, "start>outer outer.item>inner inner.item>a");
    assert_eq!(
        play.items("outer", 2, 2),
        "begin outer 0, execute inner[0]#1, begin outer 1, execute inner[1]#1"
    );
    assert_eq!(
        play.items("inner[1]", 1, 1),
        "begin inner[1] 0, execute a[1.0]#1"
    );
    assert_eq!(
        play.finished("a[1.0]", "data-out"),
        "done inner[1] 0, gather inner[1]"
    );
    assert_eq!(play.finished("inner[1]", "data-out"), "done outer 1");
    play.items("inner[0]", 2, 1);
    assert_eq!(
        play.failed("a[0.0]", None),
        "a fails inner[0] 0, begin inner[0] 1, execute a[0.1]#1"
    );
    play.finished("a[0.1]", "data-out");
    assert_eq!(
        play.finished("inner[0]", "data-out"),
        "done outer 0, gather outer"
    );
    assert_eq!(play.finished("outer", "data-out"), "succeeded");
}

#[test]
fn the_failure_of_the_run_ends_its_loops() {
    let nodes = [
        ("start:manual", NONE),
        ("each:for-each", NONE),
        ("a:delay", NONE),
        ("b:call", NONE),
        ("side:call", NONE),
    ];
    let mut play = Play::of(&nodes, "start>each each.item>a each.item>b start>side");
    play.items("each", 5, 2);
    assert_eq!(play.parked("a[0]"), "");
    assert_eq!(play.parked("a[1]"), "");
    assert_eq!(play.finished("b[0]", "data-out"), "");
    assert_eq!(
        play.failed("side", None),
        "cancel a[0], cancel a[1], done each 0"
    );
    assert_eq!(
        play.finished("b[1]", "data-out"),
        "done each 1, cancel each, failed by side"
    );
}

#[test]
fn what_is_waited_for_ends_the_wait() {
    let nodes = [("start:manual", NONE), ("a:delay", NONE), ("b:set", NONE)];
    let mut play = Play::of(&nodes, "start>a a>b");
    assert_eq!(play.parked("a"), "");
    assert_eq!(play.due("a"), "");
    assert_eq!(play.finished("a", "data-out"), "execute b#1");
}

#[test]
fn a_run_that_is_stopped_ends_at_once() {
    let mut play = Play::of(&LOOP, LOOP_EDGES);
    play.items("each", 3, 1);
    assert_eq!(
        play.stopped(Ending::Cancelled),
        "cancel a[0], cancel each, cancelled"
    );
    assert_eq!(play.finished("a[0]", "data-out"), "");
    assert!(play.state.is_finished());
}

mod after_a_restart {
    use jackfield_storage::step::StepStatus;

    use super::*;

    fn recovered(policy: Value, steps: &[(&str, StepStatus, u32)]) -> (Play, String, Recovered) {
        let nodes = [
            ("start:manual", NONE),
            ("a:call", policy),
            ("b:set", NONE),
            ("c:call", NONE),
        ];
        let definition = definition(&nodes, "start>a a>b b>c");
        let (trigger, _) = definition.triggers().next().unwrap();
        let steps: Vec<_> = steps
            .iter()
            .map(|(key, status, attempt)| Recorded {
                place: Place::root(definition.node_named(key).unwrap()),
                status: *status,
                attempt: *attempt,
                port: matches!(status, StepStatus::Succeeded).then(|| "data-out".to_owned()),
                wake_at: Some(Timestamp::from_micros(9_000_000)),
                items: None,
            })
            .collect();
        let recovered = State::recover(&definition, trigger, &steps);
        let began = words(&definition, &recovered.todos);
        (
            Play {
                definition,
                state: recovered.state.clone(),
                began: began.clone(),
            },
            began,
            recovered,
        )
    }

    #[test]
    fn finished_steps_are_not_repeated_and_unrecorded_ones_are_done() {
        let (_, began, _) = recovered(NONE, &[("a", StepStatus::Succeeded, 1)]);
        assert_eq!(began, "execute b#1");
        let (_, began, _) = recovered(NONE, &[]);
        assert_eq!(began, "execute a#1");
    }

    #[test]
    fn a_step_in_flight_is_sent_again_as_the_same_attempt() {
        let (_, began, _) = recovered(NONE, &[("a", StepStatus::Running, 2)]);
        assert_eq!(began, "execute a#2");
    }

    #[test]
    fn or_it_fails() {
        let (mut play, began, recovered) = recovered(
            json!({"onUncertain": "FAIL"}),
            &[("a", StepStatus::Running, 1)],
        );
        assert_eq!(began, "");
        assert_eq!(recovered.lost, [play.key("a")]);
        assert_eq!(play.failed("a", None), "failed by a");
    }

    #[test]
    fn or_a_person_is_asked() {
        let (mut play, began, recovered) = recovered(
            json!({"onUncertain": "ASK"}),
            &[("a", StepStatus::Running, 1)],
        );
        assert_eq!(began, "");
        assert_eq!(recovered.uncertain, [play.key("a")]);
        assert_eq!(play.finished("a", "data-out"), "execute b#1");
    }

    #[test]
    fn a_wait_goes_on() {
        let (mut play, began, _) = recovered(NONE, &[("a", StepStatus::Waiting, 2)]);
        assert_eq!(began, "wait a 9s");
        assert_eq!(play.due("a"), "execute a#2");
    }

    #[test]
    fn a_failed_run_ends() {
        let (_, began, _) = recovered(NONE, &[("a", StepStatus::Failed, 1)]);
        assert_eq!(began, "failed by a");
    }
}
