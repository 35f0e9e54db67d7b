//! Requests that are small to send and meant to be large to answer.

use std::fmt::Write;

use serde_json::{Value, json};

/// Their names, and the bodies to post.
#[must_use]
pub fn requests() -> Vec<(&'static str, Value)> {
    let document = |text: String| json!({"query": text});
    vec![
        ("a fragment bomb", document(fragment_bomb())),
        ("fragments in a circle", document("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }".to_owned())),
        ("a flood of aliases", document(flood("viewer {", " }", |n| format!("a{n}: role ")))),
        ("a flood of root fields", document(flood("", "", |n| format!("r{n}: __typename ")))),
        ("a flood of directives", document(flood("viewer { role ", " }", |_| "@include(if: true) ".to_owned()))),
        ("deep selections", document(nested("runs { nodes { workflow { ", " } } }", 40))),
        ("deep lists", document(format!("{{ nodes(ids: {}{}) {{ id }} }}", "[".repeat(5_000), "]".repeat(5_000)))),
        ("rows of rows", document("{ workflows(first: 100) { nodes { runs(first: 100) { nodes { steps { id } events: workflow { runs(first: 100) { nodes { id } } } } } } } }".to_owned())),
        ("a huge string", document(format!("{{ workflow(id: \"{}\") {{ id }} }}", "x".repeat(500_000)))),
        ("a flood of tokens", document(format!("{{ {} }}", "a ".repeat(40_000)))),
        ("introspection within introspection", document(format!("{{ __schema {{ types {{ {} name {} }} }} }}", "fields { type { ".repeat(9), "} }".repeat(9)))),
        ("a list of a hundred thousand", json!({"query": "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": {"ids": vec!["wf_0"; 100_000]}})),
        ("an unfinished block string", document("{ viewer(a: \"\"\"".to_owned() + &"\\\"\"\" ".repeat(10_000))),
    ]
}

fn fragment_bomb() -> String {
    let mut text = "{ ...F0 }".to_owned();
    for level in 0..100 {
        let next = level + 1;
        // Writing to a string does not fail.
        let _ = write!(
            text,
            " fragment F{level} on Query {{ ...F{next} ...F{next} ...F{next} }}"
        );
    }
    text + " fragment F100 on Query { viewer { role } }"
}

fn flood(before: &str, after: &str, each: impl Fn(u32) -> String) -> String {
    let many: String = (0..2_000).map(each).collect();
    format!("{{ {before} {many} {after} }}")
}

fn nested(open: &str, close: &str, times: usize) -> String {
    format!(
        "{{ {} __typename {} }}",
        open.repeat(times),
        close.repeat(times)
    )
}
