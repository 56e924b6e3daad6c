//! Web pages as Markdown of their main content.

use commandcenter_domain::knowledge::ReadError;
use dom_smoothie::{Config, Readability};
use htmd::element_handler::{HandlerResult, Handlers};
use htmd::{Element, HtmlToMarkdown};

use crate::parse::Draft;

/// Larger pages are not documents to read; parsing them would take more memory than they are worth.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// Elements nested deeper than this are an attack on the parser's stack, not a page.
const MAX_DEPTH: usize = 400;
/// The main content must hold this share of the page's text, or the whole page is taken.
const MIN_SHARE: usize = 4;

/// What a block of code begins and ends with.
const FENCE: &str = "```";

/// Elements whose end tag may be left out, or that have none: their number says nothing about depth.
const OPEN_ENDED: &[&str] = &[
    "area", "base", "body", "br", "col", "dd", "dt", "embed", "head", "hr", "html", "img", "input", "li", "link", "meta", "option", "p",
    "param", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr", "script", "style",
];

/// A page's title, where it has one, and its content as Markdown.
pub(crate) fn read(page: &str) -> Result<Draft, ReadError> {
    let (title, text) = to_markdown(page)?;
    Ok(Draft { title, text, ..Draft::default() })
}

fn to_markdown(page: &str) -> Result<(Option<String>, String), ReadError> {
    if page.len() > MAX_BYTES {
        return Err(ReadError::Parse(format!("web pages over {} MiB are not read", MAX_BYTES >> 20)));
    }
    if depth(page) > MAX_DEPTH {
        return Err(ReadError::Parse(format!("elements are nested more than {MAX_DEPTH} deep")));
    }
    let whole = convert(page)?;
    let (title, main) = main_content(page).unwrap_or_default();
    let main = convert(&main)?;
    let enough = main.len() * MIN_SHARE >= whole.len() && !main.trim().is_empty();
    let title = title.map(|title| title.trim().to_owned()).filter(|title| !title.is_empty());
    Ok((title, strip_permalinks(if enough { &main } else { &whole })))
}

/// What a reader would call the article, as HTML.
fn main_content(page: &str) -> Option<(Option<String>, String)> {
    let config = Config { max_elements_to_parse: 200_000, ..Config::default() };
    let mut readability = Readability::new(page, None, Some(config)).ok()?;
    let article = readability.parse().ok()?;
    Some((Some(article.title), article.content.to_string()))
}

fn convert(html: &str) -> Result<String, ReadError> {
    let skipped = vec!["script", "style", "noscript", "nav", "footer", "svg", "template", "iframe", "head"];
    let converter = HtmlToMarkdown::builder().skip_tags(skipped).add_handler(vec!["pre"], fenced).build();
    converter.convert(html).map_err(|err| ReadError::Parse(err.to_string()))
}

/// Preformatted text that is not marked as code is code all the same: without a fence, a comment in it would read as a heading.
fn fenced(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let content = handlers.fallback(element)?.content;
    let text = content.trim_matches('\n');
    if text.trim().is_empty() || text.starts_with(FENCE) {
        return Some(content.into());
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(FENCE.len().max(longest + 1));
    Some(format!("\n\n{fence}\n{text}\n{fence}\n\n").into())
}

/// The deepest nesting of elements that must be closed.
fn depth(page: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0_usize);
    for tag in page.split('<').skip(1) {
        let (closing, tag) = tag.strip_prefix('/').map_or((false, tag), |rest| (true, rest));
        let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase();
        if name.is_empty()
            || OPEN_ENDED.contains(&name.as_str())
            || tag.split('>').next().is_some_and(|attributes| attributes.ends_with('/'))
        {
            continue;
        }
        if closing {
            open = open.saturating_sub(1);
        } else {
            open += 1;
            deepest = deepest.max(open);
        }
    }
    deepest
}

/// Documentation generators put a link of one mark behind every heading: it is not part of the text.
fn strip_permalinks(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some(at) = rest.find("[¶](").or_else(|| rest.find("[#](")) {
        let Some(end) = rest[at..].find(')') else { break };
        out.push_str(rest[..at].trim_end_matches(' '));
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    out.replace('¶', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn navigation_goes_and_tables_and_code_stay() {
        let body = "<p>A paragraph long enough to be taken for the article's text, with commas, and more words.</p>".repeat(8);
        let page = format!(
            "<html><head><title>T</title></head><body><nav><a href='/'>Home</a></nav><main><h1>Head<a class='headerlink' href='#h'>¶</a></h1>{body}\
             <pre><code>fn main() {{}}</code></pre><table><tr><th>k</th></tr><tr><td>v</td></tr></table></main><footer>imprint</footer></body></html>"
        );
        let (title, markdown) = to_markdown(&page).unwrap();
        assert_eq!(title.as_deref(), Some("T"));
        assert!(markdown.contains("fn main() {}") && markdown.contains("| k |"), "{markdown}");
        assert!(!markdown.contains("Home") && !markdown.contains("imprint") && !markdown.contains('¶'), "{markdown}");
    }

    #[test]
    fn a_comment_in_code_without_a_mark_is_no_heading() {
        let page = "<html><body><h2>Part</h2><div class=highlight><pre><span></span><span class=c1># a comment</span>\n<b>x</b> = 1\n</pre></div>\
                    <pre>a ``` b</pre><pre><code class=language-py># kept\n</code></pre></body></html>";
        let (_, markdown) = to_markdown(page).unwrap();
        assert!(markdown.contains("```\n# a comment\n"), "{markdown}");
        assert!(markdown.contains("````\na ``` b\n````"), "{markdown}");
        assert!(markdown.contains("```\n# kept\n```"), "{markdown}");
        assert_eq!(markdown.matches("# kept").count(), 1, "{markdown}");
    }

    #[test]
    fn a_page_without_an_article_is_taken_whole() {
        let (_, markdown) = to_markdown("<html><body><ul><li>one</li><li>two</li></ul></body></html>").unwrap();
        assert!(markdown.contains("one") && markdown.contains("two"));
    }

    #[test]
    fn a_tower_of_elements_is_refused_and_not_climbed() {
        assert!(matches!(to_markdown(&"<div>".repeat(200_000)), Err(ReadError::Parse(_))));
        assert!(to_markdown(&format!("<ul>{}</ul>", "<li><p>x".repeat(5000))).is_ok());
    }
}
