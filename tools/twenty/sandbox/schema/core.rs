//! Twenty's naming rules: from the table of objects to the schema of `/graphql`.

use crate::tools::twenty::sandbox::{
    engine::resolver::{Extent, Resolver, Verb},
    model::{
        casing::pascal,
        table::{Object, Table},
    },
    settings::Profile,
};

use super::{
    definition::{Definition, Output, inputs},
    fixed::fixed,
    object::{id_type, object},
};

const SEARCH: &str = "searchInput: String!, limit: Int!, after: String, includedObjectNameSingulars: [String!], \
                      excludedObjectNameSingulars: [String!], filter: ObjectRecordFilterInput";

/// All types of the core schema.
pub fn core(table: &Table) -> Vec<Definition> {
    let mut all = fixed(table);
    let (mut queries, mut mutations) = (Vec::new(), Vec::new());
    for object in &table.objects {
        all.extend(self::object(table, object));
        self::queries(table.profile, object, &mut queries);
        self::mutations(table.profile, object, &mut mutations);
    }
    queries.push(root("search".to_owned(), SEARCH, "SearchResultConnection!".to_owned(), Resolver::Search));
    all.push(Definition::Object("Query".to_owned(), queries));
    all.push(Definition::Object("Mutation".to_owned(), mutations));
    all
}

fn root(name: String, arguments: &str, ty: String, resolver: Resolver) -> Output {
    Output { name, ty, arguments: inputs(arguments), resolver }
}

fn queries(profile: Profile, object: &Object, all: &mut Vec<Output>) {
    let (ty, one, many, id) = (&object.type_name, &object.singular, &object.plural, object.id);
    let skip = match profile {
        Profile::Current => "offset",
        Profile::Legacy => "limit",
    };
    let page = format!(
        "first: Int, last: Int, before: String, after: String, {skip}: Int, filter: {ty}FilterInput, \
         orderBy: [{ty}OrderByInput]"
    );
    all.push(root(many.clone(), &page, format!("{ty}Connection"), Resolver::FindMany(id)));
    all.push(root(one.clone(), &format!("filter: {ty}FilterInput!"), ty.clone(), Resolver::FindOne(id)));
    let like = format!("ids: [{}], data: [{ty}CreateInput]", id_type(profile));
    all.push(root(format!("{one}Duplicates"), &like, format!("[{ty}Connection]"), Resolver::Duplicates(id)));
    if profile == Profile::Current {
        let group = format!(
            "groupBy: [{ty}GroupByInput]!, filter: {ty}FilterInput, orderBy: [{ty}OrderByWithGroupByInput], \
             orderByForRecords: [{ty}OrderByInput], viewId: UUID, limit: Int"
        );
        let result = format!("[{ty}GroupByConnection]");
        all.push(root(format!("{many}GroupBy"), &group, result, Resolver::GroupBy(id)));
    }
}

fn mutations(profile: Profile, object: &Object, all: &mut Vec<Output>) {
    let (ty, many, id) = (&object.type_name, pascal(&object.plural), id_type(profile));
    for (verb, word) in Verb::ALL {
        let (one, several) = match verb {
            Verb::Create => (
                format!("data: {ty}CreateInput!, upsert: Boolean"),
                format!("data: [{ty}CreateInput!]!, upsert: Boolean"),
            ),
            Verb::Update => (
                format!("id: {id}!, data: {ty}UpdateInput!"),
                format!("data: {ty}UpdateInput!, filter: {ty}FilterInput!"),
            ),
            _ => (format!("id: {id}!"), format!("filter: {ty}FilterInput!")),
        };
        let write = |extent| Resolver::Write(verb, object.id, extent);
        all.push(root(format!("{word}{ty}"), &one, ty.clone(), write(Extent::One)));
        all.push(root(format!("{word}{many}"), &several, format!("[{ty}]"), write(Extent::Many)));
    }
    if profile == Profile::Current {
        let merge = "ids: [UUID!]!, conflictPriorityIndex: Int!, dryRun: Boolean";
        all.push(root(format!("merge{many}"), merge, ty.clone(), Resolver::Merge(object.id)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::sandbox::{model::parse::table, schema::definition::sdl};

    #[test]
    fn ids_and_arguments_follow_the_profile() {
        let sdl = |profile| sdl(&core(&table(profile).unwrap()));
        let (current, legacy) = (sdl(Profile::Current), sdl(Profile::Legacy));
        assert!(current.contains("updatePerson(id: UUID!, data: PersonUpdateInput!): Person"));
        assert!(legacy.contains("updatePerson(id: ID!, data: PersonUpdateInput!): Person"));
        assert!(current.contains("peopleGroupBy(") && !legacy.contains("peopleGroupBy("));
    }
}
