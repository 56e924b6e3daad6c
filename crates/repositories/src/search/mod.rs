//! Search over passages: by words and by meaning in memory, over tables that follow the database of record. What is too large for memory is
//! searched by words in the database; what differs between the databases is in a file of its own.

mod by_words;
mod by_words_postgres;
mod by_words_sqlite;
mod narrowing;
mod passages;
mod rows;
mod spelling;
mod tables;
mod vector_load;
mod vector_table;
mod word_load;
mod word_table;

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Narrowing, PassageIndex, PassageRecord, RankedPassage, Revision, Search, WordMatches, Wording};
use commandcenter_domain::shared::{ChunkId, DocumentId};
use sea_orm::DatabaseConnection;

use crate::error::broken;
use by_words_postgres::Table;
use tables::{Slot, Tables};
use vector_load::VectorTables;
use vector_table::VectorTable;
use word_table::WordTable;

/// Tables smaller than this are searched on the spot; larger ones would keep a serving thread busy for too long.
const ON_THE_SPOT: usize = 4_000;

/// The passage index in the database of record. Make one per process: it holds the words and vectors of projects that were asked lately.
#[derive(Debug)]
pub struct SeaPassageIndex {
    db: DatabaseConnection,
    words: Tables<WordTable>,
    vectors: VectorTables,
    table: Table,
}

impl SeaPassageIndex {
    /// An index over an open pool.
    #[must_use]
    pub fn new(db: DatabaseConnection) -> Self {
        Self { db, words: Tables::default(), vectors: Tables::default(), table: Table::default() }
    }
}

#[async_trait]
impl PassageIndex for SeaPassageIndex {
    async fn revision(&self, scope: &ProjectScope) -> Result<Revision, StoreError> {
        word_load::standing(&self.db, scope.project().get()).await.map(|(revision, _)| revision)
    }

    async fn within(&self, scope: &ProjectScope, narrowing: &Narrowing) -> Result<Option<HashSet<DocumentId>>, StoreError> {
        narrowing::within(&self.db, scope, narrowing).await
    }

    async fn holding(&self, scope: &ProjectScope, phrases: &[String]) -> Result<HashSet<ChunkId>, StoreError> {
        let Some(first) = phrases.first() else { return Ok(HashSet::new()) };
        let revision = self.revision(scope).await?;
        let candidates = match word_load::current(&self.db, scope, (&self.words, revision)).await? {
            Some(slot) => {
                let table = slot.read();
                table.saying(first)
            }
            None => passages::every(&self.db, scope).await?,
        };
        passages::holding(&self.db, scope, (&candidates, phrases)).await
    }

    async fn by_words(&self, scope: &ProjectScope, wording: &Wording, search: &Search) -> Result<WordMatches, StoreError> {
        let Some(slot) = word_load::current(&self.db, scope, (&self.words, search.revision)).await? else {
            let ranking = by_words::search(&self.db, scope, &wording.words, (search, &self.table)).await?;
            return Ok(WordMatches { ranking, ..WordMatches::default() });
        };
        let size = slot.read().rows.len();
        let (wording, search) = (wording.clone(), search.clone());
        aside(slot, size, move |table: &WordTable| table.search(&wording, &search)).await
    }

    async fn by_meaning(&self, scope: &ProjectScope, vector: &[f32], search: &Search) -> Result<Vec<RankedPassage>, StoreError> {
        let slot = vector_load::current(&self.db, scope, (&self.vectors, &search.model, search.revision)).await?;
        let size = slot.read().rows.len();
        let (question, search) = (vector.to_vec(), search.clone());
        aside(slot, size, move |table: &VectorTable| table.search(&question, &search)).await
    }

    async fn passages(&self, scope: &ProjectScope, ids: &[ChunkId]) -> Result<Vec<PassageRecord>, StoreError> {
        passages::load(&self.db, scope, ids).await
    }
}

/// Looks something up in a table; in a large one, on a thread that serves nobody else.
async fn aside<T, A>(slot: Arc<Slot<T>>, size: usize, work: impl FnOnce(&T) -> A + Send + 'static) -> Result<A, StoreError>
where
    T: Send + Sync + 'static,
    A: Send + 'static,
{
    if size <= ON_THE_SPOT {
        return Ok(work(&slot.read()));
    }
    tokio::task::spawn_blocking(move || work(&slot.read())).await.map_err(broken)
}
