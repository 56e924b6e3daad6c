//! Calls to language models: what is asked, what comes back, what it costs and who pays.
//!
//! One neutral shape stands between every dialect that providers speak and every feature that asks a model.

mod answer;
mod attempt;
mod chat;
mod circuit;
mod embedding;
mod error;
mod money;
mod ports;
mod stream;
mod target;

pub use answer::{ChatAnswer, StopReason, Usage};
pub use attempt::{Attribution, Cause, NewAttempt, Outcome, Settlement};
pub use chat::{ChatRequest, Message, OutputFormat, Part, Sampling, Speaker, Tool, ToolCall, ToolChoice, ToolResult};
pub use circuit::{Admission, CircuitKey, CircuitState, Circuits, Verdict};
pub use embedding::{EmbeddingAnswer, EmbeddingRequest};
pub use error::{CallError, Failure, FailureKind};
pub use money::{NanoDollars, Price};
pub use ports::{Answered, AttemptLedger, Call, Embedded, Gateway, OpenedStream, Purpose, RoleModels, TokenStream};
pub use stream::{Incomplete, StreamEvent};
pub use target::{Dialect, Patience, Target};
