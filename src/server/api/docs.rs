//! `/docs`: the description as a page on which people try it, with their own token. It loads nothing from elsewhere, and
//! may not: its policy allows this server alone, and no script in the markup.

use super::asset::Asset;
use poem::Route;

/// What the page may load.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
    base-uri 'none'; form-action 'none'";

/// Puts the page and what it loads among the routes.
pub fn docs(routes: Route) -> Route {
    routes
        .at("/docs", Asset::new("text/html; charset=utf-8", include_str!("docs/page.html")).within(POLICY))
        .at("/docs/page.css", Asset::new("text/css; charset=utf-8", include_str!("docs/page.css")))
        .at("/docs/page.js", Asset::new("text/javascript; charset=utf-8", include_str!("docs/page.js")))
}
