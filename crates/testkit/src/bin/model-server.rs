//! A server that speaks like `OpenAI` and answers at once, always the same: what is left of a call is what its way costs.
//! `model-server --bind 127.0.0.1:4000`. `GET /served` tells how many answers it gave. One thread for each connection, so that it wakes nobody
//! but the one who is asked.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Tokens of every question and of every answer, by its own word.
const USAGE: &str = r#"{"prompt_tokens":100,"completion_tokens":20,"total_tokens":120}"#;
/// Pieces of a streamed answer.
const PIECES: usize = 20;
/// More than any request of a bench.
const MOST: u64 = 32 << 20;

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let bind = arguments.iter().position(|one| one == "--bind").and_then(|at| arguments.get(at + 1));
    let listener = TcpListener::bind(bind.ok_or("usage: model-server --bind <address>")?)?;
    println!("listening on http://{}", listener.local_addr()?);
    let answers = Arc::new(Answers::new());
    for stream in listener.incoming() {
        let (stream, answers) = (stream?, answers.clone());
        thread::spawn(move || answers.serve(&stream));
    }
    Ok(())
}

/// What it says, written out once, and how often it was said.
struct Answers {
    whole: Vec<u8>,
    streamed: Vec<u8>,
    served: AtomicU64,
}

impl Answers {
    fn new() -> Self {
        Self { whole: whole(), streamed: streamed(), served: AtomicU64::new(0) }
    }

    /// Answers a connection until it ends; how it ends matters to nobody.
    fn serve(&self, stream: &TcpStream) {
        drop(stream.set_nodelay(true).and_then(|()| self.answer_all(stream)));
    }

    fn answer_all(&self, stream: &TcpStream) -> Result<()> {
        let mut reader = BufReader::new(stream);
        let mut writer = stream;
        while let Some((line, body)) = request(&mut reader)? {
            if line.starts_with("GET /served ") {
                writer.write_all(&with_head("application/json", self.served.load(Ordering::SeqCst).to_string().as_bytes()))?;
                continue;
            }
            self.served.fetch_add(1, Ordering::SeqCst);
            writer.write_all(if is_streamed(&body) { &self.streamed } else { &self.whole })?;
        }
        Ok(())
    }
}

/// The first line and the body of the next request; none when the client has gone.
fn request(reader: &mut impl BufRead) -> Result<Option<(String, Vec<u8>)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(|_| Error::from(ErrorKind::InvalidData))?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = Vec::new();
    reader.take(u64::min(length, MOST)).read_to_end(&mut body)?;
    Ok(Some((first, body)))
}

/// Looked for in the text, not read: parsing would be a part of what is measured.
fn is_streamed(body: &[u8]) -> bool {
    let mut text = body.to_vec();
    text.retain(|byte| !byte.is_ascii_whitespace());
    text.windows(13).any(|part| part == br#""stream":true"#)
}

fn with_head(media: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

fn whole() -> Vec<u8> {
    let message = r#"{"role":"assistant","content":"The sky is blue because air scatters short waves of light more than long ones."}"#;
    let choice = format!(r#"{{"index":0,"message":{message},"finish_reason":"stop"}}"#);
    let body = format!(r#"{{"id":"c","object":"chat.completion","created":1,"model":"bench","choices":[{choice}],"usage":{USAGE}}}"#);
    with_head("application/json", body.as_bytes())
}

fn streamed() -> Vec<u8> {
    let event = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"bench\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
        )
    };
    let piece = event(r#"{"index":0,"delta":{"role":"assistant","content":"word "},"finish_reason":null}"#, "null");
    let last = event(r#"{"index":0,"delta":{},"finish_reason":"stop"}"#, "null");
    let body = [piece.repeat(PIECES), last, event("", USAGE), "data: [DONE]\n\n".to_owned()].concat();
    with_head("text/event-stream", body.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_one_after_another() {
        let mut text: &[u8] = b"POST /v1 HTTP/1.1\r\nContent-Length: 17\r\n\r\n{\"stream\" : true}GET /served HTTP/1.1\r\n\r\n";
        let (line, body) = request(&mut text).unwrap().unwrap();
        assert!(line.starts_with("POST /v1 ") && is_streamed(&body));
        let (line, body) = request(&mut text).unwrap().unwrap();
        assert!(line.starts_with("GET /served ") && !is_streamed(&body));
        assert!(request(&mut text).unwrap().is_none());
    }
}
