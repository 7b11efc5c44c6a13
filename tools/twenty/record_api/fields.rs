//! The fields that a caller wants to see: checked against the workspace, selected, and read from the answers.

use crate::{
    seam::ToolError,
    tools::twenty::{
        records::{
            engine::Records,
            faults::{Faults, shown},
            input::relations::{other_side, target},
            plain::plain,
            record::Record,
            selection::{brief, whole},
        },
        workspace::schema::{Field, Object, Workspace},
    },
};
use serde_json::{Map, Value};

/// The most fields that one call may name.
const MOST: usize = 60;

/// Fields to be seen of each record.
pub struct Fields {
    columns: Vec<Column>,
    selection: String,
}

/// One of them.
struct Column {
    /// As the caller said it.
    name: String,
    show: Show,
}

enum Show {
    /// A field, made plain; the names of its parts, where one of them was asked for.
    Own(String, Vec<String>),
    /// A field of the record that a field points at.
    Through(String, String, Vec<String>),
    /// How many records a relation holds.
    Many(String),
}

impl Fields {
    /// Reads names as in `jobTitle`, `company.domainName`, `address.addressCity`; of a relation to many records its
    /// name tells how many there are.
    ///
    /// # Errors
    /// Tells every name that no field has, with the nearest.
    pub fn read(workspace: &Workspace, object: &Object, names: &[String]) -> Result<Self, ToolError> {
        let mut faults = Faults::default();
        if names.len() > MOST {
            faults.add("fields", format_args!("at most {MOST} can be asked for"));
        }
        let (mut columns, mut selection) = (Vec::new(), vec![brief(workspace, object)]);
        for (at, name) in names.iter().enumerate().take(MOST) {
            let place = format!("fields[{at}]");
            let Some((show, selected)) = one(workspace, object, &place, name.trim(), &mut faults) else {
                continue;
            };
            // The id and what names a record are always told.
            if name.trim() != "id" && Some(name.trim()) != object.label_field.as_deref() {
                columns.push(Column { name: name.trim().to_owned(), show });
            }
            if !selection.contains(&selected) {
                selection.push(selected);
            }
        }
        faults.or(Self { columns, selection: selection.join(" ") })
    }

    /// What is selected of a record for them.
    #[must_use]
    pub fn selection(&self) -> &str {
        &self.selection
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// A record with these fields alone; empty ones are left out.
    ///
    /// # Errors
    /// It has no id.
    pub fn record(&self, records: &Records<'_>, object: &Object, raw: &Value) -> Result<Record, ToolError> {
        let mut record = records.record(object, raw)?;
        let own = plain(object, raw);
        record.fields.clear();
        for column in &self.columns {
            if let Some(value) = column.value(records.workspace(), object, raw, &own) {
                record.fields.insert(column.name.clone(), value);
            }
        }
        Ok(record)
    }
}

impl Column {
    fn value(
        &self,
        workspace: &Workspace,
        object: &Object,
        raw: &Value,
        own: &Map<String, Value>,
    ) -> Option<Value> {
        let part = |of: &Value, path: &[String]| {
            let found = path.iter().try_fold(of, |value, name| value.get(name)).cloned();
            found.filter(|value| !value.is_null() && value.as_str() != Some(""))
        };
        match &self.show {
            Show::Own(name, path) if path.is_empty() => own.get(name).cloned(),
            Show::Own(name, path) => part(raw.get(name)?, path),
            Show::Many(name) => part(raw.get(name)?, &["totalCount".to_owned()]),
            Show::Through(name, inner, path) => {
                let other = raw.get(name)?;
                if !path.is_empty() {
                    return part(other.get(inner)?, path);
                }
                let field = object.field(name)?;
                let to = target(workspace, field, field.relation.as_ref()?)?;
                plain(to, other).remove(inner)
            }
        }
    }
}

/// What is shown for one name, and what is selected for it.
fn one(
    workspace: &Workspace,
    object: &Object,
    place: &str,
    name: &str,
    faults: &mut Faults,
) -> Option<(Show, String)> {
    let segments: Vec<&str> = name.split('.').collect();
    let (first, rest) = segments.split_first()?;
    if object.field(first).is_none() && object.joined_by(first).is_some() && rest.is_empty() {
        return Some((Show::Own((*first).to_owned(), Vec::new()), (*first).to_owned()));
    }
    let field = known(object, place, first, faults)?;
    let Some(relation) = &field.relation else {
        let (path, selected) = own(workspace, place, field, rest, faults)?;
        return Some((Show::Own(field.name.clone(), path), selected));
    };
    if relation.many {
        if rest.is_empty() {
            return Some((Show::Many(field.name.clone()), format!("{} {{ totalCount }}", field.name)));
        }
        let hint = other_side(workspace, object, relation);
        faults.hinted(place, format_args!("`{}` holds many records: find those", field.name), hint);
        return None;
    }
    let Some(to) = target(workspace, field, relation) else {
        let column = relation.join_column.clone().unwrap_or_default();
        let what = format_args!("`{}` may point at several objects", field.name);
        faults.hinted(place, what, format_args!("`{column}` has the id"));
        return None;
    };
    let Some((inner, rest)) = rest.split_first() else {
        let selected = format!("{} {{ {} }}", field.name, brief(workspace, to));
        return Some((Show::Own(field.name.clone(), Vec::new()), selected));
    };
    let inner = known(to, place, inner, faults)?;
    if inner.relation.is_some() {
        faults.add(place, format_args!("`{}` is one relation too far: one can be gone through", inner.name));
        return None;
    }
    let (path, selected) = own(workspace, place, inner, rest, faults)?;
    let selected = format!("{} {{ {} {selected} }}", field.name, brief(workspace, to));
    Some((Show::Through(field.name.clone(), inner.name.clone(), path), selected))
}

fn own(
    workspace: &Workspace,
    place: &str,
    field: &Field,
    rest: &[&str],
    faults: &mut Faults,
) -> Option<(Vec<String>, String)> {
    let selected = whole(workspace, field).filter(|_| !matches!(field.kind.as_str(), "TS_VECTOR" | "FILES"));
    let Some(selected) = selected else {
        faults.add(place, format_args!("`{}` ({}) cannot be shown", field.name, field.kind));
        return None;
    };
    match rest {
        [] => Some((Vec::new(), selected)),
        [part] if selected.split_whitespace().skip(1).any(|known| known == *part) => {
            Some((vec![(*part).to_owned()], selected))
        }
        rest => {
            let parts: Vec<&str> =
                selected.split_whitespace().skip(1).filter(|word| !matches!(*word, "{" | "}")).collect();
            let rest = rest.join(".");
            let what = format_args!("`{}` has no part `{}`", field.name, shown(&rest));
            if parts.is_empty() {
                faults.add(place, what);
            } else {
                faults.unknown(place, what, &rest, &parts);
            }
            None
        }
    }
}

fn known<'a>(object: &'a Object, place: &str, name: &str, faults: &mut Faults) -> Option<&'a Field> {
    let found = object.field(name).or_else(|| object.joined_by(name));
    if found.is_none() {
        let known: Vec<&str> =
            object.fields.iter().filter(|field| field.active).map(|field| field.name.as_str()).collect();
        let what = format_args!("`{}` has no field `{}` in this workspace", object.singular, shown(name));
        faults.unknown(place, what, name, &known);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::CURRENT;

    fn read(names: &[&str]) -> Result<Fields, ToolError> {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        Fields::read(&CURRENT, CURRENT.object("person").unwrap(), &names)
    }

    #[test]
    fn fields_are_selected_with_their_parts_and_through_one_relation() {
        let fields = read(&[
            "jobTitle",
            "emails.primaryEmail",
            "company.address.addressCity",
            "companyId",
            "noteTargets",
        ]);
        assert_eq!(
            fields.unwrap().selection(),
            "id name { firstName lastName } jobTitle emails { additionalEmails primaryEmail } company { id name address \
             { addressCity addressCountry addressLat addressLng addressPostcode addressState addressStreet1 \
             addressStreet2 } } companyId noteTargets { totalCount }"
        );
    }

    #[test]
    fn every_wrong_name_is_told() {
        let error = read(&["jobTitel", "emails.email", "company.people", "noteTargets.note", "searchVector"]);
        let told = error.err().unwrap().to_string();
        for line in [
            "`fields[0]`: `person` has no field `jobTitel` in this workspace; did you mean `jobTitle`",
            "`fields[1]`: `emails` has no part `email`; ",
            "`fields[2]`: `people` is one relation too far",
            "`fields[3]`: `noteTargets` holds many records",
            "`fields[4]`: `searchVector` (TS_VECTOR) cannot be shown",
        ] {
            assert!(told.contains(line), "{line}: {told}");
        }
    }
}
