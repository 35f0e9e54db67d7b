use std::collections::VecDeque;

use futures_util::{Stream, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::value_of;
use super::{Api, value_at};
use crate::{Request, Response, Result};

/// How a list is paged.
#[derive(Clone, Debug)]
pub struct Pages {
    items: String,
    next: Next,
    more: Option<String>,
    size: Option<(String, u64)>,
}

#[derive(Clone, Debug)]
enum Next {
    /// The answer names the next page.
    Cursor { at: String, parameter: String },
    /// The next page follows the last item.
    LastId { field: String, parameter: String },
    /// The header `Link` with `rel="next"`, RFC 8288.
    Link,
    /// Pages are counted.
    Number { parameter: String, first: u64 },
    /// Items are counted.
    Offset { parameter: String },
}

/// Some of a list, and where the rest begins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// In the provider's order.
    pub items: Vec<T>,
    /// Where the list goes on, for the field `cursor`; absent at its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
}

impl Pages {
    /// The list is at `items` of the answer (empty: the answer is the list), the next page's cursor at `at`, and is sent as
    /// the query parameter `parameter`.
    pub fn cursor(items: &str, at: &str, parameter: &str) -> Self {
        Self::new(
            items,
            Next::Cursor {
                at: at.to_owned(),
                parameter: parameter.to_owned(),
            },
        )
    }

    /// The next page is asked for with the member `field` of the last item, as the query parameter `parameter`.
    pub fn last_id(items: &str, field: &str, parameter: &str) -> Self {
        Self::new(
            items,
            Next::LastId {
                field: field.to_owned(),
                parameter: parameter.to_owned(),
            },
        )
    }

    /// The header `Link` names the next page (RFC 8288).
    pub fn link(items: &str) -> Self {
        Self::new(items, Next::Link)
    }

    /// Pages are counted from `first` in the query parameter `parameter`. The list ends with a page that is not full.
    pub fn number(items: &str, parameter: &str, first: u64) -> Self {
        Self::new(
            items,
            Next::Number {
                parameter: parameter.to_owned(),
                first,
            },
        )
    }

    /// Items are counted from 0 in the query parameter `parameter`. The list ends with a page that is not full.
    pub fn offset(items: &str, parameter: &str) -> Self {
        Self::new(
            items,
            Next::Offset {
                parameter: parameter.to_owned(),
            },
        )
    }

    fn new(items: &str, next: Next) -> Self {
        Self {
            items: items.to_owned(),
            next,
            more: None,
            size: None,
        }
    }

    /// Whether there is another page is said at this place of the answer.
    #[must_use]
    pub fn more(mut self, path: &str) -> Self {
        self.more = Some(path.to_owned());
        self
    }

    /// The query parameter that asks for a size of page, and the largest that the provider gives.
    #[must_use]
    pub fn size(mut self, parameter: &str, largest: u64) -> Self {
        self.size = Some((parameter.to_owned(), largest));
        self
    }

    /// Where the page after this one is.
    fn after(
        &self,
        response: &Response,
        answer: &Value,
        items: &[Value],
        here: Option<&str>,
    ) -> Option<String> {
        let says_no =
            |path: &String| value_at(answer, path).is_none_or(|more| *more != Value::Bool(true));
        if self.more.as_ref().is_some_and(says_no) {
            return None;
        }
        let is_full = match &self.size {
            Some((_, largest)) => items.len() as u64 >= *largest,
            None => !items.is_empty(),
        };
        let is_full = is_full || (self.more.is_some() && !items.is_empty());
        let count = here.and_then(|here| here.parse::<u64>().ok());
        match &self.next {
            Next::Cursor { at, .. } => text_of(value_at(answer, at)?),
            Next::LastId { .. } if self.more.is_none() && !is_full => None,
            Next::LastId { field, .. } => text_of(value_at(items.last()?, field)?),
            Next::Link => next_link(response),
            Next::Number { first, .. } => {
                is_full.then(|| (count.unwrap_or(*first) + 1).to_string())
            }
            Next::Offset { .. } => {
                is_full.then(|| (count.unwrap_or(0) + items.len() as u64).to_string())
            }
        }
    }

    fn apply(&self, request: Request, cursor: Option<&str>) -> Request {
        let request = match &self.size {
            Some((parameter, largest)) => request.set_query(parameter, &largest.to_string()),
            None => request,
        };
        let Some(cursor) = cursor else { return request };
        match &self.next {
            Next::Link => request.at(cursor),
            Next::Cursor { parameter, .. }
            | Next::LastId { parameter, .. }
            | Next::Number { parameter, .. }
            | Next::Offset { parameter } => request.set_query(parameter, cursor),
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn next_link(response: &Response) -> Option<String> {
    let values = response.headers().iter().filter(|(name, _)| name == "link");
    let mut links = values.flat_map(|(_, value)| value.split(','));
    links.find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = |parameter: &str| {
            let parameter = parameter.trim().to_ascii_lowercase();
            parameter == "rel=next" || parameter == "rel=\"next\""
        };
        parameters
            .split(';')
            .any(is_next)
            .then(|| absolute(response.url(), target))
    })
}

/// A link may lack the origin.
fn absolute(base: &str, target: &str) -> String {
    let origin_end = base.find("://").map_or(0, |scheme| scheme + 3);
    let path_start = base[origin_end..]
        .find('/')
        .map_or(base.len(), |slash| origin_end + slash);
    match target.starts_with('/') {
        true => format!("{}{target}", &base[..path_start]),
        false => target.to_owned(),
    }
}

/// A list whose pages are asked for as they are needed. Made with [`Api::pages`].
///
/// ```
/// # use jackfield_plugin_sdk::prelude::*;
/// # use jackfield_plugin_sdk::rest::{Api, Pages};
/// use jackfield_plugin_sdk::StreamExt;
///
/// # async fn example(context: Context) -> Result<usize> {
/// let api = Api::new("https://slack.com/api");
/// let request = api.request(&context, "GET", "/conversations.list")?;
/// let pages = Pages::cursor("channels", "response_metadata.next_cursor", "cursor").size("limit", 200);
/// let mut channels = Box::pin(api.pages(request, pages).into_stream());
/// let mut private = 0;
/// while let Some(channel) = channels.next().await {
///     private += usize::from(channel?["is_private"] == true);
/// }
/// # Ok(private)
/// # }
/// ```
pub struct Paged {
    api: Api,
    request: Request,
    pages: Pages,
    /// The page that is asked for next; `None` at the end.
    next: Option<Place>,
    asked: u32,
}

/// A page, and how many of its items are already out.
#[derive(Clone, Debug, Default)]
struct Place {
    cursor: Option<String>,
    skip: usize,
}

/// Between the number of items to skip and the provider's cursor.
const SKIP: char = '~';

impl Place {
    fn read(cursor: &str) -> Self {
        let parts = cursor
            .split_once(SKIP)
            .and_then(|(skip, rest)| Some((skip.parse().ok()?, rest)));
        let (skip, cursor) = parts.unwrap_or((0, cursor));
        Self {
            cursor: Some(cursor.to_owned()).filter(|cursor| !cursor.is_empty()),
            skip,
        }
    }

    fn written(&self) -> String {
        let cursor = self.cursor.as_deref().unwrap_or_default();
        match self.skip {
            // A provider's own cursor that looks like one of ours.
            0 if !cursor.contains(SKIP) => cursor.to_owned(),
            skip => format!("{skip}{SKIP}{cursor}"),
        }
    }
}

/// More pages than anybody waits for: a provider whose pages lead in a circle.
const MOST_PAGES: u32 = 10_000;

impl Paged {
    pub(super) fn new(api: Api, request: Request, pages: Pages) -> Self {
        Self {
            api,
            request,
            pages,
            next: Some(Place::default()),
            asked: 0,
        }
    }

    /// Begins where an earlier list ended: with the `cursor` of its [`Page`].
    #[must_use]
    pub fn from(mut self, cursor: Option<&str>) -> Self {
        self.next = Some(cursor.map(Place::read).unwrap_or_default());
        self
    }

    /// The items of the next page; `None` at the end of the list.
    ///
    /// # Errors
    /// What the provider says went wrong, or why there is no answer.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Value>>> {
        let Some(place) = self.next.take().filter(|_| self.asked < MOST_PAGES) else {
            return Ok(None);
        };
        self.asked += 1;
        let cursor = place.cursor.as_deref();
        let response = self
            .pages
            .apply(self.request.clone(), cursor)
            .send()
            .await?;
        let answer = self
            .api
            .failures()
            .check(&response, &[], value_of(&response))?;
        let items = match value_at(&answer, &self.pages.items) {
            Some(Value::Array(items)) => items.clone(),
            _ => Vec::new(),
        };
        let after = self.pages.after(&response, &answer, &items, cursor);
        let after = after.filter(|after| Some(after.as_str()) != cursor);
        self.next = after.map(|cursor| Place {
            cursor: Some(cursor),
            skip: 0,
        });
        Ok(Some(items.into_iter().skip(place.skip).collect()))
    }

    /// Collects items until the list ends or there are `limit` of them; the cursor then says where the rest begins.
    ///
    /// # Errors
    /// As [`next_page`](Self::next_page).
    pub async fn collect(mut self, limit: Option<u64>) -> Result<Page<Value>> {
        let limit = limit.map_or(usize::MAX, |limit| {
            usize::try_from(limit).unwrap_or(usize::MAX)
        });
        let mut items = Vec::new();
        while items.len() < limit {
            let here = self.next.clone().unwrap_or_default();
            let Some(page) = self.next_page().await? else {
                break;
            };
            let room = limit - items.len();
            if page.len() > room {
                self.next = Some(Place {
                    skip: here.skip + room,
                    ..here
                });
            }
            items.extend(page.into_iter().take(room));
        }
        Ok(Page {
            items,
            cursor: self.next.as_ref().map(Place::written),
        })
    }

    /// One item after another. Pages are asked for when their items are.
    pub fn into_stream(self) -> impl Stream<Item = Result<Value>> + Send {
        stream::try_unfold(
            (self, VecDeque::new()),
            |(mut pages, mut items)| async move {
                loop {
                    if let Some(item) = items.pop_front() {
                        return Ok(Some((item, (pages, items))));
                    }
                    match pages.next_page().await? {
                        Some(page) => items.extend(page),
                        None => return Ok(None),
                    }
                }
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_says_what_of_its_page_is_out() {
        let there_and_back = |cursor: &str| Place::read(cursor).written();
        for cursor in ["abc", "3~abc", "3~", "0~a~b"] {
            assert_eq!(there_and_back(cursor), cursor);
        }
        let place = Place::read("12~https://example.com/?page=2");
        assert_eq!(
            (place.skip, place.cursor.as_deref()),
            (12, Some("https://example.com/?page=2"))
        );
        assert_eq!(Place::read("a~b").cursor.as_deref(), Some("a~b"));
    }
}
