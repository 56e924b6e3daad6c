//! Takes steps on the real repositories, in the transactions in which engine and services take them, and in the model beside them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use commandcenter_domain::PageRequest;
use commandcenter_domain::Store;
use commandcenter_domain::job::{Job, JobFilter, JobKind, Lease, NewJob};
use commandcenter_domain::shared::{JobId, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::model::Model;
use super::step::{Shape, Step};
use crate::jobs::{Bench, scope};

pub(super) type Checked<T = ()> = Result<T, TestCaseError>;

/// Which rows a step may have changed; every other row must be as it was.
pub(super) type Touched = BTreeSet<JobId>;

pub(super) struct Walk<'a> {
    pub(super) bench: &'a Bench,
    pub(super) now: Timestamp,
    pub(super) model: Model,
    /// Every lease that was ever given.
    pub(super) leases: Vec<Lease>,
    /// Every row after the last step.
    pub(super) rows: BTreeMap<JobId, Job>,
}

impl<'a> Walk<'a> {
    pub(super) async fn over(bench: &'a Bench) -> Self {
        bench.db.connection().execute_unprepared("DELETE FROM jobs").await.unwrap();
        Self { bench, now: bench.now, model: Model::default(), leases: Vec::new(), rows: BTreeMap::new() }
    }

    /// Takes a step and looks at every row.
    pub(super) async fn take(&mut self, step: Step) -> Checked {
        let touched = match step {
            Step::Enqueue(shape) => self.enqueue(shape).await?,
            Step::Claim(owner, limit) => self.claim(owner, limit).await?,
            Step::Extend(owner) => self.extend(owner).await?,
            Step::Advance(seconds) => {
                self.now += TimeDelta::seconds(seconds);
                Touched::new()
            }
            Step::Reap => self.reap().await?,
            Step::Progress(which, percent) => self.progress(which, percent).await?,
            Step::Settle(which, end) => self.settle(which, end).await?,
            Step::Dispatch(n) => self.dispatch(n).await?,
            Step::Cancel(n) => self.cancel(n).await?,
            Step::Revive(n) => self.revive(n).await?,
            Step::Delete(n) => self.delete(n).await?,
        };
        self.look(step, &touched).await
    }

    /// What holds after every step.
    async fn look(&mut self, step: Step, touched: &Touched) -> Checked {
        let page = PageRequest::parse(Some(1), Some(100)).unwrap();
        let page = self.bench.queue().list(&scope(1), &JobFilter::default(), None, page).await.unwrap();
        prop_assert!(page.total <= 100, "more jobs than one page shows");
        let rows: BTreeMap<_, _> = page.items.into_iter().map(|job| (job.id, job)).collect();
        prop_assert!(rows.keys().eq(self.model.0.keys()), "{step:?}: {:?} are not {:?}", rows.keys(), self.model.0.keys());
        for (id, row) in &rows {
            let before = self.rows.get(id);
            prop_assert!(self.model.agrees(row), "{step:?}: {row:?} is not {:?}", self.model.0[id]);
            prop_assert!(touched.contains(id) || before == Some(row), "{step:?} changed {before:?} to {row:?}");
            prop_assert!(row.attempt <= row.max_attempts, "{step:?}: too many attempts: {row:?}");
            let live = i32::try_from(self.model.children(*id).filter(|(_, child)| child.is_live()).count()).unwrap();
            prop_assert_eq!(row.open_children, live, "{:?}: live children of {:?}", step, row);
            if let Some(before) = before.filter(|before| before.status.is_terminal() && before.status != row.status) {
                prop_assert!(matches!(step, Step::Revive(_)), "{step:?} moved {before:?}");
            }
        }
        for (key, limit) in [("key:1", 1), ("key:2", 2)] {
            prop_assert!(self.model.running_under(key) <= limit, "{step:?}: too many run under {key}");
        }
        self.rows = rows;
        Ok(())
    }

    async fn enqueue(&mut self, shape: Shape) -> Checked<Touched> {
        // One page shows all of them.
        if self.model.0.len() > 90 {
            return Ok(Touched::new());
        }
        let plain = NewJob {
            exclusive_key: None,
            max_attempts: 3,
            ..NewJob::ready(JobKind::RepositorySync, json!({ "repository_id": 1 }), self.now)
        };
        let new = match shape {
            Shape::Plain => plain,
            Shape::Once => NewJob { max_attempts: 1, ..plain },
            Shape::Later => NewJob { run_at: Some(self.now + TimeDelta::seconds(20)), ..plain },
            Shape::Held => NewJob { run_at: None, ..plain },
            Shape::Unique => NewJob { unique_key: Some("unique".into()), ..plain },
            Shape::Exclusive(limit) => NewJob { exclusive_key: Some(format!("key:{limit}")), key_limit: limit, ..plain },
            Shape::Batch => NewJob { open_children: 2, ..plain },
        };
        let tx = self.bench.store().begin().await.unwrap();
        let living = new.unique_key.as_deref().and_then(|key| self.model.live_with(key));
        let id = tx.jobs().enqueue(&scope(1), new.clone()).await.unwrap().id;
        let mut ids = Touched::from([id]);
        match living {
            Some(living) => prop_assert_eq!(id, living, "the live job with the key stands for the new one"),
            None => self.model.adds(id, &new),
        }
        if new.open_children > 0 {
            let child = NewJob { open_children: 0, parent: Some(id), ..new };
            for id in tx.jobs().enqueue_all(&scope(1), vec![child.clone(); 2]).await.unwrap() {
                self.model.adds(id, &child);
                ids.insert(id);
            }
        }
        tx.commit().await.unwrap();
        Ok(if living.is_some() { Touched::new() } else { ids })
    }
}
