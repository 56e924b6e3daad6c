//! Which styles of a text document are headings, and which formats of a workbook's cells are dates.

use std::collections::BTreeMap;

use commandcenter_domain::knowledge::ReadError;

use super::package::Package;
use super::xml::Token;

/// The level of every style of paragraphs that is a heading; 0 is the title. Ids are in the author's language, names are not.
pub(super) fn headings(package: &mut Package<'_>, main: &str) -> Result<BTreeMap<String, usize>, ReadError> {
    let mut levels = BTreeMap::from([("Title".to_owned(), 0)]);
    levels.extend((1..=6).map(|level| (format!("Heading{level}"), level)));
    let styles = package.relations(main)?.into_values().find(|relation| relation.kind == "styles").map(|relation| relation.target);
    let Some(part) = styles else { return Ok(levels) };
    let mut style = String::new();
    package.walk_if_there(&part, &mut |token| {
        if let Token::Open { name, attributes } = token {
            match name {
                "style" => style = attributes.get("styleId"),
                "name" => {
                    if let Some(level) = level_of(&attributes.get("val")) {
                        levels.insert(style.clone(), level);
                    }
                }
                "outlineLvl" => {
                    if let Some(level) = attributes.get("val").parse::<usize>().ok().filter(|level| *level < 9) {
                        levels.entry(style.clone()).or_insert(level + 1);
                    }
                }
                _ => {}
            }
        }
    })?;
    Ok(levels)
}

fn level_of(name: &str) -> Option<usize> {
    let name = name.to_lowercase();
    if name == "title" {
        return Some(0);
    }
    name.strip_prefix("heading ")?.trim().parse().ok()
}

/// Whether numbers in cells of each format are days since 1900.
pub(super) fn date_formats(package: &mut Package<'_>, part: &str) -> Result<Vec<bool>, ReadError> {
    let mut own: BTreeMap<u32, bool> = BTreeMap::new();
    let mut formats = Vec::new();
    let mut is_of_cells = false;
    package.walk_if_there(part, &mut |token| match token {
        Token::Open { name: "numFmt", attributes } => {
            if let Ok(id) = attributes.get("numFmtId").parse() {
                own.insert(id, is_date(&attributes.get("formatCode")));
            }
        }
        Token::Open { name: "cellXfs", .. } => is_of_cells = true,
        Token::Close("cellXfs") => is_of_cells = false,
        Token::Open { name: "xf", attributes } if is_of_cells => {
            let id: u32 = attributes.get("numFmtId").parse().unwrap_or(0);
            let is_built_in = matches!(id, 14..=22 | 27..=36 | 45..=47 | 50..=58);
            formats.push(own.get(&id).copied().unwrap_or(is_built_in));
        }
        Token::Open { .. } | Token::Close(_) | Token::Text(_) => {}
    })?;
    Ok(formats)
}

/// A format with a letter of a date outside of quotes, brackets and escapes.
fn is_date(code: &str) -> bool {
    let (mut is_quoted, mut is_bracketed, mut is_escaped) = (false, false, false);
    for c in code.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' | '_' | '*' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => is_bracketed = true,
            ']' if !is_quoted => is_bracketed = false,
            'y' | 'Y' | 'd' | 'D' | 'm' | 'M' | 'h' | 'H' if !is_quoted && !is_bracketed => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_told_from_numbers() {
        for (code, expected) in
            [("yyyy-mm-dd", true), ("[$-409]d/m/yy", true), ("0.00", false), ("#,##0\\ \"days\"", false), ("[Red]0", false), ("h:mm", true)]
        {
            assert_eq!(is_date(code), expected, "{code}");
        }
        assert_eq!(level_of("heading 2"), Some(2));
    }
}
