//! Records that are wanted by id, of several objects, in one request where they fit.

use crate::{
    seam::{Common, ToolError},
    tools::twenty::{
        records::{
            document::{Document, ROOTS},
            engine::Records,
            find::{PAGE, nodes},
            id::RecordId,
            selection::selection,
        },
        workspace::schema::Object,
    },
};
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

/// The records that were found, by their object and id.
pub(super) type ById = HashMap<(String, RecordId), Value>;

/// Which records are looked for: Twenty hides deleted ones unless the filter mentions `deletedAt`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// Those that are there.
    There,
    /// Those that were deleted and can come back.
    Deleted,
    /// Both; `deletedAt` tells which is which.
    Either,
}

impl Sight {
    fn filter(self, ids: &[RecordId]) -> Value {
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let ids = json!({ "in": ids });
        match self {
            Self::There => json!({ "id": ids }),
            Self::Deleted => json!({ "id": ids, "deletedAt": { "is": "NOT_NULL" } }),
            Self::Either => {
                let either = ["NULL", "NOT_NULL"].map(|is| json!({ "deletedAt": { "is": is } }));
                json!({ "id": ids, "or": either })
            }
        }
    }
}

/// Records of one object in one state.
struct Group<'a> {
    object: &'a Object,
    sight: Sight,
    extra: BTreeSet<String>,
    ids: Vec<RecordId>,
}

/// All records that are wanted by id.
#[derive(Default)]
pub(super) struct Known<'a> {
    groups: Vec<Group<'a>>,
}

impl<'a> Known<'a> {
    /// One more record, with `extra` beside what people see of it.
    pub(super) fn want(&mut self, object: &'a Object, sight: Sight, id: RecordId, extra: Vec<String>) {
        let same = |group: &&mut Group<'_>| group.object.singular == object.singular && group.sight == sight;
        match self.groups.iter_mut().find(same) {
            Some(group) => {
                group.ids.push(id);
                group.extra.extend(extra);
            }
            None => {
                let mut extra = BTreeSet::from_iter(extra);
                extra.extend((sight == Sight::Either).then(|| "deletedAt".to_owned()));
                self.groups.push(Group { object, sight, extra, ids: vec![id] });
            }
        }
    }

    /// How many root fields one document needs for them all; none where an object has more of them than a page.
    pub(super) fn roots(&self) -> Option<usize> {
        self.groups.iter().all(|group| group.ids.len() <= PAGE).then_some(self.groups.len())
    }

    /// Asks for them all in a document; the aliases of the answers, for [`Self::read`].
    pub(super) fn ask(&self, records: &Records<'_>, document: &mut Document) -> Vec<String> {
        self.groups.iter().map(|group| group.ask(&group.ids, records, document)).collect()
    }

    /// What a document that asked for them was answered.
    pub(super) fn read(&self, aliases: &[String], data: &Map<String, Value>) -> ById {
        let answers = self.groups.iter().zip(aliases);
        answers.flat_map(|(group, alias)| group.read(alias, data)).collect()
    }

    /// Reads them: in one request if they fit, else in one for each page of an object.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub(super) async fn fetch(&self, records: &Records<'_>, cx: &Common) -> Result<ById, ToolError> {
        if self.roots().is_some_and(|roots| (1..=ROOTS).contains(&roots)) {
            let mut document = Document::default();
            let aliases = self.ask(records, &mut document);
            return Ok(self.read(&aliases, &records.read(cx, document).await?));
        }
        let mut found = ById::new();
        for group in &self.groups {
            for ids in group.ids.chunks(PAGE) {
                let mut document = Document::default();
                let alias = group.ask(ids, records, &mut document);
                found.extend(group.read(&alias, &records.read(cx, document).await?));
            }
        }
        Ok(found)
    }
}

impl Group<'_> {
    fn ask(&self, ids: &[RecordId], records: &Records<'_>, document: &mut Document) -> String {
        let kind = format!("{}FilterInput", self.object.kind());
        let filter = document.variable(&kind, self.sight.filter(ids));
        let extra: Vec<&str> = self.extra.iter().map(String::as_str).collect();
        document.root(&format!(
            "{}(first: {}, filter: {filter}) {{ edges {{ node {{ {} {} }} }} }}",
            self.object.plural,
            ids.len(),
            selection(records.workspace(), self.object),
            extra.join(" ")
        ))
    }

    fn read(
        &self,
        alias: &str,
        data: &Map<String, Value>,
    ) -> impl Iterator<Item = ((String, RecordId), Value)> {
        let nodes = nodes(data.get(alias).and_then(|answer| answer.get("edges")));
        let object = self.object.singular.clone();
        nodes
            .into_iter()
            .filter_map(move |record| Some(((object.clone(), RecordId::of(&record).ok()?), record)))
    }
}
