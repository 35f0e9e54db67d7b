//! <https://docs.mapbox.com/api/navigation/directions/>

use jackfield_plugin_sdk::LngLat;
use jackfield_plugin_sdk::prelude::*;

use super::{Profile, path_of};
use crate::api::{get, invalid, routes};

/// As many places as a route may have.
const MOST: usize = 25;

/// Finds the way from one place to another.
#[derive(Config, Body)]
pub(super) struct Directions {
    /// Where it begins: longitude and latitude, or what geocode returned.
    #[field(skip, placeholder = "-122.4194,37.7749")]
    origin: LngLat,
    /// Where it ends.
    #[field(skip, placeholder = "{{ steps.geocode.output }}")]
    destination: LngLat,
    /// What lies between, in this order.
    #[field(skip, default, label = "Stops", example = json!(["-122.3,37.79"]))]
    stops: Vec<LngLat>,
    /// How one travels.
    #[field(skip, default = Profile::Driving)]
    profile: Profile,
    /// When one leaves: RFC 3339, or without a time zone in the origin's own time.
    #[field(
        body = "depart_at",
        placeholder = "2026-12-01T09:00:00+01:00",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$"
    )]
    departure: Option<String>,
    /// Whether other ways are returned, too.
    #[field(advanced)]
    alternatives: Option<bool>,
    /// Whether each turn is told.
    #[field(advanced, label = "Turn by turn")]
    steps: Option<bool>,
    /// In which language turns are told.
    #[field(advanced, placeholder = "de")]
    language: Option<String>,
    /// What to keep away from.
    #[field(advanced)]
    exclude: Option<Vec<Avoided>>,
    /// How the way is drawn.
    #[field(advanced)]
    geometries: Option<Geometries>,
    /// How exactly it is drawn.
    #[field(advanced)]
    overview: Option<Overview>,
    /// What is told of each piece of the way.
    #[field(advanced, example = json!(["duration", "distance"]))]
    annotations: Option<Vec<Annotation>>,
}

/// What a way keeps away from.
#[derive(Config, Body)]
enum Avoided {
    /// What one pays for.
    Toll,
    /// Ferries.
    Ferry,
    /// Motorways.
    Motorway,
    /// Unpaved roads.
    Unpaved,
    /// Tunnels.
    Tunnel,
}

/// How a way is drawn.
#[derive(Config, Body)]
enum Geometries {
    /// GeoJSON.
    #[field(name = "geojson", label = "GeoJSON")]
    GeoJson,
    /// Encoded, with five decimals.
    Polyline,
    /// Encoded, with six decimals.
    #[field(name = "polyline6", label = "Polyline, six decimals")]
    Polyline6,
}

/// How exactly a way is drawn.
#[derive(Config, Body)]
enum Overview {
    /// Enough for a map of all of it.
    Simplified,
    /// Every bend.
    Full,
    /// Not at all.
    #[field(name = "false", label = "None")]
    None,
}

/// What is told of each piece of a way.
#[derive(Config, Body)]
enum Annotation {
    /// How long it takes.
    Duration,
    /// How long it is.
    Distance,
    /// How fast one goes.
    Speed,
    /// How much traffic there is.
    Congestion,
    /// The same in numbers.
    CongestionNumeric,
    /// How fast one may go.
    #[field(name = "maxspeed", label = "Speed limit")]
    MaxSpeed,
}

/// The ways, best first.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Ways {
    /// At least one.
    routes: Vec<Way>,
}

/// A way. Mapbox's answer has more members.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Way {
    /// How long it is, in metres.
    distance: f64,
    /// How long it takes, in seconds.
    duration: f64,
}

impl Operation for Directions {
    const NAME: &'static str = "directions";
    type Output = Whole<Ways>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let mut places = vec![self.origin];
        places.extend(&self.stops);
        places.push(self.destination);
        if places.len() > MOST {
            return Err(invalid(format!(
                "stops has {} places; Mapbox takes at most {}.",
                self.stops.len(),
                MOST - 2
            )));
        }
        let (profile, places) = (self.profile.name(), path_of(&places));
        let path = format!("/directions/v5/mapbox/{profile}/{places}");
        get(routes(), &context, &path, &self).await
    }
}
