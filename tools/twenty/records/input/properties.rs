//! Whatever a caller gives, nothing panics; and what is accepted is what the servers of both generations take.
#![cfg(test)]

use super::{
    data::{Purpose, data},
    filter::filter,
    order::order,
};
use crate::tools::twenty::{
    records::{
        id::RecordId,
        names::{Linking, Names},
    },
    sandbox::workspace::CORE_PATH,
    workspace::{
        fixture::{CURRENT, LEGACY, SANDBOXES, ask},
        schema::{Object, Workspace},
    },
};
use rand::{Rng as _, RngExt as _, SeedableRng as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Map, Value, json};

const ROUNDS: usize = 3_000;
const KEYS: &str = "eq neq in is gt gte lt lte like ilike contains containsAny isEmptyArray search startsWith endsWith and or \
    not firstName lastName primaryEmail email additionalEmails number countryCode url primaryLinkUrl secondaryLinks \
    amount amountMicros currency currencyCode city addressLat street markdown blocknote source workspaceMemberId id name \
    connect where disconnect label fileId asc desc";

fn value(rng: &mut StdRng, object: &Object, depth: usize) -> Value {
    const TEXTS: [&str; 21] = [
        "",
        "Acme",
        "acme.com",
        "https://acme.com/x",
        "Ada@acme.com",
        "Ada Lovelace",
        "2026-01-31",
        "2026-01-31T10:00:00Z",
        "NEW",
        "GOLD",
        "TODO",
        "NULL",
        "EUR",
        "1500 EUR",
        "+33612345678",
        "desc",
        "-name",
        "a\0b",
        "\u{1}0",
        "%_\\",
        "20202020-0687-4c41-b707-ed1bfca972a7",
    ];
    match rng.random_range(0..if depth == 0 { 7 } else { 10 }) {
        0 => Value::Null,
        1 => json!(rng.random_bool(0.5)),
        2 => json!(rng.random_range(-3..100)),
        3 => json!(f64::from_bits(rng.next_u64())),
        4..=6 => json!(TEXTS.choose(rng)),
        7 => (0..rng.random_range(0..4)).map(|_| value(rng, object, depth - 1)).collect(),
        _ => Value::Object(fields(rng, object, depth - 1)),
    }
}

fn fields(rng: &mut StdRng, object: &Object, depth: usize) -> Map<String, Value> {
    let keys: Vec<&str> = KEYS.split_whitespace().collect();
    (0..rng.random_range(0..4))
        .map(|_| {
            let key = match rng.random_bool(0.5) {
                true => keys.choose(rng).map_or("", |key| key).to_owned(),
                false => field(rng, object),
            };
            (key, value(rng, object, depth))
        })
        .collect()
}

fn field(rng: &mut StdRng, object: &Object) -> String {
    let Some(field) = object.fields.choose(rng) else { return String::new() };
    let column = field.relation.as_ref().and_then(|relation| relation.join_column.clone());
    column.filter(|_| rng.random_bool(0.5)).unwrap_or_else(|| field.name.clone())
}

/// Runs rounds of one kind against both generations, and tells how many were accepted.
fn accepted(mut round: impl FnMut(&mut StdRng, &Workspace, usize) -> bool) -> usize {
    let mut rng = StdRng::seed_from_u64(7);
    let rounds = (0..ROUNDS).flat_map(|_| [&*CURRENT, &*LEGACY].into_iter().enumerate());
    rounds.filter(|(server, workspace)| round(&mut rng, workspace, *server)).count()
}

fn kind(object: &Object) -> String {
    let mut letters = object.singular.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn fill(names: &Names, value: &mut Value) {
    let id = RecordId::parse("", "20202020-0687-4c41-b707-ed1bfca972a7").unwrap();
    names.fill(value, &vec![id; names.wanted().len()]);
}

/// Whether a condition of a filter is empty.
fn hollow(made: &Value) -> bool {
    match made {
        Value::Object(fields) => fields.is_empty() || fields.values().any(hollow),
        Value::Array(items) => items.is_empty() || items.iter().any(hollow),
        _ => false,
    }
}

/// The errors of an answer that are faults of ours: all but those that speak of the records themselves.
fn ours(answer: &Value) -> Vec<String> {
    const RECORDS: [&str; 4] = ["that does not exist", "Expected 1 record", "duplicate", "already exists"];
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let messages = errors.iter().map(|error| error["message"].as_str().unwrap_or_default().to_owned());
    messages.filter(|message| !RECORDS.iter().any(|about| message.contains(about))).collect()
}

#[test]
fn a_filter_that_is_accepted_is_one_that_the_server_takes() {
    let accepted = accepted(|rng, workspace, server| {
        let object = workspace.objects.choose(rng).unwrap();
        let mut given = Map::new();
        for _ in 0..rng.random_range(1..3) {
            given.insert(field(rng, object), value(rng, object, 3));
        }
        let (given, by) = (Value::Object(given), value(rng, object, 2));
        let mut names = Names::new(Linking::of(workspace));
        let by = order(workspace, object, &by);
        let Ok(mut made) = filter(workspace, object, &given, &mut names) else { return false };
        assert!(!hollow(&made), "{given} became {made}, which lets through more than was said");
        fill(&names, &mut made);
        let kind = kind(object);
        let document = format!(
            "query Q($filter: {kind}FilterInput, $orderBy: [{kind}OrderByInput]) {{ \
             {}(first: 1, filter: $filter, orderBy: $orderBy) {{ totalCount }} }}",
            object.plural
        );
        let variables = json!({ "filter": made, "orderBy": by.unwrap_or(json!([])) });
        let answer = ask(&SANDBOXES[server], CORE_PATH, &document, variables.clone());
        assert_eq!(ours(&answer), [""; 0], "{given} became {variables}");
        true
    });
    assert!(accepted > ROUNDS / 10, "only {accepted} were accepted");
}

#[test]
fn data_that_is_accepted_is_what_the_server_takes() {
    let accepted = accepted(|rng, workspace, server| {
        let object = workspace.objects.choose(rng).unwrap();
        let mut given = Map::new();
        for _ in 0..rng.random_range(1..3) {
            given.insert(field(rng, object), value(rng, object, 2));
        }
        let mut names = Names::new(Linking::of(workspace));
        let update = data(workspace, object, &given, Purpose::Update, &mut names);
        let made = data(workspace, object, &given, Purpose::Create, &mut names);
        let kind = kind(object);
        for (made, verb, id) in
            [(made, "Create", ""), (update, "Update", "id: \"20202020-0687-4c41-b707-ed1bfca972a7\", ")]
        {
            let Ok(made) = made else { return false };
            let mut made = Value::Object(made);
            fill(&names, &mut made);
            let document = format!(
                "mutation M($data: {kind}{verb}Input!) {{ {}{kind}({id}data: $data) {{ id }} }}",
                verb.to_lowercase()
            );
            let answer = ask(&SANDBOXES[server], CORE_PATH, &document, json!({ "data": made }));
            let wrong: Vec<String> =
                ours(&answer).into_iter().filter(|message| !message.contains("not found")).collect();
            assert_eq!(wrong, [""; 0], "{given:?} became {made}");
        }
        true
    });
    assert!(accepted > ROUNDS / 10, "only {accepted} were accepted");
}

#[test]
fn anything_at_all_is_read_without_a_panic() {
    accepted(|rng, workspace, _| {
        let object = workspace.objects.choose(rng).unwrap();
        let given = value(rng, object, 4);
        let mut names = Names::new(Linking::Connect);
        let by = order(workspace, object, &given).is_ok();
        let found = filter(workspace, object, &given, &mut names).is_ok();
        let fields = fields(rng, object, 4);
        by || found || data(workspace, object, &fields, Purpose::Create, &mut names).is_ok()
    });
}
