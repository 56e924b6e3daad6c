//! Figures that nobody counts along the way: looked at now and then, for whoever reads the metrics.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use commandcenter_domain::job::QueueFigures;
use commandcenter_domain::llm::{Budget, LedgerSweep, NanoDollars};
use commandcenter_domain::shared::{BudgetId, Clock, ProjectId, SystemClock};
use commandcenter_domain::{Store, StoreError};
use commandcenter_telemetry::name;

use crate::build::App;

/// Time between two looks: what Prometheus usually takes between two scrapes.
const LOOK: Duration = Duration::from_secs(15);

/// Most budgets that have gauges: a label for each of any number would grow without bound.
const MOST_BUDGETS: u64 = 100;

#[expect(clippy::cast_precision_loss, reason = "nano-dollars, for a chart")]
fn show((project, budget): (ProjectId, BudgetId), [spent, reserved, limit]: [NanoDollars; 3]) {
    for (name, amount) in [(name::LLM_BUDGET_SPENT, spent), (name::LLM_BUDGET_RESERVED, reserved), (name::LLM_BUDGET_LIMIT, limit)] {
        metrics::gauge!(name, "project" => project.to_string(), "budget" => budget.to_string()).set(amount.get() as f64);
    }
}

impl App {
    /// Looks at the queues and the budgets, again and again, in a few statements each time.
    pub(crate) async fn watch(&self) -> Infallible {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut shown = BTreeSet::new();
        loop {
            looks.tick().await;
            if let Err(error) = self.look_at_queues().await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the queues could not be looked at");
            }
            if let Err(error) = self.look_at_budgets(&mut shown).await {
                tracing::debug!(error = &error as &dyn std::error::Error, "the budgets could not be looked at");
            }
        }
    }

    /// Sets the gauges of the oldest budgets. One that was shown and is gone goes to nothing.
    async fn look_at_budgets(&self, shown: &mut BTreeSet<(ProjectId, BudgetId)>) -> Result<(), StoreError> {
        let budgets = self.store.budgets(SystemClock.now(), MOST_BUDGETS).await?;
        let now: BTreeSet<_> = budgets.iter().map(|(project, budget)| (*project, budget.id)).collect();
        for (project, budget) in budgets {
            let Budget { id, spent, reserved, limit, .. } = budget;
            show((project, id), [spent, reserved, limit]);
        }
        for gone in shown.difference(&now) {
            show(*gone, [NanoDollars::ZERO; 3]);
        }
        *shown = now;
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of jobs, for a chart")]
    async fn look_at_queues(&self) -> Result<(), StoreError> {
        for figures in self.store.repos().job_queues().figures(SystemClock.now()).await? {
            let QueueFigures { queue, paused, ready, delayed, running, oldest_ready_seconds, .. } = figures;
            for (state, jobs) in [("ready", ready), ("delayed", delayed), ("running", running)] {
                metrics::gauge!(name::JOBS, "queue" => queue.as_str(), "state" => state).set(jobs as f64);
            }
            metrics::gauge!(name::JOBS_OLDEST, "queue" => queue.as_str()).set(oldest_ready_seconds.unwrap_or(0.0));
            metrics::gauge!(name::QUEUE_PAUSED, "queue" => queue.as_str()).set(f64::from(u8::from(paused)));
        }
        Ok(())
    }
}
