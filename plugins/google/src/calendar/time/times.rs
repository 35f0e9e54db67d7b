use jackfield_plugin_sdk::prelude::*;
use jiff::SignedDuration;

use super::{Length, When};
use crate::api::invalid;

/// From when to when.
#[derive(Config)]
pub(in crate::calendar) struct Times {
    /// When it begins, such as `2026-12-01T09:00:00+01:00`; `2026-12-01` for the whole day. Without an offset it is the time of the
    /// time zone below.
    #[field(placeholder = "2026-12-01T09:00:00+01:00")]
    pub(in crate::calendar) start: Option<When>,
    /// When it ends. For whole days this is the day after the last one.
    #[field(placeholder = "2026-12-01T10:30:00+01:00")]
    pub(in crate::calendar) end: Option<When>,
    /// How long it takes, where nothing says when it ends.
    #[field(placeholder = "PT1H30M")]
    pub(in crate::calendar) duration: Option<Length>,
    /// The time zone of both times, such as `Europe/Berlin`. Needed where they have no offset, and for events that recur.
    #[field(placeholder = "Europe/Berlin", example = "Europe/Berlin")]
    pub(in crate::calendar) time_zone: Option<String>,
}

impl Times {
    pub(in crate::calendar) fn time_zone(&self) -> Option<&str> {
        self.time_zone.as_deref().filter(|zone| !zone.is_empty())
    }

    /// When it ends: an hour or a day after the start where nothing says so.
    ///
    /// # Errors
    /// When the event would have no start.
    pub(in crate::calendar) fn whole(self) -> Result<Self> {
        let Some(start) = &self.start else {
            return Err(invalid("start is missing: it says when the event begins."));
        };
        let usual = match start {
            When::Day(_) => SignedDuration::from_hours(24),
            When::Time(..) => SignedDuration::from_hours(1),
        };
        let duration = self.duration.unwrap_or(Length(usual));
        Ok(Self {
            duration: Some(duration),
            ..self
        })
    }

    /// The members `start` and `end` of a body, as far as they are said.
    ///
    /// # Errors
    /// When they do not fit together, or nobody knows in which time zone they are.
    pub(in crate::calendar) fn body(&self, clears: bool) -> Result<Value> {
        let end = match (&self.end, &self.start, self.duration) {
            (Some(end), ..) => Some(end.clone()),
            (None, Some(start), Some(Length(length))) => {
                let end = start.later(length);
                Some(end.ok_or_else(|| invalid("duration leads to a time that there is not."))?)
            }
            (None, None, Some(_)) => {
                return Err(invalid(
                    "start is missing: the duration says nothing without it.",
                ));
            }
            (None, _, None) => None,
        };
        let is_day = |when: &When| matches!(when, When::Day(_));
        if let (Some(start), Some(end)) = (&self.start, &end)
            && is_day(start) != is_day(end)
        {
            return Err(invalid(
                "start and end have to be days both, or times both.",
            ));
        }
        let mut body = json!({});
        for (name, when) in [("start", &self.start), ("end", &end)] {
            let Some(when) = when else { continue };
            if when.lacks_a_zone() && self.time_zone().is_none() {
                return Err(invalid(format!(
                    "{name} has no time zone: write it like {when}+01:00, or fill in timeZone."
                )));
            }
            body[name] = when.body(self.time_zone(), clears);
        }
        Ok(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_so_much_later() {
        let later = |start: &str, length: &str| {
            let Length(length) = Length::parse(length).unwrap();
            When::parse(start)
                .unwrap()
                .later(length)
                .unwrap()
                .to_string()
        };
        assert_eq!(
            later("2026-12-31T23:30:00-05:00", "PT1H30M"),
            "2027-01-01T01:00:00-05:00"
        );
        assert_eq!(later("2028-02-28", "P2D"), "2028-03-01");
        assert_eq!(later("2026-12-01", "PT4H"), "2026-12-02");
        assert_eq!(later("2026-12-01", "P1W1DT24H"), "2026-12-10");
        for length in ["", "P", "PT", "PT0S", "P1M", "1H", "PTH", "P1DT1D", "-PT1H"] {
            assert!(Length::parse(length).is_none(), "{length}");
        }
    }
}
