//! Lists, pages, filters, orders, aggregates, search.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::{Profile, SandboxSettings};

use crate::support::workspace::Workspace;

fn ids(connection: &Value) -> Vec<String> {
    let edges = connection["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap().to_owned()).collect()
}

/// A workspace with five tasks of known values, and how many of them a filter lets through.
struct Tasks(Workspace);

impl Tasks {
    async fn new() -> Tasks {
        let workspace = Workspace::small(Profile::Current);
        let data = json!([
            { "title": "zz Alpha", "status": "TODO", "dueAt": "2031-01-01T00:00:00Z" },
            { "title": "zz beta", "status": "IN_PROGRESS", "dueAt": "2031-02-01T00:00:00Z" },
            { "title": "zz Gämma_1", "status": "DONE", "dueAt": "2031-03-01T00:00:00Z" },
            { "title": "zz delta 100%", "status": null, "dueAt": null },
            { "title": "zz", "dueAt": "2031-05-01" },
        ]);
        workspace
            .data("mutation($d: [TaskCreateInput!]!) { createTasks(data: $d) { id } }", json!({ "d": data }))
            .await;
        Tasks(workspace)
    }

    async fn count(&self, filter: Value) -> u64 {
        let filter = json!({ "and": [{ "title": { "startsWith": "zz" } }, filter] });
        let query = "query($f: TaskFilterInput) { tasks(filter: $f) { totalCount } }";
        self.0.data(query, json!({ "f": filter })).await["tasks"]["totalCount"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn every_operator_lets_through_what_it_should() {
    let tasks = Tasks::new().await;
    for (filter, expected) in [
        (json!({}), 5),
        (json!({ "title": { "eq": "zz beta" } }), 1),
        (json!({ "title": { "neq": "zz beta" } }), 4),
        (json!({ "title": { "in": ["zz beta", "zz", "no"] } }), 2),
        (json!({ "title": { "like": "%ALPHA%" } }), 0),
        (json!({ "title": { "ilike": "%ALPHA%" } }), 1),
        (json!({ "title": { "ilike": "%gÄMMA\\_1" } }), 1),
        (json!({ "title": { "endsWith": "100%" } }), 1),
        (json!({ "title": { "regex": "^zz [A-Z]" } }), 2),
        (json!({ "title": { "iregex": "^zz [A-Z]" } }), 4),
        (json!({ "title": { "gt": "zz beta" } }), 2),
        (json!({ "status": { "eq": "TODO" } }), 2),
        (json!({ "status": { "gte": "IN_PROGRESS" } }), 2),
        (json!({ "status": { "is": "NULL" } }), 1),
        (json!({ "status": { "containsAny": ["TODO", "DONE"] } }), 3),
        (json!({ "dueAt": { "gte": "2031-02-01T00:00:00Z", "lt": "2031-05-01T00:00:00.000Z" } }), 2),
        (json!({ "dueAt": { "is": "NOT_NULL" } }), 4),
        (json!({ "or": [{ "status": { "eq": "DONE" } }, { "dueAt": { "is": "NULL" } }] }), 2),
        (json!({ "not": { "or": [{ "title": { "eq": "zz" } }, { "title": { "eq": "zz beta" } }] } }), 3),
        (json!({ "createdBy": { "source": { "eq": "API" } } }), 5),
        (json!({ "searchVector": { "search": "delt 100" } }), 1),
    ] {
        assert_eq!(tasks.count(filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn a_comparison_with_nothing_is_unknown_as_in_sql() {
    let tasks = Tasks::new().await;
    assert_eq!(tasks.count(json!({ "status": { "neq": "DONE" } })).await, 3);
    assert_eq!(tasks.count(json!({ "not": { "status": { "eq": "DONE" } } })).await, 3);
    assert_eq!(tasks.count(json!({ "status": { "eq": null } })).await, 0);
}

#[tokio::test]
async fn a_variable_that_was_not_given_leaves_its_key_out() {
    let tasks = Tasks::new().await;
    let query =
        "query($t: String) { tasks(filter: { title: { startsWith: \"zz\", eq: $t } }) { totalCount } }";
    assert_eq!(tasks.0.data(query, json!({})).await["tasks"]["totalCount"], 5);
    assert_eq!(tasks.0.data(query, json!({ "t": "zz" })).await["tasks"]["totalCount"], 1);
}

#[tokio::test]
async fn filters_that_make_no_sense_are_refused() {
    let workspace = Workspace::small(Profile::Current);
    for filter in [r#"{ id: { in: [] } }"#, r#"{ jobTitle: { regex: "(" } }"#] {
        let error =
            workspace.error(&format!("{{ people(filter: {filter}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{error}");
        assert_eq!(error["extensions"]["subCode"], "INVALID_QUERY_INPUT");
        assert_eq!(error["path"], json!(["people"]));
        assert!(
            error["locations"][0]["line"].is_number()
                && error["extensions"]["userFriendlyMessage"].is_string()
        );
    }
}

#[tokio::test]
async fn pages_cover_every_record_once_in_order() {
    let workspace = Workspace::small(Profile::Current);
    for order in
        ["", ", orderBy: [{ company: { name: AscNullsLast } }, { name: { lastName: DescNullsFirst } }]"]
    {
        let query = format!(
            "query($after: String) {{ people(first: 50, after: $after{order}) \
             {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let whole = ids(&workspace.data(&query.replace("50", "200"), json!({})).await["people"]);
        let (mut all, mut after, mut before) = (Vec::new(), Value::Null, Value::Null);
        for page in 0..3 {
            let people = workspace.data(&query, json!({ "after": after })).await["people"].take();
            assert_eq!(people["pageInfo"]["hasNextPage"], page < 2);
            assert_eq!(people["pageInfo"]["hasPreviousPage"], page > 0);
            all.extend(ids(&people));
            after = people["pageInfo"]["endCursor"].clone();
            before = people["pageInfo"]["startCursor"].clone();
        }
        assert_eq!((all.len(), &all), (120, &whole));
        let back = query
            .replace("$after: String", "$before: String")
            .replace("first: 50, after: $after", "last: 30, before: $before");
        let people = workspace.data(&back, json!({ "before": before })).await["people"].take();
        assert_eq!(ids(&people), whole[70..100]);
        assert_eq!(people["pageInfo"]["hasNextPage"], true);
    }
    let offset = workspace.data("{ all: people { edges { node { id } } } some: people(first: 5, offset: 118) { edges { node { id } } } }", json!({})).await;
    assert_eq!(ids(&offset["some"]), ids(&offset["all"])[118..]);
}

#[tokio::test]
async fn a_page_is_found_again_when_its_cursors_record_is_gone() {
    let workspace = Workspace::small(Profile::Current);
    let list = "query($after: String) { notes(first: 5, after: $after) { edges { node { id } cursor } } }";
    let first = workspace.data(list, json!({})).await["notes"].take();
    let second = workspace.data(list, json!({ "after": first["edges"][4]["cursor"] })).await["notes"].take();
    let gone = json!({ "id": first["edges"][4]["node"]["id"] });
    workspace.data("mutation($id: UUID!) { deleteNote(id: $id) { id } }", gone).await;
    let again = workspace.data(list, json!({ "after": first["edges"][4]["cursor"] })).await["notes"].take();
    assert_eq!(ids(&again), ids(&second));
}

#[tokio::test]
async fn paging_arguments_that_contradict_each_other_are_refused() {
    let workspace = Workspace::small(Profile::Current);
    for (arguments, code) in [
        ("first: 1, last: 1", "ARGS_CONFLICT"),
        (r#"before: "a", after: "b""#, "ARGS_CONFLICT"),
        (r#"before: "a", first: 1"#, "ARGS_CONFLICT"),
        (r#"after: "a", last: 1"#, "ARGS_CONFLICT"),
        ("first: -1", "INVALID_ARGS_FIRST"),
        ("last: -1", "INVALID_ARGS_LAST"),
        (r#"after: "nonsense""#, "INVALID_CURSOR"),
    ] {
        let error = workspace.error(&format!("{{ people({arguments}) {{ totalCount }} }}"), json!({})).await;
        assert_eq!(error["extensions"]["subCode"], code, "{arguments}");
    }
    workspace.data(r#"{ people(after: "", first: 1) { totalCount } }"#, json!({})).await;
}

#[tokio::test]
async fn pages_and_relations_are_cut() {
    let workspace = Workspace::with(SandboxSettings::default());
    let data = workspace.data("{ people(first: 500) { totalCount edges { node { id } } } companies(first: 1) { edges { node { people { totalCount edges { node { id } } pageInfo { hasNextPage } } } } } }", json!({})).await;
    assert_eq!((ids(&data["people"]).len(), &data["people"]["totalCount"]), (200, &json!(800)));
    let staff = &data["companies"]["edges"][0]["node"]["people"];
    assert!(staff["totalCount"].as_u64().unwrap() > 60);
    assert_eq!((ids(staff).len(), &staff["pageInfo"]["hasNextPage"]), (60, &json!(true)));
}

#[tokio::test]
async fn aggregates_speak_of_all_records() {
    let workspace = Workspace::small(Profile::Current);
    let data = json!([
        { "name": "zz1", "seats": 10, "mrr": { "amountMicros": 5_000_000, "currencyCode": "EUR" }, "renewsAt": "2030-01-01T00:00:00Z" },
        { "name": "zz2", "seats": 20, "mrr": { "amountMicros": "7000000", "currencyCode": "EUR" }, "renewsAt": "2031-01-01T00:00:00Z" },
        { "name": "zz3" }, { "name": "zz3" },
    ]);
    let create = "mutation($d: [SubscriptionCreateInput!]!) { createSubscriptions(data: $d) { id } }";
    workspace.data(create, json!({ "d": data })).await;
    let query = "{ subscriptions(first: 1, filter: { name: { startsWith: \"zz\" } }) { totalCount sumSeats avgSeats minSeats maxSeats \
        sumMrrAmountMicros countEmptyMrr countNotEmptySeats percentageEmptySeats percentageNotEmptySeats \
        countUniqueValuesName countUniqueValuesMrr minRenewsAt maxRenewsAt } \
        people(filter: { newsletter: { is: NOT_NULL } }) { countTrueNewsletter countFalseNewsletter totalCount } \
        none: subscriptions(filter: { name: { eq: \"none\" } }) { totalCount sumSeats avgSeats percentageEmptySeats maxRenewsAt } }";
    let data = workspace.data(query, json!({})).await;
    let expected = json!({
        "totalCount": 4, "sumSeats": 30, "avgSeats": 15, "minSeats": 10, "maxSeats": 20, "sumMrrAmountMicros": 12_000_000,
        "countEmptyMrr": 2, "countNotEmptySeats": 2, "percentageEmptySeats": 0.5, "percentageNotEmptySeats": 0.5,
        "countUniqueValuesName": 3, "countUniqueValuesMrr": 2,
        "minRenewsAt": "2030-01-01T00:00:00.000Z", "maxRenewsAt": "2031-01-01T00:00:00.000Z",
    });
    assert_eq!(data["subscriptions"], expected);
    let people = &data["people"];
    let both =
        people["countTrueNewsletter"].as_u64().unwrap() + people["countFalseNewsletter"].as_u64().unwrap();
    assert_eq!(json!(both), people["totalCount"]);
    assert_eq!(
        data["none"],
        json!({ "totalCount": 0, "sumSeats": null, "avgSeats": null, "percentageEmptySeats": null, "maxRenewsAt": null })
    );
}

#[tokio::test]
async fn search_finds_words_by_their_beginning_without_accents() {
    let workspace = Workspace::small(Profile::Current);
    let data = json!({ "name": { "firstName": "Zoë", "lastName": "Quetzalcóatl" }, "emails": { "primaryEmail": "zoe@quetzal.example" } });
    let create = "mutation($d: PersonCreateInput!) { createPerson(data: $d) { id } }";
    let id = workspace.data(create, json!({ "d": data })).await["createPerson"]["id"].clone();
    let query = "query($q: String!, $in: [String!], $after: String) { search(searchInput: $q, limit: 2, after: $after, includedObjectNameSingulars: $in) \
        { edges { node { recordId objectNameSingular objectLabelSingular label tsRankCD tsRank } cursor } pageInfo { endCursor hasNextPage } } }";
    let hit =
        workspace.data(query, json!({ "q": "zoe QUETZALCO" })).await["search"]["edges"][0]["node"].take();
    assert_eq!((&hit["recordId"], &hit["label"]), (&id, &json!("Zoë Quetzalcóatl")));
    assert_eq!(
        (&hit["objectNameSingular"], &hit["objectLabelSingular"]),
        (&json!("person"), &json!("Person"))
    );
    let none = workspace.data(query, json!({ "q": "quetzalco", "in": ["company"] })).await;
    assert_eq!(none["search"]["edges"], json!([]));
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let page =
            workspace.data(query, json!({ "q": "", "in": ["task"], "after": after })).await["search"].take();
        seen.extend(
            page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["recordId"].to_string()),
        );
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let tasks =
        workspace.data("{ tasks { totalCount } }", json!({})).await["tasks"]["totalCount"].as_u64().unwrap();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len() as u64, tasks);
}

#[tokio::test]
async fn one_record_or_not_found_beside_what_was_found() {
    let workspace = Workspace::small(Profile::Current);
    let query = r#"{ person(filter: { id: { eq: "99999999-0000-4000-8000-000000000000" } }) { id } companies(first: 1) { totalCount } }"#;
    let answer = workspace.ask("/graphql", query, json!({})).await;
    assert_eq!(answer["data"], json!({ "person": null, "companies": { "totalCount": 30 } }));
    let error = &answer["errors"][0];
    assert_eq!((&error["message"], &error["path"]), (&json!("Record not found"), &json!(["person"])));
    assert_eq!(
        (&error["extensions"]["code"], &error["extensions"]["subCode"]),
        (&json!("NOT_FOUND"), &json!("RECORD_NOT_FOUND"))
    );
}

#[tokio::test]
async fn too_much_is_refused() {
    let workspace = Workspace::small(Profile::Current);
    let roots: String = (0..21).map(|n| format!("a{n}: people {{ totalCount }} ")).collect();
    let error = workspace.error(&format!("{{ {roots} }}"), json!({})).await;
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .starts_with("Query too complex - Too many root resolvers requested: 21")
    );
    // Every fragment uses the one before it three times: many fields in a short document.
    let mut query =
        "{ people { edges { node { ...F7 } } } } fragment F0 on Person { id jobTitle }".to_owned();
    for n in 1..8 {
        let deeper = format!("...F{}", n - 1);
        query += &format!(
            " fragment F{n} on Person {{ company {{ a: people {{ edges {{ node {{ {deeper} }} }} }} b: people {{ edges {{ node {{ {deeper} }} }} }} c: people {{ edges {{ node {{ {deeper} }} }} }} }} }}"
        );
    }
    let error = workspace.error(&query, json!({})).await;
    assert!(
        error["message"].as_str().unwrap().starts_with("Query too complex - Too many fields requested"),
        "{error}"
    );
    let workspace = Workspace::with(SandboxSettings::default());
    let fan = "{ companies { edges { node { people { edges { node { company { people { edges { node { company { people { edges { node { id } } } } } } } } } } } } } } }";
    let error = workspace.error(fan, json!({})).await;
    assert!(error["message"].as_str().unwrap().starts_with("Query too complex"), "{error}");
}
