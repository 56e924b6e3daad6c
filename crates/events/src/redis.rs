//! Signals between processes that share a Redis server, by PUBLISH and SUBSCRIBE.
//!
//! Nothing depends on Redis: a signal it loses costs a look at the database. While it is away, signals reach their own process only, and
//! once it is back everybody is told to look again.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use commandcenter_domain::health::{Component, HealthProbe, HealthStatus};
use deadpool_redis::redis::{self, Client};
use deadpool_redis::{Config, Pool, Runtime};
use futures::StreamExt;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use uuid::Uuid;

use crate::envelope;
use crate::local::LocalBus;

/// Signals that may wait for Redis. Beyond it they are dropped: subscribers elsewhere have their safety polls.
const QUEUE: usize = 4096;
/// Most signals sent by one pipeline.
const BATCH: usize = 256;
/// Connections besides the one that listens: one sends, one answers for its health.
const CONNECTIONS: usize = 2;
/// How long Redis may take over anything, a first connection with TLS included, before it counts as away.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a question for its health waits: the answer has to be given in two seconds.
const GLANCE: Duration = Duration::from_millis(1500);
/// First wait while Redis is away; it doubles up to [`LONGEST_WAIT`].
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// Time between two questions whether a silent server is still there: a connection may die without a word.
const PULSE: Duration = Duration::from_secs(15);

/// The address of the server is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("redis.url is not the address of a Redis server")]
pub struct NotARedisUrl;

/// Signals between processes on one Redis server. Subscribers of the same process are told at once and without Redis.
/// Its tasks end when it is dropped.
pub struct RedisBus {
    local: LocalBus,
    outgoing: Sender<Signal>,
    pool: Pool,
    is_listening: Arc<AtomicBool>,
    _tasks: DropGuard,
}

impl std::fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RedisBus")
    }
}

/// Why Redis did not do as asked.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Server(#[from] redis::RedisError),
    #[error(transparent)]
    Pool(#[from] deadpool_redis::PoolError),
    #[error("no answer in time")]
    Silence(#[from] tokio::time::error::Elapsed),
    #[error("the connection was closed")]
    Closed,
}

/// What the listening task works with.
struct Ear {
    client: Client,
    channel: String,
    local: LocalBus,
    node: Uuid,
    is_listening: Arc<AtomicBool>,
}

impl RedisBus {
    /// Starts listening on a channel, which is to be the same for all processes of an installation and no other's. Redis need not be
    /// there yet.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`NotARedisUrl`].
    pub fn start(url: &str, channel: &str) -> Result<Self, NotARedisUrl> {
        let client = Client::open(url).map_err(|_| NotARedisUrl)?;
        let pool = pool(url).ok_or(NotARedisUrl)?;
        let (local, node, stop) = (LocalBus::new(), Uuid::new_v4(), CancellationToken::new());
        let (outgoing, queue) = mpsc::channel(QUEUE);
        let is_listening = Arc::new(AtomicBool::new(false));
        let ear = Ear { client, channel: channel.to_owned(), local: local.clone(), node, is_listening: is_listening.clone() };
        let mouth = Mouth { pool: pool.clone(), channel: channel.to_owned(), node };
        tokio::spawn(stop.clone().run_until_cancelled_owned(ear.listen()));
        tokio::spawn(stop.clone().run_until_cancelled_owned(mouth.publish(queue)));
        Ok(Self { local, outgoing, pool, is_listening, _tasks: stop.drop_guard() })
    }

    async fn ping(&self) -> Result<(), Trouble> {
        let asked = async {
            let mut connection = self.pool.get().await?;
            redis::cmd("PING").exec_async(&mut connection).await.map_err(Trouble::from)
        };
        timeout(GLANCE, asked).await?
    }
}

/// Connections that are made when first needed.
fn pool(url: &str) -> Option<Pool> {
    let builder = Config::from_url(url).builder().ok()?.max_size(CONNECTIONS).runtime(Runtime::Tokio1);
    let builder = builder.wait_timeout(Some(PATIENCE)).create_timeout(Some(PATIENCE)).recycle_timeout(Some(PATIENCE));
    builder.build().ok()
}

#[async_trait]
impl SignalBus for RedisBus {
    async fn send(&self, signal: Signal) {
        self.local.deliver(signal.clone());
        if self.outgoing.try_send(signal).is_err() {
            tracing::debug!("too many signals wait for Redis: one was dropped");
        }
    }

    fn subscribe(&self) -> Box<dyn SignalStream> {
        self.local.subscribe()
    }
}

#[async_trait]
impl HealthProbe for RedisBus {
    fn name(&self) -> &'static str {
        "redis"
    }

    /// Never worse than degraded: without Redis everything works, and other processes are noticed later.
    async fn check(&self) -> Component {
        let asked = Instant::now();
        let listening = self.is_listening.load(Ordering::Relaxed);
        let component = match self.ping().await {
            Ok(()) if listening => Component::new(HealthStatus::Healthy),
            Ok(()) => Component::new(HealthStatus::Degraded).because("signals of other processes are not heard yet"),
            Err(trouble) => {
                tracing::debug!(error = &trouble as &dyn std::error::Error, "Redis does not answer");
                Component::new(HealthStatus::Degraded).because("Redis does not answer; other processes are noticed by their polls alone")
            }
        };
        let took = u64::try_from(asked.elapsed().as_millis()).unwrap_or(u64::MAX);
        component.with("response_time_ms", took).with("listening", listening)
    }
}

/// What the sending task works with.
struct Mouth {
    pool: Pool,
    channel: String,
    node: Uuid,
}

impl Mouth {
    /// Sends what waits, each distinct signal once per batch. In place of a batch that could not be sent, others are told to look at
    /// everything again as soon as they can be told anything.
    async fn publish(self, mut queue: Receiver<Signal>) {
        let mut batch = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut batch, BATCH).await > 0 {
            let mut payloads = envelope::seal(&mut batch, self.node);
            let mut wait = FIRST_WAIT;
            while let Err(trouble) = self.send(&payloads).await {
                tracing::warn!(error = &trouble as &dyn std::error::Error, "signals could not be sent to other processes");
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
                payloads = envelope::seal(&mut vec![Signal::Resync], self.node);
            }
        }
    }

    /// All of them in one round trip.
    async fn send(&self, payloads: &[String]) -> Result<(), Trouble> {
        let mut pipeline = redis::pipe();
        for payload in payloads {
            pipeline.publish(&self.channel, payload).ignore();
        }
        let sent = async {
            let mut connection = self.pool.get().await?;
            pipeline.exec_async(&mut connection).await.map_err(Trouble::from)
        };
        timeout(PATIENCE, sent).await?
    }
}

impl Ear {
    async fn listen(self) {
        let mut wait = FIRST_WAIT;
        loop {
            let Err(trouble) = self.listen_once().await;
            if self.is_listening.swap(false, Ordering::Relaxed) {
                wait = FIRST_WAIT;
            }
            tracing::warn!(error = &trouble as &dyn std::error::Error, "signals of other processes cannot be heard");
            sleep(wait).await;
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Listens on a connection of its own until it breaks. What was said before it was there is lost, so everybody is told to look again.
    async fn listen_once(&self) -> Result<Infallible, Trouble> {
        let connected = async {
            let mut connection = self.client.get_async_pubsub().await?;
            connection.subscribe(&self.channel).await?;
            Ok::<_, Trouble>(connection)
        };
        let (mut sink, mut messages) = timeout(PATIENCE, connected).await??.split();
        self.is_listening.store(true, Ordering::Relaxed);
        self.local.deliver(Signal::Resync);
        let mut pulse = interval(PULSE);
        loop {
            tokio::select! {
                message = messages.next() => {
                    let message = message.ok_or(Trouble::Closed)?;
                    envelope::open(message.get_payload_bytes(), self.node, &self.local);
                }
                _ = pulse.tick() => {
                    // Subscribing again changes nothing and has to be answered.
                    timeout(PATIENCE, sink.subscribe(&self.channel)).await??;
                }
            }
        }
    }
}
