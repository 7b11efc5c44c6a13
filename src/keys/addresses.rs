//! Where users' keys may go.

use crate::seam::{Upstream, is_here, may_be_asked};
use url::Url;

/// The longest address that is taken, in bytes.
const LONGEST: usize = 2048;

/// An address that no key is sent to. The text never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// It is none.
    #[error("the address must be a URL, as in https://crm.example.com")]
    NoUrl,
    /// It says more than where a service is.
    #[error("leave user, password, `?` and `#` out of the address")]
    NotPlain,
    /// The key could be read on its way.
    #[error("the address must begin with https://")]
    NotHttps,
    /// It is for this network, or this machine.
    #[error(
        "the address is inside of the network that this server is in; whoever runs the server can allow it by `keys.hosts`"
    )]
    Inside,
}

/// The addresses that the operator named, and what may be asked beside them: whatever is public, by https.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    sandbox: bool,
    /// Where a key without an address of its own goes; none where the operator has no address.
    usual: Option<Upstream>,
    /// Host and port.
    named: Vec<(String, u16)>,
}

impl Addresses {
    /// `usual` is where the operator's own calls go, `hosts` further hosts that the operator named; one without a port
    /// stands for 443.
    #[must_use]
    pub fn new(usual: Option<Upstream>, hosts: &[String]) -> Self {
        let sandbox = usual == Some(Upstream::Sandbox);
        let hosts = hosts.iter().filter_map(|host| place(&Url::parse(&format!("https://{host}/")).ok()?));
        let named = usual.iter().filter_map(Upstream::url).filter_map(place).chain(hosts).collect();
        Self { sandbox, usual, named }
    }

    /// Whether every key opens the embedded workspace, whatever its address.
    #[must_use]
    pub const fn are_sandbox(&self) -> bool {
        self.sandbox
    }

    /// Reads an address that a user gave.
    ///
    /// # Errors
    /// No key may be sent to it. On the sandbox, where none is sent anywhere, it only has to be one.
    pub fn read(&self, text: &str) -> Result<Url, BadAddress> {
        if text.len() > LONGEST {
            return Err(BadAddress::NoUrl);
        }
        let url = Url::parse(text).map_err(|_| BadAddress::NoUrl)?;
        if self.sandbox {
            plain(&url)?;
        } else {
            self.judge(&url)?;
        }
        Ok(url)
    }

    /// Where a key with this address goes, or one without; none where there is no address for it.
    ///
    /// # Errors
    /// No key may be sent to the address.
    pub fn of(&self, address: Option<&Url>) -> Result<Option<Upstream>, BadAddress> {
        match address {
            Some(url) if !self.sandbox => self.judge(url).map(Some),
            _ => Ok(self.usual.clone()),
        }
    }

    fn judge(&self, url: &Url) -> Result<Upstream, BadAddress> {
        plain(url)?;
        let named = place(url).is_some_and(|place| self.named.contains(&place));
        match url.scheme() {
            "https" if named => Ok(Upstream::Url(url.clone())),
            "http" if named && is_here(url) => Ok(Upstream::Url(url.clone())),
            "https" => match may_be_asked(url) {
                Ok(()) => Ok(Upstream::Public(url.clone())),
                Err(_) => Err(BadAddress::Inside),
            },
            _ => Err(BadAddress::NotHttps),
        }
    }
}

/// Says where a service is and no more.
fn plain(url: &Url) -> Result<(), BadAddress> {
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(BadAddress::NoUrl);
    }
    let plain = url.username().is_empty() && url.password().is_none();
    let plain = plain && url.query().is_none() && url.fragment().is_none();
    if plain { Ok(()) } else { Err(BadAddress::NotPlain) }
}

/// A host and a port, as addresses are compared.
fn place(url: &Url) -> Option<(String, u16)> {
    Some((url.host_str()?.to_owned(), url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(usual: Option<&str>, hosts: &[&str]) -> Addresses {
        let usual = usual.map(|usual| match usual {
            "sandbox" => Upstream::Sandbox,
            url => Upstream::Url(url.parse().unwrap()),
        });
        Addresses::new(usual, &hosts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    /// `url` or `public`, or what is wrong.
    fn judged(addresses: &Addresses, text: &str) -> Result<&'static str, BadAddress> {
        let url = addresses.read(text)?;
        Ok(match addresses.of(Some(&url))?.unwrap() {
            Upstream::Sandbox => "sandbox",
            Upstream::Url(_) => "url",
            Upstream::Public(_) => "public",
        })
    }

    #[test]
    fn a_key_goes_to_what_is_public_or_named_and_nowhere_else() {
        let addresses =
            addresses(Some("https://crm.example.com/x"), &["inside.example", "10.0.0.7:8443", "[::1]:9"]);
        for (text, told) in [
            ("https://other.example", "public"),
            ("https://other.example:8443/twenty", "public"),
            ("https://8.8.8.8", "public"),
            ("https://bücher.example", "public"),
            ("https://crm.example.com", "url"),
            ("https://CRM.example.com:443/y", "url"),
            // Another port may be another service: what its name leads to is looked at.
            ("https://crm.example.com:444", "public"),
            ("https://crm.example.com.", "public"),
            ("https://inside.example", "url"),
            ("https://10.0.0.7:8443/", "url"),
            ("https://0x0a000007:8443/", "url"),
            ("http://[::1]:9", "url"),
            ("https://localhost", "public"),
        ] {
            assert_eq!(judged(&addresses, text), Ok(told), "{text}");
        }
        for (text, wrong) in [
            ("", BadAddress::NoUrl),
            ("crm.example.com", BadAddress::NoUrl),
            ("sandbox", BadAddress::NoUrl),
            ("https://", BadAddress::NoUrl),
            ("ftp://crm.example.com", BadAddress::NoUrl),
            ("file:///etc/passwd", BadAddress::NoUrl),
            ("data:text/plain,x", BadAddress::NoUrl),
            ("https://a b.example", BadAddress::NoUrl),
            (&format!("https://a.example/{}", "x".repeat(LONGEST)), BadAddress::NoUrl),
            ("https://ann@crm.example.com", BadAddress::NotPlain),
            ("https://:p@crm.example.com", BadAddress::NotPlain),
            ("https://crm.example.com@evil.example", BadAddress::NotPlain),
            ("https://crm.example.com?x", BadAddress::NotPlain),
            ("https://crm.example.com#x", BadAddress::NotPlain),
            ("http://other.example", BadAddress::NotHttps),
            ("http://crm.example.com", BadAddress::NotHttps),
            ("http://inside.example:443", BadAddress::NotHttps),
            ("http://127.0.0.1:3000", BadAddress::NotHttps),
            ("https://10.0.0.7", BadAddress::Inside),
            ("https://127.1", BadAddress::Inside),
            ("https://2130706433", BadAddress::Inside),
            ("https://0x7f.1", BadAddress::Inside),
            ("https://[::1]", BadAddress::Inside),
            ("https://[::ffff:10.0.0.7]:8443", BadAddress::Inside),
            ("https://169.254.169.254", BadAddress::Inside),
        ] {
            assert_eq!(judged(&addresses, text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn a_key_without_an_address_goes_where_the_operators_does() {
        let usual = Upstream::Url("http://127.0.0.1:3000/".parse().unwrap());
        let addresses = addresses(Some("http://127.0.0.1:3000"), &[]);
        assert_eq!(addresses.of(None), Ok(Some(usual)));
        assert_eq!(judged(&addresses, "http://127.0.0.1:3000/"), Ok("url"));
        assert_eq!(judged(&addresses, "http://127.0.0.1:3001/"), Err(BadAddress::NotHttps));
        assert_eq!(Addresses::default().of(None), Ok(None));
    }

    #[test]
    fn on_the_sandbox_every_key_opens_the_sandbox() {
        let addresses = addresses(Some("sandbox"), &["inside.example"]);
        for any in
            ["http://127.0.0.1:3000", "https://crm.example", "https://10.0.0.1", "https://inside.example"]
        {
            assert_eq!(judged(&addresses, any), Ok("sandbox"), "{any}");
        }
        assert_eq!(addresses.of(None), Ok(Some(Upstream::Sandbox)));
        assert_eq!(addresses.read("https://ann@crm.example"), Err(BadAddress::NotPlain));
        assert_eq!(addresses.read("nonsense"), Err(BadAddress::NoUrl));
    }
}
