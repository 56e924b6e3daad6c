//! Child processes: started visibly, judged by their exit.

use std::fmt;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Why a command of ours could not be done, as a sentence for the person at the terminal.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    /// From a sentence.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// From an error and what was tried.
    pub(crate) fn of(what: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Announces a step, so that a long run says where it is.
pub(crate) fn step(text: impl fmt::Display) {
    eprintln!("\n==> {text}");
}

/// Says something beside the steps.
pub(crate) fn note(text: impl fmt::Display) {
    eprintln!("    {text}");
}

/// Runs a command with our terminal; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let line = describe(command);
    eprintln!("    $ {line}");
    let start = Instant::now();
    let status = command.status().map_err(|e| Failure::of(&line, e))?;
    if !status.success() {
        return Err(Failure::new(format!("`{line}` ended with {status}")));
    }
    let took = start.elapsed();
    if took.as_secs() >= 10 {
        note(format_args!("took {} s", took.as_secs()));
    }
    Ok(())
}

/// Runs a command and gives what it wrote to its standard output.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let line = describe(command);
    let output = command.stdin(Stdio::null()).output().map_err(|e| Failure::of(&line, e))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{line}` ended with {}: {}", output.status, said.trim())));
    }
    String::from_utf8(output.stdout).map_err(|e| Failure::of(&line, e))
}

/// Whether a command can be started and succeeds; it stays silent.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn describe(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
