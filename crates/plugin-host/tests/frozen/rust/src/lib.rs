//! A plugin of ABI 1.0 on the SDK of its day. It is compiled once and loaded by every later host; see ../README.md.
//!
//! Its node does what the relay of the plugin in C does: fetches from one place while it posts to another and sleeps. Its triggers and
//! its provider answer every other operation.

use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{
    CredentialTest, CredentialTested, Event, HmacAlgorithm, InboundRequest, Injection, Level, OptionChoice, OptionSource, Options,
    OptionsQuery, Poll, Polled, Reception, Resource, ResourceQuery, ResourceRef, ResourceStatus, ResourceType, ResourceVerified,
    Resources, Response, SignatureEncoding, Since, Webhook, feature, join,
};

/// Fetches here and posts there at the same time.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Relay {
    /// Fetch from this URL.
    from: String,
    /// Post to this URL.
    to: String,
    /// What to post.
    text: String,
    /// Milliseconds to sleep meanwhile.
    #[serde(default)]
    sleep_ms: u64,
}

#[derive(Serialize, JsonSchema)]
struct Answer {
    status: u16,
    text: String,
}

#[derive(Serialize, JsonSchema)]
struct Relayed {
    from: Answer,
    to: Answer,
}

#[derive(Serialize, JsonSchema)]
struct Refused {
    request: &'static str,
    answer: Answer,
}

impl Node for Relay {
    const TYPE: &'static str = "frozen-rust-relay";
    type Output = Output;

    fn about() -> About {
        About::new("Relay")
            .icon("snowflake")
            .optional_provider("frozen-rust")
            .options::<Places>()
            .input("data-in", "Not looked at.")
            .output("data-out", "Both answers.")
            .output("error", "The answer that was none.")
            .output_schema::<Relayed>()
    }

    async fn run(self, context: Context) -> Result<Output> {
        context.log(Level::Info, "relaying");
        let mut get = context.http().get(&self.from);
        if context.credential().is_some() {
            get = get.credential("default");
        }
        let post = context.http().post(&self.to).body(self.text, "text/plain");
        let nap = context.sleep(Duration::from_millis(self.sleep_ms));
        context.progress(0.5, "waiting");
        let ((from, to), nap) = join(join(get.send(), post.send()), nap).await;
        nap?;
        let answer = |response: Response| Answer {
            status: response.status(),
            text: response.text(),
        };
        let relayed = Relayed {
            from: answer(from?),
            to: answer(to?),
        };
        context.log(Level::Info, "relayed");
        let refused = match relayed {
            Relayed { from, .. } if from.status >= 400 => Refused {
                request: "from",
                answer: from,
            },
            Relayed { to, .. } if to.status >= 400 => Refused {
                request: "to",
                answer: to,
            },
            relayed => return Ok(Output::data(&relayed)),
        };
        let output = Output::port("error", &refused);
        match refused.answer.status {
            500.. => Ok(output.worth_retrying(Some(Duration::from_secs(1)))),
            _ => Ok(output),
        }
    }
}

/// Where a relay can go to.
struct Places;

impl OptionSource for Places {
    const NAME: &'static str = "places";

    async fn load(_: Context, config: Value, query: OptionsQuery) -> Result<Options> {
        let near = config["from"].as_str().unwrap_or("nowhere").to_owned();
        let found = format!("{} near {near}", query.search.unwrap_or_default());
        Ok(Options {
            options: vec![OptionChoice { value: json!(found), label: found, description: None }],
            cursor: Some("next".to_owned()),
        })
    }
}

/// Counts how often it was asked.
#[derive(Deserialize, JsonSchema)]
struct Tail {}

impl Poll for Tail {
    const TYPE: &'static str = "frozen-rust-tail";
    const INTERVAL: Duration = Duration::from_secs(60);
    type Cursor = u64;

    fn about() -> About {
        About::new("Tail").optional_provider("frozen-rust")
    }

    async fn poll(self, context: Context, since: Since<u64>) -> Result<Polled<u64>> {
        let count = since.cursor.unwrap_or_default() + 1;
        let drawn = context.random(4).await?.len();
        let event = Event::new(&format!("tail-{count}"), &json!({"count": count, "drawn": drawn})).of_type("tail");
        Ok(Polled::new(vec![event]).cursor(count))
    }
}

/// Tells who rang, if the signature is right.
#[derive(Deserialize, JsonSchema)]
struct Bell {}

impl Webhook for Bell {
    const TYPE: &'static str = "frozen-rust-bell";

    fn about() -> About {
        About::new("Bell").provider("frozen-rust")
    }

    async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
        if let Some(question) = request.header("x-question") {
            return Ok(Reception::challenge(question));
        }
        let (Some(signature), Some(app)) = (request.header("x-signature"), context.credential()) else {
            return Ok(Reception::rejected("The request is not signed."));
        };
        let (key, signature) = ((app, "key"), (signature, SignatureEncoding::Hex));
        if !context.verify_hmac(HmacAlgorithm::Sha256, key, request.bytes(), signature).await? {
            return Ok(Reception::rejected("The signature is wrong."));
        }
        let rang: Value = request.json()?;
        let event = Event::new("rang", &rang).of_type("rang").at("2026-11-28T08:00:00Z");
        Ok(Reception::accepted([event]).answered("text/plain", "heard"))
    }
}

/// Whose token it is.
struct Owner;

impl CredentialTest for Owner {
    async fn test(context: Context) -> Result<CredentialTested> {
        let slot = context.credential().map(|app| app.slot().to_owned());
        Ok(CredentialTested { account: slot, details: Some(json!({"plan": "frozen"})) })
    }
}

/// A room of the account.
struct Rooms;

impl ResourceType for Rooms {
    const TYPE: &'static str = "room";
    const NAME: &'static str = "Room";
    const MAX: Option<u32> = Some(2);
    const VERIFIES: bool = true;

    async fn list(_: Context, _: ResourceQuery) -> Result<Resources> {
        let room = Resource {
            value: "r1".to_owned(),
            label: "The first".to_owned(),
            status: ResourceStatus::Verified,
            is_default: true,
        };
        Ok(Resources { resources: vec![room], cursor: None })
    }

    async fn verify(_: Context, room: ResourceRef) -> Result<ResourceVerified> {
        let is_there = room.value == "r1";
        Ok(ResourceVerified {
            status: if is_there { ResourceStatus::Verified } else { ResourceStatus::Failed },
            message: (!is_there).then(|| format!("There is no room {}.", room.value)),
        })
    }
}

/// How the provider is told who asks.
#[derive(Deserialize, JsonSchema)]
struct Token {
    /// The token.
    #[schemars(extend("writeOnly" = true))]
    #[expect(dead_code, reason = "the host reads it, a plugin never does")]
    token: String,
}

fn plugin() -> Plugin {
    let bearer = Injection::header("Authorization", "Bearer {token}");
    let provider = Provider::new("frozen-rust", "Frozen")
        .hosts(["api.frozen.example"])
        .scheme::<Token>("token", "Token", [bearer])
        .test::<Owner>()
        .resource::<Rooms>();
    Plugin::new("frozen-rust", env!("CARGO_PKG_VERSION"))
        .description("A plugin of ABI 1.0 that is never compiled again.")
        .license("MIT OR Apache-2.0")
        .requires(feature::EFFECTS_V1)
        .hosts(["api.frozen.example"])
        .provider(provider)
        .node::<Relay>()
        .poll::<Tail>()
        .webhook::<Bell>()
}

jackfield_plugin_sdk::export!(plugin());
