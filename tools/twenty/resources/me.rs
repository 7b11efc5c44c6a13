//! As whom a caller works, and where.

use super::body::json;
use crate::{
    seam::{Call, Principal, Resource, ResourceBody, ToolError, Whose},
    tools::twenty::pack::Twenty,
};
use serde::{Deserialize, Serialize};
use url::Url;

/// Who you are to this server, on which Twenty workspace you work, and with whose key.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Me;
crate::register!(resource Me);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    /// `local` (at this machine), `anonymous` (nobody signed in), or `user`.
    caller: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    /// Whose key is used: the `operator`'s, or the `caller`'s own.
    key: &'a str,
    /// The workspace's address, or `sandbox`.
    workspace: &'a str,
    /// How many objects it has.
    objects: usize,
}

impl Resource for Me {
    const URI: &'static str = "twenty://me";
    const NAME: &'static str = "me";
    const MIME: &'static str = "application/json";
    type Pack = Twenty;

    async fn read(self, twenty: &Twenty, cx: Call) -> Result<ResourceBody, ToolError> {
        let credential = cx.credential().await?;
        let workspace = twenty.workspace(&cx).await?;
        let (caller, user) = match &cx.principal {
            Principal::Local => ("local", None),
            Principal::Anonymous => ("anonymous", None),
            Principal::User(user) => ("user", Some(user)),
        };
        json(&Told {
            caller,
            subject: user.map(|user| user.subject.as_str()),
            issuer: user.map(|user| user.issuer.as_str()),
            key: match credential.whose {
                Whose::Operator => "operator",
                Whose::Caller => "caller",
            },
            workspace: credential.upstream.url().map_or("sandbox", Url::as_str),
            objects: workspace.objects.iter().filter(|object| object.active && !object.system).count(),
        })
    }
}
