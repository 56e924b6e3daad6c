//! Real files, where the tests are given some: nobody here wrote them, so they find what files made by hand would not.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use commandcenter_domain::knowledge::{ContentKind, ReadError};
use commandcenter_parsers::parse;

/// Share of the words that another program finds which must be found here, in percent over all files of a kind.
const LEAST: usize = 90;

/// The files with these endings below a folder that the environment names.
fn files(variable: &str, endings: &[&str]) -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os(variable) else {
        println!("skipped: {variable} names no folder of files");
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if endings.iter().any(|ending| entry.extension().is_some_and(|extension| extension == *ending)) {
                found.push(entry);
            }
        }
    }
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn tokens(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// What another program found in a file, as far as it read it.
fn words(path: &Path) -> Vec<String> {
    let beside = path.with_file_name(format!("{}.words", name(path)));
    std::fs::read_to_string(beside).map(|text| tokens(&text)).unwrap_or_default()
}

#[test]
fn real_documents_are_read_and_hold_the_words_that_other_programs_find() {
    let mut kinds: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for path in files("COMMANDCENTER_TEST_FILES", &["pdf", "docx", "pptx", "xlsx", "ipynb"]) {
        let bytes = std::fs::read(&path).unwrap();
        let wanted = words(&path);
        let began = std::time::Instant::now();
        let parsed = parse(&name(&path), &bytes);
        if began.elapsed().as_secs() > 0 {
            println!("{}: {:?}", name(&path), began.elapsed());
        }
        assert!(began.elapsed().as_secs() < 60, "{}: {:?}", path.display(), began.elapsed());
        let text = match parsed {
            Ok(parsed) => parsed.text,
            Err(ReadError::Empty | ReadError::Encrypted) => String::new(),
            Err(reason) => {
                println!("{}: {reason}", name(&path));
                String::new()
            }
        };
        let here: HashSet<String> = tokens(&text).into_iter().collect();
        let found = wanted.iter().filter(|word| here.contains(*word)).count();
        if found * 100 < wanted.len() * LEAST {
            println!("{}: {found} of {} words", name(&path), wanted.len());
        }
        let kind = kinds.entry(path.extension().unwrap().to_string_lossy().into_owned()).or_default();
        *kind = (kind.0 + 1, kind.1 + found, kind.2 + wanted.len());
    }
    for (kind, (files, found, wanted)) in &kinds {
        println!("{kind}: {files} files, {found} of {wanted} words");
        assert!(found * 100 >= wanted * LEAST, "{kind}: {found} of {wanted} words");
    }
}

#[test]
fn real_pages_are_read() {
    for path in files("COMMANDCENTER_TEST_DOCS", &["html"]).into_iter().step_by(10) {
        let parsed = parse(&name(&path), &std::fs::read(&path).unwrap()).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
        assert_eq!(parsed.kind, ContentKind::Html);
    }
}
