//! What goes in and out of the tools for prompts.

use commandcenter_domain::prompt::{Issue, IssueKind, QuickCheck, Review, Scores, Severity, UNCLEAR};
use commandcenter_services::prompt::Reviewed;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A prompt to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"prompt": "You are a reviewer of contracts. List every deadline in a table of date, party and duty."}))]
pub(super) struct PromptBody {
    /// 10 to 50,000 characters.
    #[schema(min_length = 10, max_length = 50_000)]
    pub(super) prompt: String,
}

/// What the words of a prompt tell.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QuickCheckView {
    /// Whether it says as whom the model speaks.
    has_role: bool,
    /// Whether it says what the answer looks like.
    has_output_format: bool,
    /// Whether something binds the answer.
    has_constraints: bool,
    word_count: usize,
    /// What would help.
    suggestions: Vec<String>,
    /// Demands that cannot both be met.
    potential_conflicts: Vec<String>,
}

impl From<QuickCheck> for QuickCheckView {
    fn from(check: QuickCheck) -> Self {
        let QuickCheck { has_role, has_output_format, has_constraints, word_count, suggestions, potential_conflicts } = check;
        Self { has_role, has_output_format, has_constraints, word_count, suggestions, potential_conflicts }
    }
}

/// What a model says of a prompt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ReviewView {
    /// What is wrong with the given one, the worst first.
    issues: Vec<IssueView>,
    scores: ScoresView,
    /// Whether nobody can tell what it is for: `intent_clarity` is below 70.
    intent_unclear: bool,
    /// The prompt rewritten; null when it was only analysed.
    improved: Option<String>,
    summary: String,
    /// Who says so, as `provider/model`.
    model: String,
    /// What that cost, in nano-dollars.
    cost_nano: i64,
}

/// One thing that is wrong.
#[derive(Debug, Serialize, ToSchema)]
struct IssueView {
    /// `conflict`, `ambiguity`, `missing_output`, `missing_constraints`, `verbosity`, `structure` or `intent_unclear`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "missing_output")]
    kind: IssueKind,
    /// `low`, `medium` or `high`.
    #[schema(value_type = String, example = "medium")]
    severity: Severity,
    description: String,
    suggestion: String,
}

/// How good a prompt is, each from 0 to 100; of the rewritten one where there is one.
#[derive(Debug, Serialize, ToSchema)]
struct ScoresView {
    clarity: u8,
    structure: u8,
    completeness: u8,
    intent_clarity: u8,
    overall: u8,
}

impl From<Reviewed> for ReviewView {
    fn from(Reviewed { review, model, cost }: Reviewed) -> Self {
        let Review { issues, scores, improved, summary } = review;
        let intent_unclear = scores.intent_clarity < UNCLEAR;
        let issues = issues.into_iter().map(IssueView::from).collect();
        Self { issues, scores: scores.into(), intent_unclear, improved, summary, model, cost_nano: cost.get() }
    }
}

impl From<Issue> for IssueView {
    fn from(Issue { kind, severity, description, suggestion }: Issue) -> Self {
        Self { kind, severity, description, suggestion }
    }
}

impl From<Scores> for ScoresView {
    fn from(Scores { clarity, structure, completeness, intent_clarity, overall }: Scores) -> Self {
        Self { clarity, structure, completeness, intent_clarity, overall }
    }
}
