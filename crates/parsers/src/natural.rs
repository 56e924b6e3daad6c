//! Which natural language a text is in, where that can be told.

use whatlang::{Lang, detect};

/// How much of a text is looked at, and how much there must be to say anything.
const WINDOW: usize = 4000;
const LEAST: usize = 80;

/// Two-letter codes of languages that have one and are met often; others go by their three letters.
const CODES: &[(Lang, &str)] = &[
    (Lang::Ara, "ar"),
    (Lang::Bul, "bg"),
    (Lang::Cat, "ca"),
    (Lang::Ces, "cs"),
    (Lang::Dan, "da"),
    (Lang::Deu, "de"),
    (Lang::Ell, "el"),
    (Lang::Eng, "en"),
    (Lang::Est, "et"),
    (Lang::Fin, "fi"),
    (Lang::Fra, "fr"),
    (Lang::Heb, "he"),
    (Lang::Hin, "hi"),
    (Lang::Hrv, "hr"),
    (Lang::Hun, "hu"),
    (Lang::Ind, "id"),
    (Lang::Ita, "it"),
    (Lang::Jpn, "ja"),
    (Lang::Kor, "ko"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Nld, "nl"),
    (Lang::Nob, "nb"),
    (Lang::Pes, "fa"),
    (Lang::Pol, "pl"),
    (Lang::Por, "pt"),
    (Lang::Ron, "ro"),
    (Lang::Rus, "ru"),
    (Lang::Slk, "sk"),
    (Lang::Slv, "sl"),
    (Lang::Spa, "es"),
    (Lang::Srp, "sr"),
    (Lang::Swe, "sv"),
    (Lang::Tha, "th"),
    (Lang::Tur, "tr"),
    (Lang::Ukr, "uk"),
    (Lang::Vie, "vi"),
    (Lang::Cmn, "zh"),
];

/// The language of a text's beginning; `None` when there is too little of it or the guess is not a sure one.
pub(crate) fn language(text: &str) -> Option<String> {
    let prose = prose(text);
    if prose.chars().count() < LEAST {
        return None;
    }
    let found = detect(&prose).filter(whatlang::Info::is_reliable)?.lang();
    let code = CODES.iter().find(|(lang, _)| *lang == found).map_or_else(|| found.code(), |(_, code)| *code);
    Some(code.to_owned())
}

/// The words of a text: without fences, tables and the marks of Markdown, which belong to no language.
fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut is_fenced = false;
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            is_fenced = !is_fenced;
        } else if !is_fenced && !trimmed.starts_with("| ---") && !line.starts_with("    ") {
            out.extend(trimmed.chars().map(|c| if "#*_`|[]()<>{}=".contains(c) { ' ' } else { c }));
            out.push(' ');
        }
        if out.len() > WINDOW {
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_where_they_can_be() {
        let cases = [
            ("The committee met on Tuesday and decided that the report should be published before the end of the month.", Some("en")),
            (
                "Der Ausschuss hat am Dienstag getagt und beschlossen, dass der Bericht noch vor Ende des Monats erscheinen soll.",
                Some("de"),
            ),
            ("Le comité s'est réuni mardi et a décidé que le rapport devait être publié avant la fin du mois prochain.", Some("fr")),
            ("too short", None),
            ("```\nlet a = 1;\n```\n", None),
        ];
        for (text, expected) in cases {
            assert_eq!(language(text).as_deref(), expected, "{text}");
        }
    }
}
