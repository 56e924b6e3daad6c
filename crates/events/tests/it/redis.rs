//! Signals between processes through a real Redis. Two buses stand for two processes; a gate before the server takes it away.

use std::time::{Duration, Instant};

use commandcenter_domain::event::{Signal, SignalBus, SignalStream};
use commandcenter_domain::health::{HealthProbe, HealthStatus};
use commandcenter_domain::shared::{JobId, ProjectId};
use commandcenter_events::{NotARedisUrl, RedisBus};
use commandcenter_testkit::{Gate, redis_url};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_secs(20);

async fn hears(ear: &mut dyn SignalStream, wanted: &Signal) {
    let heard = timeout(PATIENCE, async { while ear.next().await.as_ref() != Some(wanted) {} });
    assert!(heard.await.is_ok(), "never heard {wanted:?}");
}

fn channel() -> String {
    format!("test:{}", Uuid::new_v4())
}

fn job(id: i64) -> Signal {
    Signal::JobChanged { project: ProjectId::new(7), job: JobId::new(id) }
}

/// A bus and an ear that has heard that the bus listens.
async fn listening(url: &str, channel: &str) -> (RedisBus, Box<dyn SignalStream>) {
    let bus = RedisBus::start(url, channel).unwrap();
    let mut ear = bus.subscribe();
    hears(&mut *ear, &Signal::Resync).await;
    (bus, ear)
}

async fn until_health(bus: &RedisBus, wanted: HealthStatus) {
    let seen = timeout(PATIENCE, async {
        while bus.check().await.status != wanted {
            sleep(Duration::from_millis(20)).await;
        }
    });
    assert!(seen.await.is_ok(), "never {wanted}: {:?}", bus.check().await);
}

#[tokio::test]
async fn what_one_process_sends_every_process_hears_once() {
    let Some(url) = redis_url() else { return };
    let channel = channel();
    let (here, mut near) = listening(&url, &channel).await;
    let (there, mut far) = listening(&url, &channel).await;
    here.send(job(9)).await;
    hears(&mut *far, &job(9)).await;
    there.send(Signal::JobsReady).await;
    assert_eq!(near.next().await, Some(job(9)), "the sender hears its own once, at once");
    assert_eq!(near.next().await, Some(Signal::JobsReady));
    assert_eq!(here.check().await.status, HealthStatus::Healthy);
}

#[tokio::test]
async fn a_burst_of_the_same_is_told_a_few_times_and_nothing_of_it_is_lost() {
    let Some(url) = redis_url() else { return };
    let channel = channel();
    let (here, _near) = listening(&url, &channel).await;
    let (_there, mut far) = listening(&url, &channel).await;
    for id in 0..200 {
        for _ in 0..10 {
            here.send(Signal::EventsReady).await;
        }
        here.send(job(id)).await;
    }
    here.send(Signal::JobsReady).await;
    let (mut jobs, mut others) = (Vec::new(), 0);
    loop {
        match timeout(PATIENCE, far.next()).await.unwrap().unwrap() {
            Signal::JobChanged { job, .. } => jobs.push(job.get()),
            Signal::JobsReady => break,
            _ => others += 1,
        }
    }
    assert_eq!(jobs, (0..200).collect::<Vec<_>>());
    assert!((1..1000).contains(&others), "{others} of 2000 were sent");
}

#[tokio::test]
async fn installations_on_one_server_do_not_hear_each_other() {
    let Some(url) = redis_url() else { return };
    let (ours, theirs) = (channel(), channel());
    let (here, _near) = listening(&url, &ours).await;
    let (_there, mut far) = listening(&url, &ours).await;
    let (stranger, _) = listening(&url, &theirs).await;
    let (_other, mut foreign) = listening(&url, &theirs).await;
    here.send(job(1)).await;
    hears(&mut *far, &job(1)).await;
    stranger.send(job(2)).await;
    assert_eq!(timeout(PATIENCE, foreign.next()).await.unwrap(), Some(job(2)), "and nothing before it");
}

#[tokio::test]
async fn an_outage_ends_with_a_look_at_everything_and_holds_nobody_up() {
    let Some(url) = redis_url() else { return };
    let (mut gate, through) = Gate::before_redis(&url).await;
    let channel = channel();
    let (here, mut near) = listening(&through, &channel).await;
    let (_there, mut far) = listening(&url, &channel).await;

    gate.shut().await;
    until_health(&here, HealthStatus::Degraded).await;
    let asked = Instant::now();
    for id in 0..10_000 {
        here.send(job(id)).await;
        hears(&mut *near, &job(id)).await;
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "the sender waited for Redis: {:?}", asked.elapsed());

    gate.open().await;
    hears(&mut *near, &Signal::Resync).await;
    // What it could not say is made up for by one word to the others.
    hears(&mut *far, &Signal::Resync).await;
    until_health(&here, HealthStatus::Healthy).await;
    here.send(job(-1)).await;
    hears(&mut *far, &job(-1)).await;
}

#[tokio::test]
async fn a_bus_starts_without_redis_and_finds_it_when_it_comes() {
    let Some(url) = redis_url() else { return };
    let (mut gate, through) = Gate::before_redis(&url).await;
    gate.shut().await;
    let channel = channel();
    let here = RedisBus::start(&through, &channel).unwrap();
    let mut near = here.subscribe();
    here.send(Signal::JobsReady).await;
    assert_eq!(near.next().await, Some(Signal::JobsReady));
    let health = here.check().await;
    assert_eq!((health.status, &health.details["listening"]), (HealthStatus::Degraded, &false.into()));

    gate.open().await;
    hears(&mut *near, &Signal::Resync).await;
    let (_there, mut far) = listening(&url, &channel).await;
    here.send(job(1)).await;
    hears(&mut *far, &job(1)).await;
}

#[tokio::test]
async fn what_is_no_address_of_a_redis_is_refused_without_being_said() {
    for url in ["http://:hunter2@cache", "cache", "redis://"] {
        let refused = RedisBus::start(url, "x").map(|_| ()).unwrap_err();
        assert_eq!(refused, NotARedisUrl, "{url}");
        assert!(!refused.to_string().contains("hunter2"));
    }
}
