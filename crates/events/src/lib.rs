//! Signals between the parts of the system, and the relay that takes committed events out of the outbox.
//!
//! A signal only says "look again"; the truth is in the database. So a lost one costs time, never correctness.

mod envelope;
mod fanout;
mod feed;
mod local;
mod postgres;
mod redis;
mod redis_memory;
mod relay;
mod wake;

pub use fanout::{EventFanout, EventStream, Followed};
pub use feed::EventFeed;
pub use local::LocalBus;
pub use postgres::PostgresBus;
pub use redis::{NotARedisUrl, RedisBus};
pub use redis_memory::RedisMemory;
pub use relay::Relay;
