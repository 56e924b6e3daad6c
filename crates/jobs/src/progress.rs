//! A run's progress and log: told at most ten times a second, written at most once a second. The last of it always.

use std::time::Duration;

use commandcenter_domain::StoreError;
use commandcenter_domain::event::Signal;
use commandcenter_domain::job::{Lease, NewLogLine, Progress, StopReason, Written};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use crate::core::Core;
use crate::live::Stop;

/// Time between two messages about one run.
const TOLD: Duration = Duration::from_millis(100);
/// Time between two writes of one run.
const WRITTEN: Duration = Duration::from_secs(1);
/// Most lines written at once.
const LINES: usize = 500;

/// What a run says of itself, to be told and written.
pub(crate) struct Reports {
    progress: watch::Receiver<Progress>,
    lines: mpsc::UnboundedReceiver<NewLogLine>,
    /// Lines that are not written yet.
    buffer: Vec<NewLogLine>,
    untold: bool,
    unwritten: bool,
    /// What is written, as far as this run wrote it.
    written: Progress,
}

impl Reports {
    pub(crate) fn new(progress: watch::Receiver<Progress>, lines: mpsc::UnboundedReceiver<NewLogLine>) -> Self {
        let written = progress.borrow().clone();
        Self { progress, lines, buffer: Vec::new(), untold: false, unwritten: false, written }
    }

    /// Tells and writes until it is dropped. What that cuts short, [`Reports::last`] makes good.
    pub(crate) async fn keep(&mut self, core: &Core, lease: &Lease, stop: &Stop) {
        let (mut tell_at, mut write_at) = (Instant::now(), Instant::now());
        loop {
            tokio::select! {
                changed = self.progress.changed(), if !self.untold => match changed {
                    Ok(()) => (self.untold, self.unwritten) = (true, true),
                    Err(_) => return std::future::pending().await,
                },
                Some(line) = self.lines.recv() => self.buffer.push(line),
                () = sleep_until(tell_at), if self.untold => {
                    self.untold = false;
                    let now = self.progress.borrow_and_update().clone();
                    tell(core, lease, &now).await;
                    tell_at = Instant::now() + TOLD;
                }
                () = sleep_until(write_at), if self.unwritten || !self.buffer.is_empty() => {
                    self.write(core, lease, stop).await;
                    write_at = Instant::now() + WRITTEN;
                }
            }
        }
    }

    /// Writes the last lines. Gives the last progress unless that is written already: it goes with the ending, so that it is not lost
    /// while storage is away.
    pub(crate) async fn last(mut self, core: &Core, lease: &Lease, stop: &Stop) -> Option<Progress> {
        while let Ok(line) = self.lines.try_recv() {
            self.buffer.push(line);
        }
        self.write_lines(core, lease, stop).await;
        let last = self.progress.borrow().clone();
        (last != self.written).then_some(last)
    }

    async fn write(&mut self, core: &Core, lease: &Lease, stop: &Stop) {
        if self.unwritten {
            let now = self.progress.borrow().clone();
            if taken(core.ledger().progress(lease, &now).await, stop) {
                self.unwritten = false;
                self.written = now;
            }
        }
        self.write_lines(core, lease, stop).await;
    }

    async fn write_lines(&mut self, core: &Core, lease: &Lease, stop: &Stop) {
        while !self.buffer.is_empty() {
            let lines = &self.buffer[..self.buffer.len().min(LINES)];
            if !taken(core.ledger().log(lease, lines).await, stop) {
                return;
            }
            self.buffer.drain(..lines.len());
            core.changed(lease).await;
        }
    }
}

async fn tell(core: &Core, lease: &Lease, progress: &Progress) {
    let Progress { items, percent, step } = progress.clone();
    let (project, job, fence) = (lease.project, lease.job, lease.fence);
    let items = (items.done, items.failed, items.total);
    core.parts.signals.send(Signal::JobProgress { project, job, fence, percent, step, items }).await;
}

/// Whether a write was taken; a lost lease stops the run.
fn taken(written: Result<Written, StoreError>, stop: &Stop) -> bool {
    match written {
        Ok(Written::Yes) => true,
        Ok(Written::LeaseLost) => {
            stop.tell(StopReason::LeaseLost);
            false
        }
        Err(error) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "what a run says of itself was not written");
            false
        }
    }
}
