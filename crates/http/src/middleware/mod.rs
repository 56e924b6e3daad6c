//! What every request passes through: its context, its log line and metrics, and the security headers of its answer.

mod headers;
mod observe;

pub(crate) use observe::observe;
