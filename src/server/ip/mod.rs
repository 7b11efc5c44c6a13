//! Which addresses may ask, and which address a request is from.
//!
//! - The address of a request is its peer's. Where the peer is a trusted proxy it is the nearest one in
//!   `X-Forwarded-For` or `Forwarded` that is no trusted proxy; where all are, the farthest.
//! - A trusted proxy that does not say for whom it speaks leaves the address unknown: `block_unknown` decides.
//! - A list that is malformed where it is read, or two headers that name different clients, may be a caller's own work:
//!   refused, whatever `block_unknown` says.
//! - A loopback peer may always ask, unless it is a trusted proxy or its request shows that it came by some proxy. No
//!   address that a header names is exempt.

mod forwarded;
mod networks;

use crate::{
    config::Ip,
    telemetry::{
        Source,
        audit::{Audit, TurnedAway},
    },
};
use forwarded::{Hop, Malformed, came_by_proxy};
use http::HeaderMap;
use networks::Networks;
use poem::{Addr, web::RemoteAddr};
use std::net::IpAddr;

/// The rules of `server.ip`, made ready.
#[derive(Clone, Default)]
pub struct Doorman {
    enabled: bool,
    allow: Networks,
    proxies: Networks,
    block_unknown: bool,
    audit: Audit,
}

/// Whom a request is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Client {
    /// Someone at this machine, by no proxy.
    Here(IpAddr),
    At(IpAddr),
    Unknown,
    /// Headers that say nothing that could be believed.
    Unclear,
}

/// Why an address may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Its address is not among the allowed.
    Out(IpAddr),
    /// Its address cannot be told.
    Unknown,
    /// What proxies say of it contradicts itself or cannot be read.
    Unclear,
}

impl Kept {
    /// Why, in words.
    pub(super) fn message(self) -> String {
        match self {
            Self::Out(address) => format!("Access denied for IP: {address}"),
            Self::Unknown => "Unable to determine client IP address".into(),
            Self::Unclear => {
                "Unable to determine client IP address: the forwarding headers are malformed or \
                              contradict each other"
                    .into()
            }
        }
    }
}

impl Doorman {
    /// The rules that the operator gave.
    ///
    /// # Errors
    /// The key and the position of what is neither an address nor a network.
    pub fn new(settings: &Ip) -> Result<Self, (&'static str, usize)> {
        Ok(Self {
            enabled: settings.enabled,
            allow: Networks::parse(&settings.allow).map_err(|index| ("allow", index))?,
            proxies: Networks::parse(&settings.trusted_proxies)
                .map_err(|index| ("trusted_proxies", index))?,
            block_unknown: settings.block_unknown,
            audit: Audit::default(),
        })
    }

    /// The same rules; whom they keep out is told of here.
    #[must_use]
    pub fn audited(self, audit: Audit) -> Self {
        Self { audit, ..self }
    }

    /// Tells of somebody who was kept out.
    pub(super) fn tell(&self, kept: Kept, source: &Source) {
        self.audit.turned_away(&TurnedAway { source, reason: &kept.message() });
    }

    /// Whether addresses are looked at.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.enabled
    }

    /// What the operator probably did not mean.
    pub(super) fn warnings(&self, loopback: bool) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.enabled && self.allow.is_empty() {
            warnings.push("`server.ip.allow` is empty: nobody but this machine may ask".to_owned());
        } else if self.enabled && loopback && self.proxies.is_empty() {
            let warning = "the server listens for this machine alone, which may always ask; if a proxy hands requests \
                           on, name its address in `server.ip.trusted_proxies`";
            warnings.push(warning.to_owned());
        }
        if self.proxies.hold_everything() {
            let warning =
                "`server.ip.trusted_proxies` trusts every address: callers can give themselves any address";
            warnings.push(warning.to_owned());
        }
        warnings
    }

    /// The address that a request is from, as far as it can be told, and why it may not ask if it may not.
    pub(super) fn judge(&self, peer: &RemoteAddr, headers: &HeaderMap) -> (Option<IpAddr>, Option<Kept>) {
        let peer = match &peer.0 {
            Addr::SocketAddr(address) => Some(address.ip().to_canonical()),
            _ => None,
        };
        if !self.enabled && self.proxies.is_empty() {
            return (peer, None);
        }
        let client = peer.map_or(Client::Unknown, |peer| self.client(peer, headers));
        match client {
            Client::Here(address) => (Some(address), None),
            Client::At(address) => {
                let kept = self.enabled && !self.allow.contain(address);
                (Some(address), kept.then_some(Kept::Out(address)))
            }
            Client::Unknown => (peer, (self.enabled && self.block_unknown).then_some(Kept::Unknown)),
            Client::Unclear => (peer, self.enabled.then_some(Kept::Unclear)),
        }
    }

    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Client {
        if !self.proxies.contain(peer) {
            return if peer.is_loopback() && !came_by_proxy(headers) {
                Client::Here(peer)
            } else {
                Client::At(peer)
            };
        }
        let plain = forwarded::x_forwarded_for(headers)
            .map(|hops| hops.map(|hops| self.farthest(hops.into_iter().map(forwarded::hop))));
        let standard = forwarded::forwarded(headers)
            .map(|hops| hops.map(|hops| self.farthest(hops.into_iter().map(Ok))));
        match (plain, standard) {
            (Ok(None), Ok(None)) => Client::Unknown,
            (Ok(Some(client)), Ok(None)) | (Ok(None), Ok(Some(client))) => client,
            (Ok(Some(one)), Ok(Some(other))) if one == other => one,
            _ => Client::Unclear,
        }
    }

    /// Goes back over trusted hops to the first that is none.
    fn farthest(&self, hops: impl Iterator<Item = Result<Hop, Malformed>>) -> Client {
        let mut client = Client::Unclear;
        for hop in hops {
            match hop {
                Ok(Hop::At(address)) if self.proxies.contain(address) => client = Client::At(address),
                Ok(Hop::At(address)) => return Client::At(address),
                Ok(Hop::Hidden) => return Client::Unknown,
                Err(Malformed) => return Client::Unclear,
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;
    use std::net::SocketAddr;

    fn doorman(allow: &[&str], proxies: &[&str], block_unknown: bool) -> Doorman {
        let list = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        let (allow, trusted_proxies) = (list(allow), list(proxies));
        Doorman::new(&Ip { enabled: true, allow, trusted_proxies, block_unknown }).unwrap()
    }

    /// What becomes of a request from `peer`: the client's address, or why it is kept out.
    fn judged(doorman: &Doorman, peer: &str, lines: &[(&str, &str)]) -> Result<String, Kept> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        let (client, kept) = doorman.judge(&RemoteAddr(peer.into()), &headers);
        kept.map_or_else(|| Ok(client.unwrap().to_string()), Err)
    }

    fn out(address: &str) -> Result<String, Kept> {
        Err(Kept::Out(address.parse().unwrap()))
    }

    fn in_(address: &str) -> Result<String, Kept> {
        Ok(address.to_owned())
    }

    #[test]
    fn without_trusted_proxies_headers_count_for_nothing() {
        let doorman = doorman(&["203.0.113.0/24"], &[], true);
        let allowed = [
            ("x-forwarded-for", "203.0.113.5"),
            ("forwarded", "for=203.0.113.5"),
            ("x-real-ip", "203.0.113.5"),
        ];
        for spoof in allowed {
            assert_eq!(judged(&doorman, "198.51.100.7", &[spoof]), out("198.51.100.7"), "{spoof:?}");
            assert_eq!(judged(&doorman, "127.0.0.1", &[spoof]), out("127.0.0.1"), "{spoof:?}");
        }
        assert_eq!(judged(&doorman, "203.0.113.5", &[("x-forwarded-for", "6.6.6.6")]), in_("203.0.113.5"));
        assert_eq!(judged(&doorman, "::ffff:203.0.113.5", &[]), in_("203.0.113.5"));
    }

    #[test]
    fn this_machine_may_ask_unless_it_is_or_has_a_proxy() {
        let direct = doorman(&["10.0.0.0/8"], &["10.0.0.1"], true);
        for peer in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "127.9.9.9"] {
            assert!(judged(&direct, peer, &[]).is_ok(), "{peer}");
            for sign in ["via", "forwarded", "x-forwarded-for", "x-real-ip", "x-forwarded-proto"] {
                assert!(judged(&direct, peer, &[(sign, "x")]).is_err(), "{peer} {sign}");
            }
        }
        let proxied = doorman(&["10.0.0.0/8"], &["127.0.0.1", "::1"], true);
        assert_eq!(judged(&proxied, "127.0.0.1", &[]), Err(Kept::Unknown));
        assert_eq!(judged(&proxied, "127.0.0.1", &[("x-forwarded-for", "203.0.113.5")]), out("203.0.113.5"));
        assert_eq!(judged(&proxied, "127.0.0.1", &[("x-forwarded-for", "127.0.0.1")]), out("127.0.0.1"));
        assert_eq!(judged(&proxied, "::1", &[("x-forwarded-for", "10.1.2.3")]), in_("10.1.2.3"));
    }

    #[test]
    fn chains_are_read_from_the_right_to_the_first_untrusted_hop() {
        let doorman = doorman(&["203.0.113.0/24"], &["10.0.0.0/8", "2001:db8::/32"], true);
        for (chain, verdict) in [
            ("203.0.113.5", in_("203.0.113.5")),
            ("203.0.113.5, 10.0.0.9", in_("203.0.113.5")),
            ("203.0.113.5, 2001:db8::9, 10.0.0.9", in_("203.0.113.5")),
            ("203.0.113.5, 6.6.6.6", out("6.6.6.6")),
            ("203.0.113.5, 6.6.6.6, 10.0.0.9", out("6.6.6.6")),
            ("not-an-address, 203.0.113.5, 10.0.0.9", in_("203.0.113.5")),
            ("10.0.0.7, 10.0.0.9", out("10.0.0.7")),
            ("203.0.113.5, unknown, 10.0.0.9", Err(Kept::Unknown)),
            ("203.0.113.5, nonsense, 10.0.0.9", Err(Kept::Unclear)),
            ("203.0.113.5,", Err(Kept::Unclear)),
            ("", Err(Kept::Unclear)),
        ] {
            assert_eq!(judged(&doorman, "10.0.0.1", &[("x-forwarded-for", chain)]), verdict, "{chain}");
        }
        let chain = [("x-forwarded-for", "203.0.113.5"), ("x-forwarded-for", "6.6.6.6, 10.0.0.9")];
        assert_eq!(judged(&doorman, "10.0.0.1", &chain), out("6.6.6.6"));
        let chain =
            [("forwarded", "for=203.0.113.5, for=6.6.6.6;proto=https"), ("forwarded", "for=10.0.0.9")];
        assert_eq!(judged(&doorman, "10.0.0.1", &chain), out("6.6.6.6"));
    }

    #[test]
    fn two_headers_must_name_one_client() {
        let doorman = doorman(&["203.0.113.0/24"], &["10.0.0.1"], false);
        for (standard, verdict) in [
            ("for=203.0.113.5", in_("203.0.113.5")),
            ("for=203.0.113.6", Err(Kept::Unclear)),
            ("for=unknown", Err(Kept::Unclear)),
            ("for=", Err(Kept::Unclear)),
        ] {
            let both = [("x-forwarded-for", "203.0.113.5"), ("forwarded", standard)];
            assert_eq!(judged(&doorman, "10.0.0.1", &both), verdict, "{standard}");
        }
    }

    #[test]
    fn only_what_the_proxy_itself_does_not_tell_is_unknown() {
        let open = doorman(&[], &["10.0.0.1"], false);
        assert_eq!(judged(&open, "10.0.0.1", &[]), in_("10.0.0.1"));
        assert_eq!(judged(&open, "10.0.0.1", &[("forwarded", "for=_secret")]), in_("10.0.0.1"));
        for forged in [("forwarded", "for=\"x, for=6.6.6.6"), ("x-forwarded-for", "6.6.6.6, fe80::1%eth0")] {
            assert_eq!(judged(&open, "10.0.0.1", &[forged]), Err(Kept::Unclear), "{forged:?}");
        }
        let (client, kept) = open.judge(&RemoteAddr::default(), &HeaderMap::new());
        assert_eq!((client, kept), (None, None));
    }

    #[test]
    fn switched_off_nobody_is_kept_out_and_the_address_is_told_all_the_same() {
        let off = Doorman { enabled: false, ..doorman(&[], &["10.0.0.1"], true) };
        for (chain, told) in [("203.0.113.5", "203.0.113.5"), ("nonsense", "10.0.0.1")] {
            assert_eq!(judged(&off, "10.0.0.1", &[("x-forwarded-for", chain)]), in_(told), "{chain}");
        }
        assert_eq!(off.warnings(true), Vec::<String>::new());
        assert_eq!(doorman(&[], &["0.0.0.0/0"], true).warnings(false).len(), 2);
    }
}
