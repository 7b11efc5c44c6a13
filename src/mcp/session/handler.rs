//! rmcp's handler: every request goes to the registry.

// Logging is deprecated since 2026-07-28; clients of earlier revisions set its level by a method of its own.
#![allow(deprecated)]

use super::{
    client::Client,
    own::Offer,
    waiting::{Waiting, failure},
};
use crate::{
    mcp::{
        answer,
        caller::Asker,
        identity::{INSTRUCTIONS, Identity, capabilities},
        pages::{PAGE, page},
        revisions,
        tasks::Tasks,
    },
    registry::{Reference, Registry, Unanswered},
    seam::{LogLevel, ToolError},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        self, CompleteRequestParams, CompleteResult, ConstString, CustomRequest, CustomResult, ErrorCode,
        Extensions, GetPromptRequestParams, GetPromptResponse, GetPromptResult, ListPromptsRequestMethod,
        ListPromptsResult, ListResourceTemplatesRequestMethod, ListResourceTemplatesResult,
        ListResourcesRequestMethod, ListResourcesResult, PaginatedRequestParams, ReadResourceRequestParams,
        ReadResourceResponse, ReadResourceResult, ServerConfig, SetLevelRequestParams,
        SubscribeRequestMethod, SubscribeRequestParams, Tool, UnsubscribeRequestMethod,
        UnsubscribeRequestParams,
    },
    service::{NotificationContext, RequestContext},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use std::{borrow::Borrow, sync::Arc};

/// How a handler learns who calls.
#[derive(Clone, Copy)]
pub(super) enum Entrance {
    /// Over stdio: the person at this machine.
    Stdio,
    /// Over HTTP: whom the bearer guard found.
    Http,
}

/// Answers the requests of one session.
#[derive(Clone)]
pub(super) struct Handler {
    pub(super) registry: Arc<Registry>,
    entrance: Entrance,
    pub(super) tasks: Tasks,
    pub(super) offer: Offer,
    pub(super) client: Arc<Client>,
    pub(super) waiting: Waiting,
}

impl Handler {
    /// # Errors
    /// A tool's definition is none of MCP.
    pub(super) fn new(registry: Arc<Registry>, entrance: Entrance) -> Result<Self, serde_json::Error> {
        for tool in registry.tools() {
            Tool::deserialize(tool.definition())?;
        }
        let (tasks, offer) = (Tasks::default(), Offer::of(&registry));
        let (client, waiting) = (Arc::default(), Waiting::default());
        Ok(Self { registry, entrance, tasks, offer, client, waiting })
    }

    /// The same, which keeps its tasks here.
    pub(super) fn keeping(self, tasks: Tasks) -> Self {
        Self { tasks, ..self }
    }

    /// The same handler for another client.
    pub(super) fn fresh(&self) -> Self {
        Self { client: Arc::default(), ..self.clone() }
    }

    pub(super) fn asker(&self, cx: &RequestContext<RoleServer>) -> Asker {
        Asker { cancelled: cx.ct.clone(), ..self.asking_in(&cx.extensions) }
    }

    fn asking_in(&self, extensions: &Extensions) -> Asker {
        match (self.entrance, extensions.get::<Asker>()) {
            (Entrance::Http, Some(asker)) => asker.clone(),
            (Entrance::Stdio, _) => Asker::local(),
            (Entrance::Http, None) => Asker::of(&::http::Extensions::new()),
        }
    }

    /// Whether there are tasks in this session.
    pub(super) fn has_tasks(&self, cx: &RequestContext<RoleServer>) -> bool {
        self.offer.has_tasks(cx.protocol_version().as_ref())
    }

    /// Refuses a method where there is nothing to ask it of.
    fn offers<M: ConstString>(&self, there: bool) -> Result<(), ErrorData> {
        if there { Ok(()) } else { Err(ErrorData::method_not_found::<M>()) }
    }
}

impl ServerHandler for Handler {
    fn get_info(&self) -> ServerConfig {
        typed(json!({
            "protocolVersion": revisions::SESSIONS[0],
            "capabilities": capabilities(&self.registry),
            "serverInfo": Identity,
            "instructions": INSTRUCTIONS,
        }))
        .unwrap_or_default()
    }

    async fn on_initialized(&self, cx: NotificationContext<RoleServer>) {
        let changes = self.registry.changes().listen();
        let asker = self.asking_in(&cx.extensions);
        let credentials = self.registry.credentials(&asker.principal, &asker.keys).await;
        self.client.listen(cx.peer, credentials, changes);
    }

    async fn set_level(
        &self,
        request: SetLevelRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let name = serde_json::to_value(request.level).unwrap_or_default();
        let level = name.as_str().and_then(LogLevel::named);
        let level = level.ok_or_else(|| ErrorData::invalid_params("there is no such level", None))?;
        self.client.wants(level);
        Ok(())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        cx: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let params = match request.params {
            Some(Value::Object(params)) => params,
            _ => Map::new(),
        };
        let result = match request.method.as_str() {
            "tools/list" => self.list(&params, &cx).await,
            "tools/call" => self.call(params, cx).await,
            method @ ("tasks/get" | "tasks/list" | "tasks/cancel" | "tasks/result")
                if self.has_tasks(&cx) =>
            {
                self.ask_of_tasks(method, &params, &cx).await
            }
            _ => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, request.method, None)),
        };
        result.map(CustomResult::new)
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.offers::<ListResourcesRequestMethod>(!self.registry.resources().is_empty())?;
        let back = self.back(&cx);
        let listed = self.registry.list(self.incoming("resources/list".into(), Map::new(), cx)).await;
        let listed = listed.map_err(|error| back.failure(&error, None))?;
        listing("resources", &listed, "uri", request)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.offers::<ListResourceTemplatesRequestMethod>(!self.registry.resources().is_empty())?;
        let principal = self.asker(&cx).principal;
        let templates = self.registry.resources_for(&principal).filter(|resource| resource.is_template());
        let templates: Vec<&Value> = templates.map(|resource| resource.definition()).collect();
        listing("resourceTemplates", &templates, "uriTemplate", request)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let (uri, back) = (request.uri, self.back(&cx));
        let read = self.registry.read(self.incoming(uri.clone(), Map::new(), cx)).await;
        let read = read.map_err(|error| back.failure(&error, Some(&uri)))?;
        complete::<ReadResourceResult>(json!({ "contents": [read] })).map(Into::into)
    }

    async fn subscribe(
        &self,
        request: SubscribeRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.offers::<SubscribeRequestMethod>(!self.registry.resources().is_empty())?;
        let principal = self.asker(&cx).principal;
        if !self.registry.knows(&request.uri, &principal) {
            let error = Unanswered::Failed(ToolError::not_found("there is no such resource"));
            return Err(failure(&error, Some(&request.uri)));
        }
        if self.client.subscribe(principal, request.uri) {
            return Ok(());
        }
        let error = ToolError::limited("too many resources are subscribed to; end other subscriptions first");
        Err(failure(&error.into(), None))
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.offers::<UnsubscribeRequestMethod>(!self.registry.resources().is_empty())?;
        self.client.unsubscribe(&request.uri);
        Ok(())
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        cx: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.offers::<ListPromptsRequestMethod>(!self.registry.prompts().is_empty())?;
        let principal = self.asker(&cx).principal;
        let prompts: Vec<&Value> =
            self.registry.prompts_for(&principal).map(|prompt| prompt.definition()).collect();
        listing("prompts", &prompts, "name", request)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let back = self.back(&cx);
        let incoming = self.incoming(request.name, request.arguments.unwrap_or_default(), cx);
        let got = self.registry.prompt(incoming).await.map_err(|error| back.failure(&error, None))?;
        complete::<GetPromptResult>(Value::Object(answer::prompted(&got))).map(Into::into)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        cx: RequestContext<RoleServer>,
    ) -> Result<CompleteResult, ErrorData> {
        let of = match request.r#ref {
            model::Reference::Prompt(prompt) => Reference::Prompt(prompt.name),
            model::Reference::Resource(resource) => Reference::Resource(resource.uri),
            _ => return Err(ErrorData::invalid_params("`ref` is neither a prompt nor a resource", None)),
        };
        let given = request.context.and_then(|context| context.arguments).unwrap_or_default();
        let given = given.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
        let incoming = self.incoming("completion/complete".into(), given, cx);
        let argument = request.argument;
        let proposals = self.registry.complete(&of, &argument.name, argument.value, incoming).await;
        complete(json!({ "completion": proposals.map_err(|error| failure(&error, None))? }))
    }
}

/// A page of a list; `key` names its items.
fn listing<T: DeserializeOwned, I: Borrow<Value> + Serialize>(
    name: &str,
    items: &[I],
    key: &str,
    request: Option<PaginatedRequestParams>,
) -> Result<T, ErrorData> {
    let cursor = request.and_then(|request| request.cursor);
    let (items, next) = page(items, |item| member(item.borrow(), key), cursor.as_deref(), PAGE)
        .map_err(|none| ErrorData::invalid_params(none.to_string(), None))?;
    let mut result = json!({ name: items });
    if let (Some(result), Some(next)) = (result.as_object_mut(), next) {
        result.insert("nextCursor".into(), json!(next));
    }
    complete(result)
}

fn member<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole result; rmcp takes `resultType` away again for revisions that do not have it.
fn complete<T: DeserializeOwned>(mut result: Value) -> Result<T, ErrorData> {
    if let Some(result) = result.as_object_mut() {
        result.insert("resultType".into(), json!("complete"));
    }
    typed(result)
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}
