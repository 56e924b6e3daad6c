//! The headings of a document and where each begins to rule.

use crate::form::Form;

/// A heading: from byte `at` of the text on, until the next of its level or above.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) at: usize,
    pub(crate) level: usize,
    pub(crate) title: String,
}

/// Headings longer than this are paragraphs that look like one.
const MAX_TITLE: usize = 200;

/// The headings of a text, in order.
pub(crate) fn outline(form: Form<'_>, text: &str) -> Vec<Heading> {
    match form {
        Form::Markdown => markdown(text),
        Form::Underlined => underlined(text),
        Form::Plain | Form::Code(_) => Vec::new(),
    }
}

/// The titles that rule at byte `at`, outermost first.
pub(crate) fn path_at(outline: &[Heading], at: usize) -> Vec<String> {
    let mut path: Vec<&Heading> = Vec::new();
    for heading in outline.iter().take_while(|heading| heading.at <= at) {
        path.retain(|above| above.level < heading.level);
        path.push(heading);
    }
    path.into_iter().map(|heading| heading.title.clone()).collect()
}

fn markdown(text: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut fence: Option<char> = None;
    let mut before: Option<(usize, &str)> = None;
    for (at, line) in lines(text) {
        let trimmed = line.trim_start();
        if let Some(mark) = ['`', '~'].into_iter().find(|&mark| trimmed.starts_with(&mark.to_string().repeat(3))) {
            fence = match fence {
                None => Some(mark),
                Some(open) if open == mark => None,
                Some(open) => Some(open),
            };
            before = None;
            continue;
        }
        if fence.is_some() {
            continue;
        }
        let level = trimmed.chars().take_while(|&c| c == '#').count();
        if (1..=6).contains(&level) && trimmed[level..].starts_with(' ') {
            push(&mut found, at, level, trimmed[level..].trim().trim_end_matches('#'));
            before = None;
        } else if let (Some((start, title)), Some(level)) = (before, setext(trimmed)) {
            push(&mut found, start, level, title);
            before = None;
        } else {
            before = (!trimmed.is_empty() && !trimmed.starts_with(['-', '*', '>', '|', '+'])).then_some((at, line.trim()));
        }
    }
    found
}

fn setext(line: &str) -> Option<usize> {
    let line = line.trim_end();
    let all = |mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    if all('=') {
        Some(1)
    } else if all('-') {
        Some(2)
    } else {
        None
    }
}

/// reStructuredText: a title and a line of one punctuation mark below it, at least as long. Levels in order of first use.
fn underlined(text: &str) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    let mut before: Option<(usize, &str)> = None;
    for (at, line) in lines(text) {
        let mark = line.chars().next().filter(|c| c.is_ascii_punctuation() && line.trim_end().chars().all(|other| other == *c));
        if let (Some(mark), Some((start, title))) = (mark, before)
            && line.trim_end().len() >= title.chars().count().max(3)
        {
            let level = marks.iter().position(|known| *known == mark).unwrap_or_else(|| {
                marks.push(mark);
                marks.len() - 1
            });
            push(&mut found, start, level + 1, title);
            before = None;
        } else {
            before = (mark.is_none() && !line.trim().is_empty() && !line.starts_with(' ')).then_some((at, line.trim()));
        }
    }
    found
}

fn push(found: &mut Vec<Heading>, at: usize, level: usize, title: &str) {
    let title = plain(title);
    if !title.is_empty() && title.chars().count() <= MAX_TITLE {
        found.push(Heading { at, level, title });
    }
}

/// A heading's text without the marks of links, code and emphasis.
fn plain(title: &str) -> String {
    let mut out = String::new();
    let mut rest = title;
    while let Some((before, link)) = rest.split_once("](") {
        out.push_str(before);
        rest = link.split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out.replace(['`', '*', '[', ']', '\\'], "").trim().to_owned()
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split('\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_follows_levels_and_ignores_fences() {
        let text =
            "# Guide\nintro\n## [Install](x.md) `now`\n```\n# a comment\n```\nbody\n\nUsage\n-----\nmore\n### Deep\nend\n# Next\nlast";
        let outline = outline(Form::Markdown, text);
        let path = |needle: &str| path_at(&outline, text.find(needle).unwrap());
        assert_eq!(path("intro"), ["Guide"]);
        assert_eq!(path("body"), ["Guide", "Install now"]);
        assert_eq!(path("end"), ["Guide", "Usage", "Deep"]);
        assert_eq!(path("last"), ["Next"]);
    }

    #[test]
    fn underlined_titles_rank_by_first_use() {
        let text = "=====\nTitle\n=====\n\nintro\n\nPart\n----\nbody\n\nSub\n~~~\nend\n\nOther\n-----\nlast";
        let outline = outline(Form::Underlined, text);
        let path = |needle: &str| path_at(&outline, text.find(needle).unwrap());
        assert_eq!(path("body"), ["Title", "Part"]);
        assert_eq!(path("end"), ["Title", "Part", "Sub"]);
        assert_eq!(path("last"), ["Title", "Other"]);
    }
}
