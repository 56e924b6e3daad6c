//! The recorder that Prometheus reads.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::logs::{TelemetryError, dropped};
use crate::name;
use crate::process::process_figures;

/// Upper bounds of the duration buckets, in seconds.
const SECONDS: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0, 120.0];

/// The process's metrics. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// Everything measured so far, in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        let figures = process_figures();
        gauge!(name::UPTIME).set(figures.uptime.as_secs_f64());
        #[expect(clippy::cast_precision_loss, reason = "memory below 2^52 bytes is exact")]
        gauge!(name::RESIDENT).set(figures.resident_bytes as f64);
        counter!(name::LOGS_DROPPED).absolute(dropped());
        self.0.run_upkeep();
        self.0.render()
    }

    /// A recorder that is not installed: it renders only what it is given. For tests, which share one process.
    #[must_use]
    pub fn detached() -> Self {
        Self(PrometheusBuilder::new().build_recorder().handle())
    }
}

/// Installs the recorder of the process and describes every metric.
///
/// # Errors
/// [`TelemetryError::Twice`] when the process has one already.
pub fn install_metrics() -> Result<Metrics, TelemetryError> {
    // The suffix matches every duration, and the lag is one; the only failure is an empty list of buckets.
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_duration_seconds".to_owned()), &SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full(name::SCHEDULE_LAG.to_owned()), &SECONDS))
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Full(name::LLM_FIRST_TOKEN.to_owned()), &SECONDS))
        .map_err(|_| TelemetryError::Twice)?;
    let handle = builder.install_recorder().map_err(|_| TelemetryError::Twice)?;
    describe();
    // The clock of the uptime starts here at the latest.
    let _ = process_figures();
    Ok(Metrics(handle))
}

fn describe() {
    describe_counter!(name::HTTP_REQUESTS, "Requests answered, by method, route template and status");
    describe_histogram!(name::HTTP_SECONDS, Unit::Seconds, "Time to answer a request, by method and route template");
    describe_gauge!(name::HTTP_IN_FLIGHT, "Requests being answered now");
    describe_gauge!(name::POOL_CONNECTIONS, "Connections of the database pool, by state");
    describe_gauge!(name::POOL_SIZE, "Most connections the database pool may open");
    describe_counter!(name::JOBS_FINISHED, "Jobs that ended, by type and outcome");
    describe_counter!(name::JOBS_ARCHIVED, "Ended jobs that were moved to the archive, by outcome");
    describe_histogram!(name::JOB_SECONDS, Unit::Seconds, "Time a run of a job took, by type");
    describe_counter!(name::LEASES_LOST, "Runs of jobs whose worker lost its lease, by type");
    describe_gauge!(name::JOBS, "Jobs that have not ended, by queue and whether they are ready, delayed or running");
    describe_gauge!(name::JOBS_OLDEST, Unit::Seconds, "Time since the job that waits longest might have started, by queue");
    describe_gauge!(name::QUEUE_PAUSED, "Whether an operator stopped claims from a queue");
    describe_histogram!(name::JOB_WAIT, Unit::Seconds, "Time an attempt waited from when it might have started, by type");
    describe_counter!(name::JOB_ATTEMPTS, "Attempts of jobs that ended, by type and outcome");
    describe_gauge!(name::JOBS_RUNNING, "Jobs this process runs now");
    describe_counter!(name::SCHEDULE_FIRES, "Due times of schedules that were handled, by outcome");
    describe_histogram!(name::SCHEDULE_LAG, Unit::Seconds, "Time between a schedule's due time and its handling");
    describe_counter!(name::SYNCS, "Synchronisations of repositories that ended, by outcome");
    describe_counter!(name::GITHUB_REQUESTS, "Requests to GitHub, by endpoint and status");
    describe_histogram!(name::GITHUB_SECONDS, Unit::Seconds, "Time GitHub took to answer, by endpoint");
    describe_gauge!(name::GITHUB_REMAINING, "Requests GitHub still allows in this window, by resource");
    describe_histogram!(name::RETRIEVAL_SECONDS, Unit::Seconds, "Time a stage of retrieval took, by stage");
    describe_counter!(name::CHUNKS_EMBEDDED, "Chunks that got an embedding");
    describe_counter!(name::RETRIEVAL_RESULTS, "Answers to questions, by whether they were kept from before");
    describe_counter!(name::RERANKS, "Answers that a model was to put in its order, by outcome");
    describe_counter!(name::ANSWERS, "Answers in prose that ended, by outcome");
    describe_counter!(name::SOURCE_RUNS, "Runs of sources that ended, by type and outcome");
    describe_gauge!(name::EVENT_STREAMS, "Streams of events that are open now");
    describe_counter!(name::LLM_REQUESTS, "Attempts at language models that ended, by provider, model and outcome");
    describe_histogram!(name::LLM_SECONDS, Unit::Seconds, "Time an attempt at a language model took, by provider and model");
    describe_histogram!(name::LLM_FIRST_TOKEN, Unit::Seconds, "Time until a language model's first token, by provider and model");
    describe_counter!(name::LLM_TOKENS, "Tokens sent to and answered by language models, by provider and direction");
    describe_counter!(name::LLM_COST, "Nano-dollars spent on language models, by provider");
    describe_gauge!(name::LLM_CIRCUIT, "Circuits to models: 0 closed, 1 half open, 2 open, by provider and model");
    describe_gauge!(name::LLM_BUDGET_SPENT, "Nano-dollars spent of a budget in its present period, by project and budget");
    describe_gauge!(name::LLM_BUDGET_RESERVED, "Nano-dollars of a budget that calls under way hold, by project and budget");
    describe_gauge!(name::LLM_BUDGET_LIMIT, "Nano-dollars that a budget allows in a period, by project and budget");
    describe_gauge!(name::UPTIME, Unit::Seconds, "Time since the process started");
    describe_gauge!(name::RESIDENT, Unit::Bytes, "Resident memory");
    describe_counter!(name::LOGS_DROPPED, "Log lines dropped because standard error was not read fast enough");
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// The crates that count may not import this one, so they write the names out; none may be missing here.
    #[test]
    fn every_metric_of_the_workspace_is_described() {
        let described = include_str!("lib.rs");
        for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let counting = text.lines().filter(|line| ["counter!(", "gauge!(", "histogram!("].iter().any(|call| line.contains(call)));
            for name in counting.flat_map(|line| line.split('"')).filter(|part| part.starts_with("commandcenter_")) {
                assert!(described.contains(&format!("\"{name}\"")), "{name} of {} is not described in this crate", file.display());
            }
        }
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
        let here = files.into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
        here.chain(folders.iter().filter(|folder| !folder.ends_with("node_modules")).flat_map(|folder| sources(folder))).collect()
    }

    #[test]
    fn the_process_is_measured_and_can_be_set_up_once() {
        let metrics = install_metrics().unwrap();
        assert!(install_metrics().is_err());
        metrics::histogram!(name::HTTP_SECONDS, "route" => "/x").record(0.003);
        let text = metrics.render();
        for part in [name::UPTIME, name::RESIDENT, "commandcenter_http_request_duration_seconds_bucket", "# HELP"] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
    }
}
