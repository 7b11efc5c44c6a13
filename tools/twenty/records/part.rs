//! Fields that play a part: what some workspaces keep under another name, or inside of another field.

use super::plain::plain;
use crate::tools::twenty::workspace::schema::{Field, Object};
use serde_json::{Map, Value, json};

/// A part that a field may play for a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The city somebody is in.
    City,
    /// How many people work for a company.
    Employees,
    /// What a company earns in a year.
    AnnualRevenue,
    /// Whether a company is one to win.
    IdealCustomerProfile,
    /// The page on X.
    X,
    /// The page on LinkedIn.
    Linkedin,
    /// The postal address.
    Address,
    /// The web site.
    Domain,
}

/// The field that plays a part, and the sub-field that does where it is one of several.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    object: &'a Object,
    /// The field.
    pub field: &'a Field,
    /// Its sub-field, as in `addressCity`.
    pub part: Option<&'static str>,
}

impl Role {
    /// The names that the field has, the usual one first, and then as people see it.
    const fn names(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::City => (&["city", "town"], &["city", "town"]),
            Self::Employees => (
                &["employees", "employeeCount", "employeesCount", "numberOfEmployees", "headcount"],
                &["employees", "employee count", "number of employees", "headcount"],
            ),
            Self::AnnualRevenue => (
                &["annualRecurringRevenue", "annualRevenue", "arr", "revenue"],
                &["arr", "annual recurring revenue", "annual revenue", "revenue"],
            ),
            Self::IdealCustomerProfile => (
                &["idealCustomerProfile", "isIdealCustomerProfile", "icp", "isIcp"],
                &["icp", "ideal customer profile", "ideal customer"],
            ),
            Self::X => (
                &["xLink", "xUrl", "x", "twitter", "twitterLink", "twitterUrl"],
                &["x", "twitter", "x (twitter)", "x/twitter"],
            ),
            Self::Linkedin => (&["linkedinLink", "linkedinUrl", "linkedin", "linkedIn"], &["linkedin"]),
            Self::Address => (&["address", "postalAddress"], &["address", "postal address"]),
            Self::Domain => {
                (&["domainName", "domain", "website", "websiteUrl"], &["domain name", "domain", "website"])
            }
        }
    }

    const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::City => &["TEXT"],
            Self::Employees => &["NUMBER", "NUMERIC"],
            Self::AnnualRevenue => &["CURRENCY"],
            Self::IdealCustomerProfile => &["BOOLEAN"],
            Self::X | Self::Linkedin | Self::Domain => &["LINKS", "TEXT"],
            Self::Address => &["ADDRESS", "TEXT"],
        }
    }
}

/// The field that plays a part for records of an object: by name, by its other names, then by label; a city may also be
/// that of an address.
#[must_use]
pub fn part(object: &Object, role: Role) -> Option<Part<'_>> {
    let fits = |field: &&Field| field.active && role.kinds().contains(&field.kind.as_str());
    let (names, labels) = role.names();
    let named = names.iter().find_map(|name| object.field(name).filter(fits));
    let labelled = || {
        let label = |field: &&Field| labels.iter().any(|label| field.label.eq_ignore_ascii_case(label));
        object.fields.iter().filter(fits).find(label)
    };
    if let Some(field) = named.or_else(labelled) {
        return Some(Part { object, field, part: None });
    }
    let inside = (role == Role::City).then(|| part(object, Role::Address)).flatten()?;
    (inside.field.kind == "ADDRESS").then_some(Part { part: Some("addressCity"), ..inside })
}

impl Part<'_> {
    /// A value for it, as the data of a record takes it: the field's name and what to write there.
    #[must_use]
    pub fn write(&self, value: Value) -> (String, Value) {
        let value = match self.part {
            Some(part) => json!({ part: value }),
            None => value,
        };
        (self.field.name.clone(), value)
    }

    /// What a record has of it, made plain; nothing where that is empty.
    #[must_use]
    pub fn read(&self, record: &Value) -> Option<Value> {
        let name = &self.field.name;
        let one = Map::from_iter([(name.clone(), record.get(name)?.clone())]);
        let value = plain(self.object, &Value::Object(one)).shift_remove(name)?;
        match self.part {
            Some(part) => value.get(part).filter(|value| **value != "").cloned(),
            None => Some(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};

    fn found(legacy: bool, of: &str, role: Role) -> Option<(String, Option<&'static str>)> {
        let workspace = if legacy { &LEGACY } else { &CURRENT };
        part(workspace.object(of).unwrap(), role).map(|part| (part.field.name.clone(), part.part))
    }

    #[test]
    fn a_part_is_played_under_whatever_name_the_workspace_has() {
        let field = |name: &str| Some((name.to_owned(), None));
        assert_eq!(found(true, "company", Role::Employees), field("employees"));
        assert_eq!(found(false, "company", Role::Employees), None);
        assert_eq!(found(true, "company", Role::AnnualRevenue), field("annualRecurringRevenue"));
        assert_eq!(found(false, "company", Role::AnnualRevenue), field("annualRevenue"));
        assert_eq!(found(true, "company", Role::IdealCustomerProfile), field("idealCustomerProfile"));
        assert_eq!(found(true, "person", Role::X), field("xLink"));
        assert_eq!(found(false, "person", Role::Linkedin), field("linkedinLink"));
        assert_eq!(found(false, "company", Role::Domain), field("domainName"));
        assert_eq!(found(true, "person", Role::City), field("city"));
        assert_eq!(found(false, "person", Role::City), None);
        assert_eq!(found(false, "company", Role::City), Some(("address".to_owned(), Some("addressCity"))));
    }

    #[test]
    fn a_field_of_another_type_does_not_fit_and_a_label_does() {
        let mut company = LEGACY.object("company").unwrap().clone();
        for field in &mut company.fields {
            match field.name.as_str() {
                "employees" => field.kind = "TEXT".into(),
                "idealCustomerProfile" => field.name = "goodFit".into(),
                _ => {}
            }
        }
        assert!(part(&company, Role::Employees).is_none());
        assert_eq!(part(&company, Role::IdealCustomerProfile).unwrap().field.name, "goodFit");
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let company = CURRENT.object("company").unwrap();
        let city = part(company, Role::City).unwrap();
        let (field, value) = city.write(json!("Lyon"));
        assert_eq!((field.as_str(), &value), ("address", &json!({ "addressCity": "Lyon" })));
        assert_eq!(city.read(&json!({ "address": value })), Some(json!("Lyon")));
        assert_eq!(city.read(&json!({ "address": { "addressCity": "" } })), None);
        let revenue = part(company, Role::AnnualRevenue).unwrap();
        let record = json!({ "annualRevenue": { "amountMicros": 5_000_000, "currencyCode": "EUR" } });
        assert_eq!(revenue.read(&record), Some(json!({ "amount": 5.0, "currency": "EUR" })));
    }
}
