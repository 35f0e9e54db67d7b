//! Times of events: <https://developers.google.com/workspace/calendar/api/concepts/events-calendars>.

mod instant;
mod length;
mod read;
mod times;
mod when;

pub(super) use instant::Instant;
use length::Length;
pub(super) use times::Times;
pub(super) use when::When;
