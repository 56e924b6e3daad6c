//! Search by words in the database, for projects whose words are too many for memory: what both databases share.

use std::collections::HashSet;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{RankedPassage, Search};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, QueryResult, Statement, Value};

use super::by_words_postgres::{self, Table};
use super::by_words_sqlite;
use crate::error::{broken, sort};

/// The best passages, best first. The databases' own scores have no bound, and misspelled words find nothing.
pub(super) async fn search(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    terms: &[String],
    (search, table): (&Search, &Table),
) -> Result<Vec<RankedPassage>, StoreError> {
    if terms.is_empty() {
        return Ok(Vec::new());
    }
    // A search narrowed to some documents may find its best passages far below the best of all.
    if search.within.is_some() || search.among.is_some() {
        return look(db, scope, terms, (search, Depth::All, table)).await.map(|(found, _)| found);
    }
    let (found, shallow) = look(db, scope, terms, (search, Depth::Best(search.limit as u64 * DEPTH), table)).await?;
    let documents: HashSet<DocumentId> = found.iter().map(|passage| passage.document).collect();
    // A document of many passages may have taken all the places, or the rare words found less than it seemed.
    let crowded = found.len() >= search.limit && documents.len() < search.limit / 5;
    let scarce = shallow && found.len() < search.limit;
    if crowded || scarce { look(db, scope, terms, (search, Depth::All, table)).await.map(|(found, _)| found) } else { Ok(found) }
}

/// How many of the matching passages are looked at, as a multiple of those wanted.
const DEPTH: u64 = 8;

/// How many of the matching passages are looked at.
#[derive(Debug, Clone, Copy)]
pub(super) enum Depth {
    /// So many of the best.
    Best(u64),
    /// Every one.
    All,
}

/// Looks at the matches to a depth; what was found, and whether some terms were left out of the selection.
async fn look(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    terms: &[String],
    (search, depth, table): (&Search, Depth, &Table),
) -> Result<(Vec<RankedPassage>, bool), StoreError> {
    let backend = db.get_database_backend();
    let (matches, shallow) = match backend {
        DbBackend::Sqlite => (by_words_sqlite::matches(scope, terms, depth), false),
        _ => {
            let plan = by_words_postgres::plan(db, scope, terms, (depth, table)).await?;
            (by_words_postgres::matches(scope, terms, (&plan, depth)), plan.is_narrow())
        }
    };
    let (sql, values) = ranked(matches, (search, backend))?;
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await.map_err(sort)?;
    Ok((rows.iter().map(ranked_passage).collect::<Result<_, _>>()?, shallow))
}

/// A statement in the making. Its text begins with a CTE `matches (id, document_id, score)`.
pub(super) struct Matches {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

/// Completes the statement: the `limit` best of all passages, then the best passages of further documents, as many again.
fn ranked(matches: Matches, (search, backend): (&Search, DbBackend)) -> Result<(String, Vec<Value>), StoreError> {
    let Matches { mut sql, mut values } = matches;
    let mut conditions = String::new();
    keep_open(&mut conditions, &mut values, (search, backend));
    let limit = i64::try_from(search.limit).map_err(broken)?;
    values.push(limit.into());
    let at = values.len();
    values.push((limit * 2).into());
    let twice = values.len();
    sql.push_str(&format!(
        ", ranked AS (SELECT m.id, m.document_id, m.score, \
           row_number() OVER (ORDER BY m.score DESC, m.id) AS place, \
           row_number() OVER (PARTITION BY m.document_id ORDER BY m.score DESC, m.id) AS place_in_document \
           FROM matches m WHERE true{conditions}) \
         SELECT id, document_id, score FROM ranked WHERE place <= ${at} OR place_in_document = 1 ORDER BY place LIMIT ${twice}"
    ));
    Ok((sql, values))
}

/// Keeps only documents and passages that may answer. Their ids travel as one text, however many they are.
fn keep_open(conditions: &mut String, values: &mut Vec<Value>, (search, backend): (&Search, DbBackend)) {
    let within = search.within.as_ref().map(|within| ("m.document_id", within.iter().map(|id| id.get()).collect::<Vec<_>>()));
    let among = search.among.as_ref().map(|among| ("m.id", among.iter().map(|id| id.get()).collect::<Vec<_>>()));
    for (column, ids) in within.into_iter().chain(among) {
        values.push(format!("{ids:?}").into());
        let at = values.len();
        conditions.push_str(&match backend {
            DbBackend::Postgres => format!(" AND {column} IN (SELECT value::bigint FROM jsonb_array_elements_text(CAST(${at} AS jsonb)))"),
            _ => format!(" AND {column} IN (SELECT value FROM json_each(${at}))"),
        });
    }
}

fn ranked_passage(row: &QueryResult) -> Result<RankedPassage, StoreError> {
    let id = |at| row.try_get_by_index::<i64>(at).map_err(sort);
    Ok(RankedPassage { chunk: ChunkId::new(id(0)?), document: DocumentId::new(id(1)?), score: row.try_get_by_index(2).map_err(sort)? })
}
