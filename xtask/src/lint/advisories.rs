//! cargo-deny, where it is installed: it takes minutes to compile, so nobody is made to.

use crate::process::{Failure, note, run};
use crate::tools;
use crate::workspace::cargo;

/// Advisories, bans, licences and sources as `deny.toml` says.
pub(super) fn check() -> Result<(), Failure> {
    if !tools::has("cargo-deny") {
        note("cargo-deny is not installed, so advisories were not looked up (`cargo install --locked cargo-deny`)");
        return Ok(());
    }
    run(&mut cargo(&["deny", "check"]))
}
