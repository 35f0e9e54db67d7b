//! `schedule`: an instant starts a run, again and again.

use croner::Cron;
use croner::parser::CronParser;
use jackfield_storage::{Json, Problem, ProblemCode, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{NodeType, Trigger};

/// What to do about instants at which no server ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Missed {
    /// Nothing.
    Skip,
    /// One run for all of them.
    #[default]
    Once,
    /// A run for each, of the last [`MOST`].
    All,
}

/// How many missed instants are made up for at most.
pub(crate) const MOST: usize = 100;

/// When a schedule fires.
#[derive(Debug)]
pub(crate) struct Schedule {
    cron: Cron,
    zone: TimeZone,
    pub missed: Missed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    cron: String,
    #[serde(default = "utc")]
    time_zone: String,
    #[serde(default)]
    missed: Missed,
}

fn utc() -> String {
    "UTC".to_owned()
}

pub(super) fn node_type() -> NodeType {
    NodeType {
        description: "Starts a run at the instants that a cron expression names.".to_owned(),
        config_schema: json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["cron"],
            "properties": {
                "cron": {
                    "type": "string", "minLength": 1, "maxLength": 200, "title": "Cron",
                    "description": "Minute, hour, day of month, month, day of week; with six fields the first is the second. \
                                    `0 9 * * MON-FRI` is nine o'clock on working days, `*/10 * * * * *` every ten seconds.",
                },
                "timeZone": {
                    "type": "string", "minLength": 1, "default": "UTC", "title": "Time zone",
                    "description": "The name of an IANA time zone, such as `Europe/Berlin`. When the clocks go forward, a \
                                    fixed time in the gap is right after it; when they go back it is the first of the two.",
                },
                "missed": {
                    "enum": ["skip", "once", "all"], "default": "once", "title": "Missed runs",
                    "description": "What to do about instants at which no server ran: nothing, one run for all of them, or \
                                    one for each, of the last 100.",
                },
            },
        }).into(),
        output_schema: Some(json!({
            "type": "object",
            "properties": {
                "body": {
                    "type": "object",
                    "properties": {
                        "scheduledFor": {"type": "string", "format": "date-time"},
                        "timeZone": {"type": "string"},
                        "missed": {"type": "boolean"},
                    },
                },
                "headers": {"type": "object"}, "query": {"type": "object"}, "event": {"type": "null"},
            },
        }).into()),
        ..NodeType::trigger("schedule", "Schedule", "clock", Trigger::Schedule)
    }
}

/// What the schema cannot say.
pub(super) fn check(config: &Map<String, Value>, path: &[String], problems: &mut Vec<Problem>) {
    let mut fault = |name: &str, message: String| {
        let field = path.iter().map(String::as_str).chain([name]);
        problems.push(Problem::new(field, ProblemCode::InvalidConfig, message));
    };
    if let Some(cron) = config.get("cron").and_then(Value::as_str)
        && let Err(message) = parse_cron(cron)
    {
        fault("cron", message);
    }
    if let Some(zone) = config.get("timeZone").and_then(Value::as_str)
        && let Err(message) = parse_zone(zone)
    {
        fault("timeZone", message);
    }
}

fn parse_cron(text: &str) -> Result<Cron, String> {
    CronParser::new().parse(text).map_err(|error| {
        format!("`{text}` is no cron expression ({error}); it has five fields, or six with seconds, such as `0 9 * * MON-FRI`")
    })
}

fn parse_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name).map_err(|_| {
        format!("`{name}` is no time zone; name one of the IANA database, such as `Europe/Berlin`")
    })
}

impl Schedule {
    /// Reads the config of a trigger; the error is a sentence.
    pub fn read(config: &Json) -> Result<Self, String> {
        let config: Config = config.parse().map_err(|error| error.to_string())?;
        Ok(Self {
            cron: parse_cron(&config.cron)?,
            zone: parse_zone(&config.time_zone)?,
            missed: config.missed,
        })
    }

    /// The name of its time zone.
    pub fn time_zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// The first instant after `instant` at which it fires; none when there is none any more.
    pub fn after(&self, instant: Timestamp) -> Option<Timestamp> {
        let found = self
            .cron
            .find_next_occurrence(&self.zoned(instant)?, false)
            .ok()?;
        Some(found.timestamp().into())
    }

    /// The instants from `first` to `last` at which it fires, the latest `most` of them, oldest first.
    pub fn between(&self, first: Timestamp, last: Timestamp, most: usize) -> Vec<Timestamp> {
        let mut found = Vec::new();
        let mut before = self.zoned(last);
        let mut inclusive = true;
        while let Some(from) = before
            && found.len() < most
        {
            let tick = self.cron.find_previous_occurrence(&from, inclusive).ok();
            before = tick.filter(|tick| Timestamp::from(tick.timestamp()) >= first);
            found.extend(
                before
                    .as_ref()
                    .map(|tick| Timestamp::from(tick.timestamp())),
            );
            inclusive = false;
        }
        found.reverse();
        found
    }

    fn zoned(&self, instant: Timestamp) -> Option<Zoned> {
        let instant = jiff::Timestamp::from_microsecond(instant.as_micros()).ok()?;
        Some(instant.to_zoned(self.zone.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &str, zone: &str) -> Schedule {
        Schedule::read(&json!({"cron": cron, "timeZone": zone}).into()).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    /// The next `count` instants in UTC.
    fn upcoming(cron: &str, zone: &str, from: &str, count: usize) -> Vec<String> {
        let schedule = schedule(cron, zone);
        let mut instant = at(from);
        let mut shown = Vec::new();
        for _ in 0..count {
            instant = schedule.after(instant).unwrap();
            shown.push(instant.to_string());
        }
        shown
    }

    #[test]
    fn five_fields_begin_with_the_minute_and_six_with_the_second() {
        insta::assert_debug_snapshot!(upcoming("0 9 * * MON-FRI", "UTC", "2026-11-20T10:00:00Z", 2), @r#"
        [
            "2026-11-23T09:00:00Z",
            "2026-11-24T09:00:00Z",
        ]
        "#);
        insta::assert_debug_snapshot!(upcoming("*/20 * * * * *", "UTC", "2026-11-20T10:00:01Z", 3), @r#"
        [
            "2026-11-20T10:00:20Z",
            "2026-11-20T10:00:40Z",
            "2026-11-20T10:01:00Z",
        ]
        "#);
    }

    #[test]
    fn a_fixed_time_in_the_gap_is_right_after_it() {
        // Berlin leaps from 02:00 to 03:00 on 2026-03-29.
        insta::assert_debug_snapshot!(upcoming("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3), @r#"
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z",
        ]
        "#);
    }

    #[test]
    fn a_fixed_time_that_comes_twice_is_the_first() {
        // Berlin goes back from 03:00 to 02:00 on 2026-10-25.
        insta::assert_debug_snapshot!(upcoming("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 2), @r#"
        [
            "2026-10-25T00:30:00Z",
            "2026-10-26T01:30:00Z",
        ]
        "#);
    }

    #[test]
    fn missed_instants_are_counted_back_from_the_last() {
        let schedule = schedule("*/5 * * * *", "UTC");
        let ticks = |most| {
            schedule
                .between(at("2026-11-20T10:05:00Z"), at("2026-11-20T10:21:00Z"), most)
                .iter()
                .map(|tick| tick.to_string()[14..16].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(ticks(10), ["05", "10", "15", "20"]);
        assert_eq!(ticks(2), ["15", "20"]);
    }

    #[test]
    fn a_mistake_is_named() {
        let mut problems = Vec::new();
        let config = json!({"cron": "0 25 * * *", "timeZone": "Europe/Berln"});
        check(
            config.as_object().unwrap(),
            &["config".into()],
            &mut problems,
        );
        let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].contains("config.cron") && told[1].contains("Europe/Berln"),
            "{told:?}"
        );
    }
}
