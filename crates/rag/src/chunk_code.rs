//! Source code: cut where definitions begin and end, each passage under the names of what it is in.

use commandcenter_domain::knowledge::Section;

use crate::block::Block;

/// The blocks of source code: what lies between two edges of definitions, cut further at empty lines. Together they hold everything but
/// blanks.
pub(crate) fn blocks(text: &str, sections: &[Section]) -> Vec<Block> {
    let mut edges: Vec<usize> = sections.iter().flat_map(|section| [section.start, section.end]).chain([0, text.len()]).collect();
    edges.retain(|edge| text.is_char_boundary(*edge));
    edges.sort_unstable();
    edges.dedup();
    let mut starts: Vec<usize> = sections.iter().map(|section| section.start).collect();
    starts.sort_unstable();
    let mut found = Vec::new();
    for pair in edges.windows(2) {
        let mut is_definition = starts.binary_search(&pair[0]).is_ok();
        for (start, end) in paragraphs(text, pair[0], pair[1]) {
            found.push(Block { start, end, is_heading: false, is_definition: std::mem::take(&mut is_definition) });
        }
    }
    found
}

/// The names of the definitions around byte `at`, outermost first.
pub(crate) fn path_at(sections: &[Section], at: usize) -> Vec<String> {
    sections.iter().filter(|section| (section.start..section.end).contains(&at)).map(|section| section.name.clone()).collect()
}

/// The runs of lines between empty ones, without blanks at their ends but with the indentation of their first line.
fn paragraphs(text: &str, start: usize, end: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    let mut at = start;
    for line in text[start..end].split_inclusive('\n') {
        let trimmed = line.trim_end();
        if trimmed.is_empty() {
            found.extend(open.take());
        } else {
            open = Some((open.map_or(at, |(start, _)| start), at + trimmed.len()));
        }
        at += line.len();
    }
    found.extend(open);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_is_around() {
        let section = |start, end, name: &str| Section { start, end, name: name.to_owned() };
        let sections = [section(0, 100, "A"), section(10, 50, "b"), section(50, 90, "c")];
        assert_eq!(path_at(&sections, 20), ["A", "b"]);
        assert_eq!(path_at(&sections, 95), ["A"]);
        assert!(path_at(&sections, 100).is_empty());
    }
}
