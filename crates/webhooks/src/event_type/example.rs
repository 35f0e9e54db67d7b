use jackfield_storage::{Json, Problem, ProblemCode};

use super::schema;

/// What is wrong with a schema and with the example that goes with it.
pub(super) fn check(schema: Option<&Json>, example: Option<&Json>) -> Vec<Problem> {
    let mut problems = Vec::new();
    let validator = match schema.map(schema::check).transpose() {
        Ok(validator) => validator,
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let Some(example) = example else {
        return problems;
    };
    if example.as_str().len() > schema::LARGEST {
        problems.push(schema::too_large("example"));
    } else if let Err(error) = crate::sound::check(example.as_str()) {
        let message = format!("this is not JSON that can be read: {error}");
        problems.push(Problem::new(["example"], ProblemCode::Invalid, message));
    } else if let Some(validator) = validator {
        problems.extend(schema::faults(&validator, &example.value(), "example"));
    }
    problems
}
