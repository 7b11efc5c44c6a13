//! The scalars that the GraphQL library passes through unchecked.

use apollo_compiler::{
    Node, Schema, ast,
    executable::{ExecutableDocument, Selection, SelectionSet},
    parser::SourceSpan,
    response::JsonValue,
    schema::ExtendedType,
};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::model::column::moment;

use super::arguments::plain_json;

/// A value that its scalar cannot hold, with its place where there is one.
pub struct Unfit {
    /// What is wrong.
    pub message: String,
    /// Where it stands in the document.
    pub location: Option<SourceSpan>,
}

/// The literals of a document that their scalars cannot hold.
pub fn literals(schema: &Schema, document: &ExecutableDocument) -> Vec<Unfit> {
    let mut unfit = Vec::new();
    let operations = document.operations.iter().map(|operation| &operation.selection_set);
    for set in operations.chain(document.fragments.values().map(|fragment| &fragment.selection_set)) {
        selections(schema, set, &mut unfit);
    }
    unfit
}

/// The variables of an operation that their scalars cannot hold.
pub fn variable(schema: &Schema, name: &str, ty: &ast::Type, value: &JsonValue) -> Vec<Unfit> {
    let mut wrong = Vec::new();
    given(schema, ty, value, &mut wrong);
    let message = |wrong| format!("Variable \"${name}\" got invalid value: {wrong}");
    wrong.into_iter().map(|wrong| Unfit { message: message(wrong), location: None }).collect()
}

fn selections(schema: &Schema, set: &SelectionSet, unfit: &mut Vec<Unfit>) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => {
                for argument in &field.arguments {
                    if let Some(definition) = field.definition.argument_by_name(&argument.name) {
                        literal(schema, &definition.ty, &argument.value, unfit);
                    }
                }
                selections(schema, &field.selection_set, unfit);
            }
            Selection::InlineFragment(fragment) => selections(schema, &fragment.selection_set, unfit),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn literal(schema: &Schema, ty: &ast::Type, value: &Node<ast::Value>, unfit: &mut Vec<Unfit>) {
    let item = if ty.is_list() { ty.item_type() } else { ty };
    let json = match value.as_ref() {
        ast::Value::Null | ast::Value::Variable(_) => return,
        ast::Value::List(list) => return list.iter().for_each(|one| literal(schema, item, one, unfit)),
        ast::Value::Object(map) => {
            if let Some(ExtendedType::InputObject(input)) = schema.types.get(ty.inner_named_type()) {
                for (key, value) in map {
                    if let Some(field) = input.fields.get(key) {
                        literal(schema, &field.ty, value, unfit);
                    }
                }
            }
            return;
        }
        ast::Value::String(text) => Json::from(text.as_str()),
        ast::Value::Int(number) => json!(number.try_to_f64().unwrap_or_default()),
        ast::Value::Float(number) => json!(number.try_to_f64().unwrap_or_default()),
        ast::Value::Boolean(yes) => Json::from(*yes),
        ast::Value::Enum(name) => json!({ "enum": name.as_str() }),
    };
    let scalar = ty.inner_named_type().as_str();
    if !fits(scalar, &json) {
        unfit.push(Unfit {
            message: format!("{scalar} cannot represent value: {value}"),
            location: value.location(),
        });
    }
}

fn given(schema: &Schema, ty: &ast::Type, value: &JsonValue, wrong: &mut Vec<String>) {
    match (value, schema.types.get(ty.inner_named_type())) {
        (JsonValue::Null, _) => {}
        (JsonValue::Array(list), _) if ty.is_list() => {
            list.iter().for_each(|one| given(schema, ty.item_type(), one, wrong));
        }
        (JsonValue::Object(map), Some(ExtendedType::InputObject(input))) => {
            for (key, value) in map {
                if let Some(field) = input.fields.get(key.as_str()) {
                    given(schema, &field.ty, value, wrong);
                }
            }
        }
        (value, Some(ExtendedType::Scalar(scalar))) if !fits(&scalar.name, &plain_json(value)) => {
            wrong.push(format!("{} cannot represent value: {value}", scalar.name));
        }
        _ => {}
    }
}

fn fits(scalar: &str, value: &Json) -> bool {
    match scalar {
        "UUID" => value.as_str().is_some_and(|text| text.len() == 36 && Uuid::try_parse(text).is_ok()),
        "BigFloat" => value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()),
        "Position" => value.is_number() || value == "first" || value == "last",
        "DateTime" | "Date" => value.as_str().is_some_and(|text| moment(text).is_some()),
        "TSVector" | "ConnectionCursor" => value.is_string(),
        _ => true,
    }
}
