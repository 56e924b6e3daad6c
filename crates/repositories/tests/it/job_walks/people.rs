//! What people do: send, cancel, send round again, delete. In the transactions in which the services do it.

use commandcenter_domain::Store;
use commandcenter_domain::job::{BulkFilter, JobStatus, Step};
use commandcenter_domain::shared::JobId;
use proptest::prelude::*;

use super::model::Known;
use super::walk::{Checked, Touched, Walk};
use crate::jobs::scope;

fn only(id: JobId) -> BulkFilter {
    BulkFilter { ids: vec![id], ..BulkFilter::default() }
}

fn of_parent(id: JobId) -> BulkFilter {
    BulkFilter { parents: vec![id], ..BulkFilter::default() }
}

impl Walk<'_> {
    fn job(&self, n: usize) -> Option<JobId> {
        self.model.0.keys().nth(n.checked_rem(self.model.0.len())?).copied()
    }

    pub(super) async fn dispatch(&mut self, n: usize) -> Checked<Touched> {
        let Some(id) = self.job(n) else { return Ok(Touched::new()) };
        let sent = self.bench.queue().dispatch(&scope(1), id, self.now).await.unwrap();
        let job = self.model.get(id);
        let is_held = job.status == JobStatus::Pending && job.run_at.is_none();
        prop_assert_eq!(sent.is_some(), is_held);
        if is_held {
            job.run_at = Some(self.now);
        }
        Ok(sent.map(|job| job.id).into_iter().collect())
    }

    pub(super) async fn cancel(&mut self, n: usize) -> Checked<Touched> {
        let Some(id) = self.job(n) else { return Ok(Touched::new()) };
        let tx = self.bench.store().begin().await.unwrap();
        let Some(job) = tx.jobs().cancel(&scope(1), id, self.now).await.unwrap() else {
            prop_assert!(!self.model.get(id).is_live(), "a live job can be cancelled");
            return Ok(Touched::new());
        };
        let was_waiting = self.model.get(id).status != JobStatus::Running;
        prop_assert_eq!(job.status == JobStatus::Cancelled, was_waiting, "what waits ends at once: {:?}", job);
        let mut jobs = vec![job];
        self.model.cancels(id);
        if jobs[0].open_children > 0 {
            jobs.extend(tx.jobs().cancel_all(&scope(1), (&of_parent(id), 99), self.now).await.unwrap());
            let live = |(_, child): &(JobId, &Known)| child.is_live() && !child.cancel_requested;
            for child in self.model.children(id).filter(live).map(|(id, _)| id).collect::<Vec<_>>() {
                self.model.cancels(child);
            }
        }
        let ended: Vec<_> = jobs.iter().filter(|job| job.status.is_terminal()).collect();
        tx.job_ledger().children_ended(&ended).await.unwrap();
        tx.commit().await.unwrap();
        let mut touched: Touched = jobs.iter().map(|job| job.id).collect();
        touched.extend(self.model.counts_off(&touched));
        Ok(touched)
    }

    pub(super) async fn revive(&mut self, n: usize) -> Checked<Touched> {
        let Some(id) = self.job(n) else { return Ok(Touched::new()) };
        let tx = self.bench.store().begin().await.unwrap();
        let revived = tx.jobs().revive(&scope(1), (&only(id), 1), self.now).await.unwrap();
        prop_assert_eq!(revived.len(), usize::from(self.model.may_revive(id)), "{:?}", self.model.get(id));
        let Some(job) = revived.first() else { return Ok(Touched::new()) };
        self.model.revives(id, self.now);
        let mut touched = Touched::from([id]);
        for child in tx.jobs().revive(&scope(1), (&of_parent(id), 99), self.now).await.unwrap() {
            prop_assert!(self.model.may_revive(child.id), "{child:?}");
            self.model.revives(child.id, self.now);
            touched.insert(child.id);
        }
        let concerned: Vec<_> = [Some(id), job.parent].into_iter().flatten().collect();
        tx.jobs().reopen(&scope(1), &concerned).await.unwrap();
        tx.commit().await.unwrap();
        for parent in concerned {
            self.model.recounts(parent);
            touched.insert(parent);
        }
        Ok(touched)
    }

    pub(super) async fn delete(&mut self, n: usize) -> Checked<Touched> {
        let Some(id) = self.job(n) else { return Ok(Touched::new()) };
        let tx = self.bench.store().begin().await.unwrap();
        // What waits ends first: whoever waits for it must not wait for ever.
        let cancelled = tx.jobs().cancel(&scope(1), id, self.now).await.unwrap();
        let gone = tx.jobs().delete(&scope(1), id).await.unwrap() > 0;
        let job = self.model.get(id).clone();
        let child_runs = self.model.children(id).any(|(_, child)| child.status == JobStatus::Running);
        prop_assert_eq!(gone, job.status.allows(Step::Delete) && !child_runs);
        if !gone {
            return Ok(Touched::new());
        }
        let mut touched = Touched::new();
        if job.is_live() {
            tx.job_ledger().children_ended(&cancelled.iter().collect::<Vec<_>>()).await.unwrap();
            self.model.cancels(id);
            touched.extend(self.model.counts_off(&Touched::from([id])));
        }
        tx.commit().await.unwrap();
        self.model.0.retain(|one, job| *one != id && job.parent != Some(id));
        Ok(touched)
    }
}
