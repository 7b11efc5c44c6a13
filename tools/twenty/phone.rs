//! A phone number, in the parts that Twenty keeps of it.

use serde_json::{Value, json};

/// Calling codes and the country that stands for each where it is one country's own (ITU-T E.164 list).
const COUNTRIES: [(&str, &str); 45] = [
    ("20", "EG"),
    ("27", "ZA"),
    ("30", "GR"),
    ("31", "NL"),
    ("32", "BE"),
    ("33", "FR"),
    ("34", "ES"),
    ("351", "PT"),
    ("352", "LU"),
    ("353", "IE"),
    ("354", "IS"),
    ("358", "FI"),
    ("36", "HU"),
    ("370", "LT"),
    ("371", "LV"),
    ("372", "EE"),
    ("380", "UA"),
    ("385", "HR"),
    ("386", "SI"),
    ("40", "RO"),
    ("41", "CH"),
    ("420", "CZ"),
    ("421", "SK"),
    ("43", "AT"),
    ("44", "GB"),
    ("45", "DK"),
    ("46", "SE"),
    ("47", "NO"),
    ("48", "PL"),
    ("49", "DE"),
    ("52", "MX"),
    ("54", "AR"),
    ("55", "BR"),
    ("60", "MY"),
    ("61", "AU"),
    ("62", "ID"),
    ("64", "NZ"),
    ("65", "SG"),
    ("66", "TH"),
    ("81", "JP"),
    ("82", "KR"),
    ("84", "VN"),
    ("86", "CN"),
    ("90", "TR"),
    ("91", "IN"),
];

/// The parts of a number: calling code and country where the number tells them, else the number alone.
#[must_use]
pub fn parts(phone: &str) -> Value {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let known = COUNTRIES
        .iter()
        .find_map(|(code, country)| Some((*code, Some(*country), digits.strip_prefix(code)?)));
    // 1 and 7 are shared by several countries.
    let shared = || ["1", "7"].into_iter().find_map(|code| Some((code, None, digits.strip_prefix(code)?)));
    match phone.trim_start().starts_with('+').then(|| known.or_else(shared)).flatten() {
        Some((code, country, number)) => json!({
            "primaryPhoneNumber": number,
            "primaryPhoneCallingCode": format!("+{code}"),
            "primaryPhoneCountryCode": country.unwrap_or_default(),
        }),
        None => json!({ "primaryPhoneNumber": phone.trim() }),
    }
}

/// No number.
#[must_use]
pub fn cleared() -> Value {
    json!({ "primaryPhoneNumber": null, "primaryPhoneCallingCode": null, "primaryPhoneCountryCode": null })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_its_country_is_taken_apart() {
        let france = parts("+33 6 12 34 56 78");
        assert_eq!(france["primaryPhoneCallingCode"], "+33");
        assert_eq!(france["primaryPhoneCountryCode"], "FR");
        assert_eq!(france["primaryPhoneNumber"], "612345678");
        assert_eq!(parts("+1 (555) 010-0100")["primaryPhoneCallingCode"], "+1");
        assert_eq!(parts("030 1234"), json!({ "primaryPhoneNumber": "030 1234" }));
    }
}
