//! REST operations as tables: method, path, where each field goes, where the provider's errors and pages are.
//!
//! A provider's [`Api`] is described once; an operation is a struct whose attributes say the rest, and whose fields are
//! both the form and the request:
//!
//! ```
//! use jackfield_plugin_sdk::prelude::*;
//! use jackfield_plugin_sdk::rest::{Api, Errors, Pages};
//!
//! fn api() -> Api {
//!     Api::new("https://api.stripe.com")
//!         .header("Stripe-Version", "2026-10-28.endive")
//!         .forms()
//!         .idempotent()
//!         .errors(Errors::new().code("error.code").code("error.type").message("error.message").retry_header("stripe-should-retry"))
//! }
//!
//! /// A customer.
//! #[derive(Serialize, Deserialize, JsonSchema)]
//! struct Customer { id: String, email: Option<String> }
//!
//! /// Creates a customer.
//! #[derive(Config, Rest)]
//! #[rest(post = "/v1/customers", api = api(), output = Whole<Customer>)]
//! struct CreateCustomer {
//!     /// Receipts go there.
//!     #[field(placeholder = "ada@example.com", format = "email")]
//!     email: String,
//!     /// A city, for tax.
//!     #[field(body = "address.city")]
//!     city: Option<String>,
//!     /// Acts for this connected account.
//!     #[field(header = "Stripe-Account", advanced)]
//!     on_behalf_of: Option<String>,
//! }
//!
//! /// Lists customers, newest first.
//! #[derive(Config, Rest)]
//! #[rest(get = "/v1/customers", api = api(), output = Page<Customer>,
//!        pages = Pages::last_id("data", "id", "starting_after").more("has_more").size("limit", 100))]
//! struct ListCustomers {
//!     /// Most customers to return.
//!     #[field(limit, default = 100, min = 1, max = 10_000)]
//!     limit: u64,
//!     /// Where an earlier list ended.
//!     #[field(cursor, advanced)]
//!     cursor: Option<String>,
//! }
//!
//! /// Stripe's operations.
//! fn stripe() -> Operations {
//!     Operations::new("stripe", About::new("Stripe").provider("stripe"))
//!         .operation::<CreateCustomer>()
//!         .operation::<ListCustomers>()
//! }
//! # use jackfield_plugin_sdk::testing::{self, Reply};
//! # let plugin = Plugin::new("stripe", "1.0.0").operations(stripe());
//! # let create = json!({"operation": "create_customer", "email": "ada@example.com", "city": "Rome", "onBehalfOf": "acct_1"});
//! # let ran = testing::plugin(plugin).node("stripe", create)
//! #     .reply(Reply::json(200, &json!({"id": "cus_1", "balance": 0}))).run();
//! # assert_eq!(ran.requests[0].text(), "email=ada%40example.com&address%5Bcity%5D=Rome");
//! # assert_eq!(ran.requests[0].header("stripe-account"), Some("acct_1"));
//! # assert_eq!(ran.output(), json!({"id": "cus_1", "balance": 0}));
//! ```
//!
//! | `#[rest(…)]` | Means |
//! |---|---|
//! | `get`, `post`, `put`, `patch`, `delete` `= "/path/{field}"` | method and path; what no field fills comes from the connected app's settings |
//! | `api = api()` | whose API it is |
//! | `output = T` | what leaves: any type that is read from the answer, [`Whole<T>`](crate::Whole) to hand on all of it, [`Page<T>`] for lists |
//! | `name = "…"` | the operation's name; the struct's in snake case unless given |
//! | `names = "PascalCase"` | how the provider writes names; `snake_case` unless given |
//! | anything else | a method of [`Table`], such as `set("confirm", true)`, `pick = "data"`, `pages = Pages::link("")`, `success(&[404])` |
//!
//! | `#[field(…)]` | The value goes |
//! |---|---|
//! | nothing | into the path when that names it; otherwise with GET and DELETE into the query, else into the body |
//! | `path`, `query`, `body`, alone or `= "name"` | there; a body's name may be dotted: `customer.address[0].city` |
//! | `header = "Name"` | into a header |
//! | `limit`, `cursor` | into the pagination |
//! | `flatten` | each of its members where it would go in its place: into the body, or with GET and DELETE into the query; its type derives [`Body`](crate::Body) |
//! | `skip`, or `message_template` | nowhere |
//!
//! An absent field (`None`) is not sent. What a table cannot say is code: an [`Operation`](crate::Operation) of its own,
//! which may use tables with [`Rest::call`].

mod answer;
mod api;
mod errors;
mod pages;
mod parts;
mod table;

use std::future::Future;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Context, Operation, Request, Result, Returned};

pub use answer::read;
pub(crate) use answer::value_at;
pub use api::Api;
pub use errors::Errors;
pub use pages::{Page, Paged, Pages};
pub use parts::Parts;
pub use table::Table;

/// An operation that is a table; derived.
pub trait Rest {
    /// What the config's `operation` calls it.
    const NAME: &'static str;

    /// What it returns, read from the answer.
    type Output: Returned + DeserializeOwned;

    /// Where it goes and what comes back.
    fn table() -> Table;

    /// Puts the fields into the request.
    ///
    /// # Errors
    /// When a value cannot be written.
    fn fill(&self, parts: &mut Parts) -> Result<()>;

    /// The request, for operations that change or send it themselves. It is sent with [`Api::send`].
    ///
    /// # Errors
    /// When a value cannot be written, or the path needs one that is absent.
    fn request(&self, context: &Context) -> Result<Request> {
        let mut parts = Parts::default();
        self.fill(&mut parts)?;
        Self::table().request(context, &parts)
    }

    /// Sends the request and reads the answer, pages and all.
    ///
    /// # Errors
    /// What the provider says went wrong, or why there is no answer.
    fn call(
        &self,
        context: &Context,
    ) -> impl Future<Output = Result<Self::Output>> + Send + use<Self> {
        let mut parts = Parts::default();
        let table = Self::table();
        let request = self
            .fill(&mut parts)
            .and_then(|()| table.request(context, &parts));
        async move { table.send(request?, &parts).await }
    }
}

impl<R: Rest + DeserializeOwned + JsonSchema + Send + 'static> Operation for R {
    const NAME: &'static str = <R as Rest>::NAME;
    type Output = <R as Rest>::Output;

    fn run(self, context: Context) -> impl Future<Output = Result<Self::Output>> + Send {
        self.call(&context)
    }
}
