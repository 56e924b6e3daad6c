//! Budgets: how much may be spent, on whose account, in which time.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveTime};

use super::{Cause, NanoDollars};
use crate::shared::{ApiKeyId, BudgetId, Checker, Invalid, Limits, Patch, Timestamp, UserId};
use crate::text_enum;

const NAME: Limits = Limits { min: 1, max: 100 };
/// The highest limit: a hundred million dollars, so that sums of limits never overflow.
pub const HIGHEST_LIMIT: i64 = 100_000_000_000_000_000;

text_enum! {
    /// The kind of a budget's scope.
    BudgetScopeKind {
        /// Everything that the project spends.
        Project = "project",
        /// What one account spends in it.
        User = "user",
        /// What comes with one API key.
        ApiKey = "api_key",
        /// What is spent for one cause.
        Cause = "cause",
    }
}

text_enum! {
    /// How long a budget lasts before it starts again.
    Period {
        /// From midnight to midnight, in UTC.
        Day = "day",
        /// From the first of a month, in UTC.
        Month = "month",
        /// For good.
        Total = "total",
    }
}

text_enum! {
    /// What happens at the limit.
    BudgetMode {
        /// Calls that could go beyond it are refused.
        Hard = "hard",
        /// An event tells of it, once in a period.
        Soft = "soft",
    }
}

/// On whose account spending counts against a budget, within its project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BudgetScope {
    /// Everything.
    Project,
    /// One account's.
    User(UserId),
    /// One key's.
    ApiKey(ApiKeyId),
    /// One cause's.
    Cause(Cause),
}

impl BudgetScope {
    /// Its kind.
    #[must_use]
    pub const fn kind(self) -> BudgetScopeKind {
        match self {
            Self::Project => BudgetScopeKind::Project,
            Self::User(_) => BudgetScopeKind::User,
            Self::ApiKey(_) => BudgetScopeKind::ApiKey,
            Self::Cause(_) => BudgetScopeKind::Cause,
        }
    }
}

impl Period {
    /// The window that a moment lies in: its start, and its end unless it has none.
    #[must_use]
    pub fn window(self, at: Timestamp) -> (Timestamp, Option<Timestamp>) {
        let day = at.date_naive();
        match self {
            Self::Day => (midnight(day), day.checked_add_days(Days::new(1)).map(midnight)),
            Self::Month => {
                let first = day.with_day(1).unwrap_or(day);
                (midnight(first), first.checked_add_months(Months::new(1)).map(midnight))
            }
            Self::Total => (Timestamp::UNIX_EPOCH, None),
        }
    }
}

fn midnight(day: NaiveDate) -> Timestamp {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// A budget, with what was spent of it in the present window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// What it is called, once in a project.
    pub name: String,
    /// What counts against it.
    pub scope: BudgetScope,
    /// How long it lasts.
    pub period: Period,
    /// How much may be spent.
    pub limit: NanoDollars,
    /// What happens then.
    pub mode: BudgetMode,
    /// What ended attempts cost.
    pub spent: NanoDollars,
    /// What attempts under way can cost at most.
    pub reserved: NanoDollars,
    /// When the present window began; never for a total.
    pub period_start: Option<Timestamp>,
    /// When it starts again; never for a total.
    pub resets_at: Option<Timestamp>,
    /// Goes up with every change.
    pub version: i64,
    /// When it was made; what was spent before does not count.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A budget to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBudget {
    /// What it is called.
    pub name: String,
    /// What counts against it.
    pub scope: BudgetScope,
    /// How long it lasts.
    pub period: Period,
    /// How much may be spent.
    pub limit: NanoDollars,
    /// What happens then.
    pub mode: BudgetMode,
}

/// Fields of a budget as a client gave them. The same type serves creation (over nothing) and change (over the stored one).
#[derive(Debug, Clone, Default)]
#[expect(missing_docs, reason = "each field is the one of the same name in the API, described at `Budget`")]
pub struct BudgetInput {
    pub name: Patch<String>,
    pub scope: Option<String>,
    pub user_id: Option<i64>,
    pub api_key_id: Option<i64>,
    pub cause: Option<String>,
    pub period: Option<String>,
    pub limit_nano: Patch<i64>,
    pub mode: Patch<String>,
}

impl BudgetInput {
    /// The budget that comes of laying this input over a stored one, or over nothing. Scope and period stay as they were made: what was
    /// counted under others would mean nothing.
    ///
    /// # Errors
    /// [`Invalid`] with every broken rule.
    pub fn over(self, base: Option<&Budget>) -> Result<NewBudget, Invalid> {
        let mut check = Checker::new();
        let name = match (&self.name, base) {
            (Patch::Keep, Some(base)) => base.name.clone(),
            (Patch::Set(text), _) => check.line("name", text, NAME),
            (Patch::Keep | Patch::Clear, _) => {
                check.note("name", "required", "is required");
                String::new()
            }
        };
        let scope = base.map_or_else(|| self.scope(&mut check), |base| Some(base.scope));
        let period = match base {
            Some(base) => Some(base.period),
            None => chosen(&mut check, "period", (self.period.as_deref(), "`day`, `month` or `total`"), Period::parse),
        };
        let limit = match (self.limit_nano, base) {
            (Patch::Keep, Some(base)) => base.limit.get(),
            (Patch::Set(limit), _) => check.number("limit_nano", limit, (0, HIGHEST_LIMIT)),
            (Patch::Keep | Patch::Clear, _) => {
                check.note("limit_nano", "required", "is required: nano-dollars");
                0
            }
        };
        let mode = match (self.mode, base) {
            (Patch::Keep, Some(base)) => Some(base.mode),
            (Patch::Set(text), _) => check.choice("mode", &text, BudgetMode::parse),
            (Patch::Keep | Patch::Clear, _) => Some(BudgetMode::Hard),
        };
        let (scope, (period, mode)) =
            check.finish(scope.zip(period.zip(mode)))?.ok_or_else(|| Invalid::one("scope", "required", "is required"))?;
        Ok(NewBudget { name, scope, period, limit: NanoDollars::new(limit), mode })
    }

    fn scope(&self, check: &mut Checker) -> Option<BudgetScope> {
        let allowed = "`project`, `user`, `api_key` or `cause`";
        let kind = chosen(check, "scope", (self.scope.as_deref(), allowed), BudgetScopeKind::parse)?;
        let named = [
            ("user_id", BudgetScopeKind::User, self.user_id.is_some()),
            ("api_key_id", BudgetScopeKind::ApiKey, self.api_key_id.is_some()),
            ("cause", BudgetScopeKind::Cause, self.cause.is_some()),
        ];
        for (field, of, is_given) in named {
            if is_given && of != kind {
                check.note(field, "not_used", format!("is used by budgets of the scope `{of}` only"));
            }
            if !is_given && of == kind {
                check.note(field, "required", format!("is required for the scope `{kind}`"));
            }
        }
        match kind {
            BudgetScopeKind::Project => Some(BudgetScope::Project),
            BudgetScopeKind::User => self.user_id.map(|id| BudgetScope::User(UserId::new(id))),
            BudgetScopeKind::ApiKey => self.api_key_id.map(|id| BudgetScope::ApiKey(ApiKeyId::new(id))),
            BudgetScopeKind::Cause => {
                let cause = self.cause.as_deref()?;
                check.choice("cause", cause, Cause::parse).map(BudgetScope::Cause)
            }
        }
    }
}

fn chosen<T: Copy>(
    check: &mut Checker,
    field: &str,
    (text, allowed): (Option<&str>, &str),
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    match text {
        Some(text) => check.choice(field, text, parse),
        None => {
            check.note(field, "required", format!("is required: {allowed}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn windows_begin_at_midnight_in_utc() {
        let now = at("2028-02-29T23:59:59Z");
        assert_eq!(Period::Day.window(now), (at("2028-02-29T00:00:00Z"), Some(at("2028-03-01T00:00:00Z"))));
        assert_eq!(Period::Month.window(now), (at("2028-02-01T00:00:00Z"), Some(at("2028-03-01T00:00:00Z"))));
        assert_eq!(Period::Total.window(now).1, None);
        assert_eq!(Period::Day.window(at("2028-03-01T00:00:00Z")).0, at("2028-03-01T00:00:00Z"), "a window holds its start");
    }

    fn input(scope: &str) -> BudgetInput {
        BudgetInput {
            name: Patch::Set("b".into()),
            scope: Some(scope.into()),
            period: Some("day".into()),
            limit_nano: Patch::Set(5),
            ..BudgetInput::default()
        }
    }

    fn fields(input: BudgetInput) -> Vec<(String, &'static str)> {
        input.over(None).unwrap_err().0.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn a_scope_names_what_it_needs_and_nothing_else() {
        assert_eq!(input("project").over(None).unwrap().mode, BudgetMode::Hard);
        assert_eq!(fields(input("user")), [("user_id".to_owned(), "required")]);
        assert_eq!(fields(BudgetInput { user_id: Some(1), ..input("project") }), [("user_id".to_owned(), "not_used")]);
        let cause = BudgetInput { cause: Some("ask".into()), ..input("cause") };
        assert_eq!(cause.over(None).unwrap().scope, BudgetScope::Cause(Cause::Ask));
        assert_eq!(fields(BudgetInput { cause: Some("fun".into()), ..input("cause") }), [("cause".to_owned(), "unknown_value")]);
        assert_eq!(fields(BudgetInput { limit_nano: Patch::Set(-1), ..input("project") }), [("limit_nano".to_owned(), "out_of_range")]);
        let nothing: Vec<_> = fields(BudgetInput::default()).into_iter().map(|(field, _)| field).collect();
        assert_eq!(nothing, ["name", "scope", "period", "limit_nano"]);
    }
}
