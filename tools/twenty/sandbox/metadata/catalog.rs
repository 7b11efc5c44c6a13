//! What the metadata API says of objects and fields.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::{
        casing::{label, pascal},
        column::time_text,
        ident::ident,
        table::{Field, Kind, Object, Plain, Table},
    },
    seed::seeder::{DAY, TODAY},
    settings::Profile,
};

/// The application that Twenty's own objects and fields belong to, the same in every workspace.
pub const STANDARD_APPLICATION: &str = "20202020-64aa-4b6f-b003-9c74b97cee20";

// The ids that standard objects have in every workspace.
const UNIVERSAL: [(&str, &str); 13] = [
    ("person", "20202020-e674-48e5-a542-72570eee7213"),
    ("company", "20202020-b374-4779-a561-80086cb2e17f"),
    ("opportunity", "20202020-9549-49dd-b2b2-883999db8938"),
    ("note", "20202020-0b00-45cd-b6f6-6cd806fc6804"),
    ("task", "20202020-1ba1-48ba-bc83-ef7e5990ed10"),
    ("noteTarget", "20202020-fff0-4b44-be82-bda313884400"),
    ("taskTarget", "20202020-5a9a-44e8-95df-771cd06d0fb1"),
    ("timelineActivity", "20202020-6736-4337-b5c4-8b39fae325a5"),
    ("attachment", "20202020-bd3d-4c60-8dca-571c71d4447a"),
    ("workspaceMember", "20202020-3319-4234-a34c-82d5c0e881a6"),
    ("calendarEvent", "20202020-8f1d-4eef-9f85-0d1965e27221"),
    ("message", "20202020-3f6b-4425-80ab-e468899ab4b2"),
    ("dashboard", "20202020-3840-4b6d-9425-0c5188b05ca8"),
];

const COLORS: [&str; 8] = ["sky", "turquoise", "yellow", "green", "purple", "orange", "red", "gray"];

/// The application that the workspace's own objects and fields belong to.
pub fn custom_application() -> Uuid {
    ident(&["application", "custom"])
}

/// The id of an object in this workspace.
pub fn object_id(object: &Object) -> Uuid {
    ident(&["object", &object.singular])
}

/// The id of a field in this workspace.
pub fn field_id(object: &Object, field: &Field) -> Uuid {
    ident(&["field", &object.singular, &field.name])
}

/// When the workspace was made.
pub fn begun() -> String {
    time_text(TODAY - 740 * DAY)
}

fn application(custom: bool) -> String {
    if custom { custom_application().to_string() } else { STANDARD_APPLICATION.to_owned() }
}

/// A plain property of an object; nothing where the sandbox does not have it.
pub fn object_property(object: &Object, name: &str) -> Option<Json> {
    Some(match name {
        "id" => json!(object_id(object)),
        "universalIdentifier" => {
            let known = UNIVERSAL.iter().find(|(singular, _)| *singular == object.singular);
            known.map_or_else(|| json!(ident(&["universal", &object.singular])), |(_, id)| json!(id))
        }
        "nameSingular" => json!(object.singular),
        "namePlural" => json!(object.plural),
        "labelSingular" => json!(object.about.label),
        "labelPlural" => json!(object.label_plural),
        "description" => json!(object.about.description),
        "icon" => json!(object.about.icon),
        "shortcut" => match object.singular.as_str() {
            "person" | "company" | "opportunity" | "note" | "task" => {
                json!(object.type_name.chars().take(1).collect::<String>())
            }
            _ => Json::Null,
        },
        "color" | "imageIdentifierFieldMetadataId" | "readabilityParentFieldUniversalIdentifiers" => {
            Json::Null
        }
        "readability" | "writability" => json!("OPEN"),
        "isActive" => json!(true),
        "isRemote" | "isUIReadOnly" | "isLabelSyncedWithName" => json!(false),
        "isSystem" => json!(object.system),
        "isUIEditable" | "isUICreatable" => json!(!object.system),
        "isSearchable" => json!(object.searchable),
        "applicationId" => json!(application(object.custom)),
        "createdAt" | "updatedAt" => json!(begun()),
        "labelIdentifierFieldMetadataId" => {
            let field = object.label_field().or_else(|| object.field("id"));
            json!(field.map(|field| field_id(object, field)))
        }
        "duplicateCriteria" if object.alike.is_empty() => Json::Null,
        "duplicateCriteria" => {
            let name = |column: &usize| object.columns.get(*column).map(|column| database_name(&column.name));
            let names = |columns: &Vec<usize>| columns.iter().filter_map(name).collect();
            object.alike.iter().map(names).collect::<Vec<Vec<String>>>().into()
        }
        _ => return None,
    })
}

/// A plain property of a field; nothing where the sandbox does not have it.
pub fn field_property(table: &Table, object: &Object, field: &Field, name: &str) -> Option<Json> {
    Some(match name {
        "id" => json!(field_id(object, field)),
        "universalIdentifier" => json!(ident(&["universal", &object.singular, &field.name])),
        "type" => json!(field_type(table.profile, field)),
        "name" => json!(field.name),
        "label" => json!(field.about.label),
        "description" => json!(field.about.description),
        "icon" => json!(field.about.icon),
        "writability" => json!("OPEN"),
        "isActive" => json!(true),
        "isSystem" => json!(field.base || object.system),
        "isUIEditable" => json!(!field.base),
        "isUIReadOnly" => json!(field.base),
        "isNullable" => json!(!matches!(field.name.as_str(), "id" | "createdAt" | "updatedAt" | "position")),
        "isUnique" => json!(field.unique || field.name == "id"),
        "isSearchable" => json!(field.searched),
        "isAuditLogged" => json!(!field.base),
        "isLabelSyncedWithName" => json!(false),
        "defaultValue" => default_value(field),
        "options" => options(object, field),
        "settings" => settings(field),
        "objectMetadataId" => json!(object_id(object)),
        "morphId" => match &field.kind {
            Kind::ToOne { morph: true, .. } if table.profile == Profile::Current => {
                json!(ident(&["morph", &object.singular]))
            }
            _ => Json::Null,
        },
        "createdAt" | "updatedAt" => json!(begun()),
        "applicationId" => json!(application(field.custom)),
        _ => return None,
    })
}

/// The type of a field in the metadata API.
pub fn field_type(profile: Profile, field: &Field) -> &'static str {
    match &field.kind {
        Kind::Plain(plain) => plain.name(),
        Kind::Select(_) => "SELECT",
        Kind::Composite(composite) => composite.kind,
        Kind::ToOne { morph: true, .. } if profile == Profile::Current => "MORPH_RELATION",
        Kind::ToOne { .. } | Kind::ToMany { .. } => "RELATION",
    }
}

fn default_value(field: &Field) -> Json {
    match (&field.kind, field.default.as_deref()) {
        (Kind::Plain(Plain::Boolean), Some(default)) => json!(default == "true"),
        (Kind::Plain(Plain::Position), _) => json!(0),
        // Options are quoted inside the text, as they are inserted into SQL.
        (Kind::Select(_), Some(default)) => json!(format!("'{default}'")),
        (Kind::Composite(composite), _) if composite.kind == "ACTOR" => {
            json!({ "source": "'MANUAL'", "name": "'System'", "workspaceMemberId": null })
        }
        (_, Some(default)) => json!(default),
        _ => Json::Null,
    }
}

fn options(object: &Object, field: &Field) -> Json {
    let Kind::Select(options) = &field.kind else { return Json::Null };
    let option = |(at, (value, color)): (usize, (&std::sync::Arc<str>, &&str))| {
        json!({
            "id": ident(&["option", &object.singular, &field.name, value]),
            "value": value.as_ref(),
            "label": label(value),
            "position": at,
            "color": color,
        })
    };
    options.iter().zip(COLORS.iter().cycle()).enumerate().map(option).collect()
}

/// `emails.primaryEmail` is the column `emailsPrimaryEmail` of Twenty's database.
fn database_name(column: &str) -> String {
    column.split_once('.').map_or_else(|| column.to_owned(), |(field, part)| field.to_owned() + &pascal(part))
}

fn settings(field: &Field) -> Json {
    match &field.kind {
        Kind::ToOne { cascade, .. } => json!({
            "relationType": "MANY_TO_ONE",
            "onDelete": if *cascade { "CASCADE" } else { "SET_NULL" },
            "joinColumnName": format!("{}Id", field.name),
        }),
        Kind::ToMany { .. } => json!({ "relationType": "ONE_TO_MANY" }),
        Kind::Plain(Plain::Number) => json!({ "dataType": "float", "decimals": 0, "type": "number" }),
        Kind::Plain(Plain::DateTime) => json!({ "displayFormat": "RELATIVE" }),
        Kind::Composite(composite) if matches!(composite.kind, "EMAILS" | "PHONES") => {
            json!({ "maxNumberOfValues": 1 })
        }
        Kind::Composite(composite) if composite.kind == "LINKS" && field.unique => {
            json!({ "maxNumberOfValues": 1 })
        }
        _ => Json::Null,
    }
}
