//! What parent and child say to each other: a line of JSON and the file's bytes in, a marked frame of JSON out.

use commandcenter_domain::knowledge::{Parsed, ReadError};
use serde::{Deserialize, Serialize};

use super::ParserLimits;

/// What comes in front of the bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// Marks the answer among whatever else a parser may print. No file can know it.
    pub(super) mark: String,
    /// The file's name.
    pub(super) name: String,
    /// How many bytes follow.
    pub(super) size: u64,
    /// What the child may use.
    pub(super) limits: ParserLimits,
}

/// What the child found.
pub(super) type Answer = Result<Parsed, ReadError>;

/// The answer as it is written.
pub(super) fn frame(mark: &str, answer: &Answer) -> Vec<u8> {
    let body = serde_json::to_vec(answer).unwrap_or_default();
    let mut out = format!("\n{mark} {}\n", body.len()).into_bytes();
    out.extend(body);
    out
}

/// The answer in what was written; `None` when it is not whole.
pub(super) fn unframe(mark: &str, written: &[u8]) -> Option<Answer> {
    let start = written.windows(mark.len()).rposition(|window| window == mark.as_bytes())? + mark.len();
    let line = written[start..].iter().position(|&byte| byte == b'\n')? + start;
    let size: usize = std::str::from_utf8(&written[start..line]).ok()?.trim().parse().ok()?;
    let body = written.get(line + 1..)?.get(..size)?;
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_among_noise_and_refused_when_cut() {
        let answer: Answer = Err(ReadError::Nul(7));
        let mut written = b"noise from a parser\n".to_vec();
        written.extend(frame("m-1", &answer));
        assert_eq!(unframe("m-1", &written), Some(answer));
        assert_eq!(unframe("m-2", &written), None);
        assert_eq!(unframe("m-1", &written[..written.len() - 1]), None);
    }
}
