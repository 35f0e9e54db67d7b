//! <https://developers.facebook.com/docs/graph-api/reference/page/feed>,
//! <https://developers.facebook.com/docs/graph-api/reference/page/photos>

use jackfield_plugin_sdk::prelude::*;

use crate::api::{id, invalid, request, send};

/// Posts to a Page.
#[derive(Config)]
#[config(label = "Create a post")]
pub(super) struct CreatePost {
    /// What it says.
    #[field(
        widget = "textarea",
        placeholder = "We are open on Monday.",
        max_length = 63_206
    )]
    message: Option<String>,
    /// What it leads to; Facebook shows a preview of it.
    #[field(format = "uri", placeholder = "https://example.com/spring")]
    link: Option<String>,
    /// The address of a picture, in place of a link.
    #[field(
        label = "Photo URL",
        format = "uri",
        placeholder = "https://example.com/van.jpg"
    )]
    photo: Option<String>,
    /// When it appears, ten minutes to 30 days ahead; at once unless given.
    #[field(format = "date-time", example = &"2026-12-24T10:00:00Z")]
    publish_at: Option<String>,
    /// Whether it appears at all. Otherwise it is there for advertisements only.
    #[field(advanced, default = true)]
    published: bool,
    /// The Page's id; the Page that the token is of unless given.
    #[field(advanced, label = "Page ID", placeholder = "104711081500000")]
    page: Option<String>,
}

/// A post that was made.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Posted {
    /// By which Facebook knows it; the photo's where no post has come of it.
    id: String,
    /// The photo's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    photo: Option<String>,
    /// Where it is to be seen.
    url: String,
}

impl Operation for CreatePost {
    const NAME: &'static str = "create_post";
    type Output = Posted;

    async fn run(self, context: Context) -> Result<Posted> {
        let page = match given(&self.page) {
            Some(page) => id("page", page)?,
            None => "me",
        };
        let (edge, mut post) = self.content()?;
        if let Some(time) = given(&self.publish_at) {
            post["published"] = false.into();
            post["scheduled_publish_time"] = seconds(time)?.into();
        } else if !self.published {
            post["published"] = false.into();
        }
        let request = request(&context, "POST", &format!("/{page}/{edge}"))?;
        posted(&send(request.json(&post)).await?)
    }
}

impl CreatePost {
    /// Where it goes, and what it says.
    fn content(&self) -> Result<(&'static str, Value)> {
        let (message, link) = (given(&self.message), given(&self.link));
        let (edge, members) = match (given(&self.photo), link) {
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "photo and link exclude each other: Facebook shows a picture or the preview of a link.",
                ));
            }
            (Some(photo), None) => ("photos", [("url", Some(photo)), ("caption", message)]),
            (None, link) if message.is_none() && link.is_none() => {
                return Err(invalid(
                    "message is missing: say something, or give a link or a photo.",
                ));
            }
            (None, link) => ("feed", [("message", message), ("link", link)]),
        };
        let members = members.into_iter();
        let members = members.filter_map(|(name, text)| Some((name.to_owned(), text?.into())));
        Ok((edge, Value::Object(members.collect())))
    }
}

fn posted(answer: &Value) -> Result<Posted> {
    let text = |member: &str| answer[member].as_str().map(str::to_owned);
    let (post, own) = (text("post_id"), text("id"));
    let photo = post.as_ref().and(own.clone());
    let id = post.or(own).ok_or_else(|| {
        let message = "graph.facebook.com has not said by what it knows the post.";
        Error::new(jackfield_plugin_sdk::code::UNEXPECTED_RESPONSE, message)
    })?;
    let url = format!("https://www.facebook.com/{id}");
    Ok(Posted { id, photo, url })
}

/// Seconds since 1970.
fn seconds(time: &str) -> Result<i64> {
    let time: Result<jiff::Timestamp, _> = time.parse();
    let time = time.map_err(|_| {
        invalid("publishAt is no time with its zone: write it as in 2026-12-24T10:00:00Z.")
    })?;
    Ok(time.as_second())
}

/// What is there and says something.
pub(super) fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}
