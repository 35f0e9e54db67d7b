//! Whether every later reader will be able to take a JSON document apart.
//!
//! Checking the grammar alone lets pass what a parser then refuses: lone surrogates, numbers beyond any range, nesting
//! that exhausts a recursion limit. This walks the whole document as a parser does, and builds nothing.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Walks over a document that may be nested `depth` levels deep.
///
/// # Errors
///
/// Says why it could not be read back, and where.
pub fn readable(text: &str, depth: u32) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let walk = Walk { left: depth, depth };
    walk.deserialize(&mut reader)?;
    reader.end()
}

/// What is left to walk, in levels.
#[derive(Clone, Copy)]
struct Walk {
    left: u32,
    depth: u32,
}

impl Walk {
    fn below<E: Error>(self) -> Result<Self, E> {
        let Self { left, depth } = self;
        match left.checked_sub(1) {
            Some(left) => Ok(Self { left, depth }),
            None => Err(E::custom(format_args!(
                "nested more than {depth} levels deep"
            ))),
        }
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

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while seq.next_element_seed(below)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let below = self.below()?;
        while map.next_entry_seed(below, below)?.is_some() {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(json: &str) -> String {
        readable(json, 64).map_or_else(|error| error.to_string(), |()| "readable".into())
    }

    fn nested(levels: usize) -> String {
        format!("{}{}", "[".repeat(levels), "]".repeat(levels))
    }

    #[test]
    fn what_a_parser_reads_is_readable() {
        for text in [
            "null",
            r#"{"a":[1,-1,1.5,"\u00e9",null,true,{}]}"#,
            r#"{"a": {"b": "\ud83d\ude00"}}"#,
            &nested(64),
        ] {
            assert_eq!(verdict(text), "readable", "{text}");
        }
    }

    #[test]
    fn what_a_parser_refuses_is_not() {
        insta::assert_snapshot!(verdict(&nested(65)), @"nested more than 64 levels deep at line 1 column 66");
        insta::assert_snapshot!(verdict(&nested(100_000)), @"nested more than 64 levels deep at line 1 column 65");
        insta::assert_snapshot!(verdict("1e999"), @"number out of range at line 1 column 5");
        insta::assert_snapshot!(verdict(r#""\ud800""#), @"unexpected end of hex escape at line 1 column 8");
        for text in ["", "[1,]", r#"{"a" 1}"#, "1 2"] {
            assert_ne!(verdict(text), "readable", "{text}");
        }
    }
}
