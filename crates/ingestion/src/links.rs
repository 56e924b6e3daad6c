//! The links of a page, found in one pass over its text: nothing is nested, so nothing can be nested too deep.

/// Most links that are taken of one page.
const MOST: usize = 2000;

/// What a page says of where to go, and of whether it wants to be found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct PageLinks {
    /// Targets of its links, as written.
    pub(crate) links: Vec<String>,
    /// What its links are relative to, when not to itself.
    pub(crate) base: Option<String>,
    /// The URL that it says it should be known by.
    pub(crate) canonical: Option<String>,
    /// Whether it asks not to be indexed.
    pub(crate) no_index: bool,
    /// Whether it asks not to be followed.
    pub(crate) no_follow: bool,
}

/// Reads a page.
pub(crate) fn read(page: &str) -> PageLinks {
    let mut found = PageLinks::default();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let (tag, after) = tag(rest);
        rest = after;
        match name.as_str() {
            "a" | "area" => link(&mut found, tag),
            "base" => found.base = found.base.or_else(|| attribute(tag, "href")),
            "link" if attribute(tag, "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                found.canonical = found.canonical.or_else(|| attribute(tag, "href"));
            }
            "meta" if attribute(tag, "name").is_some_and(|name| name.eq_ignore_ascii_case("robots")) => {
                let wishes = attribute(tag, "content").unwrap_or_default().to_ascii_lowercase();
                found.no_index |= wishes.contains("noindex") || wishes.contains("none");
                found.no_follow |= wishes.contains("nofollow") || wishes.contains("none");
            }
            // What is in there is no markup.
            "script" | "style" | "textarea" | "title" => rest = after_end_of(rest, &name),
            _ => {}
        }
    }
    found
}

fn link(found: &mut PageLinks, tag: &str) {
    let wants_following = attribute(tag, "rel").is_none_or(|rel| !rel.split_whitespace().any(|one| one.eq_ignore_ascii_case("nofollow")));
    if found.links.len() < MOST
        && wants_following
        && let Some(target) = attribute(tag, "href")
    {
        found.links.push(target);
    }
}

/// The tag up to its end, which no quoted `>` is, and what comes after it.
fn tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return (&text[..at], &text[at + 1..]),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    // A quote that never ends: take the tag as if it did.
    text.split_once('>').unwrap_or((text, ""))
}

fn after_end_of<'a>(text: &'a str, name: &str) -> &'a str {
    let mut from = 0;
    while let Some(at) = text[from..].find("</") {
        let start = from + at;
        let is_it = text.as_bytes().get(start + 2..start + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        if is_it {
            return &text[start..];
        }
        from = start + 2;
    }
    ""
}

/// The value of an attribute, with the few references decoded that stand in URLs.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    while !rest.is_empty() {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
        let name = &rest[..end];
        let after = rest[end..].trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            rest = if end == 0 { rest.get(1..).unwrap_or_default() } else { after };
            continue;
        };
        let (value, next) = quoted(value);
        if name.eq_ignore_ascii_case(wanted) {
            return Some(decoded(value.trim()));
        }
        rest = next;
    }
    None
}

fn quoted(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(open) = text.strip_prefix(quote) {
            return open.split_once(quote).unwrap_or((open, ""));
        }
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    text.split_at(end)
}

fn decoded(text: &str) -> String {
    text.replace("&#38;", "&").replace("&#x26;", "&").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_however_they_are_written() {
        let page = r#"<html><head><base href="/docs/"><link rel="canonical" href='http://e.org/x'></head>
            <body><a class=x href="a.html">A</a><A HREF=b.html>B</A><a title="a > b" href='c.html?x=1&amp;y=2'>C</a>
            <a name="nowhere">D</a><a rel="nofollow noopener" href="no.html">E</a><area href="map.html"/><abbr href="not.html">
            <!-- <a href="comment.html"> --><script>document.write('<a href="script.html">')</script><a href = "last.html" >"#;
        let found = read(page);
        assert_eq!(found.links, ["a.html", "b.html", "c.html?x=1&y=2", "map.html", "last.html"]);
        assert_eq!((found.base.as_deref(), found.canonical.as_deref()), (Some("/docs/"), Some("http://e.org/x")));
    }

    #[test]
    fn wishes_of_the_page_are_read() {
        let found = read("<meta name=\"Robots\" content=\"noindex, nofollow\">");
        assert!(found.no_index && found.no_follow);
        assert!(!read("<meta name=viewport content=none>").no_index);
    }

    #[test]
    fn broken_pages_end() {
        for page in [
            "<",
            "<a",
            "<a href=",
            "<a href=\"x",
            "<script>",
            "<!-- <a href=x>",
            "<a ==== >",
            "<a / / href='",
            "a < b <é href=ü>",
            "<a =x href=y>",
        ] {
            read(page);
        }
        let tower = "<a href=x><div>".repeat(100_000);
        assert_eq!(read(&tower).links.len(), MOST);
    }
}
