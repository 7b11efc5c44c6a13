//! The types that every workspace has, whatever its objects.

use crate::tools::twenty::sandbox::{
    model::{
        composite::{ACTOR_SOURCES, Composite},
        table::Table,
    },
    settings::Profile,
};

use super::definition::{Definition, input, inputs, output, properties};
use crate::tools::twenty::sandbox::engine::resolver::Resolver;

const SCALARS: [&str; 8] =
    ["UUID", "DateTime", "Date", "JSON", "BigFloat", "Position", "TSVector", "ConnectionCursor"];

const ENUMS: [(&str, &str); 4] = [
    ("OrderByDirection", "AscNullsFirst AscNullsLast DescNullsFirst DescNullsLast"),
    ("FilterIs", "NULL NOT_NULL"),
    ("ActorSourceEnum", ACTOR_SOURCES),
    (
        "DateGranularityEnum",
        "DAY WEEK MONTH QUARTER YEAR DAY_OF_THE_WEEK MONTH_OF_THE_YEAR QUARTER_OF_THE_YEAR NONE",
    ),
];

const COMPARED: [&str; 6] = ["UUID", "String", "Float", "BigFloat", "DateTime", "Date"];
const TEXT_ONLY: &str =
    ", startsWith: String, endsWith: String, like: String, ilike: String, regex: String, iregex: String";

const INPUTS: [(&str, &str); 8] = [
    ("BooleanFilter", "eq: Boolean, is: FilterIs"),
    ("RawJsonFilter", "is: FilterIs, like: String"),
    ("ArrayFilter", "containsIlike: String, is: FilterIs, isEmptyArray: Boolean"),
    ("TSVectorFilter", "search: String"),
    ("RichTextV2LeafFilter", "ilike: String"),
    (
        "GroupByDateGranularityInput",
        "granularity: DateGranularityEnum, weekStartDay: String, timeZone: String",
    ),
    ("OrderByDateGranularityInput", "orderBy: OrderByDirection, granularity: DateGranularityEnum"),
    (
        "ObjectRecordFilterInput",
        "and: [ObjectRecordFilterInput!], or: [ObjectRecordFilterInput!], not: ObjectRecordFilterInput, \
         id: UUIDFilter, createdAt: DateFilter, updatedAt: DateFilter, deletedAt: DateFilter",
    ),
];

const OBJECTS: [(&str, &str); 5] = [
    (
        "SearchRecord",
        "recordId: UUID!, objectNameSingular: String!, objectLabelSingular: String!, label: String!, \
         imageUrl: String, tsRankCD: Float!, tsRank: Float!",
    ),
    ("SearchResultEdge", "node: SearchRecord!, cursor: String!"),
    ("SearchResultPageInfo", "endCursor: String, hasNextPage: Boolean!"),
    ("SearchResultConnection", "edges: [SearchResultEdge!]!, pageInfo: SearchResultPageInfo!"),
    (
        "PageInfo",
        "hasNextPage: Boolean!, hasPreviousPage: Boolean!, startCursor: ConnectionCursor, \
         endCursor: ConnectionCursor",
    ),
];

// The current profile gives lists inside composites a type of their own.
const TYPED: [(&str, &str); 3] = [
    ("AdditionalPhone", "number: String, callingCode: String, countryCode: String"),
    ("SecondaryLink", "label: String, url: String"),
    ("ActorContext", "provider: String"),
];

/// Scalars, filters, paging, search, and the composite types.
pub fn fixed(table: &Table) -> Vec<Definition> {
    let current = table.profile == Profile::Current;
    let mut all: Vec<Definition> =
        SCALARS.iter().map(|name| Definition::Scalar((*name).to_owned())).collect();
    all.extend(ENUMS.map(|(name, values)| enumeration(name, values.split(' '))));
    all.push(enum_filter("ActorSourceEnum", table.profile));
    for name in COMPARED {
        let more = if name == "String" { TEXT_ONLY } else { "" };
        let operators = format!(
            "eq: {name}, gt: {name}, gte: {name}, in: [{name}!], lt: {name}, lte: {name}, neq: {name}, \
             is: FilterIs{more}"
        );
        all.push(Definition::Input(format!("{name}Filter"), inputs(&operators)));
    }
    all.extend(INPUTS.map(|(name, fields)| Definition::Input(name.to_owned(), inputs(fields))));
    all.extend(OBJECTS.map(|(name, fields)| Definition::Object(name.to_owned(), properties(fields))));
    if current {
        for (name, fields) in TYPED {
            all.push(Definition::Object(name.to_owned(), properties(fields)));
            all.push(Definition::Input(format!("{name}Input"), inputs(fields)));
        }
        let file = "fileId: UUID!, label: String!";
        all.push(Definition::Object(
            "FileObject".to_owned(),
            properties(&format!("{file}, extension: String, url: String")),
        ));
        all.push(Definition::Input("FileInput".to_owned(), inputs(file)));
    }
    for composite in &table.composites {
        self::composite(composite, current, &mut all);
    }
    all
}

/// An enum with its values.
pub fn enumeration<'a>(name: &str, values: impl Iterator<Item = &'a str>) -> Definition {
    Definition::Enum(name.to_owned(), values.map(str::to_owned).collect())
}

/// What an enum may be filtered by.
pub fn enum_filter(name: &str, profile: Profile) -> Definition {
    let more = match profile {
        Profile::Current => format!(", gt: {name}, gte: {name}, lt: {name}, lte: {name}"),
        Profile::Legacy => String::new(),
    };
    let operators = format!(
        "eq: {name}, neq: {name}, in: [{name}], containsAny: [{name}], is: FilterIs, isEmptyArray: Boolean{more}"
    );
    Definition::Input(format!("{name}Filter"), inputs(&operators))
}

/// The filter of a composite field.
pub fn composite_filter(composite: &Composite) -> String {
    let suffix = if rich(composite) { "Filter" } else { "FilterInput" };
    format!("{}{suffix}", composite.type_name)
}

fn rich(composite: &Composite) -> bool {
    composite.kind == "RICH_TEXT"
}

fn composite(composite: &Composite, current: bool, all: &mut Vec<Definition>) {
    let (name, parts) = (composite.type_name, &composite.parts);
    let fields =
        parts.iter().enumerate().map(|(at, part)| output(part.name, part.output, Resolver::Part(at)));
    all.push(Definition::Object(name.to_owned(), fields.collect()));
    for verb in ["Create", "Update"] {
        let writable = parts.iter().filter(|part| part.writable);
        let fields = writable.map(|part| input(part.name, written(part.output))).collect();
        all.push(Definition::Input(format!("{name}{verb}Input"), fields));
    }
    let filter = |output| match output {
        _ if rich(composite) => "RichTextV2LeafFilter",
        "String" => "StringFilter",
        "UUID" => "UUIDFilter",
        "BigFloat" => "BigFloatFilter",
        "ActorSourceEnum" => "ActorSourceEnumFilter",
        _ => "RawJsonFilter",
    };
    let of = |ty: fn(&str) -> &str| parts.iter().map(|part| input(part.name, ty(part.output))).collect();
    let fields = parts.iter().map(|part| input(part.name, filter(part.output))).collect();
    all.push(Definition::Input(composite_filter(composite), fields));
    all.push(Definition::Input(format!("{name}OrderByInput"), of(|_| "OrderByDirection")));
    all.push(Definition::Input(format!("{name}GroupByInput"), of(|_| "Boolean")));
    if let (Some((_, key)), true) = (composite.key(), current) {
        all.push(Definition::Input(format!("{name}WhereUniqueInput"), vec![input(key.name, key.output)]));
    }
}

fn written(output: &str) -> &str {
    match output {
        "[AdditionalPhone!]" => "[AdditionalPhoneInput!]",
        "[SecondaryLink!]" => "[SecondaryLinkInput!]",
        "ActorContext" => "ActorContextInput",
        output => output,
    }
}
