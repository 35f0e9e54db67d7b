//! QuickBooks' query language: <https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries>.

use jackfield_plugin_sdk::prelude::*;

use crate::api::{request, send};

/// So many rows an answer has at most.
pub(crate) const MOST: u64 = 1000;

/// What is looked for.
pub(crate) struct Query<'a> {
    /// QuickBooks' name of the kind, such as `Customer`.
    pub(crate) entity: &'a str,
    /// Such as `DisplayName = 'Ada'`, with values that are [quoted](quoted).
    pub(crate) conditions: Vec<String>,
    /// Such as `DisplayName asc`.
    pub(crate) order: Option<&'a str>,
    /// The number of the first row, from 1.
    pub(crate) start: u64,
    /// How many rows, at most [`MOST`].
    pub(crate) most: u64,
}

/// What was found.
pub(crate) struct Answer {
    pub(crate) rows: Vec<Value>,
    /// When it was, by QuickBooks' clock.
    pub(crate) time: Option<String>,
}

impl Query<'_> {
    fn text(&self) -> String {
        let mut text = format!("select * from {}", self.entity.to_ascii_lowercase());
        if !self.conditions.is_empty() {
            text.push_str(" where ");
            text.push_str(&self.conditions.join(" and "));
        }
        if let Some(order) = self.order {
            text.push_str(" orderby ");
            text.push_str(order);
        }
        text.push_str(&format!(
            " startposition {} maxresults {}",
            self.start, self.most
        ));
        text
    }

    /// The rows.
    pub(crate) async fn rows(&self, context: &Context) -> Result<Vec<Value>> {
        Ok(self.ask(context).await?.rows)
    }

    /// The rows, and QuickBooks' time. A kind of which there are none is absent from the answer.
    pub(crate) async fn ask(&self, context: &Context) -> Result<Answer> {
        let request = request(context, "GET", "/query")?.query("query", &self.text());
        let mut answer = send(request).await?;
        Ok(Answer {
            time: answer["time"].as_str().map(str::to_owned),
            rows: match answer["QueryResponse"][self.entity].take() {
                Value::Array(rows) => rows,
                _ => Vec::new(),
            },
        })
    }
}

/// A text as a value of a condition.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The only row whose `field` is this text.
///
/// # Errors
/// When there is none, or there are several.
pub(crate) async fn only(
    context: &Context,
    entity: &str,
    field: &str,
    text: &str,
) -> Result<Value> {
    let query = Query {
        entity,
        conditions: vec![format!("{field} = {}", quoted(text))],
        order: None,
        start: 1,
        most: 2,
    };
    let mut rows = query.rows(context).await?;
    let kind = entity.to_ascii_lowercase();
    let name = entity.to_ascii_uppercase();
    match (rows.pop(), rows.pop()) {
        (Some(row), None) => Ok(row),
        (None, _) => Err(Error::new(
            format!("{name}_NOT_FOUND"),
            format!("QuickBooks has no {kind} whose {field} is {text}."),
        )),
        (Some(one), Some(other)) => Err(Error::new(
            format!("{name}_AMBIGUOUS"),
            format!(
                "QuickBooks has several of the kind {kind} whose {field} is {text}, such as {} and {}: name one by the id.",
                other["Id"], one["Id"]
            ),
        )),
    }
}

/// The id of what goes by this id or text. Ids are numbers.
pub(crate) async fn id_of(
    context: &Context,
    entity: &str,
    field: &str,
    given: &str,
) -> Result<String> {
    let given = given.trim();
    if is_id(given) {
        return Ok(given.to_owned());
    }
    let row = only(context, entity, field, given).await?;
    row["Id"].as_str().map(str::to_owned).ok_or_else(|| {
        Error::new(
            jackfield_plugin_sdk::code::UNEXPECTED_RESPONSE,
            "QuickBooks tells no Id.",
        )
    })
}

pub(crate) fn is_id(given: &str) -> bool {
    !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_within_its_quotes() {
        assert_eq!(quoted("Ada's"), "'Ada\\'s'");
        assert_eq!(quoted("\\' or Id > '0"), "'\\\\\\' or Id > \\'0'");
    }
}
