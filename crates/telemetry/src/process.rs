//! What the operating system knows of this process.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Figures of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProcessFigures {
    /// Since when telemetry was set up.
    pub uptime: Duration,
    /// Memory that is resident; 0 where the system does not tell.
    pub resident_bytes: u64,
}

/// Measures this process now.
#[must_use]
pub fn process_figures() -> ProcessFigures {
    ProcessFigures { uptime: STARTED.elapsed(), resident_bytes: resident().unwrap_or(0) }
}

fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_has_memory() {
        assert!(super::process_figures().resident_bytes > 100_000);
    }
}
