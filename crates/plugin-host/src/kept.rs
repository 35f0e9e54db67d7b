//! JSON that can be kept: what a plugin returns is stored, read by expressions and shown, long after the call.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting. Readers of runs take 128 levels, and find outputs some levels down.
const DEPTH: u32 = 100;

/// Walks over a value without keeping anything of it; the error says why nobody could read it back.
pub(crate) fn check(value: &RawValue) -> Result<(), serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(value.get());
    Walk { left: DEPTH }.deserialize(&mut reader)?;
    reader.end()
}

/// What is left to walk, in levels.
#[derive(Clone, Copy)]
struct Walk {
    left: u32,
}

impl Walk {
    fn below<E: Error>(self) -> Result<Self, E> {
        match self.left.checked_sub(1) {
            Some(left) => Ok(Self { left }),
            None => Err(E::custom(format!("nested more than {DEPTH} levels deep"))),
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
        let value: &RawValue = serde_json::from_str(json).unwrap();
        check(value).map_or_else(|error| error.to_string(), |()| "kept".into())
    }

    #[test]
    fn only_what_can_be_read_back_is_kept() {
        insta::assert_snapshot!(verdict(r#"{"a":[1,-1,1.5,"é",null,true,{}]}"#), @"kept");
        insta::assert_snapshot!(verdict(&format!("{}{}", "[".repeat(100), "]".repeat(100))), @"kept");
        insta::assert_snapshot!(verdict(&format!("{}{}", "[".repeat(101), "]".repeat(101))), @"nested more than 100 levels deep at line 1 column 102");
        insta::assert_snapshot!(verdict(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), @"nested more than 100 levels deep at line 1 column 101");
        insta::assert_snapshot!(verdict("1e999"), @"number out of range at line 1 column 5");
        insta::assert_snapshot!(verdict(r#""\ud800""#), @"unexpected end of hex escape at line 1 column 8");
    }
}
