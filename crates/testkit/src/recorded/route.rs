//! From a request to its answer.

use commandcenter_domain::Clock;
use commandcenter_domain::shared::SystemClock;
use serde_json::Value;
use wiremock::{Request, ResponseTemplate};

use super::fault::{self, problem};
use super::fixtures::Exchange;
use super::script::{Script, Told, folder_sha};
use super::shape;
use super::state::State;

/// Answers a request.
pub(super) fn answer(state: &mut State, request: &Request) -> ResponseTemplate {
    let path = request.url.path().to_owned();
    if path.starts_with("/_recorded/") {
        return control(state, &path, request);
    }
    state.seen(request);
    let now = SystemClock.now().timestamp();
    let mut delay = state.delay;
    for struck in state.faults.iter_mut().filter(|struck| path.contains(&struck.part)) {
        delay += fault::delay(struck).unwrap_or_default();
        if let Some(answer) = fault::answer(struck, now) {
            return answer.set_delay(delay);
        }
    }
    let answer = replayed(state, &path, request).unwrap_or_else(|| played(state, &path, request));
    // A token of its own says how much is left of its limit; so does the absence of one.
    let answer = answer.insert_header("x-ratelimit-limit", "5000").insert_header("x-ratelimit-resource", "core");
    let answer = answer.insert_header("x-ratelimit-remaining", state.spend().as_str());
    answer.insert_header("x-ratelimit-reset", (now + 3600).to_string().as_str()).set_delay(delay)
}

/// Switches for tests that run in another process.
fn control(state: &mut State, path: &str, request: &Request) -> ResponseTemplate {
    match path {
        "/_recorded/advance" => state.scripts.iter_mut().for_each(Script::advance),
        "/_recorded/recover" => state.faults.clear(),
        "/_recorded/fail" => match request.body_json() {
            Ok(fault) => state.faults.push(fault::Struck { part: String::new(), fault }),
            Err(err) => return ResponseTemplate::new(422).set_body_string(err.to_string()),
        },
        _ => return problem(404, "no such switch"),
    }
    ResponseTemplate::new(204)
}

fn replayed(state: &State, path: &str, request: &Request) -> Option<ResponseTemplate> {
    let wanted = request.url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let exchange = state.exchanges.iter().find(|exchange| exchange.method == "get" && exchange.path == wanted)?;
    Some(replay(exchange, &state.base))
}

fn replay(exchange: &Exchange, base: &str) -> ResponseTemplate {
    let here = |text: &str| text.replace("https://api.github.com", base);
    let mut answer = ResponseTemplate::new(exchange.status);
    answer = match &exchange.response {
        Value::String(text) => answer.set_body_raw(text.clone(), "text/plain"),
        body => answer.set_body_raw(here(&body.to_string()), "application/json; charset=utf-8"),
    };
    for name in ["etag", "location", "link", "last-modified", "x-github-media-type"] {
        if let Some(Value::String(value)) = exchange.headers.get(name) {
            answer = answer.insert_header(name, here(value).as_str());
        }
    }
    answer
}

fn played(state: &State, path: &str, request: &Request) -> ResponseTemplate {
    if path == "/rate_limit" {
        return ResponseTemplate::new(200).set_body_json(shape::rate_limit());
    }
    let mut parts = path.trim_start_matches('/').splitn(4, '/');
    let (script, rest) = match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some("repos"), Some(owner), Some(name), rest) => (state.find(owner, name), rest),
        (Some("repositories"), Some(id), rest, more) => (state.by_id(id), joined(rest, more)),
        _ => (None, None),
    };
    if let Some(moved) = state.moved(path) {
        return problem(301, "Moved Permanently").insert_header("location", moved.as_str());
    }
    match script.filter(|script| script.token.as_ref().is_none_or(|token| carries(request, token))) {
        Some(script) => of_script(script, rest.unwrap_or_default(), request),
        None => problem(404, "Not Found"),
    }
}

/// `/repositories/{id}/…` has one segment less than `/repos/{owner}/{name}/…`: no path of ours is longer than this.
fn joined<'a>(rest: Option<&'a str>, more: Option<&'a str>) -> Option<&'a str> {
    match (rest, more) {
        (rest, None) => rest,
        (_, Some(_)) => Some("too-deep"),
    }
}

fn carries(request: &Request, token: &str) -> bool {
    request.headers.get("authorization").is_some_and(|value| value.to_str().is_ok_and(|value| value == format!("Bearer {token}")))
}

fn of_script(script: &Script, rest: &str, request: &Request) -> ResponseTemplate {
    let query = |name: &str| request.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if rest.is_empty() {
        return tagged(&shape::repository(script), request);
    }
    if rest == "releases" {
        return page(&script.releases(), request, |some| some.iter().map(|release| shape::release(script, release)).collect());
    }
    let told = script.told();
    if told.is_empty() {
        return problem(409, "Git Repository is empty.");
    }
    if rest == "commits" {
        let from = query("sha").filter(|sha| sha != "main" && sha != "HEAD");
        let start = from.map_or(Some(0), |sha| told.iter().position(|one| one.sha == sha));
        let Some(start) = start else { return problem(404, "Not Found") };
        let shown: Vec<&Told> = told[start..].iter().collect();
        return page(&shown, request, |some| some.iter().map(|told| shape::commit(script, told)).collect());
    }
    if let Some(range) = rest.strip_prefix("compare/") {
        let Some((base, head)) = range.split_once("...") else { return problem(404, "Not Found") };
        let at = |sha: &str| told.iter().position(|one| one.sha == sha);
        let (Some(base), Some(head)) = (at(base), at(head)) else { return problem(404, "Not Found") };
        let mut between: Vec<&Told> = told[head..base.max(head)].iter().collect();
        between.reverse();
        return page(&between, request, |some| shape::comparison(script, some, between.len()));
    }
    if let Some(sha) = rest.strip_prefix("git/trees/") {
        let commit = told.iter().find(|one| one.sha == sha).map(|one| (one.sha.clone(), ""));
        let docs = || told.iter().find(|one| folder_sha(&one.sha, "docs") == sha).map(|one| (one.sha.clone(), "docs/"));
        let body = commit.or_else(docs).and_then(|(commit, below)| shape::tree(script, (&commit, below), query("recursive").is_some()));
        return body.map_or_else(|| problem(404, "Not Found"), |body| ResponseTemplate::new(200).set_body_json(body));
    }
    if let Some(file) = rest.strip_prefix("git/blobs/").and_then(|sha| script.blob(sha)) {
        let is_raw = request.headers.get("accept").is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("raw")));
        return if is_raw {
            ResponseTemplate::new(200).set_body_raw(file.bytes.clone(), "application/vnd.github.raw+json; charset=utf-8")
        } else {
            ResponseTemplate::new(200).set_body_json(shape::blob(script, file))
        };
    }
    problem(404, "Not Found")
}

/// An answer with its validator, or 304 when the client has it already.
fn tagged(body: &Value, request: &Request) -> ResponseTemplate {
    let etag = format!("W/\"{}\"", super::script::blob_sha(body.to_string().as_bytes()));
    if request.headers.get("if-none-match").is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return ResponseTemplate::new(304).insert_header("etag", etag.as_str());
    }
    ResponseTemplate::new(200).set_body_json(body).insert_header("etag", etag.as_str())
}

/// One page, with the link to the next.
fn page<T>(all: &[&T], request: &Request, body: impl Fn(&[&T]) -> Value) -> ResponseTemplate {
    let number = |name: &str, default: usize| {
        let value = request.url.query_pairs().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
        value.unwrap_or(default)
    };
    let (page, size) = (number("page", 1).max(1), number("per_page", 30).clamp(1, 100));
    let start = ((page - 1) * size).min(all.len());
    let end = (start + size).min(all.len());
    let answer = ResponseTemplate::new(200).set_body_json(body(&all[start..end]));
    if end == all.len() {
        return answer;
    }
    let mut next = request.url.clone();
    let kept: Vec<(String, String)> = next.query_pairs().into_owned().filter(|(name, _)| name != "page").collect();
    next.query_pairs_mut().clear().extend_pairs(kept).append_pair("page", &(page + 1).to_string());
    answer.insert_header("link", format!("<{next}>; rel=\"next\"").as_str())
}
