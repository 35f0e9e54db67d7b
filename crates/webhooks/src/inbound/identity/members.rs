//! Looking at single members of a document without building all of it.

use std::{borrow::Cow, collections::HashMap};

use serde_json::value::RawValue;

/// The members of an object; none when it is no object.
#[derive(Clone, Default)]
pub(super) struct Members<'a>(HashMap<Cow<'a, str>, &'a RawValue>);

impl<'a> Members<'a> {
    /// The object in `text`, or each one of a list of them.
    pub(super) fn all(text: &'a str) -> Vec<Self> {
        match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(items) => items.into_iter().map(|item| Self::of(item.get())).collect(),
            Err(_) => vec![Self::of(text)],
        }
    }

    fn of(text: &'a str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    /// The string or number `name`.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.0.get(name)?.get();
        if value.starts_with('"') {
            return serde_json::from_str(value).ok();
        }
        value
            .starts_with(|first: char| first.is_ascii_digit() || first == '-')
            .then(|| value.to_owned())
    }

    /// The object `name`.
    pub(super) fn inner(&self, name: &str) -> Self {
        self.0
            .get(name)
            .map_or_else(Self::default, |value| Self::of(value.get()))
    }
}
