//! The metadata request and its answer, on today's servers and on older ones.

use super::schema::{Choice, Field, Object, Relation};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// The fields that a server's metadata types have.
pub(super) struct Seen {
    pub(super) object: BTreeSet<String>,
    pub(super) field: BTreeSet<String>,
    pub(super) relation: BTreeSet<String>,
}

/// What Twenty 2.43 has of what we ask for.
pub(super) static CURRENT: std::sync::LazyLock<Seen> = std::sync::LazyLock::new(|| {
    let set = |names: &str| names.split(' ').map(str::to_owned).collect();
    Seen {
        object: set(
            "id nameSingular namePlural labelSingular labelPlural description isActive isSystem applicationId \
                     labelIdentifierFieldMetadataId fieldsList",
        ),
        field: set(
            "id name label description type isNullable isUnique isActive isSystem options settings defaultValue \
                    applicationId relation morphRelations",
        ),
        relation: set("type targetObjectMetadata targetFieldMetadata"),
    }
});

/// The request, naming only what has been seen.
pub(super) fn document(seen: &Seen) -> String {
    let pick = |from: &BTreeSet<String>, names: &str| {
        names.split_whitespace().filter(|name| from.contains(*name)).collect::<Vec<_>>().join(" ")
    };
    let inverse =
        if seen.relation.contains("targetFieldMetadata") { "targetFieldMetadata { name }" } else { "" };
    let relation =
        format!("{{ {} targetObjectMetadata {{ nameSingular }} {inverse} }}", pick(&seen.relation, "type"));
    let mut field = pick(
        &seen.field,
        "id name label description type isNullable isUnique isActive isSystem isCustom options settings defaultValue \
         applicationId",
    );
    for name in ["relation", "morphRelations"] {
        if seen.field.contains(name) {
            field.push_str(&format!(" {name} {relation}"));
        }
    }
    let object = pick(
        &seen.object,
        "id nameSingular namePlural labelSingular labelPlural description isActive isSystem isCustom applicationId \
         labelIdentifierFieldMetadataId",
    );
    let fields = if seen.object.contains("fieldsList") {
        format!("fieldsList {{ {field} }}")
    } else {
        format!("fields(paging: {{ first: 1000 }}) {{ edges {{ node {{ {field} }} }} }}")
    };
    format!("{{ objects(paging: {{ first: 1000 }}) {{ edges {{ node {{ {object} {fields} }} }} }} }}")
}

#[derive(Deserialize)]
pub(super) struct Answer {
    objects: Edges<RawObject>,
}

#[derive(Deserialize)]
struct Edges<T> {
    edges: Vec<Node<T>>,
}

#[derive(Deserialize)]
struct Node<T> {
    node: T,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawObject {
    #[serde(default)]
    id: String,
    name_singular: String,
    name_plural: String,
    #[serde(default)]
    label_singular: String,
    #[serde(default)]
    label_plural: String,
    description: Option<String>,
    is_active: Option<bool>,
    is_system: Option<bool>,
    is_custom: Option<bool>,
    application_id: Option<String>,
    label_identifier_field_metadata_id: Option<String>,
    fields_list: Option<Vec<RawField>>,
    fields: Option<Edges<RawField>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawField {
    #[serde(default)]
    id: String,
    name: String,
    #[serde(default)]
    label: String,
    description: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    is_nullable: Option<bool>,
    is_unique: Option<bool>,
    is_active: Option<bool>,
    is_system: Option<bool>,
    is_custom: Option<bool>,
    application_id: Option<String>,
    default_value: Option<Value>,
    options: Option<Vec<RawChoice>>,
    settings: Option<RawSettings>,
    relation: Option<RawRelation>,
    morph_relations: Option<Vec<RawRelation>>,
}

#[derive(Deserialize)]
struct RawChoice {
    value: String,
    position: Option<f64>,
    #[serde(default)]
    label: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSettings {
    join_column_name: Option<String>,
    relation_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawRelation {
    #[serde(rename = "type")]
    kind: Option<String>,
    target_object_metadata: Option<RawTarget>,
    target_field_metadata: Option<RawInverse>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTarget {
    name_singular: String,
}

#[derive(Deserialize)]
struct RawInverse {
    name: String,
}

/// The objects of an answer. Custom is what says so, or what belongs to another application than `company` does.
pub(super) fn objects(answer: Answer) -> Vec<Object> {
    let raw: Vec<RawObject> = answer.objects.edges.into_iter().map(|edge| edge.node).collect();
    let standard = raw.iter().find(|object| object.name_singular == "company");
    let standard = standard.and_then(|object| object.application_id.clone());
    let custom = |said: Option<bool>, application: Option<&String>| {
        said.unwrap_or_else(|| {
            standard.is_some() && application.is_some() && application != standard.as_ref()
        })
    };
    raw.into_iter()
        .map(|object| {
            let listed = object.fields.map(|edges| edges.edges.into_iter().map(|edge| edge.node).collect());
            let fields: Vec<Field> = object
                .fields_list
                .or(listed)
                .unwrap_or_default()
                .into_iter()
                .map(|raw| {
                    let custom = custom(raw.is_custom, raw.application_id.as_ref());
                    field(raw, custom)
                })
                .collect();
            let label_id = object.label_identifier_field_metadata_id;
            let label_field = fields.iter().find(|field| Some(&field.id) == label_id.as_ref());
            let fallback = || fields.iter().find(|field| matches!(field.name.as_str(), "name" | "title"));
            Object {
                label_field: label_field.or_else(fallback).map(|field| field.name.clone()),
                custom: custom(object.is_custom, object.application_id.as_ref()),
                id: object.id,
                singular: object.name_singular,
                plural: object.name_plural,
                label: object.label_singular,
                label_plural: object.label_plural,
                description: object.description.filter(|text| !text.is_empty()),
                active: object.is_active.unwrap_or(true),
                system: object.is_system.unwrap_or(false),
                fields,
            }
        })
        .collect()
}

fn field(raw: RawField, custom: bool) -> Field {
    let relations: Vec<RawRelation> =
        raw.relation.into_iter().chain(raw.morph_relations.into_iter().flatten()).collect();
    let settings = raw.settings;
    let many = relations
        .iter()
        .find_map(|relation| relation.kind.clone())
        .or_else(|| settings.as_ref().and_then(|settings| settings.relation_type.clone()))
        .is_some_and(|kind| kind == "ONE_TO_MANY");
    let relation = matches!(raw.kind.as_str(), "RELATION" | "MORPH_RELATION").then(|| Relation {
        many,
        inverse: match relations.as_slice() {
            [one] => one.target_field_metadata.as_ref().map(|field| field.name.clone()),
            _ => None,
        },
        targets: relations
            .into_iter()
            .filter_map(|relation| relation.target_object_metadata.map(|target| target.name_singular))
            .collect(),
        join_column: (!many).then(|| {
            settings
                .and_then(|settings| settings.join_column_name)
                .unwrap_or_else(|| format!("{}Id", raw.name))
        }),
    });
    Field {
        id: raw.id,
        label: raw.label,
        description: raw.description.filter(|text| !text.is_empty()),
        kind: raw.kind,
        active: raw.is_active.unwrap_or(true),
        system: raw.is_system.unwrap_or(false),
        custom,
        nullable: raw.is_nullable.unwrap_or(true),
        unique: raw.is_unique.unwrap_or(false),
        default: raw.default_value.filter(|value| !value.is_null()),
        options: options(raw.options.unwrap_or_default()),
        relation,
        name: raw.name,
    }
}

/// The options in the order in which people see them.
fn options(mut raw: Vec<RawChoice>) -> Vec<Choice> {
    raw.sort_by(|a, b| a.position.unwrap_or_default().total_cmp(&b.position.unwrap_or_default()));
    raw.into_iter().map(|choice| Choice { value: choice.value, label: choice.label }).collect()
}
