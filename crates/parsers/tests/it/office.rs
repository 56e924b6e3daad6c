//! Office documents.

use commandcenter_domain::knowledge::{ContentKind, ReadError};
use commandcenter_parsers::parse;

use crate::fixture::{bomb, docx, zipped};

#[test]
fn a_text_document_keeps_headings_lists_tables_and_notes() {
    let relations = r#"<Relationships><Relationship Id="r1" Type="http://x/styles" Target="styles.xml"/><Relationship Id="r2" Type="http://x/footnotes" Target="footnotes.xml"/></Relationships>"#;
    let styles = r#"<w:styles xmlns:w="w"><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style><w:style w:styleId="Titel"><w:name w:val="Title"/></w:style></w:styles>"#;
    let body = r#"<w:document xmlns:w="w" xmlns:mc="mc"><w:body>
        <w:p><w:pPr><w:pStyle w:val="Titel"/></w:pPr><w:r><w:t>The Report</w:t></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="berschrift1"/></w:pPr><w:r><w:t>First &amp; </w:t></w:r><w:r><w:t>last</w:t></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">A paragraph </w:t></w:r><w:del><w:r><w:t>deleted</w:t></w:r></w:del><w:r><w:t>of text.</w:t></w:r></w:p>
        <w:p><w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr><w:r><w:t>an item</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>k</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>v</w:t></w:r></w:p></w:tc></w:tr>
               <w:tr><w:tc><w:p><w:r><w:t>a|b</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>1</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>once</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>twice</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>
        </w:body></w:document>"#;
    let notes = r#"<w:footnotes xmlns:w="w"><w:footnote><w:p><w:r><w:t>A note.</w:t></w:r></w:p></w:footnote></w:footnotes>"#;
    let file = zipped(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", body),
        ("word/styles.xml", styles),
        ("word/footnotes.xml", notes),
        ("word/_rels/document.xml.rels", relations),
        ("word/media/image1.png", "x"),
    ]);
    let parsed = parse("report.bin", &file).unwrap();
    assert_eq!(parsed.kind, ContentKind::Docx);
    assert_eq!(parsed.title.as_deref(), Some("The Report"));
    assert_eq!(
        parsed.text,
        "# The Report\n\n# First & last\n\nA paragraph of text.\n\n  - an item\n\n| k | v |\n| --- | --- |\n| a\\|b | 1 |\n\nonce\n\n## Notes\n\nA note."
    );
    assert_eq!(parsed.warnings, ["1 pictures were left out"]);
}

#[test]
fn slides_come_in_their_order_with_titles_tables_and_notes() {
    let presentation = r#"<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst><p:sldId id="256" r:id="r2"/><p:sldId id="257" r:id="r1"/></p:sldIdLst></p:presentation>"#;
    let relations = r#"<Relationships><Relationship Id="r1" Type="x/slide" Target="slides/slide1.xml"/><Relationship Id="r2" Type="x/slide" Target="slides/slide2.xml"/></Relationships>"#;
    let slide = |title: &str, body: &str| {
        format!(
            r#"<p:sld xmlns:p="p" xmlns:a="a"><p:sp><p:nvPr><p:ph type="title"/></p:nvPr><a:p><a:r><a:t>{title}</a:t></a:r></a:p></p:sp>
               <p:sp><p:nvPr><p:ph type="sldNum"/></p:nvPr><a:p><a:r><a:t>17</a:t></a:r></a:p></p:sp>{body}</p:sld>"#
        )
    };
    let bullets = r#"<p:sp><a:p><a:r><a:t>one</a:t></a:r></a:p><a:p><a:pPr lvl="1"/><a:r><a:t>two</a:t></a:r></a:p></p:sp>"#;
    let table = r"<a:tbl><a:tr><a:tc><a:p><a:r><a:t>h</a:t></a:r></a:p></a:tc></a:tr><a:tr><a:tc><a:p><a:r><a:t>c</a:t></a:r></a:p></a:tc></a:tr></a:tbl>";
    let notes = r#"<p:notes xmlns:p="p" xmlns:a="a"><p:sp><p:nvPr><p:ph type="sldImg"/></p:nvPr></p:sp><p:sp><p:nvPr><p:ph type="body"/></p:nvPr><a:p><a:r><a:t>Say this.</a:t></a:r></a:p></p:sp></p:notes>"#;
    let file = zipped(&[
        ("ppt/presentation.xml", presentation),
        ("ppt/_rels/presentation.xml.rels", relations),
        ("ppt/slides/slide1.xml", &slide("Second", table)),
        ("ppt/slides/slide2.xml", &slide("First", bullets)),
        (
            "ppt/slides/_rels/slide2.xml.rels",
            r#"<Relationships><Relationship Id="n" Type="x/notesSlide" Target="../notesSlides/n1.xml"/></Relationships>"#,
        ),
        ("ppt/notesSlides/n1.xml", notes),
    ]);
    let parsed = parse("talk.pptx", &file).unwrap();
    assert_eq!((parsed.kind, parsed.title.as_deref()), (ContentKind::Pptx, Some("First")));
    assert_eq!(parsed.text, "## Slide 1: First\n\n- one\n  - two\n\nNotes:\n\nSay this.\n\n## Slide 2: Second\n\n| h |\n| --- |\n| c |");
}

#[test]
fn sheets_become_tables_with_dates_and_shared_texts() {
    let book = r#"<workbook xmlns:r="r"><sheets><sheet name="Plan" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    let relations = r#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="x/styles" Target="styles.xml"/></Relationships>"#;
    let strings = "<sst><si><t>who</t></si><si><r><t>An</t></r><r><t>na</t></r><rPh><t>x</t></rPh></si></sst>";
    let styles = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
    let sheet = r#"<worksheet><sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="inlineStr"><is><t>when</t></is></c></row>
        <row r="2"><c r="A2" t="s"><v>1</v></c><c r="C2" s="1"><v>45000</v></c></row>
        <row r="3"><c r="A3"><f>SUM(1)</f><v>4.5</v></c><c r="C3" t="b"><v>1</v></c></row>
        </sheetData></worksheet>"#;
    let file = zipped(&[
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", sheet),
    ]);
    let parsed = parse("plan.xlsx", &file).unwrap();
    assert_eq!(parsed.kind, ContentKind::Xlsx);
    assert_eq!(parsed.text, "## Plan\n\n| who | when |\n| --- | --- |\n| Anna | 2023-03-15 |\n| 4.5 | true |");
}

#[test]
fn a_cut_archive_and_a_bomb_are_refused_with_the_reason() {
    let whole = docx("<w:p><w:r><w:t>text</w:t></w:r></w:p>");
    assert!(parse("a.docx", &whole).is_ok());
    let cut = parse("a.docx", &whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(&cut, ReadError::Parse(reason) if reason.contains("damaged or cut off")), "{cut}");
    let bomb = bomb(300 << 20);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let refused = parse("a.docx", &bomb).unwrap_err();
    assert!(matches!(&refused, ReadError::Limit(reason) if reason.contains("256 MiB")), "{refused}");
    let deep = docx(&"<w:p>".repeat(100_000));
    assert!(matches!(parse("a.docx", &deep).unwrap_err(), ReadError::Limit(_)));
}
