//! How a tool writes: it says what is to be changed, and whether that is shown, checked, noted and sent is decided here.

use super::{
    apply::{Apply, Broken},
    draft::Draft,
    journal::Journal,
    owner::Owner,
    plan::{Mode, Planning, context, plan, stale},
    prepare::prepare,
    step::{Ready, Verb},
    written::Written,
};
use crate::{
    seam::{Call, Common, ErrorKind, Sealer, ToolError},
    tools::twenty::records::{
        engine::Records,
        names::{Linking, Names},
    },
};
use serde_json::Value;

/// What the pack brings to every change.
pub struct Changes {
    pub(in crate::tools::twenty) journal: Journal,
    pub(in crate::tools::twenty) sealer: Sealer,
    /// How many records one call may change without a plan.
    pub(in crate::tools::twenty) plan_above: usize,
}

/// One call's change.
pub struct Writer<'a> {
    changes: &'a Changes,
    records: Records<'a>,
    tool: &'a str,
    context: Vec<u8>,
    mode: Mode,
    most: usize,
}

/// The records of a change as they are now, in the order of its steps, and how to tell of them.
pub struct Made<'a> {
    /// The engine that read them.
    pub records: Records<'a>,
    /// Each as the workspace answered; null for one that was not there any more.
    pub all: Vec<Value>,
}

impl Made<'_> {
    /// The record of the first step.
    ///
    /// # Errors
    /// It was not there any more, or `tell` fails.
    pub fn one<T>(
        &self,
        tell: impl FnOnce(&Records<'_>, &Value) -> Result<T, ToolError>,
    ) -> Result<T, ToolError> {
        let first = self.all.first().filter(|record| !record.is_null());
        let first =
            first.ok_or_else(|| ToolError::conflict("the record went away while it was being changed"))?;
        tell(&self.records, first)
    }
}

impl Changes {
    /// A change by this call of a tool.
    ///
    /// # Errors
    /// The plan token is none of this caller and tool, or is too old.
    pub fn writer<'a>(
        &'a self,
        cx: &Common,
        records: Records<'a>,
        tool: &'a str,
        planning: &Planning,
    ) -> Result<Writer<'a>, ToolError> {
        let context = context(cx, &records, tool);
        let mode = Mode::of(planning, &self.sealer, &context)?;
        Ok(Writer { changes: self, records, tool, context, mode, most: self.plan_above })
    }
}

impl<'a> Writer<'a> {
    /// The record engine.
    #[must_use]
    pub const fn records(&self) -> &Records<'a> {
        &self.records
    }

    /// The same, for a change of any size: one that takes another back.
    #[must_use]
    pub const fn of_any_size(mut self) -> Self {
        self.most = usize::MAX;
        self
    }

    /// Whether the change is only shown.
    #[must_use]
    pub const fn shows(&self) -> bool {
        matches!(self.mode, Mode::Show(_))
    }

    /// Does what `draft` puts together, or shows it. `draft` may run twice, with the same ids both times.
    ///
    /// # Errors
    /// What `draft` says, a record or name that is not there, a plan that does not hold any more, a change that needs a
    /// plan, or the workspace's refusal.
    pub async fn write(
        self,
        cx: Call,
        draft: impl Fn(&mut Draft<'_>) -> Result<(), ToolError>,
    ) -> Result<Written<Made<'a>>, ToolError> {
        // Where a plan is involved, links are shown as what they lead to.
        let linking = match self.mode {
            Mode::Now(_) => Linking::of(self.records.workspace()),
            Mode::Show(_) | Mode::Apply(_) => Linking::Resolve,
        };
        let steps = self.ready(&cx, linking, &draft).await?;
        let connects = steps.iter().any(connects);
        match &self.mode {
            Mode::Show(seed) => {
                let plan = plan(&self.records, &self.changes.sealer, &self.context, *seed, &steps)?;
                return Ok(Written { record: None, plan: Some(plan) });
            }
            Mode::Now(_) => self.fits(steps.len())?,
            Mode::Apply(token) => token.hold(&steps)?,
        }
        let owner = Owner::of(&cx.principal, self.records.credential());
        let act = cx.commit().await?;
        // Not before: a call that ends with a question of the registry comes again with the same plan.
        if let Mode::Apply(token) = &self.mode
            && !self.changes.journal.spend(token.seed.0, token.until).await?
        {
            return Err(stale("the plan was applied before"));
        }
        let apply = Apply { records: &self.records, journal: &self.changes.journal, owner, tool: self.tool };
        let all = match apply.run(&act, steps).await {
            // The server found nothing to connect to in the usual spelling: look it up.
            Err(Broken { error, nothing_made: true }) if connects && missing(&error) => {
                let steps = self.ready(&act, Linking::Resolve, &draft).await?;
                apply.run(&act, steps).await
            }
            made => made,
        };
        let all = all.map_err(|broken| broken.error)?;
        Ok(Written { record: Some(Made { records: self.records, all }), plan: None })
    }

    async fn ready(
        &self,
        cx: &Common,
        linking: Linking,
        draft: &impl Fn(&mut Draft<'_>) -> Result<(), ToolError>,
    ) -> Result<Vec<Ready>, ToolError> {
        let mut drafted = Draft::new(self.records.workspace(), self.mode.seed(), Names::new(linking));
        draft(&mut drafted)?;
        prepare(&self.records, cx, drafted).await
    }

    /// Whether the call may change so many records as it is: tools that must read many ask before they do.
    ///
    /// # Errors
    /// It needs a plan first, and is none.
    pub fn fits(&self, records: usize) -> Result<(), ToolError> {
        let most = self.most;
        if records <= most || !matches!(self.mode, Mode::Now(_)) {
            return Ok(());
        }
        Err(ToolError::denied(format_args!(
            "this changes {records} records, and a change of more than {most} needs a plan"
        ))
        .hint("call with `plan: true`, look at what would change, and call again with its `planToken`"))
    }
}

fn connects(step: &Ready) -> bool {
    step.verb == Verb::Create && step.data.values().any(|value| value.get("connect").is_some())
}

fn missing(error: &ToolError) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Input)
}
