//! The one door to language models: three dialects over HTTP, attempts that are reserved before and settled after, streams that tell the
//! truth about how they ended.

mod attempt;
mod backoff;
mod check;
mod circuit;
mod dialect;
mod engine;
mod events;
mod failure;
mod form;
mod guard;
mod live;
mod metric;
mod round;
mod shared_circuit;
mod sse;
mod tally;
mod tokens;
mod transport;

pub use backoff::Chance;
pub use circuit::{CircuitRules, MemoryCircuits};
pub use engine::{GatewayOptions, GatewayParts, LlmGateway};
pub use guard::AllowList;
pub use shared_circuit::{NotARedisUrl, RedisCircuits};
pub use transport::SetupError;
