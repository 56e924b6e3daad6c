//! Answers, built from the examples of the API description.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fixtures::examples;
use super::script::{Script, ScriptFile, ScriptRelease, Told, blob_sha, folder_sha};

/// An example with the names of its repository replaced.
fn of(example: &Value, script: &Script) -> Value {
    let text = example.to_string().replace("octocat/Hello-World", &script.full_name());
    serde_json::from_str(&text).unwrap()
}

pub(super) fn repository(script: &Script) -> Value {
    let mut body = of(&examples().repository.value, script);
    body["id"] = json!(script.id);
    body["name"] = json!(script.name);
    body["full_name"] = json!(script.full_name());
    body["owner"]["login"] = json!(script.owner);
    body["private"] = json!(script.is_private);
    body["default_branch"] = json!("main");
    body["language"] = json!("Rust");
    body["stargazers_count"] = json!(80 + script.told().len());
    body["html_url"] = json!(format!("https://github.com/{}", script.full_name()));
    body["clone_url"] = json!(format!("https://github.com/{}.git", script.full_name()));
    body
}

pub(super) fn commit(script: &Script, told: &Told) -> Value {
    let mut body = of(&examples().commits.value[0], script);
    body["sha"] = json!(told.sha);
    body["html_url"] = json!(format!("https://github.com/{}/commit/{}", script.full_name(), told.sha));
    body["commit"]["message"] = json!(told.message);
    body["commit"]["author"]["date"] = json!(told.date);
    body["commit"]["committer"]["date"] = json!(told.date);
    body["commit"]["tree"]["sha"] = json!(told.sha);
    body["parents"] = told.parent.iter().map(|sha| json!({ "sha": sha })).collect();
    body
}

pub(super) fn release(script: &Script, release: &ScriptRelease) -> Value {
    let mut body = of(&examples().releases.value[0], script);
    body["id"] = json!(release.id);
    body["tag_name"] = json!(release.tag);
    body["name"] = json!(format!("Version {}", release.tag));
    body["body"] = json!(release.notes);
    body["draft"] = json!(release.is_draft);
    body["html_url"] = json!(format!("https://github.com/{}/releases/{}", script.full_name(), release.tag));
    body
}

pub(super) fn comparison(script: &Script, commits: &[&Told], total: usize) -> Value {
    let mut body = of(&examples().comparison.value, script);
    body["total_commits"] = json!(total);
    body["ahead_by"] = json!(total);
    body["commits"] = commits.iter().map(|told| commit(script, told)).collect();
    body
}

/// The tree of a commit, or of a folder in it.
pub(super) fn tree(script: &Script, (commit, below): (&str, &str), is_recursive: bool) -> Option<Value> {
    let files = script.files_at(commit)?;
    let mut body = of(&examples().tree.value, script);
    let is_cut = is_recursive && below.is_empty() && script.truncates_trees;
    body["sha"] = json!(commit);
    body["truncated"] = json!(is_cut);
    let entries = if is_cut { Vec::new() } else { entries(commit, &files, (below, is_recursive)) };
    body["tree"] = Value::Array(entries);
    Some(body)
}

fn entries(commit: &str, files: &BTreeMap<String, ScriptFile>, (below, is_recursive): (&str, bool)) -> Vec<Value> {
    let mut found = BTreeMap::new();
    for (path, file) in files {
        let Some(rest) = path.strip_prefix(below) else { continue };
        let folders = rest.match_indices('/').map(|(at, _)| &rest[..at]);
        for folder in folders.filter(|folder| is_recursive || !folder.contains('/')) {
            let sha = folder_sha(commit, &format!("{below}{folder}"));
            found.insert(folder.to_owned(), json!({ "path": folder, "mode": "040000", "type": "tree", "sha": sha }));
        }
        if is_recursive || !rest.contains('/') {
            let size = file.claimed.unwrap_or(file.bytes.len() as u64);
            let entry = json!({ "path": rest, "mode": "100644", "type": "blob", "size": size, "sha": blob_sha(&file.bytes) });
            found.insert(rest.to_owned(), entry);
        }
    }
    found.into_values().collect()
}

/// A file in JSON, as servers answer that do not know the raw media type.
pub(super) fn blob(script: &Script, file: &ScriptFile) -> Value {
    let mut body = of(&examples().blob.value, script);
    body["content"] = json!(base64(&file.bytes));
    body["sha"] = json!(blob_sha(&file.bytes));
    body["size"] = json!(file.bytes.len());
    body
}

pub(super) fn rate_limit() -> Value {
    examples().rate_limit.value.clone()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
