//! Reads the table of objects and fields.
//!
//! An object is a line `singular plural options | label | labels | icon | description`, its fields are the indented lines
//! below it: `name TYPE options | label | icon | description`. A line beginning with `+` is for the current profile alone,
//! with `~` for the legacy one. `-> object.inverse` is a relation to one record, with the relation to many that faces it;
//! `=> object.inverse` is one of several fields that together point at any object, named `targetPerson` or, in the legacy
//! profile, `person`. Options: `!unique`, `!search`, `!custom`, `!system`, `!once FIELD`, `!cascade` (erased with the
//! record that it points at), `!alike COLUMN+COLUMN/COLUMN` (what makes two records look like one), `=DEFAULT`.

use std::{collections::HashMap, sync::Arc};

use thiserror::Error;

use crate::tools::twenty::sandbox::settings::Profile;

use super::{
    casing::{camel, label, pascal},
    column::{Column, Shape},
    composite::composites,
    table::{About, Field, Kind, Object, ObjectId, Plain, Table},
};

const OBJECTS: &str = include_str!("objects.txt");

const BASE: &str = "\
id UUID =uuid | Id | Icon123 | Id
createdAt DATE_TIME =now | Creation date | IconCalendar | Creation date
updatedAt DATE_TIME =now | Last update | IconCalendarClock | Last time the record was changed
deletedAt DATE_TIME | Deleted at | IconCalendarMinus | Date when the record was deleted
createdBy ACTOR | Created by | IconCreativeCommonsSa | The creator of the record
+updatedBy ACTOR | Updated by | IconUserCircle | The workspace member who last updated the record
position POSITION =0 | Position | IconHierarchy2 | Position
searchVector TS_VECTOR | Search vector | IconUser | Field used for full-text search";

/// A line of the table that cannot be read.
#[derive(Debug, Error)]
#[error("table of objects: `{line}`: {reason}")]
pub struct TableError {
    line: String,
    reason: &'static str,
}

/// The table of a profile.
///
/// # Errors
/// When a line of the embedded table is wrong.
pub fn table(profile: Profile) -> Result<Table, TableError> {
    parse(OBJECTS, profile)
}

fn parse(text: &str, profile: Profile) -> Result<Table, TableError> {
    let mut table = Table { profile, objects: Vec::new(), composites: composites(profile) };
    let heads: Vec<Line> =
        text.lines().filter(|line| !line.starts_with(' ')).filter_map(|l| Line::of(l, profile)).collect();
    let places: HashMap<&str, ObjectId> =
        heads.iter().enumerate().map(|(at, head)| (head.name, ObjectId(at))).collect();
    let mut skipped = false;
    for text in text.lines() {
        let Some(field) = text.strip_prefix("  ") else {
            let head = Line::of(text, profile);
            skipped = head.is_none();
            if let Some(head) = head {
                let mut object = head.object(ObjectId(table.objects.len()))?;
                for line in BASE.lines().filter_map(|line| Line::of(line, profile)) {
                    let field = Field { base: true, custom: object.custom, ..line.field(&table, &places)? };
                    object.fields.push(field);
                }
                table.objects.push(object);
            }
            continue;
        };
        let Some(line) = Line::of(field, profile).filter(|_| !skipped) else { continue };
        let field = line.field(&table, &places)?;
        let object =
            table.objects.last_mut().ok_or_else(|| line.wrong("a field needs an object above it"))?;
        object.fields.push(Field { custom: field.custom || object.custom, ..field });
    }
    inverses(&mut table)?;
    for (object, head) in table.objects.iter_mut().zip(&heads) {
        columns(object);
        for criterion in head.after("!alike").into_iter().flat_map(|text| text.split('/')) {
            let columns: Option<Vec<usize>> = criterion.split('+').map(|name| object.column(name)).collect();
            object.alike.push(columns.ok_or_else(|| head.wrong("no such column"))?);
        }
        object.once = head.after("!once").and_then(|name| object.field(name)).map(|field| field.column);
    }
    Ok(table)
}

struct Line<'a> {
    text: &'a str,
    name: &'a str,
    words: Vec<&'a str>,
    labels: Vec<&'a str>,
    profile: Profile,
}

impl<'a> Line<'a> {
    fn of(text: &'a str, profile: Profile) -> Option<Line<'a>> {
        let text = match (text.chars().next()?, profile) {
            ('+', Profile::Legacy) | ('~', Profile::Current) => return None,
            ('+' | '~', _) => text.get(1..)?,
            _ => text,
        };
        let mut parts = text.split(" | ");
        let mut words = parts.next()?.split_whitespace();
        Some(Line { text, name: words.next()?, words: words.collect(), labels: parts.collect(), profile })
    }

    fn wrong(&self, reason: &'static str) -> TableError {
        TableError { line: self.text.to_owned(), reason }
    }

    fn has(&self, option: &str) -> bool {
        self.words.contains(&option)
    }

    fn after(&self, word: &str) -> Option<&'a str> {
        self.words.iter().skip_while(|w| **w != word).nth(1).copied()
    }

    fn about(&self, skip: usize) -> About {
        let nth = |at: usize| self.labels.get(at).map(|text| (*text).to_owned());
        About {
            label: nth(0).unwrap_or_else(|| label(self.name)),
            icon: nth(skip + 1).unwrap_or_else(|| "IconAbc".to_owned()),
            description: nth(skip + 2).unwrap_or_default(),
        }
    }

    fn object(&self, id: ObjectId) -> Result<Object, TableError> {
        let plural = *self.words.first().ok_or_else(|| self.wrong("an object needs a plural"))?;
        Ok(Object {
            id,
            singular: self.name.to_owned(),
            plural: plural.to_owned(),
            type_name: pascal(self.name),
            about: self.about(1),
            label_plural: self.labels.get(1).map_or_else(|| label(plural), |text| (*text).to_owned()),
            custom: self.has("!custom"),
            system: self.has("!system"),
            searchable: self.has("!search"),
            fields: Vec::new(),
            columns: Vec::new(),
            position: 0,
            words: 0,
            updated_by: None,
            once: None,
            alike: Vec::new(),
            by_name: HashMap::new(),
            by_join: HashMap::new(),
        })
    }

    fn field(&self, table: &Table, places: &HashMap<&str, ObjectId>) -> Result<Field, TableError> {
        let kind = *self.words.first().ok_or_else(|| self.wrong("a field needs a type"))?;
        let mut name = self.name.to_owned();
        let kind = match kind {
            "->" | "=>" => {
                let morph = kind == "=>";
                if morph && self.profile == Profile::Legacy {
                    name = camel(name.trim_start_matches("target"));
                }
                let target =
                    self.words.get(1).copied().ok_or_else(|| self.wrong("a relation needs a target"))?;
                let (target, inverse) =
                    target.split_once('.').map_or((target, None), |(t, i)| (t, Some(i.to_owned())));
                let target = *places.get(target).ok_or_else(|| self.wrong("no such object"))?;
                Kind::ToOne { target, morph, cascade: self.has("!cascade"), inverse }
            }
            "SELECT" => {
                let options = self.words.iter().skip(1).take_while(|word| !word.starts_with(['!', '=']));
                Kind::Select(options.map(|option| Arc::from(*option)).collect())
            }
            kind => match table.composites.iter().find(|composite| composite.kind == kind) {
                Some(composite) => Kind::Composite(Arc::clone(composite)),
                None => Kind::Plain(
                    Plain::ALL
                        .iter()
                        .find(|(_, name)| *name == kind)
                        .ok_or_else(|| self.wrong("no such field type"))?
                        .0,
                ),
            },
        };
        Ok(Field {
            name,
            kind,
            column: 0,
            width: 0,
            base: false,
            custom: self.has("!custom"),
            unique: self.has("!unique"),
            searched: self.has("!search"),
            default: self.words.iter().find_map(|word| word.strip_prefix('=')).map(str::to_owned),
            about: self.about(0),
        })
    }
}

/// Puts the relation to many on the other side of each relation to one.
fn inverses(table: &mut Table) -> Result<(), TableError> {
    let mut found = Vec::new();
    for object in &table.objects {
        for field in &object.fields {
            if let Kind::ToOne { target, inverse: Some(name), .. } = &field.kind {
                let about = About {
                    label: label(name),
                    icon: object.about.icon.clone(),
                    description: format!("{} linked to the record", object.label_plural),
                };
                let kind = Kind::ToMany { source: object.id, field: field.name.clone() };
                found.push((*target, name.clone(), kind, about, object.custom));
            }
        }
    }
    for (target, name, kind, about, custom) in found {
        let wrong = || TableError { line: name.clone(), reason: "the relation's target is missing" };
        let object = table.objects.get_mut(target.0).ok_or_else(wrong)?;
        let custom = custom || object.custom;
        let (base, unique, searched, default) = (false, false, false, None);
        object.fields.push(Field {
            name,
            kind,
            column: 0,
            width: 0,
            base,
            custom,
            unique,
            searched,
            default,
            about,
        });
    }
    Ok(())
}

/// Gives each field its columns, and the object its ways to find fields.
fn columns(object: &mut Object) {
    for (at, field) in object.fields.iter_mut().enumerate() {
        field.column = object.columns.len();
        let mut add = |name: String, shape: Shape| object.columns.push(Column { name, shape });
        match &field.kind {
            Kind::Plain(plain) => {
                add(field.name.clone(), if field.unique { Shape::Email } else { plain.shape() })
            }
            Kind::Select(options) => add(field.name.clone(), Shape::Choice(Arc::clone(options))),
            Kind::Composite(composite) => {
                for part in &composite.parts {
                    add(format!("{}.{}", field.name, part.name), part.shape.clone());
                }
            }
            Kind::ToOne { .. } => {
                add(format!("{}Id", field.name), Shape::Id);
                object.by_join.insert(format!("{}Id", field.name), at);
            }
            Kind::ToMany { .. } => {}
        }
        field.width = object.columns.len() - field.column;
        match field.name.as_str() {
            "position" => object.position = field.column,
            "searchVector" => object.words = field.column,
            "updatedBy" => object.updated_by = Some(field.column),
            _ => {}
        }
        object.by_name.insert(field.name.clone(), at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_profiles_come_from_the_same_lines() {
        let (current, legacy) = (table(Profile::Current).unwrap(), table(Profile::Legacy).unwrap());
        assert!(current.named("person").unwrap().field("city").is_none());
        assert!(legacy.named("person").unwrap().field("city").is_some());
        assert!(current.named("noteTarget").unwrap().joined("targetPersonId").is_some());
        assert!(legacy.named("noteTarget").unwrap().joined("personId").is_some());
        assert!(current.named("favorite").is_none() && legacy.named("favorite").is_some());
    }

    #[test]
    fn a_relation_shows_on_both_sides() {
        let table = table(Profile::Current).unwrap();
        let people = table.named("company").unwrap().field("people").unwrap();
        let Kind::ToMany { source, field } = &people.kind else { panic!("{people:?}") };
        assert_eq!((table.get(*source).unwrap().singular.as_str(), field.as_str()), ("person", "company"));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = |text| parse(text, Profile::Current).unwrap_err().to_string();
        assert!(error("cat cats\n  name TXT").contains("`name TXT`: no such field type"));
        assert!(error("cat cats\n  owner -> dog.cats").contains("no such object"));
        assert!(error("cat").contains("plural"));
        assert!(error("cat cats !alike name").contains("no such column"));
    }

    #[test]
    fn every_row_fits_its_presence_mask() {
        for profile in [Profile::Current, Profile::Legacy] {
            assert!(table(profile).unwrap().objects.iter().all(|object| object.columns.len() <= 64));
        }
    }
}
