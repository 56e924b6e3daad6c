//! The parent's side: starts a child for each file and makes sense of how it ended.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use async_trait::async_trait;
use commandcenter_domain::knowledge::{ContentKind, DocumentParser, Parsed, ReadError, Sample};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use uuid::Uuid;

use super::wire::{Request, unframe};
use super::{CHILD_ARGUMENT, ParserLimits};
use crate::kind::look;
use crate::parse::{InPlaceParser, is_harmless};

/// Most bytes of an answer: the text that a document may come to, escaped.
const MAX_ANSWER: u64 = 256 * 1024 * 1024;
/// What is kept of what a child says of its end.
const MAX_COMPLAINT: u64 = 64 * 1024;

/// Reads plain text in this process and everything else in a child.
#[derive(Debug)]
pub struct IsolatedParser {
    program: PathBuf,
    limits: ParserLimits,
    /// As many children at once as there are processors: each may take all the memory that one is given.
    free: Semaphore,
}

impl IsolatedParser {
    /// Children run `program`, which must serve as one when it is given [`CHILD_ARGUMENT`].
    #[must_use]
    pub fn new(program: PathBuf, limits: ParserLimits) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { program, limits, free: Semaphore::new(processors) }
    }

    fn spawn(&self) -> Result<Child, ReadError> {
        let mut command = Command::new(&self.program);
        command.arg(CHILD_ARGUMENT).process_group(0).kill_on_drop(true);
        // Threads, and heaps for each, would take address space for nothing.
        command.env_clear().envs([("RAYON_NUM_THREADS", "1"), ("MALLOC_ARENA_MAX", "1")]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().map_err(|err| ReadError::Parser(err.to_string()))
    }

    async fn converse(&self, name: &str, bytes: &[u8]) -> Result<Parsed, ReadError> {
        let mark = Uuid::new_v4().to_string();
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let request = Request { mark: mark.clone(), name: name.to_owned(), size, limits: self.limits };
        let mut header = serde_json::to_vec(&request).map_err(|err| ReadError::Parser(err.to_string()))?;
        header.push(b'\n');
        let mut child = self.spawn()?;
        let mut group = Group::of(&child);
        let (input, output, complaint) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let write = async {
            let Some(mut input) = input else { return };
            // A child that ended early says why in its answer or by its end.
            if input.write_all(&header).await.is_ok() {
                drop(input.write_all(bytes).await);
            }
        };
        let talk = async { tokio::join!(write, all(output, MAX_ANSWER), all(complaint, MAX_COMPLAINT), child.wait()) };
        let Ok(((), written, complaint, status)) = timeout(self.limits.wall, talk).await else {
            return Err(ReadError::Limit(format!("reading it took more than {} seconds", self.limits.wall.as_secs())));
        };
        group.has_ended();
        let status = status.map_err(|err| ReadError::Parser(err.to_string()))?;
        unframe(&mark, &written).unwrap_or_else(|| Err(self.cause(status, &String::from_utf8_lossy(&complaint))))
    }

    /// Why a child ended without an answer.
    fn cause(&self, status: ExitStatus, complaint: &str) -> ReadError {
        let memory = || ReadError::Limit(format!("reading it takes more than {} MiB of memory", self.limits.memory >> 20));
        let signal = status.signal().and_then(|number| Signal::try_from(number).ok());
        match signal {
            Some(Signal::SIGXCPU) => {
                ReadError::Limit(format!("reading it takes more than {} seconds of a processor", self.limits.cpu.as_secs()))
            }
            _ if complaint.contains("memory allocation of") || complaint.contains("failed to allocate") => memory(),
            Some(Signal::SIGABRT | Signal::SIGSEGV) if complaint.contains("overflowed its stack") => {
                ReadError::Limit("it is nested too deep".to_owned())
            }
            Some(Signal::SIGKILL) => ReadError::Limit("reading it was stopped by the system, which was short of memory or time".to_owned()),
            Some(signal) => ReadError::Parse(format!("its parser crashed ({signal})")),
            None => {
                tracing::warn!(%status, complaint, "a parser ended without an answer");
                ReadError::Parser(format!("it ended without an answer ({status})"))
            }
        }
    }
}

#[async_trait]
impl DocumentParser for IsolatedParser {
    fn look(&self, name: &str, sample: Sample<'_>) -> Result<ContentKind, ReadError> {
        look(name, sample)
    }

    async fn parse(&self, name: &str, bytes: Vec<u8>) -> Result<Parsed, ReadError> {
        if is_harmless(look(name, Sample::of(&bytes))?) {
            return InPlaceParser.parse(name, bytes).await;
        }
        let _turn = self.free.acquire().await.map_err(|err| ReadError::Parser(err.to_string()))?;
        self.converse(name, &bytes).await
    }
}

/// All that comes, or as much as is allowed; the rest is not waited for.
async fn all(stream: Option<impl AsyncRead + Unpin>, most: u64) -> Vec<u8> {
    let mut read = Vec::new();
    if let Some(stream) = stream {
        drop(stream.take(most).read_to_end(&mut read).await);
    }
    read
}

/// A child and whatever it may have started: killed together when the file is no longer waited for.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw))
    }

    /// Its number may be another's from now on.
    const fn has_ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended at this very moment.
            let _ = killpg(group, Signal::SIGKILL);
        }
    }
}
