//! `for-each`: the same nodes once per item.
//!
//! Items are begun in their order, as many at the same time as the node says. One that fails ends alone: what of it is
//! under way is waited for, and the others go on.

use std::collections::BTreeMap;

use super::frame::{EdgeState, Frame};
use super::{ItemPath, NodeState, Place, Todo};
use crate::definition::{Definition, NodeIndex};

/// How many items there are, and how many are worked on at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Items {
    /// How many there are.
    pub count: u32,
    /// How many at once, at least 1.
    pub concurrency: u32,
}

/// The items of a `for-each` under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Loop {
    pub node: NodeIndex,
    pub items: Items,
    /// The next item to begin.
    pub next: u32,
    /// The items under way.
    pub live: BTreeMap<u32, Frame>,
}

impl Loop {
    pub fn new(node: NodeIndex, items: Items) -> Loop {
        Loop {
            node,
            items,
            next: 0,
            live: BTreeMap::new(),
        }
    }
}

impl Frame {
    pub fn each(&self, node: NodeIndex) -> Option<&Loop> {
        self.loops.iter().find(|each| each.node == node)
    }

    pub fn each_mut(&mut self, node: NodeIndex) -> Option<&mut Loop> {
        self.loops.iter_mut().find(|each| each.node == node)
    }

    /// Begins as many items as may be; after the last one, says that all are over.
    pub fn go_on(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        todos: &mut Vec<Todo>,
    ) {
        let stopped = self.stopped;
        let place = Place {
            node,
            path: path.clone(),
        };
        let Some(each) = self.each_mut(node) else {
            return;
        };
        while !stopped
            && each.next < each.items.count
            && (each.live.len() as u32) < each.items.concurrency
        {
            let item = each.next;
            each.next += 1;
            let mut frame = Frame::item(definition, node);
            todos.push(Todo::Begin {
                place: place.clone(),
                item,
            });
            frame.enter(definition, &path.child(item), todos);
            each.live.insert(item, frame);
        }
        if !each.live.is_empty() {
            return;
        }
        if each.next < each.items.count {
            self.loops.retain(|each| each.node != node);
            self.cancel(definition, path, node, todos);
        } else {
            todos.push(Todo::Gather { place });
        }
    }

    /// Ends an item if nothing of it is under way any more, and goes on with the next. Whether that ended the whole loop
    /// without a further report, because nothing new is begun.
    pub fn end_item(
        &mut self,
        definition: &Definition,
        path: &ItemPath,
        node: NodeIndex,
        item: u32,
        todos: &mut Vec<Todo>,
    ) -> bool {
        let Some(each) = self.each_mut(node) else {
            return false;
        };
        if each.live.get(&item).is_none_or(Frame::under_way) {
            return false;
        }
        let Some(over) = each.live.remove(&item) else {
            return false;
        };
        todos.push(Todo::ItemOver {
            place: Place {
                node,
                path: path.clone(),
            },
            item,
            failed_by: over.failed_by,
        });
        self.go_on(definition, path, node, todos);
        self.node(definition, node) == NodeState::Cancelled
    }

    /// Ends everything that is under way.
    pub fn cancel_all(&mut self, definition: &Definition, path: &ItemPath, todos: &mut Vec<Todo>) {
        self.stopped = true;
        for each in &mut self.loops {
            for (item, frame) in &mut each.live {
                frame.cancel_all(definition, &path.child(*item), todos);
            }
        }
        for node in definition.region(self.region).nodes.iter().copied() {
            if self.node(definition, node).is_open() {
                self.cancel(definition, path, node, todos);
            }
        }
    }

    /// The frame of an item: the edges into it are taken.
    pub fn item(definition: &Definition, node: NodeIndex) -> Frame {
        let region = definition.body(node);
        let mut frame = Frame::blank(definition, region);
        for edge in definition.outgoing(node) {
            if definition.edge_region(*edge) == region {
                frame.edges[definition.edge_within(*edge)] = EdgeState::Taken;
            }
        }
        frame
    }

    /// Begins what can begin, given the edges that are decided.
    pub fn enter(&mut self, definition: &Definition, path: &ItemPath, todos: &mut Vec<Todo>) {
        for node in definition.region(self.region).nodes.iter().copied() {
            match self.decided(definition, node) {
                Some(true) if !self.stopped => {
                    self.set(definition, node, NodeState::Running { attempt: 1 });
                    todos.push(Todo::Execute {
                        place: Place {
                            node,
                            path: path.clone(),
                        },
                        attempt: 1,
                    });
                }
                Some(false) => self.skip(definition, path, node, todos),
                _ => {}
            }
        }
    }

    /// Begins no further items and lets those under way come to their end.
    pub fn stop_loops(&mut self, definition: &Definition, path: &ItemPath, todos: &mut Vec<Todo>) {
        let nodes: Vec<_> = self.loops.iter().map(|each| each.node).collect();
        for node in nodes {
            let Some(each) = self.each_mut(node) else {
                continue;
            };
            let had = !each.live.is_empty();
            for (item, frame) in &mut each.live {
                frame.stop(definition, &path.child(*item), todos);
            }
            each.live.retain(|item, frame| {
                if !frame.under_way() {
                    todos.push(Todo::ItemOver {
                        place: Place {
                            node,
                            path: path.clone(),
                        },
                        item: *item,
                        failed_by: frame.failed_by,
                    });
                }
                frame.under_way()
            });
            if had && each.live.is_empty() {
                self.loops.retain(|each| each.node != node);
                self.cancel(definition, path, node, todos);
            }
        }
    }
}
