//! Documents come back as they were.

use serde_json::{Value, json};

use super::unpack::{Known, write};
use super::{Hash, LARGE, Owner, Taken};
use crate::{
    Json,
    ids::{Id, RunId, WorkspaceId},
};

fn ids() -> (WorkspaceId, Owner) {
    let workspace = WorkspaceId::from_ulid(ulid::Ulid::from_parts(1, 1));
    let run = RunId::from_ulid(ulid::Ulid::from_parts(1, 2));
    (workspace, run.into())
}

/// What is stored of a document.
fn packed(text: &str) -> (String, Taken) {
    let mut taken = Taken::default();
    let stored = taken.take_from(ids(), &Json::check(text).unwrap());
    (stored, taken)
}

fn whole(stored: &str, taken: &Taken) -> Option<String> {
    let known: Known = taken
        .values
        .iter()
        .map(|(key, text)| (*key, Some(text.clone())))
        .collect();
    let mut whole = String::new();
    write(stored, ids().0, &known, &mut whole).then_some(whole)
}

/// How long what is stored by itself is, the longest first.
fn lengths(taken: &Taken) -> Vec<usize> {
    let mut lengths: Vec<_> = taken.values.values().map(String::len).collect();
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    lengths
}

fn comes_back(text: &str) -> (String, Taken) {
    let (stored, taken) = packed(text);
    assert_eq!(whole(&stored, &taken).as_deref(), Some(text));
    (stored, taken)
}

#[test]
fn what_is_not_long_stays_as_it_is() {
    let text = json!({"a": "x".repeat(LARGE - 20)}).to_string();
    let (stored, taken) = comes_back(&text);
    assert_eq!(stored, text);
    assert!(taken.is_empty());
}

#[test]
fn the_innermost_large_value_is_taken_out() {
    let items: Vec<_> = (0..9_000).map(|n| json!({"n": n, "@": "@"})).collect();
    let text = json!({"body": {"items": items, "small": 1}, "headers": {"a": "@"}}).to_string();
    let (stored, taken) = comes_back(&text);
    assert_eq!(lengths(&taken), [Value::from(items).to_string().len()]);
    insta::assert_snapshot!(stored, @r#"
    @{"body":{"items":@6dc4fc51bbba1c66bbb47bbdf50624aeff3968d504a5e2e2d4d1db7c906cf119,"small":1},"headers":{"a":"@"}}
    "#);
    // The same value elsewhere is the same payload.
    let other = json!([{"again": json!(text.parse::<Value>().unwrap()["body"]["items"])}]);
    let (_, again) = comes_back(&other.to_string());
    assert_eq!(again.values, taken.values);
}

#[test]
fn what_is_still_large_without_its_large_values_is_taken_out_too() {
    let large = "y".repeat(LARGE);
    let many: Vec<_> = (0..9_000).collect();
    let text = json!({"outer": [many, {"inner": [large, large, many]}]}).to_string();
    let (stored, taken) = comes_back(&text);
    assert!(stored.len() < 200, "{stored}");
    // The string, once, and the outer array: the numbers are short by themselves, and long together.
    assert_eq!(taken.values.len(), 2);
    let wide: Vec<_> = (0..20_000).collect();
    let rest = "z".repeat(60_000);
    let text = json!({"whole": large, "wide": wide, "one": rest, "other": rest});
    let (stored, taken) = comes_back(&text.to_string());
    // The string, the numbers, and all of it with what is left.
    assert_eq!(taken.values.len(), 3);
    assert_eq!(stored.len(), 2 + 64);
}

#[test]
fn nothing_in_a_text_is_taken_for_a_reference() {
    let hash = hex::encode([7; size_of::<Hash>()]);
    let forged = format!("@{hash}");
    let odd = format!("\\\\\" @{hash} \\u0040 \" {}", "é\n".repeat(LARGE));
    let text = json!({&forged: [&forged, odd, {"a\"@": "\\"}], "b": &forged}).to_string();
    comes_back(&text);
    // Also with white space, which stays.
    let text = format!("  [ \"{}\" , {{ \"a\" : \"@\" }} ]\n", "x".repeat(LARGE));
    comes_back(&text);
    // A name is never taken out.
    let name = "n".repeat(2 * LARGE);
    let (_, taken) = comes_back(&json!({ name: 1 }).to_string());
    assert_eq!(taken.values.len(), 1);
}

#[test]
fn a_document_that_is_large_by_itself_is_a_reference() {
    let text = Value::from("x".repeat(LARGE)).to_string();
    let (stored, taken) = comes_back(&text);
    assert_eq!(stored.len(), 2 + 64);
    assert_eq!(lengths(&taken), [LARGE + 2]);
}

#[test]
fn a_value_that_is_gone_leaves_nothing() {
    let text = json!(["x".repeat(LARGE)]).to_string();
    let (stored, _) = packed(&text);
    assert_eq!(whole(&stored, &Taken::default()), None);
}

/// SplitMix64: the same numbers for the same seed, on every machine.
fn below(seed: &mut u64, limit: u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *seed;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % limit
}

fn random(seed: &mut u64, depth: u32) -> Value {
    match below(seed, if depth == 0 { 4 } else { 7 }) {
        0 => json!(below(seed, 1_000_000)),
        1 => json!(["@", "\"", "\\", "\\\"@", "ü\u{1}"][below(seed, 5) as usize].repeat(3)),
        2 => json!("@\\\"".repeat(below(seed, 30_000) as usize)),
        3 => Value::Null,
        4 | 5 => (0..below(seed, 6))
            .map(|_| random(seed, depth - 1))
            .collect(),
        _ => {
            let members =
                (0..below(seed, 6)).map(|n| (format!("\"@{n}\\"), random(seed, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

#[test]
fn whatever_a_document_is_it_comes_back() {
    let mut taken_out = 0;
    for mut seed in 0..200 {
        let value = random(&mut seed, 5);
        let text = match seed % 2 {
            0 => value.to_string(),
            _ => serde_json::to_string_pretty(&value).unwrap(),
        };
        let (_, taken) = comes_back(&text);
        taken_out += taken.values.len();
    }
    assert!(taken_out > 50, "{taken_out}");
}
