//! Log lines on standard error, written by a thread of their own.
//!
//! A terminal or a pipe that is not read blocks its writer. The async threads therefore only hand lines to a bounded queue;
//! when it is full the line is dropped and counted, so that a stuck reader of logs costs log lines and never requests.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use commandcenter_config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Lines that may wait for a slow reader.
const QUEUE: usize = 8192;
/// How long the last lines may take when the process ends.
const FLUSH: Duration = Duration::from_secs(2);

static DROPPED: AtomicU64 = AtomicU64::new(0);

/// Why logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Somebody did it before.
    #[error("logs or metrics are already set up in this process")]
    Twice,
    /// The thread that writes could not be started.
    #[error("the log writer could not be started")]
    Thread(#[source] io::Error),
}

/// Writes what is still queued when it is dropped; keep it until the end of `main`.
#[derive(Debug)]
pub struct LogGuard {
    lines: SyncSender<Line>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for LogGuard {
    fn drop(&mut self) {
        let until = Instant::now() + FLUSH;
        let mut stop = Line::Stop;
        while let Err(TrySendError::Full(line)) = self.lines.try_send(stop) {
            if Instant::now() > until {
                return;
            }
            stop = line;
            std::thread::sleep(Duration::from_millis(5));
        }
        while self.writer.as_ref().is_some_and(|writer| !writer.is_finished()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Sends everything that is logged from here on to standard error.
///
/// # Errors
/// [`TelemetryError`] when it was called before or the writing thread cannot start.
pub fn init_logs(log: &Log) -> Result<LogGuard, TelemetryError> {
    let (lines, queue) = sync_channel(QUEUE);
    let writer = std::thread::Builder::new().name("log".to_owned()).spawn(move || write_lines(&queue));
    let guard = LogGuard { lines: lines.clone(), writer: Some(writer.map_err(TelemetryError::Thread)?) };
    // Configuration has checked the shape; a target that does not exist simply matches nothing.
    let filter = EnvFilter::builder().parse_lossy(log.level.as_str());
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Queue(lines));
    let set = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Pretty => builder.with_ansi(std::io::IsTerminal::is_terminal(&io::stderr())).try_init(),
    };
    set.map_err(|_| TelemetryError::Twice)?;
    Ok(guard)
}

/// Lines that were dropped since the start.
pub(crate) fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

#[derive(Debug)]
enum Line {
    Text(Vec<u8>),
    Stop,
}

fn write_lines(queue: &Receiver<Line>) {
    let mut out = io::stderr();
    while let Ok(Line::Text(line)) = queue.recv() {
        // A closed standard error is no reason to end the process.
        let _ = out.write_all(&line);
    }
    let _ = out.flush();
}

#[derive(Clone)]
struct Queue(SyncSender<Line>);

impl<'a> MakeWriter<'a> for Queue {
    type Writer = Pending<'a>;
    fn make_writer(&'a self) -> Pending<'a> {
        Pending { queue: &self.0, line: Vec::with_capacity(256) }
    }
}

/// One line in the making; sent when it is dropped.
struct Pending<'a> {
    queue: &'a SyncSender<Line>,
    line: Vec<u8>,
}

impl Write for Pending<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let line = std::mem::take(&mut self.line);
        if !line.is_empty() && self.queue.try_send(Line::Text(line)).is_err() {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_lines_and_never_blocks() {
        let (sender, _receiver) = sync_channel(1);
        let queue = Queue(sender);
        let before = dropped();
        for _ in 0..3 {
            queue.make_writer().write_all(b"line\n").unwrap();
        }
        assert_eq!(dropped() - before, 2);
    }
}
