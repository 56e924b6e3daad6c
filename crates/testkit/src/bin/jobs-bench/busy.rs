//! A job that reports progress ten times a second, each time with the moment at which it does.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::job::{JobFailure, JobHandler, JobKind, JobRun};
use commandcenter_domain::shared::{Clock, SystemClock};
use serde_json::{Value, json};
use tokio::time::interval;

use crate::worker;

/// Time between two reports.
const BEAT: Duration = Duration::from_millis(100);

/// Runs the busy job.
pub(crate) struct Busy;

#[async_trait]
impl JobHandler for Busy {
    fn kind(&self) -> JobKind {
        JobKind::RepositorySync
    }

    async fn perform(&self, run: &dyn JobRun, parameters: &Value) -> Result<Value, JobFailure> {
        let reports = parameters["reports"].as_i64().unwrap_or(1);
        let mut beats = interval(BEAT);
        for number in 0..reports {
            beats.tick().await;
            let percent = i32::try_from(number * 100 / reports).unwrap_or(0);
            run.progress(percent, &SystemClock.now().timestamp_micros().to_string()).await;
        }
        Ok(json!({ "reports": reports }))
    }
}

/// A worker process with nothing else to do.
pub(crate) async fn run(url: &str) {
    worker::run_with(Arc::new(Busy), url, 1).await;
}
