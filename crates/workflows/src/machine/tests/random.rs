//! Random graphs, random outcomes, random order: what must hold in every run.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_storage::step::StepStatus;

use super::*;

/// SplitMix64: the same numbers for the same seed, on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// A graph of up to a dozen nodes in which every node hangs on an earlier one, some of them within loops.
fn graph(numbers: &mut Numbers) -> Definition {
    let mut nodes = vec![("n0:manual".to_owned(), Value::Null)];
    let mut edges = BTreeSet::new();
    let mut kinds = vec!["manual"];
    // The loop that each node is in, as the number of its `for-each`.
    let mut within: Vec<Option<usize>> = vec![None];
    let mut empty: Option<usize> = None;
    for node in 1..2 + numbers.below(11) {
        let kinds_there_are = ["set", "if", "call", "call", "delay", "any", "for-each"];
        let kind = kinds_there_are[numbers.below(kinds_there_are.len())];
        let more = if numbers.below(2) == 0 {
            json!({"retry": {"maxAttempts": 2}})
        } else {
            Value::Null
        };
        // What follows a loop that has no body yet is its body.
        let inside = empty
            .take()
            .map_or_else(|| within[numbers.below(node)], Some);
        if kind == "for-each" {
            empty = Some(node);
        }
        nodes.push((format!("n{node}:{kind}"), more));
        for _ in 0..1 + numbers.below(3) {
            let there: Vec<_> = (0..node)
                .filter(|other| within[*other] == inside || Some(*other) == inside)
                .collect();
            let from = there[numbers.below(there.len())];
            let port = match kinds[from] {
                _ if Some(from) == inside => "item",
                "manual" => "data-out",
                "if" => ["true", "false", "error"][numbers.below(3)],
                _ => ["data-out", "data-out", "error"][numbers.below(3)],
            };
            edges.insert(format!("n{from}.{port}>n{node}"));
        }
        kinds.push(kind);
        within.push(inside);
    }
    if let Some(each) = empty {
        let node = nodes.len();
        nodes.push((format!("n{node}:set"), Value::Null));
        edges.insert(format!("n{each}.item>n{node}"));
    }
    let nodes: Vec<_> = nodes
        .iter()
        .map(|(name, more)| (name.as_str(), more.clone()))
        .collect();
    definition(&nodes, &edges.into_iter().collect::<Vec<_>>().join(" "))
}

/// The same numbers whenever the same attempt is made.
fn of_attempt(place: &Place, attempt: u32, seed: u64) -> Numbers {
    let items = place.path.items().iter();
    let items = items.fold(7, |hash: u64, item| {
        hash.wrapping_mul(31).wrapping_add(u64::from(*item) + 1)
    });
    Numbers(seed ^ ((place.node.index() as u64) << 32) ^ u64::from(attempt) ^ (items << 40))
}

/// What an attempt does, the same whenever it is made.
enum Outcome {
    Leaves(&'static str),
    Fails,
    Waits,
    Loops(Items),
}

fn outcome(
    definition: &Definition,
    place: &Place,
    attempt: u32,
    seed: u64,
    failures: usize,
) -> Outcome {
    let mut numbers = of_attempt(place, attempt, seed);
    if numbers.below(100) < failures {
        return Outcome::Fails;
    }
    match definition.node(place.node).kind.name.as_str() {
        "if" => Outcome::Leaves(["true", "false"][numbers.below(2)]),
        "delay" => Outcome::Waits,
        "for-each" => Outcome::Loops(Items {
            count: numbers.below(4) as u32,
            concurrency: 1 + numbers.below(3) as u32,
        }),
        _ => Outcome::Leaves("data-out"),
    }
}

/// The row of a step.
type Row = (StepStatus, u32, Option<&'static str>, Option<Items>);

struct Journal {
    steps: BTreeMap<Place, Row>,
    executions: BTreeMap<(Place, u32), usize>,
    finishes: Vec<Ending>,
}

impl Journal {
    /// Writes down what is to be done, and keeps in `open` what has yet to happen.
    fn record(&mut self, definition: &Definition, todo: Todo, state: &State, open: &mut Vec<Todo>) {
        let (place, row) = match &todo {
            Todo::Execute { place, attempt } => {
                (place, (StepStatus::Running, *attempt, None, None))
            }
            Todo::Wait { place, .. } => match state.node(definition, place) {
                NodeState::Waiting { attempt, .. } => {
                    (place, (StepStatus::Waiting, attempt, None, None))
                }
                NodeState::Parked { .. } => (place, (StepStatus::Waiting, 1, None, None)),
                // What comes later in the same breath has ended the wait.
                _ => return,
            },
            Todo::Skip { place } => (place, (StepStatus::Skipped, 0, None, None)),
            Todo::Cancel { place } => (place, (StepStatus::Cancelled, 0, None, None)),
            Todo::Begin { .. } | Todo::ItemOver { .. } => return,
            Todo::Gather { .. } => return open.push(todo),
            Todo::Finish(ending) => return self.finishes.push(*ending),
        };
        self.steps.insert(place.clone(), row);
        if matches!(todo, Todo::Execute { .. } | Todo::Wait { .. }) {
            open.push(todo);
        }
    }

    fn left(&mut self, place: &Place, attempt: u32, port: &'static str) {
        let row = (StepStatus::Succeeded, attempt, Some(port), None);
        self.steps.insert(place.clone(), row);
    }

    /// Makes an attempt and writes down what came of it.
    fn execute<'p>(&mut self, place: &'p Place, attempt: u32, outcome: Outcome) -> Happened<'p> {
        *self.executions.entry((place.clone(), attempt)).or_default() += 1;
        match outcome {
            Outcome::Leaves(port) => {
                self.left(place, attempt, port);
                Happened::Finished { place, port }
            }
            Outcome::Fails => {
                let row = (StepStatus::Failed, attempt, None, None);
                self.steps.insert(place.clone(), row);
                Happened::Failed {
                    place,
                    retry: Some(Retry::default()),
                    now: Timestamp::EPOCH,
                    random: 0.5,
                }
            }
            Outcome::Waits => {
                let row = (StepStatus::Waiting, attempt, None, None);
                self.steps.insert(place.clone(), row);
                Happened::Parked {
                    place,
                    until: Some(Timestamp::EPOCH),
                }
            }
            Outcome::Loops(items) => {
                let row = (StepStatus::Running, attempt, None, Some(items));
                self.steps.insert(place.clone(), row);
                Happened::Items { place, items }
            }
        }
    }

    /// Writes down that an attempt has its turn later.
    fn defer<'p>(&mut self, place: &'p Place, attempt: u32) -> Happened<'p> {
        let row = (StepStatus::Waiting, attempt, None, None);
        self.steps.insert(place.clone(), row);
        Happened::Deferred {
            place,
            until: Timestamp::EPOCH,
        }
    }

    fn recover(&self, definition: &Definition) -> Recovered {
        let recorded = |(place, (status, attempt, port, items)): (&Place, &Row)| Recorded {
            place: place.clone(),
            status: *status,
            attempt: *attempt,
            port: port.map(str::to_owned),
            wake_at: Some(Timestamp::EPOCH),
            items: *items,
        };
        let steps: Vec<_> = self.steps.iter().map(recorded).collect();
        State::recover(definition, NodeIndex::new(0), &steps)
    }
}

/// Plays a run to its end, picking what happens next at random. With `crashes`, the state is thrown away now and then and
/// recovered from the journal.
fn play(
    definition: &Definition,
    seed: u64,
    order: u64,
    failures: usize,
    crashes: bool,
) -> (State, Journal) {
    let mut numbers = Numbers(order);
    let (mut state, mut todos) = State::start(definition, NodeIndex::new(0));
    let mut journal = Journal {
        steps: BTreeMap::new(),
        executions: BTreeMap::new(),
        finishes: Vec::new(),
    };
    let mut open: Vec<Todo> = Vec::new();
    for _ in 0..10_000 {
        for todo in todos.drain(..) {
            journal.record(definition, todo, &state, &mut open);
        }
        if state.is_finished() {
            break;
        }
        if crashes && numbers.below(4) == 0 {
            let recovered = journal.recover(definition);
            state = recovered.state;
            todos = recovered.todos;
            open.clear();
            continue;
        }
        assert!(!open.is_empty(), "the run hangs, seed {seed}");
        let todo = open.swap_remove(numbers.below(open.len()));
        let happened = match &todo {
            Todo::Execute { place, attempt } => {
                // An item that another failure has stopped is not executed any more.
                if !matches!(state.node(definition, place), NodeState::Running { .. }) {
                    continue;
                }
                let calls = definition.node(place.node).kind.name == "call";
                if calls && numbers.below(5) == 0 {
                    journal.defer(place, *attempt)
                } else {
                    let outcome = outcome(definition, place, *attempt, seed, failures);
                    journal.execute(place, *attempt, outcome)
                }
            }
            Todo::Wait { place, .. } => match state.node(definition, place) {
                NodeState::Parked { .. } => {
                    journal.left(place, 1, "data-out");
                    Happened::Finished {
                        place,
                        port: "data-out",
                    }
                }
                _ => Happened::Due { place },
            },
            Todo::Gather { place } => {
                journal.left(place, 1, "data-out");
                Happened::Finished {
                    place,
                    port: "data-out",
                }
            }
            other => panic!("{other:?} is not open"),
        };
        todos = state.advance(definition, happened);
    }
    (state, journal)
}

#[test]
fn every_run_ends_exactly_once() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (state, journal) = play(&definition, seed, seed + 1, 30, false);
        assert!(state.is_finished(), "seed {seed}");
        assert_eq!(journal.finishes.len(), 1, "seed {seed}");
        assert!(
            journal.executions.values().all(|count| *count == 1),
            "seed {seed}"
        );
    }
}

#[test]
fn the_order_in_which_branches_finish_does_not_matter() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (one, _) = play(&definition, seed, 1, 0, false);
        let (other, _) = play(&definition, seed, 2, 0, false);
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn a_node_is_executed_only_after_something_leads_to_it() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (state, journal) = play(&definition, seed, seed, 30, false);
        for (node, _) in definition.nodes().skip(1) {
            let place = Place::root(node);
            let executed = journal.executions.contains_key(&(place.clone(), 1));
            let inside = definition.region_of(node) != RegionIndex::ROOT;
            let arrived = !state.came_from(&definition, &place).is_empty();
            let failed = matches!(journal.finishes[0], Ending::Failed { .. });
            assert!(
                inside || executed == arrived || (failed && !executed),
                "seed {seed} node {node:?}"
            );
        }
    }
}

#[test]
fn every_item_is_done_once_per_loop_that_was_entered() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (_, journal) = play(&definition, seed, seed, 0, true);
        let loops = journal.executions.keys();
        let loops = loops.filter(|(place, _)| definition.node(place.node).kind.is_loop());
        for (place, attempt) in loops {
            let Outcome::Loops(items) = outcome(&definition, place, *attempt, seed, 0) else {
                panic!("a for-each loops");
            };
            let body = definition.region(definition.body(place.node));
            let first = definition
                .outgoing(place.node)
                .iter()
                .find(|edge| &*definition.edge(**edge).from_port == "item");
            let first = definition.edge(*first.unwrap()).to;
            assert!(body.nodes.contains(&first));
            for item in 0..items.count {
                let path = place.path.child(item);
                let step = Place { node: first, path };
                assert!(journal.steps.contains_key(&step), "seed {seed} {step:?}");
            }
        }
    }
}

#[test]
fn crashes_change_nothing_about_how_a_run_ends() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (calm, _) = play(&definition, seed, seed + 7, 0, false);
        let (shaken, journal) = play(&definition, seed, seed + 9, 0, true);
        assert_eq!(calm, shaken, "seed {seed}");
        assert!(
            journal.executions.values().all(|count| *count == 1),
            "a finished step was repeated, seed {seed}"
        );
        assert_eq!(journal.finishes.len(), 1, "seed {seed}");
        let (state, journal) = play(&definition, seed, seed + 11, 30, true);
        assert!(
            state.is_finished() && journal.finishes.len() == 1,
            "seed {seed}"
        );
    }
}
