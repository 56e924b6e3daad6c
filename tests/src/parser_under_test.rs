//! The parsing child of the application under test: the product's own, and a few files that misbehave on request.

use std::process::ExitCode;

use commandcenter_domain::knowledge::{Parsed, ReadError};

fn main() -> ExitCode {
    commandcenter_parsers::serve_child_with(misbehave).unwrap_or(ExitCode::FAILURE)
}

/// Files of these names stand for parsers with faults that no file is known for yet.
fn misbehave(name: &str, bytes: &[u8]) -> Result<Parsed, ReadError> {
    match name {
        "hangs.json" => loop {
            std::thread::park();
        },
        "spins.json" => loop {
            std::hint::spin_loop();
        },
        "eats.json" => {
            let mut eaten: Vec<Vec<u8>> = Vec::new();
            loop {
                eaten.push(vec![1; 1 << 20]);
            }
        }
        "recurses.json" => Err(ReadError::Parse(descend(1).to_string())),
        "aborts.json" => std::process::abort(),
        "panics.json" => Err(ReadError::Parse(bytes[bytes.len()].to_string())),
        "opens.json" => {
            let target = String::from_utf8_lossy(bytes);
            let path = target.trim_matches(['[', '"', ']']);
            Err(ReadError::Parse(format!("read: {}, written: {}", std::fs::read(path).is_ok(), std::fs::write(path, "x").is_ok())))
        }
        _ => commandcenter_parsers::parse(name, bytes),
    }
}

/// Never comes to its end, and cannot be turned into a loop.
fn descend(depth: u64) -> u64 {
    let room = std::hint::black_box([depth; 64]);
    if depth == 0 { 0 } else { descend(depth + 1).wrapping_add(room[63]) }
}
