//! Steps as root fields of a mutation: what can be one request is one, in the sizes that Twenty takes.

use super::step::{Ready, Verb};
use crate::{
    seam::ToolError,
    tools::twenty::records::{
        document::{Document, ROOTS},
        engine::Records,
        id::RecordId,
        selection::{brief, everything, selection},
    },
};
use serde_json::{Map, Value, json};

/// Records that one root field may change, and one document: more of them are sent one after the other, so that it can
/// be told how far a change got.
const BATCH: usize = 60;

/// Steps that one root field makes: all of them, or none.
pub(super) struct Root {
    pub(super) steps: Vec<Ready>,
}

impl Root {
    fn takes(&self, step: &Ready) -> bool {
        let Some(first) = self.steps.first() else { return true };
        let alike = first.verb == step.verb && first.object == step.object && self.steps.len() < BATCH;
        match step.verb {
            Verb::Create | Verb::Delete | Verb::Restore | Verb::Destroy => alike,
            Verb::Update => alike && first.data == step.data,
            Verb::Upsert | Verb::Merge => false,
        }
    }

    /// Puts the root field into a document; the alias of its answer.
    pub(super) fn put(&self, records: &Records<'_>, document: &mut Document) -> Result<String, ToolError> {
        let Some(first) = self.steps.first() else {
            return Err(ToolError::internal("a change without a record"));
        };
        let object = records.object(&first.object)?;
        let (kind, kinds, one) = (object.kind(), object.kinds(), self.steps.len() == 1);
        let id = first.id;
        let all = self.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>();
        let mut filter = json!({ "id": { "in": all } });
        if let (Verb::Restore, Some(filter)) = (first.verb, filter.as_object_mut()) {
            filter.insert("deletedAt".into(), json!({ "is": "NOT_NULL" }));
        }
        let mut filter = || document.variable(&format!("{kind}FilterInput!"), filter.take());
        let verb = match first.verb {
            Verb::Create | Verb::Upsert => "create",
            Verb::Update => "update",
            Verb::Delete => "delete",
            Verb::Restore => "restore",
            Verb::Destroy => "destroy",
            Verb::Merge => "merge",
        };
        let call = match first.verb {
            Verb::Create | Verb::Upsert => {
                let mut data: Vec<Value> =
                    self.steps.iter().map(|step| Value::Object(step.data.clone())).collect();
                if one {
                    let data =
                        document.variable(&format!("{kind}CreateInput!"), data.pop().unwrap_or_default());
                    format!("{verb}{kind}(data: {data})")
                } else {
                    let data = document.variable(&format!("[{kind}CreateInput!]!"), Value::Array(data));
                    format!("{verb}{kinds}(data: {data})")
                }
            }
            Verb::Update if one => {
                let data =
                    document.variable(&format!("{kind}UpdateInput!"), Value::Object(first.data.clone()));
                format!("{verb}{kind}(id: \"{id}\", data: {data})")
            }
            Verb::Update => {
                let filter = filter();
                let data =
                    document.variable(&format!("{kind}UpdateInput!"), Value::Object(first.data.clone()));
                format!("{verb}{kinds}(filter: {filter}, data: {data})")
            }
            Verb::Delete | Verb::Restore | Verb::Destroy if one => format!("{verb}{kind}(id: \"{id}\")"),
            Verb::Delete | Verb::Restore | Verb::Destroy => format!("{verb}{kinds}(filter: {})", filter()),
            Verb::Merge => {
                let others = first.others.iter().filter_map(|other| RecordId::of(other).ok());
                let ids: Vec<String> =
                    std::iter::once(id).chain(others).map(|id| format!("\"{id}\"")).collect();
                format!("{verb}{kinds}(ids: [{}], conflictPriorityIndex: 0)", ids.join(", "))
            }
        };
        let gone = matches!(first.verb, Verb::Delete | Verb::Destroy);
        let selected = match one && !gone {
            // Twenty merges the fields that are selected, and no others.
            true if first.verb == Verb::Merge => everything(records.workspace(), object),
            true => selection(records.workspace(), object),
            false => format!("{} updatedAt", brief(records.workspace(), object)),
        };
        Ok(document.root(&format!("{call} {{ {selected} }}")))
    }
}

/// Steps in documents of root fields, in their order.
pub(super) fn documents(steps: Vec<Ready>) -> Vec<Vec<Root>> {
    let mut documents: Vec<Vec<Root>> = Vec::new();
    for step in steps {
        let size = |roots: &Vec<Root>| roots.iter().map(|root| root.steps.len()).sum::<usize>();
        match documents.last_mut() {
            Some(roots) if size(roots) < BATCH => {
                if let Some(root) = roots.last_mut().filter(|root| root.takes(&step)) {
                    root.steps.push(step);
                    continue;
                }
                if roots.len() < ROOTS {
                    roots.push(Root { steps: vec![step] });
                    continue;
                }
            }
            _ => {}
        }
        documents.push(vec![Root { steps: vec![step] }]);
    }
    documents
}

/// The records of a root field's answer, by id.
pub(super) fn answered(answer: Option<Value>) -> Vec<(RecordId, Value)> {
    let all = match answer {
        Some(Value::Array(all)) => all,
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    all.into_iter().filter_map(|record| Some((RecordId::of(&record).ok()?, record))).collect()
}

/// The fields that a step gives values to, as they were, in the form in which they are given; with `updatedAt`.
pub(super) fn touched(before: &Value, sent: &Map<String, Value>) -> Map<String, Value> {
    let mut was = Map::new();
    for (name, value) in sent {
        let old = before.get(name);
        let old = match (value, old) {
            (Value::Object(parts), Some(Value::Object(old))) => {
                let part = |name: &String| (name.clone(), old.get(name).cloned().unwrap_or_default());
                Value::Object(parts.keys().map(part).collect())
            }
            (Value::Object(parts), _) => {
                Value::Object(parts.keys().map(|name| (name.clone(), Value::Null)).collect())
            }
            (_, old) => old.cloned().unwrap_or_default(),
        };
        was.insert(name.clone(), old);
    }
    was.extend(before.get("updatedAt").map(|at| ("updatedAt".to_owned(), at.clone())));
    was
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn step(verb: Verb, nth: u128, data: Value) -> Ready {
        Ready {
            verb,
            object: "person".into(),
            id: Uuid::from_u128(nth).into(),
            data: data.as_object().cloned().unwrap_or_default(),
            others: Vec::new(),
            before: Value::Null,
        }
    }

    fn sizes(steps: Vec<Ready>) -> Vec<Vec<usize>> {
        documents(steps).iter().map(|roots| roots.iter().map(|root| root.steps.len()).collect()).collect()
    }

    #[test]
    fn what_is_alike_is_one_root_and_a_document_changes_sixty_records_at_most() {
        let same = |n| (0..n).map(|nth| step(Verb::Update, nth, json!({ "jobTitle": "x" }))).collect();
        assert_eq!(sizes(same(1)), [[1]]);
        assert_eq!(sizes(same(500)), [[60], [60], [60], [60], [60], [60], [60], [60], [20]]);
        let each =
            (0..45).map(|nth| step(Verb::Update, nth, json!({ "jobTitle": nth.to_string() }))).collect();
        assert_eq!(sizes(each).iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
        let mixed = [Verb::Create, Verb::Create, Verb::Delete, Verb::Create];
        let mixed = mixed.into_iter().enumerate().map(|(nth, verb)| step(verb, nth as u128, json!({})));
        assert_eq!(sizes(mixed.collect()), [[2, 1, 1]], "the order is kept");
    }

    #[test]
    fn what_was_there_is_kept_in_the_form_in_which_it_is_given() {
        let before = json!({ "jobTitle": "CEO", "emails": { "primaryEmail": "a@b.c", "additionalEmails": ["x"] },
            "updatedAt": "2026-01-01T00:00:00Z" });
        let sent = json!({ "jobTitle": null, "emails": { "primaryEmail": "d@e.f" }, "companyId": "7", "name": { "firstName": "A" } });
        assert_eq!(
            Value::Object(touched(&before, sent.as_object().unwrap())),
            json!({ "jobTitle": "CEO", "emails": { "primaryEmail": "a@b.c" }, "companyId": null,
                "name": { "firstName": null }, "updatedAt": "2026-01-01T00:00:00Z" })
        );
    }
}
