//! Reading and writing cells: <https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets.values>.

use jackfield_plugin_sdk::prelude::*;

use super::range::Spreadsheet;
use crate::api::sheets;

/// What becomes of a text that is written into a cell.
#[derive(Clone, Copy, Config, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum InputOption {
    /// It stays what it is, also when it begins like a formula. Whatever customers write is safe so.
    #[field(label = "As it is (RAW)")]
    Raw,
    /// Google reads it as if somebody typed it: formulas, dates, amounts.
    #[field(label = "As if typed (USER_ENTERED)")]
    UserEntered,
}

/// How values are read.
#[derive(Clone, Copy, Config, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum RenderOption {
    /// As the sheet shows them: `€ 1,250.00`.
    #[field(label = "As shown (FORMATTED_VALUE)")]
    FormattedValue,
    /// As they are: 1250.
    #[field(label = "As they are (UNFORMATTED_VALUE)")]
    UnformattedValue,
    /// Formulas, where there are any.
    #[field(label = "Formulas (FORMULA)")]
    Formula,
}

/// Cells, row by row.
#[derive(Rest)]
#[rest(get = "/spreadsheets/{spreadsheet}/values/{range}", api = sheets(), output = Range, names = "camelCase")]
pub(super) struct Get {
    pub(super) spreadsheet: Spreadsheet,
    pub(super) range: String,
    pub(super) value_render_option: Option<RenderOption>,
}

/// What cells hold. Empty ones at the end of rows, and empty rows at the end, are left out.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Range {
    pub(super) range: String,
    #[serde(default)]
    pub(super) values: Vec<Vec<Value>>,
}

/// Rows behind the last one of a table.
#[derive(Rest)]
#[rest(post = "/spreadsheets/{spreadsheet}/values/{range}:append", api = sheets(), output = Whole<Appended>)]
pub(super) struct Append {
    pub(super) spreadsheet: Spreadsheet,
    pub(super) range: String,
    #[field(query = "valueInputOption")]
    pub(super) input: InputOption,
    #[field(query = "insertDataOption")]
    pub(super) insert: &'static str,
    pub(super) values: Vec<Vec<Value>>,
}

/// Other values into cells. Null leaves a cell as it is.
#[derive(Rest)]
#[rest(put = "/spreadsheets/{spreadsheet}/values/{range}", api = sheets(), output = Whole<Updated>)]
pub(super) struct Put {
    pub(super) spreadsheet: Spreadsheet,
    pub(super) range: String,
    #[field(query = "valueInputOption")]
    pub(super) input: InputOption,
    pub(super) values: Vec<Vec<Value>>,
}

/// What was appended.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Appended {
    /// The spreadsheet's id.
    spreadsheet_id: String,
    /// Where the table was before.
    table_range: Option<String>,
    /// What was written.
    updates: Updated,
}

/// What was written.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated {
    /// Where, such as `Revenue!A14:F14`.
    updated_range: Option<String>,
    /// How many rows.
    updated_rows: Option<u64>,
    /// How many columns.
    updated_columns: Option<u64>,
    /// How many cells.
    updated_cells: Option<u64>,
}
