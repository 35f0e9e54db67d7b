//! The node `anthropic`: <https://platform.claude.com/docs/en/api/messages>.

use std::time::Duration;

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;

use crate::api::api;
use crate::models::Choices;

/// How long an answer may take that is not streamed, as the vendor's SDK has it; the node's own timeout may be shorter.
const PATIENCE: Duration = Duration::from_secs(600);

/// Claude declined to answer.
const REFUSED: &str = "REFUSED";
/// The answer ended before it was complete.
const INCOMPLETE: &str = "INCOMPLETE";

pub(crate) fn operations() -> Operations {
    let about = About::new("Anthropic")
        .description("Has Claude write content, as text or as JSON.")
        .icon("sparkles")
        .provider("anthropic")
        .input("data-in", "What the content is about.")
        .output(
            "data-out",
            "The content, why it ended, and what it cost in tokens.",
        )
        .output("error", "Why there is no content.")
        .documentation(include_str!("anthropic/documentation.md"))
        .examples(include_str!("anthropic/examples.json"))
        .options::<Choices>();
    Operations::new("anthropic", about).operation::<GenerateContent>()
}

/// Has Claude write content.
#[derive(Config)]
struct GenerateContent {
    /// Which model writes it. The connected app's model preference unless given.
    #[field(resource = "model_preference", options = "models", example = &"claude-sonnet-5-5")]
    model: String,
    /// Who Claude is and what holds whatever is asked.
    #[field(label = "System prompt", widget = "textarea")]
    system: Option<String>,
    /// What is asked.
    #[field(widget = "textarea", min_length = 1)]
    prompt: String,
    /// Most tokens that are written.
    #[field(default = 1024, min = 1)]
    max_tokens: u32,
    /// A JSON Schema; the answer is then JSON that fits it, in `json`. Objects in it need `"additionalProperties": false`.
    #[field(label = "JSON Schema", widget = "code", language = "json", example = json!({"type": "object", "properties": {"subject": {"type": "string"}}, "required": ["subject"], "additionalProperties": false}))]
    json_schema: Option<serde_json::Map<String, Value>>,
    /// How much work goes into it.
    #[field(advanced)]
    effort: Option<Effort>,
    /// Texts at which the answer ends.
    #[field(advanced)]
    stop_sequences: Option<Vec<String>>,
    /// By which Anthropic tells your customers apart; nothing that names them.
    #[field(advanced, label = "User ID", max_length = 256)]
    user_id: Option<String>,
}

/// How much work goes into an answer.
#[derive(Config, Body)]
enum Effort {
    /// Quick and short.
    Low,
    /// In between.
    Medium,
    /// What Claude does unless told otherwise.
    High,
    /// More than usual.
    #[field(name = "xhigh", label = "Extra high")]
    ExtraHigh,
    /// As much as it takes.
    Max,
}

/// The request, as Anthropic has it.
#[derive(Serialize)]
struct Ask<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    messages: [Said<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_sequences: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<Value>,
}

#[derive(Serialize)]
struct Said<'a> {
    role: &'static str,
    content: &'a str,
}

/// The answer, as far as the node hands it on.
#[derive(Deserialize)]
struct Answer {
    id: String,
    model: String,
    content: Vec<Block>,
    stop_reason: Option<String>,
    #[serde(default)]
    stop_sequence: Option<String>,
    usage: Usage,
}

/// A piece of an answer. What is not said, such as thoughts, is none of the content.
#[derive(Deserialize)]
struct Block {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: String,
}

/// What it cost, in tokens.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct Usage {
    /// What was asked.
    input_tokens: u64,
    /// What was written.
    output_tokens: u64,
    /// What was read from Anthropic's cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache_read_input_tokens: Option<u64>,
    /// What was put into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cache_creation_input_tokens: Option<u64>,
}

/// What Claude wrote.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Content {
    /// The text.
    text: String,
    /// The same as a value, where JSON was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<Value>,
    /// Why it ended: `end_turn`, `max_tokens`, `stop_sequence` …
    stop_reason: String,
    /// The text at which it ended, if it was one of `stopSequences`.
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_sequence: Option<String>,
    /// Which model wrote it.
    model: String,
    /// By which Anthropic knows it.
    id: String,
    /// What it cost, in tokens.
    usage: Usage,
}

impl Operation for GenerateContent {
    const NAME: &'static str = "generate_content";
    type Output = Content;

    async fn run(self, context: Context) -> Result<Content> {
        let request = api()
            .request(&context, "POST", "/v1/messages")?
            .json(&self.ask())
            .timeout(PATIENCE);
        let answer = api().send(request).await?;
        let answer: Answer = serde_json::from_value(answer).map_err(|error| {
            let message = format!("Anthropic's answer is not as expected: {error}.");
            Error::new(code::UNEXPECTED_RESPONSE, message)
        })?;
        answer.into_content(self.json_schema.is_some())
    }
}

impl GenerateContent {
    fn ask(&self) -> Ask<'_> {
        let mut output = serde_json::Map::new();
        if let Some(effort) = &self.effort {
            output.insert("effort".to_owned(), json!(effort));
        }
        if let Some(schema) = &self.json_schema {
            let format = json!({"type": "json_schema", "schema": schema});
            output.insert("format".to_owned(), format);
        }
        Ask {
            model: &self.model,
            max_tokens: self.max_tokens,
            system: self.system.as_deref(),
            messages: [Said {
                role: "user",
                content: &self.prompt,
            }],
            stop_sequences: self.stop_sequences.as_deref(),
            metadata: self.user_id.as_ref().map(|id| json!({"user_id": id})),
            output_config: (!output.is_empty()).then(|| Value::Object(output)),
        }
    }
}

impl Answer {
    fn into_content(self, is_json: bool) -> Result<Content> {
        let stop_reason = self.stop_reason.unwrap_or_default();
        if stop_reason == "refusal" {
            let message = "Claude declined to answer: ask for something else, or in another way.";
            return Err(Error::new(REFUSED, message));
        }
        let said = self.content.iter().filter(|block| block.kind == "text");
        let text: String = said.map(|block| block.text.as_str()).collect();
        let json = match is_json {
            false => None,
            true => Some(read(&text, &stop_reason)?),
        };
        Ok(Content {
            text,
            json,
            stop_reason,
            stop_sequence: self.stop_sequence,
            model: self.model,
            id: self.id,
            usage: self.usage,
        })
    }
}

/// Reads JSON that was asked for.
fn read(text: &str, stop_reason: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| match stop_reason {
        "max_tokens" => Error::new(
            INCOMPLETE,
            "The JSON ended before it was complete: raise maxTokens.",
        ),
        _ => Error::new(
            code::UNEXPECTED_RESPONSE,
            format!("What Claude wrote is no JSON: {error}."),
        ),
    })
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::as_the_sdk;

    fn answer(text: &str, stop_reason: &str) -> Reply {
        let answer = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-5-5",
            "content": [{"type": "thinking", "thinking": "…", "signature": "s"}, {"type": "text", "text": text}],
            "stop_reason": stop_reason, "stop_sequence": null, "stop_details": null,
            "usage": {"input_tokens": 12, "output_tokens": 7, "cache_read_input_tokens": 0, "cache_creation_input_tokens": null},
        });
        Reply::json(200, &answer)
    }

    fn run(config: Value, reply: Reply) -> Ran {
        testing::plugin(crate::plugin())
            .node("anthropic", config)
            .connected_app("anthropic", &json!({}))
            .reply(reply)
            .run()
    }

    fn little() -> Value {
        json!({"operation": "generate_content", "model": "claude-sonnet-5-5", "prompt": "Say hello."})
    }

    fn with_schema() -> Value {
        let mut config = little();
        config["jsonSchema"] = json!({"type": "object", "properties": {"subject": {"type": "string"}}, "required": ["subject"], "additionalProperties": false});
        config
    }

    #[test]
    fn content_is_asked_for_as_the_sdk_does() {
        let sent = |config| run(config, answer("{}", "end_turn")).requests;
        as_the_sdk("generate_content_with_little", &sent(little())[0]);
        let mut config = with_schema();
        for (name, value) in [
            ("model", json!("claude-opus-5-5")),
            ("prompt", json!("Thank Ada for her visit.")),
            ("system", json!("You write short mails.")),
            ("maxTokens", json!(2000)),
            ("effort", json!("low")),
            ("stopSequences", json!(["END"])),
            ("userId", json!("customer-1")),
        ] {
            config[name] = value;
        }
        as_the_sdk("generate_content", &sent(config)[0]);
    }

    #[test]
    fn what_claude_says_is_the_content() {
        let ran = run(little(), answer("Hello!", "end_turn"));
        assert_eq!(
            ran.output(),
            json!({
                "text": "Hello!", "stopReason": "end_turn", "model": "claude-sonnet-5-5", "id": "msg_1",
                "usage": {"inputTokens": 12, "outputTokens": 7, "cacheReadInputTokens": 0},
            })
        );
    }

    #[test]
    fn json_that_was_asked_for_is_a_value() {
        let ran = run(with_schema(), answer("{\"subject\": \"Hi\"}", "end_turn"));
        assert_eq!(ran.output()["json"], json!({"subject": "Hi"}));
        let cut = run(with_schema(), answer("{\"subj", "max_tokens"));
        assert_eq!(
            cut.error().to_string(),
            "INCOMPLETE: The JSON ended before it was complete: raise maxTokens."
        );
    }

    #[test]
    fn a_text_that_was_cut_says_so() {
        let ran = run(little(), answer("Hel", "max_tokens"));
        assert_eq!(ran.output()["stopReason"], "max_tokens");
    }

    #[test]
    fn a_refusal_is_no_content() {
        let ran = run(little(), answer("", "refusal"));
        assert_eq!(ran.error().code, "REFUSED");
        assert!(!ran.error().retryable);
    }

    #[test]
    fn what_anthropic_refuses_is_told_with_its_words() {
        let refuse = |status, kind: &str, message: &str| {
            let error = json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"});
            Reply::json(status, &error)
        };
        let said = "max_tokens: 900000 > 128000, which is the maximum for claude-sonnet-5-5";
        let ran = run(little(), refuse(400, "invalid_request_error", said));
        let error = ran.error();
        assert_eq!(error.code, "INVALID_REQUEST_ERROR");
        assert!(error.message.contains(said), "{error}");
        assert!(!error.retryable);

        let busy = || refuse(529, "overloaded_error", "Overloaded");
        assert!(run(little(), busy()).error().retryable);
        // Whether it helps to try again, the API says itself, and when.
        let ran = run(little(), busy().header("x-should-retry", "false"));
        assert!(!ran.error().retryable);
        let limited = refuse(429, "rate_limit_error", "Too many tokens")
            .header("retry-after", "7")
            .header("retry-after-ms", "6500");
        assert_eq!(run(little(), limited).error().retry_after_ms, Some(6_500));
    }

    #[test]
    fn without_a_model_nothing_is_asked() {
        let ran = run(
            json!({"operation": "generate_content", "prompt": "Say hello."}),
            answer("", "end_turn"),
        );
        assert_eq!(ran.error().code, "INVALID_CONFIG");
        assert!(ran.requests.is_empty());
    }
}
