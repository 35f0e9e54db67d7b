//! Every helper is in the reference, every example is right, and the reference in docs/ is this one.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::{Group, HELPERS, HelperKind};
use crate::expression::{Sample, to_json};

/// Where the reference begins and ends in docs/expressions.md.
const BEGIN: &str = "<!-- The reference is written by `JACKFIELD_WRITE_DOCS=1 cargo test -p jackfield-workflows the_reference`. -->\n";
const END: &str = "<!-- The end of the reference. -->\n";

fn sample() -> Sample {
    Sample {
        trigger: json!({"body": {
            "name": "Ada", "nickname": null, "paidAt": "2026-03-29T12:00:00Z",
            "items": [{"sku": "a", "amount": 2000}, {"sku": "b", "amount": 500}],
        }}),
        ..Sample::default()
    }
}

#[test]
fn every_example_is_right() {
    let mut wrong = Vec::new();
    for helper in HELPERS {
        let evaluated = sample().evaluate(&json!(format!("{{{{ {} }}}}", helper.example)));
        let shown = match evaluated {
            Ok(value) => to_json(&value).unwrap(),
            Err(error) => error.to_string(),
        };
        let same = |text: &str| serde_json::from_str::<Json>(text).ok();
        if same(&shown).is_none() || same(&shown) != same(helper.result) {
            wrong.push(format!(
                "{}: {} → {shown}, not {}",
                helper.name, helper.example, helper.result
            ));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_helper_is_in_the_reference() {
    let known: BTreeSet<_> = HELPERS.iter().map(|helper| helper.name).collect();
    let environment = format!("{:?}", *crate::expression::environment::ENVIRONMENT);
    let named = |list: &str| -> Vec<String> {
        let Some((_, rest)) = environment.split_once(&format!("{list}: [")) else {
            return Vec::new();
        };
        let (inside, _) = rest.split_once(']').unwrap_or_default();
        inside
            .split(", ")
            .map(|name| name.trim_matches('"').to_owned())
            .collect()
    };
    let operators = [
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "equalto",
        "ne",
        "lt",
        "lessthan",
        "le",
        "gt",
        "greaterthan",
        "ge",
    ];
    let missing: Vec<_> = ["tests", "filters", "globals"]
        .into_iter()
        .flat_map(named)
        .filter(|name| !known.contains(name.as_str()) && !operators.contains(&name.as_str()))
        .filter(|name| !name.starts_with("__"))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
    assert!(
        named("filters").len() > 80,
        "the environment does not show its filters any more"
    );
}

#[test]
fn the_reference_in_the_docs_is_this_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/expressions.md");
    let page = std::fs::read_to_string(path).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let written = format!("{before}{BEGIN}{}{END}{after}", reference());
    if std::env::var_os("JACKFIELD_WRITE_DOCS").is_some() {
        std::fs::write(path, &written).unwrap();
        return;
    }
    assert!(
        page == written,
        "docs/expressions.md is not up to date; the page says how to write it"
    );
}

fn reference() -> String {
    let mut page = String::new();
    for group in Group::ALL {
        write!(
            page,
            "\n### {}\n\n| | What it does | Example | Result |\n|---|---|---|---|\n",
            group.title()
        )
        .unwrap();
        for helper in HELPERS.iter().filter(|helper| helper.group == group) {
            let call = match (helper.kind, helper.arguments) {
                (HelperKind::Function, arguments) => format!("{}({arguments})", helper.name),
                (_, "") => helper.name.to_owned(),
                (_, arguments) => format!("{}({arguments})", helper.name),
            };
            let cell = |text: &str| text.replace('|', "\\|");
            writeln!(
                page,
                "| `{}` | {} | `{}` | `{}` |",
                cell(&call),
                cell(helper.description),
                cell(helper.example),
                cell(helper.result)
            )
            .unwrap();
        }
    }
    page.push('\n');
    page
}
