//! What was asked for, granted and given out: pages, codes, grants and tokens.

use super::{
    answer::Fault,
    shelf::{Key, Shelf, key},
    signer::Signer,
};
use crate::auth::kit;
use crate::seam::{AuthError, DurationText, Issuer, Scope, Scopes, Subject, User};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::{Mutex, MutexGuard, PoisonError};
use subtle::ConstantTimeEq;

/// The most pages and codes that are open at once.
const OPEN: usize = 1000;
/// The most grants, and tokens of each kind, that are alive at once.
const ALIVE: usize = 10_000;
/// How long somebody may look at a page.
const PAGE: DurationText = DurationText::seconds(600);

/// An authorization request whose every part is in order.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The client's id.
    pub client: String,
    /// Whether the client may get refresh tokens.
    pub refresh: bool,
    /// Where it is sent back to.
    pub redirect: String,
    /// What it asks for.
    pub scopes: Scopes,
    /// For which resource the token is.
    pub resource: String,
    /// Under which name we were asked.
    pub issuer: String,
    /// The S256 challenge (RFC 7636).
    pub challenge: String,
    /// What the client gets back as it was.
    pub state: Option<String>,
}

struct Code {
    asked: Asked,
    user: Subject,
    scopes: Scopes,
    /// What came of it, once it was used.
    became: Option<Key>,
}

struct Grant {
    client: String,
    refresh: bool,
    user: Subject,
    scopes: Scopes,
    resource: String,
    issuer: String,
    ends: Timestamp,
}

struct Access {
    grant: Key,
    user: User,
    resource: String,
}

struct Refresh {
    grant: Key,
    used: bool,
}

struct Books {
    pages: Shelf<Asked>,
    codes: Shelf<Code>,
    grants: Shelf<Grant>,
    access: Shelf<Access>,
    refresh: Shelf<Refresh>,
}

/// How long what is given out is good.
#[derive(Clone, Copy)]
pub struct Lifetimes {
    /// A code.
    pub code: DurationText,
    /// An access token.
    pub access: DurationText,
    /// A grant with its refresh tokens.
    pub refresh: DurationText,
}

/// Keeps the books.
pub struct Grants {
    lifetimes: Lifetimes,
    signer: Signer,
    books: Mutex<Books>,
}

impl Grants {
    /// Empty books, whose tokens `signer` signs.
    #[must_use]
    pub fn new(lifetimes: Lifetimes, signer: Signer) -> Self {
        let books = Books {
            pages: Shelf::new(OPEN),
            codes: Shelf::new(OPEN),
            grants: Shelf::new(ALIVE),
            access: Shelf::new(ALIVE),
            refresh: Shelf::new(ALIVE),
        };
        Self { lifetimes, signer, books: Mutex::new(books) }
    }

    /// Who signs.
    #[must_use]
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Keeps a request while somebody looks at its page; the text proves that the page was read.
    pub fn show(&self, asked: Asked) -> String {
        let (proof, now) = (kit::random(), Timestamp::now());
        self.books().pages.put(key(&proof), asked, after(now, PAGE), now);
        proof
    }

    /// The request of a page that is answered, once.
    pub fn answered(&self, proof: &str) -> Option<Asked> {
        self.books().pages.take(&key(proof), Timestamp::now())
    }

    /// A code for somebody who allowed a request these scopes.
    pub fn allow(&self, asked: Asked, user: Subject, scopes: Scopes) -> String {
        let (code, now) = (kit::random(), Timestamp::now());
        let entry = Code { asked, user, scopes, became: None };
        self.books().codes.put(key(&code), entry, after(now, self.lifetimes.code), now);
        code
    }

    /// Tokens for a code.
    ///
    /// # Errors
    /// The code is none, is over or was used, or is not this client's; a code that comes twice takes away what came of it.
    pub fn redeem(&self, code: &str, shown: &Shown<'_>) -> Result<Value, Fault> {
        let now = Timestamp::now();
        let books = &mut *self.books();
        let Some((entry, over)) = books.codes.look(&key(code), now) else {
            return Err(Fault::no_grant("this code was not given out here, or is long over"));
        };
        if let Some(grant) = entry.became {
            books.grants.take(&grant, now);
            return Err(Fault::no_grant("this code was used before; what came of it is taken back"));
        }
        if over {
            return Err(Fault::no_grant("this code is over; start again"));
        }
        shown.fits(&entry.asked)?;
        let id = key(&kit::random());
        let lifetime = if entry.asked.refresh { self.lifetimes.refresh } else { self.lifetimes.access };
        let grant = Grant {
            client: entry.asked.client.clone(),
            refresh: entry.asked.refresh,
            user: entry.user.clone(),
            scopes: entry.scopes.clone(),
            resource: entry.asked.resource.clone(),
            issuer: entry.asked.issuer.clone(),
            ends: after(now, lifetime),
        };
        entry.became = Some(id);
        let scopes = grant.scopes.clone();
        let ends = grant.ends;
        books.grants.put(id, grant, ends, now);
        self.issue(books, id, scopes, now)
    }

    /// New tokens for a refresh token, which is good no more then.
    ///
    /// # Errors
    /// It is none, is over or was used, or is not this client's; one that comes twice takes its grant away.
    pub fn renew(
        &self,
        token: &str,
        client: &str,
        resource: Option<&str>,
        scopes: Option<Scopes>,
    ) -> Result<Value, Fault> {
        let now = Timestamp::now();
        let books = &mut *self.books();
        let gone = || Fault::no_grant("this refresh token is over, or was taken back; sign in again");
        let (entry, _) = books.refresh.look(&key(token), now).ok_or_else(gone)?;
        let (id, used) = (entry.grant, entry.used);
        let grant = books.grants.get(&id, now).ok_or_else(gone)?;
        if grant.client != client {
            return Err(Fault::no_grant("this refresh token is another client's"));
        }
        if used {
            books.grants.take(&id, now);
            return Err(Fault::no_grant(
                "this refresh token was used before; its grant is taken back: sign in again",
            ));
        }
        if resource.is_some_and(|resource| resource != grant.resource) {
            return Err(Fault::new("invalid_target", "this refresh token is for another resource"));
        }
        let scopes = scopes.unwrap_or_else(|| grant.scopes.clone());
        if !scopes.is_subset(&grant.scopes) {
            return Err(Fault::new("invalid_scope", "this refresh token does not allow all of these scopes"));
        }
        if let Some((entry, _)) = books.refresh.look(&key(token), now) {
            entry.used = true;
        }
        self.issue(books, id, scopes, now)
    }

    /// Takes a token back: of a refresh token the whole grant. One that nobody knows is taken back already.
    ///
    /// # Errors
    /// It is another client's.
    pub fn revoke(&self, token: &str, client: &str) -> Result<(), Fault> {
        let now = Timestamp::now();
        let books = &mut *self.books();
        let (hash, other) = (key(token), || Fault::no_grant("this token is another client's"));
        if let Some(access) = books.access.get(&hash, now) {
            if access.user.client.as_deref() != Some(client) {
                return Err(other());
            }
            books.access.take(&hash, now);
        }
        if let Some((refresh, _)) = books.refresh.look(&hash, now) {
            let id = refresh.grant;
            if books.grants.get(&id, now).is_some_and(|grant| grant.client != client) {
                return Err(other());
            }
            books.grants.take(&id, now);
        }
        Ok(())
    }

    /// For whom an access token speaks, and for which resource. It is one of those that were given out here and not
    /// taken back: compared whole, so that a signature of ours is in it.
    ///
    /// # Errors
    /// It is none, or is over.
    pub fn judge(&self, token: &str) -> Result<(User, String), AuthError> {
        let now = Timestamp::now();
        let books = &mut *self.books();
        let (access, over) = books.access.look(&key(token), now).ok_or(AuthError::Invalid)?;
        if over {
            return Err(AuthError::Expired);
        }
        books.grants.get(&access.grant, now).ok_or(AuthError::Invalid)?;
        Ok((access.user.clone(), access.resource.clone()))
    }

    fn issue(&self, books: &mut Books, id: Key, scopes: Scopes, now: Timestamp) -> Result<Value, Fault> {
        let grant = books.grants.get(&id, now).ok_or_else(Fault::server_error)?;
        let until = after(now, self.lifetimes.access).min(grant.ends);
        let scope = joined(&scopes);
        let token = self.signer.sign(&json!({
            "iss": grant.issuer,
            "sub": grant.user,
            "aud": grant.resource,
            "client_id": grant.client,
            "scope": scope,
            "iat": now.as_second(),
            "exp": until.as_second(),
            "jti": kit::random(),
        }))?;
        let user = User {
            issuer: Issuer::new(&grant.issuer),
            subject: grant.user.clone(),
            client: Some(grant.client.clone()),
            scopes,
        };
        let refresh = grant.refresh.then(|| (kit::random(), grant.ends));
        let access = Access { grant: id, user, resource: grant.resource.clone() };
        books.access.put(key(&token), access, until, now);
        let mut told = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": until.as_second() - now.as_second(),
            "scope": scope,
        });
        if let (Some((refresh, ends)), Some(told)) = (refresh, told.as_object_mut()) {
            books.refresh.put(key(&refresh), Refresh { grant: id, used: false }, ends, now);
            told.insert("refresh_token".into(), refresh.into());
        }
        Ok(told)
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes with a code.
pub struct Shown<'a> {
    /// The client's id.
    pub client: &'a str,
    /// Where the client was sent back to, where it says so (RFC 6749 section 4.1.3; OAuth 2.1 leaves it out).
    pub redirect: Option<&'a str>,
    /// What the challenge was made of.
    pub verifier: &'a str,
    /// For which resource.
    pub resource: Option<&'a str>,
}

impl Shown<'_> {
    fn fits(&self, asked: &Asked) -> Result<(), Fault> {
        if self.client != asked.client {
            return Err(Fault::no_grant("this code is another client's"));
        }
        if self.redirect.is_some_and(|redirect| redirect != asked.redirect) {
            return Err(Fault::no_grant("the code was sent to another `redirect_uri`"));
        }
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier));
        if !bool::from(challenge.as_bytes().ct_eq(asked.challenge.as_bytes())) {
            return Err(Fault::no_grant("the `code_verifier` is not that of the challenge"));
        }
        if self.resource.is_some_and(|resource| resource != asked.resource) {
            return Err(Fault::new("invalid_target", "the code is for another resource"));
        }
        Ok(())
    }
}

/// Scopes as OAuth writes them.
#[must_use]
pub fn joined(scopes: &Scopes) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(" ")
}

fn after(now: Timestamp, lifetime: DurationText) -> Timestamp {
    SignedDuration::try_from(lifetime.0).ok().and_then(|span| now.checked_add(span).ok()).unwrap_or(now)
}
