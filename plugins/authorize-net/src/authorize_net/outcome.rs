use jackfield_plugin_sdk::prelude::*;
use jackfield_plugin_sdk::rest::read;

/// What became of a transaction.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome {
    /// Authorize.net's id of the transaction.
    id: String,
    /// Whether it was approved, or is held for somebody to look at.
    status: Status,
    /// How much, as people write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<String>,
    /// The currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<String>,
    /// The last four digits of the card or account, which a refund asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_four: Option<String>,
    /// The kind of card.
    #[serde(skip_serializing_if = "Option::is_none")]
    card_type: Option<String>,
    /// The bank's code of the approval.
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_code: Option<String>,
    /// All that Authorize.net says.
    answer: Value,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Approved,
    HeldForReview,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    trans_id: String,
    response_code: String,
    account_number: Option<String>,
    account_type: Option<String>,
    auth_code: Option<String>,
}

impl Outcome {
    pub(super) fn of(
        answer: Value,
        amount: Option<String>,
        currency: Option<String>,
    ) -> Result<Self> {
        let response: Response = read(answer["transactionResponse"].clone())?;
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        // `XXXX1111`
        let digits = |number: String| number.trim_start_matches(['X', 'x']).to_owned();
        Ok(Self {
            id: response.trans_id,
            status: match response.response_code.as_str() {
                "4" => Status::HeldForReview,
                _ => Status::Approved,
            },
            amount,
            currency,
            last_four: given(response.account_number.map(digits)),
            card_type: given(response.account_type),
            auth_code: given(response.auth_code),
            answer,
        })
    }
}
