//! What is wrong with an expression, and where.

/// An expression that does not parse or cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}, at {}", self.place())]
pub struct ExpressionError {
    /// What is wrong and what to do about it.
    pub message: String,
    /// The first character of the faulty part within the config string, counted from 1.
    pub position: usize,
    /// Its line within the config string, counted from 1.
    pub line: usize,
    /// Its place within the line, in characters from 1.
    pub column: usize,
    /// The names and indexes that lead from the node's config to the string, outermost first.
    pub field: Vec<String>,
}

impl ExpressionError {
    /// A fault at byte `offset` of the config string `text`.
    pub(super) fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let mut end = offset.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        ExpressionError {
            message: message.into(),
            position: before.chars().count() + 1,
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            field: Vec::new(),
        }
    }

    /// The same fault, one level further out.
    pub(crate) fn under(mut self, field: impl Into<String>) -> Self {
        self.field.insert(0, field.into());
        self
    }

    /// The place within the string, in words; lines are only spoken of where there are several.
    fn place(&self) -> String {
        match self.line {
            1 => format!("character {}", self.position),
            line => format!("line {line}, character {}", self.column),
        }
    }

    /// The path of the string within the config, as people write it: `headers.X-Id` or `items[0].name`.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for part in &self.field {
            match part.parse::<usize>() {
                Ok(index) => path.push_str(&format!("[{index}]")),
                Err(_) if path.is_empty() => path.push_str(part),
                Err(_) => {
                    path.push('.');
                    path.push_str(part);
                }
            }
        }
        path
    }
}
