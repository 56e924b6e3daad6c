//! `completions`.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Arguments;
use crate::error::CliError;
use crate::output::print;

/// Prints a shell's completion script.
pub(crate) fn run(shell: Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "commandcenter", &mut script);
    print(String::from_utf8_lossy(&script).trim_end())
}
