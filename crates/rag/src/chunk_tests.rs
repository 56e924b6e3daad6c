//! What holds for the passages of any text.

use super::*;
use commandcenter_domain::knowledge::Section;
use proptest::prelude::*;

/// Counts what the rule of thumb counts: the laws hold for any sizer.
const SIZER: Sizer = Sizer::Estimate;

/// Enough of the normal form for texts that are made here.
fn normalise(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || *c == '\n').collect::<String>().trim().to_owned()
}

fn check(form: Form<'_>, text: &str, sizer: &Sizer) {
    let all = passages(form, text, sizer);
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
    assert!(
        all.windows(2).all(|pair| pair[0].span.start < pair[1].span.start && pair[0].span.end < pair[1].span.end),
        "passages are in order and none lies within another"
    );
    let shared: u64 = all.windows(2).map(|pair| pair[0].span.end.saturating_sub(pair[1].span.start)).sum();
    assert!(shared * 2 <= chars.len() as u64, "passages share edges and no more: {shared} of {}", chars.len());
    assert_eq!(all, passages(form, text, sizer), "the same text gives the same passages");
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
        check(Form::Markdown, &normalise(&text), &SIZER);
    }

    #[test]
    fn passages_of_any_text_keep_the_laws(text in "(\\PC{0,60}\\s){0,40}") {
        check(Form::Plain, &normalise(&text), &SIZER);
    }

    #[test]
    fn passages_of_any_code_keep_the_laws(lines in proptest::collection::vec("( {0,8})[a-z(){};=]{0,60}|", 0..120), cuts in proptest::collection::vec(0_usize..120, 0..20)) {
        let text = normalise(&lines.join("\n"));
        let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let edge = |n: usize| starts[n % starts.len()];
        let section = |pair: &[usize]| Section { start: edge(pair[0]).min(edge(pair[1])), end: edge(pair[0]).max(edge(pair[1])), name: "f".to_owned() };
        let sections: Vec<Section> = cuts.chunks_exact(2).map(section).collect();
        check(Form::Code(&sections), &text, &SIZER);
    }
}

#[test]
fn a_table_that_is_cut_is_read_under_its_head_in_every_part() {
    let row = |n: u32| format!("| key number {n} | the value of this key is {n} |\n");
    let rows: String = (0..80).map(row).collect();
    let text = normalise(&format!("# T\n\n| name | meaning |\n| --- | --- |\n{rows}"));
    let all = passages(Form::Markdown, &text, &SIZER);
    assert!(all.len() > 4, "{}", all.len());
    assert!(all[0].content.starts_with("# T\n\n| name | meaning |"));
    for part in &all[1..] {
        assert!(part.embedded_text.starts_with("T\n| name | meaning |\n| key number"), "{}", part.embedded_text);
        assert!(part.content.starts_with("| key number") && part.content.ends_with(" |"), "rows stay whole: {}", part.content);
    }
    check(Form::Markdown, &text, &SIZER);
}

#[test]
fn code_is_cut_where_definitions_begin() {
    let body = "    let value = compute(first, second, third);\n".repeat(3);
    let function = |name: &str| format!("fn {name}() {{\n{body}}}\n\n");
    let text = format!("{}{}", function("alpha"), function("beta"));
    let middle = text.find("fn beta").unwrap();
    let section = |start, end, name: &str| Section { start, end, name: name.to_owned() };
    let sections = [section(0, middle - 2, "alpha"), section(middle, text.trim_end().len(), "beta")];
    let all = passages(Form::Code(&sections), text.trim_end(), &SIZER);
    let paths: Vec<_> = all.iter().map(|p| p.heading_path.join(".")).collect();
    assert_eq!(paths, ["alpha", "beta"]);
}

#[test]
fn a_code_block_and_a_table_that_fit_stay_whole() {
    let filler = "Words that fill the paragraph before the block so that a cut has to come. ".repeat(8);
    let code = format!("```rust\n{}```", "let value = compute(1);\n".repeat(10));
    let table = format!("| k | v |\n|---|---|\n{}", "| key | value |\n".repeat(12));
    let text = normalise(&format!("# T\n\n{filler}\n\n{code}\n\n{filler}\n\n{table}\n\n{filler}"));
    let all = passages(Form::Markdown, &text, &SIZER);
    assert!(all.iter().any(|p| p.content.contains(code.trim())), "{all:#?}");
    assert!(all.iter().any(|p| p.content.contains(table.trim())), "{all:#?}");
    assert!(all.iter().all(|p| p.heading_path == ["T"]));
    assert!(all[0].content.starts_with("# T\n\nWords"), "a heading goes with what it rules");
}

#[test]
fn headings_are_embedded_above_the_text_they_rule() {
    let body = "A sentence about leases and how long they are kept. ".repeat(30);
    let text = normalise(&format!("# Jobs\n\n## Leases\n\n{body}"));
    let last = passages(Form::Markdown, &text, &SIZER).pop().unwrap();
    assert!(last.embedded_text.starts_with("Jobs > Leases\n"), "{}", last.embedded_text);
    assert!(last.embedded_text.ends_with(&last.content));
}
