//! Rows with names: the first row of a table says what its columns are called.

use jackfield_plugin_sdk::prelude::*;
use serde_json::Map;

use super::range::{self, Spreadsheet};
use super::values::{Get, RenderOption};
use crate::api::invalid;

/// A row to write: values by the names of their columns, or one after the other.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Row {
    /// By the names of their columns.
    Named(Map<String, Value>),
    /// From the first column on.
    Listed(Vec<Value>),
}

/// The names of columns, from the first one on.
pub(super) struct Headers(pub(super) Vec<String>);

impl Headers {
    /// A column without a name is called by its letters, and the second of a name gets a number.
    pub(super) fn of(row: &[Value], first_column: usize) -> Self {
        let mut names: Vec<String> = Vec::new();
        for (index, cell) in row.iter().enumerate() {
            let given = text(cell).trim().to_owned();
            let name = match given.is_empty() {
                true => range::column(first_column + index),
                false => given,
            };
            let is_taken = |candidate: &String| names.contains(candidate);
            let candidates = (2..).map(|number| format!("{name} {number}"));
            let mut candidates = std::iter::once(name.clone()).chain(candidates);
            let free = candidates.find(|candidate| !is_taken(candidate));
            names.push(free.unwrap_or(name));
        }
        Self(names)
    }

    /// Reads the row that has them.
    ///
    /// # Errors
    /// When Google does not answer with it.
    pub(super) async fn read(
        context: &Context,
        spreadsheet: &Spreadsheet,
        tab: &str,
        row: usize,
    ) -> Result<Self> {
        if row == 0 {
            return Err(invalid("headerRow: rows are counted from 1."));
        }
        let get = Get {
            spreadsheet: spreadsheet.clone(),
            range: range::of_tab(tab, &format!("{row}:{row}")),
            value_render_option: Some(RenderOption::FormattedValue),
        };
        let found = get.call(context).await?;
        let first = found.values.first().map(Vec::as_slice);
        Ok(Self::of(first.unwrap_or_default(), 0))
    }

    /// Where the column of this name is.
    ///
    /// # Errors
    /// When there is none. The error says which there are.
    pub(super) fn position(&self, name: &str) -> Result<usize> {
        let found = self.0.iter().position(|header| header == name.trim());
        found.ok_or_else(|| {
            let known = match self.0.as_slice() {
                [] => "none, for its header row is empty".to_owned(),
                names => names.join(", "),
            };
            invalid(format!("The sheet has no column {name}; it has {known}."))
        })
    }

    /// The cells of a row, null where nothing is said.
    ///
    /// # Errors
    /// When the sheet has no column of a name.
    pub(super) fn cells(&self, row: Map<String, Value>) -> Result<Vec<Value>> {
        let mut cells = vec![Value::Null; self.0.len()];
        for (name, value) in row {
            cells[self.position(&name)?] = cell(value);
        }
        Ok(cells)
    }

    /// A row with the names of its columns. Cells that Google left out are empty.
    pub(super) fn named(&self, row: Vec<Value>) -> Map<String, Value> {
        let mut cells = row.into_iter();
        let mut named = Map::new();
        for name in &self.0 {
            let empty = || Value::String(String::new());
            named.insert(name.clone(), cells.next().unwrap_or_else(empty));
        }
        named
    }
}

/// A cell holds a text, a number or a boolean; anything else is written as JSON. Null leaves it as it is.
pub(super) fn cell(value: Value) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) => Value::String(value.to_string()),
        value => value,
    }
}

/// What a cell says.
pub(super) fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let row = ["Day", "", " Amount ", "Amount", "Amount 2"].map(Value::from);
        let Headers(names) = Headers::of(&row, 1);
        assert_eq!(names, ["Day", "C", "Amount", "Amount 2", "Amount 2 2"]);
    }

    #[test]
    fn a_row_without_its_last_cells_is_whole() {
        let headers = Headers::of(&["Day", "Amount"].map(Value::from), 0);
        let named = headers.named(vec!["Monday".into()]);
        assert_eq!(json!(named), json!({"Day": "Monday", "Amount": ""}));
    }
}
