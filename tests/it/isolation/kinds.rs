//! Which argument takes the id of what. Whoever adds one says so here, or the tests fail.

/// The prefixes of ids that the argument takes; `None` when it is not known here.
///
/// `field` is the field of the root, `argument` the argument or the field of an input.
pub fn prefixes(field: &str, argument: &str) -> Option<&'static [&'static str]> {
    Some(match (field, argument) {
        ("node", "id") | ("nodes", "ids") | ("auditLog", "entity") => &EVERY,
        ("auditLog", "actor") => &["key", "usr"],
        ("workflow", "id") => &["wf"],
        ("run", "id") | ("rerunMany", "after") => &["run"],
        ("event", "id") => &["evt"],
        ("webhookEndpoint", "id") => &["wh"],
        ("delivery", "id") => &["dlv"],
        ("connectedApp", "id") => &["app"],
        ("resource", "id") => &["res"],
        ("messageTemplate", "id") => &["tpl"],
        (_, "workflowId" | "errorWorkflowId") => &["wf"],
        (_, "runId") => &["run"],
        (_, "stepId") => &["step"],
        (_, "webhookEndpointId" | "endpointId") => &["wh"],
        (_, "deliveryId") => &["dlv"],
        (_, "replayId") => &["rpl"],
        (_, "connectedAppId") => &["app"],
        (_, "resourceId" | "senderId") => &["res"],
        (_, "messageTemplateId") => &["tpl"],
        (_, "variableId") => &["var"],
        (_, "inboundHookId") => &["hook"],
        (_, "inboundRequestId") => &["hreq"],
        (_, "apiKeyId") => &["key"],
        (_, "eventTypeId") => &["etype"],
        (_, "userId") => &["usr"],
        (_, "invitationId") => &["inv"],
        (_, "workspaceId") => &["ws"],
        _ => return None,
    })
}

/// Everything that has an id and belongs to a workspace.
pub const EVERY: [&str; 23] = [
    "ws", "usr", "key", "inv", "aud", "wf", "wfv", "run", "step", "evt", "etype", "wh", "dlv",
    "rpl", "hook", "app", "res", "var", "tpl", "hreq", "rej", "att", "use",
];

/// Fields that answer for what does not exist as for anything that matches nothing, without an error.
pub const FIND_NOTHING: &[&str] = &["rerunMany", "deliveryUpdates", "credentialUses"];

/// Arguments that are stored without being looked up. What they name is looked for when it is needed, in the workspace of
/// whoever needs it.
pub const LATER: &[&str] = &["errorWorkflowId"];
