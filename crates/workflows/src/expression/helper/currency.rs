//! How many decimals a currency has (ISO 4217).

use minijinja::Error;

use super::refused;

/// The currencies whose smallest unit is not a hundredth.
const OTHER: [(u32, &[&str]); 3] = [
    (
        0,
        &[
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI",
            "VND", "VUV", "XAF", "XOF", "XPF",
        ],
    ),
    (3, &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]),
    (4, &["CLF", "UYW"]),
];

/// The currencies whose smallest unit is a hundredth.
const HUNDREDTHS: [&str; 140] = [
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHE", "CHF", "CHW", "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DKK", "DOP", "DZD",
    "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GTQ", "GYD",
    "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS", "KHR", "KPW",
    "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT",
    "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK",
    "NPR", "NZD", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR",
    "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP",
    "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "USD", "USN", "UYU",
    "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
];

/// How many decimals the currency with that code has, in whatever case it is written.
pub(super) fn decimals(code: &str) -> Result<u32, Error> {
    let upper = code.trim().to_ascii_uppercase();
    let known = |codes: &[&str]| codes.contains(&upper.as_str());
    if known(&HUNDREDTHS) {
        return Ok(2);
    }
    let other = OTHER.iter().find(|(_, codes)| known(codes));
    other.map(|(decimals, _)| *decimals).ok_or_else(|| {
        let shown: String = code.chars().take(20).collect();
        refused(format!(
            "`{shown}` is no currency code; they have three letters, such as EUR (ISO 4217)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_and_has_three_letters() {
        let mut codes: Vec<_> = HUNDREDTHS.iter().collect();
        codes.extend(OTHER.iter().flat_map(|(_, codes)| codes.iter()));
        let count = codes.len();
        assert!(codes.iter().all(|code| code.len() == 3));
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count);
    }

    #[test]
    fn decimals_are_those_of_the_standard() {
        for (code, expected) in [
            ("EUR", 2),
            ("usd", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("CLF", 4),
            ("ISK", 0),
            ("ZAR", 2),
        ] {
            assert_eq!(decimals(code).unwrap(), expected, "{code}");
        }
        assert!(decimals("EURO").is_err());
    }
}
