//! What processes that share a Redis server remember together.
//!
//! Nothing depends on Redis: while it is away or slow, each process remembers for itself, and Redis is left alone for a while.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use commandcenter_domain::knowledge::SharedMemory;
use deadpool_redis::redis;
use deadpool_redis::{Config, Pool, Runtime};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::timeout;

use crate::redis::NotARedisUrl;

/// Connections: questions come many at once, and each asks once or twice.
const CONNECTIONS: usize = 8;
/// Longest wait for an answer: making the value anew takes little more.
const PATIENCE: Duration = Duration::from_millis(100);
/// Longest wait until a value is kept.
const WRITING: Duration = Duration::from_secs(2);
/// How long Redis is left alone after it did not answer.
const PAUSE: Duration = Duration::from_secs(5);
/// Values that may wait to be kept; more are dropped.
const QUEUE: usize = 256;
/// Most bytes of a value.
const LARGEST: usize = 1 << 20;

/// Remembers on a Redis server, under a prefix that is the same for all processes of an installation and no other's.
pub struct RedisMemory {
    pool: Pool,
    prefix: String,
    waiting: Sender<Kept>,
    away_until: Mutex<Option<Instant>>,
}

struct Kept {
    key: String,
    value: Vec<u8>,
    lasting: Duration,
}

impl std::fmt::Debug for RedisMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisMemory")
    }
}

impl RedisMemory {
    /// Redis need not be there yet. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`NotARedisUrl`].
    pub fn start(url: &str, prefix: &str) -> Result<Self, NotARedisUrl> {
        let builder = Config::from_url(url).builder().map_err(|_| NotARedisUrl)?.max_size(CONNECTIONS).runtime(Runtime::Tokio1);
        let pool = builder.wait_timeout(Some(WRITING)).create_timeout(Some(WRITING)).recycle_timeout(Some(WRITING)).build();
        let pool = pool.map_err(|_| NotARedisUrl)?;
        let (waiting, queue) = mpsc::channel(QUEUE);
        // Ends when the last sender is gone.
        tokio::spawn(write(pool.clone(), queue));
        Ok(Self { pool, prefix: prefix.to_owned(), waiting, away_until: Mutex::new(None) })
    }

    fn is_away(&self) -> bool {
        let until = self.away_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn leave_alone(&self) {
        *self.away_until.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(Instant::now() + PAUSE);
    }
}

#[async_trait]
impl SharedMemory for RedisMemory {
    async fn recall(&self, key: &str) -> Option<Vec<u8>> {
        if self.is_away() {
            return None;
        }
        let key = format!("{}:{key}", self.prefix);
        let asked = async {
            let mut connection = self.pool.get().await.ok()?;
            redis::cmd("GET").arg(key).query_async::<Option<Vec<u8>>>(&mut connection).await.ok()
        };
        if let Ok(Some(found)) = timeout(PATIENCE, asked).await {
            return found;
        }
        tracing::debug!("Redis does not answer: this process remembers for itself");
        self.leave_alone();
        None
    }

    fn keep(&self, key: String, value: Vec<u8>, lasting: Duration) {
        if value.len() > LARGEST || self.is_away() {
            return;
        }
        let kept = Kept { key: format!("{}:{key}", self.prefix), value, lasting };
        if self.waiting.try_send(kept).is_err() {
            tracing::debug!("too many values wait for Redis: one was dropped");
        }
    }
}

async fn write(pool: Pool, mut queue: Receiver<Kept>) {
    while let Some(Kept { key, value, lasting }) = queue.recv().await {
        let kept = async {
            let mut connection = pool.get().await.ok()?;
            let lasting = lasting.as_secs().max(1);
            redis::cmd("SET").arg(key).arg(value).arg("EX").arg(lasting).exec_async(&mut connection).await.ok()
        };
        if !matches!(timeout(WRITING, kept).await, Ok(Some(()))) {
            tracing::debug!("a value could not be kept in Redis");
        }
    }
}
