//! The resources that are served: listed, found by their address, and read.

use super::{
    Incoming, Registry, RegistryError, Unanswered,
    address::Address,
    arguments,
    dispatch::Task,
    home::{self, Home, Homes},
    made::title,
    render,
    served::named,
    texts::Texts,
};
use crate::seam::{Origin, PackEntry, Principal, ResourceBody, ResourceEntry, ResourceLink, ToolError};
use futures_util::future::join_all;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// The most resources that one address with variables may list.
const MOST_LISTED: usize = 1000;

/// A resource, or the resources of an address with variables.
pub struct ServedResource {
    entry: &'static ResourceEntry,
    address: Address,
    texts: Texts,
    definition: Value,
    home: Home,
}

/// What a resource says (MCP 2025-11-25, `TextResourceContents` and `BlobResourceContents`).
#[derive(Debug, Serialize)]
pub struct Read {
    uri: String,
    #[serde(flatten)]
    body: ResourceBody,
}

impl ServedResource {
    fn new(entry: &'static ResourceEntry, address: Address, home: Home) -> Result<Self, RegistryError> {
        let fault =
            |why: String| RegistryError::new(format_args!("{}: `{}` {why}", entry.origin.place(), entry.uri));
        let texts = Texts::of(entry.variables, &format!("`{}`", entry.uri), entry.origin)?;
        let (in_address, in_type): (HashSet<&str>, HashSet<&str>) =
            (address.variables().collect(), texts.names().collect());
        if let Some(lone) = in_address.symmetric_difference(&in_type).next() {
            return Err(fault(format!("and the fields of its struct differ: only one of them has `{lone}`")));
        }
        let own = address.variables().next().is_some();
        let mut definition = json!({
            if own { "uriTemplate" } else { "uri" }: entry.uri,
            "name": entry.name,
            "title": entry.title.map_or_else(|| title(entry.name), str::to_owned),
            "description": texts.description,
            "mimeType": entry.mime,
        });
        if let Some(definition) = definition.as_object_mut() {
            definition.extend(named("icons", entry.icons));
            definition.extend(named("annotations", entry.annotations));
            definition.extend(named("_meta", (entry.meta)()));
        }
        Ok(Self { entry, address, texts, definition, home })
    }

    /// The resource as `resources/list` or `resources/templates/list` shows it (MCP 2025-11-25, `Resource` and
    /// `ResourceTemplate`).
    #[must_use]
    pub const fn definition(&self) -> &Value {
        &self.definition
    }

    /// What was registered.
    #[must_use]
    pub const fn entry(&self) -> &'static ResourceEntry {
        self.entry
    }

    /// Whether its address has variables.
    #[must_use]
    pub fn is_template(&self) -> bool {
        self.address.variables().next().is_some()
    }

    /// Whether this caller may ask for it.
    #[must_use]
    pub fn may_be_asked_by(&self, principal: &Principal) -> bool {
        self.home.lacking(principal).is_none()
    }

    pub(super) const fn home(&self) -> &Home {
        &self.home
    }

    pub(super) const fn texts(&self) -> &Texts {
        &self.texts
    }
}

/// The resources of the packs that are served.
///
/// # Errors
/// Two have one address, one is none that can be served, or its pack is not registered.
pub(super) fn served(
    entries: &[&'static ResourceEntry],
    packs: &[&PackEntry],
    homes: &Homes<'_>,
) -> Result<Vec<ServedResource>, RegistryError> {
    let (mut forms, mut all) = (HashMap::<String, Origin>::new(), Vec::new());
    for entry in entries {
        let (uri, origin, pack) = (entry.uri, entry.origin, (entry.pack)());
        home::registered(&format!("`{uri}`"), origin, pack, packs)?;
        let address = Address::parse(uri).map_err(|why| {
            RegistryError::new(format_args!("{}: `{uri}` is no address: {why}", origin.place()))
        })?;
        let Some(home) = homes.of(pack) else { continue };
        if let Some(other) = forms.insert(address.form(), origin) {
            return Err(RegistryError::new(format_args!(
                "two resources have the address `{uri}`: one in {}, one in {}; give one of them another address",
                other.place(),
                origin.place()
            )));
        }
        all.push(ServedResource::new(entry, address, home)?);
    }
    Ok(all)
}

impl Registry {
    /// Every resource, with and without variables, in the order of their files and lines.
    #[must_use]
    pub fn resources(&self) -> &[ServedResource] {
        &self.resources
    }

    /// The resources that a caller may read, in the same order.
    pub fn resources_for<'a>(&'a self, principal: &'a Principal) -> impl Iterator<Item = &'a ServedResource> {
        self.resources.iter().filter(|resource| resource.may_be_asked_by(principal))
    }

    /// The resource with this address, and its variables' values.
    pub(super) fn resource(&self, uri: &str) -> Option<(&ServedResource, Map<String, Value>)> {
        let found =
            self.resources.iter().filter_map(|resource| Some((resource, resource.address.read(uri)?)));
        // One without variables goes before those that would take its address for a value.
        found.min_by_key(|(resource, _)| resource.is_template())
    }

    /// Whether a caller could read a resource at this address.
    #[must_use]
    pub fn knows(&self, uri: &str, principal: &Principal) -> bool {
        self.resource(uri).is_some_and(|(resource, given)| {
            resource.may_be_asked_by(principal) && resource.texts.complete(given).is_ok()
        })
    }

    /// Reads the resource at the address that the call names.
    ///
    /// # Errors
    /// There is no such resource, it cannot be read, or the server is stopping.
    pub async fn read(&self, incoming: Incoming) -> Result<Read, Unanswered> {
        let Some((resource, given)) = self.resource(&incoming.name) else {
            let shown = arguments::shown(&incoming.name);
            return self
                .unknown(&incoming, ToolError::not_found(format_args!("Resource not found: {shown}")));
        };
        let (entry, uri) = (resource.entry, incoming.name.clone());
        let task = Task { name: entry.uri, home: &resource.home, timeout: self.timeout };
        let work = move |call| async move {
            let given = resource.texts.complete(given).map_err(ToolError::not_found)?;
            let body = (entry.read)(given, resource.home.pack.clone(), call).await?;
            render::bounded(body.size())?;
            Ok(Read { uri, body: body.or_mime(entry.mime) })
        };
        self.perform(task, incoming, work).await
    }

    /// The resources that exist now for this caller, as `resources/list` shows them: those without variables, then what the others
    /// list. One that cannot list its resources now has none.
    ///
    /// # Errors
    /// The server is stopping.
    pub async fn list(&self, incoming: Incoming) -> Result<Vec<Value>, Unanswered> {
        let (many, single): (Vec<_>, Vec<_>) =
            self.resources_for(&incoming.principal).partition(|one| one.is_template());
        let mut all: Vec<Value> = single.into_iter().map(|resource| resource.definition.clone()).collect();
        let lists = many.into_iter().map(|resource| {
            let entry = resource.entry;
            let task = Task { name: entry.uri, home: &resource.home, timeout: self.timeout };
            let pack = resource.home.pack.clone();
            self.perform(task, incoming.clone(), move |call| (entry.list)(pack, call))
        });
        for listed in join_all(lists).await {
            match listed {
                Ok(links) => all.extend(links.iter().take(MOST_LISTED).map(shown)),
                Err(Unanswered::Closing) => return Err(Unanswered::Closing),
                Err(Unanswered::Failed(_)) => {}
            }
        }
        Ok(all)
    }
}

fn shown(link: &ResourceLink) -> Value {
    serde_json::to_value(link).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seam::{Call, Resource};

    macro_rules! notes {
        ($($note:ident $uri:literal),*) => {$(
            /// A note.
            #[derive(serde::Deserialize, schemars::JsonSchema)]
            struct $note {
                name: String,
            }

            impl Resource for $note {
                const URI: &'static str = $uri;
                const NAME: &'static str = "note";
                type Pack = ();

                async fn read(self, (): &(), _: Call) -> Result<ResourceBody, ToolError> {
                    Ok(ResourceBody::text(self.name))
                }
            }
        )*};
    }

    notes! { Good "a://{name}", Twin "a://{other}", Strange "b://{other}", Bad "b://{name" }

    #[test]
    fn what_cannot_be_served_is_told_with_its_files() {
        static GOOD: ResourceEntry = ResourceEntry::of::<Good>("twenty_mcp::tools::good", 1);
        static TWIN: ResourceEntry = ResourceEntry::of::<Twin>("twenty_mcp::tools::twin", 2);
        static STRANGE: ResourceEntry = ResourceEntry::of::<Strange>("twenty_mcp::tools::strange", 3);
        static BAD: ResourceEntry = ResourceEntry::of::<Bad>("twenty_mcp::tools::bad", 4);
        let of = |entries: &[&'static ResourceEntry]| {
            served(entries, &[], &Homes::new(&[])).map(|all| all.len()).map_err(|error| error.message)
        };
        assert_eq!(of(&[&GOOD]), Ok(1));
        let twins = of(&[&GOOD, &TWIN]).unwrap_err();
        assert!(twins.contains("tools/good.rs:1") && twins.contains("tools/twin.rs:2"), "{twins}");
        let strange = of(&[&STRANGE]).unwrap_err();
        assert!(
            strange.contains("tools/strange.rs:3") && strange.contains("only one of them has"),
            "{strange}"
        );
        let bad = of(&[&BAD]).unwrap_err();
        assert!(bad.contains("tools/bad.rs:4") && bad.contains("is no address"), "{bad}");
    }
}
