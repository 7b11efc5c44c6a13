//! Addresses that somebody unknown names: asked only outside of the network that this machine is in, so that nobody
//! reaches through us what they cannot reach themselves. This machine itself is for those who may name it.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use url::{Host, Url};

/// Finds addresses outside of this network alone.
pub(super) struct Outside;

impl Outside {
    pub(super) fn resolver() -> Arc<dyn Resolve> {
        Arc::new(Self)
    }
}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let here = name.as_str() == "localhost";
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let fits = |address: &SocketAddr| match here {
                true => address.ip().is_loopback(),
                false => is_outside(address.ip()),
            };
            let fit: Vec<SocketAddr> = found.filter(fits).collect();
            if fit.is_empty() {
                return Err("its name leads to no address outside of this network".into());
            }
            let fit: Addrs = Box::new(fit.into_iter());
            Ok(fit)
        })
    }
}

/// Whether a URL that holds its address may be asked; a name is found out about by [`Outside`].
pub(super) fn may_be_asked(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(_)) => true,
        Some(Host::Ipv4(ip)) => ip.is_loopback() || is_outside(ip.into()),
        Some(Host::Ipv6(ip)) => ip.is_loopback() || is_outside(ip.into()),
        None => false,
    }
}

/// Whether an address is one of the whole internet (IANA's registries of special-purpose addresses).
fn is_outside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            let special = ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a, b, c) == (192, 0, 0)
                || (a == 198 && (b & 0xfe) == 18);
            !special
        }
        IpAddr::V6(ip) => {
            let [first, second, ..] = ip.segments();
            if first == 0x2002 {
                let [_, _, a, b, c, d, ..] = ip.octets();
                return is_outside(Ipv4Addr::new(a, b, c, d).into());
            }
            // Of what is given out worldwide (2000::/3): neither Teredo nor examples.
            (first & 0xe000) == 0x2000 && (first, second) != (0x2001, 0) && (first, second) != (0x2001, 0xdb8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_inside_is_asked() {
        for outside in ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2002:808:808::1"] {
            assert!(is_outside(outside.parse().unwrap()), "{outside}");
        }
        for inside in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:a00:1::1",
        ] {
            assert!(!is_outside(inside.parse().unwrap()), "{inside}");
        }
        for (url, may) in [
            ("https://10.0.0.1/c", false),
            ("https://[fd00::1]/c", false),
            ("https://169.254.169.254/latest", false),
            ("http://127.0.0.1:9/c", true),
            ("https://app.example/c", true),
        ] {
            assert_eq!(may_be_asked(&url.parse().unwrap()), may, "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_followed() {
        let found = Outside.resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
        assert!(Outside.resolve("127.0.0.1".parse().unwrap()).await.is_err());
    }
}
