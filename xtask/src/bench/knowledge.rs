//! Real documents into the knowledge base, and questions it has not seen over them.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bench::figure::{Figure, percentile};
use crate::bench::http::Client;
use crate::bench::server::Place;
use crate::bench::{Options, account};
use crate::process::{Failure, note};

/// Longer pages of the documentation are whole books; the promise is about documents.
const LARGEST: u64 = 128 * 1024;
const BOUNDARY: &str = "cut-here-7a1f3c";
/// Indexing that takes longer than this has failed.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Uploads, waits for the index, asks.
pub(super) fn measure(place: &Place, options: &Options, database: &'static str) -> Result<Vec<Figure>, Failure> {
    let folder = crate::test::system::documents()?.ok_or_else(|| Failure::new("there is no documentation to index"))?;
    let pages = choose(&folder, options.documents);
    let server = place.start()?;
    let headers = account::open(server.address)?;
    let mut client = account::connect(server.address, &headers)?;
    note(format_args!("indexing {} documents of {}", pages.len(), folder.display()));
    let begun = Instant::now();
    for page in &pages {
        upload(&mut client, &folder, page)?;
    }
    let chunks = until_indexed(&mut client, begun)?;
    let rate = chunks / begun.elapsed().as_secs_f64();
    let mut times = ask(&mut client, &pages, options.queries)?;
    let promised = pages.len() >= 300;
    let mut figures = vec![
        Figure::new("documents indexed", database, pages.len() as f64),
        Figure::new("chunks embedded", database, chunks),
        Figure::new("indexing, end to end", database, rate).unit("chunks/s").at_least(30.0),
        Figure::new("hybrid query, p50", database, percentile(&mut times, 50)).unit("ms").at_most(15.0),
        Figure::new("hybrid query, p99", database, percentile(&mut times, 99)).unit("ms").at_most(50.0),
        Figure::new("memory after indexing", database, server.memory()?).unit("MiB"),
    ];
    if !promised {
        note("fewer than 300 documents: the bars are for 300");
        figures.retain(Figure::holds);
    }
    Ok(figures)
}

/// Pages spread over the whole set, so that no chapter is over-represented.
fn choose(folder: &Path, wanted: usize) -> Vec<PathBuf> {
    let mut pages = Vec::new();
    collect(folder, &mut pages);
    pages.sort();
    let step = (pages.len() as f64 / wanted.max(1) as f64).max(1.0);
    let places = (0..wanted).map(|n| (n as f64 * step) as usize);
    places.filter_map(|place| pages.get(place).cloned()).collect()
}

fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "html") && path.metadata().is_ok_and(|meta| meta.len() <= LARGEST) {
            into.push(path);
        }
    }
}

fn upload(client: &mut Client, folder: &Path, page: &Path) -> Result<(), Failure> {
    let content = std::fs::read(page).map_err(|e| Failure::of(page.display(), e))?;
    // Pages of different folders share a name; a shared name would be a new version of the same document.
    let name = page.strip_prefix(folder).unwrap_or(page).to_string_lossy().replace('/', "-");
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"category\"\r\n\r\npython\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/html\r\n\r\n"
    )
    .into_bytes();
    body.extend(content);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    let media = format!("multipart/form-data; boundary={BOUNDARY}");
    let reply = client.send("POST", "/api/v1/knowledge/documents", &media, &body).map_err(|e| Failure::of(&name, e))?;
    if reply.status == 202 {
        return Ok(());
    }
    Err(Failure::new(format!("the upload of {name} answered {}: {}", reply.status, String::from_utf8_lossy(&reply.body))))
}

/// Waits until no document is on its way; how many chunks have their vectors.
fn until_indexed(client: &mut Client, begun: Instant) -> Result<f64, Failure> {
    loop {
        let statistics = client.get("/api/v1/knowledge/statistics")?;
        let count = |status: &str| statistics.pointer(&format!("/by_status/{status}")).and_then(Value::as_u64).unwrap_or(0);
        if count("failed") > 0 {
            return Err(Failure::new(format!("documents failed: {statistics}")));
        }
        if count("pending") + count("indexing") == 0 {
            let chunks = statistics.get("embedded_chunks").and_then(Value::as_f64);
            return chunks.ok_or_else(|| Failure::new(format!("no chunks are counted: {statistics}")));
        }
        if begun.elapsed() > PATIENCE {
            return Err(Failure::new(format!("the documents were not indexed in an hour: {statistics}")));
        }
        thread::sleep(Duration::from_millis(200));
    }
}

/// Asks questions that differ from each other, made of words of the documents.
fn ask(client: &mut Client, pages: &[PathBuf], queries: usize) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::with_capacity(queries);
    for (number, page) in (0..queries).zip(pages.iter().cycle()) {
        let text = std::fs::read_to_string(page).map_err(|e| Failure::of(page.display(), e))?;
        let body = json!({"query": question(&text, number), "mode": "hybrid", "limit": 10});
        let begun = Instant::now();
        let answer = client.post("/api/v1/knowledge/query", &body)?;
        times.push(begun.elapsed());
        if answer.get("degraded").and_then(Value::as_bool) == Some(true) {
            return Err(Failure::new(format!("the query was not hybrid: {answer}")));
        }
    }
    Ok(times)
}

/// Six words from somewhere in a page, numbered so that no two questions are the same.
fn question(page: &str, number: usize) -> String {
    let words: Vec<&str> = prose(page).collect();
    let at = if words.is_empty() { 0 } else { (number * 7919) % words.len() };
    let some = words.iter().skip(at).take(6).copied().collect::<Vec<_>>().join(" ");
    format!("how does {some} work {number}")
}

/// Words between tags.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let texts = page.split('>').filter_map(|part| part.split('<').next());
    texts.flat_map(str::split_whitespace).filter(|word| word.len() > 2 && word.chars().all(char::is_alphabetic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_made_of_prose_and_differ() {
        let page = "<p class=\"first\">Open the file with <code>open</code> before reading</p>";
        assert_eq!(prose(page).collect::<Vec<_>>(), ["Open", "the", "file", "with", "open", "before", "reading"]);
        assert_ne!(question(page, 1), question(page, 2));
        assert_eq!(question("", 3), "how does  work 3");
    }
}
