//! A plugin of ABI 1.0 on the SDK of its day. It is compiled once and loaded by every later host; see ../README.md.
//!
//! Its one node does what the relay of the plugin in C does: fetches from one place while it posts to another and sleeps.

use std::time::Duration;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Injection, Level, Response, feature, join};

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
        .scheme::<Token>("token", "Token", [bearer]);
    Plugin::new("frozen-rust", env!("CARGO_PKG_VERSION"))
        .description("A plugin of ABI 1.0 that is never compiled again.")
        .license("MIT OR Apache-2.0")
        .requires(feature::EFFECTS_V1)
        .hosts(["api.frozen.example"])
        .provider(provider)
        .node::<Relay>()
}

jackfield_plugin_sdk::export!(plugin());
