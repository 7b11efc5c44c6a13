//! Records: what is wanted, turned into one document for this workspace, and the answer made plain.

use super::{id::RecordId, selection::selection};
use crate::{
    seam::{Act, Common, Credential, ToolError, Upstream},
    tools::twenty::{
        api::{
            client::{Api, Client, Operation},
            errors::ApiError,
        },
        workspace::{
            cache::Workspaces,
            schema::{Object, Workspace},
        },
    },
};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Twenty's largest page.
const PAGE: usize = 200;

/// The record engine of one call.
pub struct Records<'a> {
    client: &'a Client,
    workspaces: &'a Workspaces,
    workspace: Arc<Workspace>,
    credential: Credential,
}

/// Which records, in which order.
#[derive(Clone, Debug, Default)]
pub struct Find {
    /// Twenty's filter; empty for all.
    pub filter: Value,
    /// Twenty's order, first key first.
    pub order: Value,
    /// How many at the most.
    pub limit: usize,
    /// How many to pass over.
    pub offset: usize,
}

/// Records as Twenty answers them, and how many there are in all.
#[derive(Clone, Debug)]
pub struct Found {
    /// The records.
    pub records: Vec<Value>,
    /// How many fit the filter.
    pub total: usize,
}

impl<'a> Records<'a> {
    pub(in crate::tools::twenty) fn new(
        client: &'a Client,
        workspaces: &'a Workspaces,
        workspace: Arc<Workspace>,
        credential: Credential,
    ) -> Self {
        Self { client, workspaces, workspace, credential }
    }

    /// The schema that the engine works with.
    #[must_use]
    pub fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// One record.
    ///
    /// # Errors
    /// There is none with this id, or the workspace does not answer.
    pub async fn get(&self, cx: &Common, object: &Object, id: RecordId) -> Result<Value, ToolError> {
        let document = format!(
            "query {{ record: {}(filter: {{ id: {{ eq: \"{id}\" }} }}) {{ {} }} }}",
            object.singular,
            selection(&self.workspace, object)
        );
        let data = self.send(cx, Operation::query(document, Map::new())).await;
        let record = data.map_err(|error| missing(error, object, id))?;
        record.get("record").filter(|record| !record.is_null()).cloned().ok_or_else(|| absent(object, id))
    }

    /// Records by filter, page after page until `limit` are there.
    ///
    /// # Errors
    /// The workspace does not answer.
    pub async fn find(&self, cx: &Common, object: &Object, find: &Find) -> Result<Found, ToolError> {
        let kind = upper_first(&object.singular);
        let document = format!(
            "query Find($first: Int, $after: String, $filter: {kind}FilterInput, $orderBy: [{kind}OrderByInput]) {{ \
             found: {}(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {{ \
             edges {{ node {{ {} }} }} pageInfo {{ hasNextPage endCursor }} totalCount }} }}",
            object.plural,
            selection(&self.workspace, object)
        );
        let wanted = find.offset.saturating_add(find.limit);
        let (mut records, mut seen, mut after, mut total) = (Vec::new(), 0_usize, None::<String>, 0);
        loop {
            let first = wanted.saturating_sub(seen).min(PAGE);
            let mut variables = Map::new();
            variables.insert("first".into(), json!(first));
            variables.insert("filter".into(), find.filter.clone());
            variables.insert("orderBy".into(), find.order.clone());
            variables.extend(after.take().map(|cursor| ("after".to_owned(), json!(cursor))));
            variables.retain(|_, value| !value.is_null());
            let data = self.send(cx, Operation::query(document.clone(), variables)).await?;
            let page = data.get("found").cloned().unwrap_or_default();
            total = page
                .get("totalCount")
                .and_then(Value::as_u64)
                .map_or(total, |n| usize::try_from(n).unwrap_or(total));
            let edges = page.get("edges").and_then(Value::as_array).cloned().unwrap_or_default();
            let got = edges.len();
            let nodes = edges.into_iter().filter_map(|edge| edge.get("node").cloned());
            records.extend(nodes.skip(find.offset.saturating_sub(seen)));
            seen += got;
            let next = page.pointer("/pageInfo/hasNextPage").and_then(Value::as_bool).unwrap_or(false);
            after = page.pointer("/pageInfo/endCursor").and_then(Value::as_str).map(str::to_owned);
            if !next || got == 0 || seen >= wanted || after.is_none() {
                return Ok(Found { records, total });
            }
        }
    }

    /// A new record.
    ///
    /// # Errors
    /// The workspace refuses it.
    pub async fn create(
        &self,
        act: &Act,
        object: &Object,
        data: Map<String, Value>,
    ) -> Result<Value, ToolError> {
        let kind = upper_first(&object.singular);
        let document = format!(
            "mutation Create($data: {kind}CreateInput!) {{ record: create{kind}(data: $data) {{ {} }} }}",
            selection(&self.workspace, object)
        );
        let variables = Map::from_iter([("data".to_owned(), Value::Object(data))]);
        let data = self.send(act, Operation::mutation(document, variables)).await?;
        data.get("record")
            .cloned()
            .ok_or_else(|| ToolError::upstream("Twenty did not answer with the new record"))
    }

    /// Changes fields of one record.
    ///
    /// # Errors
    /// There is none with this id, or the workspace refuses the change.
    pub async fn update(
        &self,
        act: &Act,
        object: &Object,
        id: RecordId,
        data: Map<String, Value>,
    ) -> Result<Value, ToolError> {
        let kind = upper_first(&object.singular);
        let document = format!(
            "mutation Update($data: {kind}UpdateInput!) {{ record: update{kind}(id: \"{id}\", data: $data) {{ {} }} }}",
            selection(&self.workspace, object)
        );
        let variables = Map::from_iter([("data".to_owned(), Value::Object(data))]);
        let data = self.send(act, Operation::mutation(document, variables)).await;
        let data = data.map_err(|error| missing(error, object, id))?;
        data.get("record").filter(|record| !record.is_null()).cloned().ok_or_else(|| absent(object, id))
    }

    /// The record's page in Twenty's own interface, where it is known.
    #[must_use]
    pub fn link(&self, object: &Object, id: &str) -> Option<String> {
        let Upstream::Url(base) = &self.credential.upstream else { return None };
        let front = match base.host_str() {
            Some("api.twenty.com") => "https://app.twenty.com",
            _ => base.as_str().trim_end_matches('/'),
        };
        Some(format!("{front}/object/{}/{id}", object.singular))
    }

    async fn send(&self, cx: &Common, operation: Operation) -> Result<Value, ToolError> {
        let sent = self.client.post(cx, &self.credential, Api::Core, &operation).await;
        sent.map_err(|error| {
            if matches!(error, ApiError::Stale(_)) {
                self.workspaces.forget(self.credential.id());
            }
            error.into()
        })
    }
}

fn absent(object: &Object, id: RecordId) -> ToolError {
    ToolError::not_found(format_args!("there is no {} with the id {id}", object.singular))
        .hint("it may have been deleted; search for it by name")
}

fn missing(error: ToolError, object: &Object, id: RecordId) -> ToolError {
    if error.kind() == crate::seam::ErrorKind::NotFound { absent(object, id) } else { error }
}

fn upper_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
