//! npm packages of a folder, installed only when its lock file changed.

use std::path::Path;
use std::process::Command;

use crate::process::{Failure, note, run};

/// Brings `node_modules` to what the lock file says; does nothing when it is there already.
pub(crate) fn install(folder: &Path) -> Result<(), Failure> {
    let lock = std::fs::read(folder.join("package-lock.json")).map_err(|e| Failure::of(folder.join("package-lock.json").display(), e))?;
    let stamp = folder.join("node_modules/.installed-for");
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        note(format_args!("{}: packages are installed", folder.display()));
        return Ok(());
    }
    run(Command::new("npm").current_dir(folder).args(["ci", "--no-audit", "--no-fund"]))?;
    // A project without dependencies gets no folder from npm.
    std::fs::create_dir_all(folder.join("node_modules")).map_err(|e| Failure::of(folder.display(), e))?;
    std::fs::write(&stamp, lock).map_err(|e| Failure::of(stamp.display(), e))
}
