//! The documents of a collection into the knowledge base, each as a file, through the door that users take.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::bench::http::Client;
use crate::bench::rag::set::{Collection, Document};
use crate::process::{Failure, note};

const BOUNDARY: &str = "cut-here-5d20b7";
/// Indexing that makes no progress for this long has failed.
const PATIENCE: Duration = Duration::from_secs(600);

/// The collection's documents by their id in the knowledge base; uploads those that are not there yet and waits for the index.
pub(super) fn ensure(client: &mut Client, collection: &Collection) -> Result<HashMap<i64, String>, Failure> {
    let mut known = present(client)?;
    let begun = Instant::now();
    let mut documents = HashMap::new();
    let (mut sent, mut refused) = (0_u64, 0_u64);
    for (number, document) in collection.documents.iter().enumerate() {
        let name = format!("{number:07}.txt");
        let id = match known.remove(&name) {
            Some(id) => Some(id),
            None => {
                sent += 1;
                upload(client, document, &name)?
            }
        };
        refused += u64::from(id.is_none());
        documents.extend(id.map(|id| (id, document.id.clone())));
    }
    if refused > 0 {
        note(format_args!("{refused} documents hold no text and were refused"));
    }
    let chunks = until_indexed(client)?;
    if sent > 0 {
        let seconds = begun.elapsed().as_secs_f64();
        note(format_args!("{sent} documents, {chunks} chunks, in {seconds:.0} s: {:.1} chunks/s", chunks as f64 / seconds));
    }
    Ok(documents)
}

/// File names and ids of what an earlier run kept.
fn present(client: &mut Client) -> Result<HashMap<String, i64>, Failure> {
    let mut found = HashMap::new();
    for page in 1.. {
        let answer = client.get(&format!("/api/v1/knowledge/documents?page={page}&limit=100&sort=created_at"))?;
        for item in answer["items"].as_array().into_iter().flatten() {
            if let (Some(name), Some(id)) = (item["filename"].as_str(), item["id"].as_i64()) {
                found.insert(name.to_owned(), id);
            }
        }
        if answer["has_next"] != true {
            break;
        }
    }
    Ok(found)
}

/// `None` when the document holds no text.
fn upload(client: &mut Client, document: &Document, name: &str) -> Result<Option<i64>, Failure> {
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    let body = form(document, name);
    let reply = client.send("POST", "/api/v1/knowledge/documents", &media, body.as_bytes()).map_err(|e| Failure::of(name, e))?;
    let text = String::from_utf8_lossy(&reply.body);
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    match (reply.status, answer["document_id"].as_i64()) {
        (202, Some(id)) => Ok(Some(id)),
        (422, _) if text.contains("document-empty") => Ok(None),
        (status, _) => Err(Failure::new(format!("the upload of {} answered {status}: {text}", document.id))),
    }
}

fn form(document: &Document, name: &str) -> String {
    let title: String = document.title.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(500).collect();
    let mut body = part("category", "bench");
    if !title.is_empty() {
        body.push_str(&part("title", &title));
    }
    body.push_str(&format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n"
    ));
    if !title.is_empty() {
        body.push_str(&format!("{title}\n\n"));
    }
    body.push_str(&document.text.replace('\0', " "));
    body.push_str(&format!("\r\n--{BOUNDARY}--\r\n"));
    body
}

fn part(name: &str, value: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

/// Waits until no document is on its way; how many chunks have their vectors.
fn until_indexed(client: &mut Client) -> Result<u64, Failure> {
    let (mut before, mut moved) = (u64::MAX, Instant::now());
    loop {
        let statistics = client.get("/api/v1/knowledge/statistics")?;
        let count = |status: &str| statistics["by_status"][status].as_u64().unwrap_or(0);
        let waiting = count("pending") + count("indexing");
        if waiting == 0 {
            return statistics["embedded_chunks"].as_u64().ok_or_else(|| Failure::new(format!("no chunks are counted: {statistics}")));
        }
        if waiting != before {
            (before, moved) = (waiting, Instant::now());
        }
        if moved.elapsed() > PATIENCE {
            return Err(Failure::new(format!("indexing stands still: {statistics}")));
        }
        thread::sleep(Duration::from_millis(500));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_carries_the_title_as_field_and_first_line() {
        let document = Document { id: "1".to_owned(), title: "A \n title".to_owned(), text: "text".to_owned() };
        let body = form(&document, "1.txt");
        assert!(body.contains("name=\"title\"\r\n\r\nA title\r\n") && body.contains("\r\n\r\nA title\n\ntext\r\n--"));
        let untitled = form(&Document { title: String::new(), ..document }, "1.txt");
        assert!(!untitled.contains("name=\"title\"") && untitled.contains("\r\n\r\ntext\r\n--"));
    }
}
