use jackfield_storage::connected_app::ConnectedApp;
use jackfield_storage::{Problem, ProblemCode};
use serde_json::{Map, Value, json};

use super::{FORMAT, WorkflowFile};
use crate::definition::MAX_SIZE;

impl WorkflowFile {
    /// Reads a file in YAML, of which JSON is a part.
    ///
    /// # Errors
    ///
    /// What is wrong with the file as a file; what is wrong with the definition in it is found when that is checked.
    pub fn read(text: &str) -> Result<WorkflowFile, Problem> {
        let problem = |code, message: String| Problem::new(["file"], code, message);
        if text.len() > MAX_SIZE {
            let message = format!(
                "the file is {} bytes long, but may have at most {MAX_SIZE}",
                text.len()
            );
            return Err(problem(ProblemCode::TooLarge, message));
        }
        let read = match text.trim_start().starts_with('{') {
            true => serde_json::from_str(text).map_err(|error| error.to_string()),
            false => serde_saphyr::from_str(text).map_err(|error| error.to_string()),
        };
        let value: Value = read.map_err(|error| {
            let line = error.lines().next().unwrap_or_default();
            let reason = line.strip_prefix("error: ").unwrap_or(line);
            problem(
                ProblemCode::Invalid,
                format!("this is neither YAML nor JSON: {reason}"),
            )
        })?;
        let Value::Object(mut members) = value else {
            return Err(problem(
                ProblemCode::Invalid,
                "the file has to hold an object".to_owned(),
            ));
        };
        match members.shift_remove("jackfield") {
            Some(Value::String(format)) if format == FORMAT => {}
            _ => {
                let message = format!(
                    "this is no workflow of a version known here; its first line is `jackfield: {FORMAT}`"
                );
                return Err(Problem::new(
                    ["file", "jackfield"],
                    ProblemCode::Invalid,
                    message,
                ));
            }
        }
        let Some(Value::String(name)) = members.shift_remove("name") else {
            return Err(Problem::new(
                ["file", "name"],
                ProblemCode::Required,
                "the name of the workflow is missing",
            ));
        };
        Ok(WorkflowFile {
            name: name.trim().to_owned(),
            definition: Value::Object(members),
        })
    }

    /// The names of all connected apps in the file.
    pub fn app_names(&self) -> Vec<&str> {
        nodes(&self.definition)
            .filter_map(|node| node.get("connectedApp")?.as_str())
            .collect()
    }

    /// The definition with the ids of connected apps, of those there are with the file's names. Of several with the same
    /// name, one of the node's provider is meant: `providers` says which provider a node type wants.
    pub fn resolve(
        mut self,
        apps: &[ConnectedApp],
        provider: impl Fn(&str) -> Option<String>,
        problems: &mut Vec<Problem>,
    ) -> Value {
        let Some(Value::Array(nodes)) = self.definition.get_mut("nodes") else {
            return self.definition;
        };
        for (index, node) in nodes.iter_mut().enumerate() {
            let Some(members) = node.as_object_mut() else {
                continue;
            };
            let field = |name: &str| {
                let index = index.to_string();
                ["definition", "nodes", &index, name].map(str::to_owned)
            };
            if members.contains_key("connectedAppId") {
                let message = "a file names an app by its name; write `connectedApp`";
                problems.push(Problem::new(
                    field("connectedAppId"),
                    ProblemCode::Invalid,
                    message,
                ));
                continue;
            }
            let Some(named) = members
                .shift_remove("connectedApp")
                .filter(|name| !name.is_null())
            else {
                continue;
            };
            let text = |member: &str| members.get(member).and_then(Value::as_str);
            let wanted = text("type").and_then(&provider);
            match app_of(&named, wanted.as_deref(), apps) {
                Ok(app) => {
                    drop(members.insert("connectedAppId".to_owned(), json!(app.id.to_string())))
                }
                Err((code, message)) => {
                    let key = text("key").unwrap_or_default();
                    let message = format!("node `{key}`: {message}");
                    problems.push(Problem::new(field("connectedApp"), code, message))
                }
            }
        }
        self.definition
    }
}

fn nodes(definition: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    let nodes = definition.get("nodes").and_then(Value::as_array);
    nodes.into_iter().flatten().filter_map(Value::as_object)
}

fn app_of<'a>(
    named: &Value,
    provider: Option<&str>,
    apps: &'a [ConnectedApp],
) -> Result<&'a ConnectedApp, (ProblemCode, String)> {
    let Some(name) = named.as_str() else {
        return Err((
            ProblemCode::Invalid,
            "connectedApp has to be the name of a connected app".to_owned(),
        ));
    };
    let same: Vec<_> = apps.iter().filter(|app| app.name == name).collect();
    let fitting: Vec<_> = same
        .iter()
        .filter(|app| provider.is_none_or(|provider| app.provider == provider))
        .collect();
    match (&fitting[..], &same[..]) {
        ([app], _) => Ok(app),
        // That its provider is the wrong one is told where the definition is checked.
        ([], [app]) => Ok(app),
        ([], _) => Err((
            ProblemCode::NotFound,
            format!(
                "there is no connected app called `{name}`; connect one{} under this name, or write the name of another",
                provider.map_or_else(String::new, |provider| format!(" of `{provider}`"))
            ),
        )),
        (several, _) => Err((
            ProblemCode::Conflict,
            format!(
                "there are {} connected apps called `{name}`; give them different names",
                several.len()
            ),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::Document;
    use crate::file::Format;

    const FILE: &str = "\
jackfield: workflow/v1
name: Large payments
nodes:
- key: paid
  type: webhook
  config:
    scheme: stripe
    secret:
      set: true
- key: large
  type: if
  config:
    condition: \"{{ trigger.body.amount >= 10000 }}\"
  position:
    x: 10
    \"y\": 20.5
- key: note
  type: debug
  config:
    message: |
      Paid:
      {{ trigger.body }}
    note: \"yes\"
  timeout: PT10S
edges:
- from: paid
  to: large
- from: large
  fromPort: \"true\"
  to: note
";

    #[test]
    fn a_file_is_written_as_it_was_read() {
        let file = WorkflowFile::read(FILE).unwrap();
        let mut problems = Vec::new();
        let document = Document::read(&file.definition, &mut problems).unwrap();
        assert_eq!(problems, []);
        let again = WorkflowFile::of(&file.name, &document, &[]);
        assert_eq!(again.write(Format::Yaml).unwrap(), FILE);
        let json = again.write(Format::Json).unwrap();
        assert_eq!(WorkflowFile::read(&json).unwrap(), again);
    }

    #[test]
    fn what_is_no_file_says_why() {
        let fault = |text: &str| WorkflowFile::read(text).unwrap_err().to_string();
        insta::assert_snapshot!(fault("a: ["), @"file: this is neither YAML nor JSON: line 1 column 4: unclosed bracket '['");
        insta::assert_snapshot!(fault("{\"a\": }"), @"file: this is neither YAML nor JSON: expected value at line 1 column 7");
        insta::assert_snapshot!(fault("- 1"), @"file: the file has to hold an object");
        insta::assert_snapshot!(fault("name: x"), @"file.jackfield: this is no workflow of a version known here; its first line is `jackfield: workflow/v1`");
        insta::assert_snapshot!(fault("jackfield: workflow/v1"), @"file.name: the name of the workflow is missing");
    }
}
