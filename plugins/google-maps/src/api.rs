use jackfield_plugin_sdk::Request;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Api, Errors, read};

/// What is sent when no address was found. Google calls that a status like the others; it is no error here.
const NOTHING: &str = "ZERO_RESULTS";

/// Geocoding, <https://developers.google.com/maps/documentation/geocoding/requests-geocoding#StatusCodes>: a `status` says whether
/// it went well, with HTTP status 200.
fn searches() -> Api {
    let errors = Errors::new()
        .ok_is("status", "OK")
        .code("status")
        .message("error_message")
        .message("status")
        .retry_codes(&["OVER_QUERY_LIMIT", "UNKNOWN_ERROR"])
        .credential_codes(&["REQUEST_DENIED"]);
    Api::new("https://maps.googleapis.com/maps/api").errors(errors)
}

/// Routes, <https://developers.google.com/maps/documentation/routes/reference/rest>.
fn routes() -> Api {
    Api::new("https://routes.googleapis.com").errors(Errors::google())
}

/// Looks for places. Lists have a bar between their items.
pub(crate) async fn search(context: &Context, query: &impl Serialize) -> Result<Value> {
    let request = searches().request(context, "GET", "/geocode/json")?;
    match searches().send(request.query_members(query, "|")).await {
        Err(error) if error.code == NOTHING => nothing(error),
        answer => answer,
    }
}

/// The whole answer, whose list is empty.
fn nothing(error: Error) -> Result<Value> {
    match &error.data {
        Some(answer) => serde_json::from_str(answer.get()).or(Err(error)),
        None => Err(error),
    }
}

/// Asks for ways, and of them for these fields. Asking changes nothing, so it can be done again.
pub(crate) async fn ways(context: &Context, fields: &[&str], asked: &Value) -> Result<Vec<Value>> {
    #[derive(Deserialize)]
    struct Found {
        #[serde(default)]
        routes: Vec<Value>,
    }
    let request: Request = routes()
        .request(context, "POST", "/directions/v2:computeRoutes")?
        .header("X-Goog-FieldMask", &fields.join(","))
        .json(asked)
        .repeatable();
    let Found { routes } = read(routes().send(request).await?)?;
    match routes.is_empty() {
        // Where there is none, the answer is empty.
        true => Err(Error::new(
            "NO_ROUTE",
            "routes.googleapis.com knows no way between these places.",
        )),
        false => Ok(routes),
    }
}
