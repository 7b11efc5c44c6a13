//! What a workspace is made of, as it told us itself.

use crate::seam::ToolError;
use std::collections::{BTreeMap, BTreeSet};

/// The objects of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Workspace {
    /// In the order in which the workspace tells them.
    pub objects: Vec<Object>,
    /// For each composite type (`Phones`) how its sub-fields are selected.
    pub composites: BTreeMap<String, Vec<SubField>>,
    /// The root fields of queries and mutations, with the names of their arguments.
    pub roots: BTreeMap<String, BTreeSet<String>>,
}

/// One object, as in `person`.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its id in the metadata.
    pub id: String,
    /// `person`
    pub singular: String,
    /// `people`
    pub plural: String,
    /// As people see it.
    pub label: String,
    /// As people see several of it.
    pub label_plural: String,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it is in use.
    pub active: bool,
    /// Whether it serves Twenty itself.
    pub system: bool,
    /// Whether this workspace added it.
    pub custom: bool,
    /// The field that names a record of it.
    pub label_field: Option<String>,
    /// Its fields, as the workspace tells them.
    pub fields: Vec<Field>,
}

/// One field of an object.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its id in the metadata.
    pub id: String,
    /// As requests name it.
    pub name: String,
    /// As people see it.
    pub label: String,
    /// What it is for.
    pub description: Option<String>,
    /// Twenty's field type, as in `CURRENCY`.
    pub kind: String,
    /// Whether it is in use.
    pub active: bool,
    /// Whether Twenty keeps it.
    pub system: bool,
    /// Whether this workspace added it.
    pub custom: bool,
    /// Whether it may be empty.
    pub nullable: bool,
    /// Whether no two records may share a value.
    pub unique: bool,
    /// What it is unless given.
    pub default: Option<serde_json::Value>,
    /// The values of a select.
    pub options: Vec<Choice>,
    /// Where it points.
    pub relation: Option<Relation>,
}

/// One value of a select.
#[derive(Clone, Debug)]
pub struct Choice {
    /// As requests give it.
    pub value: String,
    /// As people see it.
    pub label: String,
}

/// Where a relation points.
#[derive(Clone, Debug)]
pub struct Relation {
    /// One record or many.
    pub many: bool,
    /// The objects that it may point at: one, or several for a morph relation.
    pub targets: Vec<String>,
    /// The field that holds the other record's id.
    pub join_column: Option<String>,
    /// The field on the other side, where there is one other side and the server tells it.
    pub inverse: Option<String>,
}

/// A sub-field of a composite type.
#[derive(Clone, Debug)]
pub struct SubField {
    /// Its name.
    pub name: String,
    /// The fields to select of it; empty for scalars.
    pub fields: Vec<String>,
}

impl Workspace {
    /// Whether the server has this root field, as in `peopleGroupBy`.
    #[must_use]
    pub fn has(&self, root: &str) -> bool {
        self.roots.contains_key(root)
    }

    /// Whether a root field takes an argument, as `people` takes `offset` on today's servers.
    #[must_use]
    pub fn takes(&self, root: &str, argument: &str) -> bool {
        self.roots.get(root).is_some_and(|arguments| arguments.contains(argument))
    }

    /// The object that a name, in singular or plural, a label or an id stands for.
    ///
    /// # Errors
    /// There is none; tells the nearest names.
    pub fn object(&self, name: &str) -> Result<&Object, ToolError> {
        let found = self.objects.iter().find(|object| object.singular == name || object.plural == name);
        let lower = name.to_lowercase();
        let found = found.or_else(|| {
            self.objects.iter().find(|object| {
                [&object.singular, &object.plural, &object.label, &object.label_plural, &object.id]
                    .iter()
                    .any(|known| known.to_lowercase() == lower)
            })
        });
        found.ok_or_else(|| {
            let names: Vec<&str> = self.objects.iter().map(|object| object.singular.as_str()).collect();
            ToolError::not_found(format_args!("this workspace has no object `{name}`"))
                .hint(meant(name, &names))
        })
    }
}

impl Object {
    /// The object's GraphQL type, as in `Person`.
    #[must_use]
    pub fn kind(&self) -> String {
        upper_first(&self.singular)
    }

    /// The plural as mutations name it, as in `People`.
    #[must_use]
    pub fn kinds(&self) -> String {
        upper_first(&self.plural)
    }

    /// The field of this name, where it is in use.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.active && field.name == name)
    }

    /// The field whose join column is this, as in `companyId`.
    #[must_use]
    pub fn joined_by(&self, column: &str) -> Option<&Field> {
        self.fields.iter().find(|field| {
            let relation = field.relation.as_ref();
            field.active && relation.and_then(|relation| relation.join_column.as_deref()) == Some(column)
        })
    }

    /// The field that lists the records of another object that point here through their field `through`.
    #[must_use]
    pub fn lists(&self, of: &Object, through: &str) -> Option<&Field> {
        let lists = |field: &&Field| {
            field.active
                && field.relation.as_ref().is_some_and(|relation| {
                    relation.many
                        && relation.targets.iter().eq([&of.singular])
                        && relation.inverse.as_ref().is_none_or(|inverse| inverse == through)
                })
        };
        let mut found = self.fields.iter().filter(lists);
        // Where the server does not tell the other side, only one that is alone is sure.
        found.next().filter(|_| found.next().is_none())
    }

    /// The names that records of this object may be given values for.
    #[must_use]
    pub fn writable(&self) -> Vec<&str> {
        self.fields
            .iter()
            .filter(|field| field.active && !field.system)
            .map(|field| field.name.as_str())
            .collect()
    }

    /// The error for a name that no field has.
    #[must_use]
    pub fn no_field(&self, name: &str) -> ToolError {
        let names = self.writable();
        ToolError::input(format_args!("`{}` has no field `{name}` in this workspace", self.singular))
            .hint(meant(name, &names))
    }
}

/// The line that says which known name was probably meant.
#[must_use]
pub fn meant(given: &str, known: &[&str]) -> String {
    let near = near(given, known);
    if near.is_empty() {
        return format!("there are: {}", known.join(", "));
    }
    format!("did you mean {}? There are: {}", near.join(" or "), known.join(", "))
}

/// The known names that are like a given one, quoted, nearest first: at most three.
#[must_use]
pub fn near(given: &str, known: &[&str]) -> Vec<String> {
    let given = given.to_lowercase();
    let score = |name: &str| strsim::jaro_winkler(&given, &name.to_lowercase());
    let mut near: Vec<(&str, f64)> =
        known.iter().map(|name| (*name, score(name))).filter(|(_, score)| *score > 0.8).collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1));
    near.iter().take(3).map(|(name, _)| format!("`{name}`")).collect()
}

fn upper_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
