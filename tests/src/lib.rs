//! The harness of the integration tests: it starts the real `jackfield` binary with real plugins on SQLite and
//! on PostgreSQL, plays the outside world, and speaks GraphQL as a client does.
//!
//! ```no_run
//! # use jackfield_tests::{Engine, Jackfield, Receiver};
//! # async fn example() -> anyhow::Result<()> {
//! let outside = Receiver::start().await?;
//! let jackfield = Jackfield::start(Engine::Sqlite).await?;
//! let answer = jackfield.owner().data("{ viewer { __typename } }").await?;
//! jackfield.finish().await
//! # }
//! ```

mod anthropic;
mod app;
mod authorization_server;
mod authorize_net;
mod built;
mod client;
mod consent_server;
mod cutting_proxy;
mod definition;
mod engine;
mod eway;
mod example;
mod facebook;
mod fcm;
mod geoapify;
mod google;
mod google_maps;
mod google_reviews;
mod hook;
pub mod hostile;
pub mod integrations;
mod jackfield;
pub mod jwt;
mod listen;
mod mailchimp;
mod mapbox;
pub mod nats;
pub mod npm;
pub mod numbers;
mod payout;
pub mod postgres;
mod postmark;
mod quickbooks;
mod quo;
mod receiver;
mod run;
mod sendgrid;
pub mod shop;
mod slack;
pub mod stripe;
mod subscription;
mod tap;
mod twilio;
mod user;
mod wepay;
mod workflow;

pub use anthropic::Anthropic;
pub use app::node_of_app;
pub use authorization_server::{AuthorizationServer, ClientProof, Grant};
pub use authorize_net::{AuthorizeNet, AuthorizeNetApp};
pub use built::{Built, Plugins};
pub use client::{Answer, Client};
pub use consent_server::ConsentServer;
pub use cutting_proxy::CuttingProxy;
pub use definition::{graph, node, start_then, start_then_or_excuse};
pub use engine::{Engine, example};
pub use eway::Eway;
pub use example::{examples, hidden};
pub use facebook::{Facebook, FacebookApp};
pub use fcm::Fcm;
pub use geoapify::Geoapify;
pub use google::Google;
pub use google_maps::GoogleMaps;
pub use google_reviews::GoogleReviews;
pub use hook::{HookAnswer, InboundHook};
pub use jackfield::{Exit, Jackfield, Setup, said};
pub use mailchimp::{Mailchimp, MailchimpApp};
pub use mapbox::Mapbox;
pub use payout::Payouts;
pub use postmark::Postmark;
pub use quickbooks::{QuickBooks, QuickBooksApp};
pub use quo::{Quo, QuoApp};
pub use receiver::{Receiver, Reply, Request, Resetter};
pub use run::{step, steps};
pub use sendgrid::{SendGrid, SendGridApp};
pub use slack::{Slack, SlackApp};
pub use stripe::Stripe;
pub use subscription::{Socket, Subscription};
pub use tap::{Tap, TapApp};
pub use twilio::{Twilio, TwilioApp};
pub use user::{SESSION, SignedIn};
pub use wepay::WePay;
pub use workflow::Workflow;
