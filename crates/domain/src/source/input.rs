//! What clients say of sources, checked.

use serde_json::{Map, Value};

use crate::schedule::{RuleInput, ScheduleInput, Task, TimingInput};
use crate::shared::{Checker, FieldError, Invalid, Limits, Patch};
use crate::text_enum;

use super::place::Spelled;
use super::{Filing, Place, Source, SourceKind};

const NAME: Limits = Limits { min: 1, max: 255 };
const SECRET: Limits = Limits { min: 16, max: 255 };
/// Most bytes of a config, as JSON.
const LARGEST: usize = 16 * 1024;
/// Most characters of a pushed document: about a megabyte.
const LONGEST_PUSH: usize = 1_000_000;

/// A secret in clear that pushes are signed with. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceSecret(String);

impl SourceSecret {
    /// The secret in clear, for sealing.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SourceSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SourceSecret([redacted])")
    }
}

/// Fields of a source as a client gave them. The same type serves creation (over nothing) and change (over the stored source).
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Source`")]
pub struct SourceInput {
    pub name: Patch<String>,
    pub kind: Patch<String>,
    pub url: Patch<String>,
    pub path: Patch<String>,
    pub schedule: Patch<String>,
    pub priority: Patch<i64>,
    pub enabled: Patch<bool>,
    pub config: Patch<Map<String, Value>>,
    pub secret: Patch<String>,
}

/// A source to store. **Invariant:** a source of the type `webhook` has a secret, here or in storage.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// What it is called.
    pub name: String,
    /// Where its documents are.
    pub place: Place,
    /// How they are filed.
    pub filing: Filing,
    /// 1 to 10.
    pub priority: i32,
    /// Whether it is read.
    pub is_enabled: bool,
    /// The cron expression of its schedule: kept, removed or set.
    pub schedule: Patch<String>,
    /// A new secret.
    pub secret: Option<SourceSecret>,
}

impl SourceInput {
    /// The source that comes of laying this input over a stored one, or over nothing.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Option<&Source>) -> Result<NewSource, Invalid> {
        let mut check = Checker::new();
        let name = match (self.name, base) {
            (Patch::Keep, Some(base)) => base.name.clone(),
            (Patch::Set(text), _) => check.line("name", &text, NAME),
            (Patch::Keep | Patch::Clear, _) => required(&mut check, "name"),
        };
        let kind = kind(&mut check, self.kind, base);
        let priority = match self.priority {
            Patch::Keep | Patch::Clear => base.map_or(5, |base| base.priority),
            Patch::Set(number) => i32::try_from(check.number("priority", number, (1, 10))).unwrap_or(5),
        };
        let is_enabled = match self.enabled {
            Patch::Keep | Patch::Clear => base.is_none_or(|base| base.is_enabled),
            Patch::Set(enabled) => enabled,
        };
        let secret = secret(&mut check, self.secret, (kind, base));
        let schedule = schedule(&mut check, self.schedule, kind);
        let url = self.url.apply(base.and_then(|base| base.place.url().map(str::to_owned)));
        let path = self.path.apply(base.and_then(|base| base.place.path().map(str::to_owned)));
        let config = match self.config {
            Patch::Keep => base.map_or_else(Map::new, |base| object(base.place.config(&base.filing))),
            Patch::Clear => Map::new(),
            Patch::Set(config) => config,
        };
        storable(&mut check, &config);
        let place =
            kind.and_then(|kind| Place::read(&mut check, Spelled { kind, url: url.as_deref(), path: path.as_deref(), config: &config }));
        let (place, filing) = check.finish(place)?.ok_or_else(|| Invalid::one("type", "required", "is required"))?;
        Ok(NewSource { name, place, filing, priority, is_enabled, schedule, secret })
    }
}

impl NewSource {
    /// The plan of the schedule that reads the source, for a cron expression.
    ///
    /// # Errors
    /// [`Invalid`] on `schedule`.
    pub fn plan(name: &str, cron: &str, task: Task) -> Result<crate::schedule::Plan, Invalid> {
        let rule =
            RuleInput { frequency: Patch::Set("cron".to_owned()), cron_expression: Patch::Set(cron.to_owned()), ..RuleInput::default() };
        let shown: String = name.chars().take(240).collect();
        let input = ScheduleInput {
            name: Patch::Set(format!("Source: {shown}")),
            timing: TimingInput { rule, ..TimingInput::default() },
            ..ScheduleInput::default()
        };
        input.over(None, Ok(task)).map_err(Self::about_schedule)
    }

    /// The errors of a schedule, told of the one field that a source has for it.
    #[must_use]
    pub fn about_schedule(Invalid(errors): Invalid) -> Invalid {
        Invalid(errors.into_iter().map(|error| FieldError { field: "schedule".to_owned(), ..error }).collect())
    }
}

fn required(check: &mut Checker, field: &str) -> String {
    check.note(field, "required", "is required");
    String::new()
}

/// The kind, which no change moves: the items of the old one would make no sense.
fn kind(check: &mut Checker, patch: Patch<String>, base: Option<&Source>) -> Option<SourceKind> {
    let stored = base.map(|base| base.place.kind());
    match patch {
        Patch::Keep if stored.is_some() => stored,
        Patch::Keep | Patch::Clear => {
            required(check, "type");
            None
        }
        Patch::Set(text) => {
            let kind = check.choice("type", text.trim(), SourceKind::parse)?;
            if stored.is_some_and(|stored| stored != kind) {
                check.note("type", "unchangeable", "cannot be changed: make another source");
            }
            Some(kind)
        }
    }
}

fn secret(check: &mut Checker, patch: Patch<String>, (kind, base): (Option<SourceKind>, Option<&Source>)) -> Option<SourceSecret> {
    let is_pushed = kind == Some(SourceKind::Webhook);
    match patch {
        Patch::Set(text) if is_pushed => {
            let secret = check.line("secret", &text, SECRET);
            Some(SourceSecret(secret))
        }
        Patch::Set(_) => {
            check.note("secret", "not_used", "is used by sources of the type `webhook` only");
            None
        }
        Patch::Keep | Patch::Clear => {
            if is_pushed && base.is_none_or(|base| !base.has_secret) {
                check.note("secret", "required", "is required: pushes are signed with it");
            }
            None
        }
    }
}

fn schedule(check: &mut Checker, patch: Patch<String>, kind: Option<SourceKind>) -> Patch<String> {
    let text = match patch {
        Patch::Set(text) => text,
        Patch::Keep | Patch::Clear => return patch,
    };
    if kind.is_some_and(|kind| !kind.is_read()) {
        check.note("schedule", "not_used", "is not used by sources that are pushed to");
    }
    let rule = RuleInput { frequency: Patch::Set("cron".to_owned()), cron_expression: Patch::Set(text.clone()), ..RuleInput::default() };
    match (TimingInput { rule, ..TimingInput::default() }).alone() {
        Ok(timing) => Patch::Set(timing.rule.cron_expression().map_or(text, str::to_owned)),
        Err(invalid) => {
            let Invalid(errors) = NewSource::about_schedule(invalid);
            for error in errors {
                check.note(&error.field, error.code, error.message);
            }
            Patch::Keep
        }
    }
}

fn storable(check: &mut Checker, config: &Map<String, Value>) {
    let text = Value::Object(config.clone()).to_string();
    if text.len() > LARGEST {
        check.note("config", "too_long", format!("must have at most {LARGEST} bytes as JSON"));
    }
    if text.contains("\\u0000") {
        check.note("config", "nul", "must not contain the NUL character");
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

text_enum! {
    /// What a list of sources can be sorted by. Without a sort those of the highest priority come first.
    SourceSort {
        /// What it is called.
        Name = "name",
        /// Its priority.
        Priority = "priority",
        /// When it was made.
        CreatedAt = "created_at",
        /// When a run last began.
        LastRunAt = "last_run",
    }
}

/// Which sources are wanted. Conditions combine with AND.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceFilter {
    /// Of this kind.
    pub kind: Option<SourceKind>,
    /// Those that are read, or those that are paused.
    pub is_enabled: Option<bool>,
}

/// A document as somebody pushes it.
#[derive(Debug, Clone, Default)]
pub struct PushInput {
    /// What it is called.
    pub title: String,
    /// Its text: Markdown, a web page or plain.
    pub content: String,
    /// Where people can read it; what tells it from others, when there is no `id`.
    pub url: Option<String>,
    /// What tells it from others of the source.
    pub id: Option<String>,
}

/// A pushed document, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedDocument {
    /// What tells it from others of the source.
    pub key: String,
    /// What it is called.
    pub title: String,
    /// Its text.
    pub content: String,
    /// Where people can read it.
    pub url: Option<String>,
}

impl PushedDocument {
    /// Checks a push.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(input: PushInput) -> Result<Self, Invalid> {
        let mut check = Checker::new();
        let title = check.line("title", &input.title, Limits { min: 1, max: 500 });
        let content = check.block("content", &input.content, Limits { min: 1, max: LONGEST_PUSH });
        let url = check.url("url", input.url.as_deref());
        let id = check.optional_line("id", input.id.as_deref(), 500);
        let key = id.or_else(|| url.clone()).unwrap_or_else(|| title.clone());
        check.finish(Self { key, title, content, url })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(text: &str) -> Patch<String> {
        Patch::Set(text.to_owned())
    }

    fn fields(result: Result<NewSource, Invalid>) -> Vec<(String, &'static str)> {
        result.unwrap_err().0.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_new_source_needs_what_its_type_needs() {
        let feed = SourceInput { name: set(" Blog "), kind: set("rss"), url: set("https://e.org/feed?utm_source=x"), ..Default::default() };
        let new = feed.over(None).unwrap();
        assert_eq!((new.name.as_str(), new.place.url(), new.priority, new.is_enabled), ("Blog", Some("https://e.org/feed"), 5, true));
        let nothing = fields(SourceInput::default().over(None));
        assert_eq!(nothing, [("name".to_owned(), "required"), ("type".to_owned(), "required")]);
        let push = SourceInput { name: set("p"), kind: set("webhook"), ..Default::default() };
        assert_eq!(fields(push.clone().over(None)), [("secret".to_owned(), "required")]);
        assert_eq!(fields(SourceInput { secret: set("short"), ..push.clone() }.over(None)), [("secret".to_owned(), "too_short")]);
        let sealed = SourceInput { secret: set("a secret of some length"), ..push }.over(None).unwrap();
        assert!(!format!("{sealed:?}").contains("some length"), "a secret never shows itself");
    }

    #[test]
    fn a_cron_expression_is_checked_where_it_is_given() {
        let with = |cron: &str| SourceInput {
            name: set("f"),
            kind: set("rss"),
            url: set("https://e.org/feed"),
            schedule: set(cron),
            ..Default::default()
        };
        assert!(with("0 * * * *").over(None).is_ok());
        for wrong in ["", "every hour", "61 * * * *", "* * * *"] {
            let fields = fields(with(wrong).over(None));
            assert!(fields.iter().all(|(field, _)| field == "schedule") && !fields.is_empty(), "{wrong}: {fields:?}");
        }
        let pushed = SourceInput { kind: set("webhook"), url: Patch::Keep, secret: set("a secret of some length"), ..with("@daily") };
        assert_eq!(fields(pushed.over(None)), [("schedule".to_owned(), "not_used")]);
    }

    #[test]
    fn numbers_and_objects_are_bounded() {
        let input = SourceInput {
            name: set(&"x".repeat(256)),
            kind: set("rss"),
            url: set("https://e.org/"),
            priority: Patch::Set(11),
            config: Patch::Set(object(json!({ "max_entries": 0 }))),
            ..Default::default()
        };
        let fields: Vec<_> = fields(input.over(None)).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "priority", "config.max_entries"]);
    }

    #[test]
    fn a_push_is_told_apart_by_id_then_url_then_title() {
        let push = |id: Option<&str>, url: Option<&str>| {
            let input = PushInput { title: "T".into(), content: "c".into(), url: url.map(Into::into), id: id.map(Into::into) };
            PushedDocument::parse(input).unwrap().key
        };
        assert_eq!(push(Some("a"), Some("https://e.org/")), "a");
        assert_eq!(push(None, Some("https://e.org/")), "https://e.org/");
        assert_eq!(push(None, None), "T");
        assert!(PushedDocument::parse(PushInput::default()).is_err());
    }
}
