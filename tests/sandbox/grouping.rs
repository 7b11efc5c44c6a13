//! Records in groups.

use serde_json::{Value, json};
use twenty_mcp::tools::twenty::sandbox::settings::{Profile, SandboxSettings};

use crate::support::workspace::Workspace;

/// A workspace with six opportunities of known values, told from the others by their name.
async fn deals() -> Workspace {
    let workspace = Workspace::small(Profile::Current);
    let money = |units: u64, code: &str| json!({ "amountMicros": units * 1_000_000, "currencyCode": code });
    let companies = workspace
        .data(
            "mutation { createCompanies(data: [{ name: \"zz Acme\" }, { name: \"zz Byte\" }]) { id } }",
            json!({}),
        )
        .await["createCompanies"]
        .take();
    let data = json!([
        { "name": "zz", "stage": "NEW", "amount": money(10, "EUR"), "closeDate": "2031-01-31T23:30:00Z", "companyId": companies[0]["id"] },
        { "name": "zz", "stage": "NEW", "amount": money(20, "EUR"), "closeDate": "2031-02-03T10:00:00Z", "companyId": companies[0]["id"] },
        { "name": "zz", "stage": "NEW", "amount": money(5, "USD"), "closeDate": "2031-02-10T10:00:00Z", "companyId": companies[1]["id"] },
        { "name": "zz", "stage": "CUSTOMER", "amount": money(40, "EUR"), "closeDate": "2031-05-11T10:00:00Z", "companyId": companies[1]["id"] },
        { "name": "zz", "stage": "MEETING", "closeDate": "2032-02-01T10:00:00Z" },
        { "name": "zz", "stage": "MEETING", "probability": 50 },
    ]);
    workspace
        .data(
            "mutation($d: [OpportunityCreateInput!]!) { createOpportunities(data: $d) { id } }",
            json!({ "d": data }),
        )
        .await;
    workspace
}

fn query(arguments: &str, fields: &str) -> String {
    format!(
        "{{ opportunitiesGroupBy(filter: {{ name: {{ eq: \"zz\" }} }}, {arguments}) {{ groupByDimensionValues {fields} }} }}"
    )
}

async fn groups(workspace: &Workspace, arguments: &str, fields: &str) -> Value {
    workspace.data(&query(arguments, fields), json!({})).await["opportunitiesGroupBy"].take()
}

/// The dimension values of each group with its number of records, as one text.
async fn counts(workspace: &Workspace, arguments: &str) -> String {
    let groups = groups(workspace, arguments, "totalCount").await;
    let told = |value: &Value| value.as_str().map_or("-".to_owned(), str::to_owned);
    let group = |group: &Value| {
        let values: Vec<String> =
            group["groupByDimensionValues"].as_array().unwrap().iter().map(told).collect();
        format!("{}: {}", values.join("/"), group["totalCount"])
    };
    groups.as_array().unwrap().iter().map(group).collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn groups_have_their_values_in_order_and_all_aggregates() {
    let workspace = deals().await;
    let fields = "totalCount sumAmountAmountMicros avgAmountAmountMicros minAmountAmountMicros maxAmountAmountMicros maxCloseDate \
        countUniqueValuesAmount countEmptyAmount countNotEmptyCloseDate percentageEmptyAmount sumProbability";
    let groups =
        groups(&workspace, "groupBy: [{ stage: true }, { amount: { currencyCode: true } }]", fields).await;
    let values: Vec<&Value> =
        groups.as_array().unwrap().iter().map(|group| &group["groupByDimensionValues"]).collect();
    assert_eq!(
        values,
        [
            &json!(["NEW", "EUR"]),
            &json!(["NEW", "USD"]),
            &json!(["MEETING", null]),
            &json!(["CUSTOMER", "EUR"])
        ]
    );
    assert_eq!(
        groups[0],
        json!({ "groupByDimensionValues": ["NEW", "EUR"], "totalCount": 2, "sumAmountAmountMicros": 30_000_000, "avgAmountAmountMicros": 15_000_000,
            "minAmountAmountMicros": 10_000_000, "maxAmountAmountMicros": 20_000_000, "maxCloseDate": "2031-02-03T10:00:00.000Z",
            "countUniqueValuesAmount": 2, "countEmptyAmount": 0, "countNotEmptyCloseDate": 2, "percentageEmptyAmount": 0, "sumProbability": null })
    );
    let meeting = &groups[2];
    assert_eq!(
        (&meeting["percentageEmptyAmount"], &meeting["countNotEmptyCloseDate"], &meeting["sumProbability"]),
        (&json!(1), &json!(1), &json!(50))
    );
}

#[tokio::test]
async fn moments_are_grouped_by_every_granularity() {
    let workspace = deals().await;
    for (granularity, expected) in [
        (
            "DAY, timeZone: \"UTC\"",
            "2031-01-31: 1, 2031-02-03: 1, 2031-02-10: 1, 2031-05-11: 1, 2032-02-01: 1, -: 1",
        ),
        (
            "DAY, timeZone: \"Europe/Paris\"",
            "2031-02-01: 1, 2031-02-03: 1, 2031-02-10: 1, 2031-05-11: 1, 2032-02-01: 1, -: 1",
        ),
        (
            "WEEK, timeZone: \"UTC\"",
            "2031-01-27: 1, 2031-02-03: 1, 2031-02-10: 1, 2031-05-05: 1, 2032-01-26: 1, -: 1",
        ),
        (
            "WEEK, timeZone: \"UTC\", weekStartDay: \"SUNDAY\"",
            "2031-01-26: 1, 2031-02-02: 1, 2031-02-09: 1, 2031-05-11: 1, 2032-02-01: 1, -: 1",
        ),
        ("MONTH, timeZone: \"UTC\"", "2031-01-01: 1, 2031-02-01: 2, 2031-05-01: 1, 2032-02-01: 1, -: 1"),
        ("QUARTER, timeZone: \"UTC\"", "2031-01-01: 3, 2031-04-01: 1, 2032-01-01: 1, -: 1"),
        ("YEAR, timeZone: \"UTC\"", "2031-01-01: 4, 2032-01-01: 1, -: 1"),
        ("DAY_OF_THE_WEEK", "Monday: 2, Friday: 1, Sunday: 2, -: 1"),
        ("MONTH_OF_THE_YEAR", "January: 1, February: 3, May: 1, -: 1"),
        ("QUARTER_OF_THE_YEAR", "Q1: 4, Q2: 1, -: 1"),
    ] {
        let arguments = format!("groupBy: [{{ closeDate: {{ granularity: {granularity} }} }}]");
        assert_eq!(counts(&workspace, &arguments).await, expected, "{granularity}");
    }
    let each = counts(&workspace, "groupBy: [{ closeDate: { granularity: NONE } }], limit: 2").await;
    assert_eq!(each, "2031-01-31T23:30:00.000Z: 1, 2031-02-03T10:00:00.000Z: 1");
}

#[tokio::test]
async fn records_are_grouped_by_those_they_point_at() {
    let workspace = deals().await;
    assert_eq!(
        counts(&workspace, "groupBy: [{ company: { name: true } }]").await,
        "zz Acme: 2, zz Byte: 2, -: 2"
    );
    let two = "groupBy: [{ company: { domainName: { primaryLinkUrl: true } } }, { company: { createdAt: { granularity: QUARTER_OF_THE_YEAR } } }]";
    assert!(counts(&workspace, two).await.ends_with("-/-: 2"));
    let delete = "mutation { deleteCompanies(filter: { name: { eq: \"zz Byte\" } }) { id } }";
    workspace.data(delete, json!({})).await;
    assert_eq!(counts(&workspace, "groupBy: [{ company: { name: true } }]").await, "zz Acme: 2, -: 4");
    assert_eq!(counts(&workspace, "groupBy: []").await, ": 6", "no dimension, one group");
    assert_eq!(
        counts(&workspace, "groupBy: [{ probability: true }]").await,
        "50: 1, -: 5",
        "numbers are told as text"
    );
}

#[tokio::test]
async fn groups_are_ordered_by_numbers_and_by_what_they_have() {
    let workspace = deals().await;
    for (order, expected) in [
        ("[]", "NEW: 3, MEETING: 2, CUSTOMER: 1"),
        ("[{ stage: DescNullsLast }]", "CUSTOMER: 1, MEETING: 2, NEW: 3"),
        ("[{ aggregate: { totalCount: AscNullsFirst } }]", "CUSTOMER: 1, MEETING: 2, NEW: 3"),
        ("[{ aggregate: { sumAmountAmountMicros: DescNullsFirst } }]", "MEETING: 2, CUSTOMER: 1, NEW: 3"),
        ("[{ aggregate: { sumAmountAmountMicros: DescNullsLast } }]", "CUSTOMER: 1, NEW: 3, MEETING: 2"),
        ("[{ aggregate: { maxCloseDate: DescNullsLast } }]", "MEETING: 2, CUSTOMER: 1, NEW: 3"),
        ("[{ aggregate: { totalCount: DescNullsLast } }], limit: 1", "NEW: 3"),
    ] {
        assert_eq!(
            counts(&workspace, &format!("groupBy: [{{ stage: true }}], orderBy: {order}")).await,
            expected,
            "{order}"
        );
    }
    let currency = "groupBy: [{ amount: { currencyCode: true } }, { closeDate: { granularity: YEAR, timeZone: \"UTC\" } }], \
        orderBy: [{ closeDate: { orderBy: DescNullsFirst, granularity: YEAR } }, { amount: { currencyCode: DescNullsLast } }]";
    assert_eq!(
        counts(&workspace, currency).await,
        "-/-: 1, -/2032-01-01: 1, USD/2031-01-01: 1, EUR/2031-01-01: 3"
    );
}

#[tokio::test]
async fn a_group_shows_its_first_ten_records() {
    let workspace = Workspace::small(Profile::Current);
    let query = "{ peopleGroupBy(groupBy: [{ newsletter: true }], orderByForRecords: [{ name: { lastName: AscNullsLast } }]) \
        { groupByDimensionValues totalCount pageInfo { hasNextPage } edges { node { newsletter name { lastName } company { name } } } } }";
    let groups = workspace.data(query, json!({})).await["peopleGroupBy"].take();
    let groups = groups.as_array().unwrap();
    assert_eq!(groups.iter().map(|group| group["totalCount"].as_u64().unwrap()).sum::<u64>(), 120);
    for group in groups {
        let edges = group["edges"].as_array().unwrap();
        assert_eq!((edges.len(), &group["pageInfo"]["hasNextPage"]), (10, &json!(true)));
        let said = group["groupByDimensionValues"][0] == "true";
        assert!(edges.iter().all(|edge| edge["node"]["newsletter"] == said));
        let names: Vec<String> = edges
            .iter()
            .map(|edge| edge["node"]["name"]["lastName"].as_str().unwrap().to_lowercase())
            .collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}

#[tokio::test]
async fn there_are_fifty_groups_unless_more_are_wanted() {
    let workspace = Workspace::with(SandboxSettings { people: 20_000, ..SandboxSettings::default() });
    let count = async |arguments: &str| {
        let query = format!(
            "{{ peopleGroupBy(groupBy: [{{ emails: {{ primaryEmail: true }} }}]{arguments}) {{ totalCount }} }}"
        );
        workspace.data(&query, json!({})).await["peopleGroupBy"].as_array().unwrap().len()
    };
    assert_eq!((count("").await, count(", limit: 0").await, count(", limit: 300").await), (50, 50, 300));
    let by_company = "{ peopleGroupBy(groupBy: [{ company: { name: true } }], orderBy: [{ aggregate: { totalCount: DescNullsLast } }], limit: 100000) { totalCount } }";
    let groups = workspace.data(by_company, json!({})).await["peopleGroupBy"].take();
    let counts: Vec<u64> =
        groups.as_array().unwrap().iter().map(|group| group["totalCount"].as_u64().unwrap()).collect();
    assert_eq!(counts.iter().sum::<u64>(), 20_000);
    assert!(counts.is_sorted_by(|a, b| a >= b));
}

#[tokio::test]
async fn groups_that_make_no_sense_are_refused() {
    let workspace = deals().await;
    let invalid = "INVALID_QUERY_INPUT";
    for (arguments, code, words) in [
        ("groupBy: [{ stage: true, name: true }]", invalid, "multiple fields in one GroupByInput"),
        ("groupBy: [{ amount: { currencyCode: true, amountMicros: true } }]", invalid, "multiple subfields"),
        ("groupBy: [{ company: { name: true, id: true } }]", invalid, "multiple nested fields"),
        (
            "groupBy: [{ company: { accountOwner: { userEmail: true } } }]",
            invalid,
            "relation field of the relation field",
        ),
        (
            "groupBy: [{ closeDate: { granularity: MONTH } }]",
            "MISSING_TIMEZONE_FOR_DATE_GROUP_BY",
            "Time zone should be specified",
        ),
        (
            "groupBy: [{ closeDate: { granularity: DAY, timeZone: \"Mars/Base\" } }]",
            "INVALID_TIMEZONE",
            "Mars/Base",
        ),
        (
            "groupBy: [{ stage: true }], orderBy: [{ name: AscNullsLast }]",
            invalid,
            "not an aggregate nor in groupBy",
        ),
        (
            "groupBy: [{ stage: true }], orderBy: [{ aggregate: { totalCount: AscNullsLast, maxCloseDate: AscNullsLast } }]",
            invalid,
            "one by one",
        ),
        (
            "groupBy: [{ closeDate: { granularity: DAY_OF_THE_WEEK } }], orderBy: [{ closeDate: { orderBy: AscNullsLast, granularity: MONTH_OF_THE_YEAR } }]",
            invalid,
            "MONTH_OF_THE_YEAR",
        ),
        (
            "groupBy: [{ stage: true }], viewId: \"99999999-0000-4000-8000-000000000000\"",
            "NOT_IN_SANDBOX",
            "viewId",
        ),
    ] {
        let error = workspace.error(&query(arguments, "totalCount"), json!({})).await;
        assert_eq!(error["extensions"]["subCode"], code, "{error}");
        assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }
}
