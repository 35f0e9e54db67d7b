//! Looking for a text within texts.

use sea_orm::sea_query::LikeExpr;

/// The pattern of texts with `text` in them, whatever characters it has.
pub(crate) fn containing(text: &str) -> LikeExpr {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    LikeExpr::new(format!("%{escaped}%")).escape('\\')
}
