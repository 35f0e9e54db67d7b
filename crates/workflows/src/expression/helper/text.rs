//! Texts.

use minijinja::{Environment, Error, State, Value};

use super::refused;
use crate::expression::{MAX_OUTPUT, meter};

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("raw", raw);
    environment.add_filter("replace", replace);
    environment.add_filter("indent", indent);
    environment.add_filter("truncate", truncate);
    environment.add_filter("slug", slug);
    environment.add_filter(
        "pad_start",
        |state: &mut State, text: &str, width: usize, fill: Option<&str>| {
            padding(state, text, width, fill).map(|padding| format!("{padding}{text}"))
        },
    );
    environment.add_filter(
        "pad_end",
        |state: &mut State, text: &str, width: usize, fill: Option<&str>| {
            padding(state, text, width, fill).map(|padding| format!("{text}{padding}"))
        },
    );
    environment.add_filter("before", |state: &mut State, text: &str, mark: &str| {
        piece(
            state,
            text.split_once(mark).map_or(text, |(before, _)| before),
        )
    });
    environment.add_filter("after", |state: &mut State, text: &str, mark: &str| {
        piece(state, text.split_once(mark).map_or("", |(_, after)| after))
    });
    environment.add_filter(
        "strip_prefix",
        |state: &mut State, text: &str, prefix: &str| {
            piece(state, text.strip_prefix(prefix).unwrap_or(text))
        },
    );
    environment.add_filter(
        "strip_suffix",
        |state: &mut State, text: &str, suffix: &str| {
            piece(state, text.strip_suffix(suffix).unwrap_or(text))
        },
    );
}

/// A text of which its author says that it is markup already.
fn raw(state: &mut State, value: Value) -> Result<Value, Error> {
    let Some(text) = value.as_str() else {
        return Ok(value);
    };
    meter::text(state, text.len())?;
    Ok(Value::from_safe_string(text.to_owned()))
}

/// A copy of a part of a text.
fn piece(state: &mut State, part: &str) -> Result<String, Error> {
    meter::text(state, part.len())?;
    Ok(part.to_owned())
}

/// `replace(from, to)`, with the size of the result computed before it is made.
fn replace(state: &mut State, text: &str, from: &str, to: &str) -> Result<String, Error> {
    meter::work(state, text.len() / 64)?;
    if from.is_empty() {
        return Ok(text.to_owned());
    }
    let count = text.matches(from).count();
    let size = (count.saturating_mul(to.len())).saturating_add(text.len() - count * from.len());
    meter::text(state, size)?;
    Ok(text.replace(from, to))
}

/// `indent(width)`: every line but the first starts with that many blanks.
fn indent(state: &mut State, text: &str, width: usize) -> Result<String, Error> {
    let size = text
        .lines()
        .count()
        .max(1)
        .saturating_mul(width)
        .saturating_add(text.len());
    meter::text(state, size)?;
    Ok(text.replace('\n', &format!("\n{}", " ".repeat(width))))
}

/// At most `length` characters, of which `end` are the last when something was cut off.
fn truncate(
    state: &mut State,
    text: &str,
    length: usize,
    end: Option<&str>,
) -> Result<String, Error> {
    if text.chars().nth(length).is_none() {
        return piece(state, text);
    }
    let end = end.unwrap_or("…");
    let kept = length
        .checked_sub(end.chars().count())
        .ok_or_else(|| refused("the text is to be shorter than what is to stand at its end"))?;
    let cut: String = text.chars().take(kept).chain(end.chars()).collect();
    meter::text(state, cut.len())?;
    Ok(cut)
}

/// Lower-case ASCII letters and digits with single dashes between them, for URLs and names of files.
fn slug(state: &mut State, text: &str) -> Result<String, Error> {
    meter::text(state, text.len())?;
    let mut slug = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    Ok(slug.trim_end_matches('-').to_owned())
}

fn padding(
    state: &mut State,
    text: &str,
    width: usize,
    fill: Option<&str>,
) -> Result<String, Error> {
    let fill = fill.unwrap_or(" ");
    let mut characters = fill.chars();
    let (Some(fill), None) = (characters.next(), characters.next()) else {
        return Err(refused("a text is filled up with one character"));
    };
    if width > MAX_OUTPUT {
        return Err(meter::too_large());
    }
    let missing = width.saturating_sub(text.chars().count());
    meter::text(state, text.len() + missing * fill.len_utf8())?;
    Ok(std::iter::repeat_n(fill, missing).collect())
}
