//! Access to a Page that somebody grants who manages it.

use std::collections::BTreeMap;

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::{Injection, TokenExchange};

/// What posts, messages, the subscription to webhooks and the Page's token need.
const SCOPE: &str = "pages_show_list,pages_read_engagement,pages_manage_posts,pages_messaging,pages_manage_metadata";

/// An app at Meta, with which who manages a Page grants access to it.
#[derive(Config)]
#[expect(dead_code, reason = "only the host ever holds one")]
pub(super) struct Login {
    /// Of the app at <https://developers.facebook.com/apps>: App settings, Basic. Register `/oauth/callback` of this server's public URL
    /// under Facebook Login, Settings, Valid OAuth Redirect URIs.
    #[field(label = "App ID", pattern = "^[0-9]+$")]
    client_id: String,
    /// Beside the app's id. Meta signs with it what it sends, and each request proves with it whose the token is.
    #[field(secret, label = "App secret", min_length = 1)]
    webhook_secret: String,
    /// The Page, one that the person manages: About, Page transparency.
    #[field(
        label = "Page ID",
        pattern = "^[0-9]+$",
        placeholder = "104711081500000"
    )]
    page_id: String,
}

/// A login gives a token of the person for an hour. It is exchanged for one of 60 days, and that for the Page's, which lasts until the
/// person withdraws it.
/// <https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>,
/// <https://developers.facebook.com/docs/pages/access-tokens>
pub(super) fn granted() -> Injection {
    let for_60_days = [
        ("grant_type", "fb_exchange_token"),
        ("client_id", "{clientId}"),
        ("client_secret", "{webhookSecret}"),
        ("fb_exchange_token", "{accessToken}"),
    ];
    Injection::OAuth2AuthorizationCode {
        authorize_url: "https://www.facebook.com/v25.0/dialog/oauth".to_owned(),
        token_url: "https://graph.facebook.com/v25.0/oauth/access_token".to_owned(),
        revoke_url: None,
        client_id: "{clientId}".to_owned(),
        client_secret: "{webhookSecret}".to_owned(),
        scope: SCOPE.to_owned(),
        parameters: BTreeMap::new(),
        keep: Vec::new(),
        exchanges: vec![
            exchange("oauth/access_token", &for_60_days),
            exchange("{pageId}", &[("fields", "access_token")]),
        ],
    }
}

fn exchange(path: &str, query: &[(&str, &str)]) -> TokenExchange {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    TokenExchange {
        url: format!("https://graph.facebook.com/v25.0/{path}"),
        query: query.iter().map(owned).collect(),
    }
}
