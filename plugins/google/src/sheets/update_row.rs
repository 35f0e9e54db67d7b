//! <https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values/update>

use jackfield_plugin_sdk::prelude::*;

use super::range::{self, Spreadsheet};
use super::table::{Headers, Row, cell, text};
use super::values::{Get, InputOption, Put, RenderOption, Updated};
use crate::api::invalid;

/// Writes other values into a row. Cells that nothing is said of stay as they are; an empty text empties one.
#[derive(Config)]
pub(super) struct UpdateRow {
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
    /// The row, by its number. This, a key or a range says which row it is.
    #[field(min = 1)]
    row: Option<usize>,
    /// The name of the column by which the row is found, such as `Booking`.
    key_column: Option<String>,
    /// What the row has in that column.
    key_value: Option<Key>,
    /// Which cells, such as `B7:D7`. The values are then a list.
    #[field(placeholder = "B7:D7")]
    range: Option<String>,
    /// The values: an object with the names of the columns, as the header row has them, or a list.
    #[field(widget = "key-value", example = json!({"Status": "paid"}))]
    values: Row,
    /// What becomes of texts.
    #[field(label = "Values are read", default = InputOption::Raw)]
    value_input_option: InputOption,
    /// The row that says what the columns are called.
    #[field(advanced, default = 1, min = 1)]
    header_row: usize,
}

/// What a cell has to have.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
enum Key {
    Text(String),
    Number(serde_json::Number),
}

/// Which row it is.
enum Which {
    Number(usize),
    Key(String, String),
    Range(String),
}

impl Operation for UpdateRow {
    const NAME: &'static str = "update_row";
    type Output = Whole<Updated>;

    async fn run(mut self, context: Context) -> Result<Self::Output> {
        let which = self.which()?;
        let put = match (which, self.values) {
            (Which::Range(cells), Row::Listed(values)) => (
                range::written(&self.sheet, &cells),
                values.into_iter().map(cell).collect(),
            ),
            (Which::Range(_), Row::Named(_)) => {
                return Err(invalid(
                    "values have to be a list where a range says which cells they go to.",
                ));
            }
            (Which::Number(row), Row::Listed(values)) => (
                range::row(&self.sheet, row, values.len())?,
                values.into_iter().map(cell).collect(),
            ),
            (which, values) => {
                let read = Headers::read(&context, &self.spreadsheet, &self.sheet, self.header_row);
                let headers = read.await?;
                let cells = match values {
                    Row::Named(row) => headers.cells(row)?,
                    Row::Listed(values) => values.into_iter().map(cell).collect(),
                };
                let row = match which {
                    Which::Number(row) => row,
                    Which::Key(column, value) => {
                        let column = headers.position(&column)?;
                        let tab = (&self.spreadsheet, self.sheet.as_str());
                        find(&context, tab, (column, self.header_row), &value).await?
                    }
                    Which::Range(_) => self.header_row,
                };
                (range::row(&self.sheet, row, cells.len())?, cells)
            }
        };
        let (range, cells): (String, Vec<Value>) = put;
        let put = Put {
            spreadsheet: self.spreadsheet,
            range,
            input: self.value_input_option,
            values: vec![cells],
        };
        put.call(&context).await
    }
}

impl UpdateRow {
    fn which(&mut self) -> Result<Which> {
        let key = match (self.key_column.take(), self.key_value.take()) {
            (Some(column), Some(Key::Text(value))) => Some(Which::Key(column, value)),
            (Some(column), Some(Key::Number(value))) => Some(Which::Key(column, value.to_string())),
            (None, None) => None,
            _ => return Err(invalid("keyColumn and keyValue find a row together.")),
        };
        let ways = [
            self.row.map(Which::Number),
            key,
            self.range.take().map(Which::Range),
        ];
        let mut ways = ways.into_iter().flatten();
        match (ways.next(), ways.next()) {
            (Some(which), None) => Ok(which),
            _ => Err(invalid(
                "One of row, keyColumn with keyValue, and range says which row is meant: give one of them.",
            )),
        }
    }
}

/// The number of the first row below the header that has this value in a column.
async fn find(
    context: &Context,
    (spreadsheet, tab): (&Spreadsheet, &str),
    (column, header_row): (usize, usize),
    value: &str,
) -> Result<usize> {
    let letters = range::column(column);
    let get = Get {
        spreadsheet: spreadsheet.clone(),
        range: range::of_tab(tab, &format!("{letters}:{letters}")),
        value_render_option: Some(RenderOption::FormattedValue),
    };
    let cells = get.call(context).await?.values;
    let is_it = |row: &Vec<Value>| {
        row.first()
            .is_some_and(|cell| text(cell).trim() == value.trim())
    };
    let found = cells.iter().skip(header_row).position(is_it);
    found.map(|index| header_row + index + 1).ok_or_else(|| {
        let message = format!("No row of {tab} has {value} in the column {letters}.");
        Error::new("ROW_NOT_FOUND", message)
    })
}
