//! What clients say of a schedule, checked. The same type serves creation (over nothing) and change (over the stored plan).

use crate::shared::{Checker, FieldError, Invalid, Limits, Patch, Timestamp};

use super::model::{Plan, Task, Timing, Window};
use super::{Frequency, Misfire, Overlap, Rule, RuleInput, Zone};

const NAME: Limits = Limits { min: 1, max: 255 };
const LONGEST_DESCRIPTION: usize = 512;
/// A day.
const MOST_JITTER: i64 = 24 * 3600;
const MOST_CAUGHT_UP: i64 = 100;
const MOST_FAILURES: i64 = 1_000;
/// Failures in a row that disable a schedule unless its client says otherwise.
const USUAL_FAILURES: i32 = 10;

/// When a schedule fires, as a client gave it.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Timing`")]
pub struct TimingInput {
    pub rule: RuleInput,
    pub timezone: Patch<String>,
    pub start_time: Patch<String>,
    pub end_time: Patch<String>,
}

/// Fields of a schedule as a client gave them.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Plan`")]
pub struct ScheduleInput {
    pub name: Patch<String>,
    pub description: Patch<String>,
    pub timing: TimingInput,
    pub jitter_seconds: Patch<i64>,
    pub misfire_policy: Patch<String>,
    pub catch_up_limit: Patch<i64>,
    pub overlap_policy: Patch<String>,
    pub max_consecutive_failures: Patch<i64>,
}

impl ScheduleInput {
    /// The plan that comes of laying this input over a stored one, or over nothing, with a task that was checked elsewhere: its broken
    /// rules are told together with these.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Option<&Plan>, task: Result<Task, Vec<FieldError>>) -> Result<Plan, Invalid> {
        let mut check = Checker::new();
        let name = name(&mut check, self.name, base);
        let task = task.map_err(|errors| errors.into_iter().for_each(|error| check.note(&error.field, error.code, error.message))).ok();
        let timing = self.timing.checked(&mut check, base.map(|plan| &plan.timing));
        let description = match self.description {
            Patch::Keep => base.and_then(|plan| plan.description.clone()),
            Patch::Clear => None,
            Patch::Set(text) => check.optional_block("description", Some(&text), LONGEST_DESCRIPTION),
        };
        let jitter_seconds =
            number(&mut check, ("jitter_seconds", (0, MOST_JITTER)), self.jitter_seconds, base.map_or(0, |plan| plan.jitter_seconds));
        let catch_up_limit =
            number(&mut check, ("catch_up_limit", (1, MOST_CAUGHT_UP)), self.catch_up_limit, base.map_or(10, |plan| plan.catch_up_limit));
        let misfire = base.map_or(Misfire::RunOnce, |plan| plan.misfire);
        let misfire = choice(&mut check, ("misfire_policy", Misfire::parse), self.misfire_policy, misfire);
        let overlap = base.map_or(Overlap::Skip, |plan| plan.overlap);
        let overlap = choice(&mut check, ("overlap_policy", Overlap::parse), self.overlap_policy, overlap);
        let max_failures = match self.max_consecutive_failures {
            Patch::Keep => base.map_or(Some(USUAL_FAILURES), |plan| plan.max_failures),
            Patch::Clear => None,
            Patch::Set(most) => i32::try_from(check.number("max_consecutive_failures", most, (1, MOST_FAILURES))).ok(),
        };
        let (timing, task) = check.finish((timing, task))?;
        let (Some(timing), Some(task)) = (timing, task) else {
            return Err(Invalid::one("frequency", "required", "is required"));
        };
        Ok(Plan { name, description, task, timing, jitter_seconds, misfire, catch_up_limit, overlap, max_failures })
    }
}

impl TimingInput {
    /// Whether it says anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The timing of this input alone, for a look ahead.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn alone(self) -> Result<Timing, Invalid> {
        let mut check = Checker::new();
        let timing = self.checked(&mut check, None);
        check.finish(timing)?.ok_or_else(|| Invalid::one("frequency", "required", "is required"))
    }

    fn checked(self, check: &mut Checker, base: Option<&Timing>) -> Option<Timing> {
        let rule = self.rule.over(check, base.map(|timing| &timing.rule));
        let zone = match self.timezone {
            Patch::Keep => Some(base.map_or(Zone::UTC, |timing| timing.zone)),
            Patch::Clear => Some(Zone::UTC),
            Patch::Set(name) => zone(check, &name),
        };
        let kept = base.map(|timing| timing.window).unwrap_or_default();
        let window = Window {
            start: moment(check, "start_time", self.start_time, kept.start),
            end: moment(check, "end_time", self.end_time, kept.end),
        };
        if window.start.is_some_and(|start| window.end.is_some_and(|end| end <= start)) {
            check.note("end_time", "before_start", "must be later than start_time");
        }
        if rule == Some(Rule::Once) && window.start.is_none() {
            check.note("start_time", "required", "is required by the frequency `once`");
        }
        Some(Timing { rule: rule?, zone: zone?, window })
    }
}

impl Timing {
    /// Refuses a timing without a fire after a moment, by the field to change.
    ///
    /// # Errors
    /// [`Invalid`] on that field.
    pub fn require_fire(&self, after: Timestamp, anchor: Timestamp) -> Result<Timestamp, Invalid> {
        let open = Self { window: Window { end: None, ..self.window }, ..self.clone() };
        self.next_after(after, anchor).ok_or_else(|| match self.rule.frequency() {
            Frequency::Once => Invalid::one("start_time", "in_the_past", "must be in the future: the schedule would never fire"),
            Frequency::Cron if open.next_after(after, anchor).is_none() => {
                Invalid::one("cron_expression", "never_fires", "names a date that never comes")
            }
            Frequency::Hourly | Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Interval | Frequency::Cron => {
                Invalid::one("end_time", "never_fires", "must be later: the schedule would never fire before it")
            }
        })
    }
}

fn name(check: &mut Checker, patch: Patch<String>, base: Option<&Plan>) -> String {
    match (patch, base) {
        (Patch::Keep, Some(plan)) => plan.name.clone(),
        (Patch::Set(text), _) => check.line("name", &text, NAME),
        (Patch::Keep | Patch::Clear, _) => {
            check.note("name", "required", "is required");
            String::new()
        }
    }
}

fn zone(check: &mut Checker, name: &str) -> Option<Zone> {
    let zone = Zone::parse(name.trim());
    if zone.is_none() {
        check.note("timezone", "unknown_zone", "must be a time zone of the IANA database, such as `Europe/Prague`");
    }
    zone
}

fn moment(check: &mut Checker, field: &str, patch: Patch<String>, kept: Option<Timestamp>) -> Option<Timestamp> {
    match patch {
        Patch::Keep => kept,
        Patch::Clear => None,
        Patch::Set(text) => check.moment(field, &text),
    }
}

fn number(check: &mut Checker, (field, bounds): (&str, (i64, i64)), patch: Patch<i64>, kept: i32) -> i32 {
    match patch {
        Patch::Keep => kept,
        Patch::Clear => null(check, field, kept),
        Patch::Set(value) => i32::try_from(check.number(field, value, bounds)).unwrap_or(kept),
    }
}

fn choice<T: Copy>(check: &mut Checker, (field, parse): (&str, fn(&str) -> Option<T>), patch: Patch<String>, kept: T) -> T {
    match patch {
        Patch::Keep => kept,
        Patch::Clear => null(check, field, kept),
        Patch::Set(text) => check.choice(field, text.trim(), parse).unwrap_or(kept),
    }
}

fn null<T>(check: &mut Checker, field: &str, kept: T) -> T {
    check.note(field, "null", "must not be null");
    kept
}

#[cfg(test)]
#[path = "input_tests.rs"]
mod tests;
