//! The objects and fields of the workspace, as the engine and the naming rules see them.

use std::{collections::HashMap, sync::Arc};

use crate::tools::twenty::sandbox::settings::Profile;

use super::{
    column::{Column, Shape},
    composite::Composite,
};

/// Which object: its place in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObjectId(pub usize);

/// The columns that every row has in the same place.
pub mod base {
    /// The id.
    pub const ID: usize = 0;
    /// When the row was made.
    pub const CREATED: usize = 1;
    /// When it was last written.
    pub const UPDATED: usize = 2;
    /// When it was deleted; null as long as it is visible.
    pub const DELETED: usize = 3;
    /// First column of who made it: source, member, name, context.
    pub const CREATED_BY: usize = 4;
}

/// All objects.
#[derive(Debug)]
pub struct Table {
    /// The age of the server.
    pub profile: Profile,
    /// The objects, in the order of the file.
    pub objects: Vec<Object>,
    /// The composite field types.
    pub composites: Vec<Arc<Composite>>,
}

impl Table {
    /// The object in that place.
    pub fn get(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(id.0)
    }

    /// The object with that singular name.
    pub fn named(&self, singular: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.singular == singular)
    }

    /// The relations that point at an object: whose they are, the field, and whether their records vanish with the one
    /// that they point at.
    pub fn pointing(&self, at: ObjectId) -> impl Iterator<Item = (&Object, &Field, bool)> {
        let all =
            self.objects.iter().flat_map(|object| object.fields.iter().map(move |field| (object, field)));
        all.filter_map(move |(object, field)| match field.kind {
            Kind::ToOne { target, cascade, .. } if target == at => Some((object, field, cascade)),
            _ => None,
        })
    }
}

/// An object, such as `person`.
#[derive(Debug)]
pub struct Object {
    /// Its place in the table.
    pub id: ObjectId,
    /// `person`.
    pub singular: String,
    /// `people`.
    pub plural: String,
    /// `Person`.
    pub type_name: String,
    /// Its label, and what else people see of it.
    pub about: About,
    /// `People`.
    pub label_plural: String,
    /// What the workspace's owners have added.
    pub custom: bool,
    /// What is not shown in Twenty's own menu.
    pub system: bool,
    /// Whether search looks through it.
    pub searchable: bool,
    /// Its fields.
    pub fields: Vec<Field>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The column that sorts rows when nothing else does.
    pub position: usize,
    /// The column with the words that search looks through.
    pub words: usize,
    /// First column of who last wrote a row, where the profile has it.
    pub updated_by: Option<usize>,
    /// A row may point at one target once for each value of this join column.
    pub once: Option<usize>,
    /// What makes two records look like one: lists of columns that all hold the same.
    pub alike: Vec<Vec<usize>>,
    pub(super) by_name: HashMap<String, usize>,
    pub(super) by_join: HashMap<String, usize>,
}

impl Object {
    /// The column of that name: `emails.primaryEmail`.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(*self.by_name.get(name)?)
    }

    /// The relation whose join column has that name: `companyId`.
    pub fn joined(&self, column: &str) -> Option<&Field> {
        self.fields.get(*self.by_join.get(column)?)
    }

    /// What a column holds.
    pub fn shape(&self, column: usize) -> Option<&Shape> {
        self.columns.get(column).map(|column| &column.shape)
    }

    /// The field that stands for a record in lists: its name or title.
    pub fn label_field(&self) -> Option<&Field> {
        self.field("name").or_else(|| self.field("title")).or_else(|| self.field("handle"))
    }

    /// The fields whose values are unique, with the column that is.
    pub fn unique(&self) -> impl Iterator<Item = (&Field, usize)> {
        self.fields.iter().filter(|field| field.unique).map(|field| (field, field.key_column()))
    }
}

/// What people see of an object or a field.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// `Job Title`.
    pub label: String,
    /// `IconBriefcase`.
    pub icon: String,
    /// One sentence.
    pub description: String,
}

/// A field.
#[derive(Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its first column; meaningless for a to-many relation, which has none.
    pub column: usize,
    /// How many columns it has.
    pub width: usize,
    /// One of the fields that every object has.
    pub base: bool,
    /// Added by the workspace's owners.
    pub custom: bool,
    /// No two records share its value.
    pub unique: bool,
    /// Search looks through it.
    pub searched: bool,
    /// What a new record gets when nothing is said.
    pub default: Option<String>,
    /// What people see of it.
    pub about: About,
}

impl Field {
    /// The column that counts for uniqueness.
    pub fn key_column(&self) -> usize {
        match &self.kind {
            Kind::Composite(composite) => self.column + composite.key().map_or(0, |(at, _)| at),
            _ => self.column,
        }
    }

    /// Its columns.
    pub fn columns(&self) -> std::ops::Range<usize> {
        self.column..self.column + self.width
    }
}

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Kind {
    /// One column.
    Plain(Plain),
    /// One of these options.
    Select(Arc<[Arc<str>]>),
    /// Several columns.
    Composite(Arc<Composite>),
    /// The id of one record of another object.
    ToOne {
        /// The other object.
        target: ObjectId,
        /// One of several fields that together mean "any object".
        morph: bool,
        /// Whether the record is erased with the one that it points at.
        cascade: bool,
        /// The field on the other side.
        inverse: Option<String>,
    },
    /// The records of another object that point here.
    ToMany {
        /// The other object.
        source: ObjectId,
        /// Its relation field.
        field: String,
    },
}

/// The field types with one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Text.
    Text,
    /// An id.
    Uuid,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A moment.
    DateTime,
    /// Anything.
    RawJson,
    /// A list of texts.
    Array,
    /// Files.
    Files,
    /// The place in a list that people have put in order by hand.
    Position,
    /// What search looks through.
    TsVector,
}

impl Plain {
    /// All of them, with their names in the metadata API.
    pub const ALL: [(Plain, &'static str); 10] = [
        (Plain::Text, "TEXT"),
        (Plain::Uuid, "UUID"),
        (Plain::Number, "NUMBER"),
        (Plain::Boolean, "BOOLEAN"),
        (Plain::DateTime, "DATE_TIME"),
        (Plain::RawJson, "RAW_JSON"),
        (Plain::Array, "ARRAY"),
        (Plain::Files, "FILES"),
        (Plain::Position, "POSITION"),
        (Plain::TsVector, "TS_VECTOR"),
    ];

    /// Its name in the metadata API.
    pub fn name(self) -> &'static str {
        Plain::ALL.iter().find(|(plain, _)| *plain == self).map_or("TEXT", |(_, name)| name)
    }

    /// What its column holds.
    pub fn shape(self) -> Shape {
        match self {
            Plain::Text | Plain::TsVector => Shape::Text,
            Plain::Uuid => Shape::Id,
            Plain::Number | Plain::Position => Shape::Number,
            Plain::Boolean => Shape::Bool,
            Plain::DateTime => Shape::Time,
            Plain::RawJson | Plain::Array | Plain::Files => Shape::Json,
        }
    }
}
