//! `subscriptions/listen`: acknowledged, then told of every change that is wanted, until either side ends it.

use super::{
    Reply, Request, Stateless,
    filter::Filter,
    followed::Followed,
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
    let Request { id, mut params, asker, meta, .. } = request;
    let mut said = Members::from(params.needed_object("notifications")?);
    let followed = Followed::read(&mut said, &all.tasks, &asker, meta.capabilities.tasks)?;
    let credentials = all.registry.credentials(&asker.principal, &asker.keys).await;
    let filter = Filter::read(said, &all.registry, asker.principal.clone(), credentials)?;
    let seat = all.listens.take(&asker).ok_or_else(|| {
        let message = "too many subscriptions are open; end one, or try again shortly";
        Fault::new(StatusCode::TOO_MANY_REQUESTS, -32600, message).header(header::RETRY_AFTER, "30")
    })?;
    let subscription = Subscription {
        id: id.to_owned(),
        filter,
        followed,
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
    followed: Followed,
    changes: Receiver<Change>,
    stop: CancellationToken,
    over: bool,
    queue: VecDeque<Vec<u8>>,
    _seat: Seat,
}

impl Subscription {
    fn acknowledged(mut self) -> Self {
        let mut params = Map::new();
        let mut honoured = self.filter.honoured();
        honoured.extend(self.followed.honoured());
        params.insert("notifications".into(), Value::Object(honoured));
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
                let last = self.over && self.queue.is_empty();
                return Some((if last { Event::Answer(message) } else { Event::Message(message) }, self));
            }
            if self.over {
                return None;
            }
            if let Some(task) = self.followed.news() {
                self.tell("notifications/tasks", task);
                continue;
            }
            tokio::select! {
                biased;
                () = self.stop.cancelled() => self.end(),
                change = self.changes.recv() => match change {
                    Ok(change) => {
                        for (method, params) in self.filter.told(&change) {
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
                () = self.followed.changed() => {}
                () = sleep(SIGN_OF_LIFE) => return Some((Event::Alive, self)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        mcp::{caller::Asker, door::Message},
        registry::Registry,
    };
    use futures_util::{Stream, StreamExt};
    use http::Extensions;
    use serde_json::json;
    use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

    type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

    struct Served {
        all: Stateless,
        registry: Arc<Registry>,
        stop: CancellationToken,
    }

    fn served() -> Served {
        let registry = Arc::new(Registry::new(Vec::new(), &BTreeMap::new(), Duration::from_secs(1)).unwrap());
        let stop = CancellationToken::new();
        let asking = crate::mcp::Asking::new(crate::seam::Sealer::default());
        Served { all: Stateless::new(registry.clone(), asking, stop.clone()), registry, stop }
    }

    /// Subscribes without headers, as over stdio.
    async fn listen(served: &Served, id: &str, filter: Value) -> Events {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({ "_meta": meta, "notifications": filter });
        let text =
            format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"subscriptions/listen","params":{params}}}"#);
        let Ok(Message::Request(id, said)) = Message::read(text.as_bytes()) else { panic!("{text}") };
        match served.all.serve(id, said, None, Asker::of(&Extensions::new())).await {
            Ok(Reply::Events(events)) => events,
            _ => panic!("a stream"),
        }
    }

    async fn next(events: &mut Events) -> Option<String> {
        match events.next().await? {
            Event::Message(message) | Event::Answer(message) => Some(String::from_utf8(message).unwrap()),
            Event::Alive => Some("alive".into()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_subscription_is_acknowledged_told_of_what_it_wants_kept_alive_and_ended() {
        let (served, id) = (served(), "123456789012345678901234567890");
        let filter =
            json!({ "toolsListChanged": true, "promptsListChanged": true, "resourceSubscriptions": ["x:y"] });
        let mut events = listen(&served, id, filter).await;
        let meta = format!(r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{id}"#);
        let told = next(&mut events).await.unwrap();
        assert_eq!(
            told,
            format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{{{meta}}},"notifications":{{"toolsListChanged":true}}}}}}"#
            )
        );
        served.registry.changes().tell(Change::Prompts);
        served.registry.changes().tell(Change::Tools);
        let told = next(&mut events).await.unwrap();
        assert_eq!(
            told,
            format!(
                r#"{{"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{{{meta}}}}}}}"#
            )
        );
        assert_eq!(next(&mut events).await.unwrap(), "alive");
        (0..1000).for_each(|_| served.registry.changes().tell(Change::Prompts));
        assert!(next(&mut events).await.unwrap().contains("tools/list_changed"), "who missed some asks anew");
        served.stop.cancel();
        let ended = next(&mut events).await.unwrap();
        assert!(ended.starts_with(&format!(
            r#"{{"jsonrpc":"2.0","id":{id},"result":{{"resultType":"complete",{meta}"#
        )));
        assert_eq!(next(&mut events).await, None);
    }

    #[tokio::test]
    async fn who_asked_for_nothing_is_told_nothing() {
        let served = served();
        let mut events = listen(&served, "1", json!({ "toolsListChanged": false })).await;
        assert!(next(&mut events).await.unwrap().ends_with(r#""notifications":{}}}"#));
        served.registry.changes().tell(Change::Tools);
        served.stop.cancel();
        assert!(next(&mut events).await.unwrap().contains("complete"));
    }
}
