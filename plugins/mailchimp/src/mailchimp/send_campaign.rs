//! <https://mailchimp.com/developer/marketing/api/campaigns/>

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Request, code};
use jiff::Timestamp;

use super::member::checked;
use crate::account::Account;

/// What Mailchimp says of a campaign that it would still send.
const UNSENT: [&str; 2] = ["save", "paused"];

/// How many seconds a quarter of an hour has.
const QUARTER: i64 = 900;

/// Sends a campaign that was made at Mailchimp.
#[derive(Config)]
pub(super) struct SendCampaign {
    /// Which campaign, by its id.
    #[field(options = "campaigns", placeholder = "42694e9e57", min_length = 1)]
    campaign: String,
    /// When, and to whom.
    #[field(default = Delivery::Now)]
    delivery: Delivery,
    /// When it is sent: RFC 3339 with a time zone, at a quarter of an hour.
    #[field(
        label = "Send at",
        format = "date-time",
        placeholder = "2026-12-24T10:15:00+01:00",
        shown_when(delivery = "scheduled")
    )]
    send_at: Option<String>,
    /// Who gets the test, by e-mail address.
    #[field(label = "Test addresses", shown_when(delivery = "test"), example = json!(["ada@example.com"]))]
    test_addresses: Option<Vec<String>>,
    /// Whether a copy is sent, and the campaign stays as it is. Mailchimp sends each campaign once: without it the node can do so
    /// only once.
    #[field(label = "Send a copy", default = false, shown_when(delivery = ["now", "scheduled"]))]
    copy: bool,
}

/// When a campaign is sent, and to whom.
#[derive(Clone, Copy, Config, PartialEq, Eq)]
enum Delivery {
    /// Now, to its audience.
    Now,
    /// Later, to its audience.
    Scheduled,
    /// Now, as a test to single addresses.
    Test,
}

/// What was done.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    /// The id of the campaign, or of its copy.
    campaign: String,
    /// `sending`, `scheduled` or `tested`.
    status: String,
    /// What it is a copy of.
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_of: Option<String>,
}

impl Operation for SendCampaign {
    const NAME: &'static str = "send_campaign";
    type Output = Sent;

    async fn run(self, context: Context) -> Result<Sent> {
        let id = checked("campaign", &self.campaign)?;
        let campaigns = Campaigns {
            account: Account::of(&context).await?,
            context: &context,
        };
        let sent = |campaign: &str, status: &str, copy_of: Option<&str>| Sent {
            campaign: campaign.to_owned(),
            status: status.to_owned(),
            copy_of: copy_of.map(str::to_owned),
        };
        let (action, body, status) = match self.delivery {
            Delivery::Now => ("send", None, "sending"),
            Delivery::Scheduled => ("schedule", Some(self.schedule()?), "scheduled"),
            Delivery::Test => {
                campaigns.act(id, "test", Some(self.test()?)).await?;
                return Ok(sent(id, "tested", None));
            }
        };
        if self.copy {
            let copy = campaigns.copy(id).await?;
            campaigns.deliver(&copy, action, body).await?;
            return Ok(sent(&copy, status, Some(id)));
        }
        if campaigns.is_taken(id).await? {
            // An attempt before this one has got through, although nobody was told.
            if context.attempt() > 1 {
                return Ok(sent(id, status, None));
            }
            return Err(taken(id));
        }
        campaigns.deliver(id, action, body).await?;
        Ok(sent(id, status, None))
    }
}

impl SendCampaign {
    /// Mailchimp takes quarters of an hour, in UTC.
    fn schedule(&self) -> Result<Value> {
        let given = self.send_at.as_deref().unwrap_or_default().trim();
        let time: Timestamp = given.parse().map_err(|_| {
            invalid(
                "sendAt",
                "no time with a time zone: write it like 2026-12-24T10:15:00+01:00",
            )
        })?;
        match time.as_second() % QUARTER == 0 && time.subsec_nanosecond() == 0 {
            true => Ok(json!({"schedule_time": time.to_string()})),
            false => Err(invalid(
                "sendAt",
                "not at a quarter of an hour: Mailchimp sends at 0, 15, 30 and 45 minutes",
            )),
        }
    }

    fn test(&self) -> Result<Value> {
        let addresses = self.test_addresses.as_deref().unwrap_or_default();
        match addresses.is_empty() {
            true => Err(invalid("testAddresses", "empty: say who gets the test")),
            false => Ok(json!({"test_emails": addresses, "send_type": "html"})),
        }
    }
}

struct Campaigns<'a> {
    account: Account,
    context: &'a Context,
}

impl Campaigns<'_> {
    fn request(&self, method: &str, id: &str, below: &str) -> Result<Request> {
        let path = format!("/campaigns/{id}{below}");
        self.account.request(self.context, method, &path)
    }

    /// Whether it is sent, about to be sent, or not to be sent at all.
    async fn is_taken(&self, id: &str) -> Result<bool> {
        let request = self.request("GET", id, "")?;
        let fields = "id,web_id,status,settings.title,settings.subject_line";
        let campaign = self.account.send(request.query("fields", fields)).await?;
        let status = campaign["status"].as_str().unwrap_or_default();
        Ok(!UNSENT.contains(&status))
    }

    /// One copy too many is a draft that nobody sends.
    async fn copy(&self, id: &str) -> Result<String> {
        let request = self.request("POST", id, "/actions/replicate")?;
        let copy = self.account.send(request.repeatable()).await?;
        let unexpected = || {
            Error::new(
                code::UNEXPECTED_RESPONSE,
                "Mailchimp's answer does not name the copy.",
            )
        };
        Ok(checked("copy", copy["id"].as_str().ok_or_else(unexpected)?)?.to_owned())
    }

    async fn act(&self, id: &str, action: &str, body: Option<Value>) -> Result<()> {
        let request = self.request("POST", id, &format!("/actions/{action}"))?;
        let request = match &body {
            Some(body) => request.json(body),
            None => request,
        };
        // Mailchimp sends a campaign once, however often it is told to. A test is sent each time.
        let request = match action {
            "test" => request,
            _ => request.repeatable(),
        };
        self.account.send(request).await.map(drop)
    }

    /// Sends it, or finds out that it is being sent: an answer can be lost, and then the same request is refused.
    async fn deliver(&self, id: &str, action: &str, body: Option<Value>) -> Result<()> {
        let Err(mut error) = self.act(id, action, body).await else {
            return Ok(());
        };
        match self.is_taken(id).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(error),
            // Another attempt might send another copy.
            Err(_) => {
                error.retryable = false;
                Err(error)
            }
        }
    }
}

fn taken(id: &str) -> Error {
    let message = format!(
        "The campaign {id} is sent or scheduled already, and Mailchimp sends each campaign once. Set copy to send a copy of it."
    );
    Error::new("CAMPAIGN_SENT", message)
}

fn invalid(field: &str, what: &str) -> Error {
    Error::new(code::INVALID_CONFIG, format!("{field} is {what}."))
}
