//! <https://www.twilio.com/docs/lookup/v2-api>

use jackfield_plugin_sdk::prelude::*;
use serde::de::IgnoredAny;

use crate::api::{invalid, lookups};
use crate::number::number;

/// Looks up a phone number.
#[derive(Config)]
#[config(label = "Look up")]
pub(super) struct Lookup {
    /// The number: with its country code, or as it is dialled within `countryCode`.
    #[field(label = "Phone number", min_length = 1, example = &"+15551230000")]
    to: String,
    /// The country of a number that is written without its country code: two letters.
    #[field(pattern = "^[A-Z]{2}$", example = &"US")]
    country_code: Option<String>,
    /// What else is asked; each costs, beside the check whether the number is valid.
    #[field(default, example = json!(["line_type_intelligence"]))]
    fields: Vec<Package>,
    #[field(flatten)]
    known: Known,
    /// The host puts the default number into every operation's config that the node has, which nobody has to choose here.
    #[serde(default, rename = "from")]
    #[schemars(skip)]
    _from: Option<IgnoredAny>,
}

/// What Twilio can say of a number.
#[derive(Config, Body)]
#[config(label = "Field")]
enum Package {
    /// Why the number is not valid.
    Validation,
    /// Who the number belongs to, in the USA.
    CallerName,
    /// When its SIM card was changed.
    SimSwap,
    /// Whether its calls are forwarded.
    CallForwarding,
    /// Whether the line can be reached.
    LineStatus,
    /// Whether it is a mobile or a landline, and its carrier.
    LineTypeIntelligence,
    /// How well it fits the person that is described.
    IdentityMatch,
    /// Whether it belongs to somebody else since.
    ReassignedNumber,
    /// How likely messages to it are fraud.
    SmsPumpingRisk,
    /// How much it can be trusted.
    PhoneNumberQualityScore,
    /// What is known of its owner, after a verification.
    PreFill,
}

/// What is known already, for some of the fields.
#[derive(Config, Body)]
#[body(names = "PascalCase")]
struct Known {
    /// Of the person, for `identity_match`.
    #[field(advanced)]
    first_name: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced)]
    last_name: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced, label = "Address, first line", body = "AddressLine1")]
    address_line1: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced, label = "Address, second line", body = "AddressLine2")]
    address_line2: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced)]
    city: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced)]
    state: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced)]
    postal_code: Option<String>,
    /// Of the person, for `identity_match`: two letters.
    #[field(advanced)]
    address_country_code: Option<String>,
    /// Of the person, for `identity_match`.
    #[field(advanced, label = "National ID")]
    national_id: Option<String>,
    /// Of the person, for `identity_match`: eight digits, YYYYMMDD.
    #[field(advanced, pattern = "^[0-9]{8}$")]
    date_of_birth: Option<String>,
    /// When the number was certainly the person's, for `reassigned_number`: eight digits, YYYYMMDD.
    #[field(advanced, pattern = "^[0-9]{8}$")]
    last_verified_date: Option<String>,
    /// For `pre_fill`.
    #[field(advanced, label = "Verification", placeholder = "VE…")]
    verification_sid: Option<String>,
}

/// What is asked of a number.
#[derive(Body)]
#[body(names = "PascalCase")]
struct Asked {
    fields: Option<String>,
    country_code: Option<String>,
    #[field(flatten)]
    known: Known,
}

/// What Twilio says of a number. What was not asked is null.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct Found {
    /// Whether it can be a number at all.
    valid: bool,
    /// The number as E.164 writes it.
    phone_number: Option<String>,
    /// As it is written in its country.
    national_format: Option<String>,
    /// Two letters.
    country_code: Option<String>,
    /// Why it is not valid, such as `TOO_SHORT`.
    validation_errors: Option<Vec<String>>,
    /// Whether it is a mobile or a landline, and its carrier.
    line_type_intelligence: Option<Value>,
    /// Who it belongs to.
    caller_name: Option<Value>,
}

impl Operation for Lookup {
    const NAME: &'static str = "lookup";
    type Output = Whole<Found>;

    async fn run(self, context: Context) -> Result<Self::Output> {
        let number = self.number()?;
        let names = self.fields.iter().map(|field| json!(field));
        let names: Vec<String> = names
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect();
        let asked = Asked {
            fields: (!names.is_empty()).then(|| names.join(",")),
            country_code: self.country_code,
            known: self.known,
        };
        // A plus stands in the path as it is, as Twilio's own SDK writes it.
        let mut request =
            lookups().request(&context, "GET", &format!("/v2/PhoneNumbers/{number}"))?;
        let asked = json!(asked);
        for (name, value) in asked.as_object().into_iter().flatten() {
            request = value
                .as_str()
                .into_iter()
                .fold(request, |request, value| request.query(name, value));
        }
        lookups().fetch(request).await
    }
}

impl Lookup {
    /// The number without its separators.
    fn number(&self) -> Result<String> {
        let written = self.to.trim();
        if written.starts_with('+') {
            return number(written, "to");
        }
        if self.country_code.is_none() {
            return Err(invalid(
                "to has no country code: write it like +15551230000, or give countryCode.",
            ));
        }
        let digits: String = written
            .chars()
            .filter(|letter| !" ./()-".contains(*letter))
            .collect();
        match !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()) {
            true => Ok(digits),
            false => Err(invalid(
                "to is no phone number: it has other letters than digits.",
            )),
        }
    }
}
