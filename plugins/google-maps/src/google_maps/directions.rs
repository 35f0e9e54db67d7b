//! <https://developers.google.com/maps/documentation/routes/reference/rest/v2/TopLevel/computeRoutes>

use jackfield_plugin_sdk::code;
use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

use super::waypoint::Waypoint;
use crate::api::ways;

/// As many stops as a way may have.
const MOST: usize = 25;

/// What is asked of each way.
const FIELDS: [&str; 8] = [
    "routes.duration",
    "routes.staticDuration",
    "routes.distanceMeters",
    "routes.description",
    "routes.warnings",
    "routes.polyline.encodedPolyline",
    "routes.legs.duration",
    "routes.legs.distanceMeters",
];

/// Finds the way from one place to another.
#[derive(Config, Body)]
#[body(names = "camelCase")]
pub(super) struct Directions {
    /// Where it begins: an address, latitude and longitude, or what geocode returned.
    #[field(placeholder = "37.7749,-122.4194")]
    origin: Waypoint,
    /// Where it ends.
    #[field(placeholder = "1 Frank H. Ogawa Plaza, Oakland")]
    destination: Waypoint,
    /// What lies between, in this order.
    #[field(skip, default, example = json!(["37.79,-122.3"]))]
    stops: Vec<Waypoint>,
    /// How one travels.
    #[field(body = "travelMode", label = "Travel mode", default = Mode::Drive)]
    mode: Mode,
    /// How far the traffic counts.
    #[field(
        body = "routingPreference",
        shown_when(mode = ["drive", "two_wheeler"])
    )]
    traffic: Option<Traffic>,
    /// When one leaves, RFC 3339. Of ways by road it matters where the traffic counts.
    #[field(
        body = "departureTime",
        placeholder = "2026-12-01T09:00:00+01:00",
        format = "date-time"
    )]
    departure: Option<String>,
    /// When one arrives, in place of when one leaves.
    #[field(
        advanced,
        body = "arrivalTime",
        format = "date-time",
        shown_when(mode = "transit")
    )]
    arrival: Option<String>,
    /// Whether other ways are returned, too.
    #[field(advanced, body = "computeAlternativeRoutes")]
    alternatives: Option<bool>,
    /// What to keep away from, where that is possible.
    #[field(skip, advanced)]
    avoid: Option<Vec<Avoided>>,
    /// Whether the stops may be put into the order that is quickest: `optimizedIntermediateWaypointIndex` tells it.
    #[field(
        advanced,
        body = "optimizeWaypointOrder",
        label = "Best order of stops"
    )]
    optimize: Option<bool>,
    /// Whether each turn is told.
    #[field(skip, advanced, default = false, label = "Turn by turn")]
    steps: bool,
    /// In which language turns are told.
    #[field(advanced, body = "languageCode", placeholder = "de")]
    language: Option<String>,
    /// In which country addresses are looked for first, by the code of two letters.
    #[field(advanced, body = "regionCode", placeholder = "us")]
    region: Option<String>,
    /// What else is asked of each way, by Google's names. Some of it makes a request dearer.
    #[field(skip, advanced, default, example = json!(["routes.travelAdvisory.tollInfo"]))]
    fields: Vec<String>,
}

/// How one travels.
#[derive(Config, Body)]
enum Mode {
    /// By car.
    #[field(body = "DRIVE")]
    Drive,
    /// On foot.
    #[field(body = "WALK")]
    Walk,
    /// By bicycle.
    #[field(body = "BICYCLE")]
    Bicycle,
    /// By public transport.
    #[field(body = "TRANSIT")]
    Transit,
    /// By motorcycle.
    #[field(body = "TWO_WHEELER")]
    TwoWheeler,
}

/// How far the traffic counts.
#[derive(Config, Body)]
enum Traffic {
    /// Not at all.
    #[field(body = "TRAFFIC_UNAWARE", label = "Not at all")]
    Unaware,
    /// As it is.
    #[field(body = "TRAFFIC_AWARE", label = "As it is")]
    Aware,
    /// As it is, and thoroughly, which takes longer.
    #[field(body = "TRAFFIC_AWARE_OPTIMAL", label = "Thoroughly")]
    Optimal,
}

/// What a way keeps away from.
#[derive(Config, Body)]
enum Avoided {
    /// What one pays for.
    #[field(body = "avoidTolls")]
    Tolls,
    /// Motorways.
    #[field(body = "avoidHighways")]
    Highways,
    /// Ferries.
    #[field(body = "avoidFerries")]
    Ferries,
    /// Ways through buildings.
    #[field(body = "avoidIndoor")]
    Indoor,
}

/// The ways, best first.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Ways {
    /// At least one.
    routes: Vec<Way>,
}

/// A way. Google's answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Way {
    /// How long it is, in metres.
    distance_meters: f64,
    /// How long it takes, in seconds: `duration` as a number. Legs have it, too.
    duration_seconds: f64,
}

impl Operation for Directions {
    const NAME: &'static str = "directions";
    type Output = Whole<Ways>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        if self.stops.len() > MOST {
            let message = format!(
                "stops has {} places; Google takes at most {MOST}.",
                self.stops.len()
            );
            return Err(Error::new(code::INVALID_CONFIG, message));
        }
        let mut routes = ways(&context, &self.asked_fields(), &self.asked()).await?;
        routes.iter_mut().for_each(measure);
        read(json!({"routes": routes}))
    }
}

impl Directions {
    fn asked(&self) -> Value {
        let mut asked = json!(self);
        if !self.stops.is_empty() {
            asked["intermediates"] = json!(self.stops);
        }
        for avoided in self.avoid.iter().flatten() {
            if let Some(name) = json!(avoided).as_str() {
                asked["routeModifiers"][name] = true.into();
            }
        }
        asked
    }

    fn asked_fields(&self) -> Vec<&str> {
        let mut fields = FIELDS.to_vec();
        if self.optimize == Some(true) {
            fields.push("routes.optimizedIntermediateWaypointIndex");
        }
        if self.steps {
            fields.push("routes.legs.steps.navigationInstruction");
        }
        fields.extend(self.fields.iter().map(String::as_str));
        fields
    }
}

/// Says in numbers what Google says in texts or, of nought, not at all.
fn measure(way: &mut Value) {
    if let Some(legs) = way.get_mut("legs").and_then(Value::as_array_mut) {
        legs.iter_mut().for_each(measure);
    }
    let Value::Object(members) = way else { return };
    members.entry("distanceMeters").or_insert(0.into());
    let duration = members.get("duration").and_then(Value::as_str);
    let seconds = duration.and_then(|duration| duration.strip_suffix('s')?.parse::<f64>().ok());
    if let Some(seconds) = seconds {
        members.insert("durationSeconds".to_owned(), seconds.into());
    }
}
