//! Companies by what is said of them.

use super::company::{Companies, company};
use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        listing::Paging,
        pack::Twenty,
        records::{
            part::{Role, part},
            search::every_word,
        },
    },
};
use serde::Deserialize;

/// Find companies by name or domain; every word must match. Newest first.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct SearchCompanies {
    query: String,
    #[serde(flatten)]
    paging: Paging,
}
crate::register!(SearchCompanies);

impl Tool for SearchCompanies {
    const NAME: &'static str = "search_companies";
    type Pack = Twenty;
    type Output = Companies;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Companies, ToolError> {
        let records = twenty.records(&cx).await?;
        let object = records.object("company")?;
        let domain = part(object, Role::Domain).map(|part| match part.field.kind.as_str() {
            "LINKS" => vec![part.field.name.as_str(), "primaryLinkUrl"],
            _ => vec![part.field.name.as_str()],
        });
        let places: Vec<&[&str]> = [&["name"][..]].into_iter().chain(domain.as_deref()).collect();
        let words: Vec<&str> = self.query.split_whitespace().map(bare).collect();
        let filter = every_word(&words.join(" "), &places);
        let (page, companies) = records.piece(&cx, object, filter, self.paging, company).await?;
        Ok(Companies { page, companies })
    }

    fn text(companies: &Companies) -> Option<String> {
        Some(companies.to_string())
    }
}

/// A web address as any company may have it: without its scheme, `www.` and the last slash.
fn bare(word: &str) -> &str {
    let Some(rest) = word.strip_prefix("https://").or_else(|| word.strip_prefix("http://")) else {
        return word;
    };
    rest.strip_prefix("www.").unwrap_or(rest).trim_end_matches('/')
}
