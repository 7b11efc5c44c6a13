//! The tools that ask.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::Mutex};
use twenty_mcp::seam::{Call, Choice, Effect, Form, Task, Tool, ToolEntry, ToolError};

/// How often each thing was deleted.
static DELETED: Mutex<Option<HashMap<String, u32>>> = Mutex::new(None);

/// How often this was deleted.
pub fn deleted(what: &str) -> u32 {
    DELETED.lock().unwrap().as_ref().and_then(|all| all.get(what)).copied().unwrap_or(0)
}

fn delete(what: &str) -> String {
    *DELETED.lock().unwrap().get_or_insert_default().entry(what.to_owned()).or_default() += 1;
    format!("Deleted {what}.")
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Sure {
    yes: bool,
}

#[derive(Deserialize, schemars::JsonSchema)]
struct Named {
    /// Your name
    name: String,
}

/// Delete something.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Delete {
    what: String,
    #[expect(dead_code, reason = "its schema alone is looked at")]
    note: Option<Value>,
}

impl Tool for Delete {
    const NAME: &'static str = "delete";
    const EFFECT: Effect = Effect::Delete;
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let sure: Sure = cx.elicit("sure", format!("Delete {}?", self.what)).await?.accepted()?;
        if !sure.yes {
            return Ok("Kept.".into());
        }
        let _act = cx.commit().await?;
        Ok(delete(&self.what))
    }
}

/// Destroy something, without a question of its own.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Guarded {
    what: String,
}

impl Tool for Guarded {
    const NAME: &'static str = "guarded";
    const EFFECT: Effect = Effect::Destroy;
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let _act = cx.commit().await?;
        Ok(delete(&self.what))
    }
}

/// Ask three things at once.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Many {}

impl Tool for Many {
    const NAME: &'static str = "many";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let name = cx.elicit::<Named>("user_name", "What is your name?");
        let (name, said, roots) =
            tokio::try_join!(name, cx.sample("greeting", "Generate a greeting"), cx.roots("client_roots"))?;
        let root = roots.first().map(|root| root.uri.clone()).unwrap_or_default();
        Ok(format!("{}, {}, from {root}", said.text, name.accepted()?.name))
    }
}

/// Ask one thing after the other.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Steps {}

impl Tool for Steps {
    const NAME: &'static str = "steps";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let first: Named = cx.elicit("step1", "Step 1: What is your name?").await?.accepted()?;
        let second: Named = cx.elicit("step2", format!("{}, and whose?", first.name)).await?.accepted()?;
        Ok(format!("{} of {}", first.name, second.name))
    }
}

/// Ask with a schema of its own, and for a page.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Own {
    page: bool,
}

impl Tool for Own {
    const NAME: &'static str = "own";
    type Pack = ();
    type Output = Map<String, Value>;

    async fn call(self, (): &(), cx: Call) -> Result<Self::Output, ToolError> {
        if self.page {
            cx.elicit_url("page", "Sign in", "https://id.example/go").await?.accepted()?;
            return Ok(Map::new());
        }
        let status = json!({ "type": "string", "enum": ["active", "inactive"], "default": "active" });
        let legacy = json!({ "type": "string", "enum": ["a", "b"], "enumNames": ["A", "B"] });
        let schema = json!({ "type": "object", "properties": { "status": status, "legacy": legacy, "name": { "type": "string" } } });
        cx.elicit_form("own", "Fill in", Form::raw(schema)?).await?.accepted()
    }
}

/// Ask somebody who never answers.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Wait {}

impl Tool for Wait {
    const NAME: &'static str = "wait";
    type Pack = ();
    type Output = bool;

    async fn call(self, (): &(), cx: Call) -> Result<bool, ToolError> {
        Ok(cx.elicit::<Sure>("wait", "Wait?").await?.accepted()?.yes)
    }
}

/// Delete something in the background, after two questions at once.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Long {
    what: String,
}

impl Tool for Long {
    const NAME: &'static str = "long";
    const EFFECT: Effect = Effect::Delete;
    const TASK: Task = Task::Require;
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        tokio::try_join!(cx.elicit::<Sure>("first", "First?"), cx.elicit::<Sure>("second", "Second?"))?;
        let act = cx.commit().await?;
        act.progress(1.0, None, "deleting").await;
        Ok(delete(&self.what))
    }
}

/// Ask first, and delete in the background.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Later {
    what: String,
}

impl Tool for Later {
    const NAME: &'static str = "later";
    const EFFECT: Effect = Effect::Delete;
    const TASK: Task = Task::OnCommit;
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let _: Sure = cx.elicit("sure", "Sure?").await?.accepted()?;
        let _act = cx.commit().await?;
        tokio::time::sleep(std::time::Duration::from_millis(900)).await;
        Ok(delete(&self.what))
    }
}

/// Fail in the background.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Fails {
    fault: bool,
}

impl Tool for Fails {
    const NAME: &'static str = "fails";
    const TASK: Task = Task::Offer;
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), _: Call) -> Result<String, ToolError> {
        Err(if self.fault { ToolError::internal("a fault") } else { ToolError::conflict("a clash") })
    }
}

/// Take something that could be several.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct Pick {
    what: String,
}

impl Tool for Pick {
    const NAME: &'static str = "pick";
    type Pack = ();
    type Output = String;

    async fn call(self, (): &(), cx: Call) -> Result<String, ToolError> {
        let _: Sure = cx.elicit("first", "Shall I?").await?.accepted()?;
        if let Some(chosen) = cx.chosen().get(&self.what) {
            return Ok(format!("Took {chosen}."));
        }
        let options = ["1", "2"].map(|id| (id.to_owned(), format!("{} {id}", self.what)));
        let (key, message) = (self.what.clone(), format!("Which {}?", self.what));
        let choice = Choice { key, message, options: options.into() };
        Err(ToolError::ambiguous("could be any of 2").or_choose(choice))
    }
}

static DELETE: ToolEntry = ToolEntry::of::<Delete>(module_path!(), 1);
static GUARDED: ToolEntry = ToolEntry::of::<Guarded>(module_path!(), 2);
static MANY: ToolEntry = ToolEntry::of::<Many>(module_path!(), 3);
static STEPS: ToolEntry = ToolEntry::of::<Steps>(module_path!(), 4);
static OWN: ToolEntry = ToolEntry::of::<Own>(module_path!(), 5);
static WAIT: ToolEntry = ToolEntry::of::<Wait>(module_path!(), 6);

static LONG: ToolEntry = ToolEntry::of::<Long>(module_path!(), 7);
static LATER: ToolEntry = ToolEntry::of::<Later>(module_path!(), 8);
static FAILS: ToolEntry = ToolEntry::of::<Fails>(module_path!(), 9);

static PICK: ToolEntry = ToolEntry::of::<Pick>(module_path!(), 10);

pub static ALL: [&ToolEntry; 10] =
    [&DELETE, &GUARDED, &MANY, &STEPS, &OWN, &WAIT, &LONG, &LATER, &FAILS, &PICK];
