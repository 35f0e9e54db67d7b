//! A text with expressions in it.

use std::sync::Arc;

use super::evaluate::TooLarge;
use super::split::{Piece, split};
use super::template::{Part, compile};
use super::{ExpressionError, InScope, MAX_OUTPUT, Value, to_json};

/// A text whose expressions are compiled. Unlike a string of a config it comes to a text whatever it holds.
#[derive(Debug)]
pub struct Text(Vec<Part>);

/// What the values are written among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// Text, in which they stand as they are.
    None,
    /// HTML: what would have a meaning in it is escaped, unless the expression ends in `raw`.
    Html,
}

impl Text {
    /// Compiles every expression in `text`, which may read what those in the config of a node may; all faults are reported, not only the first.
    pub fn parse(text: &str) -> Result<Text, Vec<ExpressionError>> {
        let pieces = split(text).map_err(|error| vec![error])?;
        let text: Arc<str> = text.into();
        let (mut parts, mut errors) = (Vec::with_capacity(pieces.len()), Vec::new());
        for piece in pieces {
            match piece {
                Piece::Text(plain) => parts.push(Part::Text(plain.into())),
                Piece::Expression { source, offset } => {
                    match compile(&text, source, offset, InScope::Run) {
                        Ok(compiled) => parts.push(Part::Expression(compiled)),
                        Err(error) => errors.push(error),
                    }
                }
            }
        }
        match errors.is_empty() {
            true => Ok(Text(parts)),
            false => Err(errors),
        }
    }

    /// How many expressions it has.
    pub fn expressions(&self) -> usize {
        let is_one = |part: &&Part| matches!(part, Part::Expression(_));
        self.0.iter().filter(is_one).count()
    }

    /// The text with the values of its expressions, in a scope as [`Scope::value`](super::Scope::value) makes it.
    pub fn evaluate(&self, scope: &Value, markup: Markup) -> Result<String, ExpressionError> {
        written(&self.0, scope, markup)
    }
}

pub(super) fn written(
    parts: &[Part],
    scope: &Value,
    markup: Markup,
) -> Result<String, ExpressionError> {
    let mut written = String::new();
    for part in parts {
        let compiled = match part {
            Part::Text(plain) => {
                written.push_str(plain);
                continue;
            }
            Part::Expression(compiled) => compiled,
        };
        let value = compiled.evaluate(scope)?;
        match value.as_str() {
            Some(text) if markup == Markup::None || value.is_safe() => written.push_str(text),
            Some(text) => escape(text, &mut written),
            None => {
                let json = to_json(&value).map_err(|message| compiled.fault(0, message))?;
                match markup {
                    Markup::None => written.push_str(&json),
                    Markup::Html => escape(&json, &mut written),
                }
            }
        }
        if written.len() > MAX_OUTPUT {
            return Err(compiled.fault(0, TooLarge.to_string()));
        }
    }
    Ok(written)
}

/// Not by the library, which also escapes slashes: links would be hard to read in the history of runs.
fn escape(text: &str, written: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        written.push_str(&rest[..at]);
        written.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    written.push_str(rest);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::expression::Sample;

    fn html(text: &str) -> String {
        let sample = Sample {
            trigger: json!({"body": {"name": "<Ada> & \"Bob's\"", "link": "<a href='/x'>x</a>", "n": 3, "list": ["<i>"], "none": null}}),
            ..Sample::default()
        };
        match Text::parse(text)
            .unwrap()
            .evaluate(&sample.scope(), Markup::Html)
        {
            Ok(text) => text,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn values_are_escaped_in_html_unless_they_are_raw() {
        insta::assert_snapshot!(html("<p>{{ trigger.body.name }}</p>"), @"<p>&lt;Ada&gt; &amp; &quot;Bob&#39;s&quot;</p>");
        insta::assert_snapshot!(html("{{ trigger.body.link | raw }}"), @"<a href='/x'>x</a>");
        insta::assert_snapshot!(html("{{ trigger.body.list }} {{ trigger.body.n }} {{ trigger.body.none }}"), @"[&quot;&lt;i&gt;&quot;] 3 null");
        insta::assert_snapshot!(html("{{ trigger.body.list | raw }}"), @"[&quot;&lt;i&gt;&quot;]");
    }

    /// Else a value that nobody has looked at could pass along with one that is markup.
    #[test]
    fn what_is_put_together_with_something_raw_is_escaped_again() {
        for expression in [
            "(trigger.body.link | raw) ~ trigger.body.name",
            "trigger.body.name ~ (trigger.body.link | raw)",
            "(trigger.body.link | raw) + trigger.body.name",
            "[trigger.body.link | raw, trigger.body.name] | join(' ')",
            "[trigger.body.name] | join(trigger.body.link | raw)",
            "trigger.body.link | raw | replace('x', trigger.body.name)",
            "trigger.body.name | replace('Ada', trigger.body.link | raw)",
            "trigger.body.name | truncate(30, trigger.body.link | raw)",
            "{'a': trigger.body.link | raw, 'b': trigger.body.name}",
        ] {
            let written = html(&format!("{{{{ {expression} }}}}"));
            assert!(!written.contains('<'), "{expression}: {written}");
        }
    }

    #[test]
    fn a_single_expression_is_a_text_too() {
        let text = Text::parse("{{ 1 + 1 }}").unwrap();
        assert_eq!(text.expressions(), 1);
        assert_eq!(
            text.evaluate(&Sample::default().scope(), Markup::None),
            Ok("2".to_owned())
        );
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let errors =
            Text::parse("Dear {{ trigger. }},\n\n{{ customer.name }} {{ 1 | shout }}").unwrap_err();
        let told: Vec<_> = errors.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        the expression does not parse: unexpected end of input, expected identifier or integer, at character 16
        there is no `customer` here; in scope are trigger, steps, run, vars, at line 3, character 4
        there is no filter `shout`, at line 3, character 28
        "#);
    }
}
