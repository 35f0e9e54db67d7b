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

/// A graph of up to a dozen nodes in which every node hangs on an earlier one.
fn graph(numbers: &mut Numbers) -> Definition {
    let mut nodes = vec![("n0:manual".to_owned(), Value::Null)];
    let mut edges = BTreeSet::new();
    let mut kinds = vec!["manual"];
    for node in 1..2 + numbers.below(11) {
        let kind = ["set", "if", "call", "call"][numbers.below(4)];
        let more = if numbers.below(2) == 0 {
            json!({"retry": {"maxAttempts": 2}})
        } else {
            Value::Null
        };
        nodes.push((format!("n{node}:{kind}"), more));
        for _ in 0..1 + numbers.below(3) {
            let from = numbers.below(node);
            let port = match kinds[from] {
                "manual" => "data-out",
                "if" => ["true", "false", "error"][numbers.below(3)],
                _ => ["data-out", "data-out", "error"][numbers.below(3)],
            };
            edges.insert(format!("n{from}.{port}>n{node}"));
        }
        kinds.push(kind);
    }
    let nodes: Vec<_> = nodes
        .iter()
        .map(|(name, more)| (name.as_str(), more.clone()))
        .collect();
    definition(&nodes, &edges.into_iter().collect::<Vec<_>>().join(" "))
}

/// What an attempt does, the same whenever it is made: its port, or a failure.
fn outcome(
    definition: &Definition,
    node: NodeIndex,
    attempt: u32,
    seed: u64,
    failures: usize,
) -> Option<&'static str> {
    let mut numbers = Numbers(seed ^ ((node.index() as u64) << 32) ^ u64::from(attempt));
    if numbers.below(100) < failures {
        return None;
    }
    let port = match definition.node(node).kind.name.as_str() {
        "if" => ["true", "false"][numbers.below(2)],
        _ => "data-out",
    };
    Some(port)
}

struct Journal {
    steps: BTreeMap<NodeIndex, (StepStatus, u32, Option<&'static str>)>,
    executions: BTreeMap<(NodeIndex, u32), usize>,
    finishes: Vec<Ending>,
}

impl Journal {
    /// Writes down what is to be done, and keeps in `open` what has yet to happen.
    fn record(&mut self, todo: Todo, state: &State, open: &mut Vec<Todo>) {
        let (node, row) = match todo {
            Todo::Execute { node, attempt } => (node, (StepStatus::Running, attempt, None)),
            Todo::Wait { node, .. } => match state.node(node) {
                NodeState::Waiting { attempt, .. } => (node, (StepStatus::Waiting, attempt, None)),
                other => panic!("{other:?} does not wait"),
            },
            Todo::Skip { node } => (node, (StepStatus::Skipped, 0, None)),
            Todo::Cancel { node } => (node, (StepStatus::Cancelled, 0, None)),
            Todo::Finish(ending) => return self.finishes.push(ending),
        };
        self.steps.insert(node, row);
        if matches!(todo, Todo::Execute { .. } | Todo::Wait { .. }) {
            open.push(todo);
        }
    }

    /// Makes an attempt and writes down what came of it.
    fn execute(
        &mut self,
        node: NodeIndex,
        attempt: u32,
        port: Option<&'static str>,
    ) -> Happened<'static> {
        *self.executions.entry((node, attempt)).or_default() += 1;
        let status = if port.is_some() {
            StepStatus::Succeeded
        } else {
            StepStatus::Failed
        };
        self.steps.insert(node, (status, attempt, port));
        match port {
            Some(port) => Happened::Finished { node, port },
            None => Happened::Failed {
                node,
                retry: Some(Retry::default()),
                now: Timestamp::EPOCH,
                random: 0.5,
            },
        }
    }

    fn recover(&self, definition: &Definition) -> Recovered {
        let recorded = |(node, (status, attempt, port)): (
            &NodeIndex,
            &(StepStatus, u32, Option<&'static str>),
        )| Recorded {
            node: *node,
            status: *status,
            attempt: *attempt,
            port: *port,
            wake_at: Some(Timestamp::EPOCH),
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
    for _ in 0..1_000 {
        for todo in todos.drain(..) {
            journal.record(todo, &state, &mut open);
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
        let happened = match open.swap_remove(numbers.below(open.len())) {
            Todo::Execute { node, attempt } => {
                let port = outcome(definition, node, attempt, seed, failures);
                journal.execute(node, attempt, port)
            }
            Todo::Wait { node, .. } => Happened::Due { node },
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
fn a_node_is_executed_only_after_everything_that_leads_to_it_is_decided() {
    for seed in 0..2_000 {
        let definition = graph(&mut Numbers(seed));
        let (state, journal) = play(&definition, seed, seed, 30, false);
        for (node, _) in definition.nodes().skip(1) {
            let executed = journal.executions.contains_key(&(node, 1));
            let arrived = state.came_from(&definition, node).count() > 0;
            let failed = matches!(journal.finishes[0], Ending::Failed { .. });
            assert!(
                executed == arrived || (failed && !executed),
                "seed {seed} node {node:?}"
            );
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
