//! Words in PostgreSQL: tsvector, ranked by term frequency and rarity. `ts_rank` alone knows no rarity, so that common words of a question
//! would drown the telling one; each term is weighed by how few passages hold it, as BM25 does.
//!
//! A term that half of all passages hold finds nothing that rarer terms do not find better, yet most of the work would be its. A sample
//! tells how common the terms are; the rarest select the passages, and the others only help to rank them (the idea of a cut-off frequency,
//! as in the "common terms" query of Lucene).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};

use super::by_words::{Depth, Matches};
use crate::error::sort;

/// Pages of the table that are sampled.
const SAMPLED: u64 = 60;
/// Fewest passages of the project in a sample that says anything.
const TELLING: i64 = 50;

/// What is known of the table of passages.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// How large it was when it was last looked at, in pages.
    pages: AtomicU64,
    /// Whether its statistics are being brought up to date.
    analysing: Arc<AtomicBool>,
}

/// How the terms of a question are used.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plan {
    /// For each term, how many passages probably hold it; `None` for those that select and are counted.
    common: Vec<Option<f64>>,
}

impl Plan {
    /// Every term selects.
    pub(super) fn all(terms: &[String]) -> Self {
        Self { common: vec![None; terms.len()] }
    }

    /// Whether some terms do not select.
    pub(super) fn is_narrow(&self) -> bool {
        self.common.iter().any(Option::is_some)
    }

    /// The rarest terms select until together they probably find `enough` passages.
    fn of(probable: &[f64], enough: f64) -> Self {
        let mut order: Vec<usize> = (0..probable.len()).collect();
        order.sort_by(|a, b| probable[*a].total_cmp(&probable[*b]));
        let mut common = vec![None; probable.len()];
        let mut found = 0.0;
        for term in order {
            if found >= enough {
                common[term] = Some(probable[term]);
            }
            found += probable[term];
        }
        Self { common }
    }
}

/// Looks how common the terms are.
pub(super) async fn plan(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    terms: &[String],
    (depth, table): (Depth, &Table),
) -> Result<Plan, StoreError> {
    let Depth::Best(enough) = depth else { return Ok(Plan::all(terms)) };
    if terms.len() < 2 {
        return Ok(Plan::all(terms));
    }
    let percent = (SAMPLED as f64 * 100.0 / table.pages.load(Ordering::Relaxed).max(1) as f64).min(100.0);
    let counts = (2..terms.len() + 2).map(|n| format!(", count(*) FILTER (WHERE words @@ {})", query(n))).collect::<Vec<_>>().concat();
    let sql = format!(
        "SELECT pg_relation_size('knowledge_chunks') / 8192, \
           (SELECT reltuples::int8 FROM pg_class WHERE oid = 'knowledge_chunks'::regclass), count(*){counts} \
         FROM knowledge_chunks TABLESAMPLE SYSTEM ({percent:.4}) REPEATABLE (1) WHERE project_id = $1"
    );
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values(scope, terms));
    let Some(row) = db.query_one_raw(statement).await.map_err(sort)? else { return Ok(Plan::all(terms)) };
    let number = |at: usize| row.try_get_by_index::<i64>(at).map_err(sort);
    table.pages.store(u64::try_from(number(0)?).unwrap_or(0), Ordering::Relaxed);
    let sampled = number(2)?;
    if sampled < TELLING {
        return Ok(Plan::all(terms));
    }
    // After a first large upload the server may not have looked at the table yet, and would read all of it for every question.
    if (number(1)? * 2) as f64 <= sampled as f64 * 100.0 / percent {
        analyse(db, &table.analysing);
    }
    let probable = (3..terms.len() + 3).map(|at| Ok(number(at)? as f64 * 100.0 / percent)).collect::<Result<Vec<_>, StoreError>>()?;
    Ok(Plan::of(&probable, enough as f64))
}

/// Has the server bring its statistics of the table up to date, beside the question.
fn analyse(db: &DatabaseConnection, analysing: &Arc<AtomicBool>) {
    if analysing.swap(true, Ordering::SeqCst) {
        return;
    }
    let (db, analysing) = (db.clone(), Arc::clone(analysing));
    tokio::spawn(async move {
        if let Err(error) = db.execute_unprepared("ANALYZE knowledge_chunks").await {
            tracing::debug!(%error, "the statistics of passages could not be brought up to date");
        }
        analysing.store(false, Ordering::SeqCst);
    });
}

/// Passages of the project that hold any of the terms that select.
pub(super) fn matches(scope: &ProjectScope, terms: &[String], (plan, depth): (&Plan, Depth)) -> Matches {
    let best = match depth {
        Depth::Best(passages) => format!(" ORDER BY score DESC, id LIMIT {passages}"),
        Depth::All => String::new(),
    };
    let numbered = || (2..).zip(&plan.common);
    let queries: Vec<String> = numbered().map(|(n, _)| format!("{} AS q{n}", query(n))).collect();
    let selecting: Vec<String> = numbered().filter(|(_, common)| common.is_none()).map(|(n, _)| format!("q{n}")).collect();
    let ranks = numbered().map(|(n, _)| format!(", ts_rank(c.words, a.q{n}) AS r{n}")).collect::<Vec<_>>().concat();
    let counts: Vec<String> = numbered()
        .map(|(n, common)| match common {
            None => format!("count(*) FILTER (WHERE r{n} > 0) AS s{n}"),
            Some(probable) => format!("{probable:.1} AS s{n}"),
        })
        .collect();
    let weights: Vec<String> =
        numbered().map(|(n, _)| format!("ln(1 + (greatest(passages - s{n}, 0) + 0.5) / (s{n} + 0.5)) AS w{n}")).collect();
    let terms_weighed: Vec<String> = numbered().map(|(n, _)| format!("w{n} * r{n} / (r{n} + 0.1)")).collect();
    // The queries are made once: in a prepared statement whose plan is kept they would be made anew for every row.
    // `plainto_tsquery` knows no operators: a term is a word whatever it says. Stop words give empty queries, which match nothing.
    let sql = format!(
        "WITH asked AS MATERIALIZED (SELECT *, {any} AS selecting FROM (SELECT {queries}) q), \
         found AS MATERIALIZED (SELECT c.id, c.document_id{ranks} FROM asked a JOIN knowledge_chunks c ON c.words @@ a.selecting \
           WHERE c.project_id = $1), \
         size AS (SELECT coalesce(sum(chunk_count), 0)::float8 AS passages FROM knowledge_documents WHERE project_id = $1), \
         weights AS (SELECT {weights} FROM size, (SELECT {counts} FROM found) counted), \
         matches AS (SELECT id, document_id, ({score})::float8 AS score FROM found, weights{best})",
        any = selecting.join(" || "),
        queries = queries.join(", "),
        weights = weights.join(", "),
        counts = counts.join(", "),
        score = terms_weighed.join(" + "),
    );
    Matches { sql, values: values(scope, terms) }
}

/// The query of the term that is parameter `n`.
fn query(n: usize) -> String {
    format!("plainto_tsquery('english', ${n})")
}

fn values(scope: &ProjectScope, terms: &[String]) -> Vec<Value> {
    let mut values: Vec<Value> = vec![scope.project().get().into()];
    values.extend(terms.iter().map(|term| Value::from(term.as_str())));
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_terms_select_until_they_find_enough() {
        let selecting = |probable: &[f64]| Plan::of(probable, 400.0).common.iter().map(Option::is_none).collect::<Vec<_>>();
        assert_eq!(selecting(&[3000.0, 20.0, 150.0, 600.0, 5000.0]), [false, true, true, true, false]);
        assert_eq!(selecting(&[3000.0, 2000.0]), [false, true], "one always selects");
        assert_eq!(selecting(&[10.0, 0.0, 30.0]), [true, true, true], "all of them when they are few");
    }
}
