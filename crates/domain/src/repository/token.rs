//! Tokens that open a repository on its host.

use crate::shared::Checker;

/// A personal, app or fine-grained access token in clear. **Invariant:** 20 to 255 printable ASCII characters without spaces; one that says
/// by its prefix that it is GitHub's may be longer, since some of those carry claims. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

/// What GitHub's tokens begin with: classic, OAuth, user-to-server, server-to-server, refresh, fine-grained.
const PREFIXES: [&str; 6] = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"];
const MIN: usize = 20;
const MAX: usize = 255;
const MAX_GITHUB: usize = 1024;

impl AccessToken {
    /// Reads a token, noting broken rules under `field` (never with the token itself).
    pub fn check(check: &mut Checker, field: &str, text: &str) -> Self {
        let text = text.trim();
        let max = if PREFIXES.iter().any(|prefix| text.starts_with(prefix)) { MAX_GITHUB } else { MAX };
        if text.len() < MIN {
            check.note(field, "too_short", format!("must have at least {MIN} characters"));
        }
        if text.len() > max {
            check.note(field, "too_long", format!("must have at most {max} characters"));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            check.note(field, "invalid_token", "may hold only printable ASCII characters without spaces");
        }
        Self(text.to_owned())
    }

    /// A token that was checked when it was stored, or that the operator configured.
    #[must_use]
    pub const fn trusted(text: String) -> Self {
        Self(text)
    }

    /// The token in clear. For the request to the host and for sealing, nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared::Invalid;

    fn read(text: &str) -> Result<AccessToken, Invalid> {
        let mut check = Checker::new();
        let token = AccessToken::check(&mut check, "access_token", text);
        check.finish(token)
    }

    #[test]
    fn every_kind_of_github_token_and_opaque_ones_are_accepted() {
        let tail = "A1b2".repeat(9);
        for prefix in PREFIXES {
            assert!(read(&format!("{prefix}{tail}")).is_ok(), "{prefix}");
        }
        assert!(read(&format!("github_pat_{}_{}", "a".repeat(22), "b".repeat(59))).is_ok());
        assert!(read(&format!("ghs_{}.{}.{}", "a".repeat(200), "b".repeat(200), "c-_".repeat(30))).is_ok());
        assert!(read(&"a".repeat(40)).is_ok(), "tokens of the old form are forty hexadecimal digits");
    }

    #[test]
    fn what_cannot_be_a_token_is_refused_without_repeating_it() {
        for text in [
            "",
            "short",
            "has spaces in the middle of it",
            "ünicode-ünicode-ünicode",
            "tab\tinside-of-this-token",
            "nul\0inside-of-this-token",
            &"x".repeat(256),
        ] {
            let Invalid(errors) = read(text).unwrap_err();
            assert!(text.is_empty() || errors.iter().all(|e| !e.message.contains(text)), "{text:?}");
        }
    }

    #[test]
    fn debugging_output_does_not_hold_the_token() {
        let token = read("ghp_0123456789012345678901234567890123").unwrap();
        assert_eq!(format!("{token:?}"), "AccessToken([redacted])");
    }
}
