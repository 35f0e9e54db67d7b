//! "Did you mean …?"

/// The name closest to `wanted`, when one is close enough to be meant.
pub(crate) fn nearest<'a>(
    wanted: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&wanted.to_lowercase(), &name.to_lowercase()),
                name,
            )
        })
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_is_close_is_suggested() {
        let names = ["webhook", "manual", "api-endpoint"];
        assert_eq!(nearest("webook", names), Some("webhook"));
        assert_eq!(nearest("apiEndpoint", names), Some("api-endpoint"));
        assert_eq!(nearest("quickbooks", names), None);
    }
}
