//! `knowledge`.

use std::path::Path;

use serde_json::{Value, json};

use crate::args::KnowledgeCommand;
use crate::client::{Body, Client, Request};
use crate::command::projects::paged;
use crate::command::{archive, ask, reindex, search, upload};
use crate::error::CliError;
use crate::output::{Format, cell, table};

const ROWS: [(&str, &str); 14] = [
    ("id", "id"),
    ("title", "title"),
    ("file", "filename"),
    ("category", "category"),
    ("tags", "tags"),
    ("origin", "origin"),
    ("address", "source_url"),
    ("language", "language"),
    ("status", "status"),
    ("error", "error"),
    ("warnings", "warnings"),
    ("version", "version"),
    ("passages", "chunk_count"),
    ("changed", "updated_at"),
];

/// Adds to, asks and judges the knowledge base.
pub(crate) async fn run(client: &Client, command: KnowledgeCommand, format: Format) -> Result<(), CliError> {
    match command {
        KnowledgeCommand::Add(files) => upload::run(client, files, format).await,
        KnowledgeCommand::Search(question) => search::run(client, question, format).await,
        KnowledgeCommand::Ask(question) => ask::run(client, question, format).await,
        KnowledgeCommand::List { category, status, search, page } => {
            let request = paged("/knowledge/documents", page).with_some("category", category).with_some("status", status);
            let list = client.ask_project(request.with_some("search", search)).await?;
            let columns = [
                ("ID", "id"),
                ("TITLE", "title"),
                ("CATEGORY", "category"),
                ("STATUS", "status"),
                ("VERSION", "version"),
                ("CHANGED", "updated_at"),
            ];
            format.list(&list, &columns)
        }
        KnowledgeCommand::Show { document } => {
            format.object(&client.ask_project(Request::get(format!("/knowledge/documents/{document}"))).await?, &ROWS)
        }
        KnowledgeCommand::Remove { document } => {
            client.ask_project(Request::delete(format!("/knowledge/documents/{document}"))).await?;
            format.done(&format!("Document {document} removed."), &json!({ "id": document }))
        }
        KnowledgeCommand::Export { file, force } => archive::export(client, &file, force, format).await,
        KnowledgeCommand::Import { file, overwrite } => archive::import(client, &file, overwrite, format).await,
        KnowledgeCommand::Reindex(wanted) => reindex::run(client, wanted, format).await,
        KnowledgeCommand::Eval { file, queries } => evaluate(client, &file, queries, format).await,
    }
}

async fn evaluate(client: &Client, file: &Path, every_query: bool, format: Format) -> Result<(), CliError> {
    let text = if file == Path::new("-") { std::io::read_to_string(std::io::stdin()) } else { std::fs::read_to_string(file) };
    let text = text.map_err(|e| CliError::Failed(format!("{}: {e}", file.display())))?;
    let body: Value = serde_json::from_str(&text).map_err(|e| CliError::Usage(format!("{}: not JSON: {e}", file.display())))?;
    let answer = client.ask_project(Request::post("/knowledge/evaluations", Body::Json(body))).await?;
    format.show(&answer, |answer| describe(answer, every_query))
}

/// The figures, what changed, and on request every question.
fn describe(answer: &Value, every_query: bool) -> String {
    let figure = |of: &Value, name: &str| of.get(name).and_then(Value::as_f64).unwrap_or_default();
    let difference = answer.get("difference").filter(|value| !value.is_null());
    let line = |name: &str, label: &str| {
        let change = difference.map(|by| format!("  ({:+.4})", figure(by, name))).unwrap_or_default();
        format!("{label:<8}{:.4}{change}", figure(answer, name))
    };
    let mut text = [line("ndcg", "nDCG"), line("recall", "recall"), line("mrr", "MRR")].join("\n");
    let queries = answer.get("queries").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if every_query {
        let columns = [("ID", "id"), ("QUESTION", "query"), ("NDCG", "ndcg"), ("RECALL", "recall"), ("MRR", "mrr"), ("MISSED", "missed")];
        text = format!("{}\n{text}", table(queries, &columns));
    }
    format!("{text}\n{} questions, {} search, the first {} documents count", queries.len(), cell(answer, "mode"), cell(answer, "k"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_with_what_changed() {
        let query = json!({ "id": "a", "query": "x", "ndcg": 0.5, "recall": 1.0, "mrr": 0.5, "missed": [] });
        let mut answer =
            json!({ "ndcg": 0.5, "recall": 1.0, "mrr": 0.5, "mode": "hybrid", "k": 10, "queries": [query], "difference": null });
        assert!(describe(&answer, false).starts_with("nDCG    0.5000\nrecall  1.0000\n"), "{}", describe(&answer, false));
        answer["difference"] = json!({ "ndcg": -0.25, "recall": 0.0, "mrr": 0.1 });
        assert!(describe(&answer, true).contains("nDCG    0.5000  (-0.2500)"));
        assert!(describe(&answer, true).contains("QUESTION"));
    }
}
