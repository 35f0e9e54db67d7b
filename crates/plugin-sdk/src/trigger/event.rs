use jackfield_plugin_abi::messages::{CallError, TriggerEvent, code};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::Result;

/// Something that happened at a provider, which starts runs.
#[derive(Debug)]
pub struct Event {
    dedupe_key: String,
    event_type: Option<String>,
    data: serde_json::Result<Box<RawValue>>,
    occurred_at: Option<String>,
}

impl Event {
    /// An event with what the run gets as its input. The host drops an event whose `dedupe_key` it has seen: take the
    /// provider's id of what happened.
    pub fn new<T: Serialize + ?Sized>(dedupe_key: &str, data: &T) -> Self {
        Self {
            dedupe_key: dedupe_key.to_owned(),
            event_type: None,
            data: to_raw_value(data),
            occurred_at: None,
        }
    }

    /// The provider's name for the kind of event, e.g. `invoice.paid`.
    #[must_use]
    pub fn of_type(mut self, event_type: &str) -> Self {
        self.event_type = Some(event_type.to_owned());
        self
    }

    /// When it happened, RFC 3339; now unless given.
    #[must_use]
    pub fn at(mut self, time: &str) -> Self {
        self.occurred_at = Some(time.to_owned());
        self
    }

    /// Whether somebody wants events of this name: one who names it, or what it begins with, as `payment.*`, or nothing at all.
    ///
    /// ```
    /// # use jackfield_plugin_sdk::Event;
    /// let is_wanted = |wanted: &[&str]| Event::is_wanted(wanted, "payment.refund.created");
    /// assert!(is_wanted(&[]) && is_wanted(&["payment.*"]) && is_wanted(&["customer.created", "payment.refund.created"]));
    /// assert!(!is_wanted(&["customer.*"]) && !is_wanted(&["payment"]));
    /// ```
    pub fn is_wanted<S: AsRef<str>>(wanted: &[S], name: &str) -> bool {
        let fits = |wanted: &str| match wanted.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == wanted,
        };
        wanted.is_empty() || wanted.iter().any(|wanted| fits(wanted.as_ref().trim()))
    }

    /// The event as the host reads it.
    ///
    /// # Errors
    /// [`code::PLUGIN_FAULT`] when its data cannot be JSON.
    pub(crate) fn into_message(self) -> Result<TriggerEvent> {
        let data = self.data.map_err(|error| {
            let message = format!(
                "The data of the event {} is no JSON: {error}.",
                self.dedupe_key
            );
            CallError::new(code::PLUGIN_FAULT, message)
        })?;
        Ok(TriggerEvent {
            dedupe_key: self.dedupe_key,
            event_type: self.event_type,
            data,
            occurred_at: self.occurred_at,
        })
    }
}
