//! Text in its one normal form: NFC, `\n` line ends, no control characters, no trailing blanks, no more than one empty line in a row.

use unicode_normalization::UnicodeNormalization;

/// The normal form. Applying it again changes nothing.
pub(crate) fn normalise(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}', '\u{c}'], "\n");
    let composed: String = unified.chars().filter(|&c| keeps(c)).nfc().collect();
    let mut out = String::with_capacity(composed.len());
    let mut empty = 0;
    for line in composed.lines() {
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty > 1 || (line.is_empty() && out.is_empty()) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out
}

/// Control characters and marks of width zero carry no words.
fn keeps(c: char) -> bool {
    c == '\n' || c == '\t' || !(c.is_control() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{ad}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn line_ends_marks_and_controls_are_levelled() {
        assert_eq!(normalise("\u{feff}a\r\nb\r\u{7}c  \n\n\n\ncafe\u{301}\n \n"), "a\nb\nc\n\ncaf\u{e9}");
    }

    proptest! {
        #[test]
        fn the_normal_form_is_stable(text in "\\PC{0,200}|[a-z \\r\\n\\t\u{300}-\u{310}\u{0}-\u{1f}]{0,200}") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }
    }
}
