use jackfield_storage::access::{ManageVariables, Permit};
use jackfield_storage::variable::{self, Variable};
use jackfield_storage::{Json, Problem, ProblemCode};

use super::VariableError;
use crate::Workflows;

const MAX_NAME: usize = 100;
const MAX_DESCRIPTION: usize = 2_000;
/// In bytes of JSON.
const MAX_VALUE: usize = 64 * 1024;
/// All of them are in memory on every node.
const MAX_VARIABLES: u64 = 1_000;

/// A variable as it shall be.
pub struct SetVariable {
    /// Letters, digits and `_`, not beginning with a digit.
    pub name: String,
    /// Any JSON.
    pub value: Json,
    /// What it is for; as it was when absent.
    pub description: Option<String>,
}

impl Workflows {
    /// Gives a variable its value, and makes it if there is none of that name.
    pub async fn set_variable(
        &self,
        permit: &Permit<ManageVariables>,
        set: SetVariable,
    ) -> Result<Variable, VariableError> {
        set.check().map_err(VariableError::Rejected)?;
        let (read, by) = (permit.read(), permit.actor().to_string());
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let before = variable::find_named(call.db(), &read, &set.name).await?;
                    if before.is_none() && variable::count(call.db(), &read).await? >= MAX_VARIABLES
                    {
                        return Err(VariableError::Rejected(vec![too_many()]));
                    }
                    let row = match &before {
                        Some(row) => Variable {
                            description: set.description.unwrap_or_else(|| row.description.clone()),
                            value: set.value,
                            updated_by: by,
                            ..row.clone()
                        },
                        None => Variable {
                            id: call.id(),
                            workspace_id: read.workspace(),
                            name: set.name,
                            value: set.value,
                            description: set.description.unwrap_or_default(),
                            version: 0,
                            created_at: call.now(),
                            updated_at: call.now(),
                            updated_by: by,
                            revision: 0,
                        },
                    };
                    Ok(variable::set(call, before.as_ref(), row).await?)
                })
            })
            .await
    }
}

impl SetVariable {
    fn check(&self) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let mut refuse = |field, code, message: String| {
            problems.push(Problem::new([field], code, message));
        };
        let starts_well =
            |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let is_word = self
            .name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !is_word || !starts_well(&self.name) || self.name.len() > MAX_NAME {
            let message = format!(
                "a name has letters from a to z, digits and `_`, does not begin with a digit, and has at most {MAX_NAME} characters, so that expressions can say `vars.name`"
            );
            refuse("name", ProblemCode::Invalid, message);
        }
        if self.value.as_str().len() > MAX_VALUE {
            let message = format!("a value has at most {MAX_VALUE} bytes of JSON");
            refuse("value", ProblemCode::TooLarge, message);
        }
        let description = self.description.as_deref().unwrap_or_default();
        if description.chars().count() > MAX_DESCRIPTION {
            let message = format!("a description has at most {MAX_DESCRIPTION} characters");
            refuse("description", ProblemCode::TooLarge, message);
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(problems),
        }
    }
}

fn too_many() -> Problem {
    let message = format!(
        "a workspace has at most {MAX_VARIABLES} variables: delete one that is not used, or put several values into one object"
    );
    Problem::new(["name"], ProblemCode::Conflict, message)
}
