//! The numbers of the account: <https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource>.

use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;
use jackfield_plugin_sdk::{OptionsQuery, Request};

use crate::api::{api, of_account};

/// How many are asked for at once.
const PAGE: &str = "50";

/// One of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct Number {
    pub(crate) phone_number: String,
    friendly_name: Option<String>,
    #[serde(default)]
    capabilities: Capabilities,
}

#[derive(Default, Serialize, Deserialize)]
struct Capabilities {
    voice: Option<bool>,
    sms: Option<bool>,
    mms: Option<bool>,
}

impl Number {
    /// Its name at Twilio, and what it is good for unless that is everything.
    pub(crate) fn label(&self) -> String {
        let name = self.friendly_name.as_deref().unwrap_or_default();
        match self.is_usable() && !self.sends() {
            true => format!("{name}, for calls only"),
            false => name.to_owned(),
        }
    }

    /// Whether messages or calls can be made from it. What is not said is not held against it.
    pub(crate) fn is_usable(&self) -> bool {
        self.sends() || self.capabilities.voice != Some(false)
    }

    fn sends(&self) -> bool {
        let Capabilities { sms, mms, .. } = self.capabilities;
        sms != Some(false) || mms == Some(true)
    }
}

#[derive(Deserialize)]
struct List {
    incoming_phone_numbers: Vec<Number>,
    next_page_uri: Option<String>,
}

/// A page of them; with a text that somebody has typed, those whose number or name has it.
pub(crate) async fn page(context: &Context, query: &OptionsQuery) -> Result<Page<Number>> {
    let request = of_account(context, "GET", "IncomingPhoneNumbers.json").await?;
    let list: List = read(
        api()
            .send(paged(request, PAGE, query.cursor.as_deref()))
            .await?,
    )?;
    let search = query.search.as_deref().unwrap_or_default().to_lowercase();
    let is_found = |number: &Number| {
        number.phone_number.contains(&search) || number.label().to_lowercase().contains(&search)
    };
    Ok(Page {
        items: list
            .incoming_phone_numbers
            .into_iter()
            .filter(is_found)
            .collect(),
        cursor: list.next_page_uri.as_deref().and_then(next),
    })
}

/// Where the next page begins: its number and token, of the address that Twilio gives. The address itself has the account's SID
/// in it, which a host may have masked.
pub(super) fn next(address: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    let value = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    };
    match (value("Page"), value("PageToken")) {
        (Some(page), Some(token)) => Some(format!("{page} {token}")),
        _ => None,
    }
}

/// The request for the page that begins there.
pub(super) fn paged(request: Request, size: &str, cursor: Option<&str>) -> Request {
    let request = request.query("PageSize", size);
    match cursor.and_then(|cursor| cursor.split_once(' ')) {
        Some((page, token)) => request.query("Page", page).query("PageToken", token),
        None => request,
    }
}
