//! A form that a user fills in: the small part of JSON Schema that every client can show.

mod derive;
mod rules;

use super::ToolError;
use schemars::JsonSchema;
use serde_json::{Map, Value, json};

/// A form: a flat object of texts, numbers, switches and choices (MCP 2025-11-25, `ElicitRequestFormParams`).
#[derive(Clone, Debug, PartialEq)]
pub struct Form(Value);

impl Form {
    /// The form that a type is filled in by: a struct of texts, numbers, `bool`s, enums of plain names, and lists of
    /// such enums. Doc comments describe the fields, or name the choices where they stand at an enum's variants;
    /// `#[serde(default = …)]` is what stands in a field at first, and an `Option` may be left empty.
    ///
    /// # Errors
    /// The type holds what no form can, such as another struct or a secret: a fault of the tool.
    pub fn of<T: JsonSchema>() -> Result<Self, ToolError> {
        derive::schema::<T>().and_then(rules::checked).map(Self).map_err(|fault| {
            ToolError::internal(format_args!("`{}` makes no form: {fault}", T::schema_name()))
        })
    }

    /// A form by its schema, for those that no type can tell.
    ///
    /// # Errors
    /// The schema says what forms may not.
    pub fn raw(schema: Value) -> Result<Self, ToolError> {
        rules::checked(schema)
            .map(Self)
            .map_err(|fault| ToolError::internal(format_args!("the schema is none of a form: {fault}")))
    }

    /// A form of one choice that must be made: the values, each with what the user is shown for it.
    #[must_use]
    pub fn one_of(name: &str, title: &str, choices: impl IntoIterator<Item = (String, String)>) -> Self {
        let choices = choices.into_iter().map(|(value, title)| json!({ "const": value, "title": title }));
        let choices: Vec<Value> = choices.collect();
        Self(json!({
            "type": "object",
            "properties": { name: { "type": "string", "title": title, "oneOf": choices } },
            "required": [name],
        }))
    }

    /// The schema, as clients are sent it.
    #[must_use]
    pub const fn schema(&self) -> &Value {
        &self.0
    }

    /// Whether this fills the form in.
    pub(super) fn fits(&self, content: &Value) -> bool {
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&self.0);
        content.is_object() && validator.is_ok_and(|validator| validator.is_valid(content))
    }

    /// What was filled in, without what was not asked, and with whole numbers written as whole ones.
    pub(super) fn filled(&self, content: &Value) -> Map<String, Value> {
        let fields = self.0.get("properties").and_then(Value::as_object);
        let filled = fields.into_iter().flatten().filter_map(|(name, field)| {
            let value = content.get(name)?;
            let whole = (field.get("type") == Some(&json!("integer"))).then(|| value.as_f64()).flatten();
            let value = whole.filter(|_| value.is_f64()).map_or_else(|| value.clone(), |n| json!(n as i64));
            Some((name.clone(), value))
        });
        filled.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_is_left_out_and_whole_numbers_are_whole() {
        let schema = json!({
            "type": "object",
            "properties": { "n": { "type": "integer" }, "x": { "type": "number" }, "s": { "type": "string" } },
        });
        let form = Form::raw(schema).unwrap();
        let given = json!({ "n": 3.0, "x": 4.0, "evil": "1" });
        assert!(form.fits(&given));
        assert_eq!(Value::Object(form.filled(&given)).to_string(), r#"{"n":3,"x":4.0}"#);
        assert!(!form.fits(&json!([])) && !form.fits(&json!({ "n": 3.5 })));
    }

    #[test]
    fn one_of_many_must_be_chosen() {
        let choices = [("1".to_owned(), "Ada".to_owned()), ("2".to_owned(), "Bo".to_owned())];
        let form = Form::one_of("which", "Which person", choices);
        assert_eq!(Form::raw(form.schema().clone()).unwrap(), form, "it keeps to the rules");
        assert!(form.fits(&json!({ "which": "2" })));
        assert!(!form.fits(&json!({ "which": "3" })) && !form.fits(&json!({})));
    }

    #[test]
    fn formats_are_looked_at() {
        let field = json!({ "type": "string", "format": "email" });
        let form = Form::raw(json!({ "type": "object", "properties": { "to": field } })).unwrap();
        assert!(form.fits(&json!({ "to": "ada@example.com" })) && !form.fits(&json!({ "to": "ada" })));
    }
}
