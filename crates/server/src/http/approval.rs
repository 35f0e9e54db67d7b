//! The page behind the link to an approval.
//!
//! Opening the link shows the question and changes nothing, because mail scanners open links too. The answer is a form that
//! is posted. The link is the credential: whoever has it may answer, once.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jackfield_storage::ProblemCode;
use jackfield_storage::step::StepStatus;
use jackfield_workflows::{Asked, DecideError, Decided, Decision};

use super::App;
use super::page::{escaped, page};

/// What the form sends.
fn read(form: &str) -> Option<(Decision, String)> {
    let (mut decision, mut comment) = (None, String::new());
    for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
        match (&*name, &*value) {
            ("decision", "APPROVED") => decision = Some(Decision::Approved),
            ("decision", "REJECTED") => decision = Some(Decision::Rejected),
            ("comment", text) => comment = text.to_owned(),
            _ => {}
        }
    }
    Some((decision?, comment))
}

/// Shows what is asked.
pub async fn show(State(app): State<Arc<App>>, Path(token): Path<String>) -> Response {
    match app.workflows.asked(&token).await {
        Ok(Some(asked)) => asked_page(&asked),
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

/// Takes the answer.
pub async fn answer(
    State(app): State<Arc<App>>,
    Path(token): Path<String>,
    form: String,
) -> Response {
    match app.workflows.asked(&token).await {
        Ok(Some(_)) => {}
        Ok(None) => return unknown(),
        Err(error) => return failed(&error),
    }
    let Some((decision, comment)) = read(&form) else {
        let text = "<p>Go back and choose one of the two buttons.</p>";
        return page(StatusCode::BAD_REQUEST, "What is your answer?", text);
    };
    let taken = app
        .workflows
        .decide_by_link(&token, decision, Some(comment))
        .await;
    match taken {
        Ok(()) => page(StatusCode::OK, "Thank you", "<p>Your answer was taken.</p>"),
        Err(DecideError::Rejected(problem)) if problem.code == ProblemCode::TooLarge => {
            let text = "<p>Go back and shorten the comment.</p>";
            page(StatusCode::BAD_REQUEST, "Too long", text)
        }
        Err(DecideError::Rejected(_)) => not_taken(&app, &token).await,
        Err(DecideError::Storage(error)) => failed(&error),
    }
}

/// Says why an answer was not taken.
async fn not_taken(app: &App, token: &str) -> Response {
    match app.workflows.asked(token).await {
        Ok(Some(asked)) => {
            let answered = "<p>Somebody has answered already.</p>";
            let text = why_not_asked(&asked).unwrap_or(answered);
            page(StatusCode::CONFLICT, "Your answer was not taken", text)
        }
        Ok(None) => unknown(),
        Err(error) => failed(&error),
    }
}

fn asked_page(asked: &Asked) -> Response {
    if let Some(text) = why_not_asked(asked) {
        return page(StatusCode::OK, "Approval", text);
    }
    let input = asked.step.as_ref().and_then(|step| step.input.as_ref());
    let input = input.map(jackfield_storage::Json::value);
    let message = input.as_ref().and_then(|input| input["message"].as_str());
    let message = escaped(message.unwrap_or("A run of a workflow waits for your answer."));
    let form = format!(
        "<p class=message>{message}</p><form method=post><label for=comment>Comment</label>\
         <textarea id=comment name=comment maxlength=10000></textarea>\
         <button class=yes name=decision value=APPROVED>Approve</button>\
         <button name=decision value=REJECTED>Reject</button></form>"
    );
    page(StatusCode::OK, "Approval", &form)
}

/// How it stands with a question that is not open.
fn why_not_asked(asked: &Asked) -> Option<&'static str> {
    let Some(step) = &asked.step else {
        return Some(match asked.over {
            true => "<p>The run ended without coming to this question.</p>",
            false => "<p>Nothing is asked yet. Open the link again later.</p>",
        });
    };
    if step.status == StepStatus::Waiting {
        return None;
    }
    let output = step.output.as_ref();
    let decided = output.and_then(|output| output.parse::<Decided>().ok());
    Some(match decided.map(|decided| decided.decision) {
        Some(Decision::Approved) => "<p>This was approved.</p>",
        Some(Decision::Rejected) => "<p>This was rejected.</p>",
        None => "<p>Nobody is asked any more.</p>",
    })
}

fn unknown() -> Response {
    page(
        StatusCode::NOT_FOUND,
        "There is no such question",
        "<p>The link is not complete, or not one of this server.</p>",
    )
}

fn failed(error: &jackfield_storage::StorageError) -> Response {
    tracing::error!(%error, "an approval can be neither shown nor answered");
    page(
        StatusCode::SERVICE_UNAVAILABLE,
        "Not now",
        "<p>Try again in a moment.</p>",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_read() {
        let answer = read("comment=All+good%21&decision=APPROVED");
        assert_eq!(answer, Some((Decision::Approved, "All good!".to_owned())));
        assert_eq!(read("comment=hm"), None);
    }
}
