//! Where notes and tasks hang: the records that they are about, through `noteTarget` and `taskTarget`.

use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::{Document, ROOTS},
            engine::Records,
            find::nodes,
            id::RecordId,
            input::relations::target,
            reference::Reference,
        },
        workspace::schema::{Field, Object, Workspace, meant},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The objects whose records say what notes and tasks hang on.
const LINKS: [&str; 2] = ["noteTarget", "taskTarget"];

/// The record that a note or a task is to hang on.
#[derive(Clone, Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct On {
    /// person, company, opportunity, …
    target_object_type: Option<String>,
    target_object_id: Option<String>,
}

/// A record that is hung on something: of which object, and what stands for it.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The object, in singular.
    pub object: String,
    /// Its id, or whatever else stands for it.
    pub given: String,
}

/// The object that an argument names.
///
/// # Errors
/// There is none; tells the nearest names.
pub fn named_by<'a>(records: &'a Records<'_>, argument: &str, name: &str) -> Result<&'a Object, ToolError> {
    records.object(name).map_err(|error| {
        ToolError::input(format_args!("`{argument}`: {error}")).hint(error.next().unwrap_or_default())
    })
}

/// The join column of a link to a record of an object, as in `targetPersonId`.
///
/// # Errors
/// Nothing of the kind hangs on such records: tells on which.
pub fn column<'a>(workspace: &Workspace, link: &'a Object, to: &Object) -> Result<&'a str, ToolError> {
    let leads =
        |field: &&Field| hook(workspace, link, field).is_some_and(|hook| hook.singular == to.singular);
    let field = link.fields.iter().find(leads);
    let column = field.and_then(|field| field.relation.as_ref()?.join_column.as_deref());
    column.ok_or_else(|| {
        let known: Vec<&str> = hooks(workspace, link).iter().map(|object| object.singular.as_str()).collect();
        ToolError::input(format_args!("a {} cannot lead to a `{}`", link.singular, to.singular))
            .hint(meant(&to.singular, &known))
    })
}

/// The object whose records a field of a link hangs things on; who did something and the thing itself are none.
fn hook<'a>(workspace: &'a Workspace, link: &Object, field: &Field) -> Option<&'a Object> {
    let relation = field.relation.as_ref().filter(|relation| field.active && !relation.many)?;
    let own = link.singular.trim_end_matches("Target");
    target(workspace, field, relation)
        .filter(|object| object.singular != own && object.singular != "workspaceMember")
}

/// The objects whose records something can hang on.
fn hooks<'a>(workspace: &'a Workspace, link: &Object) -> Vec<&'a Object> {
    link.fields.iter().filter_map(|field| hook(workspace, link, field)).collect()
}

impl On {
    /// The record that is meant, where one was given; `other` is another argument that may stand for it, with its name.
    /// Where only an id says which, it is looked for: one request.
    ///
    /// # Errors
    /// The arguments do not belong together, or there is no such record.
    pub async fn hook(
        &self,
        records: &Records<'_>,
        cx: &Common,
        other: Option<(&str, &str)>,
    ) -> Result<Option<Hook>, ToolError> {
        let own = self.target_object_id.as_deref().map(|given| ("targetObjectId", given));
        let (argument, given) = match (own, other) {
            (Some(own), Some(other)) if own.1.trim() != other.1.trim() => {
                return Err(ToolError::input(format_args!("`{}` and `{}` name two records", own.0, other.0))
                    .hint("give one of them"));
            }
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) if self.target_object_type.is_some() => {
                return Err(ToolError::input("`targetObjectType` says of what, and not which record")
                    .hint("give its id, or its name, email or domain, as `targetObjectId`"));
            }
            (None, None) => return Ok(None),
        };
        if let Some(object) = &self.target_object_type {
            let object = named_by(records, "targetObjectType", object)?.singular.clone();
            return Ok(Some(Hook { object, given: given.to_owned() }));
        }
        let Ok(id) = RecordId::parse(argument, given) else {
            return linked(records, argument, given).map(Some);
        };
        sought(records, cx, id).await?.map(Some).ok_or_else(|| {
            ToolError::not_found(format_args!(
                "`{argument}`: nothing that a note can hang on has the id {id}"
            ))
            .hint("it may have been deleted: search for it, and say what it is with `targetObjectType`")
        })
    }
}

/// The record whose link was given.
fn linked(records: &Records<'_>, argument: &str, given: &str) -> Result<Hook, ToolError> {
    let link = records.object("noteTarget")?;
    let found = hooks(records.workspace(), link)
        .into_iter()
        .find(|object| matches!(Reference::parse(argument, object, given), Ok(Reference::Id(_))));
    let object = found.map(|object| object.singular.clone()).ok_or_else(|| {
        ToolError::input(format_args!("`{argument}`: what it stands for is not said"))
            .hint("give `targetObjectType` too: person, company, opportunity, …")
    })?;
    Ok(Hook { object, given: given.to_owned() })
}

/// The record of an id, of whatever object; of the id of a `noteTarget` or `taskTarget`, the record it leads to.
async fn sought(records: &Records<'_>, cx: &Common, id: RecordId) -> Result<Option<Hook>, ToolError> {
    let workspace = records.workspace();
    let hooks = hooks(workspace, records.object("noteTarget")?);
    let mut document = Document::default();
    let mut ask = |object: &Object, selected: &str| {
        let filter = json!({ "id": { "eq": id.to_string() } });
        let filter = document.variable(&format!("{}FilterInput", object.kind()), filter);
        document.root(&format!(
            "{}(first: 1, filter: {filter}) {{ edges {{ node {{ {selected} }} }} }}",
            object.plural
        ))
    };
    let mut asked = Vec::new();
    for object in LINKS.iter().filter_map(|name| workspace.object(name).ok()) {
        let columns: Vec<(&str, &str)> = hooks
            .iter()
            .filter_map(|to| Some((column(workspace, object, to).ok()?, to.singular.as_str())))
            .collect();
        let selected: Vec<&str> =
            std::iter::once("id").chain(columns.iter().map(|(column, _)| *column)).collect();
        asked.push((ask(object, &selected.join(" ")), columns));
    }
    // A record of the object itself leads to itself.
    let most = ROOTS.saturating_sub(asked.len());
    asked.extend(
        hooks.iter().take(most).map(|object| (ask(object, "id"), vec![("id", object.singular.as_str())])),
    );
    let data = records.read(cx, document).await?;
    let hook = asked.iter().find_map(|(alias, columns)| {
        let node = nodes(data.get(alias)?.get("edges")).into_iter().next()?;
        columns.iter().find_map(|(column, object)| {
            let given = node.get(column).and_then(Value::as_str)?.to_owned();
            Some(Hook { object: (*object).to_owned(), given })
        })
    });
    Ok(hook)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::twenty::workspace::fixture::{CURRENT, LEGACY};

    #[test]
    fn join_columns_are_those_of_the_workspace() {
        for (workspace, person, custom) in [
            (&*CURRENT, "targetPersonId", "targetSupportTicketId"),
            (&*LEGACY, "personId", "supportTicketId"),
        ] {
            let link = workspace.object("noteTarget").unwrap();
            assert_eq!(column(workspace, link, workspace.object("person").unwrap()).unwrap(), person);
            assert_eq!(column(workspace, link, workspace.object("supportTicket").unwrap()).unwrap(), custom);
            let error = column(workspace, link, workspace.object("dashboard").unwrap()).unwrap_err();
            assert!(error.next().unwrap().contains("opportunity"), "{error}");
            let names: Vec<&str> =
                hooks(workspace, link).iter().map(|object| object.singular.as_str()).collect();
            assert!(names.contains(&"company") && !names.contains(&"note"), "{names:?}");
        }
    }
}
