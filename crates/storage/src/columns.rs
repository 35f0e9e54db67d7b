//! Reading rows without columns that nobody looks at.

use sea_orm::{
    ColumnTrait, EntityTrait, IdenStatic, Iterable, QuerySelect, Select,
    sea_query::{Expr, SimpleExpr, Value},
};

use crate::Json;

/// Leaves columns of documents and texts out of what is read. Their place in the rows is taken by null.
pub(crate) trait Without<E: EntityTrait> {
    /// The same rows without these columns.
    fn without(self, columns: &[E::Column]) -> Self;
}

impl<E: EntityTrait> Without<E> for Select<E> {
    fn without(self, columns: &[E::Column]) -> Self {
        if columns.is_empty() {
            return self;
        }
        E::Column::iter().fold(self.select_only(), |select, column| {
            let unwanted = columns
                .iter()
                .any(|other| other.as_str() == column.as_str());
            match unwanted {
                true => select.expr_as(nothing(&column), column.as_str()),
                false => select.column(column),
            }
        })
    }
}

fn nothing<C: ColumnTrait>(column: &C) -> SimpleExpr {
    if column.def().is_null() {
        Expr::value(Value::String(None))
    } else {
        Expr::val(Json::null().as_str())
    }
}
