//! The stem of an English word, by the algorithm that M. F. Porter published in 1980 ("An algorithm for suffix stripping"): what `cancel`,
//! `cancelled` and `cancelling` have in common.

/// The stem of a word in lower case. Words of other letters than `a` to `z`, and words of one or two letters, are their own stem.
#[must_use]
pub fn stem(word: &str) -> String {
    let mut word = word.to_lowercase();
    stem_in_place(&mut word);
    word
}

/// [`stem`] of a word that is in lower case already, without a second string.
pub(super) fn stem_in_place(word: &mut String) {
    if word.len() <= 2 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return;
    }
    plurals(word);
    past_and_progress(word);
    final_y(word);
    replace_first(word, LONG);
    replace_first(word, MIDDLE);
    strip(word);
    final_e(word);
    if word.ends_with("ll") && measure(word.strip_suffix('l').unwrap_or_default()) > 1 {
        word.pop();
    }
}

/// Step 2: double endings become single ones.
const LONG: &[(&str, &str)] = &[
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("abli", "able"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
];

/// Step 3.
const MIDDLE: &[(&str, &str)] =
    &[("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

/// Step 4.
const LAST: &[&str] = &[
    "ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ism", "ate", "iti", "ous", "ive", "ize", "ion", "al", "er", "ic", "ou",
];

/// Step 1a.
fn plurals(word: &mut String) {
    if word.ends_with("sses") || word.ends_with("ies") {
        word.truncate(word.len() - 2);
    } else if word.ends_with('s') && !word.ends_with("ss") {
        word.pop();
    }
}

/// Step 1b.
fn past_and_progress(word: &mut String) {
    if word.ends_with("eed") {
        if measure(&word[..word.len() - 3]) > 0 {
            word.pop();
        }
        return;
    }
    let Some(rest) = ["ed", "ing"].iter().find_map(|ending| word.strip_suffix(ending)).filter(|rest| has_vowel(rest)) else { return };
    let left = rest.len();
    word.truncate(left);
    if ["at", "bl", "iz"].iter().any(|ending| word.ends_with(ending)) || (measure(word) == 1 && ends_short(word)) {
        word.push('e');
    } else if ends_double(word) && !word.ends_with(['l', 's', 'z']) {
        word.pop();
    }
}

/// Step 1c.
fn final_y(word: &mut String) {
    if word.strip_suffix('y').is_some_and(has_vowel) {
        word.pop();
        word.push('i');
    }
}

/// The longest ending that fits is replaced when enough is left before it.
fn replace_first(word: &mut String, endings: &[(&str, &str)]) {
    let fitting = endings.iter().filter(|(ending, _)| word.ends_with(ending)).max_by_key(|(ending, _)| ending.len());
    let Some((ending, instead)) = fitting else { return };
    let rest = word.len() - ending.len();
    if measure(&word[..rest]) > 0 {
        word.truncate(rest);
        word.push_str(instead);
    }
}

fn strip(word: &mut String) {
    let Some(ending) = LAST.iter().filter(|ending| word.ends_with(**ending)).max_by_key(|ending| ending.len()) else { return };
    let left = word.len() - ending.len();
    let rest = &word[..left];
    if measure(rest) > 1 && (*ending != "ion" || rest.ends_with(['s', 't'])) {
        word.truncate(left);
    }
}

/// Step 5a.
fn final_e(word: &mut String) {
    let Some(rest) = word.strip_suffix('e') else { return };
    let left = measure(rest);
    if left > 1 || (left == 1 && !ends_short(rest)) {
        word.pop();
    }
}

/// Whether the letter at a place sounds as a vowel; `y` does behind a consonant.
fn is_vowel(word: &[u8], at: usize) -> bool {
    match word[at] {
        b'a' | b'e' | b'i' | b'o' | b'u' => true,
        b'y' => at > 0 && !is_vowel(word, at - 1),
        _ => false,
    }
}

fn has_vowel(word: &str) -> bool {
    (0..word.len()).any(|at| is_vowel(word.as_bytes(), at))
}

/// How often vowels are followed by consonants: Porter's measure of length.
fn measure(word: &str) -> usize {
    let letters = word.as_bytes();
    (1..letters.len()).filter(|&at| is_vowel(letters, at - 1) && !is_vowel(letters, at)).count()
}

fn ends_double(word: &str) -> bool {
    let letters = word.as_bytes();
    letters.len() >= 2 && letters[letters.len() - 1] == letters[letters.len() - 2] && !is_vowel(letters, letters.len() - 1)
}

/// Consonant, vowel, consonant at the end, the last not `w`, `x` or `y`.
fn ends_short(word: &str) -> bool {
    let letters = word.as_bytes();
    let last = letters.len();
    last >= 3
        && !is_vowel(letters, last - 3)
        && is_vowel(letters, last - 2)
        && !is_vowel(letters, last - 1)
        && !matches!(letters[last - 1], b'w' | b'x' | b'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_publication_hold() {
        for (word, expected) in [
            ("caresses", "caress"),
            ("ponies", "poni"),
            ("cats", "cat"),
            ("feed", "feed"),
            ("agreed", "agre"),
            ("plastered", "plaster"),
            ("motoring", "motor"),
            ("sing", "sing"),
            ("conflated", "conflat"),
            ("troubled", "troubl"),
            ("sized", "size"),
            ("hopping", "hop"),
            ("falling", "fall"),
            ("hissing", "hiss"),
            ("failing", "fail"),
            ("filing", "file"),
            ("happy", "happi"),
            ("sky", "sky"),
            ("relational", "relat"),
            ("conditional", "condit"),
            ("vietnamization", "vietnam"),
            ("operator", "oper"),
            ("triplicate", "triplic"),
            ("hopefulness", "hope"),
            ("electrical", "electr"),
            ("revival", "reviv"),
            ("adjustment", "adjust"),
            ("adoption", "adopt"),
            ("effective", "effect"),
            ("rate", "rate"),
            ("controlling", "control"),
            ("roll", "roll"),
        ] {
            assert_eq!(stem(word), expected, "{word}");
        }
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            ["cancel", "cancelled", "cancelling", "cancels"],
            ["query", "queries", "query", "Query"],
            ["wait", "waited", "waiting", "waits"],
        ] {
            let stems: Vec<_> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|s| s == &stems[0]), "{stems:?}");
        }
        assert_ne!(stem("class"), stem("clan"));
    }

    #[test]
    fn other_scripts_and_short_words_stay_as_they_are() {
        for word in ["größe", "日本", "is", "x2s", ""] {
            assert_eq!(stem(word), word);
        }
    }
}
