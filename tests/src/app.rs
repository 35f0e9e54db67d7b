//! What nearly every test does with connected apps, in a line each.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::Client;
use crate::definition::node;

/// A node that uses this connected app.
#[must_use]
pub fn node_of_app(key: &str, kind: &str, app: &Value, config: Value) -> Value {
    let mut node = node(key, kind, config);
    node["connectedAppId"] = app.clone();
    node
}

impl Client {
    /// Connects an app and returns its id.
    pub async fn connect_app(&self, input: Value) -> Result<Value> {
        let connected = self
            .succeed("connectApp", input, "connectedApp { id }")
            .await?;
        Ok(connected["connectedApp"]["id"].clone())
    }

    /// Adds a resource to an app and returns it.
    pub async fn add_resource(&self, app: &Value, kind: &str, value: &str) -> Result<Value> {
        let input = json!({"connectedAppId": app, "resourceType": kind, "value": value});
        let fields = "resource { id value isDefault verificationStatus }";
        Ok(self.succeed("createResource", input, fields).await?["resource"].take())
    }

    /// Takes over the resources that the account has, and returns the values of those that are new.
    pub async fn import_resources(&self, app: &Value, kind: &str) -> Result<Vec<Value>> {
        let input = json!({"connectedAppId": app, "resourceType": kind});
        let fields = "resources { id value label isDefault verificationStatus }";
        let imported = self.succeed("importResources", input, fields).await?;
        let resources = imported["resources"].as_array().cloned();
        Ok(resources.unwrap_or_default())
    }

    /// Deletes a resource.
    pub async fn delete_resource(&self, resource: &Value) -> Result<()> {
        let input = json!({"resourceId": resource});
        let deleted = self.succeed("deleteResource", input, "resource { id }");
        deleted.await.map(drop)
    }

    /// The warnings of a step of a run.
    pub async fn warnings_of(&self, run: &Value, node_key: &str) -> Result<Value> {
        let document =
            "query($id: ID!) { run(id: $id) { steps { nodeKey warnings { code message } } } }";
        let data = self.data_with(document, json!({"id": run["id"]})).await?;
        Ok(crate::run::step(&data["run"], node_key)["warnings"].clone())
    }
}
