//! What a model says of a prompt.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::text_enum;

/// An overall score from which a rewritten prompt is good enough.
pub const PASSABLE: u8 = 80;
/// A score of its intent below which nobody can tell what a prompt is for.
pub const UNCLEAR: u8 = 70;

text_enum! {
    /// What is wrong with a prompt.
    IssueKind {
        /// Demands that cannot both be met.
        Conflict = "conflict",
        /// Words that can be read in several ways.
        Ambiguity = "ambiguity",
        /// It does not say what the answer looks like.
        MissingOutput = "missing_output",
        /// It does not say what binds the answer.
        MissingConstraints = "missing_constraints",
        /// It says more than it has to.
        Verbosity = "verbosity",
        /// Its parts are in no order.
        Structure = "structure",
        /// It does not tell what it is for.
        IntentUnclear = "intent_unclear",
    }
}

text_enum! {
    /// How much that matters.
    Severity {
        /// A matter of taste.
        Low = "low",
        /// Answers get worse by it.
        Medium = "medium",
        /// Answers go wrong by it.
        High = "high",
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// What.
    #[serde(rename = "type")]
    pub kind: IssueKind,
    /// How much it matters.
    pub severity: Severity,
    /// What it is, in a sentence.
    pub description: String,
    /// What to do about it.
    pub suggestion: String,
}

/// How good it is, each from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scores {
    /// Whether its words can be read in one way only.
    pub clarity: u8,
    /// Whether its parts are in order.
    pub structure: u8,
    /// Whether it has all that an answer needs.
    pub completeness: u8,
    /// Whether it tells what it is for.
    pub intent_clarity: u8,
    /// All in all.
    pub overall: u8,
}

/// What a model says of a prompt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// What is wrong.
    pub issues: Vec<Issue>,
    /// How good it is; of the rewritten one where there is one.
    pub scores: Scores,
    /// The prompt rewritten.
    #[serde(default)]
    pub improved: Option<String>,
    /// All of it in a sentence or two.
    pub summary: String,
}

impl Review {
    /// The JSON schema that a model is held to.
    #[must_use]
    pub fn schema(wants_improved: bool) -> Value {
        let text = json!({ "type": "string" });
        let score = json!({ "type": "integer", "minimum": 0, "maximum": 100 });
        let scores = ["clarity", "structure", "completeness", "intent_clarity", "overall"];
        let names = |all: &[&'static str]| json!({ "type": "string", "enum": all });
        let kinds: Vec<_> = IssueKind::ALL.iter().map(|kind| kind.as_str()).collect();
        let severities: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
        let issue = object(&[
            ("type", names(&kinds)),
            ("severity", names(&severities)),
            ("description", text.clone()),
            ("suggestion", text.clone()),
        ]);
        let scores = object(&scores.map(|name| (name, score.clone())));
        let mut fields = vec![("issues", json!({ "type": "array", "items": issue })), ("scores", scores), ("summary", text.clone())];
        if wants_improved {
            fields.push(("improved", text));
        }
        object(&fields)
    }
}

/// An object of exactly these fields.
fn object(fields: &[(&str, Value)]) -> Value {
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    let properties: serde_json::Map<_, _> = fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_satisfies_the_schema_is_read() {
        let schema = Review::schema(true);
        assert_eq!(schema["required"], json!(["issues", "scores", "summary", "improved"]));
        assert_eq!(schema["properties"]["issues"]["items"]["properties"]["type"]["enum"].as_array().unwrap().len(), 7);
        assert_eq!(Review::schema(false)["properties"]["improved"], Value::Null);
        let read: Review = serde_json::from_value(json!({
            "issues": [{ "type": "missing_output", "severity": "high", "description": "d", "suggestion": "s" }],
            "scores": { "clarity": 1, "structure": 2, "completeness": 3, "intent_clarity": 4, "overall": 100 }, "summary": "x",
        }))
        .unwrap();
        assert_eq!((read.issues[0].kind, read.issues[0].severity, read.improved), (IssueKind::MissingOutput, Severity::High, None));
    }
}
