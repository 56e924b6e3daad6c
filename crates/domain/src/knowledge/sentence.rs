//! Statements out of text that comes piece by piece: a statement can be checked as soon as it is whole.

use super::citation::opens_mark;

/// What a block of code begins and ends with.
const FENCE: &str = "```";

/// Cuts text into sentences, lines and blocks of code. A mark of a source that follows a sentence belongs to it.
#[derive(Debug, Default)]
pub struct Statements {
    rest: String,
}

impl Statements {
    /// Takes the next piece and gives what became whole by it.
    pub fn push(&mut self, piece: &str) -> Vec<String> {
        self.rest.push_str(piece);
        let mut whole = Vec::new();
        while let Some(end) = end_of_first(&self.rest) {
            let tail = self.rest.split_off(end);
            let statement = std::mem::replace(&mut self.rest, tail);
            whole.extend(Some(statement).filter(|text| !text.trim().is_empty()));
        }
        whole
    }

    /// What is left when nothing more comes.
    #[must_use]
    pub fn finish(self) -> Option<String> {
        Some(self.rest).filter(|text| !text.trim().is_empty())
    }
}

/// Where the first statement ends, if what follows it shows that it does.
fn end_of_first(text: &str) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    if text[start..].starts_with(FENCE) {
        let close = text[start + FENCE.len()..].find("\n```")? + start + FENCE.len() + 1 + FENCE.len();
        return after_marks(text, close);
    }
    let mut at = start;
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        match c {
            '[' if opens_mark(&text[next..])? => at = end_of_mark(text, next)?,
            '\n' => return after_marks(text, next),
            '.' | '!' | '?' if ends_sentence(text, (start, at, next))? => return after_marks(text, next),
            _ => at = next,
        }
    }
    None
}

/// Whether the stop at `at` ends a sentence; unknown while nothing stands behind it.
fn ends_sentence(text: &str, (start, at, next): (usize, usize, usize)) -> Option<bool> {
    let behind = text[next..].chars().next()?;
    if !behind.is_whitespace() && behind != '[' {
        return Some(false);
    }
    // "1. First" is the number of an item, "e.g. this" goes on.
    let is_number = text[start..at].chars().all(|c| c.is_ascii_digit());
    let goes_on = text[next..].trim_start_matches([' ', '\t']).chars().next()?;
    let goes_on = goes_on.is_lowercase() && behind != '\n';
    Some(!is_number && !goes_on)
}

/// The end of the statement with the marks that follow it; unknown while another may follow.
fn after_marks(text: &str, end: usize) -> Option<usize> {
    let mut end = end;
    loop {
        let tail = &text[end..];
        let mark = end + (tail.len() - tail.trim_start_matches([' ', '\t']).len());
        let first = text[mark..].chars().next()?;
        if first != '[' || !opens_mark(&text[mark + 1..])? {
            return Some(end);
        }
        end = end_of_mark(text, mark + 1)?;
    }
}

/// Behind the bracket that closes a mark whose quotes may hold brackets; unknown while it is open. A line that ends ends it too.
fn end_of_mark(text: &str, from: usize) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text[from..].char_indices() {
        match c {
            '\u{201c}' => quoted = true,
            '\u{201d}' => quoted = false,
            '"' => quoted = !quoted,
            ']' if !quoted => return Some(from + at + 1),
            '\n' => return Some(from + at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole and one character at a time must cut alike.
    fn cut(text: &str) -> Vec<String> {
        let all = |pieces: Vec<&str>| {
            let mut statements = Statements::default();
            let mut whole: Vec<String> = pieces.into_iter().flat_map(|piece| statements.push(piece)).collect();
            whole.extend(statements.finish());
            whole.iter().map(|text| text.trim().to_owned()).collect::<Vec<_>>()
        };
        let letters = text.char_indices().map(|(at, c)| &text[at..at + c.len_utf8()]).collect();
        let (at_once, by_letter) = (all(vec![text]), all(letters));
        assert_eq!(at_once, by_letter);
        at_once
    }

    #[test]
    fn sentences_end_where_they_end() {
        assert_eq!(cut("A lease lasts 3.5 s. It ends! Does it?"), ["A lease lasts 3.5 s.", "It ends!", "Does it?"]);
        assert_eq!(cut("Use a queue, e.g. sync, for it. Next."), ["Use a queue, e.g. sync, for it.", "Next."]);
        assert_eq!(cut("1. First one.\n2. Second one."), ["1. First one.", "2. Second one."]);
    }

    #[test]
    fn a_mark_belongs_to_the_sentence_before_it() {
        let text = "It lasts 30 s [1: \"thirty seconds. Or [more]\"]. Then it ends. [2: \"it ends\"] [3: \"so\"] More.";
        assert_eq!(cut(text), ["It lasts 30 s [1: \"thirty seconds. Or [more]\"].", "Then it ends. [2: \"it ends\"] [3: \"so\"]", "More."]);
    }

    #[test]
    fn code_is_one_statement() {
        assert_eq!(cut("Run:\n```sh\na. B\n\nc\n``` [1: \"a. B\"]\nDone."), ["Run:", "```sh\na. B\n\nc\n``` [1: \"a. B\"]", "Done."]);
    }

    #[test]
    fn a_bracket_that_is_no_mark_is_text() {
        assert_eq!(cut("See [the docs] here. Then [link](x)."), ["See [the docs] here.", "Then [link](x)."]);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-c .\\n\\[\\]\"1:`]{0,60}") {
            let mut statements = Statements::default();
            let mut got: String = statements.push(&text).concat();
            got.extend(statements.finish());
            let bare = |text: &str| text.split_whitespace().collect::<String>();
            proptest::prop_assert_eq!(bare(&got), bare(&text));
        }
    }
}
