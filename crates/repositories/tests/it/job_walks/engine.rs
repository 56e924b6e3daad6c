//! What engines do: claim, keep leases, take lost ones away, tell how far runs are and how they end.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use commandcenter_domain::Store;
use commandcenter_domain::job::{Ending, Items, JobStatus, Lease, Progress, QueueName, Settling, Trouble, Written};
use proptest::prelude::*;
use serde_json::json;

use super::step::{End, Which};
use super::walk::{Checked, Touched, Walk};

fn trouble() -> Trouble {
    Trouble::new("it broke", "retry")
}

impl Walk<'_> {
    pub(super) async fn claim(&mut self, owner: u8, limit: u64) -> Checked<Touched> {
        let ready = self.model.0.keys().filter(|id| self.model.is_claimable(**id, self.now)).count();
        let claimed = self.bench.claim_from(QueueName::Sync, 0, (&format!("w{owner}"), limit, self.now)).await;
        prop_assert!(claimed.len() as u64 <= limit);
        prop_assert_eq!(claimed.is_empty(), ready == 0, "a claim takes something when {} are ready", ready);
        for one in &claimed {
            let lease = &one.lease;
            prop_assert!(self.model.is_claimable(lease.job, self.now), "{lease:?} was given for {:?}", self.model.0[&lease.job]);
            let is_newest = self.leases.iter().all(|old| old.job != lease.job || old.fence < lease.fence);
            prop_assert!(is_newest, "{lease:?} is not above every lease before it");
            self.model.claims(lease, self.now + TimeDelta::seconds(30));
            self.leases.push(lease.clone());
        }
        Ok(claimed.iter().map(|one| one.lease.job).collect())
    }

    pub(super) async fn extend(&mut self, owner: u8) -> Checked<Touched> {
        let (owner, until) = (format!("w{owner}"), self.now + TimeDelta::seconds(30));
        let jobs: Touched = self.leases.iter().filter(|lease| lease.owner == owner).map(|lease| lease.job).collect();
        let asked: Vec<_> = jobs.iter().copied().collect();
        let beats = self.bench.ledger().extend(&owner, &asked, until).await.unwrap();
        let told: BTreeMap<_, _> = beats.iter().map(|beat| (beat.job, (beat.fence, beat.cancel_requested))).collect();
        let mut held = BTreeMap::new();
        for (id, job) in &mut self.model.0 {
            if job.held.as_ref().is_some_and(|(holder, _)| *holder == owner) {
                job.held = Some((owner.clone(), until));
                held.insert(*id, (job.fence, job.cancel_requested));
            }
        }
        prop_assert_eq!(told, held, "a heartbeat extends what is held, and tells of cancels");
        // When a lease runs out is not in the row as it is read.
        Ok(Touched::new())
    }

    pub(super) async fn reap(&mut self) -> Checked<Touched> {
        let tx = self.bench.store().begin().await.unwrap();
        let jobs = tx.job_ledger().reap(self.now).await.unwrap();
        tx.job_ledger().children_ended(&jobs.iter().collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
        let mut touched = self.model.reaps(self.now);
        prop_assert_eq!(jobs.iter().map(|job| job.id).collect::<Touched>(), touched.clone(), "what lapsed is taken away, and nothing else");
        touched.extend(self.model.counts_off(&touched));
        Ok(touched)
    }

    /// The lease that is meant, if there is one, and whether it holds.
    fn lease(&self, which: Which) -> Option<(Lease, bool)> {
        let (n, mut leases): (_, Vec<_>) = match which {
            Which::Held(n) => (n, self.leases.iter().filter(|lease| self.model.holds(lease)).collect()),
            Which::Lost(n) => (n, self.leases.iter().filter(|lease| !self.model.holds(lease)).collect()),
        };
        let runs = |lease: &&Lease| self.model.0.get(&lease.job).is_some_and(|job| job.status == JobStatus::Running);
        if leases.iter().any(runs) {
            leases.retain(runs);
        }
        let lease = leases.get(n.checked_rem(leases.len())?)?;
        Some(((*lease).clone(), self.model.holds(lease)))
    }

    pub(super) async fn progress(&mut self, which: Which, percent: i32) -> Checked<Touched> {
        let Some((lease, holds)) = self.lease(which) else { return Ok(Touched::new()) };
        let (done, failed) = self.model.0.get(&lease.job).map_or((0, 0), |job| job.ended);
        let progress = Progress { items: Items { done, failed, total: None }, percent, step: None };
        let written = self.bench.ledger().progress(&lease, &progress).await.unwrap();
        prop_assert_eq!(written == Written::Yes, holds, "progress under {:?}", lease);
        Ok(if holds { Touched::from([lease.job]) } else { Touched::new() })
    }

    pub(super) async fn settle(&mut self, which: Which, end: End) -> Checked<Touched> {
        let Some((lease, holds)) = self.lease(which) else { return Ok(Touched::new()) };
        let is_last = self.model.0.get(&lease.job).is_some_and(|job| job.attempt >= job.max_attempts);
        let next = self.now + TimeDelta::seconds(5);
        let ending = match end {
            End::Completed => Ending::Completed(json!({ "fence": lease.fence })),
            End::Failed => Ending::Failed(trouble()),
            End::Retry if is_last => Ending::Dead(trouble()),
            End::Retry => Ending::Retry(trouble(), next),
            End::Wait => Ending::Wait(trouble(), next),
            End::Released => Ending::Released(self.now),
            End::Cancelled => Ending::Cancelled,
        };
        let tx = self.bench.store().begin().await.unwrap();
        let settling = Settling { lease: lease.clone(), ending: ending.clone(), last: None };
        let jobs = tx.job_ledger().settle(&[settling], self.now).await.unwrap();
        tx.job_ledger().children_ended(&jobs.iter().collect::<Vec<_>>()).await.unwrap();
        tx.commit().await.unwrap();
        prop_assert_eq!(jobs.len(), usize::from(holds), "{:?} under {:?}", ending, lease);
        if !holds {
            return Ok(Touched::new());
        }
        let was_asked = self.model.get(lease.job).cancel_requested;
        prop_assert!(!was_asked || jobs[0].status.is_terminal(), "a job that was asked to stop is in the queue again: {:?}", jobs[0]);
        self.model.settles(lease.job, &ending);
        let mut touched = Touched::from([lease.job]);
        touched.extend(self.model.counts_off(&touched));
        Ok(touched)
    }
}
