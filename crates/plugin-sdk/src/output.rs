use std::borrow::Cow;
use std::ops::Deref;
use std::time::Duration;

use jackfield_plugin_abi::messages::{CallError, Outcome, Retry, code, port};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::{Result, output_schema_of, schema_of};

/// What a node returns: a value and the port that it leaves through.
#[derive(Debug)]
pub struct Output {
    port: String,
    value: serde_json::Result<Box<RawValue>>,
    retry: Option<Retry>,
}

impl Output {
    /// Through `data-out`.
    pub fn data<T: Serialize + ?Sized>(value: &T) -> Self {
        Self::port(port::DATA_OUT, value)
    }

    /// Through a port of your own, or `error`.
    pub fn port<T: Serialize + ?Sized>(port: &str, value: &T) -> Self {
        Self {
            port: port.to_owned(),
            value: to_raw_value(value),
            retry: None,
        }
    }

    /// Trying again can give a better output, after `wait` where the other side asked for it. A node with a retry policy
    /// is tried again; the output counts after the last try.
    #[must_use]
    pub fn worth_retrying(mut self, wait: Option<Duration>) -> Self {
        let after_ms = wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        self.retry = Some(Retry { after_ms });
        self
    }

    pub(crate) fn into_outcome(self) -> Result<Outcome> {
        let no_json = |error| {
            let message = format!("The node's output is no JSON: {error}.");
            CallError::new(code::PLUGIN_FAULT, message)
        };
        Ok(Outcome {
            port: self.port,
            output: self.value.map_err(no_json)?,
            retry: self.retry,
        })
    }
}

/// What an operation can return: an [`Output`], or any value with a schema, which then leaves through `data-out`.
pub trait Returned: Send + 'static {
    /// The schema of what leaves through `data-out`, where it is known.
    fn schema() -> Option<Value>;

    /// The output.
    fn into_output(self) -> Output;
}

impl Returned for Output {
    fn schema() -> Option<Value> {
        None
    }

    fn into_output(self) -> Output {
        self
    }
}

impl<T: Serialize + JsonSchema + Send + 'static> Returned for T {
    fn schema() -> Option<Value> {
        Some(output_schema_of::<T>())
    }

    fn into_output(self) -> Output {
        Output::data(&self)
    }
}

/// A provider's answer handed on as it came, with the schema of the `T` that it was found to be: what a provider adds
/// tomorrow gets through.
///
/// ```
/// # use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::Whole;
///
/// #[derive(Deserialize, JsonSchema)]
/// struct Customer { id: String }
///
/// let customer: Whole<Customer> = serde_json::from_str(r#"{"id": "cus_1", "tax_exempt": "none"}"#).unwrap();
/// assert_eq!(customer.id, "cus_1");
/// assert_eq!(json!(customer), json!({"id": "cus_1", "tax_exempt": "none"}));
/// ```
#[derive(Clone, Debug)]
pub struct Whole<T> {
    known: T,
    whole: Value,
}

impl<T> Deref for Whole<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.known
    }
}

impl<T> Whole<T> {
    /// The whole answer.
    pub fn value(&self) -> &Value {
        &self.whole
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let whole = Value::deserialize(deserializer)?;
        let known = T::deserialize(&whole).map_err(serde::de::Error::custom)?;
        Ok(Self { known, whole })
    }
}

impl<T> Serialize for Whole<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.whole.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Whole<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        format!("Whole<{}>", T::schema_id()).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        // What T reads is what is known of the answer, also where T is never written.
        schema_of::<T>().try_into().unwrap_or_default()
    }
}
