//! The ledger of attempts at models, and the counters of budgets: what is reserved counts as spent until it is settled.
//!
//! A counter is one row for a budget and a period, changed by one conditional statement: whoever would go beyond the limit changes nothing.
//! That holds among any number of processes, since the database lets one writer at a row at a time.

mod rate;
mod reserve;
mod settle;

use async_trait::async_trait;
use commandcenter_domain::llm::{AttemptLedger, Budget, CallError, LedgerSweep, NewAttempt, Settlement};
use commandcenter_domain::shared::{LlmAttemptId, ProjectId, Timestamp};
use commandcenter_domain::{StoreError, Tx};

use crate::repo::llm::oldest;
use crate::store::SeaStore;
use reserve::Taken;

/// Most attempts that one pass of a sweep ends before it looks again.
const CHUNK: u64 = 500;

#[async_trait]
impl AttemptLedger for SeaStore {
    async fn reserve(&self, attempt: &NewAttempt) -> Result<LlmAttemptId, CallError> {
        let pool = self.pool();
        let (limited, budgets) = (rate::limited(&pool.0, attempt).await?, reserve::budgets(&pool.0, attempt).await?);
        if limited.is_none() && budgets.is_empty() {
            // One statement, no transaction: nothing has to agree with it.
            return Ok(reserve::write(&pool.0, attempt, &Taken::default()).await?);
        }
        match self.reserve_in(attempt, limited, &budgets).await {
            // A budget was deleted between the look and the taking: what is left is looked at once more.
            Err(CallError::Store(StoreError::Reference)) => {
                let budgets = reserve::budgets(&pool.0, attempt).await?;
                self.reserve_in(attempt, limited, &budgets).await
            }
            reserved => reserved,
        }
    }

    async fn settle(&self, id: LlmAttemptId, settlement: &Settlement) -> Result<(), StoreError> {
        if settle::close_alone(&self.pool().0, id, settlement).await? {
            return Ok(());
        }
        let unit = self.unit().await?;
        if settle::close(&unit, id, settlement).await? {
            Box::new(unit).commit().await?;
        }
        Ok(())
    }
}

#[async_trait]
impl LedgerSweep for SeaStore {
    async fn lose_open(&self, before: Timestamp, at: Timestamp) -> Result<u64, StoreError> {
        let mut lost = 0;
        loop {
            let forgotten = settle::forgotten(&self.pool().0, before, CHUNK).await?;
            for attempt in &forgotten {
                let unit = self.unit().await?;
                if settle::lose(&unit, attempt, at).await? {
                    Box::new(unit).commit().await?;
                    lost += 1;
                }
            }
            if (forgotten.len() as u64) < CHUNK {
                return Ok(lost);
            }
        }
    }

    async fn budgets(&self, at: Timestamp, most: u64) -> Result<Vec<(ProjectId, Budget)>, StoreError> {
        oldest(&self.pool().0, at, most).await
    }
}

impl SeaStore {
    async fn reserve_in(
        &self,
        attempt: &NewAttempt,
        limited: Option<rate::Who>,
        budgets: &[reserve::Matching],
    ) -> Result<LlmAttemptId, CallError> {
        let unit = self.unit().await?;
        // Dropped on the way out, the transaction gives back what was taken before whatever refused. The key's row is always the first.
        let claimed_tokens = match limited {
            Some(who) => rate::claim(&unit.0, who, attempt).await?,
            None => 0,
        };
        let counters = reserve::take(&unit.0, attempt, budgets).await?;
        let id = reserve::write(&unit.0, attempt, &Taken { counters, claimed_tokens }).await?;
        Box::new(unit).commit().await?;
        Ok(id)
    }
}
