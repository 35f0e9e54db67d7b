//! A1 notation: <https://developers.google.com/workspace/sheets/api/guides/concepts#cell>.

use std::borrow::Cow;

use jackfield_plugin_sdk::prelude::*;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserializer;

use crate::api::invalid;

/// A spreadsheet's id, which its address may stand for.
#[derive(Clone, Serialize)]
pub(super) struct Spreadsheet(String);

impl Spreadsheet {
    /// `https://docs.google.com/spreadsheets/d/ID/edit#gid=0` has the id `ID`.
    pub(super) fn read(written: &str) -> Self {
        let written = written.trim();
        let behind = written
            .split_once("/spreadsheets/d/")
            .map_or(written, |(_, behind)| behind);
        let id = behind.split(['/', '?', '#']).next().unwrap_or_default();
        Self(id.to_owned())
    }
}

impl<'de> Deserialize<'de> for Spreadsheet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        Ok(Self::read(&written))
    }
}

impl JsonSchema for Spreadsheet {
    fn schema_name() -> Cow<'static, str> {
        "Spreadsheet".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "minLength": 1})
    }

    fn inline_schema() -> bool {
        true
    }
}

/// Cells of a tab. Its name is quoted: `A1` and `R1C1` would be cells otherwise.
pub(super) fn of_tab(tab: &str, cells: &str) -> String {
    format!("'{}'!{cells}", tab.replace('\'', "''"))
}

/// A whole tab.
pub(super) fn whole_tab(tab: &str) -> String {
    format!("'{}'", tab.replace('\'', "''"))
}

/// Cells of a tab as somebody wrote them, which may say the tab as well: `A2:F`, `Revenue!A2:F`.
pub(super) fn written(tab: &str, cells: &str) -> String {
    let cells = cells.trim();
    match cells.contains('!') {
        true => cells.to_owned(),
        false => of_tab(tab, cells),
    }
}

/// The letters of a column, counted from 0: `A`, `Z`, `AA`.
pub(super) fn column(index: usize) -> String {
    let mut letters = Vec::new();
    let mut left = index + 1;
    while left > 0 {
        letters.push(char::from(
            b'A' + u8::try_from((left - 1) % 26).unwrap_or_default(),
        ));
        left = (left - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// The number of the first row of a range, and its first column counted from 0, as Google writes them: `Revenue!B2:F14`.
pub(super) fn first_cell(range: &str) -> (usize, usize) {
    let cells = range.rsplit_once('!').map_or(range, |(_, cells)| cells);
    let cell = cells.split(':').next().unwrap_or_default();
    let letters = cell.chars().take_while(char::is_ascii_alphabetic);
    let column = letters.fold(0, |column, letter| {
        column * 26 + usize::from(letter.to_ascii_uppercase() as u8 - b'A') + 1
    });
    let digits = cell.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    (digits.parse().unwrap_or(1), column.saturating_sub(1))
}

/// A row of a tab from its first cell on.
///
/// # Errors
/// When rows are not counted so.
pub(super) fn row(tab: &str, row: usize, columns: usize) -> Result<String> {
    if row == 0 {
        return Err(invalid("Rows are counted from 1."));
    }
    let last = column(columns.max(1) - 1);
    Ok(of_tab(tab, &format!("A{row}:{last}{row}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_the_id_in_it() {
        let id = |written: &str| Spreadsheet::read(written).0;
        assert_eq!(
            id("https://docs.google.com/spreadsheets/d/1AbC_d-9/edit?gid=0#gid=0"),
            "1AbC_d-9"
        );
        assert_eq!(id(" 1AbC_d-9 "), "1AbC_d-9");
    }

    #[test]
    fn columns_are_counted_in_letters() {
        for (index, letters) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
        ] {
            assert_eq!(column(index), letters);
            assert_eq!(first_cell(&format!("'a!b'!{letters}7:ZZZ9")), (7, index));
        }
        assert_eq!(first_cell("Revenue!A1"), (1, 0));
    }

    #[test]
    fn a_tab_keeps_its_name() {
        assert_eq!(written("Ada's", " A2:F "), "'Ada''s'!A2:F");
        assert_eq!(written("Revenue", "Costs!A2:F"), "Costs!A2:F");
    }
}
