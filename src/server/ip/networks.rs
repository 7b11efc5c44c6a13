//! Sets of addresses, as the operator lists them.

use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

/// The bits of an IPv6 prefix that say nothing but that an IPv4 address follows (RFC 4291, section 2.5.5.2).
const MAPPED: u8 = 96;

/// Addresses and networks. An IPv4 address written as an IPv6 one (`::ffff:10.0.0.1`) is the same address.
#[derive(Clone, Debug, Default)]
pub(super) struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads a list of addresses and networks.
    ///
    /// # Errors
    /// The position of the first that is neither.
    pub(super) fn parse(texts: &[String]) -> Result<Self, usize> {
        let nets = texts.iter().enumerate().map(|(index, text)| parse(text).ok_or(index));
        nets.collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Whether an address is in the set.
    pub(super) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// Whether nothing is in the set.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every address of IPv4 or of IPv6 is in the set.
    pub(super) fn hold_everything(&self) -> bool {
        self.0.iter().any(|net| net.prefix_len() == 0)
    }
}

fn parse(text: &str) -> Option<IpNet> {
    let net = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    let IpNet::V6(six) = net else { return Some(net) };
    match (six.prefix_len().checked_sub(MAPPED), six.addr().to_ipv4_mapped()) {
        (Some(bits), Some(four)) => Ipv4Net::new(four, bits).ok().map(IpNet::V4),
        _ => Some(net),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(list: &[&str], address: &str) -> bool {
        let list: Vec<String> = list.iter().map(ToString::to_string).collect();
        Networks::parse(&list).unwrap().contain(address.parse().unwrap())
    }

    #[test]
    fn networks_hold_their_addresses_and_no_others() {
        for (list, inside, outside) in [
            (&["10.0.0.0/8"][..], "10.255.0.1", "11.0.0.0"),
            (&["10.1.2.3/8"], "10.0.0.0", "9.255.255.255"),
            (&["192.168.1.100"], "192.168.1.100", "192.168.1.101"),
            (&["192.168.1.128/25"], "192.168.1.128", "192.168.1.127"),
            (&["2001:db8::/32"], "2001:db8:ffff::1", "2001:db9::1"),
            (&["::1"], "::1", "127.0.0.1"),
            (&["0.0.0.0/0"], "8.8.8.8", "2001:db8::1"),
            (&["::/0"], "2001:db8::1", "8.8.8.8"),
            (&["172.16.0.0/12", "fd00::/8"], "fdff::1", "172.32.0.1"),
        ] {
            assert!(hold(list, inside), "{list:?} {inside}");
            assert!(!hold(list, outside), "{list:?} {outside}");
        }
    }

    #[test]
    fn an_ipv4_address_written_as_ipv6_is_the_same_address() {
        assert!(hold(&["10.0.0.0/8"], "::ffff:10.1.2.3"));
        assert!(hold(&["::ffff:10.0.0.0/104"], "10.1.2.3"));
        assert!(!hold(&["::ffff:10.0.0.0/104"], "11.1.2.3"));
        assert!(hold(&["::ffff:10.0.0.1"], "10.0.0.1"));
        assert!(!hold(&["::a00:1"], "10.0.0.1"), "the deprecated form is IPv6");
    }

    #[test]
    fn what_is_no_network_is_told_by_its_position() {
        let list = ["10.0.0.0/8".to_owned(), "10.0.0.0/33".to_owned()];
        assert_eq!(Networks::parse(&list).unwrap_err(), 1);
    }
}
