//! What an event is: <https://developers.google.com/workspace/calendar/api/v3/reference/events>.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use serde::Serializer;
use serde::ser::SerializeStruct;

/// What can be said of an event beside its title and times.
#[derive(Config, Body)]
#[body(names = "camelCase")]
pub(super) struct Details {
    /// What is to be known of it; Google shows simple HTML.
    #[field(widget = "textarea")]
    description: Option<String>,
    /// Where it takes place.
    #[field(placeholder = "12 St James's Square, London")]
    location: Option<String>,
    /// Who is invited, by e-mail address.
    attendees: Option<Vec<Attendee>>,
    /// How it recurs: lines of RFC 5545 such as `RRULE:FREQ=WEEKLY;COUNT=10`.
    #[field(advanced, example = json!(["RRULE:FREQ=WEEKLY;COUNT=10"]))]
    pub(super) recurrence: Option<Vec<String>>,
    /// When those who see it in their calendar are reminded, in place of what they have chosen for all events.
    #[field(advanced)]
    reminders: Option<Reminders>,
    /// Whether the time counts as taken.
    #[field(advanced, name = "showAs", label = "Show as")]
    transparency: Option<Transparency>,
    /// Who sees what it is about.
    #[field(advanced)]
    visibility: Option<Visibility>,
    /// Its colour, by Google's number from 1 to 11.
    #[field(advanced, label = "Color ID", pattern = "^([1-9]|1[01])$")]
    color_id: Option<String>,
    /// What goes with it for programs, such as the number of a booking. `list_events` finds events by it.
    #[field(advanced, body = "extendedProperties.private", widget = "key-value")]
    properties: Option<BTreeMap<String, String>>,
}

/// Who is invited: an address, or more about somebody.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Attendee {
    /// An e-mail address.
    Address(#[schemars(extend("format" = "email"))] String),
    /// Somebody.
    Person(Person),
}

/// Somebody who is invited.
#[derive(Config, Body)]
#[body(names = "camelCase")]
struct Person {
    /// The e-mail address.
    #[field(label = "E-mail", format = "email")]
    email: String,
    /// The name, as the others see it.
    display_name: Option<String>,
    /// Whether it can do without them.
    optional: Option<bool>,
}

impl Serialize for Attendee {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Address(email) => {
                let mut attendee = serializer.serialize_struct("Attendee", 1)?;
                attendee.serialize_field("email", email.trim())?;
                attendee.end()
            }
            Self::Person(person) => person.serialize(serializer),
        }
    }
}

/// When somebody is reminded; an empty list of it is never.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
struct Reminders(Vec<Reminder>);

/// When and how somebody is reminded.
#[derive(Config, Body)]
struct Reminder {
    /// How.
    #[field(default = Method::Popup)]
    method: Method,
    /// How many minutes before it begins.
    #[field(min = 0, max = 40_320)]
    minutes: u32,
}

/// How somebody is reminded.
#[derive(Config, Body)]
enum Method {
    /// On the screen.
    Popup,
    /// By e-mail.
    Email,
}

impl Serialize for Reminders {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut reminders = serializer.serialize_struct("Reminders", 2)?;
        reminders.serialize_field("useDefault", &false)?;
        reminders.serialize_field("overrides", &self.0)?;
        reminders.end()
    }
}

/// Whether the time counts as taken.
#[derive(Config, Serialize)]
#[serde(rename_all = "camelCase")]
enum Transparency {
    /// It does.
    #[field(label = "Busy")]
    Opaque,
    /// It does not.
    #[field(label = "Free")]
    Transparent,
}

/// Who sees what an event is about.
#[derive(Config, Serialize)]
#[serde(rename_all = "camelCase")]
enum Visibility {
    /// As the calendar has it.
    Default,
    /// Whoever sees the calendar.
    Public,
    /// Who is invited.
    Private,
    /// Who is invited; an older word for it.
    Confidential,
}

/// Who gets mails about it.
#[derive(Clone, Copy, Config, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SendUpdates {
    /// Everybody who is invited.
    All,
    /// Those who are invited and do not use Google Calendar.
    ExternalOnly,
    /// Nobody.
    None,
}

/// An event. Google's answer has more members.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    /// By which the other operations name it.
    pub(super) id: String,
    /// `confirmed`, `tentative` or `cancelled`.
    status: Option<String>,
    /// Its page in Google Calendar.
    html_link: Option<String>,
    /// Its title.
    summary: Option<String>,
    /// When it begins.
    start: Option<EventTime>,
    /// When it ends.
    end: Option<EventTime>,
    /// Where people meet on line, where it has Google Meet.
    hangout_link: Option<String>,
}

/// When an event begins or ends.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EventTime {
    /// Of whole days.
    date: Option<String>,
    /// Otherwise, RFC 3339.
    date_time: Option<String>,
    /// Such as `Europe/Berlin`.
    time_zone: Option<String>,
}
