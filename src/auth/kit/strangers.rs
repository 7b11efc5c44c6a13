//! Addresses that somebody unknown names: asked only outside of the network that this machine is in, so that nobody
//! reaches through us what they cannot reach themselves. This machine itself is for those who may name it.

use crate::seam::is_outside;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{net::SocketAddr, sync::Arc};
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_inside_is_asked_but_this_machine() {
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
