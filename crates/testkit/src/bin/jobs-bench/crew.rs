//! Processes of this program: started, measured, killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A process of this program with a part of its own. Killed when dropped.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it, waits until it is ready, and gives the line with which it says so.
    pub(crate) fn start(arguments: &[&str]) -> (Self, String) {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut child = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        (Self(child), line.trim_end().to_owned())
    }

    /// Resident memory in MiB, from `/proc`.
    pub(crate) fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Worker processes.
pub(crate) struct Crew {
    workers: Vec<Process>,
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
    fn hire(&self) -> Process {
        let slots = self.slots.to_string();
        let arguments: Vec<&str> = ["worker", &self.url, &slots].into_iter().chain(self.sink.as_deref()).collect();
        Process::start(&arguments).0
    }

    /// Kills a worker with SIGKILL and hires another in its place.
    pub(crate) fn replace(&mut self, number: usize) {
        let number = number % self.workers.len();
        drop(self.workers.remove(number));
        self.workers.insert(number, self.hire());
    }

    /// Processor time of all workers so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let ticks: u64 = self.workers.iter().map(|worker| ticks(worker.0.id())).sum();
        Duration::from_millis(ticks * 10)
    }
}

/// User and system time of a process in hundredths of a second, from `/proc`.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum()
}
