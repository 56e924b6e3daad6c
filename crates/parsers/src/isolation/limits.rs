//! What a child may use, and how it gives up the rest.

use std::time::Duration;

use nix::sys::resource::{Resource, setrlimit};
use serde::{Deserialize, Serialize};

/// What reading one file may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParserLimits {
    /// Bytes of address space.
    pub memory: u64,
    /// Time of a processor.
    pub cpu: Duration,
    /// Time by the clock, waiting included.
    pub wall: Duration,
}

impl Default for ParserLimits {
    fn default() -> Self {
        Self { memory: 1 << 30, cpu: Duration::from_secs(60), wall: Duration::from_secs(120) }
    }
}

/// Open files: the three streams and what the runtime keeps.
const FILES: u64 = 16;

/// Gives up everything but the limits, for this process and for good. Called before the first byte of the file is looked at.
pub(super) fn confine(limits: &ParserLimits) -> nix::Result<()> {
    let seconds = limits.cpu.as_secs().max(1);
    setrlimit(Resource::RLIMIT_CORE, 0, 0)?;
    setrlimit(Resource::RLIMIT_FSIZE, 0, 0)?;
    setrlimit(Resource::RLIMIT_NOFILE, FILES, FILES)?;
    setrlimit(Resource::RLIMIT_CPU, seconds, seconds + 2)?;
    setrlimit(Resource::RLIMIT_AS, limits.memory, limits.memory)?;
    shut_out();
    Ok(())
}

/// No file may be opened and no address reached, where the kernel can see to that; the limits above hold without it, too.
#[cfg(target_os = "linux")]
fn shut_out() {
    use landlock::{ABI, Access, AccessFs, AccessNet, Ruleset, RulesetAttr};
    let ruleset = Ruleset::default()
        .handle_access(AccessFs::from_all(ABI::V5))
        .and_then(|ruleset| ruleset.handle_access(AccessNet::from_all(ABI::V5)))
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    if let Err(err) = ruleset {
        eprintln!("files are not shut out: {err}");
    }
}

#[cfg(not(target_os = "linux"))]
const fn shut_out() {}
