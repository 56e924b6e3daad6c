//! Words in SQLite: FTS5, ranked by BM25.

use commandcenter_domain::identity::ProjectScope;

use super::by_words::{Depth, Matches};

/// Passages of the project that hold any of the terms. Titles and headings weigh more than text; the scope's column weighs nothing.
///
/// A question of common words matches half of all passages, and looking up the documents of them all costs more than finding them: at
/// [`Depth::Best`] only the best go on.
pub(super) fn matches(scope: &ProjectScope, terms: &[String], depth: Depth) -> Matches {
    let project = scope.project().get();
    // Terms hold letters and digits only; quoted, even `and` and `near` are words.
    let any = terms.iter().map(|term| format!("\"{}\"", term.replace('"', ""))).collect::<Vec<_>>().join(" OR ");
    let expression = format!("scope : \"p{project}\" AND {{title headings content}} : ({any})");
    // Materialised and crossed: left to itself the planner may ask the whole question anew for every passage of the project.
    let best = match depth {
        Depth::Best(passages) => format!(" ORDER BY score DESC LIMIT {passages}"),
        Depth::All => String::new(),
    };
    let sql = format!(
        "WITH found AS MATERIALIZED (SELECT rowid AS id, -bm25(knowledge_words, 0.0, 3.0, 2.0, 1.0) AS score FROM knowledge_words WHERE knowledge_words MATCH $1{best}), \
               matches AS (SELECT f.id, c.document_id, f.score FROM found f CROSS JOIN knowledge_chunks c ON c.id = f.id WHERE c.project_id = $2)"
    );
    Matches { sql, values: vec![expression.into(), project.into()] }
}
