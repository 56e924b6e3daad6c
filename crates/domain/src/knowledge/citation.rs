//! Citations in an answer, held against the passages that they name.
//!
//! A statement names its sources as `[2: "words of the source"]`. The words must be in the passage: compared without regard to case, white
//! space, emphasis and the shape of quotes and dashes, and whole words only. `…` or `...` within the words leaves something out.

use super::Span;

/// Letters and digits that a quote has at least: fewer are found anywhere.
const FEWEST: usize = 8;

/// A source that a statement names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The passage's number in this answer, from 1.
    pub number: usize,
    /// The words that the statement leans on.
    pub quote: Option<String>,
}

/// Whether a text that follows an opening bracket is a mark: it begins with a digit. Unknown while there is nothing.
pub(super) fn opens_mark(text: &str) -> Option<bool> {
    text.chars().next().map(|c| c.is_ascii_digit())
}

/// A statement without its marks, and its marks.
#[must_use]
pub fn read_marks(statement: &str) -> (String, Vec<Mark>) {
    let (mut text, mut marks) = (String::with_capacity(statement.len()), Vec::new());
    let mut rest = statement;
    while let Some(open) = rest.find('[') {
        match mark(&rest[open + 1..]) {
            Some((found, behind)) => {
                text.push_str(rest[..open].trim_end_matches([' ', '\t']));
                marks.extend(found);
                rest = behind;
            }
            None => {
                text.push_str(&rest[..=open]);
                rest = &rest[open + 1..];
            }
        }
    }
    text.push_str(rest);
    (text, marks)
}

/// The marks within a bracket, one or several, and what stands behind it; none when it is another bracket.
fn mark(text: &str) -> Option<(Vec<Mark>, &str)> {
    let mut marks = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', ';', ',']);
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start_matches([' ', ':', ',']);
        let (quote, behind) = quoted(rest)?;
        marks.push(Mark { number, quote });
        rest = behind.trim_start_matches(' ');
        if let Some(behind) = rest.strip_prefix(']') {
            // `[1](address)` is a link.
            return (!behind.starts_with('(')).then_some((marks, behind));
        }
    }
}

/// The quote that a text begins with, if it begins with one, and what is behind it. None when a quote has no end.
fn quoted(text: &str) -> Option<(Option<String>, &str)> {
    let Some(open) = text.chars().next().filter(|c| matches!(c, '"' | '\u{201c}')) else { return Some((None, text)) };
    let inner = &text[open.len_utf8()..];
    let ends = |(at, c): &(usize, char)| {
        let behind = inner[at + c.len_utf8()..].trim_start_matches(' ');
        matches!(c, '"' | '\u{201d}') && behind.starts_with([']', ';', ','])
    };
    let (end, close) = inner.char_indices().find(ends)?;
    Some((Some(inner[..end].to_owned()), &inner[end + close.len_utf8()..]))
}

/// Where a passage says the words of a quote, in code points of the passage; from the first of its pieces to the last when it leaves
/// something out. None when it does not say them, or when they are too few to tell.
#[must_use]
pub fn locate(quote: &str, passage: &str) -> Option<Span> {
    let pieces: Vec<Vec<char>> = quote.replace("...", "\u{2026}").split('\u{2026}').map(|piece| trimmed(&normal(piece))).collect();
    let pieces: Vec<&Vec<char>> = pieces.iter().filter(|piece| !piece.is_empty()).collect();
    if pieces.iter().copied().flatten().filter(|c| c.is_alphanumeric()).count() < FEWEST {
        return None;
    }
    let said = normal(passage);
    let (mut from, mut span) = (0, None);
    for piece in pieces {
        let at = find(&said, piece, from)?;
        from = at + piece.len();
        let start = span.map_or(said[at].1, |span: Span| span.start);
        span = Some(Span { start, end: said[from - 1].1 + 1 });
    }
    span
}

/// The characters that are compared, each with its place.
fn normal(text: &str) -> Vec<(char, u64)> {
    let mut out: Vec<(char, u64)> = Vec::with_capacity(text.len());
    for (c, at) in text.chars().zip(0..) {
        match c {
            '*' | '_' | '#' | '>' | '|' | '`' | '~' | '\\' | '\u{ad}' | '\u{200b}' => {}
            '\u{2018}' | '\u{2019}' => out.push(('\'', at)),
            '\u{201c}' | '\u{201d}' => out.push(('"', at)),
            '\u{2010}'..='\u{2015}' => out.push(('-', at)),
            c if c.is_whitespace() => {
                if out.last().is_some_and(|(last, _)| *last != ' ') {
                    out.push((' ', at));
                }
            }
            c => out.extend(c.to_lowercase().map(|lower| (lower, at))),
        }
    }
    out
}

/// Without what a writer puts around a quote.
fn trimmed(text: &[(char, u64)]) -> Vec<char> {
    let letters: Vec<char> = text.iter().map(|(c, _)| *c).collect();
    let is_edge = |c: &char| matches!(c, ' ' | '.' | ',' | ';' | ':' | '"' | '\'');
    let start = letters.iter().position(|c| !is_edge(c)).unwrap_or(letters.len());
    let end = letters.iter().rposition(|c| !is_edge(c)).map_or(start, |last| last + 1);
    letters[start..end].to_vec()
}

/// The first place at or behind `from` where whole words of `said` are `piece`.
fn find(said: &[(char, u64)], piece: &[char], from: usize) -> Option<usize> {
    let inside = |at: Option<&(char, u64)>| at.is_some_and(|(c, _)| c.is_alphanumeric());
    let fits = |at: &usize| {
        let end = at + piece.len();
        let same = said[*at..end].iter().map(|(c, _)| c).eq(piece.iter());
        let (before, behind) = (at.checked_sub(1).and_then(|before| said.get(before)), said.get(end));
        let cuts_before = piece.first().is_some_and(|c| c.is_alphanumeric()) && inside(before);
        let cuts_behind = piece.last().is_some_and(|c| c.is_alphanumeric()) && inside(behind);
        same && !cuts_before && !cuts_behind
    };
    let last = said.len().checked_sub(piece.len())?;
    (from..=last).find(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(statement: &str) -> (String, Vec<(usize, Option<String>)>) {
        let (text, marks) = read_marks(statement);
        (text, marks.into_iter().map(|mark| (mark.number, mark.quote)).collect())
    }

    fn said(quote: &str, passage: &str) -> Option<String> {
        let span = locate(quote, passage)?;
        let (start, end) = (usize::try_from(span.start).unwrap(), usize::try_from(span.end).unwrap());
        Some(passage.chars().skip(start).take(end - start).collect())
    }

    #[test]
    fn marks_are_read_and_taken_out() {
        let quote = |text: &str| Some(text.to_owned());
        assert_eq!(marks("It ends [2: \"it [really] ends\"]."), ("It ends.".to_owned(), vec![(2, quote("it [really] ends"))]));
        assert_eq!(marks("A [1, \u{201c}a b\u{201d}; 3: \"c\"] b"), ("A b".to_owned(), vec![(1, quote("a b")), (3, quote("c"))]));
        assert_eq!(marks("Bare [4]."), ("Bare.".to_owned(), vec![(4, None)]));
    }

    #[test]
    fn other_brackets_stay() {
        for text in ["see [the docs]", "[1](https://example.org)", "a[i] = 2", "[1: \"never ends", "[", "[]"] {
            assert_eq!(marks(text), (text.to_owned(), vec![]));
        }
    }

    #[test]
    fn a_quote_is_found_as_people_quote() {
        let passage = "The **lease** of a job\n  lasts \u{2018}thirty\u{2019} seconds \u{2014} no more.";
        assert_eq!(said("the lease of a job lasts 'thirty' seconds - no more.", passage).unwrap(), &passage[..passage.len() - 1]);
        assert_eq!(said("\u{DC}ber   den Wolken", "Weit \u{FC}BER den\nWolken ist").as_deref(), Some("\u{FC}BER den\nWolken"));
        assert_eq!(
            said("The lease ... thirty seconds", "The lease is about thirty seconds").as_deref(),
            Some("The lease is about thirty seconds")
        );
    }

    #[test]
    fn what_is_not_said_is_not_found() {
        let passage = "The lease of a job lasts thirty seconds.";
        assert_eq!(locate("the lease of a job lasts forty seconds", passage), None);
        assert_eq!(locate("ease of a job lasts", passage), None, "only whole words");
        assert_eq!(locate("of a", passage), None, "too little to tell");
        assert_eq!(locate("seconds ... the lease of a job", passage), None, "pieces stand in order");
        assert_eq!(locate("", passage), None);
        assert_eq!(locate("\u{2026}", passage), None);
    }

    proptest::proptest! {
        #[test]
        fn words_of_a_passage_are_always_found(words in proptest::collection::vec("[a-z\u{e4}]{4,8}", 2..12), from in 0_usize..10, more in 2_usize..6) {
            let passage = words.join("\n ");
            let from = from.min(words.len() - 2);
            let quote = words[from..(from + more).min(words.len())].join(" ");
            proptest::prop_assert!(locate(&quote.to_uppercase(), &passage).is_some());
        }
    }
}
