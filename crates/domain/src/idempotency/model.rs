//! Keys, attempts and answers.

use serde::{Deserialize, Serialize};

use crate::shared::{AttemptId, Invalid};

use super::IdempotencyError;

/// The header a key comes in; also the name of the field that a bad one is reported under.
const FIELD: &str = "Idempotency-Key";

/// What a client calls one attempt at creating something. **Invariant:** 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The only way to make one.
    ///
    /// # Errors
    /// [`Invalid`] on the field `Idempotency-Key` when `bytes` break the invariant.
    pub fn parse(bytes: &[u8]) -> Result<Self, Invalid> {
        let refuse = |code, message: &str| Err(Invalid::one(FIELD, code, message));
        match (bytes.len(), std::str::from_utf8(bytes)) {
            (0, _) => refuse("required", "must not be empty"),
            (256.., _) => refuse("too_long", "must have at most 255 characters"),
            (_, Ok(text)) if bytes.iter().all(u8::is_ascii_graphic) => Ok(Self(text.to_owned())),
            (_, _) => refuse("not_visible_ascii", "must be visible ASCII characters without blanks"),
        }
    }

    /// As the client wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a caller attempts, apart from the body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptName {
    /// The client's key.
    pub key: IdempotencyKey,
    /// Method and path, so that one key may serve once in each place.
    pub operation: String,
}

/// An attempt that is this process's to carry out. Whoever holds it ends it: with an answer to keep, or by giving it up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its row. A later holder of the same key has another one.
    pub id: AttemptId,
    /// The digest that names the attempt.
    pub slot: String,
}

/// What of an answer is given again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers that are part of what was said, by lower-case name.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// An attempt that ended. Stored sealed, the fingerprint too: a body may hold a password, whose bare digest could be searched for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The digest of the request's body.
    pub fingerprint: String,
    /// What was answered.
    pub answer: Answer,
}

impl Record {
    /// The first answer, to whoever asks the same again.
    ///
    /// # Errors
    /// [`IdempotencyError::Reused`] when they ask something else.
    pub fn answer_to(self, fingerprint: Option<&str>) -> Result<Answer, IdempotencyError> {
        let is_same = fingerprint == Some(self.fingerprint.as_str());
        if is_same { Ok(self.answer) } else { Err(IdempotencyError::Reused) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_ascii_of_bounded_length() {
        let longest = "k".repeat(255);
        for good in ["a", "8e03978e-40d5-43e8-bc93-6894a57f9324", "\"quoted\"", longest.as_str()] {
            assert_eq!(IdempotencyKey::parse(good.as_bytes()).unwrap().as_str(), good);
        }
        let longer = "k".repeat(256);
        for bad in ["", " ", "two words", "tab\t", "ключ", "nul\0", longer.as_str()] {
            assert_eq!(IdempotencyKey::parse(bad.as_bytes()).unwrap_err().0[0].field, "Idempotency-Key", "{bad:?}");
        }
        assert!(IdempotencyKey::parse(b"\xff").is_err());
    }

    #[test]
    fn only_the_same_body_gets_the_first_answer() {
        let answer = Answer { status: 201, headers: Vec::new(), body: "{}".into() };
        let record = Record { fingerprint: "one".into(), answer: answer.clone() };
        assert_eq!(record.clone().answer_to(Some("one")).unwrap(), answer);
        for other in [Some("two"), None] {
            assert!(matches!(record.clone().answer_to(other), Err(IdempotencyError::Reused)));
        }
    }
}
