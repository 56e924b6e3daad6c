//! PDFs.

use commandcenter_domain::knowledge::{ContentKind, ReadError};
use commandcenter_parsers::parse;

use crate::fixture::{pdf, written};

#[test]
fn pages_become_headings_and_the_title_is_the_documents_own() {
    let file = pdf(&["The first page speaks of leases.".to_owned(), String::new(), "The third of retries.".to_owned()]);
    let parsed = parse("a.txt", &file).unwrap();
    assert_eq!((parsed.kind, parsed.title.as_deref()), (ContentKind::Pdf, Some("A made document")));
    assert_eq!(parsed.text, "## Page 1\n\nThe first page speaks of leases.\n\n## Page 3\n\nThe third of retries.");
    assert_eq!(parsed.warnings, ["pages 2 hold no text, only pictures or nothing"]);
}

#[test]
fn an_encrypted_document_is_told_from_a_damaged_one() {
    let encrypt = "<< /Filter /Standard /V 1 /R 2 /O (0123456789abcdef0123456789abcdef) /U (0123456789abcdef0123456789abcdef) /P -44 >>";
    let objects = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>", encrypt].map(str::to_owned);
    let sealed = written(&objects, "/Root 1 0 R /Encrypt 3 0 R /ID [(0123456789abcdef) (0123456789abcdef)]");
    assert_eq!(parse("a.pdf", &sealed).unwrap_err(), ReadError::Encrypted);
    let whole = pdf(&["words".to_owned()]);
    assert!(matches!(parse("a.pdf", &whole[..40]).unwrap_err(), ReadError::Parse(_)));
    assert!(matches!(parse("a.pdf", b"%PDF-1.7").unwrap_err(), ReadError::Parse(_)));
}

#[test]
fn a_million_objects_are_refused_before_they_are_read() {
    let mut file = b"%PDF-1.4\n".to_vec();
    for number in 1..=1_000_000_u32 {
        file.extend(format!("{number} 0 obj\n<<>>\nendobj\n").bytes());
    }
    let began = std::time::Instant::now();
    let refused = parse("a.pdf", &file).unwrap_err();
    assert!(matches!(&refused, ReadError::Limit(reason) if reason.contains("objects")), "{refused}");
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

#[test]
fn three_hundred_pages_are_read_within_twenty_seconds() {
    let line = "The keeper of the station notes the height of the water, the wind and the weather. ".to_owned() + "\n";
    let page = |number: usize| format!("Chapter {number}\n{}", line.repeat(40));
    let file = pdf(&(1..=300).map(page).collect::<Vec<_>>());
    let began = std::time::Instant::now();
    let parsed = parse("book.pdf", &file).unwrap();
    println!("{} pages, {} characters: {:?}", 300, parsed.text.len(), began.elapsed());
    assert!(parsed.text.contains("## Page 300\n\nChapter 300\n") && parsed.text.len() > 900_000, "{}", parsed.text.len());
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}
