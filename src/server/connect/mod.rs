//! `/connect`: where a user whom a call found without a key leaves one, in their own browser.
//!
//! A link names the user who was asked; the page lets in nobody else. It gives nothing by itself: whoever opens it signs
//! in first, at the provider that vouches for callers.
//!
//! | what | file |
//! |---|---|
//! | the way through: link, sign-in, form, stored | `mod` |
//! | what a browser carries from one to the next | `visit` |
//! | who may send the form, and what it says | `form` |
//! | what a person sees | `pages` |

mod form;
mod pages;
mod visit;

use super::{bounded, routes::SIGN_IN};
use crate::{
    auth::{Guard, kit},
    keys::{DeadLink, Handle, Intake, Links},
    mcp::Waiting,
    seam::{AuthError, CALLBACK, Principal, Secret, SignIn, SignedIn, Subject},
    telemetry::Source,
};
use form::Form;
use http::{HeaderValue, Method, header};
use poem::{Endpoint, Request, Response, Route};
use std::{borrow::Cow, sync::Arc};
use url::form_urlencoded;
use visit::{Cookies, Visit};

/// Where the page is.
pub(super) const PAGE: &str = "/connect";

/// Whether a path is the page's, or below it.
pub(super) fn is_page(path: &str) -> bool {
    path == PAGE || path == CALLBACK
}

/// The endpoint of `/connect` and what is below it.
#[derive(Clone)]
pub struct Connect(Arc<Inner>);

struct Inner {
    guard: Guard,
    links: Links,
    intake: Intake,
    cookies: Cookies,
    waiting: Waiting,
}

impl Connect {
    /// The page that links lead to from now on. People sign in as `guard` has it; what they leave goes to `intake`; who
    /// waits for it hears by `waiting`.
    #[must_use]
    pub fn new(guard: Guard, links: Links, intake: Intake, waiting: Waiting) -> Self {
        let (leading, cookies) = (guard.clone(), Cookies::new(links.sealer().clone()));
        links.lead(move |issuer| leading.pages_for(issuer));
        Self(Arc::new(Inner { guard, links, intake, cookies, waiting }))
    }

    /// The routes with the page among them.
    #[must_use]
    pub fn mount(self, routes: Route) -> Route {
        let page = Arc::new(bounded(self, SIGN_IN));
        routes.at(PAGE, Arc::clone(&page)).at(CALLBACK, page)
    }
}

impl Endpoint for Connect {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let allowed = if request.uri().path() == PAGE { "GET, POST" } else { "GET" };
        let answered = match (request.method(), request.uri().path()) {
            (&Method::GET, CALLBACK) => self.0.come_back(&request).await,
            (&Method::GET, PAGE) => match parameter(&request, "e") {
                Some(link) => self.0.begin(&request, &link).await,
                None => self.0.show(&request).await,
            },
            (&Method::POST, PAGE) => self.0.take(&mut request).await,
            _ => {
                let mut response = pages::problem(&Problem::Method);
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
                return Ok(response);
            }
        };
        Ok(answered.unwrap_or_else(|problem| pages::problem(&problem)))
    }
}

/// Why somebody gets no further.
#[derive(Debug)]
enum Problem {
    /// The link leads nowhere.
    Link(DeadLink),
    /// Nobody has opened a link in this browser, or too long ago.
    NoVisit,
    /// The browser did not come back from the sign-in that it was sent to.
    Astray,
    /// They did not sign in, or the sign-in failed.
    NotSignedIn,
    /// Somebody else signed in than the one who was asked: this subject.
    SomebodyElse(Subject),
    /// Another page sent the form.
    Foreign,
    /// The form cannot be read.
    Form,
    /// It does not work just now: seconds to wait.
    Later(u64),
    /// It does not work until the operator looks.
    Broken,
    /// Another method.
    Method,
}

impl From<DeadLink> for Problem {
    fn from(dead: DeadLink) -> Self {
        Self::Link(dead)
    }
}

impl From<AuthError> for Problem {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Unavailable { retry_after } => Self::Later(retry_after),
            AuthError::Misconfigured(_) | AuthError::WrongAudience => Self::Broken,
            AuthError::Invalid | AuthError::Expired | AuthError::InsufficientScope(_) => Self::NotSignedIn,
        }
    }
}

impl Inner {
    /// Somebody opens a link: they are sent to sign in.
    async fn begin(&self, request: &Request, link: &str) -> Result<Response, Problem> {
        let handle = self.links.read(link)?;
        let issuer = &handle.owner().issuer;
        let base = self.guard.pages_for(issuer).ok_or(Problem::Link(DeadLink::Unknown))?;
        if self.guard.asked_by(request) != base {
            // Cookies are of one name: they are set by the one that the link has.
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("e", link).finish();
            return Ok(kit::html::moved(&format!("{base}{PAGE}?{query}")));
        }
        let sign_in = SignIn { base, state: kit::random(), verifier: kit::random() };
        let address = self.guard.sign_in(issuer, &sign_in).await?;
        let mut response = kit::html::moved(&address);
        self.cookies.set(&mut response, &sign_in.base, &Visit::Leaving(handle, sign_in.clone()))?;
        Ok(response)
    }

    /// Their browser comes back.
    async fn come_back(&self, request: &Request) -> Result<Response, Problem> {
        let (base, visit) = self.visit(request)?;
        let Visit::Leaving(handle, sign_in) = visit else { return Err(Problem::Astray) };
        let state = parameter(request, "state").ok_or(Problem::Astray)?;
        if !same(&state, &sign_in.state) {
            return Err(Problem::Astray);
        }
        self.links.check(&handle)?;
        let owner = handle.owner();
        let code = parameter(request, "code").ok_or(Problem::NotSignedIn)?;
        let back =
            SignedIn { code: Secret::new(code), issuer: parameter(request, "iss").map(Cow::into_owned) };
        let source = Source::of(request.extensions());
        let user = self.guard.signed_in(&owner.issuer, &back, &sign_in, &source).await?;
        if (&user.issuer, &user.subject) != (&owner.issuer, &owner.subject) {
            tracing::warn!(
                subject = %user.subject, issuer = %user.issuer,
                "somebody else than its user opened a link to store a key, and was turned away"
            );
            let mut response = pages::problem(&Problem::SomebodyElse(user.subject));
            self.cookies.clear(&mut response, &base);
            return Ok(response);
        }
        let mut response = kit::html::moved(&format!("{base}{PAGE}"));
        let here = Visit::Here(handle, user.issuer, user.subject, kit::random());
        self.cookies.set(&mut response, &base, &here)?;
        Ok(response)
    }

    /// The form, for who is signed in.
    async fn show(&self, request: &Request) -> Result<Response, Problem> {
        let (_, visit) = self.visit(request)?;
        let Visit::Here(handle, _, _, proof) = &visit else { return Err(Problem::NoVisit) };
        self.fresh(handle).await?;
        Ok(pages::form(&self.asked(handle), proof, None))
    }

    /// The form, sent.
    async fn take(&self, request: &mut Request) -> Result<Response, Problem> {
        let (base, visit) = self.visit(request)?;
        if !form::is_own(request, &base) {
            return Err(Problem::Foreign);
        }
        let (handle, user, proof) = visit.here().ok_or(Problem::NoVisit)?;
        let form = Form::read(request).await.ok_or(Problem::Form)?;
        if !same(&form.proof, proof) {
            return Err(Problem::Foreign);
        }
        self.fresh(handle).await?;
        self.links.attempt(handle)?;
        self.links.spend(handle)?;
        let source = Source::of(request.extensions());
        let principal = Principal::User(user);
        let entered = self.intake.enter(&principal, &form.key, form.address(), &source).await;
        let entered = match entered {
            Ok(entered) => entered,
            Err(error) => {
                self.links.unspend(handle);
                let fault = form.fault(&error);
                return Ok(pages::form(&self.asked(handle), proof, Some((&form, &fault))));
            }
        };
        self.waiting.done(&handle.id());
        let mut response = pages::done(&self.asked(handle), &entered);
        self.cookies.clear(&mut response, &base);
        Ok(response)
    }

    /// What the browser carries, and the base URL by which it asks.
    fn visit(&self, request: &Request) -> Result<(String, Visit), Problem> {
        let base = self.guard.asked_by(request).to_owned();
        let visit = self.cookies.get(request, &base).ok_or(Problem::NoVisit)?;
        Ok((base, visit))
    }

    /// Whether a link is still good, also where its key was stored by another process, or in another way.
    async fn fresh(&self, handle: &Handle) -> Result<(), Problem> {
        self.links.check(handle)?;
        let stored = self.intake.vault().open(&handle.owner()).await;
        match stored {
            Ok(Some(own)) if own.created_at.as_second() >= handle.made().as_second() => {
                Err(Problem::Link(DeadLink::Used))
            }
            // What does not open can be replaced.
            Ok(_) | Err(_) => Ok(()),
        }
    }

    fn asked<'a>(&self, handle: &'a Handle) -> pages::Asked<'a> {
        pages::Asked { handle, on_sandbox: self.intake.on_sandbox() }
    }
}

/// The one value of a parameter of the query; none where it is not there, is empty, or stands there twice.
fn parameter<'a>(request: &'a Request, name: &str) -> Option<Cow<'a, str>> {
    let query = request.uri().query().unwrap_or_default();
    let mut all = form_urlencoded::parse(query.as_bytes()).filter(|(known, _)| known == name);
    match (all.next(), all.next()) {
        (Some((_, value)), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

/// Whether two texts are the same, in a time that does not tell how much of them is alike.
fn same(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq as _;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
