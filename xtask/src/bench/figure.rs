//! A measured figure beside its bar, for people as a table and for programs as JSON.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use crate::process::{Failure, capture};

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bar {
    AtMost(f64),
    AtLeast(f64),
    /// Only for information.
    None,
}

/// One measured figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    name: String,
    database: &'static str,
    value: f64,
    unit: &'static str,
    /// Digits behind the point, for people.
    #[serde(skip)]
    digits: usize,
    bar: Bar,
}

impl Figure {
    pub(super) fn new(name: impl Into<String>, database: &'static str, value: f64) -> Self {
        Self { name: name.into(), database, value, unit: "", digits: 1, bar: Bar::None }
    }

    pub(super) fn digits(self, digits: usize) -> Self {
        Self { digits, ..self }
    }

    pub(super) fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    pub(super) fn at_most(self, limit: f64) -> Self {
        Self { bar: Bar::AtMost(limit), ..self }
    }

    pub(super) fn at_least(self, limit: f64) -> Self {
        Self { bar: Bar::AtLeast(limit), ..self }
    }

    /// Whether it keeps what was promised.
    pub(super) fn holds(&self) -> bool {
        match self.bar {
            Bar::AtMost(limit) => self.value <= limit,
            Bar::AtLeast(limit) => self.value >= limit,
            Bar::None => true,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: {:.*} {}", self.name, self.database, self.digits, self.value, self.unit)
    }
}

/// Prints the table.
pub(super) fn print(figures: &[Figure]) {
    println!("\n{:<52} {:<11} {:>12}  {:<12}", "figure", "database", "measured", "bar");
    for figure in figures {
        let bar = match figure.bar {
            Bar::AtMost(limit) => format!("<= {limit}"),
            Bar::AtLeast(limit) => format!(">= {limit}"),
            Bar::None => String::new(),
        };
        let measured = format!("{:.*} {}", figure.digits, figure.value, figure.unit);
        println!(
            "{:<52} {:<11} {:>12}  {:<12} {}",
            figure.name,
            figure.database,
            measured,
            bar,
            if figure.holds() { "" } else { "MISSED" }
        );
    }
}

/// Writes the figures with what is needed to compare them later: the commit and the number of cores.
pub(super) fn write(figures: &[Figure], path: &Path) -> Result<(), Failure> {
    let commit = capture(Command::new("git").current_dir(crate::workspace::root()).args(["rev-parse", "HEAD"])).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let report = serde_json::json!({"commit": commit.trim(), "cores": cores, "figures": figures});
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| Failure::of(folder.display(), e))?;
    }
    std::fs::write(path, format!("{report:#}\n")).map_err(|e| Failure::of(path.display(), e))
}

/// The value that a share of the samples does not exceed, in milliseconds.
pub(super) fn percentile(samples: &mut [Duration], percent: usize) -> f64 {
    samples.sort_unstable();
    let rank = (samples.len() * percent).div_ceil(100).max(1) - 1;
    samples.get(rank).map_or(f64::NAN, |sample| milliseconds(*sample))
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_sample_by_nearest_rank() {
        let mut samples: Vec<Duration> = (1..=100).rev().map(Duration::from_millis).collect();
        for (percent, wanted) in [(50, 50.0), (99, 99.0), (100, 100.0)] {
            assert!((percentile(&mut samples, percent) - wanted).abs() < 1e-9);
        }
        assert!(percentile(&mut [], 50).is_nan());
    }

    #[test]
    fn a_bar_holds_on_its_own_side() {
        let figure = || Figure::new("x", "SQLite", 2.0);
        assert!(figure().holds());
        assert!(figure().at_most(2.0).holds() && !figure().at_most(1.9).holds());
        assert!(figure().at_least(2.0).holds() && !figure().at_least(2.1).holds());
        assert!(!Figure::new("x", "SQLite", f64::NAN).at_most(1.0).holds());
    }
}
