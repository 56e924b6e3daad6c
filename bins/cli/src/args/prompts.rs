//! The arguments of the commands on prompts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// Texts that models are instructed with.
#[derive(Debug, Subcommand)]
pub(crate) enum PromptsCommand {
    /// Look at its words; no model is asked
    Check(PromptArgs),
    /// Have a model say what is wrong with it
    Analyze(PromptArgs),
    /// Have a model rewrite it
    Improve(PromptArgs),
}

/// A prompt.
#[derive(Debug, Args)]
pub(crate) struct PromptArgs {
    /// File with the prompt; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}
