use jackfield_storage::access::{ManageVariables, Permit};
use jackfield_storage::ids::VariableId;
use jackfield_storage::variable::{self, Variable};

use super::VariableError;
use crate::Workflows;

impl Workflows {
    /// Deletes a variable with its history. Expressions that read it find nothing from then on.
    pub async fn delete_variable(
        &self,
        permit: &Permit<ManageVariables>,
        id: VariableId,
    ) -> Result<Variable, VariableError> {
        let read = permit.read();
        self.0
            .store
            .writer()
            .call(permit, move |call| {
                Box::pin(async move {
                    let found = variable::find(call.db(), &read, id).await?;
                    let row = found.ok_or(VariableError::NotFound)?;
                    Ok(variable::remove(call, row).await?)
                })
            })
            .await
    }
}
