//! Pure questions about a graph that is given as lists of successors.

use std::collections::VecDeque;

/// A circle in the graph, as the nodes along it, if there is one.
pub(super) fn cycle(next: &[Vec<usize>]) -> Option<Vec<usize>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; next.len()];
    for start in 0..next.len() {
        if marks[start] != Mark::New {
            continue;
        }
        // Depth first, with the way from `start` kept on `way`: a thousand nodes in a row must not need a deep stack.
        let mut way = vec![(start, 0)];
        marks[start] = Mark::Open;
        while let Some((node, position)) = way.last_mut() {
            let Some(&successor) = next[*node].get(*position) else {
                marks[*node] = Mark::Done;
                way.pop();
                continue;
            };
            *position += 1;
            match marks[successor] {
                Mark::New => {
                    marks[successor] = Mark::Open;
                    way.push((successor, 0));
                }
                Mark::Open => {
                    let from = way.iter().position(|(node, _)| *node == successor)?;
                    return Some(way[from..].iter().map(|(node, _)| *node).collect());
                }
                Mark::Done => {}
            }
        }
    }
    None
}

/// Which nodes can be reached from `starts`, themselves included.
pub(super) fn reachable(next: &[Vec<usize>], starts: impl IntoIterator<Item = usize>) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut queue: VecDeque<usize> = starts.into_iter().collect();
    while let Some(node) = queue.pop_front() {
        if !seen[node] {
            seen[node] = true;
            queue.extend(&next[node]);
        }
    }
    seen
}

/// The same graph with every edge turned round.
pub(super) fn reversed(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut previous = vec![Vec::new(); next.len()];
    for (node, successors) in next.iter().enumerate() {
        for successor in successors {
            previous[*successor].push(node);
        }
    }
    previous
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_named_by_its_nodes() {
        assert_eq!(
            cycle(&[vec![1], vec![2], vec![3, 1], vec![]]),
            Some(vec![1, 2])
        );
        assert_eq!(cycle(&[vec![0]]), Some(vec![0]));
    }

    #[test]
    fn a_diamond_is_no_circle() {
        let diamond = [vec![1, 2], vec![3], vec![3], vec![]];
        assert_eq!(cycle(&diamond), None);
        assert_eq!(reachable(&diamond, [1]), [false, true, false, true]);
        assert_eq!(reversed(&diamond), [vec![], vec![0], vec![0], vec![1, 2]]);
    }

    #[test]
    fn a_long_row_needs_no_stack() {
        let row: Vec<_> = (0..100_000)
            .map(|node| {
                if node < 99_999 {
                    vec![node + 1]
                } else {
                    vec![]
                }
            })
            .collect();
        assert_eq!(cycle(&row), None);
        assert!(reachable(&row, [0]).into_iter().all(|seen| seen));
    }
}
