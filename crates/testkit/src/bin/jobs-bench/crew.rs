//! Worker processes: started, measured, killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Worker processes. Killed when dropped.
pub(crate) struct Crew {
    workers: Vec<Child>,
    url: String,
    slots: usize,
    sink: Option<String>,
}

impl Crew {
    pub(crate) fn of(size: usize, url: &str, slots: usize, sink: Option<&str>) -> Self {
        let mut crew = Self { workers: Vec::new(), url: url.to_owned(), slots, sink: sink.map(str::to_owned) };
        crew.workers = (0..size).map(|_| crew.hire()).collect();
        crew
    }

    /// Starts a worker and waits until it says that it is ready.
    fn hire(&self) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("worker").arg(&self.url).arg(self.slots.to_string()).args(self.sink.as_deref());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        child
    }

    /// Kills a worker with SIGKILL and hires another in its place.
    pub(crate) fn replace(&mut self, number: usize) {
        let number = number % self.workers.len();
        self.workers[number].kill().unwrap();
        self.workers[number].wait().unwrap();
        self.workers[number] = self.hire();
    }

    /// Processor time of all workers so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let ticks: u64 = self.workers.iter().map(|worker| ticks(worker.id())).sum();
        Duration::from_millis(ticks * 10)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for worker in &mut self.workers {
            // One that is gone is what is wanted.
            drop(worker.kill());
            drop(worker.wait());
        }
    }
}

/// User and system time of a process in hundredths of a second, from `/proc`.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum()
}
