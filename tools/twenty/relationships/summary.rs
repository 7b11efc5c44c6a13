//! How much there is around a company or a person.

use crate::{
    seam::{Call, Tool, ToolError},
    tools::twenty::{
        money::{Money, sums},
        pack::Twenty,
        records::{
            aggregate::groups::Aggregate,
            document::Document,
            engine::Records,
            find::{count, nodes},
            id::RecordId,
            linked::Linked,
            names::Wanted,
            plain::label,
            reference::Reference,
            related::first,
            text::one_line,
        },
        workspace::schema::{Field, Object},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Count what belongs to a company or person: contacts, opportunities with sums, tasks, notes, activities, custom records.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetRelationshipSummary {
    entity_id: String,
    entity_type: EntityType,
}
crate::register!(GetRelationshipSummary);

/// What it is about.
#[derive(Clone, Copy, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum EntityType {
    Company,
    Person,
}

/// How many records belong to a company or a person.
#[derive(Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RelationshipSummary {
    entity_type: EntityType,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    url: String,
    /// A person's company.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<Linked>,
    /// A company's contacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    opportunities: Option<usize>,
    /// The sums of the opportunities' amounts, one for each currency.
    amounts: Vec<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tasks: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeline_activities: Option<usize>,
    /// Whatever else the workspace keeps for it, custom objects included.
    others: Vec<Counted>,
}

/// Records in one relation.
#[derive(Serialize, schemars::JsonSchema)]
struct Counted {
    field: String,
    label: String,
    /// What they are records of.
    object: String,
    count: usize,
}

impl Tool for GetRelationshipSummary {
    const NAME: &'static str = "get_relationship_summary";
    type Pack = Twenty;
    type Output = RelationshipSummary;

    async fn call(self, twenty: &Twenty, cx: Call) -> Result<RelationshipSummary, ToolError> {
        let records = twenty.records(&cx).await?;
        let (of, through) = match self.entity_type {
            EntityType::Company => ("company", "company"),
            EntityType::Person => ("person", "pointOfContact"),
        };
        let entity = records.object(of)?;
        let deals = Deals::of(&records, entity, through);
        let wanted = [Wanted::of("entityId", entity, &self.entity_id)?];
        let mut document = Document::default();
        let known = match &wanted {
            [Wanted { reference: Reference::Id(id), .. }] => Some(*id),
            _ => None,
        };
        // By id the server can sum at once; otherwise the first deals come along, which mostly are all.
        let groups = deals
            .as_ref()
            .zip(known)
            .and_then(|(deals, id)| records.ask_groups(&mut document, deals.object, &deals.of_one(id)));
        let lists: Vec<(&Field, &str)> = lists(&records, entity).collect();
        let ask = |(field, _): &(&Field, &str)| {
            let rows = deals.as_ref().filter(|deals| groups.is_none() && deals.list.name == field.name);
            let rows = rows
                .map(|deals| format!(" edges {{ node {{ {} }} }}", deals.sums.selection()))
                .unwrap_or_default();
            format!("{} {{ totalCount{rows} }}", field.name)
        };
        let extra = lists.iter().map(ask).collect::<Vec<_>>().join(" ");
        let lookups = records.look(&mut document, &wanted, &[&extra])?;
        let data = records.read(&cx, document).await?;
        let found = first(records.looked(&wanted, &lookups, &data)?)?;

        let mut told = RelationshipSummary::of(&records, self.entity_type, entity, &found)?;
        let contacts = records.object("person").ok().and_then(|person| entity.lists(person, "company"));
        for (field, target) in lists {
            let number =
                found.get(&field.name).and_then(|list| count(list, "totalCount")).ok_or_else(|| {
                    ToolError::upstream(format_args!(
                        "Twenty does not say how many `{}` there are",
                        field.name
                    ))
                })?;
            let place = match target {
                _ if contacts.is_some_and(|contacts| contacts.name == field.name) => &mut told.contacts,
                _ if deals.as_ref().is_some_and(|deals| deals.list.name == field.name) => {
                    &mut told.opportunities
                }
                "taskTarget" => &mut told.tasks,
                "noteTarget" => &mut told.notes,
                "timelineActivity" => &mut told.timeline_activities,
                _ => {
                    let (field, label) = (field.name.clone(), field.label.clone());
                    told.others.push(Counted { field, label, object: target.to_owned(), count: number });
                    continue;
                }
            };
            *place = Some(number);
        }
        if let Some(deals) = deals {
            let beside = nodes(found.pointer(&format!("/{}/edges", deals.list.name)));
            let groups = match groups {
                Some(groups) => deals.sums.told(&groups, &data)?,
                None if Some(beside.len()) >= told.opportunities => deals.sums.counted(&beside),
                None => records.aggregate(&cx, deals.object, &deals.of_one(RecordId::of(&found)?)).await?,
            };
            told.amounts = sums(&groups.groups);
        }
        Ok(told)
    }

    fn text(summary: &RelationshipSummary) -> Option<String> {
        Some(summary.to_string())
    }
}

/// The relations to many of an object, with the object on the other side, those in use.
fn lists<'a>(records: &'a Records<'_>, entity: &'a Object) -> impl Iterator<Item = (&'a Field, &'a str)> {
    entity.fields.iter().filter_map(|field| {
        let relation = field.relation.as_ref().filter(|relation| field.active && relation.many)?;
        let [target] = relation.targets.as_slice() else { return None };
        let target = records.object(target).ok().filter(|target| target.active)?;
        Some((field, target.singular.as_str()))
    })
}

/// Where the opportunities of an entity are, and how their amounts are summed.
struct Deals<'a> {
    object: &'a Object,
    list: &'a Field,
    column: &'a str,
    sums: Aggregate,
}

impl<'a> Deals<'a> {
    fn of(records: &'a Records<'_>, entity: &'a Object, through: &str) -> Option<Self> {
        let object = records.object("opportunity").ok().filter(|object| object.active)?;
        let column = object.field(through)?.relation.as_ref()?.join_column.as_deref()?;
        let (by, measures) = (["amount.currencyCode"], ["sum:amount"]);
        let sums = Aggregate::read(records.workspace(), object, &by, &measures, "UTC").ok()?;
        Some(Self { object, list: entity.lists(object, through)?, column, sums })
    }

    fn of_one(&self, id: RecordId) -> Aggregate {
        self.sums.clone().over(json!({ self.column: { "eq": id.to_string() } }))
    }
}

impl RelationshipSummary {
    fn of(
        records: &Records<'_>,
        entity_type: EntityType,
        entity: &Object,
        found: &Value,
    ) -> Result<Self, ToolError> {
        let id = RecordId::of(found)?.to_string();
        let company = found.get("company").filter(|company| !company.is_null());
        let company = company.map(|company| Linked::to(records.object("company")?, company)).transpose()?;
        Ok(Self {
            entity_type,
            name: label(entity, found),
            url: records.link(entity, &id),
            id,
            company,
            contacts: None,
            opportunities: None,
            amounts: Vec::new(),
            tasks: None,
            notes: None,
            timeline_activities: None,
            others: Vec::new(),
        })
    }
}

impl fmt::Display for RelationshipSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_deref().map(one_line);
        writeln!(f, "{} (id {}) {}", name.as_deref().unwrap_or("Nameless"), self.id, self.url)?;
        self.company.iter().try_for_each(|company| writeln!(f, "company: {company}"))?;
        let sums: Vec<String> = self.amounts.iter().map(ToString::to_string).collect();
        let sums = if sums.is_empty() { sums.concat() } else { format!(" ({})", sums.join(", ")) };
        let counts = [
            ("contacts", self.contacts, ""),
            ("opportunities", self.opportunities, sums.as_str()),
            ("tasks", self.tasks, ""),
            ("notes", self.notes, ""),
            ("timeline activities", self.timeline_activities, ""),
        ];
        for (what, number, more) in counts {
            number.map_or(Ok(()), |number| writeln!(f, "{what}: {number}{more}"))?;
        }
        for other in self.others.iter().filter(|other| other.count > 0) {
            writeln!(f, "{}: {}", one_line(&other.label), other.count)?;
        }
        let none: Vec<String> =
            self.others.iter().filter(|other| other.count == 0).map(|other| one_line(&other.label)).collect();
        if none.is_empty() { Ok(()) } else { write!(f, "none: {}", none.join(", ")) }
    }
}
