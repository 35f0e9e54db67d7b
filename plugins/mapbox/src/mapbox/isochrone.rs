//! <https://docs.mapbox.com/api/navigation/isochrone/>

use std::borrow::Cow;

use jackfield_plugin_sdk::LngLat;
use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Number;

use super::{Profile, path_of};
use crate::api::{get, invalid, isochrones};

/// Finds how far one gets in so many minutes.
#[derive(Config, Body)]
pub(super) struct Isochrone {
    /// Where one begins: longitude and latitude, or what geocode returned.
    #[field(skip, label = "Origin", placeholder = "-122.4194,37.7749")]
    origin: LngLat,
    /// For how many minutes one travels, at most 60: one number, or up to four, smallest first.
    #[field(body = "contours_minutes", label = "Travel time (minutes)", example = json!([10, 20]))]
    minutes: Option<Steps>,
    /// How many metres one travels, in place of minutes: one number, or up to four, smallest first.
    #[field(
        advanced,
        body = "contours_meters",
        label = "Distance (metres)",
        example = 5000
    )]
    meters: Option<Steps>,
    /// How one travels.
    #[field(skip, default = Profile::Driving)]
    profile: Profile,
    /// When one leaves: RFC 3339, or without a time zone in the origin's own time.
    #[field(
        advanced,
        body = "depart_at",
        placeholder = "2026-12-01T09:00:00+01:00",
        pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?$"
    )]
    departure: Option<String>,
    /// Whether areas are returned. Otherwise their outlines are.
    #[field(advanced, label = "Areas", default = true)]
    polygons: bool,
    /// The colour of each, in six hexadecimal digits.
    #[field(advanced, body = "contours_colors", example = json!(["ff0000"]))]
    colors: Option<Vec<String>>,
    /// From 0, which keeps every island, to 1, which keeps only the largest.
    #[field(advanced)]
    denoise: Option<Number>,
    /// How far, in metres, what is drawn may be from what is so.
    #[field(advanced)]
    generalize: Option<Number>,
}

/// One number or several.
#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "write a whole number, or a list of them")]
enum Steps {
    One(u32),
    Several(Vec<u32>),
}

impl Steps {
    fn check(&self, name: &str, most: u32) -> Result<()> {
        let steps = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several.as_slice(),
        };
        let is_increasing = steps.is_sorted_by(|one, next| one < next);
        let is_within = steps.iter().all(|step| (1..=most).contains(step));
        match (1..=4).contains(&steps.len()) && is_increasing && is_within {
            true => Ok(()),
            false => Err(invalid(format!(
                "{name} has to be one to four numbers from 1 to {most}, smallest first."
            ))),
        }
    }
}

impl JsonSchema for Steps {
    fn schema_name() -> Cow<'static, str> {
        "Steps".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["integer", "array"], "minimum": 1, "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 4})
    }
}

/// Areas or outlines, largest first; GeoJSON.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Reach {
    /// One for each number of minutes or metres, which is the property `contour`.
    features: Vec<Value>,
}

impl Operation for Isochrone {
    const NAME: &'static str = "isochrone";
    type Output = Whole<Reach>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        match (&self.minutes, &self.meters) {
            (Some(minutes), None) => minutes.check("minutes", 60)?,
            (None, Some(meters)) => meters.check("meters", 100_000)?,
            (None, None) => {
                return Err(invalid("minutes is missing: say for how long one travels."));
            }
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "minutes and meters cannot both be there: choose one.",
                ));
            }
        }
        for color in self.colors.iter_mut().flatten() {
            *color = color.trim_start_matches('#').to_owned();
        }
        let (profile, origin) = (self.profile.name(), path_of(&[self.origin]));
        let path = format!("/isochrone/v1/mapbox/{profile}/{origin}");
        get(isochrones(), &context, &path, &self).await
    }
}
