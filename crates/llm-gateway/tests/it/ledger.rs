//! A ledger that remembers.

use std::sync::Mutex;

use async_trait::async_trait;
use commandcenter_domain::llm::{AttemptLedger, CallError, FailureKind, NewAttempt, Outcome, Settlement};
use commandcenter_domain::shared::{LlmAttemptId, StoreError};
use tokio::sync::watch;

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) new: NewAttempt,
    pub(crate) settled: Option<Settlement>,
}

impl Row {
    /// How it ended and why.
    pub(crate) fn ended(&self) -> (Outcome, Option<FailureKind>) {
        let settled = self.settled.as_ref().unwrap();
        (settled.outcome, settled.failure)
    }
}

/// Rows in the order of their reservation.
pub(crate) struct Ledger {
    rows: Mutex<Vec<Row>>,
    settled: watch::Sender<usize>,
    /// Reservations that the budget bears.
    bears: usize,
}

impl Ledger {
    pub(crate) fn bearing(reservations: usize) -> Self {
        Self { rows: Mutex::default(), settled: watch::channel(0).0, bears: reservations }
    }

    pub(crate) fn rows(&self) -> Vec<Row> {
        self.rows.lock().unwrap().clone()
    }

    /// The rows, once so many are settled.
    pub(crate) async fn settled(&self, rows: usize) -> Vec<Row> {
        self.settled.subscribe().wait_for(|settled| *settled >= rows).await.unwrap();
        self.rows()
    }
}

#[async_trait]
impl AttemptLedger for Ledger {
    async fn reserve(&self, attempt: &NewAttempt) -> Result<LlmAttemptId, CallError> {
        let mut rows = self.rows.lock().unwrap();
        if rows.len() >= self.bears {
            return Err(CallError::BudgetExhausted { name: "month".into(), resets_at: None, retry_after: None });
        }
        rows.push(Row { new: attempt.clone(), settled: None });
        Ok(LlmAttemptId::new(i64::try_from(rows.len()).unwrap()))
    }

    async fn settle(&self, id: LlmAttemptId, settlement: &Settlement) -> Result<(), StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let row = &mut rows[usize::try_from(id.get()).unwrap() - 1];
        assert!(row.settled.is_none(), "settled twice");
        assert!(settlement.cost <= row.new.reserved, "{settlement:?} is more than was reserved in {:?}", row.new);
        row.settled = Some(settlement.clone());
        self.settled.send_modify(|settled| *settled += 1);
        Ok(())
    }
}
