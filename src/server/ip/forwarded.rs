//! What proxies say of whom they speak for: `X-Forwarded-For`, and `Forwarded` (RFC 7239).
//!
//! Both are lists to which each proxy adds the address that it was asked from. Who asks can write what he likes to the
//! left of that, so nothing there may decide: neither an address, nor a fault that makes the rest unreadable.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest list that is read, in bytes.
const LONGEST: usize = 4096;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers that proxies add: a request with any of them has come by one.
const SIGNS: [HeaderName; 8] = [
    header::FORWARDED,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("true-client-ip"),
    header::VIA,
];

/// One station of a request's way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hop {
    /// It was asked from here.
    At(IpAddr),
    /// The proxy does not tell, or does not know.
    Hidden,
}

/// A list that no proxy of ours would write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Whether anything in the request shows that it came by a proxy.
pub(super) fn came_by_proxy(headers: &HeaderMap) -> bool {
    SIGNS.iter().any(|name| headers.contains_key(name))
}

/// The hops of `X-Forwarded-For`, the nearest first, read only as far as they are asked for; none without the header.
pub(super) fn x_forwarded_for(headers: &HeaderMap) -> Result<Option<Vec<&str>>, Malformed> {
    let Some(lines) = lines(headers, &X_FORWARDED_FOR)? else { return Ok(None) };
    let mut hops: Vec<&str> = lines.into_iter().flat_map(|line| line.split(',')).map(trimmed).collect();
    hops.reverse();
    Ok(Some(hops))
}

/// One hop of `X-Forwarded-For`: an address, as some proxies write it with its port.
pub(super) fn hop(text: &str) -> Result<Hop, Malformed> {
    if text.eq_ignore_ascii_case("unknown") {
        return Ok(Hop::Hidden);
    }
    // An IPv6 address need not stand in brackets here, so what has several colons is one.
    text.parse::<Ipv6Addr>().map(|six| Hop::At(IpAddr::V6(six).to_canonical())).or_else(|_| node(text))
}

/// The hops of `Forwarded`, the nearest first; none without the header.
pub(super) fn forwarded(headers: &HeaderMap) -> Result<Option<Vec<Hop>>, Malformed> {
    let Some(lines) = lines(headers, &header::FORWARDED)? else { return Ok(None) };
    let mut hops = Vec::new();
    // Each line by itself: a quote that one leaves open must not swallow the next.
    for line in lines {
        for element in split(line, b',')? {
            hops.push(element_for(trimmed(element))?);
        }
    }
    hops.reverse();
    Ok(Some(hops))
}

/// The lines of a header in their order.
fn lines<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<Vec<&'a str>>, Malformed> {
    let values: Vec<&HeaderValue> = headers.get_all(name).iter().collect();
    if values.is_empty() {
        return Ok(None);
    }
    if values.iter().map(|value| value.len()).sum::<usize>() > LONGEST {
        return Err(Malformed);
    }
    values.into_iter().map(|value| value.to_str().map_err(|_| Malformed)).collect::<Result<_, _>>().map(Some)
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Splits at a mark outside of quotes.
fn split(text: &str, mark: u8) -> Result<Vec<&str>, Malformed> {
    let (mut parts, mut rest, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if byte == mark && !quoted => {
                parts.push(text.get(rest..at).ok_or(Malformed)?);
                rest = at + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err(Malformed);
    }
    parts.push(text.get(rest..).ok_or(Malformed)?);
    Ok(parts)
}

/// The `for` of one element; an element without one hides it.
fn element_for(element: &str) -> Result<Hop, Malformed> {
    let (mut names, mut found) = (Vec::new(), Hop::Hidden);
    for pair in split(element, b';')? {
        let (name, value) = trimmed(pair).split_once('=').ok_or(Malformed)?;
        let name = name.to_ascii_lowercase();
        if !is_token(&name) || names.contains(&name) {
            return Err(Malformed);
        }
        let value = value_of(value)?;
        if name == "for" {
            found = node(&value)?;
        }
        names.push(name);
    }
    Ok(found)
}

/// A token, or what a quoted text says.
fn value_of(text: &str) -> Result<String, Malformed> {
    let Some(quoted) = text.strip_prefix('"') else {
        return if is_token(text) { Ok(text.to_owned()) } else { Err(Malformed) };
    };
    let mut said = String::new();
    let mut letters = quoted.chars();
    loop {
        match letters.next().ok_or(Malformed)? {
            '"' => break,
            '\\' => said.push(letters.next().ok_or(Malformed)?),
            letter => said.push(letter),
        }
    }
    if letters.next().is_some() { Err(Malformed) } else { Ok(said) }
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A node with or without its port (RFC 7239, section 6). An address with a zone means something to the proxy's own
/// machine alone, and is refused.
fn node(text: &str) -> Result<Hop, Malformed> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (six, port) = rest.split_once(']').ok_or(Malformed)?;
            let six: Ipv6Addr = six.parse().map_err(|_| Malformed)?;
            let port = if port.is_empty() { None } else { Some(port.strip_prefix(':').ok_or(Malformed)?) };
            (Hop::At(IpAddr::V6(six).to_canonical()), port)
        }
        None => {
            let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
            let hop = match name.parse::<Ipv4Addr>() {
                Ok(four) => Hop::At(four.into()),
                Err(_) if name.eq_ignore_ascii_case("unknown") || is_hidden(name) => Hop::Hidden,
                Err(_) => return Err(Malformed),
            };
            (hop, port)
        }
    };
    match port {
        Some(port) if !is_port(port) && !is_hidden(port) => Err(Malformed),
        _ => Ok(name),
    }
}

fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A name that a proxy makes up so as to tell nothing (RFC 7239, section 6.3).
fn is_hidden(text: &str) -> bool {
    let rest = text.strip_prefix('_').unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(address: &str) -> Hop {
        Hop::At(address.parse().unwrap())
    }

    fn of(name: &str, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.parse::<HeaderName>().unwrap(), line.parse().unwrap());
        }
        headers
    }

    fn read(lines: &[&str]) -> Result<Vec<Hop>, Malformed> {
        forwarded(&of("forwarded", lines)).map(Option::unwrap)
    }

    #[test]
    fn a_hop_is_an_address_in_any_form_that_proxies_write() {
        for (text, hop_) in [
            ("203.0.113.9", at("203.0.113.9")),
            ("203.0.113.9:4711", at("203.0.113.9")),
            ("2001:db8::1", at("2001:db8::1")),
            ("[2001:db8::1]", at("2001:db8::1")),
            ("[2001:db8::1]:443", at("2001:db8::1")),
            ("::ffff:203.0.113.9", at("203.0.113.9")),
            ("[::ffff:cb00:7109]", at("203.0.113.9")),
            ("unknown", Hop::Hidden),
            ("_hidden", Hop::Hidden),
        ] {
            assert_eq!(hop(text), Ok(hop_), "{text}");
        }
        for text in [
            "",
            " ",
            "localhost",
            "203.0.113",
            "203.0.113.09",
            "0xcb007109",
            "3405803785",
            "203.0.113.9:",
            "203.0.113.9:99999",
            "203.0.113.9:+80",
            "203.0.113.9 10.0.0.1",
            "203.0.113.0/24",
            "fe80::1%eth0",
            "[fe80::1%25eth0]",
            "[203.0.113.9]",
            "[::1",
            "::1]",
            "[::1]443",
            "\"203.0.113.9\"",
            "for=203.0.113.9",
            "_",
            "_hid den",
            "203.0.113.9\u{a0}",
        ] {
            assert_eq!(hop(text), Err(Malformed), "{text}");
        }
    }

    #[test]
    fn several_lines_are_one_list_and_the_nearest_hop_comes_first() {
        let headers = of("x-forwarded-for", &["1.1.1.1, 2.2.2.2", "3.3.3.3"]);
        assert_eq!(x_forwarded_for(&headers).unwrap().unwrap(), ["3.3.3.3", "2.2.2.2", "1.1.1.1"]);
        let lines = ["for=1.1.1.1;proto=http, For=\"[2001:db8::1]:80\"", "by=3.3.3.3;for=_b"];
        assert_eq!(read(&lines), Ok(vec![Hop::Hidden, at("2001:db8::1"), at("1.1.1.1")]));
        assert_eq!(x_forwarded_for(&HeaderMap::new()), Ok(None));
        assert_eq!(forwarded(&HeaderMap::new()), Ok(None));
    }

    #[test]
    fn elements_follow_rfc_7239_to_the_letter() {
        for (line, hop) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", at("192.0.2.60")),
            ("FOR=\"192.0.2.60\"", at("192.0.2.60")),
            ("for=\"192.0.2.60:47011\"", at("192.0.2.60")),
            ("for=\"\\192.0.2.60\"", at("192.0.2.60")),
            ("host=\"a,b;c\";for=192.0.2.60", at("192.0.2.60")),
            ("for=unknown", Hop::Hidden),
            ("for=_gazonk", Hop::Hidden),
            ("for=\"_gazonk:_port\"", Hop::Hidden),
            ("proto=https", Hop::Hidden),
        ] {
            assert_eq!(read(&[line]), Ok(vec![hop]), "{line}");
        }
        for line in [
            "",
            ",for=1.1.1.1",
            "for=1.1.1.1,",
            "for=1.1.1.1;",
            "for=1.1.1.1;for=2.2.2.2",
            "for=1.1.1.1;FOR=2.2.2.2",
            "for = 1.1.1.1",
            "for=[2001:db8::1]",
            "for=2001:db8::1",
            "for=\"2001:db8::1\"",
            "for=192.0.2.60:80",
            "for=\"1.1.1.1\"x",
            "for=\"1.1.1.1",
            "for=1.1.1.1\", for=\"2.2.2.2",
            "for",
            "for=",
            "=1.1.1.1",
            "1.1.1.1",
            "for=example.com",
        ] {
            assert_eq!(read(&[line]), Err(Malformed), "{line}");
        }
        assert_eq!(read(&["for=\"x", "for=1.1.1.1", "y\""]), Err(Malformed), "no quote spans lines");
        assert_eq!(read(&[&"for=1.1.1.1,".repeat(400)]), Err(Malformed), "too long");
    }

    proptest! {
        #[test]
        fn any_header_at_all_is_read_without_a_panic(text in "[ -~\t]{0,200}", other in "[,;=\"\\\\\\[\\]:._fFoOrR0-9a-f ]{0,80}") {
            for line in [&text, &other] {
                let Ok(value) = HeaderValue::from_str(line) else { continue };
                let mut headers = HeaderMap::new();
                headers.insert(header::FORWARDED, value.clone());
                headers.insert(X_FORWARDED_FOR, value);
                let _ = forwarded(&headers);
                for text in x_forwarded_for(&headers).unwrap().unwrap() {
                    let _ = hop(text);
                }
            }
        }

        #[test]
        fn what_a_proxy_adds_is_what_is_read_first(said in "[ -~]{0,120}", bits: u128, six: bool, lines: bool) {
            let address = if six { IpAddr::from(bits.to_be_bytes()) } else { IpAddr::from((bits as u32).to_be_bytes()) };
            let join = |added: String| if lines { vec![said.clone(), added] } else { vec![format!("{said}, {added}")] };
            let headers = |name, added| {
                let lines = join(added);
                of(name, &lines.iter().map(String::as_str).collect::<Vec<_>>())
            };
            let headers_x = headers("x-forwarded-for", address.to_string());
            let nearest = x_forwarded_for(&headers_x).unwrap().unwrap().first().map(|text| hop(text));
            prop_assert_eq!(nearest, Some(Ok(Hop::At(address.to_canonical()))));
            let added = if six { format!("for=\"[{address}]\"") } else { format!("for={address}") };
            // Whatever was said before, it is either all refused or the proxy's own word is the nearest.
            if let Ok(hops) = forwarded(&headers("forwarded", added)) {
                prop_assert_eq!(hops.unwrap().first().copied(), Some(Hop::At(address.to_canonical())));
            }
        }
    }
}
