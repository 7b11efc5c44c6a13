//! What answers a field of the core schema.

use crate::tools::twenty::sandbox::model::table::ObjectId;

/// How an output field finds its value; the naming rules put one on every field.
#[derive(Clone, Debug)]
pub enum Resolver {
    /// A page of records.
    FindMany(ObjectId),
    /// The first record that a filter lets through.
    FindOne(ObjectId),
    /// Records that look like the given ones.
    Duplicates(ObjectId),
    /// Records in groups.
    GroupBy(ObjectId),
    /// Records of any object by words.
    Search,
    /// A change.
    Write(Verb, ObjectId, Extent),
    /// Several records made one.
    Merge(ObjectId),
    /// A column of a row.
    Column(usize),
    /// The columns of a row from this one on, as one object.
    Composite(usize),
    /// A column of such an object.
    Part(usize),
    /// The record that a join column points at.
    ToOne {
        /// The join column.
        column: usize,
        /// The object of the record.
        target: ObjectId,
    },
    /// The records whose join column points here.
    ToMany {
        /// Their object.
        source: ObjectId,
        /// Their relation field.
        field: String,
    },
    /// The records of a connection's page.
    Edges,
    /// Whether there are more.
    PageInfo,
    /// A number over all records of a connection.
    Aggregate(Aggregate),
    /// What the records of a group have in common.
    GroupValues,
    /// The record of an edge.
    EdgeNode,
    /// The place of an edge.
    EdgeCursor,
    /// A property of a plain JSON object.
    Property,
}

/// A change of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// New records.
    Create,
    /// Other values.
    Update,
    /// Out of sight.
    Delete,
    /// Gone.
    Destroy,
    /// Back in sight.
    Restore,
}

impl Verb {
    /// All of them, with the word that begins their root fields.
    pub const ALL: [(Verb, &'static str); 5] = [
        (Verb::Create, "create"),
        (Verb::Update, "update"),
        (Verb::Delete, "delete"),
        (Verb::Destroy, "destroy"),
        (Verb::Restore, "restore"),
    ];
}

/// How many records a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One, by id or data.
    One,
    /// Several, by filter or a list of data.
    Many,
}

/// A number over many records.
#[derive(Clone, Copy, Debug)]
pub struct Aggregate {
    /// What is computed.
    pub function: Function,
    /// The first column it looks at.
    pub column: usize,
    /// How many columns belong together.
    pub width: usize,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Records.
    TotalCount,
    /// Different values.
    CountUniqueValues,
    /// Records without a value.
    CountEmpty,
    /// Records with a value.
    CountNotEmpty,
    /// Share of records without a value, from 0 to 1.
    PercentageEmpty,
    /// Share of records with a value, from 0 to 1.
    PercentageNotEmpty,
    /// The smallest value.
    Min,
    /// The largest value.
    Max,
    /// The mean of the values.
    Avg,
    /// The sum of the values.
    Sum,
    /// Records that say yes.
    CountTrue,
    /// Records that say no.
    CountFalse,
}
