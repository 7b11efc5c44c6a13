//! The records of the workspace, and the answer to every field of the core schema. Knows no GraphQL library.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use crate::tools::twenty::sandbox::{
    model::table::{ObjectId, Table},
    store::{row::Row, tables::Store},
};

use super::{
    clock::Clock,
    connection::Connection,
    duplicates::duplicates,
    fault::Fault,
    find::{find_many, find_one, find_related},
    group::group_by,
    merge::Merged,
    outcome::Outcome,
    resolver::{Extent, Resolver},
    rich_text,
    search::search,
    write::Write,
};

/// The workspace.
#[derive(Debug)]
pub struct Engine {
    table: Arc<Table>,
    store: RwLock<Store>,
    clock: Clock,
}

/// Something that has fields.
#[derive(Clone, Debug)]
pub enum Node {
    /// The query or the mutation itself.
    Root,
    /// A record.
    Row(ObjectId, Arc<Row>),
    /// A record that would come from others.
    Preview(ObjectId, Arc<Row>, Arc<[Uuid]>),
    /// The columns of a record from one on.
    Composite(ObjectId, Arc<Row>, usize),
    /// A page of records.
    Connection(Arc<Connection>),
    /// A record of a page.
    Edge(Arc<Connection>, usize),
    /// An object as it stands.
    Json(Arc<Json>),
}

type Found = Result<Outcome<Node>, Fault>;

impl Engine {
    /// The workspace with these records.
    pub fn new(table: Arc<Table>, store: Store) -> Engine {
        Engine { table, store: RwLock::new(store), clock: Clock::default() }
    }

    /// The objects.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// The records. A panic of another request leaves them whole, as changes are made at the end of a write.
    pub fn store(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn store_mut(&self) -> RwLockWriteGuard<'_, Store> {
        self.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer to a field of a node.
    ///
    /// # Errors
    /// What Twenty would refuse, or what the sandbox does not have.
    pub fn resolve(
        &self,
        resolver: &Resolver,
        name: &str,
        node: &Node,
        arguments: &Map<String, Json>,
    ) -> Found {
        match (resolver, node) {
            (Resolver::Column(column), Node::Row(object, row)) => self.column(*object, row, *column),
            (Resolver::Composite(first), Node::Row(object, row)) => {
                Ok(Outcome::Node(Node::Composite(*object, Arc::clone(row), *first)))
            }
            (Resolver::Part(at), Node::Composite(object, row, first)) => {
                self.part(*object, row, *first, *at, name)
            }
            (Resolver::ToOne { column, target }, Node::Row(_, row)) => Ok(self.to_one(row, *column, *target)),
            (Resolver::ToMany { source, field }, Node::Row(_, row)) => {
                self.to_many(*source, field, &[row.id()])
            }
            (Resolver::ToMany { source, field }, Node::Preview(_, _, ids)) => {
                self.to_many(*source, field, ids)
            }
            (_, Node::Preview(object, row, _)) => {
                self.resolve(resolver, name, &Node::Row(*object, Arc::clone(row)), arguments)
            }
            (Resolver::Property, Node::Json(json)) => Ok(property(json, name)),
            (_, Node::Connection(connection)) => self.connection(resolver, connection),
            (Resolver::EdgeNode, Node::Edge(connection, at)) => {
                let row = connection.page.get(*at).cloned();
                Ok(row.map_or(Outcome::Null, |row| Outcome::Node(Node::Row(connection.object, row))))
            }
            (Resolver::EdgeCursor, Node::Edge(connection, at)) => {
                Ok(Outcome::Leaf(self.cursor(connection, connection.page.get(*at))))
            }
            (_, Node::Root) => self.root(resolver, name, arguments),
            _ => Err(Fault::internal(format!("{name} has no answer here"))),
        }
    }

    fn root(&self, resolver: &Resolver, name: &str, arguments: &Map<String, Json>) -> Found {
        let object = |id: &ObjectId| self.table.get(*id).ok_or_else(|| Fault::internal("no such object"));
        match resolver {
            Resolver::FindMany(id) => {
                let connection = find_many(&self.table, &self.store(), object(id)?, arguments)?;
                Ok(Outcome::Node(Node::Connection(Arc::new(connection))))
            }
            Resolver::FindOne(id) => {
                Ok(Outcome::Node(Node::Row(*id, find_one(&self.store(), object(id)?, arguments)?)))
            }
            Resolver::Search => {
                Ok(Outcome::Node(Node::Json(Arc::new(search(&self.table, &self.store(), arguments)?))))
            }
            Resolver::Write(verb, id, extent) => {
                let (table, object) = (&*self.table, object(id)?);
                let write =
                    Write { table, store: &mut self.store_mut(), object, clock: &self.clock, arguments };
                let mut rows =
                    write.run(*verb, *extent)?.into_iter().map(|row| Outcome::Node(Node::Row(*id, row)));
                Ok(match extent {
                    Extent::One => rows.next().unwrap_or(Outcome::Null),
                    Extent::Many => Outcome::List(rows.collect()),
                })
            }
            Resolver::Duplicates(id) => {
                let (now, object) = (self.clock.now(), object(id)?);
                Ok(connections(duplicates(&self.table, &self.store(), object, now, arguments)?))
            }
            Resolver::GroupBy(id) => {
                Ok(connections(group_by(&self.table, &self.store(), object(id)?, arguments)?))
            }
            Resolver::Merge(id) => {
                let (table, object) = (&*self.table, object(id)?);
                let write =
                    Write { table, store: &mut self.store_mut(), object, clock: &self.clock, arguments };
                Ok(Outcome::Node(match write.merge()? {
                    Merged::Done(row) => Node::Row(*id, row),
                    Merged::Preview(row, ids) => Node::Preview(*id, row, ids),
                }))
            }
            _ => Err(Fault::internal(format!("{name} is no root field"))),
        }
    }

    fn connection(&self, resolver: &Resolver, connection: &Arc<Connection>) -> Found {
        match resolver {
            Resolver::Edges => {
                let edge = |at| Outcome::Node(Node::Edge(Arc::clone(connection), at));
                Ok(Outcome::List((0..connection.page.len()).map(edge).collect()))
            }
            Resolver::GroupValues => Ok(Outcome::Leaf(connection.values.clone().into())),
            Resolver::PageInfo => Ok(Outcome::Node(Node::Json(Arc::new(json!({
                "hasNextPage": connection.after,
                "hasPreviousPage": connection.before,
                "startCursor": self.cursor(connection, connection.page.first()),
                "endCursor": self.cursor(connection, connection.page.last()),
            }))))),
            Resolver::Aggregate(aggregate) => {
                let store = self.store();
                let object = self.table.get(connection.object).zip(store.rows(connection.object));
                let (object, rows) = object.ok_or_else(|| Fault::internal("no such object"))?;
                Ok(Outcome::leaf(aggregate.of(object, rows, &connection.all)))
            }
            _ => Err(Fault::internal("a connection has no such field")),
        }
    }

    fn to_many(&self, source: ObjectId, field: &str, ids: &[Uuid]) -> Found {
        let connection = find_related(&self.table, &self.store(), source, field, ids)?;
        Ok(Outcome::Node(Node::Connection(Arc::new(connection))))
    }

    fn column(&self, object: ObjectId, row: &Row, column: usize) -> Found {
        let shape = self.table.get(object).and_then(|object| object.shape(column));
        Ok(shape.map_or(Outcome::Null, |shape| Outcome::leaf(shape.write(row.get(column)))))
    }

    fn part(&self, object: ObjectId, row: &Row, first: usize, at: usize, name: &str) -> Found {
        // The blocks of a text that came as Markdown are made when they are asked for.
        match row.get(first + 1).as_text() {
            Some(markdown) if name == "blocknote" && row.get(first).is_null() => {
                Ok(Outcome::Leaf(rich_text::blocks(markdown).into()))
            }
            _ => self.column(object, row, first + at),
        }
    }

    fn to_one(&self, row: &Row, column: usize, target: ObjectId) -> Outcome<Node> {
        let store = self.store();
        let found = row.get(column).as_id().and_then(|id| store.rows(target)?.find(id));
        let found = found.filter(|row| !row.is_deleted()).cloned();
        found.map_or(Outcome::Null, |row| Outcome::Node(Node::Row(target, row)))
    }

    fn cursor(&self, connection: &Connection, row: Option<&Arc<Row>>) -> Json {
        row.map_or(Json::Null, |row| connection.order.cursor(&self.store(), row).into())
    }
}

fn connections(all: Vec<Connection>) -> Outcome<Node> {
    Outcome::List(all.into_iter().map(|one| Outcome::Node(Node::Connection(Arc::new(one)))).collect())
}

fn property(json: &Json, name: &str) -> Outcome<Node> {
    json.get(name).map_or(Outcome::Null, |value| Outcome::leaf(value.clone()))
}
