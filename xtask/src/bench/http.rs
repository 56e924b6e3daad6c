//! A client of one connection that stays open: enough HTTP/1.1 to measure a server with, and nothing that would measure itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::process::Failure;

/// Longer than anything that is promised.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection, and the headers that go with every request.
pub(super) struct Client {
    stream: BufReader<TcpStream>,
    headers: String,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// Connects; the server may not be there yet.
    pub(super) fn connect(address: SocketAddr, headers: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), headers: format!("Host: {address}\r\n{headers}") })
    }

    /// Asks for JSON.
    pub(super) fn get(&mut self, path: &str) -> Result<Value, Failure> {
        let reply = self.send("GET", path, "application/json", b"").map_err(|e| Failure::of(path, e))?;
        reply.json(path)
    }

    /// Posts JSON.
    pub(super) fn post(&mut self, path: &str, body: &Value) -> Result<Value, Failure> {
        let reply = self.send("POST", path, "application/json", body.to_string().as_bytes()).map_err(|e| Failure::of(path, e))?;
        reply.json(path)
    }

    /// Any request; any answer.
    pub(super) fn send(&mut self, method: &str, path: &str, media: &str, body: &[u8]) -> std::io::Result<Reply> {
        let headers = &self.headers;
        let mut request =
            format!("{method} {path} HTTP/1.1\r\n{headers}Content-Type: {media}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        request.extend_from_slice(body);
        self.stream.get_mut().write_all(&request)?;
        read_reply(&mut self.stream)
    }
}

impl Reply {
    fn json(self, path: &str) -> Result<Value, Failure> {
        let text = String::from_utf8_lossy(&self.body);
        if !(200..300).contains(&self.status) {
            return Err(Failure::new(format!("{path} answered {}: {text}", self.status)));
        }
        serde_json::from_str(&text).map_err(|e| Failure::of(path, e))
    }
}

fn read_reply(stream: &mut impl BufRead) -> std::io::Result<Reply> {
    let status = line(stream)?.split(' ').nth(1).and_then(|code| code.parse().ok()).ok_or_else(|| broken("no status line"))?;
    let (mut length, mut chunked) = (0, false);
    loop {
        let header = line(stream)?.to_ascii_lowercase();
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().map_err(|_| broken("bad length"))?,
            Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
            Some(_) => {}
            None => break,
        }
    }
    let body = if chunked { read_chunks(stream)? } else { read_exactly(stream, length)? };
    Ok(Reply { status, body })
}

fn read_chunks(stream: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = usize::from_str_radix(line(stream)?.trim(), 16).map_err(|_| broken("bad chunk"))?;
        body.extend(read_exactly(stream, size)?);
        line(stream)?;
        if size == 0 {
            return Ok(body);
        }
    }
}

fn read_exactly(stream: &mut impl Read, length: usize) -> std::io::Result<Vec<u8>> {
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(body)
}

fn line(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Err(broken("the server closed the connection"));
    }
    Ok(line.trim_end().to_owned())
}

fn broken(what: &str) -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_with_a_length_and_in_chunks_are_read_to_their_end() {
        let mut stream: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let first = read_reply(&mut stream).unwrap();
        assert_eq!((first.status, first.body.as_slice()), (201, b"{}".as_slice()));
        let second = read_reply(&mut stream).unwrap();
        assert_eq!((second.status, second.body.as_slice()), (200, b"abcde".as_slice()));
        assert!(read_reply(&mut stream).is_err());
    }
}
