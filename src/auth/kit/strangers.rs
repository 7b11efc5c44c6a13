//! Addresses that somebody unknown names: asked only outside of the network that this machine is in, so that nobody
//! reaches through us what they cannot reach themselves. This machine itself is for those who may name it.

use crate::seam::{self, is_here, outside};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::{net::SocketAddr, sync::Arc};
use url::Url;

/// Finds addresses outside of this network alone, and of `localhost` those of this machine.
pub(super) struct Outside(Arc<dyn Resolve>);

impl Outside {
    pub(super) fn resolver() -> Arc<dyn Resolve> {
        Arc::new(Self(outside()))
    }
}

impl Resolve for Outside {
    fn resolve(&self, name: Name) -> Resolving {
        if name.as_str() != "localhost" {
            return self.0.resolve(name);
        }
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let here: Vec<SocketAddr> = found.filter(|address| address.ip().is_loopback()).collect();
            let here: Addrs = Box::new(here.into_iter());
            Ok(here)
        })
    }
}

/// Whether a URL that holds its address may be asked; a name is found out about by [`Outside`].
pub(super) fn may_be_asked(url: &Url) -> bool {
    is_here(url) || seam::may_be_asked(url).is_ok()
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
        let found = Outside(outside()).resolve("localhost".parse().unwrap()).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
        assert!(Outside(outside()).resolve("127.0.0.1".parse().unwrap()).await.is_err());
    }
}
