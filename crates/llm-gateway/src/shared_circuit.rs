//! Circuits that all processes of an installation share, in Redis. While Redis is away each process goes on with its own, which saw all
//! that happened in it: a model may then be tried once more by each, and no call fails for want of Redis.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use commandcenter_domain::llm::{Admission, CircuitKey, CircuitState, Circuits, Verdict};
use deadpool_redis::redis::{self, FromRedisValue};
use deadpool_redis::{Config, Pool, Runtime};
use tokio::time::timeout;

use crate::circuit::{CircuitRules, MemoryCircuits};

/// How long Redis may take over one question before the process goes on without it.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long Redis is left alone after it did not answer: no call after the first waits for it.
const LEFT_ALONE: Duration = Duration::from_secs(2);
/// Questions to Redis that go on at once.
const CONNECTIONS: usize = 8;
/// How much longer than its longest rest a circuit is remembered that nobody asks for.
const MEMORY: Duration = Duration::from_secs(3600);

/// The time is Redis' own: the clocks of processes differ. `0` closed, `1` half open, `2` open.
const ADMIT: &str = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)
local c = redis.call('HMGET', KEYS[1], 'state', 'until', 'rest')
if not c[1] then return {0, 0} end
if c[1] == 'closed' then return {0, 1} end
if now < tonumber(c[2]) then return {2, tonumber(c[2]) - now} end
redis.call('HSET', KEYS[1], 'state', 'half_open', 'until', now + tonumber(c[3]))
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return {1, 0}";

/// What a circuit becomes, as in [`MemoryCircuits`].
const REPORT: &str = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)
local verdict, limit, rest, longest = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local c = redis.call('HMGET', KEYS[1], 'state', 'rest', 'failures')
local state = c[1] or 'closed'
local function write(...) redis.call('HSET', KEYS[1], ...) redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
local function open(rest) rest = math.min(rest, longest) write('state', 'open', 'until', now + rest, 'rest', rest, 'failures', 0) return 2 end
if state == 'open' then return 2 end
if verdict == 'good' then redis.call('DEL', KEYS[1]) return 0 end
if state == 'half_open' then
  if verdict == 'bad' then return open(tonumber(c[2]) * 2) end
  write('state', 'open', 'until', now) return 2
end
if verdict == 'unknown' then return 0 end
local failures = tonumber(c[3] or '0') + 1
if failures >= limit then return open(rest) end
write('state', 'closed', 'failures', failures) return 0";

/// The address of the server is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("redis.url is not the address of a Redis server")]
pub struct NotARedisUrl;

/// Why Redis did not do as asked.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Server(#[from] redis::RedisError),
    #[error(transparent)]
    Pool(#[from] deadpool_redis::PoolError),
    #[error("no answer in time")]
    Silence(#[from] tokio::time::error::Elapsed),
    #[error("it did not answer a moment ago")]
    LeftAlone,
}

/// Circuits in Redis, with those of this process behind them.
pub struct RedisCircuits {
    rules: CircuitRules,
    own: MemoryCircuits,
    pool: Pool,
    /// What stands before a circuit's name.
    prefix: String,
    /// Circuits that were not in best health when they were last asked for: a success of the others changes nothing and is not told.
    ailing: Mutex<HashSet<CircuitKey>>,
    away_until: Mutex<Option<Instant>>,
}

impl std::fmt::Debug for RedisCircuits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisCircuits")
    }
}

impl RedisCircuits {
    /// Circuits under a prefix, which is to be the same for all processes of an installation and no other's. Redis need not be there yet.
    ///
    /// # Errors
    /// [`NotARedisUrl`].
    pub fn new(url: &str, prefix: impl Into<String>, rules: CircuitRules) -> Result<Self, NotARedisUrl> {
        let builder = Config::from_url(url).builder().map_err(|_| NotARedisUrl)?.max_size(CONNECTIONS).runtime(Runtime::Tokio1);
        let builder = builder.wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE)).recycle_timeout(Some(PATIENCE));
        let pool = builder.build().map_err(|_| NotARedisUrl)?;
        let (own, prefix) = (MemoryCircuits::new(rules), prefix.into());
        Ok(Self { rules, own, pool, prefix, ailing: Mutex::default(), away_until: Mutex::default() })
    }

    /// Runs a script on a circuit; on trouble Redis is left alone for a while.
    async fn run<T: FromRedisValue>(&self, script: &str, key: &CircuitKey, arguments: &[String]) -> Result<T, Trouble> {
        if lock(&self.away_until).is_some_and(|until| Instant::now() < until) {
            return Err(Trouble::LeftAlone);
        }
        let asked = async {
            let mut connection = self.pool.get().await?;
            let mut command = redis::cmd("EVAL");
            command.arg(script).arg(1).arg(format!("{}:{}:{}", self.prefix, key.provider, key.model)).arg(self.memory()).arg(arguments);
            Ok::<T, Trouble>(command.query_async(&mut connection).await?)
        };
        let answered = timeout(PATIENCE, asked).await.unwrap_or_else(|silence| Err(silence.into()));
        if let Err(trouble) = &answered {
            *lock(&self.away_until) = Some(Instant::now() + LEFT_ALONE);
            tracing::warn!(error = trouble as &dyn std::error::Error, "circuits are not shared: Redis does not answer");
        }
        answered
    }

    fn memory(&self) -> String {
        (self.rules.longest_rest + MEMORY).as_millis().to_string()
    }

    fn note(&self, key: &CircuitKey, is_ailing: bool) {
        let mut ailing = lock(&self.ailing);
        if is_ailing {
            ailing.insert(key.clone());
        } else {
            ailing.remove(key);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl Circuits for RedisCircuits {
    async fn admit(&self, key: &CircuitKey) -> Admission {
        let Ok((state, figure)) = self.run::<(i64, i64)>(ADMIT, key, &[]).await else {
            return self.own.admit(key).await;
        };
        self.note(key, state != 0 || figure != 0);
        match state {
            0 => Admission::Pass,
            1 => Admission::Probe,
            _ => Admission::Refused { retry_after: Duration::from_millis(figure.unsigned_abs()) },
        }
    }

    async fn report(&self, key: &CircuitKey, verdict: Verdict) -> CircuitState {
        let own = self.own.report(key, verdict).await;
        let is_ailing = lock(&self.ailing).contains(key);
        let text = match verdict {
            Verdict::Good | Verdict::Unknown if !is_ailing => return own,
            Verdict::Good => "good",
            Verdict::Bad => "bad",
            Verdict::Unknown => "unknown",
        };
        let CircuitRules { failures, rest, longest_rest } = self.rules;
        let arguments = [text.to_owned(), failures.to_string(), rest.as_millis().to_string(), longest_rest.as_millis().to_string()];
        match self.run::<i64>(REPORT, key, &arguments).await {
            Ok(0) => CircuitState::Closed,
            Ok(1) => CircuitState::HalfOpen,
            Ok(_) => CircuitState::Open,
            Err(_) => own,
        }
    }
}
