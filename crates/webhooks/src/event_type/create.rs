use jackfield_storage::access::{ManageEventTypes, Permit};
use jackfield_storage::event_type::{self, EventType};
use jackfield_storage::ids::{EventTypeId, WorkspaceId};
use jackfield_storage::{Problem, ProblemCode, Timestamp};

use super::change::insert;
use super::{EventTypeError, EventTypes, NewEventType, example};

const LONGEST_CATEGORY: usize = 100;
const LONGEST_DESCRIPTION: usize = 2_000;

impl EventTypes {
    /// Puts a type into the catalogue.
    ///
    /// # Errors
    ///
    /// When something about it cannot be used, or the name is taken, also by an archived type.
    pub async fn create(
        &self,
        permit: &Permit<ManageEventTypes>,
        new: NewEventType,
    ) -> Result<EventType, EventTypeError> {
        let row = new
            .check(permit.workspace(), self.store.clock().id())
            .map_err(EventTypeError::Rejected)?;
        let read = permit.read();
        self.store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let taken = event_type::named(call.db(), &read, &[&row.name]).await?;
                    if !taken.is_empty() {
                        let message = "there is a type of this name, perhaps an archived one";
                        let problem = Problem::new(["name"], ProblemCode::Taken, message);
                        return Err(EventTypeError::Rejected(vec![problem]));
                    }
                    Ok(insert(call, vec![row]).await?.remove(0))
                })
            })
            .await
    }
}

impl NewEventType {
    /// The row, but for its times and revision, or everything that is wrong with it.
    pub(super) fn check(
        self,
        workspace_id: WorkspaceId,
        id: EventTypeId,
    ) -> Result<EventType, Vec<Problem>> {
        let mut problems = Vec::new();
        if !crate::publish::is_type(&self.name) {
            let message = "a name has 1 to 200 characters and no spaces, such as `booking.created`";
            problems.push(Problem::new(["name"], ProblemCode::Invalid, message));
        }
        problems.extend(texts(Some(&self.category), Some(&self.description)));
        problems.extend(example::check(self.schema.as_ref(), self.example.as_ref()));
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(EventType {
            id,
            workspace_id,
            name: self.name,
            category: self.category,
            description: self.description,
            version: 1,
            schema: self.schema,
            example: self.example,
            archived_at: None,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
            revision: 0,
        })
    }
}

/// What is wrong with those of the two that are given.
pub(super) fn texts(category: Option<&str>, description: Option<&str>) -> Vec<Problem> {
    let texts = [
        ("category", category, LONGEST_CATEGORY),
        ("description", description, LONGEST_DESCRIPTION),
    ];
    // PostgreSQL keeps no NUL in a text.
    let unfit = texts.into_iter().filter(|(_, text, longest)| {
        text.is_some_and(|text| text.chars().count() > *longest || text.contains('\0'))
    });
    unfit
        .map(|(field, _, longest)| {
            let message =
                format!("a {field} has at most {longest} characters, and no NUL among them");
            Problem::new([field], ProblemCode::Invalid, message)
        })
        .collect()
}
