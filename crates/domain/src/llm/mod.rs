//! Calls to language models: what is asked, what comes back, what it costs and who pays.
//!
//! One neutral shape stands between every dialect that providers speak and every feature that asks a model.

mod answer;
mod attempt;
mod budget;
mod cache;
mod chat;
mod circuit;
mod embedding;
mod error;
mod money;
mod ports;
mod price_book;
mod provider;
mod provider_input;
mod rate;
mod role;
mod settings_error;
mod settings_ports;
mod stream;
mod target;
mod usage;

pub use answer::{ChatAnswer, StopReason, Usage};
pub use attempt::{Attribution, Cause, NewAttempt, Outcome, Settlement};
pub use budget::{Budget, BudgetInput, BudgetMode, BudgetScope, BudgetScopeKind, HIGHEST_LIMIT, NewBudget, Period};
pub use cache::{AnswerCache, CacheFigures, Heard, KeptAnswer, KeptFor, LONGEST_KEPT, canonical};
pub use chat::{ChatRequest, Message, OutputFormat, Part, Sampling, Speaker, Tool, ToolCall, ToolChoice, ToolResult};
pub use circuit::{Admission, CircuitKey, CircuitState, Circuits, Verdict};
pub use embedding::{EmbeddingAnswer, EmbeddingRequest};
pub use error::{CallError, Failure, FailureKind};
pub use money::{NanoDollars, Price};
pub use ports::{Answered, AttemptLedger, Call, Embedded, FeatureModels, Gateway, OpenedStream, Purpose, TokenStream, Waits};
pub use price_book::{CURRENCY, GivenPrice, NewPrice, PriceInput, PriceRow};
pub use provider::{CallableProvider, Capability, Origin, Owner, Owning, PricedModel, Provider, ProviderKey, ProviderModel};
pub use provider_input::{ModelInput, NewProvider, ProviderInput};
pub use rate::{Bucket, KeyLimits, MOST_REQUESTS, MOST_TOKENS, Rate, RateLimits};
pub use role::{ModelRef, RoleBinding, RoleModels, RoleName};
pub use settings_error::LlmError;
pub use settings_ports::{AddressRule, BudgetRepo, KeyLimitRepo, LedgerSweep, ProviderRepo, ProviderUpdate, RoleRepo, UsageRepo};
pub use stream::{Incomplete, StreamEvent};
pub use target::{Dialect, Patience, Target};
pub use usage::{GroupBy, LedgerRow, UsageFilter, UsageSum};
