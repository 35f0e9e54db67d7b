//! The node `google-sheets`.

mod append_row;
mod create_sheet;
mod options;
mod range;
mod read_rows;
mod table;
mod update_row;
mod values;

use jackfield_plugin_sdk::prelude::*;

pub(crate) fn operations() -> Operations {
    let about = About::new("Google Sheets")
        .description(
            "Reads, appends and updates rows in Google Sheets, and makes spreadsheets and tabs.",
        )
        .icon("table-2")
        .provider("google")
        .input("data-in", "What goes into the sheet.")
        .output("data-out", "The rows, or what was changed.")
        .output("error", "Why it was refused.")
        .documentation(include_str!("sheets/documentation.md"))
        .examples(include_str!("sheets/examples.json"))
        .options::<options::Spreadsheets>()
        .options::<options::Tabs>();
    Operations::new("google-sheets", about)
        .operation::<read_rows::ReadRows>()
        .operation::<append_row::AppendRow>()
        .operation::<update_row::UpdateRow>()
        .operation::<create_sheet::CreateSheet>()
}

#[cfg(test)]
mod tests;
