//! Resources, prompts and completions at their bounds.
use crate::seam::{
    Annotations, Arguments, Call, Change, Completed, Completion, Content, Contents, Icon, Messages, Prompt,
    Resource, ResourceBody, ResourceLink, Role, Tool, ToolError,
};

/// A dot.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Dot;
crate::register!(resource Dot);

impl Resource for Dot {
    const URI: &'static str = "gallery://dot";
    const NAME: &'static str = "red_dot";
    const MIME: &'static str = "image/png";
    const ICONS: &'static [Icon] = &[Icon::new("https://example.com/dot.png").sizes(&["any"])];
    const ANNOTATIONS: Annotations = Annotations::NONE.only_for(Role::User).priority(0.5);
    type Pack = ();

    async fn read(self, (): &(), _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::bytes([0, 1, 2]))
    }
}

/// A picture of the gallery.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Picture {
    /// Its number.
    #[schemars(regex(pattern = "^[a-z0-9]+$"))]
    number: String,
}
crate::register!(resource Picture);

impl Resource for Picture {
    const URI: &'static str = "gallery://{number}";
    const NAME: &'static str = "picture";
    const MIME: &'static str = "application/json";
    type Pack = ();

    async fn read(self, (): &(), cx: Call) -> Result<ResourceBody, ToolError> {
        match self.number.as_str() {
            "large" => Ok(ResourceBody::text("x".repeat((8 << 20) + 1))),
            "broken" => panic!("a picture fell from the wall"),
            "closed" => Err(ToolError::denied("this room is closed").hint("come back tomorrow")),
            "slow" => {
                cx.cancelled.cancelled().await;
                Ok(ResourceBody::text(""))
            }
            number => match number.parse::<u32>() {
                Ok(number) if number < 1500 => {
                    Ok(ResourceBody::json(&serde_json::json!({ "number": number })))
                }
                _ => Err(ToolError::not_found("there is no such picture")),
            },
        }
    }

    async fn list((): &(), _: Call) -> Result<Vec<ResourceLink>, ToolError> {
        Ok((0..1500).map(|n| ResourceLink::new(format!("gallery://{n}"), format!("picture {n}"))).collect())
    }
}

/// A room that nobody finds.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Hidden {
    /// Its floor.
    floor: String,
    /// Its door.
    door: String,
}
crate::register!(resource Hidden);

impl Resource for Hidden {
    const URI: &'static str = "rooms://{floor}/{door}";
    const NAME: &'static str = "hidden";
    type Pack = ();

    async fn read(self, (): &(), _: Call) -> Result<ResourceBody, ToolError> {
        Ok(ResourceBody::text(format!("{} on {}", self.door, self.floor)))
    }

    async fn list((): &(), _: Call) -> Result<Vec<ResourceLink>, ToolError> {
        Err(ToolError::upstream("the plan of the house is lost"))
    }
}

/// How to look at a picture.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Light {
    Daylight,
    Dusk,
    Dark,
}

/// Look at a picture.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Look {
    /// The picture's number.
    picture_number: String,
    /// The light to see it in.
    light: Option<Light>,
}
crate::register!(prompt Look);

impl Prompt for Look {
    const NAME: &'static str = "look";
    const TITLE: Option<&'static str> = Some("Look closely");
    type Pack = ();

    async fn get(self, (): &(), _: Call) -> Result<Messages, ToolError> {
        let uri = format!("gallery://{}", self.picture_number);
        if self.picture_number == "none" {
            return Err(ToolError::not_found("there is no such picture"));
        }
        let light = match self.light {
            Some(Light::Dusk) => "dusk",
            Some(Light::Dark) => "dark",
            Some(Light::Daylight) | None => "daylight",
        };
        let seen =
            Content::resource(uri, ResourceBody::text("a face")).annotated(Annotations::NONE.priority(1.0));
        Ok(Messages::new().user(seen).user(format!("What is this, by {light}?")).assistant("I see"))
    }
}

/// Begin the tour.
#[derive(serde::Deserialize, schemars::JsonSchema)]
pub struct Tour;
crate::register!(prompt Tour);

impl Prompt for Tour {
    const NAME: &'static str = "tour";
    type Pack = ();

    async fn get(self, (): &(), _: Call) -> Result<Messages, ToolError> {
        Ok(Messages::new().user("Show me around.").describe("The short tour").meta("gallery/rooms", 7))
    }
}

/// Completes doors, which differ from floor to floor.
pub struct Doors;
crate::register!(completion Doors);

impl Completion for Doors {
    const OF: &'static [Completed] =
        &[Completed::resource(Hidden::URI, "door"), Completed::prompt("look", "pictureNumber")];
    type Pack = ();

    async fn complete(typed: &str, given: &Arguments, (): &(), _: Call) -> Result<Vec<String>, ToolError> {
        if typed == "fail" {
            return Err(ToolError::upstream("the plan of the house is lost"));
        }
        let floor = given.get("floor").unwrap_or("0");
        Ok((0..250).map(|n| format!("{typed}{floor}-{n}")).collect())
    }
}

/// Paint a picture anew.
#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repaint {
    /// The picture's number, or `all`.
    number: String,
}
crate::register!(Repaint);

impl Tool for Repaint {
    const NAME: &'static str = "repaint";
    type Pack = ();
    type Output = Contents;

    async fn call(self, (): &(), cx: Call) -> Result<Contents, ToolError> {
        match self.number.as_str() {
            "all" => [Change::Tools, Change::Prompts, Change::Resources]
                .into_iter()
                .for_each(|all| cx.changed(all)),
            number => cx.changed(Change::Resource(format!("gallery://{number}"))),
        }
        Ok(Contents::new().with("done").with(ResourceLink::new("gallery://dot", "dot").mime("image/png")))
    }
}
