use std::collections::HashSet;

use jackfield_storage::access::{ManageEventTypes, Permit};
use jackfield_storage::event_type::{self, EventType};
use jackfield_storage::{Json, Problem, ProblemCode};

use super::change::insert;
use super::{EventTypeError, EventTypes, NewEventType, starter};

/// How many types one import may bring.
const MOST: usize = 1_000;

/// What an import did.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Those that were created.
    pub created: Vec<EventType>,
    /// How many were there already, and were left alone.
    pub existing: usize,
}

impl EventTypes {
    /// Creates the types of `document`, a list in the form of [`NewEventType`], or of the starter set when there is none.
    /// Those whose names are taken are left as they are, so that importing twice changes nothing.
    ///
    /// # Errors
    ///
    /// When anything in the document cannot be used; nothing was created then.
    pub async fn import(
        &self,
        permit: &Permit<ManageEventTypes>,
        document: Option<&Json>,
    ) -> Result<Imported, EventTypeError> {
        let given = document.map_or(starter::DOCUMENT, Json::as_str);
        let rows = self.rows(permit, given).map_err(EventTypeError::Rejected)?;
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
                    let taken = event_type::named(call.db(), &read, &names).await?;
                    let taken: HashSet<String> = taken.into_iter().map(|row| row.name).collect();
                    let new = rows.into_iter().filter(|row| !taken.contains(&row.name));
                    Ok(Imported {
                        created: insert(call, new.collect()).await?,
                        existing: taken.len(),
                    })
                })
            })
            .await
    }

    fn rows(
        &self,
        permit: &Permit<ManageEventTypes>,
        document: &str,
    ) -> Result<Vec<EventType>, Vec<Problem>> {
        let problem = |code, message| vec![Problem::new(["document"], code, message)];
        let given: Vec<NewEventType> = serde_json::from_str(document).map_err(|error| {
            let message = format!("this is no list of event types: {error}");
            problem(ProblemCode::Invalid, message)
        })?;
        if given.len() > MOST {
            let message = format!("a document has at most {MOST} event types");
            return Err(problem(ProblemCode::TooLarge, message));
        }
        let (mut rows, mut problems) = (Vec::new(), Vec::new());
        let mut seen = HashSet::new();
        for (place, new) in given.into_iter().enumerate() {
            if !seen.insert(new.name.clone()) {
                let message = format!("`{}` is in the document twice", new.name);
                problems.push(Problem::new(["name"], ProblemCode::Taken, message).under(place));
            }
            match new.check(permit.workspace(), self.store.clock().id()) {
                Ok(row) => rows.push(row),
                Err(found) => problems.extend(found.into_iter().map(|found| found.under(place))),
            }
        }
        if problems.is_empty() {
            return Ok(rows);
        }
        let under = problems.into_iter().map(|found| found.under("document"));
        Err(under.collect())
    }
}
