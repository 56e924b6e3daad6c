//! Rules over text and numbers, collected so that a client learns of every broken one at once.

use super::fault::{FieldError, Invalid};

/// Bounds on a text's length, in Unicode characters after trimming.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
}

/// Collects broken rules while an input is read. Each method gives back a usable value or a neutral one after noting the error;
/// [`Checker::finish`] refuses the whole when any was noted.
#[derive(Debug, Default)]
pub struct Checker {
    errors: Vec<FieldError>,
}

impl Checker {
    /// A checker with nothing noted.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a broken rule.
    pub fn note(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.errors.push(FieldError::new(field, code, message));
    }

    /// A single line: trimmed, within limits, without control characters.
    pub fn line(&mut self, field: &str, text: &str, limits: Limits) -> String {
        let text = self.block(field, text, limits);
        if text.chars().any(char::is_control) {
            self.note(field, "control_character", "must not contain control characters");
        }
        text
    }

    /// Several lines: trimmed, within limits, without NUL (which PostgreSQL cannot store).
    pub fn block(&mut self, field: &str, text: &str, limits: Limits) -> String {
        let text = text.trim();
        let length = text.chars().count();
        if length < limits.min {
            let (code, message) = if length == 0 {
                ("required", "must not be empty".to_owned())
            } else {
                ("too_short", format!("must have at least {} characters", limits.min))
            };
            self.note(field, code, message);
        }
        if length > limits.max {
            self.note(field, "too_long", format!("must have at most {} characters", limits.max));
        }
        if text.contains('\0') {
            self.note(field, "nul", "must not contain the NUL character");
        }
        text.to_owned()
    }

    /// An optional text: absent stays absent, blank becomes absent.
    pub fn optional_block(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text?;
        let text = self.block(field, text, Limits { min: 0, max });
        (!text.is_empty()).then_some(text)
    }

    /// An optional single line: absent stays absent, blank becomes absent.
    pub fn optional_line(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text?;
        let text = self.line(field, text, Limits { min: 0, max });
        (!text.is_empty()).then_some(text)
    }

    /// A number within inclusive bounds.
    pub fn number<N: PartialOrd + std::fmt::Display + Copy>(&mut self, field: &str, value: N, bounds: (N, N)) -> N {
        let (min, max) = bounds;
        if !(value >= min && value <= max) {
            self.note(field, "out_of_range", format!("must be between {min} and {max}"));
        }
        value
    }

    /// An absolute http(s) URL of at most 2,048 characters; blank becomes absent.
    pub fn url(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        let text = self.optional_line(field, text, 2048)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        if host.is_none_or(|host| host.is_empty() || host.chars().any(char::is_whitespace)) {
            self.note(field, "not_a_url", "must be an absolute http or https URL");
        }
        Some(text)
    }

    /// One of an enum's texts.
    pub fn choice<T: Copy>(&mut self, field: &str, text: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        let value = parse(text);
        if value.is_none() {
            self.note(field, "unknown_value", "is not one of the allowed values");
        }
        value
    }

    /// The value, unless a rule was broken.
    ///
    /// # Errors
    /// [`Invalid`] with everything noted.
    pub fn finish<T>(self, value: T) -> Result<T, Invalid> {
        if self.errors.is_empty() { Ok(value) } else { Err(Invalid(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_rule_is_reported_at_once_without_the_value() {
        let mut check = Checker::new();
        check.line("name", "a\0b", Limits { min: 1, max: 2 });
        check.url("url", Some("ftp://secret"));
        check.number("priority", 9, (1, 5));
        let Invalid(errors) = check.finish(()).unwrap_err();
        let codes: Vec<_> = errors.iter().map(|e| e.code).collect();
        assert_eq!(codes, ["too_long", "nul", "control_character", "not_a_url", "out_of_range"]);
        assert!(errors.iter().all(|e| !e.message.contains("secret")));
    }
}
