//! Where the outside world reaches this server.

use url::Url;

/// The URL under which providers reach this server (`JACKFIELD_PUBLIC_URL`), without a slash at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

/// The setting is no usable URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the public URL `{0}` must be absolute, http or https, without query and fragment, such as https://jackfield.example.com"
)]
pub struct InvalidPublicUrl(String);

impl PublicUrl {
    /// Reads the setting. A path is kept, for servers behind a proxy that adds one.
    pub fn parse(text: &str) -> Result<Self, InvalidPublicUrl> {
        let invalid = || InvalidPublicUrl(text.to_owned());
        let url = Url::parse(text).map_err(|_| invalid())?;
        let usable = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !usable {
            return Err(invalid());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The URL to enter at the provider for the hook with `token`.
    pub fn hook(&self, token: &str) -> String {
        format!("{}/hooks/{token}", self.0)
    }

    /// The URL to which providers send people back who have granted access. It is registered at the provider.
    pub fn oauth_callback(&self) -> String {
        format!("{}/oauth/callback", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_is_found_below_the_public_url() {
        let hook = |text| PublicUrl::parse(text).unwrap().hook("t0k3n");

        assert_eq!(
            hook("https://jackfield.example.com"),
            "https://jackfield.example.com/hooks/t0k3n"
        );
        assert_eq!(
            hook("http://127.0.0.1:8080/"),
            "http://127.0.0.1:8080/hooks/t0k3n"
        );
        assert_eq!(
            hook("https://example.com/jackfield/"),
            "https://example.com/jackfield/hooks/t0k3n"
        );
    }

    #[test]
    fn a_setting_that_is_no_base_url_is_refused() {
        for text in [
            "jackfield.example.com",
            "ftp://a.example",
            "https://a.example?b",
            "https://u:p@a.example",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
