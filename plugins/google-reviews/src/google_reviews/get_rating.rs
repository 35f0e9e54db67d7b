use jackfield_plugin_sdk::prelude::*;

use super::subject::{Subject, given};
use crate::api::{business, place, places};

/// Reads what a place is rated.
#[derive(Config)]
#[config(label = "Get the rating")]
pub(super) struct GetRating {
    /// Which place, by Google's id; with a key.
    #[field(options = "places", placeholder = "ChIJj61dQgK6j4AR4GeTYWZsuWw")]
    place: Option<String>,
    /// Which account, in place of that; with its owner's grant.
    #[field(options = "accounts", placeholder = "4711")]
    account: Option<String>,
    /// Which location of the account.
    #[field(
        options = "locations",
        depends_on(account),
        placeholder = "4711081500000"
    )]
    location: Option<String>,
    /// In which language the place's name is told.
    #[field(advanced, placeholder = "de")]
    language: Option<String>,
}

/// What a place is rated.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Rating {
    /// The average, 1 to 5 stars; null while nobody has rated it.
    rating: Option<f64>,
    /// How many have.
    count: u64,
    /// What the place is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Where Google shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Operation for GetRating {
    const NAME: &'static str = "get_rating";
    type Output = Rating;

    async fn run(self, context: Context) -> Result<Rating> {
        match Subject::of(&self.place, &self.account, &self.location)? {
            Subject::Place(id) => {
                let fields = "id,displayName,rating,userRatingCount,googleMapsUri";
                let request = place(&context, id, fields, given(&self.language))?;
                let place = places().send(request).await?;
                let text = |text: &Value| text.as_str().map(str::to_owned);
                Ok(Rating {
                    rating: place["rating"].as_f64(),
                    count: place["userRatingCount"].as_u64().unwrap_or(0),
                    name: text(&place["displayName"]["text"]),
                    url: text(&place["googleMapsUri"]),
                })
            }
            Subject::Location(path) => {
                let request = business().request(&context, "GET", &path)?;
                let answer = business().send(request.query("pageSize", "1")).await?;
                let count = answer["totalReviewCount"].as_u64().unwrap_or(0);
                Ok(Rating {
                    rating: answer["averageRating"].as_f64().filter(|_| count > 0),
                    count,
                    name: None,
                    url: None,
                })
            }
        }
    }
}
