//! Whatever the text is, an expression is evaluated or refused: nothing panics, hangs or grows. The same property as the
//! fuzz target's, on its corpus and on random texts.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::{MAX_OUTPUT, Sample, to_json};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/expression");

fn holds(text: &str) {
    let sample = Sample {
        trigger: json!({"body": {"amount": 2000, "name": "Ada", "items": [{"n": 1}, {"n": 2}], "none": null}}),
        ..Sample::default()
    };
    match sample.evaluate_all(&Json::String(text.to_owned())) {
        Ok(value) => match to_json(&value) {
            Ok(written) => assert!(written.len() <= MAX_OUTPUT),
            Err(message) => assert!(!message.is_empty()),
        },
        Err(errors) => {
            for error in errors {
                assert!(!error.message.is_empty());
                assert!(
                    error.position <= text.chars().count() + 1,
                    "{text}: {error}"
                );
            }
        }
    }
}

fn corpus() -> Vec<String> {
    let files = std::fs::read_dir(CORPUS).unwrap();
    let mut texts: Vec<_> = files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    texts.sort();
    assert!(texts.len() > 20);
    texts
}

/// A small generator of numbers (xorshift), so that a seed names a run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }
}

#[test]
fn the_corpus_is_evaluated_or_refused() {
    corpus().iter().for_each(|text| holds(text));
}

#[test]
fn random_texts_are_evaluated_or_refused() {
    let seed = std::env::var("JACKFIELD_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) + 0x9e37_79b9_7f4a_7c15);
    println!("JACKFIELD_SEED={seed}");
    let mut random = Random(seed);
    let corpus = corpus();
    let pieces: Vec<&str> = corpus
        .iter()
        .flat_map(|text| text.split_inclusive([' ', '(', '|', '.']))
        .collect();
    let started = Instant::now();
    let mut tried = 0;
    while tried < 5_000 && started.elapsed() < Duration::from_secs(5) {
        let text = match random.below(3) {
            0 => shuffled(&mut random, &pieces),
            1 => damaged(&mut random, &corpus),
            _ => noise(&mut random),
        };
        holds(&text);
        tried += 1;
    }
}

/// Pieces of good expressions in bad order.
fn shuffled(random: &mut Random, pieces: &[&str]) -> String {
    let count = 1 + random.below(20);
    let inside: String = (0..count)
        .map(|_| pieces[random.below(pieces.len())])
        .collect();
    format!("{{{{ {inside} }}}}")
}

/// A good expression with a few characters changed.
fn damaged(random: &mut Random, corpus: &[String]) -> String {
    let mut characters: Vec<char> = corpus[random.below(corpus.len())].chars().collect();
    for _ in 0..1 + random.below(4) {
        let at = random.below(characters.len());
        match random.below(3) {
            0 => drop(characters.remove(at)),
            1 => characters.insert(at, sign(random)),
            _ => characters[at] = sign(random),
        }
        if characters.is_empty() {
            break;
        }
    }
    characters.into_iter().collect()
}

fn noise(random: &mut Random) -> String {
    let count = random.below(60);
    let inside: String = (0..count).map(|_| sign(random)).collect();
    format!("{{{{{inside}}}}}")
}

fn sign(random: &mut Random) -> char {
    let signs: Vec<char> = "(){}[]|.,:'\"\\*+-~/%<>=!_ \n0123456789eExabcdnotinifelse é€\u{0}"
        .chars()
        .collect();
    signs[random.below(signs.len())]
}
