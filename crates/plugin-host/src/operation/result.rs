//! What a result has to be like beyond its types. The sizes bound what one answer can cost its readers and the database.

use jackfield_plugin_abi::messages::{
    CredentialTested, Options, Polled, Received, ResourceVerified, Resources, TriggerEvent,
    WebhookReply,
};

/// Most entries of one page.
const ENTRIES: usize = 1000;
/// Most bytes of a cursor.
const CURSOR: usize = 64 << 10;
/// Most bytes of a name, a label or a key.
const NAME: usize = 1024;
/// Most bytes of a reply to a provider.
const REPLY: usize = 1 << 20;

/// A result that can be looked at more closely; the error says which member is wrong.
pub(super) trait Checked {
    fn check(&self) -> Result<(), String>;
}

impl Checked for Polled {
    fn check(&self) -> Result<(), String> {
        if let Some(cursor) = &self.cursor {
            at_most("cursor", cursor.get().len(), CURSOR)?;
        }
        events(&self.events)
    }
}

/// What depends on what was asked for.
pub(super) trait CheckLimit {
    fn check_limit(&self, limit: u32) -> Result<(), String>;
}

impl CheckLimit for Polled {
    fn check_limit(&self, limit: u32) -> Result<(), String> {
        let (found, limit) = (self.events.len(), limit as usize);
        match found <= limit {
            true => Ok(()),
            false => Err(format!(
                "its result of trigger.poll: events has {found} entries, at most {limit} were asked for"
            )),
        }
    }
}

impl Checked for Received {
    fn check(&self) -> Result<(), String> {
        match self {
            Self::Accepted(accepted) => {
                if let Some(respond) = &accepted.respond {
                    reply("respond", respond)?;
                }
                entries("events", accepted.events.len())?;
                events(&accepted.events)
            }
            Self::Rejected(rejected) => at_most("reason", rejected.reason.len(), NAME),
            Self::Challenge(challenge) => reply("challenge", challenge),
        }
    }
}

impl Checked for Options {
    fn check(&self) -> Result<(), String> {
        entries("options", self.options.len())?;
        for (index, option) in self.options.iter().enumerate() {
            name(&format!("options[{index}].label"), &option.label)?;
        }
        cursor(self.cursor.as_deref())
    }
}

impl Checked for CredentialTested {
    fn check(&self) -> Result<(), String> {
        if let Some(details) = &self.details
            && !details.is_object()
        {
            return Err("details is no object".into());
        }
        at_most("account", self.account.as_deref().map_or(0, str::len), NAME)
    }
}

impl Checked for Resources {
    fn check(&self) -> Result<(), String> {
        entries("resources", self.resources.len())?;
        for (index, resource) in self.resources.iter().enumerate() {
            name(&format!("resources[{index}].value"), &resource.value)?;
            at_most(
                &format!("resources[{index}].label"),
                resource.label.len(),
                NAME,
            )?;
        }
        cursor(self.cursor.as_deref())
    }
}

impl Checked for ResourceVerified {
    fn check(&self) -> Result<(), String> {
        at_most("message", self.message.as_deref().map_or(0, str::len), NAME)
    }
}

fn events(events: &[TriggerEvent]) -> Result<(), String> {
    for (index, event) in events.iter().enumerate() {
        name(&format!("events[{index}].dedupeKey"), &event.dedupe_key)?;
        let kind = event.event_type.as_deref();
        at_most(
            &format!("events[{index}].type"),
            kind.map_or(0, str::len),
            NAME,
        )?;
        if let Some(time) = &event.occurred_at
            && time.parse::<jiff::Timestamp>().is_err()
        {
            return Err(format!(
                "events[{index}].occurredAt is {time:?}; a time is like 2030-01-31T12:00:00Z (RFC 3339)"
            ));
        }
    }
    Ok(())
}

fn reply(member: &str, reply: &WebhookReply) -> Result<(), String> {
    if !(200..600).contains(&reply.status) {
        let status = reply.status;
        return Err(format!(
            "{member}.status is {status}, which is not between 200 and 599"
        ));
    }
    for (name, value) in &reply.headers {
        let known =
            http::HeaderName::try_from(name).is_ok() && http::HeaderValue::try_from(value).is_ok();
        if !known {
            return Err(format!(
                "{member}.headers has {name:?}, which is no valid header"
            ));
        }
    }
    at_most(
        &format!("{member}.body"),
        reply.body.as_deref().map_or(0, str::len),
        REPLY,
    )
}

fn cursor(cursor: Option<&str>) -> Result<(), String> {
    at_most("cursor", cursor.map_or(0, str::len), CURSOR)
}

fn entries(member: &str, found: usize) -> Result<(), String> {
    match found <= ENTRIES {
        true => Ok(()),
        false => Err(format!(
            "{member} has {found} entries, at most {ENTRIES} are allowed on a page"
        )),
    }
}

fn name(member: &str, text: &str) -> Result<(), String> {
    match text.is_empty() {
        true => Err(format!("{member} is empty")),
        false => at_most(member, text.len(), NAME),
    }
}

fn at_most(member: &str, len: usize, most: usize) -> Result<(), String> {
    match len <= most {
        true => Ok(()),
        false => Err(format!(
            "{member} has {len} bytes, at most {most} are allowed"
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    use super::*;

    fn verdict<T: DeserializeOwned + Checked>(json: Value) -> String {
        let result: T = serde_json::from_value(json).unwrap();
        result.check().err().unwrap_or_else(|| "good".into())
    }

    #[test]
    fn a_bad_member_is_named() {
        let event = |key: &str, time: &str| json!({"events": [{"dedupeKey": key, "data": 1, "occurredAt": time}]});
        insta::assert_snapshot!(verdict::<Polled>(event("e1", "2030-01-31T12:00:00Z")), @"good");
        insta::assert_snapshot!(verdict::<Polled>(event("", "2030-01-31T12:00:00Z")), @"events[0].dedupeKey is empty");
        insta::assert_snapshot!(verdict::<Polled>(event("e1", "soon")), @r#"events[0].occurredAt is "soon"; a time is like 2030-01-31T12:00:00Z (RFC 3339)"#);
        insta::assert_snapshot!(verdict::<Polled>(json!({"cursor": "x".repeat(70_000)})), @"cursor has 70002 bytes, at most 65536 are allowed");
        insta::assert_snapshot!(verdict::<Received>(json!({"challenge": {"status": 99}})), @"challenge.status is 99, which is not between 200 and 599");
        insta::assert_snapshot!(verdict::<Received>(json!({"accepted": {"respond": {"status": 200, "headers": [["a b", "c"]]}}})), @r#"respond.headers has "a b", which is no valid header"#);
        insta::assert_snapshot!(verdict::<Options>(json!({"options": [{"value": 1, "label": ""}]})), @"options[0].label is empty");
        insta::assert_snapshot!(verdict::<CredentialTested>(json!({"details": []})), @"details is no object");
        insta::assert_snapshot!(verdict::<Resources>(json!({"resources": vec![json!({"value": "a", "label": "A", "status": "PENDING"}); 1001]})), @"resources has 1001 entries, at most 1000 are allowed on a page");
    }
}
