//! Whether every later reader will be able to take a JSON document apart.
//!
//! Checking the grammar alone lets pass what a parser then refuses: lone surrogates, numbers beyond any range, nesting
//! that exhausts a recursion limit. This walks the whole document as a parser does, and builds nothing.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// The deepest nesting that is accepted. Runs put the document some levels deeper into their own state, and JSON parsers
/// commonly end at 128.
const MAX_DEPTH: usize = 64;

/// Walks the document in `text`.
pub(crate) fn check(text: &str) -> Result<(), serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    Walk { depth: 0 }.deserialize(&mut deserializer)?;
    deserializer.end()
}

struct Walk {
    depth: usize,
}

impl Walk {
    fn deeper<E: Error>(&self) -> Result<usize, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom(format_args!(
                "nested deeper than {MAX_DEPTH} levels"
            )));
        }
        Ok(self.depth + 1)
    }
}

impl<'de> DeserializeSeed<'de> for Walk {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while items.next_element_seed(Self { depth })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let depth = self.deeper()?;
        while members.next_key_seed(Self { depth })?.is_some() {
            members.next_value_seed(Self { depth })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parser_reads_is_sound() {
        for text in [
            "null",
            "[1, -2, 3.5, true]",
            r#"{"a": {"b": "\ud83d\ude00"}}"#,
            &"[".repeat(64),
        ] {
            let closed = format!(
                "{text}{}",
                "]".repeat(text.matches('[').count() - text.matches(']').count())
            );
            assert!(check(&closed).is_ok(), "{closed}");
        }
    }

    #[test]
    fn what_a_parser_refuses_is_not() {
        for text in ["", "[1,]", "1e999", r#""\ud800""#, r#"{"a" 1}"#, "1 2"] {
            assert!(check(text).is_err(), "{text}");
        }
    }
}
