//! A session over a pipe: rmcp on channels, behind the door. rmcp knows requests by numbers of our own, so that whatever
//! ids a client uses, and uses again, an answer goes to its own request.

use super::{
    handler::{Entrance, Handler},
    own::{Kind, Offer},
};
use crate::{
    mcp::{
        door::Fault,
        stdio::{Id, Output, UnderWay},
        tasks::Tasks,
    },
    registry::Registry,
};
use rmcp::{
    RoleServer, ServiceExt,
    model::{
        CancelledNotification, CancelledNotificationParam, ClientNotification, ClientRequest, ErrorData,
        JsonRpcMessage, RequestId,
    },
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{
    collections::HashMap,
    convert::Infallible,
    future::ready,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// How many messages may wait for rmcp.
const WAITING: usize = 16;

type Received = RxJsonRpcMessage<RoleServer>;

/// The session of one client at the other end of a pipe; it opens with the first `initialize`.
pub(in crate::mcp) struct PipeSession {
    handler: Handler,
    output: Output,
    answers: TaskTracker,
    asked: Asked,
    open: Option<mpsc::Sender<Received>>,
}

impl PipeSession {
    /// Serves the registry's tools, and tells `output` what there is to tell; `answers` knows when the session has ended.
    ///
    /// # Errors
    /// A tool's definition is no MCP tool.
    pub(in crate::mcp) fn new(
        registry: Arc<Registry>,
        output: Output,
        answers: TaskTracker,
        tasks: Tasks,
    ) -> Result<Self, serde_json::Error> {
        let handler = Handler::new(registry, Entrance::Stdio)?.keeping(tasks);
        Ok(Self { handler, output, answers, asked: Asked::default(), open: None })
    }

    /// Whether it has begun, and has not ended.
    pub(in crate::mcp) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Hands on a request; one that begins the session opens it.
    ///
    /// # Errors
    /// rmcp does not understand it; the session broke off.
    pub(in crate::mcp) async fn ask(
        &mut self,
        line: &[u8],
        id: &RawValue,
        under_way: UnderWay,
        kind: Kind,
    ) -> Result<(), Fault> {
        let mut request = kind.read(line).map_err(|error| Fault::invalid(error.to_string()))?;
        // What rmcp does not understand it takes for a method of others.
        if kind == Kind::Begins && !matches!(request.request, ClientRequest::InitializeRequest(_)) {
            return Err(Fault::params("the parameters of `initialize` are not understood"));
        }
        let number = self.asked.begin(id, under_way);
        request.id = RequestId::Number(number);
        if self.open.is_none() {
            self.open = Some(self.begin());
        }
        self.hand_on(JsonRpcMessage::Request(request)).await.inspect_err(|_| drop(self.asked.end(number)))
    }

    /// Hands on a notification or a response.
    ///
    /// # Errors
    /// rmcp does not understand it; the session broke off.
    pub(in crate::mcp) async fn tell(&self, line: &[u8]) -> Result<(), Fault> {
        let message = serde_json::from_slice(line).map_err(|error| Fault::invalid(error.to_string()))?;
        self.hand_on(message).await
    }

    /// Takes back the request of this id, if one is under way.
    pub(in crate::mcp) async fn take_back(&self, id: &Id) {
        if let Some(number) = self.asked.take_back(id) {
            let taken = CancelledNotificationParam::new(Some(RequestId::Number(number)), None);
            let note = ClientNotification::CancelledNotification(CancelledNotification::new(taken));
            // A session that broke off has nothing under way.
            let _ = self.hand_on(JsonRpcMessage::notification(note)).await;
        }
    }

    /// Ends the session; its calls have a moment to come to their answers.
    pub(in crate::mcp) fn close(&mut self) {
        self.open = None;
    }

    async fn hand_on(&self, message: Received) -> Result<(), Fault> {
        let Some(open) = &self.open else { return Ok(()) };
        open.send(message).await.map_err(|_| Fault::internal("the session broke off inside"))
    }

    fn begin(&self) -> mpsc::Sender<Received> {
        let (tell, told) = mpsc::channel(WAITING);
        let (output, asked, offer) = (self.output.clone(), self.asked.clone(), self.handler.offer);
        let channels = Channels { told, output, asked, offer };
        let handler = self.handler.clone();
        self.answers.spawn(async move {
            let ended = match handler.serve(channels).await {
                Ok(session) => session.waiting().await.map(drop).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "the session over the pipe broke off");
            }
        });
        tell
    }
}

/// The requests that rmcp has not answered, by its number of each; clones are one.
#[derive(Clone, Default)]
struct Asked(Arc<(AtomicI64, Mutex<HashMap<i64, Open>>)>);

/// A request without its answer.
struct Open {
    /// The id by which it may be taken back.
    known: Id,
    /// The id as it is written.
    id: Box<RawValue>,
    under_way: UnderWay,
}

impl Asked {
    fn begin(&self, id: &RawValue, under_way: UnderWay) -> i64 {
        let number = self.0.0.fetch_add(1, Ordering::Relaxed);
        self.open().insert(number, Open { known: Id::of(id), id: id.to_owned(), under_way });
        number
    }

    fn end(&self, number: i64) -> Option<Open> {
        self.open().remove(&number)
    }

    fn take_back(&self, id: &Id) -> Option<i64> {
        let mut open = self.open();
        let number = open.iter().find(|(_, open)| open.known == *id).map(|(number, _)| *number)?;
        open.remove(&number);
        Some(number)
    }

    fn open(&self) -> MutexGuard<'_, HashMap<i64, Open>> {
        self.0.1.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The pipe as rmcp knows it.
struct Channels {
    told: mpsc::Receiver<Received>,
    output: Output,
    asked: Asked,
    offer: Offer,
}

/// An answer under the id that its request was asked by.
#[derive(Serialize)]
struct Answer<'a, R> {
    jsonrpc: &'a str,
    id: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<R>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorData>,
}

impl Transport<RoleServer> for Channels {
    type Error = Infallible;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Infallible>> + Send + 'static {
        let (output, asked, offer) = (self.output.clone(), self.asked.clone(), self.offer);
        async move {
            let (number, result, error) = match message {
                JsonRpcMessage::Response(mut told) => {
                    offer.tell(&mut told.result);
                    (told.id, Some(told.result), None)
                }
                JsonRpcMessage::Error(told) => match told.id {
                    Some(id) => (id, None, Some(told.error)),
                    None => return Ok(()),
                },
                own => {
                    output.tell(bytes(&own)).await;
                    return Ok(());
                }
            };
            let RequestId::Number(number) = number else { return Ok(()) };
            // One that was taken back is not answered.
            let Some(Open { id, under_way, .. }) = asked.end(number) else { return Ok(()) };
            let answer = bytes(&Answer { jsonrpc: "2.0", id: &id, result, error });
            if let Some(_waits) = under_way.answered() {
                output.tell(answer).await;
            }
            Ok(())
        }
    }

    fn receive(&mut self) -> impl Future<Output = Option<Received>> + Send {
        self.told.recv()
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Infallible>> + Send {
        self.told.close();
        ready(Ok(()))
    }
}

/// Messages of rmcp's are objects of texts and values, which serialise.
fn bytes(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
