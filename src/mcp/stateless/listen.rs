//! `subscriptions/listen`: acknowledged, then told of every change that is wanted, until either side ends it.

use super::{
    Reply, Request, Stateless,
    filter::Filter,
    notes::SIGN_OF_LIFE,
    reply::{Event, message, notification},
};
use crate::{
    mcp::{
        door::{Fault, Members},
        identity::Identity,
        seats::Seat,
    },
    seam::Change,
};
use futures_util::stream;
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value, value::RawValue};
use std::collections::VecDeque;
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// The `_meta` of everything on a subscription's stream: the id of its request, byte for byte.
#[derive(Serialize)]
struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/subscriptionId")]
    subscription: &'a RawValue,
    #[serde(rename = "io.modelcontextprotocol/serverInfo", skip_serializing_if = "Option::is_none")]
    server: Option<Identity>,
}

pub(super) async fn answer(all: &Stateless, request: Request<'_>) -> Result<Reply, Fault> {
    let Request { id, mut params, asker, .. } = request;
    let filter = Filter::read(Members::from(params.needed_object("notifications")?))?;
    let seat = all.listens.take(&asker).ok_or_else(|| {
        let message = "too many subscriptions are open; end one, or try again shortly";
        Fault::new(StatusCode::TOO_MANY_REQUESTS, -32600, message).header(header::RETRY_AFTER, "30")
    })?;
    let subscription = Subscription {
        id: id.to_owned(),
        filter,
        changes: all.registry.changes().listen(),
        stop: all.stop.clone(),
        over: false,
        queue: VecDeque::new(),
        _seat: seat,
    };
    Ok(Reply::Events(Box::pin(stream::unfold(subscription.acknowledged(), Subscription::next))))
}

struct Subscription {
    id: Box<RawValue>,
    filter: Filter,
    changes: Receiver<Change>,
    stop: CancellationToken,
    over: bool,
    queue: VecDeque<Vec<u8>>,
    _seat: Seat,
}

impl Subscription {
    fn acknowledged(mut self) -> Self {
        let mut params = Map::new();
        params.insert("notifications".into(), self.filter.honoured());
        self.tell("notifications/subscriptions/acknowledged", params);
        self
    }

    fn tell(&mut self, method: &str, rest: Map<String, Value>) {
        #[derive(Serialize)]
        struct Params<'a> {
            #[serde(rename = "_meta")]
            meta: Meta<'a>,
            #[serde(flatten)]
            rest: Map<String, Value>,
        }
        let meta = Meta { subscription: &self.id, server: None };
        self.queue.push_back(notification(method, &Params { meta, rest }));
    }

    /// The answer to the request itself: the subscription has ended in good order.
    fn end(&mut self) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Ended<'a> {
            result_type: &'a str,
            #[serde(rename = "_meta")]
            meta: Meta<'a>,
        }
        self.over = true;
        let meta = Meta { subscription: &self.id, server: Some(Identity) };
        self.queue.push_back(message(&self.id, &Ended { result_type: "complete", meta }));
    }

    async fn next(mut self) -> Option<(Event, Self)> {
        loop {
            if let Some(message) = self.queue.pop_front() {
                return Some((Event::Message(message), self));
            }
            if self.over {
                return None;
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => self.end(),
                change = self.changes.recv() => match change {
                    Ok(change) => {
                        if let Some((method, params)) = self.filter.told(&change) {
                            self.tell(method, params);
                        }
                    }
                    Err(RecvError::Lagged(_)) => {
                        for (method, params) in self.filter.all() {
                            self.tell(method, params);
                        }
                    }
                    Err(RecvError::Closed) => self.end(),
                },
                () = sleep(SIGN_OF_LIFE) => return Some((Event::Alive, self)),
            }
        }
    }
}
