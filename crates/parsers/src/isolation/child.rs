//! The child's side: reads one file and ends.

use std::io::{self, BufRead, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use commandcenter_domain::knowledge::{Parsed, ReadError};

use super::CHILD_ARGUMENT;
use super::limits::confine;
use super::wire::{Answer, Request, frame};

/// Parsers of nested things climb down the stack.
const STACK: usize = 128 * 1024 * 1024;

/// Serves as the child when this process was started as one, and says with which code it is to end. The first thing in every `main`.
#[must_use]
pub fn serve_child() -> Option<ExitCode> {
    serve_child_with(crate::parse)
}

/// The same with another way to read files; for tests of the limits.
#[must_use]
pub fn serve_child_with(parse: fn(&str, &[u8]) -> Result<Parsed, ReadError>) -> Option<ExitCode> {
    let is_child = std::env::args_os().nth(1).is_some_and(|argument| argument == CHILD_ARGUMENT);
    is_child.then(|| match serve(parse) {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{err}");
            ExitCode::FAILURE
        }
    })
}

fn serve(parse: fn(&str, &[u8]) -> Result<Parsed, ReadError>) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let mut line = String::new();
    input.read_line(&mut line)?;
    let request: Request = serde_json::from_str(&line)?;
    confine(&request.limits)?;
    let mut bytes = Vec::new();
    input.take(request.size).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).ok() != Some(request.size) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let Request { mark, name, .. } = request;
    // What a parser says as it panics is of no use to anyone.
    std::panic::set_hook(Box::new(|_| {}));
    let work = move || {
        catch_unwind(AssertUnwindSafe(|| parse(&name, &bytes)))
            .unwrap_or_else(|_| Err(ReadError::Parse("its parser gave up on it".to_owned())))
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work)?;
    let answer: Answer = thread.join().unwrap_or_else(|_| Err(ReadError::Parse("its parser gave up on it".to_owned())));
    let mut output = io::stdout().lock();
    output.write_all(&frame(&mark, &answer))?;
    output.flush()
}
