//! Programming languages, by a file's name or its first line.

use tree_sitter::Language;

/// A programming language; without a grammar its definitions are not known and its text is cut at empty lines.
pub(crate) struct Programming {
    pub(crate) name: &'static str,
    extensions: &'static [&'static str],
    interpreters: &'static [&'static str],
    grammar: Option<fn() -> Language>,
}

impl Programming {
    pub(crate) fn grammar(&self) -> Option<Language> {
        self.grammar.map(|grammar| grammar())
    }
}

const fn parsed(name: &'static str, extensions: &'static [&'static str], grammar: fn() -> Language) -> Programming {
    Programming { name, extensions, interpreters: &[], grammar: Some(grammar) }
}

const fn known(name: &'static str, extensions: &'static [&'static str]) -> Programming {
    Programming { name, extensions, interpreters: &[], grammar: None }
}

const fn script(language: Programming, interpreters: &'static [&'static str]) -> Programming {
    Programming { interpreters, ..language }
}

const LANGUAGES: &[Programming] = &[
    parsed("rust", &["rs"], || tree_sitter_rust::LANGUAGE.into()),
    script(parsed("python", &["py", "pyi"], || tree_sitter_python::LANGUAGE.into()), &["python", "python3"]),
    script(parsed("javascript", &["js", "mjs", "cjs", "jsx"], || tree_sitter_javascript::LANGUAGE.into()), &["node"]),
    parsed("typescript", &["ts", "mts", "cts"], || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()),
    parsed("tsx", &["tsx"], || tree_sitter_typescript::LANGUAGE_TSX.into()),
    parsed("go", &["go"], || tree_sitter_go::LANGUAGE.into()),
    parsed("java", &["java"], || tree_sitter_java::LANGUAGE.into()),
    parsed("c", &["c", "h"], || tree_sitter_c::LANGUAGE.into()),
    parsed("cpp", &["cc", "cpp", "cxx", "hh", "hpp", "hxx"], || tree_sitter_cpp::LANGUAGE.into()),
    parsed("csharp", &["cs"], || tree_sitter_c_sharp::LANGUAGE.into()),
    script(parsed("ruby", &["rb", "rake", "gemspec"], || tree_sitter_ruby::LANGUAGE.into()), &["ruby"]),
    script(parsed("php", &["php"], || tree_sitter_php::LANGUAGE_PHP.into()), &["php"]),
    script(known("shell", &["sh", "bash", "zsh"]), &["sh", "bash", "zsh", "dash"]),
    script(known("perl", &["pl", "pm"]), &["perl"]),
    script(known("lua", &["lua"]), &["lua"]),
    known("css", &["css", "scss", "less"]),
    known("dockerfile", &["dockerfile"]),
    known("fortran", &["f90", "f95"]),
    known("haskell", &["hs"]),
    known("julia", &["jl"]),
    known("kotlin", &["kt", "kts"]),
    known("matlab", &["m"]),
    known("protobuf", &["proto"]),
    known("r", &["r"]),
    known("scala", &["scala"]),
    known("sql", &["sql"]),
    known("svelte", &["svelte"]),
    known("swift", &["swift"]),
    known("terraform", &["tf"]),
    known("toml", &["toml"]),
    known("vue", &["vue"]),
    known("xml", &["xml", "xsd", "xsl"]),
    known("yaml", &["yaml", "yml"]),
    known("zig", &["zig"]),
];

/// The language of a file: by its name, else by the interpreter that its first line asks for.
pub(crate) fn of(name: &str, text: &str) -> Option<&'static Programming> {
    let lower = name.to_lowercase();
    let extension = lower.rsplit_once('.').map_or(lower.as_str(), |(_, extension)| extension);
    LANGUAGES.iter().find(|language| language.extensions.contains(&extension)).or_else(|| by_first_line(text))
}

fn by_first_line(text: &str) -> Option<&'static Programming> {
    let line = text.strip_prefix("#!")?.lines().next()?;
    let mut words = line.split(['/', ' ', '\t']).filter(|word| !word.is_empty() && *word != "-S");
    let program = words.rfind(|word| !word.starts_with('-'))?;
    LANGUAGES.iter().find(|language| {
        language.interpreters.contains(&program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.'))
            || language.interpreters.contains(&program)
    })
}

/// The language of this name.
pub(crate) fn named(name: &str) -> Option<&'static Programming> {
    LANGUAGES.iter().find(|language| language.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_name_or_first_line() {
        let name = |file: &str, text: &str| of(file, text).map(|language| language.name);
        assert_eq!(name("src/lib.RS", ""), Some("rust"));
        assert_eq!(name("Dockerfile", "FROM x"), Some("dockerfile"));
        assert_eq!(name("run", "#!/usr/bin/env python3\n"), Some("python"));
        assert_eq!(name("run", "#!/bin/bash -e\n"), Some("shell"));
        assert_eq!(name("notes.txt", "words"), None);
    }

    #[test]
    fn every_grammar_loads() {
        for language in LANGUAGES {
            if let Some(grammar) = language.grammar() {
                tree_sitter::Parser::new().set_language(&grammar).unwrap();
            }
        }
    }
}
