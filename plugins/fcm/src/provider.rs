//! The provider: its service account, and how to test it.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{CredentialTest, CredentialTested, Injection};

use crate::api::{project, send};

/// A service account of the Firebase project.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
struct ServiceAccount {
    /// `client_email` of the key's file: Firebase console, Project settings, Service accounts.
    #[field(
        label = "Client e-mail",
        min_length = 1,
        placeholder = "firebase-adminsdk-….iam.gserviceaccount.com"
    )]
    client_email: String,
    /// `private_key` of the key's file.
    #[field(
        secret,
        min_length = 1,
        widget = "textarea",
        placeholder = "-----BEGIN PRIVATE KEY-----"
    )]
    private_key: String,
    /// `private_key_id` of the key's file.
    #[field(default, label = "Private key ID")]
    private_key_id: String,
    /// The project whose messages are sent, where it is not the account's own.
    #[field(
        default,
        label = "Project ID",
        pattern = "^[a-z0-9.:-]*$",
        placeholder = "acme-4711"
    )]
    project_id: String,
}

pub(crate) fn provider() -> Provider {
    Provider::new("fcm", "Firebase Cloud Messaging")
        .description("Push notifications to apps and browsers.")
        .hosts(["fcm.googleapis.com", "oauth2.googleapis.com"])
        .icon(include_str!("icon.svg"))
        .scheme::<ServiceAccount>("service_account", "Service account", [asserted()])
        .test::<Allowed>()
}

/// <https://firebase.google.com/docs/cloud-messaging/send/v1-api#authorize-http-v1-send-requests>
fn asserted() -> Injection {
    Injection::JwtBearer {
        token_url: "https://oauth2.googleapis.com/token".to_owned(),
        issuer: "{clientEmail}".to_owned(),
        private_key: "{privateKey}".to_owned(),
        key_id: "{privateKeyId}".to_owned(),
        scope: "https://www.googleapis.com/auth/firebase.messaging".to_owned(),
        subject: String::new(),
    }
}

/// Whether the account may send messages of its project: one is looked at, and not sent.
struct Allowed;

impl CredentialTest for Allowed {
    async fn test(context: Context) -> Result<CredentialTested> {
        let message = json!({"topic": "jackfield", "data": {"test": "true"}});
        send(&context, &message, true).await?;
        Ok(CredentialTested {
            account: Some(project(&context).await?),
            details: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use jackfield_plugin_sdk::testing::{self, Ran, Reply};

    use super::*;
    use crate::tests::{ACCOUNT, as_the_sdk};

    fn test(reply: Reply) -> Ran {
        let stage = testing::plugin(crate::plugin()).credential_test("fcm");
        stage.secret("clientEmail", ACCOUNT).reply(reply).run()
    }

    #[test]
    fn an_account_is_tested_with_a_message_that_is_not_sent() {
        let name = json!({"name": "projects/acme-4711/messages/fake_message_id"});
        let ran = test(Reply::json(200, &name));
        assert_eq!(ran.output(), json!({"account": "acme-4711"}));
        as_the_sdk("test", &ran.requests[0]);
    }

    #[test]
    fn an_account_that_may_not_send_is_refused_with_googles_words() {
        let error = |code: u16, status: &str, message: &str| {
            let error = json!({"code": code, "message": message, "status": status});
            test(Reply::json(code, &json!({"error": error})))
                .error()
                .clone()
        };
        let said = "Permission 'cloudmessaging.messages.create' denied on resource '//cloudresourcemanager.googleapis.com/projects/acme-4711' (or it may not exist).";
        let denied = error(403, "PERMISSION_DENIED", said);
        assert_eq!(
            denied.to_string(),
            format!("PERMISSION_DENIED: fcm.googleapis.com answered 403: {said}")
        );
        assert!(!denied.retryable);
        let invalid = error(401, "UNAUTHENTICATED", "Invalid Credentials");
        assert_eq!(invalid.code, "CREDENTIAL");
        assert!(test(Reply::new(503)).error().retryable);
    }

    #[test]
    fn a_project_that_is_not_known_is_asked_for() {
        let stage = || testing::plugin(crate::plugin()).credential_test("fcm");
        assert_eq!(
            stage().run().error().to_string(),
            "INVALID_CONFIG: It is not known which project it is: it is `project_id` of the key's file. Set projectId in the settings of \
             the connected app."
        );
        let ran = stage().secret("projectId", "acme/../other").run();
        assert!(
            ran.error().message.contains("is no project"),
            "{}",
            ran.error()
        );
        let ran = stage().secret("clientEmail", "ada@example.com").run();
        assert_eq!(ran.error().code, "INVALID_CONFIG");
        let settings = json!({"projectId": "example.com:acme"});
        let ran = stage().connected_app("fcm", &settings);
        let ran = ran.reply(Reply::json(200, &json!({}))).run();
        assert_eq!(
            ran.requests[0].url,
            "https://fcm.googleapis.com/v1/projects/example.com%3Aacme/messages:send"
        );
    }
}
