//! <https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/append>

use jackfield_plugin_sdk::prelude::*;

use super::range::{self, Spreadsheet};
use super::table::{Headers, Row, cell};
use super::values::{Append, Appended, InputOption};
use crate::api::invalid;

/// Appends a row behind the last one.
#[derive(Config)]
pub(super) struct AppendRow {
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
    /// The values: an object with the names of the columns, as the header row has them, or a list from the first column on. A sheet
    /// that is empty gets the names as its header row.
    #[field(widget = "key-value", example = json!({"Day": "2026-12-01", "Amount": 129}))]
    values: Row,
    /// What becomes of texts.
    #[field(label = "Values are read", default = InputOption::Raw)]
    value_input_option: InputOption,
    /// The row that says what the columns are called.
    #[field(advanced, default = 1, min = 1)]
    header_row: usize,
    /// Where the table is that the row is appended to, such as `B2:F2`; at the header row unless given.
    #[field(advanced)]
    range: Option<String>,
}

impl Operation for AppendRow {
    const NAME: &'static str = "append_row";
    type Output = Whole<Appended>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let values = match self.values {
            Row::Listed(cells) => vec![cells.into_iter().map(cell).collect()],
            Row::Named(row) if row.is_empty() => {
                return Err(invalid("values are missing: there is nothing to append."));
            }
            Row::Named(row) => {
                let read = Headers::read(&context, &self.spreadsheet, &self.sheet, self.header_row);
                let headers = read.await?;
                match headers.0.is_empty() {
                    true => {
                        let names = row.keys().map(|name| name.trim().into()).collect();
                        vec![
                            names,
                            row.into_iter().map(|(_, value)| cell(value)).collect(),
                        ]
                    }
                    false => vec![headers.cells(row)?],
                }
            }
        };
        let given = self.range.filter(|range| !range.trim().is_empty());
        let cells = given.unwrap_or_else(|| format!("A{}", self.header_row));
        let append = Append {
            spreadsheet: self.spreadsheet,
            range: range::written(&self.sheet, &cells),
            input: self.value_input_option,
            insert: "INSERT_ROWS",
            values,
        };
        append.call(&context).await
    }
}
