//! Runs a node without a host: scripted HTTP, a clock that jumps, no network.
//!
//! The node runs behind the same messages as in a host; only the library boundary is absent.
//!
//! ```
//! # use jackfield_plugin_sdk::prelude::*;
//! use jackfield_plugin_sdk::testing::{self, Reply};
//! # #[derive(Deserialize, JsonSchema)]
//! # struct Ping { url: String }
//! # impl Node for Ping {
//! #     const TYPE: &'static str = "ping";
//! #     type Output = Output;
//! #     fn about() -> About { About::new("Ping") }
//! #     async fn run(self, context: Context) -> Result<Output> {
//! #         let answer = context.http().get(&self.url).send().await?.success()?;
//! #         Ok(Output::data(&answer.status()))
//! #     }
//! # }
//!
//! let ran = testing::node::<Ping>(json!({"url": "https://example.com/"}))
//!     .reply(Reply::new(204))
//!     .run();
//! assert_eq!(ran.output(), 204);
//! assert_eq!(ran.requests[0].method, "GET");
//! ```

mod captured;
mod examples;
mod exchange;
mod hmac;
mod manifest;
mod offers;
mod replay;
mod reply;
mod run;
mod stage;
mod world;

pub use captured::Captured;
pub use examples::examples;
pub use hmac::sign;
pub use offers::offers;
pub use reply::{Reply, SentRequest};
pub use run::Ran;
pub use stage::{Stage, Theatre, node, plugin};
pub use world::SignatureAsked;
