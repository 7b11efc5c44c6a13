//! Links to the page on which a user stores a key: each made for one user, good for a short time, and once.

use crate::seam::{Connect, Issuer, KeyOwner, Sealer, Subject};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use uuid::Uuid;

const PURPOSE: &str = "keys/link";
/// How long a link is good, in seconds.
const LIVES: i64 = 600;
/// The most characters of an app's name that are kept.
const LONGEST_NAME: usize = 80;
/// The longest handle that is looked at, in bytes.
const LONGEST: usize = 4096;
/// The most links that are remembered as used or tried.
const MOST: usize = 10_000;
/// How often a key may be tried by one link.
const TRIES: u8 = 10;

/// By which base URL of this server a user of this issuer can sign in at its pages; none where nobody of it can.
type Lead = Box<dyn Fn(&Issuer) -> Option<String> + Send + Sync>;

/// Makes links and reads them. Clones are one.
#[derive(Clone)]
pub struct Links(Arc<Inner>);

struct Inner {
    sealer: Sealer,
    lead: OnceLock<Lead>,
    used: Mutex<HashMap<Uuid, Use>>,
}

/// How often keys were tried by a link, and whether one was stored.
struct Use {
    until: i64,
    tries: u8,
    done: bool,
}

/// What a link says: nothing that gives anybody anything, and nobody reads or makes it without this server's secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    #[serde(rename = "d")]
    id: Uuid,
    #[serde(rename = "i")]
    issuer: Issuer,
    #[serde(rename = "s")]
    subject: Subject,
    #[serde(rename = "p")]
    pack: String,
    #[serde(rename = "a")]
    app: Option<String>,
    /// When it was made, in seconds since 1970.
    #[serde(rename = "t")]
    made: i64,
}

/// A link that leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeadLink {
    /// It was not made here, or was changed on its way.
    #[error("this link is not one of this server's, or was changed on its way")]
    Unknown,
    /// Its time is over.
    #[error("this link is over: it was good for ten minutes")]
    Old,
    /// A key was stored by it, or since it was made.
    #[error("this link was used already")]
    Used,
    /// Too many keys were tried by it.
    #[error("too many keys were tried by this link")]
    Tried,
}

impl Handle {
    /// Tells links apart.
    #[must_use]
    pub fn id(&self) -> String {
        self.id.to_string()
    }

    /// Who was asked for a key, and for which pack.
    #[must_use]
    pub fn owner(&self) -> KeyOwner {
        KeyOwner { issuer: self.issuer.clone(), subject: self.subject.clone(), provider: self.pack.clone() }
    }

    /// What the app calls itself that made the call.
    #[must_use]
    pub fn app(&self) -> Option<&str> {
        self.app.as_deref()
    }

    /// When the link was made.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        Timestamp::from_second(self.made).unwrap_or_default()
    }

    const fn until(&self) -> i64 {
        self.made + LIVES
    }
}

impl Links {
    /// Makes links that this seals; none before it is told where they [lead](Self::lead).
    #[must_use]
    pub fn new(sealer: Sealer) -> Self {
        Self(Arc::new(Inner { sealer, lead: OnceLock::new(), used: Mutex::default() }))
    }

    /// What seals links, for what else their users carry.
    #[must_use]
    pub fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    /// Says by which base URL a user of an issuer can sign in at this server's pages.
    pub fn lead(&self, lead: impl Fn(&Issuer) -> Option<String> + Send + Sync + 'static) {
        // A server begins to listen once.
        let _ = self.0.lead.set(Box::new(lead));
    }

    /// A link for this owner, whose app calls itself so; none where they cannot sign in at this server's pages.
    #[must_use]
    pub fn make(&self, owner: &KeyOwner, app: Option<&str>) -> Option<Connect> {
        let base = self.0.lead.get()?(&owner.issuer)?;
        let app = app.map(named).filter(|app| !app.is_empty());
        let made = Timestamp::now().as_second();
        let KeyOwner { issuer, subject, provider } = owner.clone();
        let handle = Handle { id: Uuid::new_v4(), issuer, subject, pack: provider, app, made };
        let plain = serde_json::to_vec(&handle).ok()?;
        let sealed =
            self.0.sealer.seal(PURPOSE, b"", &plain).ok().filter(|sealed| sealed.len() <= LONGEST)?;
        let message = format!(
            "Leave your own key for {} with this server, so that it can make this call",
            service(&handle.pack)
        );
        Some(Connect { id: handle.id(), url: format!("{base}/connect?e={sealed}"), message })
    }

    /// What a link says.
    ///
    /// # Errors
    /// It leads nowhere.
    pub fn read(&self, text: &str) -> Result<Handle, DeadLink> {
        let sealed = (text.len() <= LONGEST).then_some(text).ok_or(DeadLink::Unknown)?;
        let plain = self.0.sealer.open(PURPOSE, b"", sealed).map_err(|_| DeadLink::Unknown)?;
        let handle: Handle = serde_json::from_slice(&plain).map_err(|_| DeadLink::Unknown)?;
        self.check(&handle)?;
        Ok(handle)
    }

    /// Whether a link is still good, as far as this process knows.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self, handle: &Handle) -> Result<(), DeadLink> {
        if handle.until() <= Timestamp::now().as_second() {
            return Err(DeadLink::Old);
        }
        match self.used().get(&handle.id) {
            Some(Use { done: true, .. }) => Err(DeadLink::Used),
            Some(Use { tries: TRIES.., .. }) => Err(DeadLink::Tried),
            _ => Ok(()),
        }
    }

    /// Counts that a key is about to be tried by a link.
    ///
    /// # Errors
    /// None may be.
    pub fn attempt(&self, handle: &Handle) -> Result<(), DeadLink> {
        self.check(handle)?;
        let mut used = self.used();
        if used.len() >= MOST {
            let now = Timestamp::now().as_second();
            used.retain(|_, link| link.until > now);
        }
        if used.len() >= MOST && !used.contains_key(&handle.id) {
            return Err(DeadLink::Tried);
        }
        let link = used.entry(handle.id).or_insert(Use { until: handle.until(), tries: 0, done: false });
        link.tries = link.tries.saturating_add(1);
        Ok(())
    }

    /// Uses a link up, as nobody did before.
    ///
    /// # Errors
    /// Somebody did.
    pub fn spend(&self, handle: &Handle) -> Result<(), DeadLink> {
        let mut used = self.used();
        let link = used.entry(handle.id).or_insert(Use { until: handle.until(), tries: 0, done: false });
        if std::mem::replace(&mut link.done, true) { Err(DeadLink::Used) } else { Ok(()) }
    }

    /// Gives a link back by which nothing was stored after all.
    pub fn unspend(&self, handle: &Handle) {
        if let Some(link) = self.used().get_mut(&handle.id) {
            link.done = false;
        }
    }

    fn used(&self) -> MutexGuard<'_, HashMap<Uuid, Use>> {
        self.0.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Links(…)")
    }
}

/// A name that anybody may have given, as it can be shown.
fn named(name: &str) -> String {
    let plain: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    plain.trim().to_owned()
}

/// What the service behind a pack is called: the pack's key, as a name.
#[must_use]
pub fn service(pack: &str) -> String {
    let mut letters = pack.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> KeyOwner {
        KeyOwner::new("https://id.example", "ann@example.com", "crm")
    }

    fn links() -> Links {
        let links = Links::new(Sealer::default());
        links.lead(|issuer| (issuer.as_str() == "https://id.example").then(|| "https://mcp.example".into()));
        links
    }

    fn handle(connect: &Connect) -> &str {
        connect.url.strip_prefix("https://mcp.example/connect?e=").unwrap()
    }

    #[test]
    fn a_link_says_whom_it_is_for_to_its_server_alone() {
        let links = links();
        let connect = links.make(&ann(), Some(" Desk\u{7}top\n")).unwrap();
        let read = links.read(handle(&connect)).unwrap();
        assert_eq!((read.owner(), read.app(), read.id()), (ann(), Some("Desktop"), connect.id.clone()));
        assert!(!connect.url.contains("ann") && !connect.message.contains("ann"));
        assert!(connect.message.contains("key for Crm"));
        assert!(handle(&connect).bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_ne!(connect.url, links.make(&ann(), None).unwrap().url);
        assert_eq!(self::links().read(handle(&connect)), Err(DeadLink::Unknown), "another server's secrets");
        for changed in ["", "x", &handle(&connect)[1..], &"A".repeat(5000)] {
            assert_eq!(links.read(changed), Err(DeadLink::Unknown));
        }
    }

    #[test]
    fn where_a_user_cannot_sign_in_there_is_no_link() {
        let elsewhere = KeyOwner::new("https://other.example", "ann", "crm");
        assert_eq!(links().make(&elsewhere, None), None);
        assert_eq!(Links::new(Sealer::default()).make(&ann(), None), None);
    }

    #[test]
    fn a_link_is_good_once_for_a_while_and_some_tries() {
        let links = links();
        let read = |links: &Links| links.read(handle(&links.make(&ann(), None).unwrap())).unwrap();
        let used = read(&links);
        assert_eq!(links.spend(&used), Ok(()));
        assert_eq!((links.spend(&used), links.check(&used)), (Err(DeadLink::Used), Err(DeadLink::Used)));
        links.unspend(&used);
        assert_eq!(links.check(&used), Ok(()));
        let tried = read(&links);
        for _ in 0..TRIES {
            assert_eq!(links.attempt(&tried), Ok(()));
        }
        assert_eq!(
            (links.attempt(&tried), links.check(&tried)),
            (Err(DeadLink::Tried), Err(DeadLink::Tried))
        );
        let old = Handle { made: Timestamp::now().as_second() - LIVES, ..read(&links) };
        assert_eq!((links.check(&old), links.attempt(&old)), (Err(DeadLink::Old), Err(DeadLink::Old)));
        assert_eq!(links.check(&read(&links)), Ok(()), "others are not concerned");
    }
}
