//! What a browser carries from one page to the next: sealed, so that nobody reads, changes or makes it.

use super::Problem;
use crate::{
    keys::Handle,
    seam::{Issuer, Scopes, Sealer, SignIn, Subject, User},
};
use http::{HeaderValue, header};
use poem::{Request, Response};
use serde::{Deserialize, Serialize};
use url::Url;

const PURPOSE: &str = "connect/visit";
/// The longest that is looked at, in bytes: as much as a browser keeps.
const LONGEST: usize = 4096;
/// As long as a link is good, in seconds: what it says is checked with each step.
const LIVES: u32 = 600;

/// Where somebody stands on their way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) enum Visit {
    /// They were sent to sign in.
    Leaving(Handle, SignIn),
    /// They are signed in as the user who was asked; the text proves that a form was read by this browser.
    Here(Handle, Issuer, Subject, String),
}

impl Visit {
    /// Who is signed in, and the proof that their form must bring.
    pub(super) fn here(&self) -> Option<(&Handle, User, &str)> {
        match self {
            Self::Here(handle, issuer, subject, proof) => {
                let (issuer, subject, client) = (issuer.clone(), subject.clone(), None);
                Some((handle, User { issuer, subject, client, scopes: Scopes::new() }, proof))
            }
            Self::Leaving(..) => None,
        }
    }
}

/// Puts visits into cookies and finds them there.
pub(super) struct Cookies(Sealer);

impl Cookies {
    pub(super) const fn new(sealer: Sealer) -> Self {
        Self(sealer)
    }

    /// Lets the browser carry this.
    pub(super) fn set(&self, response: &mut Response, base: &str, visit: &Visit) -> Result<(), Problem> {
        let plain = serde_json::to_vec(visit).map_err(|_| Problem::Broken)?;
        let sealed = self.0.seal(PURPOSE, base.as_bytes(), &plain).map_err(|_| Problem::Broken)?;
        if sealed.len() > LONGEST {
            return Err(Problem::Broken);
        }
        put(response, base, &sealed, LIVES);
        Ok(())
    }

    /// Lets the browser forget what it carried.
    pub(super) fn clear(&self, response: &mut Response, base: &str) {
        put(response, base, "", 0);
    }

    /// What the browser carries; none where that is nothing of ours, or more than one thing.
    pub(super) fn get(&self, request: &Request, base: &str) -> Option<Visit> {
        let name = name(base);
        let said = request.headers().get_all(header::COOKIE).iter().filter_map(|said| said.to_str().ok());
        let pairs = said.flat_map(|said| said.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut own = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
        let (Some(sealed), None) = (own.next(), own.next()) else { return None };
        if sealed.len() > LONGEST {
            return None;
        }
        let plain = self.0.open(PURPOSE, base.as_bytes(), sealed).ok()?;
        serde_json::from_slice(&plain).ok()
    }
}

/// What the cookie is called: on https no other host can set it (`__Host-`). Cookies know no ports, so that on this
/// machine each server has its own.
fn name(base: &str) -> String {
    if base.starts_with("https://") {
        return "__Host-connect".into();
    }
    let port = Url::parse(base).ok().and_then(|url| url.port_or_known_default()).unwrap_or_default();
    format!("connect-{port}")
}

/// Sent along when a link of another site leads here, as a sign-in does, and with no form of another site.
fn put(response: &mut Response, base: &str, sealed: &str, lives: u32) {
    let secure = if base.starts_with("https://") { "; Secure" } else { "" };
    let name = name(base);
    let cookie = format!("{name}={sealed}; Path=/; Max-Age={lives}; HttpOnly; SameSite=Lax{secure}");
    // A name of ours, and letters of base64url.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Links;
    use crate::seam::KeyOwner;

    fn handle() -> Handle {
        let links = Links::new(Sealer::default());
        links.lead(|_| Some("https://mcp.example".into()));
        let connect = links.make(&KeyOwner::new("https://id.example", "ann", "crm"), None).unwrap();
        links.read(connect.url.split_once("?e=").unwrap().1).unwrap()
    }

    fn visit() -> Visit {
        Visit::Here(handle(), Issuer::new("https://id.example"), Subject::new("ann"), "proof".into())
    }

    fn carrying(cookies: &[&str]) -> Request {
        cookies.iter().fold(Request::builder(), |request, cookie| request.header("cookie", *cookie)).finish()
    }

    #[test]
    fn a_browser_carries_a_visit_to_the_server_that_set_it() {
        let (cookies, mut response) = (Cookies::new(Sealer::default()), Response::default());
        cookies.set(&mut response, "https://mcp.example", &visit()).unwrap_or_else(|_| panic!("too long"));
        let set = response.header("set-cookie").unwrap().to_owned();
        assert!(
            set.starts_with("__Host-connect=")
                && set.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure"),
            "{set}"
        );
        assert!(!set.contains("ann") && !set.contains("proof"));
        let carried = set.split(';').next().unwrap();
        let got = |base: &str, all: &[&str]| cookies.get(&carrying(all), base);
        let found = got("https://mcp.example", &[&format!("a=b; {carried} ;c=d")]).unwrap();
        let (_, user, proof) = found.here().unwrap();
        assert_eq!((user.subject.as_str(), proof), ("ann", "proof"));
        for wrong in [
            vec![],
            vec![carried, carried],
            vec!["__Host-connect="],
            vec!["__Host-connect=x"],
            vec![&carried[..carried.len() - 1]],
        ] {
            assert!(got("https://mcp.example", &wrong).is_none(), "{wrong:?}");
        }
        assert!(got("https://other.example", &[carried]).is_none(), "of another name of the server's");
        assert!(Cookies::new(Sealer::default()).get(&carrying(&[carried]), "https://mcp.example").is_none());
    }

    #[test]
    fn on_this_machine_alone_a_cookie_is_plain_and_one_that_is_over_goes() {
        let (cookies, mut response) = (Cookies::new(Sealer::default()), Response::default());
        cookies.clear(&mut response, "http://127.0.0.1:3000");
        let set = response.header("set-cookie").unwrap();
        assert_eq!(set, "connect-3000=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        assert_eq!(name("http://[::1]"), "connect-80");
    }
}
