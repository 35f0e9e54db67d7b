//! A plugin with one of everything: a provider whose credential can be tested and which has sender addresses, a trigger that
//! asks and one that is told, choices that are loaded, lists in every style of pages, and a node that reads a file, reveals
//! a secret and notices that it is cancelled. The tests of the host call each of its operations.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::future::{Either, select};
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors, Pages};
use jackfield_plugin_sdk::{
    BlobRef, CredentialTest, CredentialTested, Event, HmacAlgorithm, InboundRequest, Injection,
    Level, OptionChoice, OptionSource, Options, OptionsQuery, Poll, Polled, ProviderWebhook,
    Reception, Resource, ResourceQuery, ResourceRef, ResourceStatus, ResourceType,
    ResourceVerified, Resources, SignatureEncoding, Since, Webhook, code,
};

fn api() -> Api {
    Api::new("https://api.shop.example")
        .idempotent_by("requestId")
        .errors(Errors::new().message("message"))
}

/// What the shop gives to who may use its API.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct Keys {
    /// Sent with each request.
    #[field(secret)]
    api_key: String,
    /// What the shop signs its webhooks with.
    #[field(secret)]
    signing_key: String,
}

struct Account;

impl CredentialTest for Account {
    async fn test(context: Context) -> Result<CredentialTested> {
        let request = api().request(&context, "GET", "/account")?;
        let account: Value = request.send().await?.success()?.json()?;
        Ok(CredentialTested {
            account: account["name"].as_str().map(str::to_owned),
            details: None,
        })
    }
}

struct Senders;

impl ResourceType for Senders {
    const TYPE: &'static str = "sender";
    const NAME: &'static str = "Sender";
    const DESCRIPTION: &'static str = "An address that receipts come from.";
    const VERIFIES: bool = true;

    async fn list(context: Context, _: ResourceQuery) -> Result<Resources> {
        let request = api().request(&context, "GET", "/senders")?;
        let senders: Vec<String> = request.send().await?.success()?.json()?;
        let resources = senders.into_iter().map(|address| Resource {
            label: address.clone(),
            value: address,
            status: ResourceStatus::Verified,
            is_default: false,
        });
        Ok(Resources {
            resources: resources.collect(),
            cursor: None,
        })
    }

    async fn verify(context: Context, sender: ResourceRef) -> Result<ResourceVerified> {
        let known = Self::list(context, ResourceQuery::default())
            .await?
            .resources;
        let is_known = known.iter().any(|known| known.value == sender.value);
        Ok(match is_known {
            true => ResourceVerified {
                status: ResourceStatus::Verified,
                message: None,
            },
            false => ResourceVerified {
                status: ResourceStatus::Failed,
                message: Some("Add the address at the shop first.".to_owned()),
            },
        })
    }
}

/// Starts a run for each new order.
#[derive(Config)]
struct NewOrder {
    /// Only orders of at least this value.
    #[field(default = 0)]
    at_least: u64,
}

impl Poll for NewOrder {
    const TYPE: &'static str = "shop-new-order";
    const INTERVAL: Duration = Duration::from_secs(60);
    const MIN_INTERVAL: Duration = Duration::from_secs(1);
    type Cursor = u64;

    fn about() -> About {
        About::new("New order").provider("shop")
    }

    async fn poll(self, context: Context, since: Since<u64>) -> Result<Polled<u64>> {
        let last = since.cursor.unwrap_or_default();
        let request = api().request(&context, "GET", "/orders")?;
        let request = request.query("after", &last.to_string());
        let orders: Vec<Value> = request.send().await?.success()?.json()?;
        let id = |order: &Value| order["id"].as_u64().unwrap_or_default();
        let newest = orders.iter().map(id).max().unwrap_or(last);
        let wanted = orders
            .iter()
            .filter(|order| order["value"].as_u64() >= Some(self.at_least));
        let events = wanted.map(|order| Event::new(&format!("order-{}", id(order)), order));
        Ok(Polled::new(events.take(since.limit).collect()).cursor(newest))
    }
}

/// Starts a run for what the shop tells.
#[derive(Config)]
struct Told {
    /// Only events of this type; all when absent.
    #[field(placeholder = "order.paid")]
    only: Option<String>,
}

impl Webhook for Told {
    const TYPE: &'static str = "shop-told";

    fn about() -> About {
        About::new("Told by the shop").provider("shop")
    }

    async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
        let kind = request.json::<Value>().unwrap_or_default()["type"].clone();
        let reception = told(context, request).await?;
        let wanted = self.only.is_none_or(|only| kind == only);
        Ok(match reception {
            Reception::Accepted { .. } if !wanted => Reception::accepted([]),
            reception => reception,
        })
    }
}

/// A stall has no webhooks of its own: only its trigger can read what it sends.
#[derive(Config)]
struct StallTold {}

impl Webhook for StallTold {
    const TYPE: &'static str = "stall-told";

    fn about() -> About {
        About::new("Told by the stall").provider("stall")
    }

    async fn receive(self, context: Context, request: InboundRequest) -> Result<Reception> {
        told(context, request).await
    }
}

/// What the shop tells everybody at the address of a connected app.
struct Tells;

impl ProviderWebhook for Tells {
    const EVENT_TYPES: &'static [(&'static str, &'static str)] =
        &[("order.paid", "An order was paid.")];
    const SETUP: &'static str = "Enter the URL in the shop's settings.";

    async fn receive(context: Context, request: InboundRequest) -> Result<Reception> {
        told(context, request).await
    }
}

async fn told(context: Context, request: InboundRequest) -> Result<Reception> {
    if let Some((_, challenge)) = request.query().iter().find(|(name, _)| name == "challenge") {
        return Ok(Reception::challenge(challenge));
    }
    let (Some(signature), Some(app)) = (request.header("x-signature"), context.credential()) else {
        return Ok(Reception::rejected("The request is not signed."));
    };
    let (key, signature) = ((app, "signingKey"), (signature, SignatureEncoding::Hex));
    let algorithm = HmacAlgorithm::Sha256;
    let is_signed = context.verify_hmac(algorithm, key, request.bytes(), signature);
    if !is_signed.await? {
        return Ok(Reception::rejected("The signature is wrong."));
    }
    let told: Value = request.json()?;
    let id = told["id"].as_str().unwrap_or_default();
    let event_type = told["type"].as_str().unwrap_or_default();
    Ok(Reception::accepted([
        Event::new(id, &told).of_type(event_type)
    ]))
}

/// The shelves of the shop.
struct Shelves;

impl OptionSource for Shelves {
    const NAME: &'static str = "shelves";

    async fn load(context: Context, _: Value, query: OptionsQuery) -> Result<Options> {
        let request = api().request(&context, "GET", "/shelves")?;
        let shelves: Vec<String> = request.send().await?.success()?.json()?;
        let search = query.search.unwrap_or_default();
        let found = shelves.into_iter().filter(|shelf| shelf.contains(&search));
        let options = found.map(|shelf| OptionChoice {
            label: shelf.clone(),
            value: shelf.into(),
            description: None,
        });
        Ok(Options {
            options: options.collect(),
            cursor: None,
        })
    }
}

/// One thing on a shelf.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Item {
    id: u64,
}

/// Lists what is on a shelf, where answers name the next page.
#[derive(Config, Rest)]
#[rest(get = "/by-cursor", api = api(), output = Page<Item>, pages = Pages::cursor("items", "next", "after"))]
struct ByCursor {
    /// Where.
    #[field(options = "shelves")]
    shelf: String,
}

/// Lists items, where a page follows the last item.
#[derive(Config, Rest)]
#[rest(get = "/by-last-id", api = api(), output = Page<Item>, pages = Pages::last_id("items", "id", "after").more("more"))]
struct ByLastId {}

/// Lists items, where a header names the next page.
#[derive(Config, Rest)]
#[rest(get = "/by-link", api = api(), output = Page<Item>, pages = Pages::link(""))]
struct ByLink {}

/// Lists items, where pages are counted.
#[derive(Config, Rest)]
#[rest(get = "/by-number", api = api(), output = Page<Item>, pages = Pages::number("items", "page", 1).size("size", 2))]
struct ByNumber {}

/// Lists items, where items are counted.
#[derive(Config, Rest)]
#[rest(get = "/by-offset", api = api(), output = Page<Item>, pages = Pages::offset("items", "skip").size("size", 2))]
struct ByOffset {}

/// Pays an order back.
#[derive(Config, Rest)]
#[rest(post = "/refunds", api = api(), output = Value)]
struct Refund {
    /// Which.
    #[field(query)]
    order: String,
}

/// Reads a stored file.
#[derive(Config)]
struct ReadFile {
    /// Its id.
    id: String,
}

impl Operation for ReadFile {
    const NAME: &'static str = "read_file";
    type Output = String;

    async fn run(self, context: Context) -> Result<String> {
        let file = BlobRef {
            id: self.id,
            size: 0,
            content_type: String::new(),
            sha256: String::new(),
        };
        let bytes = context.read_blob(&file, 2, 5).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Shows how long the key is, for which it has to be known.
#[derive(Config)]
struct MeasureKey {}

impl Operation for MeasureKey {
    const NAME: &'static str = "measure_key";
    type Output = usize;

    async fn run(self, context: Context) -> Result<usize> {
        let absent = || Error::new(code::NO_CREDENTIAL, "Choose a connected app.");
        let app = context.credential().ok_or_else(absent)?;
        Ok(context.reveal(app, "apiKey").await?.expose().len())
    }
}

/// Why the last wait was given up.
static GIVEN_UP: Mutex<Option<String>> = Mutex::new(None);

/// Waits for an hour, unless it is cancelled.
#[derive(Config)]
struct Wait {}

impl Operation for Wait {
    const NAME: &'static str = "wait";
    type Output = ();

    async fn run(self, context: Context) -> Result<()> {
        context.log(Level::Info, "waiting");
        let hour = std::pin::pin!(context.sleep(Duration::from_secs(3600)));
        match select(hour, context.cancelled()).await {
            Either::Left((slept, _)) => slept,
            Either::Right((reason, _)) => {
                if let Ok(mut given_up) = GIVEN_UP.lock() {
                    *given_up = Some(reason.clone());
                }
                Err(Error::new(code::CANCELLED, reason))
            }
        }
    }
}

/// Tells why the last wait was given up.
#[derive(Config)]
struct WhyGivenUp {}

impl Operation for WhyGivenUp {
    const NAME: &'static str = "why_given_up";
    type Output = Option<String>;

    async fn run(self, _: Context) -> Result<Option<String>> {
        Ok(GIVEN_UP.lock().ok().and_then(|reason| reason.clone()))
    }
}

fn plugin() -> Plugin {
    let key = Injection::header("X-Api-Key", "{apiKey}");
    let provider = Provider::new("shop", "Shop")
        .description("An example of a shop.")
        .hosts(["api.shop.example"])
        .scheme::<Keys>("keys", "Keys", [key])
        .test::<Account>()
        .resource::<Senders>()
        .webhook::<Tells>();
    let key = Injection::header("X-Api-Key", "{apiKey}");
    let stall = Provider::new("stall", "Stall")
        .description("A smaller shop.")
        .hosts(["api.shop.example"])
        .scheme::<Keys>("keys", "Keys", [key]);
    let about = About::new("Shop")
        .description("Does everything that a plugin can do.")
        .provider("shop")
        .options::<Shelves>();
    let operations = Operations::new("shop", about)
        .operation::<ByCursor>()
        .operation::<ByLastId>()
        .operation::<ByLink>()
        .operation::<ByNumber>()
        .operation::<ByOffset>()
        .operation::<Refund>()
        .operation::<ReadFile>()
        .operation::<MeasureKey>()
        .operation::<Wait>()
        .operation::<WhyGivenUp>();
    Plugin::new("shop", "1.0.0")
        .description("One of everything.")
        .reveals_secrets()
        .provider(provider)
        .provider(stall)
        .operations(operations)
        .poll::<NewOrder>()
        .webhook::<Told>()
        .webhook::<StallTold>()
}

jackfield_plugin_sdk::export!(plugin());
