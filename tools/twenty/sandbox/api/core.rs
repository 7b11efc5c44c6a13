//! What stands behind `/graphql`: the engine, asked as the naming rules say.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value as Json;

use crate::tools::twenty::sandbox::{
    engine::{
        fault::Fault,
        outcome::Outcome,
        resolve::{Engine, Node},
        resolver::Resolver,
    },
    error::SandboxError,
    schema::{
        core::core,
        definition::{Definition, sdl},
    },
};

use super::{
    graphql::Api,
    source::{Asked, Source},
};

/// The records of the workspace.
pub struct Core {
    engine: Arc<Engine>,
    resolvers: HashMap<String, HashMap<String, Resolver>>,
}

impl Core {
    /// The endpoint over an engine.
    ///
    /// # Errors
    /// When the table of objects does not lead to a schema.
    pub fn api(engine: Arc<Engine>) -> Result<Api<Core>, SandboxError> {
        let definitions = core(engine.table());
        let text = sdl(&definitions);
        let objects = definitions.into_iter().filter_map(|definition| match definition {
            Definition::Object(name, fields) => {
                Some((name, fields.into_iter().map(|field| (field.name, field.resolver)).collect()))
            }
            _ => None,
        });
        Api::new(&text, Core { engine, resolvers: objects.collect() })
    }
}

impl Source for Core {
    type Node = Node;

    fn root(&self) -> Node {
        Node::Root
    }

    fn object(&self, json: Arc<Json>) -> Node {
        Node::Json(json)
    }

    fn resolve(&self, asked: Asked<'_, Node>) -> Result<Outcome<Node>, Fault> {
        let resolver = self.resolvers.get(asked.type_name).and_then(|fields| fields.get(asked.name));
        let resolver = resolver.ok_or_else(|| Fault::absent(asked.name))?;
        self.engine.resolve(resolver, asked.name, asked.node, asked.arguments)
    }
}
