//! Search over passages: by words in the database, by meaning in memory. What differs between the databases is in a file of its own.

mod by_words;
mod by_words_postgres;
mod by_words_sqlite;
mod passages;
mod vector_cache;
mod vector_scan;

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{PassageIndex, PassageRecord, RankedPassage, Search};
use commandcenter_domain::shared::ChunkId;
use sea_orm::DatabaseConnection;

use by_words_postgres::Table;
use vector_cache::VectorCache;

/// The passage index in the database of record. Make one per process: it holds the vectors of projects that were asked lately.
#[derive(Debug)]
pub struct SeaPassageIndex {
    db: DatabaseConnection,
    vectors: VectorCache,
    table: Table,
}

impl SeaPassageIndex {
    /// An index over an open pool.
    #[must_use]
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, vectors: VectorCache::default(), table: Table::default() }
    }
}

#[async_trait]
impl PassageIndex for SeaPassageIndex {
    async fn by_words(&self, scope: &ProjectScope, terms: &[String], search: &Search) -> Result<Vec<RankedPassage>, StoreError> {
        by_words::search(&self.db, scope, terms, (search, &self.table)).await
    }

    async fn by_meaning(&self, scope: &ProjectScope, vector: &[f32], search: &Search) -> Result<Vec<RankedPassage>, StoreError> {
        let vectors = self.vectors.current(&self.db, scope, search.model).await?;
        let allowed = passages::allowed_documents(&self.db, scope, &search.narrowing).await?;
        vector_scan::search(Arc::clone(&vectors), vector.to_vec(), allowed, usize::try_from(search.limit).unwrap_or(usize::MAX)).await
    }

    async fn passages(&self, scope: &ProjectScope, ids: &[ChunkId]) -> Result<Vec<PassageRecord>, StoreError> {
        passages::load(&self.db, scope, ids).await
    }
}
