//! What holds for the passages of any text.

use super::*;
use crate::normalise::normalise;
use proptest::prelude::*;

/// Counts what the rule of thumb counts: the laws hold for any sizer.
const SIZER: Sizer = Sizer::Estimate;

fn check(kind: ContentKind, text: &str, sizer: &Sizer) {
    let all = passages(kind, text, sizer);
    let chars: Vec<char> = text.chars().collect();
    let mut covered = vec![false; chars.len()];
    for passage in &all {
        let (start, end) = (usize::try_from(passage.span.start).unwrap(), usize::try_from(passage.span.end).unwrap());
        assert_eq!(chars[start..end].iter().collect::<String>(), passage.content, "a span is its passage's text");
        assert!(usize::try_from(passage.token_count).unwrap() <= MAX_TOKENS, "{} tokens", passage.token_count);
        assert!(sizer.count(&passage.embedded_text) + SPECIAL <= MAX_TOKENS);
        assert!(!passage.content.trim().is_empty());
        covered[start..end].fill(true);
    }
    let lost: String = chars.iter().zip(&covered).filter(|(c, covered)| !**covered && !c.is_whitespace()).map(|(c, _)| *c).collect();
    assert_eq!(lost, "", "nothing but blanks is left out");
    assert!(all.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start), "passages are in order and do not overlap");
    assert_eq!(all, passages(kind, text, sizer), "the same text gives the same passages");
}

fn markdown() -> impl Strategy<Value = String> {
    let block = prop_oneof![
        "#{1,4} [a-zA-Zé ]{1,20}".prop_map(|s| s + "\n"),
        "([a-zäöü]{1,9} ){1,120}[.!]".prop_map(|s| s + "\n"),
        "([a-z_]{1,8}\\(\\)\n){1,40}".prop_map(|s| format!("```py\n{s}```\n")),
        "(\\| [a-z]{1,5} \\| [0-9]{1,4} \\|\n){1,30}".prop_map(|s| format!("| a | b |\n|---|---|\n{s}")),
        "(- [a-z]{1,12}\n){1,20}",
        "[\\PC]{0,200}",
        "[A-Za-z0-9+/]{200,2000}",
    ];
    proptest::collection::vec(block, 0..12).prop_map(|blocks| blocks.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn passages_of_any_markdown_keep_the_laws(text in markdown()) {
        check(ContentKind::Markdown, &normalise(&text), &SIZER);
    }

    #[test]
    fn passages_of_any_text_keep_the_laws(text in "(\\PC{0,60}\\s){0,40}") {
        check(ContentKind::Plain, &normalise(&text), &SIZER);
    }
}

#[test]
fn a_code_block_and_a_table_that_fit_stay_whole() {
    let filler = "Words that fill the paragraph before the block so that a cut has to come. ".repeat(8);
    let code = format!("```rust\n{}```", "let value = compute(1);\n".repeat(10));
    let table = format!("| k | v |\n|---|---|\n{}", "| key | value |\n".repeat(12));
    let text = normalise(&format!("# T\n\n{filler}\n\n{code}\n\n{filler}\n\n{table}\n\n{filler}"));
    let all = passages(ContentKind::Markdown, &text, &SIZER);
    assert!(all.iter().any(|p| p.content.contains(code.trim())), "{all:#?}");
    assert!(all.iter().any(|p| p.content.contains(table.trim())), "{all:#?}");
    assert!(all.iter().all(|p| p.heading_path == ["T"]));
    assert!(all[0].content.starts_with("# T\n\nWords"), "a heading goes with what it rules");
}

#[test]
fn headings_are_embedded_above_the_text_they_rule() {
    let body = "A sentence about leases and how long they are kept. ".repeat(30);
    let text = normalise(&format!("# Jobs\n\n## Leases\n\n{body}"));
    let last = passages(ContentKind::Markdown, &text, &SIZER).pop().unwrap();
    assert!(last.embedded_text.starts_with("Jobs > Leases\n"), "{}", last.embedded_text);
    assert!(last.embedded_text.ends_with(&last.content));
}
