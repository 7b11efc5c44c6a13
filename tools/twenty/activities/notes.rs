//! Notes, and comments: notes on a record that are titled so, as Twenty has no comments of its own.

use super::{
    jotting::{Jotting, jot, made, values},
    read::COMMENT,
    target::{Hook, On},
};
use crate::{
    seam::{Call, Effect, Tool, ToolError},
    tools::twenty::{
        changes::{draft::Draft, plan::Planning, written::Written},
        pack::Twenty,
    },
};
use serde::Deserialize;

/// A new note. Whose it is Twenty notes itself, but for workspaces that keep an author of their own.
fn note(
    draft: &mut Draft<'_>,
    title: Option<&str>,
    body: &str,
    author: Option<&str>,
    hook: Option<&Hook>,
) -> Result<(), ToolError> {
    let note = draft.object("note")?;
    let mut values = values(note, title, Some(body));
    if let Some(author) = author {
        if note.joined_by("authorId").is_none() {
            return Err(ToolError::input("`authorId` cannot be set: Twenty itself notes who made a note")
                .hint("leave it out: the author is the owner of the API key; name others in `body`"));
        }
        values = values.set("authorId", Some(author.to_owned()));
    }
    jot(draft, note, &values.done()?, hook)
}

/// Create a note, on a record or on none.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateNote {
    title: Option<String>,
    /// Markdown.
    body: String,
    /// Refused where Twenty sets it.
    author_id: Option<String>,
    #[serde(flatten)]
    on: On,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateNote);

impl Tool for CreateNote {
    const NAME: &'static str = "create_note";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Jotting>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Jotting>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let hook = self.on.hook(writer.records(), &cx, None).await?;
        let written = writer.write(cx, |draft| {
            note(draft, self.title.as_deref(), &self.body, self.author_id.as_deref(), hook.as_ref())
        });
        made(written.await?, "note", hook.as_ref())
    }

    fn text(note: &Written<Jotting>) -> Option<String> {
        Some(note.told("Created"))
    }
}

/// Comment on a record: a note titled "Comment" on it.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateComment {
    body: String,
    /// Refused where Twenty sets it.
    author_id: Option<String>,
    /// Id of any record, when its type is unknown.
    activity_target_id: Option<String>,
    #[serde(flatten)]
    on: On,
    #[serde(flatten)]
    planning: Planning,
}
crate::register!(CreateComment);

impl Tool for CreateComment {
    const NAME: &'static str = "create_comment";
    const EFFECT: Effect = Effect::Create;
    type Pack = Twenty;
    type Output = Written<Jotting>;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<Written<Jotting>, ToolError> {
        let writer = twenty.writer(&cx, Self::NAME, &self.planning).await?;
        let other = self.activity_target_id.as_deref().map(|id| ("activityTargetId", id));
        let hook = self.on.hook(writer.records(), &cx, other).await?;
        if hook.is_none() {
            return Err(ToolError::input("a comment is on a record, and none was given").hint(
                "give `targetObjectType` and `targetObjectId`; `create_note` makes a note on nothing",
            ));
        }
        let written = writer.write(cx, |draft| {
            note(draft, Some(COMMENT), &self.body, self.author_id.as_deref(), hook.as_ref())
        });
        made(written.await?, "note", hook.as_ref())
    }

    fn text(comment: &Written<Jotting>) -> Option<String> {
        Some(comment.told("Commented"))
    }
}
