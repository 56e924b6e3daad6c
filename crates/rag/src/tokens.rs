//! The model's tokenizer, twice: one that counts and one that prepares input. The file as distributed truncates at 128 tokens and pads to
//! 128, which would make every count a lie; neither instance keeps those settings.

use std::path::Path;
use std::sync::Arc;

use text_splitter::ChunkSizer;
use tokenizers::{PaddingParams, PaddingStrategy, Tokenizer, TruncationParams};

use crate::model::MAX_TOKENS;

/// Tokens that the model puts around every text.
pub(crate) const SPECIAL: usize = 2;

/// More characters than this per token on average are no language: long unbroken runs count as one unknown token each, so that without this
/// bound a megabyte of base64 would make one passage.
pub(crate) const MAX_CHARS_PER_TOKEN: usize = 12;

/// Both instances.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) sizer: Sizer,
    pub(crate) encoder: Arc<Tokenizer>,
}

/// Loads `tokenizer.json`.
pub(crate) fn load(file: &Path) -> Result<Tokens, String> {
    let refuse = |err: tokenizers::Error| format!("{} cannot be read: {err}", file.display());
    let mut sizer = Tokenizer::from_file(file).map_err(refuse)?;
    sizer.with_padding(None);
    sizer.with_truncation(None).map_err(refuse)?;
    let mut encoder = sizer.clone();
    encoder.with_padding(Some(PaddingParams { strategy: PaddingStrategy::BatchLongest, ..PaddingParams::default() }));
    encoder.with_truncation(Some(TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() })).map_err(refuse)?;
    Ok(Tokens { sizer: Sizer::Model(Arc::new(sizer)), encoder: Arc::new(encoder) })
}

/// Counts tokens.
#[derive(Debug, Clone)]
pub(crate) enum Sizer {
    /// As the model does.
    Model(Arc<Tokenizer>),
    /// By a rule of thumb that errs on the long side, for when there is no model.
    Estimate,
}

impl Sizer {
    /// Tokens of a text, without the special ones.
    pub(crate) fn count(&self, text: &str) -> usize {
        let tokens = match self {
            Self::Model(tokenizer) => tokenizer.encode_fast(text, false).map_or_else(|_| estimate(text), |encoding| encoding.len()),
            Self::Estimate => estimate(text),
        };
        tokens.max(text.chars().count().div_ceil(MAX_CHARS_PER_TOKEN))
    }
}

impl ChunkSizer for Sizer {
    fn size(&self, chunk: &str) -> usize {
        self.count(chunk)
    }
}

fn estimate(text: &str) -> usize {
    let (mut tokens, mut run) = (0, 0_usize);
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            run += 1;
            continue;
        }
        tokens += run.div_ceil(4) + usize::from(!c.is_whitespace());
        run = 0;
    }
    tokens + run.div_ceil(4)
}
