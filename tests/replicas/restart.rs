//! One replica is started anew under load: requests that stand alone are all answered, sessions of the other one do not
//! notice, and its own begin anew, as the protocol has it.

use super::{House, NAMES, Session, alone, until};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::task::JoinHandle;

/// How many calls every client makes before, and after.
const CALLS: usize = 20;

/// What clients under load share.
#[derive(Clone, Default)]
struct Load {
    over: Arc<AtomicBool>,
    made: Arc<AtomicUsize>,
}

impl Load {
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// How a call ended, in words; whether it was the result that it should be.
async fn judged(answer: reqwest::Result<Response>) -> (bool, String) {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return (false, format!("no answer: {error:?}")),
    };
    let status = answer.status().as_u16();
    match answer.text().await {
        Ok(text) if status == 200 && text.contains("\"isError\":false") => (true, "200".into()),
        Ok(text) => (false, format!("{status}: {text}")),
        Err(error) => (false, format!("{status}, broken off: {error:?}")),
    }
}

fn query() -> Value {
    json!({ "query": "a" })
}

/// Calls one after the other that stand alone; tells those that failed.
fn stateless(url: String, load: Load) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let (http, mut failed) = (Client::new(), Vec::new());
        while !load.is_over() {
            let call = json!({ "name": "search_contacts", "arguments": query() });
            let (well, words) = judged(alone(&http, &url, "tools/call", call).send().await).await;
            failed.extend((!well).then_some(words));
            load.made.fetch_add(1, Ordering::Relaxed);
        }
        failed
    })
}

/// Calls one after the other in a session, and in a new one once there is none any more; tells what failed.
fn in_session(mut session: Session, load: Load) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let mut failed = Vec::new();
        for id in 1.. {
            let (well, words) = judged(session.call(id, "search_contacts", query()).send().await).await;
            if words.starts_with("404") {
                session = Session::begin(&session.url).await;
            }
            failed.extend((!well).then_some(words));
            load.made.fetch_add(1, Ordering::Relaxed);
            if load.is_over() {
                break;
            }
        }
        failed
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_started_anew_under_load() {
    let Some(mut house) = House::start(10).await else { return };
    let mut loads = Vec::new();
    let mut load = || {
        loads.push(Load::default());
        loads.last().unwrap().clone()
    };
    let mut sessions = Vec::new();
    for _ in 0..6 {
        sessions.push(Session::begin(&house.url).await);
    }
    let (own, others): (Vec<_>, Vec<_>) =
        sessions.into_iter().partition(|session| session.replica() == NAMES[0]);
    assert_eq!((own.len(), others.len()), (3, 3));
    let own: Vec<_> = own.into_iter().map(|session| in_session(session, load())).collect();
    let others: Vec<_> = others.into_iter().map(|session| in_session(session, load())).collect();
    let alone: Vec<_> = (0..4).map(|_| stateless(house.url.clone(), load())).collect();

    let made = || loads.iter().map(|load| load.made.load(Ordering::Relaxed)).collect::<Vec<_>>();
    until("everybody calls", async || made().iter().all(|made| *made >= CALLS)).await;
    house.replicas[0].restart().await;
    let then = made();
    let on = || made().iter().zip(&then).all(|(now, then)| *now >= then + CALLS);
    until("everybody goes on", async || on()).await;
    let again = house.replicas[0].outcomes("search_contacts").len();
    until("the new one is called", async || house.replicas[0].outcomes("search_contacts").len() > again)
        .await;
    loads.iter().for_each(|load| load.over.store(true, Ordering::Relaxed));

    for client in alone.into_iter().chain(others) {
        assert_eq!(client.await.unwrap(), Vec::<String>::new());
    }
    for client in own {
        let failed = client.await.unwrap();
        assert!(failed.len() == 1 && failed[0].starts_with("404"), "{failed:?}");
    }
}
