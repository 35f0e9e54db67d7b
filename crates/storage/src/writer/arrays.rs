//! Rows for PostgreSQL: a batch of any size is one statement, whose text is always the same and is prepared once.
//!
//! Each column is one parameter, an array in the notation of PostgreSQL 15 §8.15.2 ("Array Value Input"), which `unnest` takes
//! apart again: the arrays of SeaORM's values cannot hold NULL.

use std::fmt::Write;

use sea_orm::{DbErr, Value};

/// `SELECT * FROM unnest($1::text::uuid[], $2::text::bigint[])`, with the types of a row's values.
pub(super) fn source(row: &[Value]) -> Result<String, DbErr> {
    let mut text = "SELECT * FROM unnest(".to_owned();
    for (index, value) in row.iter().enumerate() {
        let (comma, number) = (if index == 0 { "" } else { ", " }, index + 1);
        // Writing to a String cannot fail.
        let _ = write!(text, "{comma}${number}::text::{}[]", type_of(value)?);
    }
    text.push(')');
    Ok(text)
}

/// One array for each column, of the values of all rows in their order.
pub(super) fn columns(values: &[Value], columns: usize) -> Result<Vec<Value>, DbErr> {
    let column = |index: usize| {
        let mut array = "{".to_owned();
        for value in values.iter().skip(index).step_by(columns) {
            if array.len() > 1 {
                array.push(',');
            }
            element(value, &mut array)?;
        }
        array.push('}');
        Ok(Value::String(Some(array)))
    };
    (0..columns).map(column).collect()
}

fn type_of(value: &Value) -> Result<&'static str, DbErr> {
    Ok(match value {
        Value::Bool(_) => "boolean",
        Value::SmallInt(_) => "smallint",
        Value::Int(_) => "integer",
        Value::BigInt(_) => "bigint",
        Value::String(_) => "text",
        Value::Bytes(_) => "bytea",
        Value::Uuid(_) => "uuid",
        other => return Err(unknown(other)),
    })
}

fn element(value: &Value, array: &mut String) -> Result<(), DbErr> {
    // Writing to a String cannot fail.
    let _ = match value {
        Value::Bool(Some(value)) => write!(array, "{value}"),
        Value::SmallInt(Some(value)) => write!(array, "{value}"),
        Value::Int(Some(value)) => write!(array, "{value}"),
        Value::BigInt(Some(value)) => write!(array, "{value}"),
        Value::Uuid(Some(value)) => write!(array, "{value}"),
        Value::String(Some(value)) => {
            quote(value, array);
            Ok(())
        }
        Value::Bytes(Some(value)) => write!(array, r#""\\x{}""#, hex::encode(value)),
        Value::Bool(None)
        | Value::SmallInt(None)
        | Value::Int(None)
        | Value::BigInt(None)
        | Value::Uuid(None)
        | Value::String(None)
        | Value::Bytes(None) => {
            array.push_str("NULL");
            Ok(())
        }
        other => return Err(unknown(other)),
    };
    Ok(())
}

fn quote(text: &str, array: &mut String) {
    array.reserve(text.len() + 2);
    array.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        array.push_str(&rest[..at]);
        array.push('\\');
        array.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    array.push_str(rest);
    array.push('"');
}

fn unknown(value: &Value) -> DbErr {
    DbErr::Type(format!("no array is known for {value:?}"))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn rows() -> [Value; 8] {
        [
            Value::BigInt(Some(-7)),
            Value::String(Some(r#"{"a": "\n, NULL {}"}"#.into())),
            Value::Bytes(Some(vec![0, 255])),
            Value::Bool(Some(true)),
            Value::BigInt(None),
            Value::String(None),
            Value::Bytes(None),
            Value::Bool(None),
        ]
    }

    #[test]
    fn the_text_says_the_types() {
        assert_snapshot!(source(&rows()[..4]).unwrap(), @"SELECT * FROM unnest($1::text::bigint[], $2::text::text[], $3::text::bytea[], $4::text::boolean[])");
    }

    #[test]
    fn each_column_is_an_array() {
        let arrays = columns(&rows(), 4).unwrap();
        let texts = arrays.iter().map(|array| match array {
            Value::String(Some(text)) => text.as_str(),
            other => panic!("{other:?}"),
        });
        assert_snapshot!(texts.collect::<Vec<_>>().join("\n"), @r#"
        {-7,NULL}
        {"{\"a\": \"\\n, NULL {}\"}",NULL}
        {"\\x00ff",NULL}
        {true,NULL}
        "#);
    }
}
