//! What a message template says, compiled.

use jackfield_storage::message_template::{MessageChannel, MessageTemplate};
use jackfield_storage::{Problem, ProblemCode};
use serde::Serialize;

use crate::expression::{ExpressionError, Markup, Text, Value};

/// The longest subject, in characters.
const MAX_SUBJECT: usize = 1_000;
/// The longest HTML text, in bytes.
const MAX_HTML: usize = 200 * 1024;
/// The longest plain text of a mail, in bytes.
const MAX_TEXT: usize = 64 * 1024;
/// The longest text message, in bytes: what it comes to has to be much shorter.
const MAX_SMS: usize = 10 * 1024;
/// The most expressions in all texts together.
const MAX_EXPRESSIONS: usize = 1_000;

/// The texts of a message as they are written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Of a mail.
    pub subject: Option<String>,
    /// Of a mail.
    pub html_body: Option<String>,
    /// Of a mail or a text message.
    pub text_body: Option<String>,
}

/// The texts of a message, good for its channel, their expressions compiled.
#[derive(Debug)]
pub struct Message {
    subject: Option<Text>,
    html_body: Option<Text>,
    text_body: Option<Text>,
}

/// The texts of a message with the values of their expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rendered {
    /// Of a mail; one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Of a mail, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub html_body: Option<String>,
    /// Of a text message; of a mail if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_body: Option<String>,
}

impl From<&MessageTemplate> for Texts {
    fn from(row: &MessageTemplate) -> Texts {
        Texts {
            subject: row.subject.clone(),
            html_body: row.html_body.clone(),
            text_body: row.text_body.clone(),
        }
    }
}

impl Texts {
    /// These, and others where there are none.
    pub(super) fn or(self, others: Texts) -> Texts {
        Texts {
            subject: self.subject.or(others.subject),
            html_body: self.html_body.or(others.html_body),
            text_body: self.text_body.or(others.text_body),
        }
    }

    /// The same without texts that are blank.
    pub(super) fn without_blanks(self) -> Texts {
        let present = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        Texts {
            subject: present(self.subject).map(|subject| subject.trim().to_owned()),
            html_body: present(self.html_body),
            text_body: present(self.text_body),
        }
    }
}

impl Message {
    /// Holds texts to what their channel takes, and compiles them. All problems are told, each with its field and the place of
    /// the expression.
    pub fn parse(channel: MessageChannel, texts: &Texts) -> Result<Message, Vec<Problem>> {
        let mut problems = Vec::new();
        check_channel(channel, texts, &mut problems);
        let most = match channel {
            MessageChannel::Email => MAX_TEXT,
            MessageChannel::Sms => MAX_SMS,
        };
        check_sizes(texts, most, &mut problems);
        let mut parse = |field: &str, text: &Option<String>| {
            let parsed = Text::parse(text.as_deref()?);
            let told = |error: ExpressionError| {
                Problem::new([field], ProblemCode::InvalidExpression, error.to_string())
            };
            parsed
                .map_err(|errors| problems.extend(errors.into_iter().map(told)))
                .ok()
        };
        let message = Message {
            subject: parse("subject", &texts.subject),
            html_body: parse("htmlBody", &texts.html_body),
            text_body: parse("textBody", &texts.text_body),
        };
        problems.extend(message.too_many());
        match problems.is_empty() {
            true => Ok(message),
            false => Err(problems),
        }
    }

    /// The problem of a message with too many expressions, told of the text that has the most.
    fn too_many(&self) -> Option<Problem> {
        let count = |text: &Option<Text>| text.as_ref().map_or(0, Text::expressions);
        let counts = [
            ("subject", count(&self.subject)),
            ("htmlBody", count(&self.html_body)),
            ("textBody", count(&self.text_body)),
        ];
        if counts.iter().map(|(_, count)| count).sum::<usize>() <= MAX_EXPRESSIONS {
            return None;
        }
        let (field, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let message = format!("a template has at most {MAX_EXPRESSIONS} expressions");
        Some(Problem::new([field], ProblemCode::TooLarge, message))
    }

    /// The message in a scope. The values in its HTML are escaped; those in its subject are brought on one line, since it
    /// becomes a header.
    ///
    /// # Errors
    /// The first expression that has no value, as an error of `subject`, `htmlBody` or `textBody`.
    pub fn render(&self, scope: &Value) -> Result<Rendered, ExpressionError> {
        let render = |field: &str, text: &Option<Text>, markup| {
            let rendered = text.as_ref().map(|text| text.evaluate(scope, markup));
            rendered.transpose().map_err(|error| error.under(field))
        };
        Ok(Rendered {
            subject: render("subject", &self.subject, Markup::None)?.map(on_one_line),
            html_body: render("htmlBody", &self.html_body, Markup::Html)?,
            text_body: render("textBody", &self.text_body, Markup::None)?,
        })
    }
}

fn check_channel(channel: MessageChannel, texts: &Texts, problems: &mut Vec<Problem>) {
    let mut refuse = |field: &str, code, message: &str| {
        problems.push(Problem::new([field], code, message));
    };
    match channel {
        MessageChannel::Email => {
            if texts.subject.is_none() {
                refuse("subject", ProblemCode::Required, "a mail needs a subject");
            }
            if texts.html_body.is_none() && texts.text_body.is_none() {
                let message = "a mail needs a `htmlBody`, a `textBody` or both";
                refuse("htmlBody", ProblemCode::Required, message);
            }
        }
        MessageChannel::Sms => {
            if texts.text_body.is_none() {
                let message = "a text message needs a `textBody`";
                refuse("textBody", ProblemCode::Required, message);
            }
            for (field, text) in [("subject", &texts.subject), ("htmlBody", &texts.html_body)] {
                if text.is_some() {
                    let message = format!("a text message has no `{field}`: leave it out");
                    refuse(field, ProblemCode::Invalid, &message);
                }
            }
        }
    }
}

fn check_sizes(texts: &Texts, most_text: usize, problems: &mut Vec<Problem>) {
    let subject = texts.subject.as_deref().unwrap_or_default();
    if subject.chars().count() > MAX_SUBJECT {
        let message = format!("a subject has at most {MAX_SUBJECT} characters");
        problems.push(Problem::new(["subject"], ProblemCode::TooLarge, message));
    }
    let bodies = [
        ("htmlBody", &texts.html_body, MAX_HTML),
        ("textBody", &texts.text_body, most_text),
    ];
    for (field, text, most) in bodies {
        let size = text.as_ref().map_or(0, String::len);
        if size > most {
            let message = format!("is {size} bytes long, but may have at most {most}");
            problems.push(Problem::new([field], ProblemCode::TooLarge, message));
        }
    }
}

fn on_one_line(subject: String) -> String {
    match subject.contains(char::is_control) {
        true => subject
            .split(|c: char| c.is_control())
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
            .collect::<Vec<_>>()
            .join(" "),
        false => subject,
    }
}
