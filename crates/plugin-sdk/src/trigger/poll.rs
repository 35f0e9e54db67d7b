use std::future::Future;
use std::time::Duration;

use jackfield_plugin_abi::messages::Polled as PolledMessage;
use jackfield_plugin_abi::messages::{CallError, PollInput, PollTrigger, Trigger, code};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::to_raw_value;

use super::Event;
use crate::call::{Opened, Work, answer};
use crate::node::NodeParts;
use crate::{About, Context, Result, schema_of};

/// A trigger that is asked what is new. The implementing type is its config.
///
/// The host keeps the cursor and the events together: each event starts a run once, also when the server dies between.
/// The first poll has no cursor; commonly it returns no events but where to begin, so that a workflow does not start a
/// thousand times for what happened years ago.
///
/// ```
/// use std::time::Duration;
///
/// use jackfield_plugin_sdk::prelude::*;
/// use jackfield_plugin_sdk::{Event, Poll, Polled, Since};
///
/// /// Starts a run for each new order.
/// #[derive(Config)]
/// struct NewOrder {
///     /// The shop's name.
///     #[field(placeholder = "acme")]
///     shop: String,
/// }
///
/// impl Poll for NewOrder {
///     const TYPE: &'static str = "shop-new-order";
///     const INTERVAL: Duration = Duration::from_secs(60);
///     type Cursor = u64;
///
///     fn about() -> About {
///         About::new("New order").icon("shopping-cart")
///     }
///
///     async fn poll(self, context: Context, since: Since<u64>) -> Result<Polled<u64>> {
///         let url = format!("https://api.example.com/{}/orders", self.shop);
///         let last = since.cursor.unwrap_or_default();
///         let request = context.http().get(&url).query("after", &last.to_string());
///         let orders: Vec<Value> = request.send().await?.success()?.json()?;
///         let newest = orders.iter().filter_map(|order| order["id"].as_u64()).max().unwrap_or(last);
///         let events = orders.iter().map(|order| Event::new(&format!("order-{}", order["id"]), order));
///         Ok(match since.cursor {
///             Some(_) => Polled::new(events.collect()).cursor(newest),
///             None => Polled::new(vec![]).cursor(newest),
///         })
///     }
/// }
/// # use jackfield_plugin_sdk::testing::{self, Reply};
/// # let plugin = || testing::plugin(Plugin::new("shop", "1.0.0").poll::<NewOrder>());
/// # let reply = || Reply::json(200, &json!([{"id": 8}]));
/// # let first = plugin().poll("shop-new-order", json!({"shop": "acme"}), None).reply(reply()).run();
/// # assert_eq!(first.output(), json!({"events": [], "cursor": 8, "more": false}));
/// # let next = plugin().poll("shop-new-order", json!({"shop": "acme"}), Some(json!(7))).reply(reply()).run();
/// # assert_eq!(next.output()["events"][0], json!({"dedupeKey": "order-8", "data": {"id": 8}}));
/// ```
pub trait Poll: DeserializeOwned + JsonSchema + Send + 'static {
    /// What workflow definitions call it: lower case letters, digits and hyphens, unique on a host.
    const TYPE: &'static str;

    /// How often it is asked unless the workflow says otherwise; whole seconds.
    const INTERVAL: Duration;

    /// The least that a workflow may say instead; whole seconds.
    const MIN_INTERVAL: Duration = Self::INTERVAL;

    /// Where the next poll goes on.
    type Cursor: Serialize + DeserializeOwned + Send + 'static;

    /// How it presents itself.
    fn about() -> About;

    /// What is new, oldest first.
    fn poll(
        self,
        context: Context,
        since: Since<Self::Cursor>,
    ) -> impl Future<Output = Result<Polled<Self::Cursor>>> + Send;

    #[doc(hidden)]
    fn parts() -> crate::derived::NodeParts {
        let seconds = |time: Duration| u32::try_from(time.as_secs()).unwrap_or(u32::MAX).max(1);
        let poll = PollTrigger {
            interval_seconds: seconds(Self::INTERVAL),
            min_interval_seconds: Some(seconds(Self::MIN_INTERVAL)),
        };
        let about = Self::about().without_input();
        let mut parts: NodeParts = about.into_parts(Self::TYPE, schema_of::<Self>(), None);
        parts.manifest.trigger = Some(Trigger::Poll(poll));
        crate::derived::NodeParts(parts)
    }
}

/// From where on a poll asks.
#[derive(Clone, Debug)]
pub struct Since<C> {
    /// What the last poll returned; none at the first.
    pub cursor: Option<C>,
    /// Most events to return.
    pub limit: usize,
}

/// What a poll found.
#[derive(Debug)]
pub struct Polled<C> {
    events: Vec<Event>,
    cursor: Option<C>,
    more: bool,
}

impl<C> Polled<C> {
    /// What is new, oldest first.
    pub fn new(events: Vec<Event>) -> Self {
        Self {
            events,
            cursor: None,
            more: false,
        }
    }

    /// Where the next poll goes on; without it, where this one did.
    #[must_use]
    pub fn cursor(mut self, cursor: C) -> Self {
        self.cursor = Some(cursor);
        self
    }

    /// There is more already: the host asks again at once.
    #[must_use]
    pub fn and_more(mut self, more: bool) -> Self {
        self.more = more;
        self
    }
}

pub(crate) fn start_poll<P: Poll>(opened: &Opened<'_>) -> Result<Work> {
    let (node, input): (P, PollInput) = (opened.config()?, opened.arguments()?);
    let cursor = input
        .cursor
        .map(|cursor| serde_json::from_str(cursor.get()))
        .transpose();
    let cursor = cursor.map_err(|error| {
        let message = format!(
            "The cursor of {} cannot be read: {error}. An older version may have written it.",
            P::TYPE
        );
        CallError::new(code::INVALID_INPUT, message)
    })?;
    let since = Since {
        cursor,
        limit: usize::try_from(input.limit).unwrap_or(usize::MAX),
    };
    let polled = node.poll(opened.context.clone(), since);
    Ok(answer(async move {
        let polled = polled.await?;
        let cursor = polled
            .cursor
            .as_ref()
            .map(to_raw_value)
            .transpose()
            .map_err(|error| {
                CallError::new(
                    code::PLUGIN_FAULT,
                    format!("The cursor is no JSON: {error}."),
                )
            })?;
        let events = polled.events.into_iter().map(Event::into_message);
        Ok(PolledMessage {
            events: events.collect::<Result<_>>()?,
            cursor,
            more: polled.more,
        })
    }))
}
