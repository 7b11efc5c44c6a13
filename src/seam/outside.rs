//! Addresses that users name: asked only outside of the network that this machine is in, so that nobody reaches through
//! us what they cannot reach themselves. What a name leads to is looked at whenever a connection is made, and the
//! connection goes to what was looked at: a name that leads elsewhere later gains nothing.

use reqwest::{
    ClientBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};
use url::{Host, Url};

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address leads to no place outside of the network that this server is in")]
pub struct Inside;

impl Inside {
    /// Whether a request failed for this reason.
    #[must_use]
    pub fn is_why(error: &(dyn Error + 'static)) -> bool {
        std::iter::successors(Some(error), |error| (*error).source()).any(|error| error.is::<Self>())
    }
}

/// A client for addresses that users name, which [`may_be_asked`] has to be asked about before: by https alone, to what
/// is outside of this network, and there alone: it follows no redirect and asks no proxy, which would find another way.
pub fn outside_alone(builder: ClientBuilder) -> ClientBuilder {
    by(builder, Arc::new(System))
}

fn by(builder: ClientBuilder, lookup: Arc<dyn Resolve>) -> ClientBuilder {
    builder.https_only(true).no_proxy().redirect(Policy::none()).dns_resolver(Arc::new(Outside(lookup)))
}

/// Finds what a name leads to outside of this network; it fails with [`Inside`] where that is nothing.
#[must_use]
pub fn outside() -> Arc<dyn Resolve> {
    Arc::new(Outside(Arc::new(System)))
}

/// Whether a URL that holds its address may be asked; what a name leads to is found out when it is.
///
/// # Errors
/// It leads inside.
pub fn may_be_asked(url: &Url) -> Result<(), Inside> {
    let may = match url.host() {
        Some(Host::Domain(_)) => true,
        Some(Host::Ipv4(ip)) => is_outside(ip.into()),
        Some(Host::Ipv6(ip)) => is_outside(ip.into()),
        None => false,
    };
    if may { Ok(()) } else { Err(Inside) }
}

/// Whether a URL leads to this machine itself.
#[must_use]
pub fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Finds addresses by the machine's own means.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// Of what another finds, what is outside of this network.
struct Outside(Arc<dyn Resolve>);

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let outside: Vec<SocketAddr> = found.await?.filter(|found| is_outside(found.ip())).collect();
            if outside.is_empty() {
                return Err(Inside.into());
            }
            let outside: Addrs = Box::new(outside.into_iter());
            Ok(outside)
        })
    }
}

/// Whether an address is one of the whole internet (IANA's registries of special-purpose addresses). Those in which
/// another address is wrapped are not: what is wrapped may be inside.
fn is_outside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_outside_v4(ip),
        IpAddr::V6(ip) => is_outside_v6(ip),
    }
}

fn is_outside_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        // Reserved, and broadcast.
        || a >= 240
        // Between a provider and its customers (RFC 6598).
        || (a == 100 && (64..128).contains(&b))
        // Of protocols, of relays from IPv6 (RFC 7526), of benchmarks.
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && (b & 0xfe) == 18);
    !special
}

/// Of what is given out worldwide (2000::/3), which leaves out loopback, private, link-local and multicast addresses,
/// and those that wrap IPv4 (mapped, compatible, NAT64).
const fn is_outside_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let special = match first {
        // Of protocols, Teredo among them (2001::/23); of examples.
        0x2001 => second < 0x200 || second == 0xdb8,
        // 6to4.
        0x2002 => true,
        // Of examples (RFC 9637).
        0x3fff => second < 0x1000,
        _ => false,
    };
    (first & 0xe000) == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };
    use tokio::net::TcpListener;

    const OUTSIDE: [&str; 11] = [
        "1.1.1.1",
        "8.8.8.8",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "198.17.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450:4001::1",
    ];
    const INSIDE: [&str; 49] = [
        "0.0.0.0",
        "0.1.2.3",
        "10.1.2.3",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:8.8.8.8",
        "::ffff:0:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:2::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:a00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ];

    #[test]
    fn what_is_outside_and_what_is_not() {
        for outside in OUTSIDE {
            assert!(is_outside(outside.parse().unwrap()), "{outside}");
        }
        for inside in INSIDE {
            assert!(!is_outside(inside.parse().unwrap()), "{inside}");
        }
    }

    #[test]
    fn an_address_in_a_url_is_looked_at_however_it_is_written() {
        for inside in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0x7f.0.0.1/",
            "https://0177.0.0.1/",
            "https://017700000001/",
            "https://127.0.0.1./",
            "https://%31%32%37.0.0.1/",
            "https://１２７.０.０.１/",
            "https://127。0。0。1/",
            "https://0/",
            "https://169.254.169.254/latest/meta-data",
            "https://0xa9fea9fe/",
            "https://10.0.0.1:8443/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[0:0:0:0:0:ffff:7f00:1]/",
            "https://[::127.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[fd00::1]:3000/",
        ] {
            assert_eq!(may_be_asked(&inside.parse().unwrap()), Err(Inside), "{inside}");
        }
        for outside in ["https://8.8.8.8/", "https://0x08080808/", "https://[2606:4700::1111]/"] {
            assert_eq!(may_be_asked(&outside.parse().unwrap()), Ok(()), "{outside}");
        }
    }

    /// Names that lead to these, one after the other, and to the last from then on.
    struct Names {
        lead_to: Mutex<Vec<Vec<SocketAddr>>>,
        asked: AtomicUsize,
    }

    impl Names {
        fn leading_to(all: &[&[&str]]) -> Arc<Self> {
            let addresses =
                |one: &&[&str]| one.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0)).collect();
            let lead_to = all.iter().rev().map(addresses).collect();
            Arc::new(Self { lead_to: Mutex::new(lead_to), asked: AtomicUsize::new(0) })
        }
    }

    impl Resolve for Names {
        fn resolve(&self, _: Name) -> Resolving {
            self.asked.fetch_add(1, Ordering::Relaxed);
            let mut left = self.lead_to.lock().unwrap();
            let next = if left.len() > 1 { left.pop() } else { left.last().cloned() };
            let found: Addrs = Box::new(next.unwrap().into_iter());
            Box::pin(async { Ok(found) })
        }
    }

    async fn found(outside: &Outside) -> Option<Vec<String>> {
        let found = outside.resolve("crm.example".parse().unwrap()).await.ok()?;
        Some(found.map(|address| address.ip().to_string()).collect())
    }

    #[tokio::test]
    async fn a_name_that_leads_elsewhere_the_second_time_leads_nowhere() {
        let names = Names::leading_to(&[&["8.8.8.8"], &["127.0.0.1"], &["10.0.0.1", "8.8.4.4", "::1"]]);
        let outside = Outside(names);
        assert_eq!(found(&outside).await, Some(vec!["8.8.8.8".to_owned()]));
        assert_eq!(found(&outside).await, None);
        assert_eq!(found(&outside).await, Some(vec!["8.8.4.4".to_owned()]), "what is inside is left out");
    }

    #[tokio::test]
    async fn no_connection_is_made_to_where_a_name_leads_inside() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://crm.example:{}/", listener.local_addr().unwrap().port());
        for names in [&["127.0.0.1"][..], &["::1"], &["::ffff:127.0.0.1"], &["127.0.0.1", "0.0.0.0"]] {
            let names = Names::leading_to(&[names]);
            let client = by(reqwest::Client::builder(), names.clone()).build().unwrap();
            let error = client.get(&url).send().await.unwrap_err();
            assert!(error.is_connect() && Inside::is_why(&error), "{error:?}");
            assert_eq!(names.asked.load(Ordering::Relaxed), 1);
        }
        let client = by(reqwest::Client::builder(), Arc::new(System)).build().unwrap();
        for name in ["localhost", "LOCALHOST", "localhost."] {
            let url = url.replace("crm.example", name);
            let error = client.get(&url).send().await.unwrap_err();
            assert!(error.is_connect(), "{name}: {error:?}");
        }
        // https alone.
        assert!(client.get(url.replace("https", "http")).send().await.is_err());
        let nobody = futures_util::poll!(std::pin::pin!(listener.accept()));
        assert!(nobody.is_pending(), "nobody has connected");
    }
}
