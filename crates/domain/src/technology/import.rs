//! Rows of technologies that are imported together: what makes them valid, and what becomes of each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::shared::{FieldError, Invalid, Patch, TechnologyId};
use crate::text_enum;

use super::{Profile, ProfileInput, Technology, Title};

/// Most rows of one import.
pub const MOST_ROWS: usize = 10_000;
/// Most broken rules that one refusal names.
const MOST_ERRORS: usize = 200;

text_enum! {
    /// What an import does to a technology that is there already under the row's title.
    MergeStrategy {
        /// Leaves it as it is.
        Skip = "skip",
        /// Replaces it: what the row does not name goes back to its default.
        Overwrite = "overwrite",
        /// Fills what the row names and keeps the rest.
        Merge = "merge",
    }
}

text_enum! {
    /// What became of a row.
    RowOutcome {
        /// A new technology.
        Imported = "imported",
        /// A technology that was there was changed.
        Updated = "updated",
        /// A technology that was there was left as it is.
        Skipped = "skipped",
        /// Nothing was written.
        Failed = "failed",
    }
}

/// What became of a row, for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowResult {
    /// Its place in the request, from 0.
    pub index: usize,
    /// Its title.
    pub title: String,
    /// What became of it.
    pub outcome: RowOutcome,
    /// The technology that it made, changed or met.
    pub technology_id: Option<TechnologyId>,
    /// Why it failed.
    #[serde(default)]
    pub error: Option<String>,
}

/// A row that can be written. **Invariant:** names a title and breaks no rule, whatever it is laid over.
#[derive(Debug, Clone)]
pub struct ImportRow {
    title: Title,
    named: Value,
    input: ProfileInput,
}

/// What a row asks for.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// A new technology.
    Insert(Profile),
    /// This profile for the one that is there.
    Update(Profile),
    /// Nothing.
    Skip,
}

impl Plan {
    /// What the row's result will say.
    #[must_use]
    pub const fn outcome(&self) -> RowOutcome {
        match self {
            Self::Insert(_) => RowOutcome::Imported,
            Self::Update(_) => RowOutcome::Updated,
            Self::Skip => RowOutcome::Skipped,
        }
    }
}

impl ImportRow {
    /// Reads one row, an object of a technology's fields.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn parse(named: Value) -> Result<Self, Invalid> {
        let unreadable = |_| Invalid::one("", "invalid", "must be an object of a technology's fields");
        let input: ProfileInput = serde_json::from_value(named.clone()).map_err(unreadable)?;
        let untitled = input.title == Patch::Keep;
        let checked = input.clone().over(Profile::blank());
        if untitled {
            let mut errors = checked.err().map_or_else(Vec::new, |Invalid(errors)| errors);
            errors.insert(0, FieldError::new("title", "required", "is required"));
            return Err(Invalid(errors));
        }
        Ok(Self { title: checked?.title, named, input })
    }

    /// Reads the rows of one import.
    ///
    /// # Errors
    /// [`Invalid`] with the broken rules of every row, as `technologies[<index>].<field>`; a title that comes twice is one.
    pub fn parse_all(rows: Vec<Value>) -> Result<Vec<Self>, Invalid> {
        if rows.is_empty() || rows.len() > MOST_ROWS {
            return Err(Invalid::one("technologies", "out_of_range", format!("must be between 1 and {MOST_ROWS} technologies")));
        }
        let (mut read, mut errors, mut seen) = (Vec::with_capacity(rows.len()), Vec::new(), HashMap::new());
        for (index, named) in rows.into_iter().enumerate() {
            match Self::parse(named) {
                Ok(row) => {
                    errors.extend(repeated(&mut seen, &row, index));
                    read.push(row);
                }
                Err(Invalid(broken)) => errors.extend(broken.into_iter().map(|error| placed(index, error))),
            }
            if errors.len() >= MOST_ERRORS {
                break;
            }
        }
        if errors.is_empty() { Ok(read) } else { Err(Invalid(errors)) }
    }

    /// Its title.
    #[must_use]
    pub const fn title(&self) -> &Title {
        &self.title
    }

    /// What was given, to be kept until it is written.
    #[must_use]
    pub fn into_named(self) -> Value {
        self.named
    }

    /// What the row asks for, given the technology that is there under its title.
    ///
    /// # Errors
    /// None that the row's invariant leaves possible.
    pub fn plan(&self, strategy: MergeStrategy, there: Option<&Technology>) -> Result<Plan, Invalid> {
        let over = |base: Profile| self.input.clone().over(base);
        match (there, strategy) {
            (None, _) => over(Profile::blank()).map(Plan::Insert),
            (Some(_), MergeStrategy::Skip) => Ok(Plan::Skip),
            (Some(_), MergeStrategy::Overwrite) => over(Profile::blank()).map(Plan::Update),
            (Some(there), MergeStrategy::Merge) => over(there.profile.clone()).map(Plan::Update),
        }
    }
}

/// A title is to come once: of two rows it could not be said which one counts.
fn repeated(seen: &mut HashMap<String, usize>, row: &ImportRow, index: usize) -> Option<FieldError> {
    match seen.entry(row.title.key()) {
        Entry::Vacant(free) => {
            free.insert(index);
            None
        }
        Entry::Occupied(first) => {
            let message = format!("is the title of technologies[{}] too", first.get());
            Some(placed(index, FieldError::new("title", "duplicate", message)))
        }
    }
}

/// The error with the place of its row in front.
fn placed(index: usize, error: FieldError) -> FieldError {
    let dot = if error.field.is_empty() { "" } else { "." };
    FieldError { field: format!("technologies[{index}]{dot}{}", error.field), ..error }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::shared::Timestamp;

    fn there(named: Value) -> Technology {
        let Plan::Insert(profile) = ImportRow::parse(named).unwrap().plan(MergeStrategy::Skip, None).unwrap() else { panic!() };
        let at = Timestamp::UNIX_EPOCH;
        Technology { id: TechnologyId::new(1), profile, version: 1, created_at: at, updated_at: at }
    }

    #[test]
    fn every_row_is_looked_at_and_named_by_its_place() {
        let rows = vec![
            json!({"title": "Rust"}),
            json!({"title": " ", "domain": "cooking"}),
            json!({"vendor": "x"}),
            json!({"title": "RUST"}),
            json!({"title": "Go", "nope": 1}),
            json!(7),
        ];
        let Invalid(errors) = ImportRow::parse_all(rows).unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        let expected = [
            ("technologies[1].title", "required"),
            ("technologies[1].domain", "unknown_value"),
            ("technologies[2].title", "required"),
            ("technologies[3].title", "duplicate"),
            ("technologies[4]", "invalid"),
            ("technologies[5]", "invalid"),
        ];
        assert_eq!(found, expected);
        assert!(ImportRow::parse_all(Vec::new()).is_err());
        assert!(ImportRow::parse_all(vec![json!({"title": "a"}); MOST_ROWS + 1]).is_err());
    }

    #[test]
    fn each_strategy_does_to_what_is_there_as_it_says() {
        let there = there(json!({"title": "Rust", "vendor": "Foundation", "priority": 5, "notes": "N"}));
        let row = ImportRow::parse(json!({"title": "rust", "status": "integrated", "notes": null})).unwrap();
        let plan = |strategy| row.plan(strategy, Some(&there)).unwrap();
        assert_eq!(plan(MergeStrategy::Skip), Plan::Skip);
        let Plan::Update(merged) = plan(MergeStrategy::Merge) else { panic!() };
        assert_eq!((merged.title.as_str(), merged.vendor.as_deref(), merged.priority, merged.notes), ("rust", Some("Foundation"), 5, None));
        assert_eq!(merged.status, super::super::TechnologyStatus::Integrated);
        let Plan::Update(replaced) = plan(MergeStrategy::Overwrite) else { panic!() };
        assert_eq!((replaced.vendor, replaced.priority, replaced.status), (None, 3, merged.status));
        for strategy in MergeStrategy::ALL {
            assert_eq!(row.plan(*strategy, None).unwrap().outcome(), RowOutcome::Imported);
        }
    }
}
