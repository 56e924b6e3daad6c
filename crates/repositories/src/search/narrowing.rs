//! Which documents a search is narrowed to.

use std::collections::HashSet;

use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::Narrowing;
use commandcenter_domain::shared::DocumentId;
use sea_orm::{DatabaseConnection, DbBackend, Value};

use super::word_load::all;
use crate::error::sort;

/// The documents that may answer; `None` for all.
pub(super) async fn within(
    db: &DatabaseConnection,
    scope: &ProjectScope,
    narrowing: &Narrowing,
) -> Result<Option<HashSet<DocumentId>>, StoreError> {
    if narrowing.is_open() {
        return Ok(None);
    }
    let mut conditions = Conditions { sql: String::new(), values: vec![scope.project().get().into()] };
    narrow(&mut conditions, narrowing, db.get_database_backend());
    let sql = format!("SELECT d.id FROM knowledge_documents d WHERE d.project_id = $1{}", conditions.sql);
    let rows = all(db, &sql, conditions.values).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map(DocumentId::new).map_err(sort)).collect::<Result<HashSet<_>, _>>().map(Some)
}

/// Conditions in the making; each value is a parameter.
struct Conditions {
    sql: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; `{}` in it stands for the value.
    fn and(&mut self, condition: &str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.sql.push_str(" AND ");
        self.sql.push_str(&condition.replace("{}", &format!("${}", self.values.len())));
    }
}

fn narrow(all: &mut Conditions, narrowing: &Narrowing, backend: DbBackend) {
    let Narrowing { category, technology, repository, origin, source, language, tags, path_prefix, since, until } = narrowing;
    if let Some(category) = category {
        all.and("d.category = {}", category.clone());
    }
    if let Some(technology) = technology {
        all.and(
            "(d.technology_id = {} OR d.repository_id IN (SELECT repository_id FROM technology_repositories WHERE technology_id = {}))",
            technology.get(),
        );
    }
    if let Some(repository) = repository {
        all.and("d.repository_id = {}", repository.get());
    }
    if let Some(origin) = origin {
        all.and("d.origin = {}", origin.as_str());
    }
    if let Some(source) = source {
        all.and("d.id IN (SELECT document_id FROM source_items WHERE source_id = {})", source.get());
    }
    if let Some(language) = language {
        all.and("d.language = {}", language.clone());
    }
    for tag in tags {
        let labelled = match backend {
            DbBackend::Postgres => "jsonb_exists(d.tags, {})",
            _ => "EXISTS (SELECT 1 FROM json_each(d.tags) WHERE value = {})",
        };
        all.and(labelled, tag.clone());
    }
    if let Some(prefix) = path_prefix {
        all.and("substr(coalesce(d.source_path, d.filename), 1, length(CAST({} AS TEXT))) = {}", prefix.clone());
    }
    if let Some(since) = since {
        all.and("d.updated_at >= {}", *since);
    }
    if let Some(until) = until {
        all.and("d.updated_at < {}", *until);
    }
}
