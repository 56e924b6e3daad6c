//! Text in other encodings, web pages, tables and code.

use commandcenter_domain::knowledge::{ContentKind, ReadError};
use commandcenter_parsers::parse;

#[test]
fn old_encodings_are_read_with_a_warning() {
    let wide: Vec<u8> = "\u{feff}Größe und Maß".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, name) in [(wide, "UTF-16LE"), (b"Gr\xf6\xdfe und Ma\xdf".to_vec(), "Latin-1")] {
        let parsed = parse("a.txt", &bytes).unwrap();
        assert_eq!(parsed.text, "Größe und Maß");
        assert!(parsed.warnings[0].contains(name), "{:?}", parsed.warnings);
    }
}

#[test]
fn a_page_a_hundred_levels_deep_is_read_and_one_of_ten_thousand_is_refused() {
    let page = |depth: usize| format!("<html><body>{}words{}</body></html>", "<div>".repeat(depth), "</div>".repeat(depth));
    assert_eq!(parse("a.html", page(100).as_bytes()).unwrap().text, "words");
    let refused = parse("a.html", page(10_000).as_bytes()).unwrap_err();
    assert!(matches!(&refused, ReadError::Parse(reason) if reason.contains("deep")), "{refused}");
}

#[test]
fn code_comes_with_its_definitions_and_its_language() {
    let parsed = parse("lib.rs", b"/// Adds.\npub fn add(a: u8, b: u8) -> u8 {\n    a + b\n}\n").unwrap();
    assert_eq!((parsed.kind, parsed.language.as_deref()), (ContentKind::Code, Some("rust")));
    assert_eq!(parsed.sections.iter().map(|section| section.name.as_str()).collect::<Vec<_>>(), ["add"]);
    assert_eq!(parsed.sections[0].start, 0, "its comment belongs to it");
}

#[test]
fn what_only_looks_like_json_is_read_as_plain_text() {
    let parsed = parse("a.json", b"{\"a\": 1,\n oh no").unwrap();
    assert_eq!(parsed.kind, ContentKind::Plain);
    assert!(parsed.warnings[0].contains("not JSON"));
}
