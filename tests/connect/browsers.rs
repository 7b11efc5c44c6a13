//! The whole way in a real browser, in both generations of the protocol.

use super::Place;
use crate::clients::{installed, passes, script};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_leaves_a_key_in_a_browser_and_the_page_is_for_everybody() {
    let Some(chromium) = installed("TWENTY_MCP_TEST_CHROMIUM") else { return };
    let Some((mut client, _scripts)) = script("connect.mjs") else { return };
    let place = Place::start();
    let pictures = tempfile::tempdir().unwrap();
    let shown = std::env::var_os("TWENTY_MCP_TEST_PICTURES").unwrap_or_else(|| pictures.path().into());
    client.arg(chromium).arg(place.server.mcp()).arg(shown);
    for user in ["ann", "ben", "cleo", "dan"] {
        client.arg(place.token(user));
    }
    passes(client);
}
