//! Sums of money as the contract tools take them: an amount, and a currency that may be left out.

use super::{
    records::{aggregate::groups::Group, text::money},
    workspace::schema::{Field, Object},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt};

/// The currency of new sums where nothing tells another.
const USUAL: &str = "USD";

/// A sum of money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Money {
    /// How much, in units.
    pub amount: f64,
    /// Its currency's code; empty where the workspace has none for it.
    pub currency: String,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&money(self.amount, &self.currency))
    }
}

/// The currency that new sums of a field have in this workspace.
#[must_use]
pub fn usual(field: &Field) -> String {
    let code = field.default.as_ref().and_then(|default| default.get("currencyCode")).and_then(Value::as_str);
    // Defaults are quoted inside the text, as they are inserted into SQL.
    let code = code.map(|code| code.trim_matches('\'')).filter(|code| !code.is_empty());
    code.unwrap_or(USUAL).to_owned()
}

/// An amount without a currency keeps the record's own; a record that has none gets the usual one.
pub fn complete(object: &Object, data: &mut Map<String, Value>, before: &Value) {
    for (name, value) in data {
        let Some(field) = object.field(name).filter(|field| field.kind == "CURRENCY") else { continue };
        let own = before.get(name).and_then(|money| money.get("currencyCode")).and_then(Value::as_str);
        if let (Value::Object(money), true) = (value, own.unwrap_or_default().is_empty())
            && !money.contains_key("currencyCode")
            && money.get("amountMicros").is_some_and(|amount| !amount.is_null())
        {
            money.insert("currencyCode".into(), json!(usual(field)));
        }
    }
}

/// The sums of money that groups of records have as their first measure: one for each currency, in the order of those.
#[must_use]
pub fn sums<'a>(groups: impl IntoIterator<Item = &'a Group>) -> Vec<Money> {
    let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
    let measures = groups.into_iter().filter_map(|group| group.measures.first()?.as_array()).flatten();
    for money in measures {
        let Some(amount) = money.get("amount").and_then(Value::as_f64) else { continue };
        let currency = money.get("currency").and_then(Value::as_str).unwrap_or_default();
        *sums.entry(currency).or_default() += amount;
    }
    // Millionths are whole: what is beyond them came from adding.
    let whole = |amount: f64| (amount * 1e6).round() / 1e6;
    sums.into_iter()
        .map(|(currency, amount)| Money { amount: whole(amount), currency: currency.to_owned() })
        .collect()
}

/// The line that says which currency an amount without one was taken in.
#[must_use]
pub fn note(argument: &str, money: Option<&Money>) -> Option<String> {
    let currency = &money?.currency;
    Some(format!("`{argument}` was given without a currency and is in {currency}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    #[test]
    fn the_currency_is_the_records_then_the_workspaces_then_usd() {
        let mut deal = CURRENT.object("opportunity").unwrap().clone();
        let completed = |deal: &Object, before: Value| {
            let mut data = Map::from_iter([("amount".to_owned(), json!({ "amountMicros": 0 }))]);
            complete(deal, &mut data, &before);
            data["amount"].clone()
        };
        let euros = json!({ "amount": { "amountMicros": 5, "currencyCode": "EUR" } });
        assert_eq!(completed(&deal, euros), json!({ "amountMicros": 0 }), "the server keeps what it has");
        let usd = json!({ "amountMicros": 0, "currencyCode": "USD" });
        assert_eq!(completed(&deal, json!({ "amount": { "currencyCode": "" } })), usd);
        let amount = deal.fields.iter_mut().find(|field| field.name == "amount").unwrap();
        amount.default = Some(json!({ "amountMicros": null, "currencyCode": "'CHF'" }));
        assert_eq!(completed(&deal, Value::Null)["currencyCode"], "CHF");
        let mut cleared = Map::from_iter([("amount".to_owned(), json!({ "amountMicros": null }))]);
        complete(&deal, &mut cleared, &Value::Null);
        assert_eq!(cleared["amount"], json!({ "amountMicros": null }));
    }
}
