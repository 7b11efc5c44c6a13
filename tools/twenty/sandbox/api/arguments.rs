//! The arguments of a field as plain JSON.
//!
//! The GraphQL library turns a variable that was not given into null when it stands inside an input object, which would
//! clear fields on an update; the specification leaves the key out, and so does this.

use apollo_compiler::{
    Schema, ast,
    executable::Field,
    response::{JsonMap, JsonValue},
    schema::ExtendedType,
};
use serde_json::{Map, Value as Json};

/// The arguments of a field: those given, and the defaults of those that were not.
pub fn arguments(
    schema: &Schema,
    field: &Field,
    coerced: &JsonMap,
    variables: &JsonMap,
) -> Map<String, Json> {
    let one = |definition: &ast::InputValueDefinition| {
        let value = match field.argument_by_name(&definition.name) {
            Ok(value) => given(schema, variables, &definition.ty, value)?,
            Err(_) => plain_json(coerced.get(definition.name.as_str())?),
        };
        Some((definition.name.to_string(), value))
    };
    field.definition.arguments.iter().filter_map(|definition| one(definition)).collect()
}

/// The library's JSON as the engine's.
pub fn plain_json(value: &JsonValue) -> Json {
    match value {
        JsonValue::Null => Json::Null,
        JsonValue::Bool(yes) => Json::Bool(*yes),
        JsonValue::Number(number) => Json::Number(number.clone()),
        JsonValue::String(text) => Json::from(text.as_str()),
        JsonValue::Array(list) => list.iter().map(plain_json).collect(),
        JsonValue::Object(map) => {
            map.iter().map(|(key, value)| (key.as_str().to_owned(), plain_json(value))).collect()
        }
    }
}

fn given(schema: &Schema, variables: &JsonMap, ty: &ast::Type, value: &ast::Value) -> Option<Json> {
    let item = if ty.is_list() { ty.item_type() } else { ty };
    Some(match value {
        ast::Value::Variable(name) => single(ty, plain_json(variables.get(name.as_str())?)),
        ast::Value::Null => Json::Null,
        ast::Value::List(list) => {
            let one = |value: &ast::Value| given(schema, variables, item, value).unwrap_or(Json::Null);
            list.iter().map(|value| one(value)).collect()
        }
        value if ty.is_list() => Json::Array(vec![given(schema, variables, item, value)?]),
        ast::Value::Enum(name) => Json::from(name.as_str()),
        ast::Value::String(text) => Json::from(text.as_str()),
        ast::Value::Boolean(yes) => Json::Bool(*yes),
        ast::Value::Int(number) => match number.as_str().parse::<i64>() {
            Ok(number) => Json::from(number),
            Err(_) => Json::from(number.try_to_f64().unwrap_or_default()),
        },
        ast::Value::Float(number) => Json::from(number.try_to_f64().unwrap_or_default()),
        ast::Value::Object(map) => {
            let input = match schema.types.get(ty.inner_named_type()) {
                Some(ExtendedType::InputObject(input)) => Some(input),
                _ => None,
            };
            let ty_of = |key| input.and_then(|input| input.fields.get(key)).map_or(ty, |field| &*field.ty);
            let mut object = Map::new();
            for (key, value) in map {
                if let Some(value) = given(schema, variables, ty_of(key), value) {
                    object.insert(key.to_string(), value);
                }
            }
            object.extend(defaults(schema, input.map(|input| &input.fields), variables, map));
            Json::Object(object)
        }
    })
}

type InputFields = apollo_compiler::collections::IndexMap<
    apollo_compiler::Name,
    apollo_compiler::schema::Component<ast::InputValueDefinition>,
>;

/// The defaults of the keys that an input object leaves out.
fn defaults<'a>(
    schema: &'a Schema,
    fields: Option<&'a InputFields>,
    variables: &'a JsonMap,
    map: &'a [(apollo_compiler::Name, apollo_compiler::Node<ast::Value>)],
) -> impl Iterator<Item = (String, Json)> + 'a {
    let absent = |name: &apollo_compiler::Name| !map.iter().any(|(key, _)| key == name);
    fields.into_iter().flatten().filter(move |(name, _)| absent(name)).filter_map(move |(name, field)| {
        let default = field.default_value.as_ref()?;
        Some((name.to_string(), given(schema, variables, &field.ty, default)?))
    })
}

fn single(ty: &ast::Type, value: Json) -> Json {
    if ty.is_list() && !value.is_array() && !value.is_null() { Json::Array(vec![value]) } else { value }
}
