//! Reading the header that carries a proof.

use http::HeaderMap;

use super::Refusal;

/// The text of the header `name`, which has to be there once and be visible ASCII.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    let mut values = headers.get_all(name).iter();
    let value = values
        .next()
        .ok_or_else(|| Refusal::Missing(name.to_owned()))?;
    if values.next().is_some() {
        return Err(Refusal::Malformed(name.to_owned()));
    }
    value
        .to_str()
        .map_err(|_| Refusal::Malformed(name.to_owned()))
}
