//! The issuer of a Clerk application: the address of its Frontend API.

use crate::auth::kit::WebAddress;
use crate::seam::SetupError;
use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Publishable keys come with padding and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The issuer that the settings name, each in its own way. An issuer that is given on this machine stands for the others,
/// as for a trial; else all that are given must name the same one.
pub(super) fn issuer(
    publishable_key: Option<&str>,
    domain: Option<&str>,
    given: Option<&WebAddress>,
) -> Result<WebAddress, SetupError> {
    let named = [
        ("publishable_key", publishable_key.map(of_key).transpose()?),
        ("domain", domain.map(of_domain).transpose()?),
    ];
    if let Some(given) = given {
        if given.url().query().is_some() || given.as_str().ends_with('/') {
            return Err(SetupError::at(&["issuer"], "an issuer of Clerk has no `?` and no `/` at its end"));
        }
        if given.is_loopback() {
            return Ok(given.clone());
        }
    }
    let mut all = named.into_iter().filter_map(|(key, issuer)| Some((key, issuer?)));
    let all = all.by_ref().chain(given.map(|given| ("issuer", given.clone())));
    let mut found: Option<(&str, WebAddress)> = None;
    for (key, issuer) in all {
        match &found {
            Some((other, known)) if *known != issuer => {
                let (known, issuer) = (known.as_str(), issuer.as_str());
                let message =
                    format!("names the issuer {issuer}, and `{other}` names {known}: take one away");
                return Err(SetupError::at(&[key], message));
            }
            Some(_) => {}
            None => found = Some((key, issuer)),
        }
    }
    found.map(|(_, issuer)| issuer).ok_or_else(|| {
        let message = "nothing names your Clerk application: set `publishable_key` (CLERK_PUBLISHABLE_KEY; in Clerk's \
                       dashboard under API Keys), `domain` (CLERK_DOMAIN) or `issuer`";
        SetupError::at(&[], message)
    })
}

/// The host that a publishable key holds, with a dollar sign behind it.
fn of_key(key: &str) -> Result<WebAddress, SetupError> {
    let coded = key.strip_prefix("pk_test_").or_else(|| key.strip_prefix("pk_live_"));
    let host = coded.and_then(|coded| {
        let coded = coded.replace('-', "+").replace('_', "/");
        let host = String::from_utf8(BASE64.decode(coded).ok()?).ok()?;
        https(host.strip_suffix('$')?)
    });
    let message = "is no publishable key of Clerk: those begin with `pk_test_` or `pk_live_` and hold a host";
    host.ok_or_else(|| SetupError::at(&["publishable_key"], message))
}

fn of_domain(domain: &str) -> Result<WebAddress, SetupError> {
    let message = "expected a host alone, as in `clerk.example.com`";
    https(domain).ok_or_else(|| SetupError::at(&["domain"], message))
}

/// `https://` and a host; none where it is anything but a host with a name, as keys are fetched from there.
fn https(host: &str) -> Option<WebAddress> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let label = |label: &str| {
        let ends = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && label.len() <= 63 && label.bytes().all(fits) && !ends
    };
    let (_, top) = host.rsplit_once('.')?;
    let named =
        host.len() <= 253 && host.split('.').all(label) && top.starts_with(|c: char| c.is_ascii_alphabetic());
    if named { WebAddress::parse(&format!("https://{host}")).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(host: &str) -> String {
        format!("pk_test_{}", BASE64.encode(host))
    }

    fn told(key: Option<&str>, domain: Option<&str>, given: Option<&str>) -> Result<String, Vec<String>> {
        let given = given.map(|given| WebAddress::parse(given).unwrap());
        issuer(key, domain, given.as_ref())
            .map(|issuer| issuer.as_str().to_owned())
            .map_err(|error| error.key)
    }

    #[test]
    fn a_publishable_key_holds_a_host() {
        let issuer = Ok("https://sure-fox-1.clerk.accounts.dev".to_owned());
        let padded = key("sure-fox-1.clerk.accounts.dev$");
        for key in [padded.as_str(), padded.trim_end_matches('='), &padded.replace("pk_test_", "pk_live_")] {
            assert_eq!(told(Some(key), None, None), issuer, "{key}");
        }
        for host in [
            "",
            "$",
            "clerk.example.com",
            "clerk.example.com$$",
            "a.b/c$",
            "u@clerk.example.com$",
            "a.b:80$",
            "localhost$",
            "127.0.0.1$",
            "a..b$",
            ".a.b$",
            "-a.b$",
            "a.b.$",
            "A.b$",
            "é.b$",
            "a.b?c$",
            "a.b#c$",
            "a b.c$",
            "a.b\n$",
            "[::1]$",
            "a_b.c$",
        ] {
            assert_eq!(told(Some(&key(host)), None, None), Err(vec!["publishable_key".into()]), "{host}");
        }
        for bad in ["", "pk_test_", "pk_test_%", "sk_test_x", &padded.replace("pk_test_", "pk_prod_")] {
            assert_eq!(told(Some(bad), None, None), Err(vec!["publishable_key".into()]), "{bad}");
        }
    }

    #[test]
    fn all_that_name_an_issuer_name_the_same() {
        let key = key("clerk.example.com$");
        let same = Ok("https://clerk.example.com".to_owned());
        assert_eq!(told(Some(&key), Some("clerk.example.com"), Some("https://clerk.example.com")), same);
        assert_eq!(told(None, Some("clerk.example.com"), None), same);
        assert_eq!(told(None, None, Some("https://clerk.example.com")), same);
        assert_eq!(told(Some(&key), Some("id.example.com"), None), Err(vec!["domain".into()]));
        assert_eq!(told(Some(&key), None, Some("https://id.example.com")), Err(vec!["issuer".into()]));
        assert_eq!(told(None, Some("https://clerk.example.com"), None), Err(vec!["domain".into()]));
        assert_eq!(told(None, None, Some("https://clerk.example.com/")), Err(vec!["issuer".into()]));
        assert_eq!(told(None, None, None), Err(vec![]));
        let here = "http://127.0.0.1:9";
        assert_eq!(told(Some(&key), None, Some(here)), Ok(here.into()));
    }
}
