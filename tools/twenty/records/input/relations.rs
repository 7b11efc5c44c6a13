//! Where relations lead.

use crate::tools::twenty::workspace::schema::{Field, Object, Relation, Workspace};

/// The object that a relation to one record points at; of several, the one that the field is named after.
#[must_use]
pub fn target<'a>(workspace: &'a Workspace, field: &Field, relation: &Relation) -> Option<&'a Object> {
    let named = |singular: &String| {
        let (name, singular) = (field.name.to_lowercase(), singular.to_lowercase());
        name == singular || name.strip_prefix("target") == Some(&singular)
    };
    let singular = match relation.targets.as_slice() {
        [one] => one,
        several => several.iter().find(|singular| named(singular))?,
    };
    workspace.objects.iter().find(|object| object.singular == *singular)
}

/// What to do instead of going through a relation to many records.
#[must_use]
pub fn other_side(workspace: &Workspace, object: &Object, relation: &Relation) -> String {
    let many = relation
        .targets
        .first()
        .and_then(|name| workspace.objects.iter().find(|object| object.singular == *name));
    let back = many.and_then(|many| {
        many.fields.iter().find(|field| {
            let to = field.relation.as_ref();
            field.active && to.is_some_and(|to| !to.many && to.targets.contains(&object.singular))
        })
    });
    match (many, back) {
        (Some(many), Some(back)) => {
            format!("each `{}` points here with its field `{}`", many.singular, back.name)
        }
        _ => "it is kept on the other records".to_owned(),
    }
}
