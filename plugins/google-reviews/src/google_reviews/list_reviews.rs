use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::{Page, Pages};

use super::subject::{Subject, given};
use crate::api::{business, place, places};

/// Lists reviews of a place.
#[derive(Config)]
#[config(label = "List reviews")]
pub(super) struct ListReviews {
    /// Which place, by Google's id; with a key. Of a place Google tells the five reviews that it holds most helpful.
    #[field(options = "places", placeholder = "ChIJj61dQgK6j4AR4GeTYWZsuWw")]
    place: Option<String>,
    /// Which account, in place of that; with its owner's grant, who sees all reviews.
    #[field(options = "accounts", placeholder = "4711")]
    account: Option<String>,
    /// Which location of the account.
    #[field(
        options = "locations",
        depends_on(account),
        placeholder = "4711081500000"
    )]
    location: Option<String>,
    /// In which order those of a location come.
    #[field(default = Order::Newest)]
    order: Order,
    /// Most reviews to return.
    #[field(default = 50, min = 1, max = 1000)]
    limit: u64,
    /// Where an earlier list ended.
    #[field(advanced)]
    cursor: Option<String>,
    /// Into which language Google translates those of a place.
    #[field(advanced, placeholder = "de")]
    language: Option<String>,
}

/// In which order.
#[derive(Clone, Copy, Config, Body)]
enum Order {
    /// The newest first.
    #[field(body = "updateTime desc")]
    Newest,
    /// The best first.
    #[field(body = "rating desc")]
    Best,
    /// The worst first.
    #[field(body = "rating")]
    Worst,
}

/// What somebody says.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Review {
    /// By what Google knows it.
    id: String,
    /// 1 to 5 stars.
    rating: Option<u8>,
    /// What it says, if it says anything.
    text: Option<String>,
    /// Who wrote it. Google wants it shown beside the review.
    author: Option<String>,
    /// When, RFC 3339.
    time: Option<String>,
    /// What the owner has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    /// What Google says of it.
    data: Value,
}

impl Operation for ListReviews {
    const NAME: &'static str = "list_reviews";
    type Output = Page<Review>;

    async fn run(self, context: Context) -> Result<Page<Review>> {
        match Subject::of(&self.place, &self.account, &self.location)? {
            Subject::Place(id) => {
                let request = place(&context, id, "reviews", given(&self.language))?;
                let answer = places().send(request).await?;
                let reviews = answer["reviews"].as_array().into_iter().flatten();
                let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
                Ok(Page {
                    items: reviews.take(limit).map(of_place).collect(),
                    cursor: None,
                })
            }
            Subject::Location(path) => {
                let request = business().request(&context, "GET", &path)?;
                let order = json!(self.order);
                let request = request.query("orderBy", order.as_str().unwrap_or_default());
                let pages = Pages::cursor("reviews", "nextPageToken", "pageToken");
                let pages = business().pages(request, pages.size("pageSize", 50));
                let page = pages.from(given(&self.cursor)).collect(Some(self.limit));
                let page = page.await?;
                Ok(Page {
                    items: page.items.iter().map(of_location).collect(),
                    cursor: page.cursor,
                })
            }
        }
    }
}

fn text(of: &Value) -> Option<String> {
    of.as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

/// <https://developers.google.com/maps/documentation/places/web-service/reference/rest/v1/places#Review>
fn of_place(review: &Value) -> Review {
    let rating = review["rating"].as_f64();
    Review {
        id: text(&review["name"]).unwrap_or_default(),
        rating: (1..=5).find(|stars| rating == Some(f64::from(*stars))),
        text: text(&review["text"]["text"]),
        author: text(&review["authorAttribution"]["displayName"]),
        time: text(&review["publishTime"]),
        reply: None,
        data: review.clone(),
    }
}

/// <https://developers.google.com/my-business/reference/rest/v4/accounts.locations.reviews#Review>
fn of_location(review: &Value) -> Review {
    let stars = ["ONE", "TWO", "THREE", "FOUR", "FIVE"];
    let rating = (1..=5).zip(stars);
    let rating = rating
        .into_iter()
        .find(|(_, name)| review["starRating"] == *name);
    Review {
        id: text(&review["reviewId"]).unwrap_or_default(),
        rating: rating.map(|(stars, _)| stars),
        text: text(&review["comment"]),
        author: text(&review["reviewer"]["displayName"]),
        time: text(&review["createTime"]),
        reply: text(&review["reviewReply"]["comment"]),
        data: review.clone(),
    }
}
