//! Running: the API, and everything in one process.

use std::convert::Infallible;
use std::future::Future;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use commandcenter_domain::shared::SystemClock;
use commandcenter_http::HttpOptions;
use commandcenter_services::knowledge::StalenessKeeper;
use tokio_util::sync::CancellationToken;

use crate::build::App;
use crate::models;
use crate::schema;
use crate::start::StartError;

/// Time between two looks for what nobody needs any more.
const SWEEP: Duration = Duration::from_hours(1);
/// Pause between two chunks of a sweep, which has all the time in the world: whoever else wants the database goes first.
const REST: Duration = Duration::from_millis(100);

impl App {
    /// Listens on the configured address.
    ///
    /// # Errors
    /// [`StartError::Bind`] when it is taken or not ours.
    pub fn bind(&self) -> Result<TcpListener, StartError> {
        let address = self.config.server.bind;
        TcpListener::bind(address).map_err(|err| StartError::Bind(address, err))
    }

    /// Serves the API until `shutdown` resolves, on a database whose schema is the one this program knows. Waits for a database that is away.
    ///
    /// # Errors
    /// A schema that is older or newer; a server that breaks.
    pub async fn serve_api(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + 'static) -> Result<(), StartError> {
        let mut shutdown = Box::pin(shutdown);
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            known = schema::when_reachable(async || schema::require_current(self.database()).await) => known?,
        }
        self.serve(listener, shutdown).await
    }

    /// Everything in one process: brings the schema up to date, then serves the API and runs jobs until `shutdown` resolves.
    ///
    /// # Errors
    /// A schema of a newer version; a server that breaks.
    pub async fn up(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + 'static) -> Result<(), StartError> {
        let mut shutdown = Box::pin(shutdown);
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            raised = schema::when_reachable(async || schema::up(self.database(), None).await) => raised?,
        }
        let stop = CancellationToken::new();
        let told = stop.clone();
        let shutdown = async move {
            shutdown.await;
            told.cancel();
        };
        let serving = async {
            let served = self.serve(listener, shutdown).await;
            // A server that broke takes the engine with it.
            stop.cancel();
            served
        };
        let ((), served) = tokio::join!(self.work(self.poll_alone(), stop.clone()), serving);
        served
    }

    /// Runs jobs until `shutdown` resolves, on a database whose schema is the one this program knows. Waits for a database that is away.
    ///
    /// # Errors
    /// A schema that is older or newer.
    pub async fn run_worker(&self, shutdown: impl Future<Output = ()>) -> Result<(), StartError> {
        let mut shutdown = std::pin::pin!(shutdown);
        tokio::select! {
            () = &mut shutdown => return Ok(()),
            known = schema::when_reachable(async || schema::require_current(self.database()).await) => known?,
        }
        let stop = CancellationToken::new();
        let stopping = async {
            shutdown.await;
            stop.cancel();
        };
        tokio::join!(self.work(Self::poll_among_others(), stop.clone()), stopping);
        Ok(())
    }

    async fn serve(&self, listener: TcpListener, shutdown: impl Future<Output = ()> + 'static) -> Result<(), StartError> {
        let options = HttpOptions {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            drain: self.config.server.drain,
            cors_origins: self.config.server.cors_origins.clone(),
        };
        self.follow_configuration().await?;
        tokio::select! {
            served = commandcenter_http::serve(listener, self.state.clone(), options, shutdown) => Ok(served?),
            never = self.keep_house() => match never {},
            never = self.watch() => match never {},
            never = self.feed.run() => match never {},
        }
    }

    /// Providers of language models that the configuration sets up are there before the first request is.
    async fn follow_configuration(&self) -> Result<(), StartError> {
        let configured = models::configured(&self.config);
        let followed = self.state.llm.providers.follow(configured).await;
        followed.map_err(|err| StartError::Part(format!("llm.providers: {err}")))
    }

    /// Removes what nobody needs any more, at the start and then every hour.
    async fn keep_house(&self) -> Infallible {
        let mut hourly = tokio::time::interval(SWEEP);
        loop {
            hourly.tick().await;
            self.sweep_files().await;
            self.sweep_answers().await;
            self.sweep_events().await;
            self.sweep_jobs().await;
            self.sweep_attempts().await;
            self.sweep_kept().await;
            self.judge_documents().await;
        }
    }

    /// Documents whose staleness was judged longer than a day ago.
    async fn judge_documents(&self) {
        let keeper = StalenessKeeper::new(self.background.clone(), Arc::new(SystemClock));
        match keeper.sweep(async || tokio::time::sleep(REST).await).await {
            Ok(0) => {}
            Ok(judged) => tracing::info!(judged, "documents were judged by their age and their origin"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "documents could not be judged"),
        }
    }

    /// Attempts at models whose process stopped before it could say how they ended.
    async fn sweep_attempts(&self) {
        match self.state.llm.usage.sweep().await {
            Ok(0) => {}
            Ok(lost) => tracing::warn!(lost, "attempts at models that nobody ended: billed as reserved"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "attempts at models could not be swept"),
        }
    }

    /// Answers of models that have expired.
    async fn sweep_kept(&self) {
        match self.state.llm.cache.sweep().await {
            Ok(0) => {}
            Ok(expired) => tracing::info!(expired, "kept answers of models"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "kept answers of models could not be swept"),
        }
    }

    /// Attached files that nothing refers to any more.
    async fn sweep_files(&self) {
        match self.state.research.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "files that nothing referred to"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "files could not be swept"),
        }
    }

    /// Answers whose time to be given again is over.
    async fn sweep_answers(&self) {
        match self.state.idempotency.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "answers whose time was over"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "answers could not be swept"),
        }
    }

    /// Events that were relayed long ago.
    async fn sweep_events(&self) {
        match self.state.events.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::debug!(removed, "events whose time was over"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "events could not be swept"),
        }
    }

    /// Ended jobs whose time is over, and archived ones.
    async fn sweep_jobs(&self) {
        match self.archivist.sweep(async || tokio::time::sleep(REST).await).await {
            Ok(swept) if swept.is_empty() => {}
            Ok(swept) => tracing::info!(archived = swept.moved(), forgotten = swept.forgotten, "jobs whose time was over"),
            Err(err) => tracing::warn!(error = &err as &dyn std::error::Error, "jobs could not be archived"),
        }
    }
}
