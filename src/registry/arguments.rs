//! Whether a call's arguments fit, in words that name the argument and the fix.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::{Map, Value};

/// The most faults that one answer tells.
const MOST: usize = 8;
/// The longest name that is told whole, in characters: callers choose the names.
const LONGEST: usize = 100;

/// Everything that is wrong with a call's arguments, one line a fault; none where they fit.
pub(super) fn faults(
    validator: &Validator,
    schema: &Map<String, Value>,
    arguments: &Value,
) -> Option<String> {
    // To tell faults costs much more than to see that there are none.
    if validator.is_valid(arguments) {
        return None;
    }
    let mut lines: Vec<String> = Vec::new();
    for error in validator.iter_errors(arguments).take(MOST) {
        for line in words(&error, schema) {
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines.truncate(MOST);
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Whole numbers written as whole numbers: to JSON and its schemas 5.0 and 5 are one, and there are clients that write the
/// first; what they are read into knows only the second.
pub(super) fn whole(value: &mut Value) {
    /// The largest number up to which every whole one has a place (2^53).
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= EXACT);
            if let Some(whole) = whole {
                *number = (whole as i64).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole),
        Value::Object(fields) => fields.values_mut().for_each(whole),
        _ => {}
    }
}

fn words(error: &ValidationError<'_>, schema: &Map<String, Value>) -> Vec<String> {
    let path = shown(&error.instance_path().as_str().trim_start_matches('/').replace('/', "."));
    let place = if path.is_empty() { "the arguments".to_owned() } else { format!("`{path}`") };
    let found = found(error.instance());
    vec![match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known(schema, &path);
            return unexpected.iter().take(MOST).map(|name| unknown(name, &path, &known)).collect();
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let of = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
            format!("`{name}` is missing{of}: it is required")
        }
        Kind::Type { kind } => format!("{place} must be {}, not {found}", types(kind)),
        Kind::Enum { options } => format!("{place} must be one of {}", list(options)),
        Kind::Constant { expected_value } => format!("{place} must be {expected_value}"),
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let (mut constants, mut forms) = (Vec::new(), Vec::new());
            context.iter().flatten().for_each(|error| form(error, &mut constants, &mut forms));
            let choice = (!constants.is_empty()).then(|| format!("one of {}", constants.join(", ")));
            let all_constant = forms.is_empty() && choice.is_some();
            forms.extend(choice);
            forms.dedup();
            if forms.is_empty() {
                format!("{place} fits none of the forms that it may have")
            } else if all_constant {
                format!("{place} must be {}", forms.join(" or "))
            } else {
                format!("{place} must be {}, not {found}", forms.join(" or "))
            }
        }
        Kind::Minimum { limit } => format!("{place} must be at least {limit}"),
        Kind::Maximum { limit } => format!("{place} must be at most {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("{place} must be more than {limit}"),
        Kind::ExclusiveMaximum { limit } => format!("{place} must be less than {limit}"),
        Kind::MinLength { limit } => format!("{place} must have at least {limit} characters"),
        Kind::MaxLength { limit } => format!("{place} must have at most {limit} characters"),
        Kind::MinItems { limit } => format!("{place} must have at least {limit} items"),
        Kind::MaxItems { limit } => format!("{place} must have at most {limit} items"),
        Kind::Format { format } => format!("{place} is no valid {format}"),
        Kind::Pattern { pattern } => format!("{place} must match {pattern}"),
        kind => format!("{place} breaks the schema's `{}`", kind.keyword()),
    }]
}

/// The names that there are at a place of the arguments; none where the way there is not by names alone.
fn known<'a>(schema: &'a Map<String, Value>, path: &str) -> Vec<&'a str> {
    let names = path.split('.').filter(|name| !name.is_empty());
    let mut properties = schema.get("properties");
    for name in names {
        properties = properties.and_then(|all| all.get(name)).and_then(|property| property.get("properties"));
    }
    let properties = properties.and_then(Value::as_object);
    properties.map(|properties| properties.keys().map(String::as_str).collect()).unwrap_or_default()
}

fn unknown(name: &str, path: &str, known: &[&str]) -> String {
    let shown = if path.is_empty() { shown(name) } else { format!("{path}.{}", shown(name)) };
    match nearest(name, known) {
        Some(near) => format!("`{shown}` is no argument here; did you mean `{near}`?"),
        None if known.is_empty() => format!("`{shown}` is not known here; leave it out"),
        None => format!("`{shown}` is no argument here; there are: {}", known.join(", ")),
    }
}

/// A name that a caller gave, as an answer tells it: never longer than a line.
pub(super) fn shown(name: &str) -> String {
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// The known name that a given one was probably meant to be.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let (given, mut best) = (shown(given).to_lowercase(), None);
    for name in known {
        let score = strsim::jaro_winkler(&given, &name.to_lowercase());
        if score > 0.8 && best.is_none_or(|(_, top)| score > top) {
            best = Some((*name, score));
        }
    }
    best.map(|(name, _)| name)
}

/// What one of several forms would have been: values that it may have, or a kind of value.
fn form(error: &ValidationError<'_>, constants: &mut Vec<String>, forms: &mut Vec<String>) {
    match error.kind() {
        Kind::Type { kind } => {
            forms.extend(Some(types(kind)).filter(|types| !types.is_empty() && types != "null"))
        }
        Kind::Enum { options } => constants.push(list(options)),
        Kind::Constant { expected_value } => {
            constants.push(expected_value.as_str().map_or_else(|| expected_value.to_string(), str::to_owned))
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().flatten().for_each(|error| form(error, constants, forms));
        }
        _ => {}
    }
}

fn types(kind: &TypeKind) -> String {
    let names: Vec<String> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(set) => {
            set.iter().map(|one| one.to_string()).filter(|one| one != "null").collect()
        }
    };
    let word = |name: &String| match name.as_str() {
        "integer" => "a whole number".to_owned(),
        "number" => "a number".to_owned(),
        "string" => "text".to_owned(),
        "boolean" => "true or false".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        other => other.to_owned(),
    };
    names.iter().map(word).collect::<Vec<_>>().join(" or ")
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn list(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    options.iter().filter(|value| !value.is_null()).map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(arguments: Value) -> String {
        let schema = json!({
            "type": "object",
            "properties": {
                "firstName": { "type": "string", "minLength": 1 },
                "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": 200 },
                "status": { "enum": ["TODO", "DONE"] },
                "object": { "anyOf": [{ "type": "null" }, { "oneOf": [{ "const": "a" }, { "const": "b" }] }] },
            },
            "required": ["firstName"],
            "additionalProperties": false,
        });
        let validator = jsonschema::draft202012::options().build(&schema).unwrap();
        faults(&validator, schema.as_object().unwrap(), &arguments).unwrap_or_default()
    }

    #[test]
    fn faults_name_the_argument_and_the_fix() {
        assert_eq!(told(json!({ "firstName": "Ada" })), "");
        assert_eq!(told(json!({})), "`firstName` is missing: it is required");
        let told_twice = told(json!({ "fristName": "Ada" }));
        assert!(told_twice.contains("`fristName` is no argument here; did you mean `firstName`?"));
        assert!(told_twice.contains("`firstName` is missing"));
        assert_eq!(told(json!({ "firstName": 3 })), "`firstName` must be text, not a number");
        assert_eq!(
            told(json!({ "firstName": "Ada", "limit": "9" })),
            "`limit` must be a whole number, not text"
        );
        assert_eq!(told(json!({ "firstName": "Ada", "limit": 201 })), "`limit` must be at most 200");
        assert_eq!(
            told(json!({ "firstName": "Ada", "status": "OPEN" })),
            "`status` must be one of TODO, DONE"
        );
        assert_eq!(told(json!({ "firstName": "Ada", "object": "c" })), "`object` must be one of a, b");
    }

    #[test]
    fn whole_numbers_are_whole_however_they_are_written() {
        let mut given = json!({ "a": 5.0, "b": [-0.0, 1e3], "c": { "d": 5.5, "e": 1e300 }, "f": "5.0" });
        whole(&mut given);
        assert_eq!(given.to_string(), r#"{"a":5,"b":[0,1000],"c":{"d":5.5,"e":1e+300},"f":"5.0"}"#);
    }

    #[test]
    fn however_much_a_caller_gives_the_answer_is_short() {
        let many: Map<String, Value> = (0..100_000).map(|n| (format!("x{n}"), json!(1))).collect();
        assert_eq!(told(Value::Object(many)).lines().count(), MOST);
        let long = "firstNam".repeat(100_000);
        let answer = told(json!({ (long): 1, "firstName": "Ada" }));
        assert!(answer.len() < 300 && answer.contains("…` is no argument"), "{answer}");
    }
}
