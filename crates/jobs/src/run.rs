//! One run, as its handler sees it.

use std::sync::Arc;

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{Claimed, Effect, EffectLedger, Items, JobFailure, JobRun, LogLevel, Progress, StopReason, Written};
use commandcenter_domain::shared::JobId;
use serde_json::Value;
use tokio::sync::watch;

use crate::core::Core;
use crate::live::Stop;
use crate::log::RunLog;
use crate::progress::Reports;

/// Longest step text kept, in characters.
const STEP: usize = 255;

pub(crate) struct Run {
    core: Arc<Core>,
    claimed: Claimed,
    scope: ProjectScope,
    stop: Arc<Stop>,
    progress: watch::Sender<Progress>,
    log: RunLog,
}

impl Run {
    /// The run of a claimed job, and what it says of itself.
    pub(crate) fn of(core: Arc<Core>, claimed: Claimed, stop: Arc<Stop>) -> (Self, Reports) {
        let job = &claimed.job;
        let scope = ProjectScope::of_job(job.project, job.id).caused_by(job.request_id.as_deref().map(Arc::from));
        // A job with children has counted them already.
        let (progress, reader) = watch::channel(Progress { items: job.items, ..Progress::default() });
        let (log, lines) = RunLog::new();
        (Self { core, claimed, scope, stop, progress, log }, Reports::new(reader, lines))
    }

    fn report(&self, change: impl FnOnce(&mut Progress)) {
        self.progress.send_if_modified(|held| {
            let before = held.clone();
            change(held);
            *held != before
        });
    }
}

#[async_trait]
impl JobRun for Run {
    fn id(&self) -> JobId {
        self.claimed.job.id
    }

    fn scope(&self) -> &ProjectScope {
        &self.scope
    }

    fn attempt(&self) -> i32 {
        self.claimed.job.attempt
    }

    fn items(&self) -> Items {
        self.progress.borrow().items
    }

    async fn progress(&self, percent: i32, step: &str) {
        let step: String = step.chars().filter(|c| *c != '\0').take(STEP).collect();
        self.report(|held| {
            held.percent = percent.clamp(0, 100);
            held.step = (!step.is_empty()).then_some(step);
        });
    }

    fn count(&self, items: Items) {
        self.report(|held| held.items = items);
    }

    fn log(&self, level: LogLevel, message: &str) {
        self.log.say(self.core.parts.clock.now(), level, message);
    }

    async fn open_effect(&self, name: &str) -> Result<Effect, JobFailure> {
        let effects = self.core.parts.effects.repos().job_effects();
        let opened = effects.open_effect(&self.claimed.lease, name, self.core.parts.clock.now()).await;
        opened.map_err(|err| JobFailure::Retry(err.to_string()))?.ok_or_else(|| self.lost())
    }

    async fn close_effect(&self, name: &str, result: &Value) -> Result<(), JobFailure> {
        self.close_effect_in(self.core.parts.effects.repos().job_effects(), name, result).await
    }

    async fn close_effect_in(&self, ledger: &dyn EffectLedger, name: &str, result: &Value) -> Result<(), JobFailure> {
        let closed = ledger.close_effect(&self.claimed.lease, name, (result, self.core.parts.clock.now())).await;
        match closed.map_err(|err| JobFailure::Retry(err.to_string()))? {
            Written::Yes => Ok(()),
            Written::LeaseLost => Err(self.lost()),
        }
    }

    fn is_cancelled(&self) -> bool {
        self.stop.is_told()
    }

    async fn cancelled(&self) {
        self.stop.told().await;
    }
}

impl Run {
    fn lost(&self) -> JobFailure {
        self.stop.tell(StopReason::LeaseLost);
        JobFailure::Cancelled
    }
}
