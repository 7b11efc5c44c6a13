//! What stands behind `/metadata`: objects, fields, record counts, the workspace.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    api::{
        graphql::Api,
        source::{Asked, Source},
    },
    engine::{fault::Fault, filter::Filter, outcome::Outcome, resolve::Engine},
    error::SandboxError,
    model::table::{Field, Kind, Object, ObjectId, Table},
};

use super::{
    catalog::{field_id, field_property, object_id, object_property},
    paging::{Page, page, passes},
    workspace,
};

/// The schema of `/metadata`, the same in both profiles.
const SCHEMA: &str = include_str!("metadata.graphql");

/// Objects and fields of the workspace.
pub struct Metadata {
    engine: Arc<Engine>,
}

/// A field by its object and its place there.
type FieldId = (ObjectId, usize);

/// Something that has fields.
#[derive(Clone)]
pub enum Node {
    /// The query or the mutation itself.
    Root,
    /// An object.
    Object(ObjectId),
    /// A field.
    Field(FieldId),
    /// A field that points somewhere, and the field on the other side.
    Relation(FieldId, FieldId),
    /// A page of objects or fields.
    Page(Arc<Page<Node>>),
    /// An entry of a page.
    Edge(Box<Node>, String),
    /// An object as it stands.
    Json(Arc<Json>),
}

type Found = Result<Outcome<Node>, Fault>;

impl Metadata {
    /// The endpoint over an engine.
    ///
    /// # Errors
    /// When the embedded schema is wrong.
    pub fn api(engine: Arc<Engine>) -> Result<Api<Metadata>, SandboxError> {
        Api::new(SCHEMA, Metadata { engine })
    }

    fn table(&self) -> &Table {
        self.engine.table()
    }

    fn object(&self, id: ObjectId) -> Result<&Object, Fault> {
        self.table().get(id).ok_or_else(|| Fault::internal("no such object"))
    }

    fn field(&self, (object, at): FieldId) -> Result<(&Object, &Field), Fault> {
        let object = self.object(object)?;
        Ok((object, object.fields.get(at).ok_or_else(|| Fault::internal("no such field"))?))
    }

    fn root(&self, name: &str, arguments: &Map<String, Json>) -> Found {
        let wanted = || arguments.get("id").and_then(Json::as_str).and_then(|id| Uuid::try_parse(id).ok());
        match name {
            "objects" => {
                let mut list = Vec::new();
                for object in &self.table().objects {
                    if passes(arguments.get("filter"), &|name| object_property(object, name))? {
                        list.push(Node::Object(object.id));
                    }
                }
                Ok(connection(page(list, arguments)?))
            }
            "object" => {
                let object = self.table().objects.iter().find(|object| Some(object_id(object)) == wanted());
                object.map(|object| Outcome::Node(Node::Object(object.id))).ok_or_else(Fault::not_found)
            }
            "fields" => {
                let all: Vec<FieldId> = self.table().objects.iter().flat_map(fields_of).collect();
                self.fields(all, arguments)
            }
            "field" => {
                let mut all = self.table().objects.iter().flat_map(fields_of);
                let found = all.find(|id| {
                    self.field(*id).is_ok_and(|(object, field)| Some(field_id(object, field)) == wanted())
                });
                found.map(|id| Outcome::Node(Node::Field(id))).ok_or_else(Fault::not_found)
            }
            "objectRecordCounts" => self.counts(),
            "currentWorkspace" => Ok(Outcome::Node(Node::Json(Arc::new(workspace::workspace())))),
            "timelineActivityTypes" => Ok(Outcome::Leaf(workspace::timeline_types())),
            _ => Err(Fault::absent(name)),
        }
    }

    fn fields(&self, all: Vec<FieldId>, arguments: &Map<String, Json>) -> Found {
        let mut list = Vec::new();
        for id in all {
            let (object, field) = self.field(id)?;
            if passes(arguments.get("filter"), &|name| field_property(self.table(), object, field, name))? {
                list.push(Node::Field(id));
            }
        }
        Ok(connection(page(list, arguments)?))
    }

    fn counts(&self) -> Found {
        let store = self.engine.store();
        let mut counts = Vec::new();
        for object in &self.table().objects {
            let visible = Filter::new(object, None)?;
            let count = store.rows(object.id).map_or(0, |rows| visible.select(rows).len());
            counts.push(json!({ "objectNamePlural": object.plural, "totalCount": count }));
        }
        Ok(Outcome::Leaf(Json::Array(counts)))
    }

    fn of_object(&self, id: ObjectId, name: &str, arguments: &Map<String, Json>) -> Found {
        let object = self.object(id)?;
        let fields = || fields_of(object);
        match name {
            "fieldsList" => Ok(Outcome::List(fields().map(|id| Outcome::Node(Node::Field(id))).collect())),
            "fields" => self.fields(fields().collect(), arguments),
            "indexMetadataList" | "searchFieldMetadataList" => Ok(Outcome::List(Vec::new())),
            "openRecordIn" => Ok(Outcome::Leaf("SIDE_PANEL".into())),
            name => object_property(object, name)
                .map(Outcome::leaf)
                .ok_or_else(|| Fault::absent(&format!("Object.{name}"))),
        }
    }

    fn of_field(&self, id: FieldId, name: &str) -> Found {
        let (object, field) = self.field(id)?;
        let morph = matches!(field.kind, Kind::ToOne { morph: true, .. })
            && super::catalog::field_type(self.table().profile, field) == "MORPH_RELATION";
        match name {
            "object" => Ok(Outcome::Node(Node::Object(object.id))),
            "relation" if morph => Ok(Outcome::Null),
            "relation" => Ok(self.relation(id, field).map_or(Outcome::Null, Outcome::Node)),
            "morphRelations" if !morph => Ok(Outcome::Null),
            "morphRelations" => {
                Ok(Outcome::List(self.relation(id, field).map(Outcome::Node).into_iter().collect()))
            }
            name => field_property(self.table(), object, field, name)
                .map(Outcome::leaf)
                .ok_or_else(|| Fault::absent(&format!("Field.{name}"))),
        }
    }

    fn relation(&self, id: FieldId, field: &Field) -> Option<Node> {
        let (object, name) = match &field.kind {
            // A relation without another side leads to the id of its target.
            Kind::ToOne { target, inverse, .. } => (*target, inverse.as_deref().unwrap_or("id")),
            Kind::ToMany { source, field } => (*source, field.as_str()),
            _ => return None,
        };
        let at = self.table().get(object)?.fields.iter().position(|field| field.name == name)?;
        Some(Node::Relation(id, (object, at)))
    }

    fn of_relation(&self, source: FieldId, target: FieldId, name: &str) -> Found {
        Ok(match name {
            "type" => {
                let many = matches!(self.field(source)?.1.kind, Kind::ToMany { .. });
                Outcome::Leaf(if many { "ONE_TO_MANY" } else { "MANY_TO_ONE" }.into())
            }
            "sourceObjectMetadata" => Outcome::Node(Node::Object(source.0)),
            "targetObjectMetadata" => Outcome::Node(Node::Object(target.0)),
            "sourceFieldMetadata" => Outcome::Node(Node::Field(source)),
            "targetFieldMetadata" => Outcome::Node(Node::Field(target)),
            _ => return Err(Fault::absent(&format!("Relation.{name}"))),
        })
    }
}

fn fields_of(object: &Object) -> impl Iterator<Item = FieldId> + use<> {
    let id = object.id;
    (0..object.fields.len()).map(move |at| (id, at))
}

fn connection(page: Page<Node>) -> Outcome<Node> {
    Outcome::Node(Node::Page(Arc::new(page)))
}

impl Source for Metadata {
    type Node = Node;

    fn root(&self) -> Node {
        Node::Root
    }

    fn object(&self, json: Arc<Json>) -> Node {
        Node::Json(json)
    }

    fn resolve(&self, asked: Asked<'_, Node>) -> Found {
        let name = asked.name;
        let absent = || Fault::absent(&format!("{}.{name}", asked.type_name));
        match asked.node {
            Node::Root if asked.type_name == "Query" => self.root(name, asked.arguments),
            Node::Root => Err(Fault::absent(name)),
            Node::Object(id) => self.of_object(*id, name, asked.arguments),
            Node::Field(id) => self.of_field(*id, name),
            Node::Relation(source, target) => self.of_relation(*source, *target, name),
            Node::Page(page) => match name {
                "pageInfo" => Ok(Outcome::Node(Node::Json(Arc::new(page.info.clone())))),
                "edges" => {
                    let edge =
                        |(node, cursor): &(Node, String)| Node::Edge(Box::new(node.clone()), cursor.clone());
                    Ok(Outcome::List(page.edges.iter().map(edge).map(Outcome::Node).collect()))
                }
                _ => Err(absent()),
            },
            Node::Edge(node, _) if name == "node" => Ok(Outcome::Node(node.as_ref().clone())),
            Node::Edge(_, cursor) => Ok(Outcome::Leaf(cursor.as_str().into())),
            Node::Json(json) => json.get(name).map(|value| Outcome::leaf(value.clone())).ok_or_else(absent),
        }
    }
}
