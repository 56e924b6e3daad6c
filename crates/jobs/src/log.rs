//! The log of a run, and when it and the run's progress are written.

use std::sync::atomic::{AtomicUsize, Ordering};

use commandcenter_domain::job::{LogLevel, NewLogLine};
use commandcenter_domain::shared::Timestamp;
use tokio::sync::mpsc;

/// Where a run writes its log to. Lines beyond what is kept are counted and not kept.
#[derive(Debug)]
pub(crate) struct RunLog {
    lines: mpsc::UnboundedSender<NewLogLine>,
    said: AtomicUsize,
}

impl RunLog {
    /// A log, and where its lines come out.
    pub(crate) fn new() -> (Self, mpsc::UnboundedReceiver<NewLogLine>) {
        let (lines, reader) = mpsc::unbounded_channel();
        (Self { lines, said: AtomicUsize::new(0) }, reader)
    }

    pub(crate) fn say(&self, at: Timestamp, level: LogLevel, message: &str) {
        let line = match self.said.fetch_add(1, Ordering::Relaxed) + 1 {
            NewLogLine::MOST => NewLogLine::new(at, LogLevel::Warn, "more was said and is not kept"),
            n if n < NewLogLine::MOST => NewLogLine::new(at, level, message),
            _ => return,
        };
        // The reader goes with the run.
        drop(self.lines.send(line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_lines_are_kept_than_is_bearable_and_the_last_says_so() {
        let (log, mut lines) = RunLog::new();
        let at = chrono::DateTime::from_timestamp(0, 0).unwrap();
        for n in 0..NewLogLine::MOST + 10 {
            log.say(at, LogLevel::Info, &format!("line {n}"));
        }
        let mut kept = Vec::new();
        while let Ok(line) = lines.try_recv() {
            kept.push(line);
        }
        assert_eq!(kept.len(), NewLogLine::MOST);
        assert_eq!(kept.last().unwrap().message, "more was said and is not kept");
    }
}
