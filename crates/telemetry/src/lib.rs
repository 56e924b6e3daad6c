//! Logs and metrics of a process: installed once, first thing in `main`.

mod logs;
mod measure;
mod process;

pub use logs::{LogGuard, TelemetryError, init_logs};
pub use measure::{Metrics, install_metrics};
pub use process::{ProcessFigures, process_figures};

/// Names of the metrics, so that who counts and who reads cannot drift apart.
pub mod name {
    /// Requests answered; labels `method`, `route`, `status`.
    pub const HTTP_REQUESTS: &str = "commandcenter_http_requests_total";
    /// Seconds from the request's first byte to the answer's; labels `method`, `route`.
    pub const HTTP_SECONDS: &str = "commandcenter_http_request_duration_seconds";
    /// Requests being answered now.
    pub const HTTP_IN_FLIGHT: &str = "commandcenter_http_requests_in_flight";
    /// Connections of the pool; label `state` is `idle` or `used`.
    pub const POOL_CONNECTIONS: &str = "commandcenter_database_pool_connections";
    /// Most connections the pool may open.
    pub const POOL_SIZE: &str = "commandcenter_database_pool_size";
    /// Jobs that ended; labels `job_type`, `outcome`.
    pub const JOBS_FINISHED: &str = "commandcenter_jobs_finished_total";
    /// Ended jobs that were moved to the archive; label `outcome`.
    pub const JOBS_ARCHIVED: &str = "commandcenter_jobs_archived_total";
    /// Seconds a run of a job took; label `job_type`.
    pub const JOB_SECONDS: &str = "commandcenter_job_duration_seconds";
    /// Runs of jobs whose worker lost its lease; label `job_type`.
    pub const LEASES_LOST: &str = "commandcenter_job_leases_lost_total";
    /// Live jobs; labels `queue`, `state` (`ready`, `delayed`, `running`).
    pub const JOBS: &str = "commandcenter_jobs";
    /// Seconds since the job that waits longest might have started; label `queue`.
    pub const JOBS_OLDEST: &str = "commandcenter_jobs_oldest_ready_seconds";
    /// 1 for a queue whose claims an operator stopped; label `queue`.
    pub const QUEUE_PAUSED: &str = "commandcenter_queue_paused";
    /// Seconds an attempt waited from when it might have started; label `job_type`.
    pub const JOB_WAIT: &str = "commandcenter_job_wait_duration_seconds";
    /// Attempts that ended; labels `job_type`, `outcome`.
    pub const JOB_ATTEMPTS: &str = "commandcenter_job_attempts_total";
    /// Jobs this process runs now.
    pub const JOBS_RUNNING: &str = "commandcenter_jobs_running";
    /// Due times of schedules that were handled; label `outcome`.
    pub const SCHEDULE_FIRES: &str = "commandcenter_schedule_fires_total";
    /// Seconds between a schedule's due time and its handling.
    pub const SCHEDULE_LAG: &str = "commandcenter_schedule_lag_seconds";
    /// Synchronisations of repositories that ended; label `outcome`.
    pub const SYNCS: &str = "commandcenter_repository_syncs_total";
    /// Requests to GitHub; labels `endpoint`, `status`.
    pub const GITHUB_REQUESTS: &str = "commandcenter_github_requests_total";
    /// Seconds GitHub took to answer; label `endpoint`.
    pub const GITHUB_SECONDS: &str = "commandcenter_github_request_duration_seconds";
    /// Requests GitHub still allows in this window; label `resource`.
    pub const GITHUB_REMAINING: &str = "commandcenter_github_rate_limit_remaining";
    /// Seconds a stage of retrieval took; label `stage`.
    pub const RETRIEVAL_SECONDS: &str = "commandcenter_retrieval_stage_duration_seconds";
    /// Chunks that got an embedding.
    pub const CHUNKS_EMBEDDED: &str = "commandcenter_chunks_embedded_total";
    /// Answers to questions, by whether they were kept from before.
    pub const RETRIEVAL_RESULTS: &str = "commandcenter_retrieval_results_total";
    /// Hits that a model was to put in its order; label `outcome` (`done`, `left`).
    pub const RERANKS: &str = "commandcenter_retrieval_reranks_total";
    /// Answers in prose that ended, by outcome.
    pub const ANSWERS: &str = "commandcenter_answers_total";
    /// Runs of sources that ended, by type and outcome.
    pub const SOURCE_RUNS: &str = "commandcenter_source_runs_total";
    /// Streams of events that are open now.
    pub const EVENT_STREAMS: &str = "commandcenter_event_streams";
    /// Attempts at language models that ended; labels `provider`, `model`, `outcome`.
    pub const LLM_REQUESTS: &str = "commandcenter_llm_requests_total";
    /// Seconds an attempt at a language model took; labels `provider`, `model`.
    pub const LLM_SECONDS: &str = "commandcenter_llm_request_duration_seconds";
    /// Seconds until a language model's first token; labels `provider`, `model`.
    pub const LLM_FIRST_TOKEN: &str = "commandcenter_llm_first_token_seconds";
    /// Tokens sent to and answered by language models; labels `provider`, `direction` (`input`, `output`).
    pub const LLM_TOKENS: &str = "commandcenter_llm_tokens_total";
    /// Nano-dollars spent on language models; label `provider`.
    pub const LLM_COST: &str = "commandcenter_llm_cost_nano_dollars_total";
    /// 0 for a closed circuit to a model, 1 for a half-open, 2 for an open one; labels `provider`, `model`.
    pub const LLM_CIRCUIT: &str = "commandcenter_llm_circuit_state";
    /// Nano-dollars that count as spent against a budget in its present period; labels `project`, `budget`.
    pub const LLM_BUDGET_SPENT: &str = "commandcenter_llm_budget_spent_nano_dollars";
    /// Nano-dollars that calls under way hold of a budget; labels `project`, `budget`.
    pub const LLM_BUDGET_RESERVED: &str = "commandcenter_llm_budget_reserved_nano_dollars";
    /// Nano-dollars that a budget allows in a period; labels `project`, `budget`.
    pub const LLM_BUDGET_LIMIT: &str = "commandcenter_llm_budget_limit_nano_dollars";
    /// Seconds since the process started.
    pub const UPTIME: &str = "commandcenter_uptime_seconds";
    /// Bytes of memory that are resident.
    pub const RESIDENT: &str = "process_resident_memory_bytes";
    /// Log lines that were dropped because nobody read them fast enough.
    pub const LOGS_DROPPED: &str = "commandcenter_log_lines_dropped_total";
}
