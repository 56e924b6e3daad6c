//! The programs that building needs, and what to do when one is missing.

use std::process::Command;

use crate::process::{Failure, succeeds};

/// Whether a program answers `--version`.
pub(crate) fn has(program: &str) -> bool {
    succeeds(Command::new(program).arg("--version"))
}

/// Fails with advice when something that building the product needs is missing.
pub(crate) fn check() -> Result<(), Failure> {
    let needed = [
        ("git", "install git"),
        ("cc", "install a C compiler: `apt-get install build-essential` on Debian"),
        ("node", "install Node.js 20 or newer"),
        ("npm", "install npm, which comes with Node.js"),
    ];
    let missing: Vec<String> =
        needed.iter().filter(|(program, _)| !has(program)).map(|(program, advice)| format!("`{program}` is missing: {advice}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::new(missing.join("\n       "))) }
}

/// The Python programs to call pip with; an image may have any of them.
pub(crate) fn pip() -> Result<Command, Failure> {
    let candidates: [&[&str]; 3] = [&["python3", "-m", "pip"], &["pip3"], &["pip"]];
    for candidate in candidates {
        let Some((program, first)) = candidate.split_first() else { continue };
        if succeeds(Command::new(program).args(first).arg("--version")) {
            let mut command = Command::new(program);
            command.args(first);
            return Ok(command);
        }
    }
    Err(Failure::new("there is no pip: install Python 3 with pip (`apt-get install python3-pip` on Debian)"))
}
