//! Everybody who tries to get in by another way.

use super::{Browser, KEY, Place};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn another_user_gets_nowhere_and_nothing_is_stored() {
    let place = Place::start();
    let (ann, ben) = (place.token("ann"), place.token("ben"));
    let link = place.link(&ann).await;
    let browser = Browser::new();
    let back = browser.returns(&place, &link, "ben").await;
    let refused = browser.get(&back).await;
    refused.says(403, "This link is not for you");
    assert!(!refused.body.contains("ann"), "whose it is is nobody's business");
    assert!(browser.cookies.borrow().is_empty());
    browser.get(&place.at("/connect")).await.says(400, "There is nothing to do here");
    let typed = [("csrf_token", ""), ("key", KEY), ("base_url", "")];
    browser.post(&place.at("/connect"), &typed, &[]).await.says(400, "There is nothing to do here");
    assert!(!place.works(&ann).await && !place.works(&ben).await);
    // The link is still good for whom it was made for.
    Browser::new().arrives(&place, &link, "ann").await.says(200, "Connect your Twenty key");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_changed_used_or_made_elsewhere_is_refused() {
    let (place, other) = (Place::start(), Place::start());
    let ann = place.token("ann");
    let link = place.link(&ann).await;
    let browser = Browser::new();
    let handle = link.split("e=").nth(1).unwrap().to_owned();
    let turned = handle.chars().rev().collect::<String>();
    let changed = format!("{}{}", if handle.starts_with('A') { 'B' } else { 'A' }, &handle[1..]);
    for wrong in [&handle[1..], &changed, &turned, "x", &"A".repeat(5000), "%00", "%0d%0aset-cookie:%20a=b"] {
        let refused = browser.get(&place.at(&format!("/connect?e={wrong}"))).await;
        refused.says(400, "This link does not work");
        assert_eq!(refused.header("set-cookie"), "", "{wrong}");
    }
    let elsewhere = browser.get(&other.at(&format!("/connect?e={handle}"))).await;
    // Both have the same secret and another name: whoever has signed in at one is somebody else to the other.
    elsewhere.says(400, "This link does not work");
    for none in ["/connect", "/connect?e=", &format!("/connect?e={handle}&e={handle}")] {
        browser.get(&place.at(none)).await.says(400, "There is nothing to do here");
    }

    let form = browser.arrives(&place, &link, "ann").await;
    let typed = [("csrf_token", form.hidden()), ("key", KEY), ("base_url", "")];
    let second = place.link(&ann).await;
    let carried = browser.cookies.borrow().clone();
    browser.post(&place.at("/connect"), &typed, &[]).await.says(200, "Your key is stored");
    // The same form again, by a browser that was told to forget and does not.
    browser.cookies.replace(carried);
    browser.post(&place.at("/connect"), &typed, &[]).await.says(410, "This link was used already");
    Browser::new().get(&link).await.says(410, "This link was used already");
    // A link that was made before the key was stored is over with it.
    let late = Browser::new();
    late.arrives(&place, &second, "ann").await.says(410, "This link was used already");
    assert!(place.works(&ann).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_page_or_browser_stores_nothing() {
    let place = Place::start();
    let ann = place.token("ann");
    let link = place.link(&ann).await;
    let browser = Browser::new();
    let form = browser.arrives(&place, &link, "ann").await;
    let (proof, page) = (form.hidden().to_owned(), place.at("/connect"));
    let typed = |proof| [("csrf_token", proof), ("key", KEY), ("base_url", "")];
    for foreign in [
        &[("origin", "https://evil.example")][..],
        &[("origin", "null"), ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
    ] {
        let refused = browser.post(&page, &typed(&proof), foreign).await;
        refused.says(403, "This form was not sent by this page");
        assert_eq!(refused.header("access-control-allow-origin"), "");
    }
    let longer = format!("{proof}x");
    for wrong in ["", "x", &longer] {
        browser.post(&page, &typed(wrong), &[]).await.says(403, "This form was not sent by this page");
    }
    // The proof of one browser is none of another's, though both are Ann's.
    let other = Browser::new();
    other.arrives(&place, &link, "ann").await.says(200, "Connect your Twenty key");
    other.post(&page, &typed(&proof), &[]).await.says(403, "This form was not sent by this page");
    Browser::new().post(&page, &typed(&proof), &[]).await.says(400, "There is nothing to do here");
    for (kind, body) in [
        ("text/plain", "key=k"),
        ("application/json", "{}"),
        ("application/x-www-form-urlencoded", "key=a&key=b"),
    ] {
        let sent = browser.send(Method::POST, &page, &[("content-type", kind)], body.into()).await;
        sent.says(400, "This form cannot be read");
    }
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let huge = browser.send(Method::POST, &page, &[kind], format!("key={}", "x".repeat(70_000))).await;
    assert_eq!(huge.status, 413);
    let put = browser.send(Method::PUT, &page, &[], String::new()).await;
    assert_eq!((put.status, put.header("allow")), (405, "GET, POST"));
    let posted = browser.post(&place.at("/connect/callback"), &[], &[]).await;
    assert_eq!((posted.status, posted.header("allow")), (405, "GET"));
    assert!(!place.works(&ann).await);
    // After all of that the page itself still works.
    browser.post(&page, &typed(&proof), &[]).await.says(200, "Your key is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_of_another_browser_or_client_is_none() {
    let place = Place::start();
    let ann = place.token("ann");
    let link = place.link(&ann).await;
    let (browser, other) = (Browser::new(), Browser::new());
    let back = browser.returns(&place, &link, "ann").await;
    // Another browser has its own state, or none.
    other.get(&back).await.says(400, "There is nothing to do here");
    other.get(&link).await.to();
    other.get(&back).await.says(400, "This sign-in was not begun here");
    // One's own state, with what was given to another, or with nothing.
    let address = other.get(&link).await.to();
    let state = address.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let code = back.split("code=").nth(1).unwrap().split('&').next().unwrap();
    let issuer = url::form_urlencoded::byte_serialize(place.server.url.as_bytes()).collect::<String>();
    let came = |query: String| place.at(&format!("/connect/callback?{query}"));
    for (query, heading) in [
        (format!("state={state}&code={code}&iss={issuer}"), "You are not signed in"),
        (format!("state={state}&code={code}"), "You are not signed in"),
        (format!("state={state}&code={code}&iss=https%3A%2F%2Fevil.example"), "You are not signed in"),
        (format!("state={state}&error=access_denied&iss={issuer}"), "You are not signed in"),
        (format!("state={state}&state={state}&code={code}"), "This sign-in was not begun here"),
        (format!("code={code}"), "This sign-in was not begun here"),
    ] {
        other.get(&came(query)).await.says(400, heading);
    }
    // A code that was tried with another verifier is still the first browser's, or is taken back: never a way in twice.
    let first = browser.get(&back).await;
    if first.status == 303 {
        browser.get(&back).await.says(400, "This sign-in was not begun here");
    }
    assert!(!place.works(&ann).await);
    // Nobody gets tokens as the server's own client, or sends its people elsewhere.
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "twenty-mcp"),
        ("code", code),
        ("code_verifier", &"v".repeat(43)),
    ];
    let refused = other.post(&place.at("/oauth/token"), &form, &[]).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    let elsewhere = place.at("/oauth/authorize?response_type=code&client_id=twenty-mcp&redirect_uri=https%3A%2F%2Fevil.example%2Fconnect%2Fcallback");
    assert_eq!(other.get(&elsewhere).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_some_keys_a_link_takes_no_more() {
    let place = Place::start();
    let link = place.link(&place.token("ann")).await;
    let browser = Browser::new();
    let form = browser.arrives(&place, &link, "ann").await;
    let typed = [("csrf_token", form.hidden()), ("key", "no key"), ("base_url", "")];
    let mut last = 400;
    for _ in 0..12 {
        last = browser.post(&place.at("/connect"), &typed, &[]).await.status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
}
