//! The types of one object: record, connection, inputs.

use crate::tools::twenty::sandbox::{
    engine::{aggregates::aggregates, resolver::Resolver},
    model::{
        casing::pascal,
        table::{Field, Kind, Object, Plain, Table},
    },
    settings::Profile,
};

use super::{
    definition::{Definition, Input, Output, input, inputs, output},
    fixed::{composite_filter, enum_filter, enumeration},
};

/// The scalar that ids have.
pub fn id_type(profile: Profile) -> &'static str {
    match profile {
        Profile::Current => "UUID",
        Profile::Legacy => "ID",
    }
}

/// The types of an object.
pub fn object(table: &Table, object: &Object) -> Vec<Definition> {
    let mut types =
        Types { current: table.profile == Profile::Current, id: id_type(table.profile), ..Types::default() };
    types.order_groups.push(input("aggregate", format!("{}OrderByAggregateInput", object.type_name)));
    types.unique.push(input("id", "UUID"));
    for field in &object.fields {
        types.field(table, object, field);
    }
    types.finish(object)
}

/// What grows while the fields of an object are gone through.
#[derive(Default)]
struct Types {
    current: bool,
    id: &'static str,
    enums: Vec<Definition>,
    record: Vec<Output>,
    filter: Vec<Input>,
    order: Vec<Input>,
    order_related: Vec<Input>,
    order_groups: Vec<Input>,
    group: Vec<Input>,
    create: Vec<Input>,
    update: Vec<Input>,
    unique: Vec<Input>,
}

impl Types {
    fn field(&mut self, table: &Table, object: &Object, field: &Field) {
        let name = &field.name;
        match &field.kind {
            Kind::ToMany { source, field } => {
                let ty = table.get(*source).map(|source| format!("{}Connection", source.type_name));
                let resolver = Resolver::ToMany { source: *source, field: field.clone() };
                self.record.push(output(name, ty.unwrap_or_default(), resolver));
            }
            Kind::ToOne { target, .. } => {
                let Some(target) = table.get(*target) else { return };
                let (ty, join) = (&target.type_name, format!("{name}Id"));
                let resolver = Resolver::ToOne { column: field.column, target: target.id };
                self.record.push(output(name, ty, resolver));
                self.record.push(output(&join, self.id, Resolver::Column(field.column)));
                self.filter.push(input(&join, "UUIDFilter"));
                self.order.push(input(&join, "OrderByDirection"));
                self.written(&join, self.id, self.id);
                if self.current {
                    let relation = format!("{ty}RelationInput");
                    self.written(name, &relation, &relation);
                    self.order_related.push(input(name, format!("{ty}OrderByInput")));
                    self.group.push(input(name, format!("{ty}GroupByInput")));
                } else {
                    self.group.push(input(&join, "Boolean"));
                }
            }
            Kind::Select(options) => {
                let ty = format!("{}{}Enum", object.type_name, pascal(name));
                self.enums.push(enumeration(&ty, options.iter().map(AsRef::as_ref)));
                self.enums.push(enum_filter(&ty, table.profile));
                self.record.push(output(name, &ty, Resolver::Column(field.column)));
                self.filter.push(input(name, format!("{ty}Filter")));
                self.ordered(name, "OrderByDirection", "OrderByDirection");
                self.group.push(input(name, "Boolean"));
                self.written(name, &ty, &ty);
            }
            Kind::Composite(composite) => {
                let ty = composite.type_name;
                self.record.push(output(name, ty, Resolver::Composite(field.column)));
                self.filter.push(input(name, composite_filter(composite)));
                let order = format!("{ty}OrderByInput");
                self.ordered(name, &order, &order);
                self.group.push(input(name, format!("{ty}GroupByInput")));
                self.written(name, &format!("{ty}CreateInput"), &format!("{ty}UpdateInput"));
                if field.unique {
                    self.unique.push(input(name, format!("{ty}WhereUniqueInput")));
                }
            }
            Kind::Plain(plain) => self.plain(field, *plain),
        }
    }

    fn plain(&mut self, field: &Field, plain: Plain) {
        let name = &field.name;
        let ty = plain_type(plain);
        let shown = if name == "id" { format!("{}!", self.id) } else { ty.to_owned() };
        self.record.push(output(name, shown, Resolver::Column(field.column)));
        self.filter.push(input(name, plain_filter(plain)));
        if field.unique {
            self.unique.push(input(name, ty));
        }
        let dated = plain == Plain::DateTime;
        if !matches!(plain, Plain::TsVector | Plain::Files) {
            self.ordered(
                name,
                "OrderByDirection",
                if dated { "OrderByDateGranularityInput" } else { "OrderByDirection" },
            );
        }
        if !matches!(plain, Plain::TsVector | Plain::Files | Plain::RawJson | Plain::Position) {
            self.group.push(input(name, if dated { "GroupByDateGranularityInput" } else { "Boolean" }));
        }
        if plain != Plain::TsVector {
            let ty = if plain == Plain::Files { "[FileInput!]" } else { ty };
            self.written(name, ty, ty);
        }
    }

    fn ordered(&mut self, name: &str, order: &str, order_groups: &str) {
        self.order.push(input(name, order));
        self.order_groups.push(input(name, order_groups));
    }

    fn written(&mut self, name: &str, create: &str, update: &str) {
        self.create.push(input(name, create));
        self.update.push(input(name, update));
    }

    fn finish(mut self, object: &Object) -> Vec<Definition> {
        let ty = &object.type_name;
        for (name, many) in [("and", true), ("or", true), ("not", false)] {
            let filter = if many { format!("[{ty}FilterInput]") } else { format!("{ty}FilterInput") };
            self.filter.push(input(name, filter));
        }
        self.order.append(&mut self.order_related);
        let edge = vec![
            output("node", format!("{ty}!"), Resolver::EdgeNode),
            output("cursor", "ConnectionCursor!", Resolver::EdgeCursor),
        ];
        let by_aggregate = aggregates(object).into_iter().map(|one| input(one.name, "OrderByDirection"));
        let mut all = self.enums;
        all.push(Definition::Object(ty.clone(), self.record));
        all.push(Definition::Object(format!("{ty}Edge"), edge));
        all.push(Definition::Input(format!("{ty}OrderByAggregateInput"), by_aggregate.collect()));
        all.push(connection(object, ""));
        all.push(connection(object, "GroupBy"));
        for (suffix, fields) in [
            ("CreateInput", self.create),
            ("UpdateInput", self.update),
            ("FilterInput", self.filter),
            ("OrderByInput", self.order),
            ("GroupByInput", self.group),
            ("OrderByWithGroupByInput", self.order_groups),
        ] {
            all.push(Definition::Input(format!("{ty}{suffix}"), fields));
        }
        if self.current {
            let relation = inputs(&format!("connect: {ty}ConnectInput, disconnect: Boolean"));
            all.push(Definition::Input(format!("{ty}RelationInput"), relation));
            let connect = vec![input("where", format!("{ty}WhereUniqueInput"))];
            all.push(Definition::Input(format!("{ty}ConnectInput"), connect));
            all.push(Definition::Input(format!("{ty}WhereUniqueInput"), self.unique));
        }
        all
    }
}

fn connection(object: &Object, grouped: &str) -> Definition {
    let ty = &object.type_name;
    let mut fields = vec![
        output("edges", format!("[{ty}Edge!]!"), Resolver::Edges),
        output("pageInfo", "PageInfo!", Resolver::PageInfo),
    ];
    if !grouped.is_empty() {
        fields.push(output("groupByDimensionValues", "[String]!", Resolver::GroupValues));
    }
    let numbers = aggregates(object).into_iter();
    fields.extend(numbers.map(|one| output(one.name, one.ty, Resolver::Aggregate(one.aggregate))));
    Definition::Object(format!("{ty}{grouped}Connection"), fields)
}

fn plain_type(plain: Plain) -> &'static str {
    match plain {
        Plain::Text => "String",
        Plain::Uuid => "UUID",
        Plain::Number => "Float",
        Plain::Boolean => "Boolean",
        Plain::DateTime => "DateTime",
        Plain::RawJson => "JSON",
        Plain::Array => "[String]",
        Plain::Files => "[FileObject!]",
        Plain::Position => "Position",
        Plain::TsVector => "TSVector",
    }
}

fn plain_filter(plain: Plain) -> &'static str {
    match plain {
        Plain::Text => "StringFilter",
        Plain::Uuid => "UUIDFilter",
        Plain::Number | Plain::Position => "FloatFilter",
        Plain::Boolean => "BooleanFilter",
        Plain::DateTime => "DateTimeFilter",
        Plain::RawJson | Plain::Files => "RawJsonFilter",
        Plain::Array => "ArrayFilter",
        Plain::TsVector => "TSVectorFilter",
    }
}
