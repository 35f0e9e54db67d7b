//! Reads rows.

use jackfield_plugin_sdk::prelude::*;
use serde_json::Map;

use super::range::{self, Spreadsheet};
use super::table::Headers;
use super::values::{Get, RenderOption};

/// Reads rows.
#[derive(Config)]
pub(super) struct ReadRows {
    /// The spreadsheet, by its id or its address.
    #[field(
        options = "spreadsheets",
        placeholder = "https://docs.google.com/spreadsheets/d/…"
    )]
    spreadsheet: Spreadsheet,
    /// Which tab.
    #[field(
        label = "Sheet name",
        options = "tabs",
        depends_on(spreadsheet),
        placeholder = "Sheet1",
        min_length = 1
    )]
    sheet: String,
    /// Which cells, such as `A1:F100` or `A:F`; all unless given.
    #[field(placeholder = "A1:F100")]
    range: Option<String>,
    /// Whether the first row says what the columns are called. Rows are lists of cells otherwise.
    #[field(default = true)]
    headers: bool,
    /// How values are read.
    #[field(advanced, label = "Values", default = RenderOption::FormattedValue)]
    values: RenderOption,
}

/// What was read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rows {
    /// Where, such as `Revenue!A1:F100`.
    range: String,
    /// What the columns are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Vec<String>>,
    /// The number of the first of the rows in the sheet, for `update_row`.
    first_row: usize,
    /// The rows: objects with the names of the columns, or lists.
    rows: Vec<Read>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Read {
    Named(Map<String, Value>),
    Listed(Vec<Value>),
}

impl Operation for ReadRows {
    const NAME: &'static str = "read_rows";
    type Output = Rows;

    async fn run(self, context: Context) -> Result<Rows> {
        let given = self.range.filter(|range| !range.trim().is_empty());
        let get = Get {
            spreadsheet: self.spreadsheet,
            range: match given {
                Some(cells) => range::written(&self.sheet, &cells),
                None => range::whole_tab(&self.sheet),
            },
            value_render_option: Some(self.values),
        };
        let found = get.call(&context).await?;
        let (first_row, first_column) = range::first_cell(&found.range);
        let mut rows = found.values.into_iter();
        if !self.headers {
            return Ok(Rows {
                range: found.range,
                headers: None,
                first_row,
                rows: rows.map(Read::Listed).collect(),
            });
        }
        let headers = Headers::of(&rows.next().unwrap_or_default(), first_column);
        Ok(Rows {
            range: found.range,
            first_row: first_row + 1,
            rows: rows.map(|row| Read::Named(headers.named(row))).collect(),
            headers: Some(headers.0),
        })
    }
}
