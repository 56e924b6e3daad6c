//! The scheduler on a real database: fires, misfires, overlaps, ends, outcomes, several at once, and death in between.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use commandcenter_domain::job::{Claim, Ending, Job, JobFilter, JobKind, JobStatus, QueueName, Settling, Trouble};
use commandcenter_domain::schedule::{
    CronExpression, Cursor, DisabledReason, Misfire, Overlap, Plan, Rule, RunOutcome, Schedule, ScheduleRun, Task, Timing, Trigger, Window,
    Zone,
};
use commandcenter_domain::shared::{JobId, ProjectId, ScheduleId, Timestamp};
use commandcenter_domain::{Clock, PageRequest, Store};
use commandcenter_jobs::{Scheduler, SchedulerParts};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::bench::Bench;

const EVERYTHING: Cursor = Cursor { before: None, limit: 1_000 };

fn hourly() -> Plan {
    plan(Rule::Hourly { minute: 0 })
}

fn plan(rule: Rule) -> Plan {
    Plan {
        name: "s".into(),
        description: None,
        task: Task { kind: JobKind::RepositorySync, parameters: json!({"do": "nothing"}), tags: json!({}), priority: 5 },
        timing: Timing { rule, zone: Zone::UTC, window: Window::default() },
        jitter_seconds: 0,
        misfire: Misfire::RunOnce,
        catch_up_limit: 3,
        overlap: Overlap::Skip,
        max_failures: Some(3),
    }
}

/// A schedule and its runs, beside a bench.
trait Schedules {
    fn scheduler(&self) -> Scheduler;
    async fn make(&self, plan: Plan) -> ScheduleId;
    async fn schedule(&self, id: ScheduleId) -> Schedule;
    /// Oldest first.
    async fn runs(&self, id: ScheduleId) -> Vec<ScheduleRun>;
    async fn jobs(&self) -> Vec<Job>;
    /// Lets time pass and looks.
    async fn look_after(&self, hours: f64);
    /// Ends the only ready job.
    async fn end(&self, ending: Ending) -> JobId;
    async fn events(&self) -> Vec<String>;
    /// A look of another process, which dies after so long, its connections with it.
    async fn look_and_die(&self, after: Duration);
}

impl Schedules for Bench {
    fn scheduler(&self) -> Scheduler {
        let parts = SchedulerParts { store: self.db.store.clone(), clock: self.clock.clone(), signals: Arc::new(self.bus.clone()) };
        Scheduler::new(parts, Duration::from_mins(1))
    }

    async fn make(&self, plan: Plan) -> ScheduleId {
        let now = self.clock.now();
        let next = plan.timing.next_after(now, now);
        assert!(next.is_some());
        self.db.store.repos().schedules().insert(&Self::scope(), &plan, next, now).await.unwrap().id
    }

    async fn schedule(&self, id: ScheduleId) -> Schedule {
        self.db.store.repos().schedules().find(&Self::scope(), id).await.unwrap().unwrap()
    }

    async fn runs(&self, id: ScheduleId) -> Vec<ScheduleRun> {
        let mut runs = self.db.store.repos().schedules().runs(&Self::scope(), id, EVERYTHING).await.unwrap();
        runs.reverse();
        runs
    }

    async fn jobs(&self) -> Vec<Job> {
        let page = PageRequest::parse(None, Some(100)).unwrap();
        self.db.store.repos().jobs().list(&Self::scope(), &JobFilter::default(), None, page).await.unwrap().items
    }

    async fn look_after(&self, hours: f64) {
        self.clock.advance(TimeDelta::milliseconds((hours * 3_600_000.0) as i64));
        self.scheduler().look().await.unwrap();
    }

    async fn end(&self, ending: Ending) -> JobId {
        let now = self.clock.now();
        let (queue, after) = (QueueName::Sync, ProjectId::new(0));
        let claim = Claim { owner: "w", queue, after, kinds: JobKind::ALL, now, until: now + TimeDelta::days(9), limit: 1 };
        let lease = self.db.store.repos().job_ledger().claim(&claim).await.unwrap().remove(0).lease;
        let job = lease.job;
        self.db.store.repos().job_ledger().settle(&[Settling { lease, ending, last: None }], now).await.unwrap().pop().unwrap();
        job
    }

    async fn look_and_die(&self, after: Duration) {
        let parts = SchedulerParts { store: self.db.another_pool().await, clock: self.clock.clone(), signals: Arc::new(self.bus.clone()) };
        let scheduler = Scheduler::new(parts, Duration::from_mins(1));
        let dying = tokio::spawn(async move { scheduler.look().await.unwrap() });
        tokio::time::sleep(after).await;
        dying.abort();
        drop(dying.await);
    }

    async fn events(&self) -> Vec<String> {
        self.db.store.repos().outbox().unpublished(1_000).await.unwrap().into_iter().map(|event| event.kind).collect()
    }
}

fn outcomes(runs: &[ScheduleRun]) -> Vec<RunOutcome> {
    runs.iter().map(|run| run.outcome).collect()
}

fn fire_hours(runs: &[ScheduleRun]) -> Vec<String> {
    runs.iter().map(|run| run.fire_at.format("%H:%M").to_string()).collect()
}

fn failed() -> Ending {
    Ending::Failed(Trouble::new("it broke", "fail"))
}

fn done() -> Ending {
    Ending::Completed(json!({}))
}

#[tokio::test]
async fn a_due_schedule_makes_its_job_once_and_moves_on() {
    let bench = Bench::open().await;
    let id = bench.make(hourly()).await;
    bench.look_after(0.9).await;
    assert_eq!(bench.jobs().await.len(), 0);
    bench.look_after(0.1).await;
    bench.scheduler().look().await.unwrap();
    let (schedule, runs, jobs) = (bench.schedule(id).await, bench.runs(id).await, bench.jobs().await);
    assert_eq!((fire_hours(&runs), outcomes(&runs)), (vec!["01:00".to_owned()], vec![RunOutcome::Running]));
    assert_eq!((jobs.len(), jobs[0].tags["schedule_id"].as_i64(), jobs[0].run_at), (1, Some(id.get()), Some(bench.clock.now())));
    assert_eq!((runs[0].job, runs[0].trigger), (Some(jobs[0].id), Trigger::Schedule));
    assert_eq!((schedule.counters.runs, schedule.next_run_at), (1, Some(bench.clock.now() + TimeDelta::hours(1))));
    assert_eq!(bench.events().await, ["cc.schedule.fired.v1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_schedulers_at_once_fire_each_time_once() {
    let bench = Bench::open().await;
    let mut ids = Vec::new();
    for _ in 0..30 {
        ids.push(bench.make(Plan { overlap: Overlap::Queue, ..hourly() }).await);
    }
    for _ in 0..3 {
        bench.clock.advance(TimeDelta::hours(1));
        let looks = (0..4).map(|_| {
            let scheduler = bench.scheduler();
            tokio::spawn(async move { scheduler.look().await.unwrap() })
        });
        for look in looks.collect::<Vec<_>>() {
            look.await.unwrap();
        }
        bench.scheduler().look().await.unwrap();
    }
    for id in ids {
        assert_eq!(fire_hours(&bench.runs(id).await), ["01:00", "02:00", "03:00"]);
        assert_eq!(bench.schedule(id).await.counters.runs, 1, "the others wait for the first to end");
    }
    assert_eq!(bench.jobs().await.len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_that_dies_at_any_moment_loses_nothing_and_repeats_nothing() {
    let bench = Bench::open().await;
    let id = bench.make(hourly()).await;
    for round in 0..25_u64 {
        bench.clock.advance(TimeDelta::hours(1));
        bench.look_and_die(Duration::from_micros(round * 150)).await;
        // The server frees what the dead one held once it notices.
        while bench.runs(id).await.len() <= usize::try_from(round).unwrap() {
            bench.scheduler().look().await.unwrap();
        }
        // The outcome, too, is written by whoever comes after the dead.
        bench.end(done()).await;
        bench.look_and_die(Duration::from_micros(round * 150)).await;
        bench.scheduler().look().await.unwrap();
    }
    let (runs, counters) = (bench.runs(id).await, bench.schedule(id).await.counters);
    assert_eq!(outcomes(&runs), [RunOutcome::Completed; 25]);
    assert_eq!((counters.runs, counters.successes, bench.jobs().await.len()), (25, 25, 25));
}

#[tokio::test]
async fn what_a_transaction_did_before_its_scheduler_died_did_not_happen() {
    let bench = Bench::open().await;
    let id = bench.make(hourly()).await;
    bench.clock.advance(TimeDelta::hours(1));
    let now = bench.clock.now();
    let tx = bench.db.store.begin().await.unwrap();
    let due = tx.schedule_ledger().due(now, 10).await.unwrap();
    assert_eq!(due.len(), 1);
    tx.jobs().enqueue(&Bench::scope(), due[0].job(now, Trigger::Schedule, now)).await.unwrap();
    drop(tx);
    bench.scheduler().look().await.unwrap();
    assert_eq!((bench.jobs().await.len(), bench.runs(id).await.len()), (1, 1));
}

#[tokio::test]
async fn outcomes_flow_back_and_failures_in_a_row_disable_with_an_event() {
    let bench = Bench::open().await;
    let id = bench.make(hourly()).await;
    bench.look_after(1.0).await;
    bench.end(done()).await;
    for _ in 0..3 {
        bench.look_after(1.0).await;
        bench.end(failed()).await;
    }
    assert!(bench.schedule(id).await.is_enabled(), "the last outcome is not seen yet");
    bench.look_after(0.01).await;
    let (schedule, runs) = (bench.schedule(id).await, bench.runs(id).await);
    assert_eq!(outcomes(&runs), [RunOutcome::Completed, RunOutcome::Failed, RunOutcome::Failed, RunOutcome::Failed]);
    assert_eq!((runs[3].note.as_deref(), runs[3].finished_at.is_some()), (Some("it broke"), true));
    assert_eq!((schedule.disabled_reason, schedule.next_run_at, schedule.version), (Some(DisabledReason::Failures), None, 2));
    let counters = &schedule.counters;
    assert_eq!((counters.runs, counters.successes, counters.failures, counters.consecutive_failures), (4, 1, 3, 3));
    assert_eq!((counters.success_rate(), counters.last_error.as_deref()), (Some(25.0), Some("it broke")));
    assert_eq!(bench.events().await.iter().filter(|kind| *kind == "cc.schedule.disabled.v1").count(), 1);
    bench.look_after(5.0).await;
    assert_eq!(bench.runs(id).await.len(), 4);
}

#[tokio::test]
async fn an_end_that_nobody_announced_is_found_all_the_same() {
    let bench = Bench::open().await;
    let id = bench.make(hourly()).await;
    bench.look_after(1.0).await;
    let job = bench.runs(id).await[0].job.unwrap();
    assert_eq!(bench.db.store.repos().jobs().delete(&Bench::scope(), job).await.unwrap(), 1);
    bench.look_after(0.5).await;
    let runs = bench.runs(id).await;
    assert_eq!((outcomes(&runs), runs[0].note.as_deref()), (vec![RunOutcome::Cancelled], Some("its job was deleted")));
    bench.look_after(0.5).await;
    bench.db.store.repos().jobs().cancel(&Bench::scope(), bench.jobs().await[0].id, bench.clock.now()).await.unwrap();
    bench.look_after(0.5).await;
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Cancelled; 2]);
    let counters = bench.schedule(id).await.counters;
    assert_eq!((counters.runs, counters.failures, counters.success_rate()), (2, 0, None));
}

#[tokio::test]
async fn missed_fires_become_one_or_none_or_the_last_few() {
    let bench = Bench::open().await;
    let with = |misfire| Plan { misfire, overlap: Overlap::Queue, ..hourly() };
    let once = bench.make(with(Misfire::RunOnce)).await;
    let skip = bench.make(with(Misfire::Skip)).await;
    let catch_up = bench.make(with(Misfire::CatchUp)).await;
    bench.look_after(5.5).await;
    assert_eq!(fire_hours(&bench.runs(once).await), ["05:00"]);
    let skipped = bench.runs(skip).await;
    assert_eq!((fire_hours(&skipped), outcomes(&skipped)), (vec!["05:00".to_owned()], vec![RunOutcome::Skipped]));
    let caught_up = bench.runs(catch_up).await;
    assert_eq!(fire_hours(&caught_up), ["03:00", "04:00", "05:00"]);
    assert_eq!(outcomes(&caught_up), [RunOutcome::Running, RunOutcome::Waiting, RunOutcome::Waiting]);
    for id in [once, skip, catch_up] {
        assert_eq!(bench.schedule(id).await.next_run_at, Some(bench.clock.now() + TimeDelta::minutes(30)));
    }
}

#[tokio::test]
async fn a_fire_over_an_open_run_is_passed_over_or_waits_or_takes_its_place() {
    let bench = Bench::open().await;
    let with = |overlap| Plan { overlap, ..hourly() };
    let skip = bench.make(with(Overlap::Skip)).await;
    bench.look_after(1.0).await;
    bench.look_after(1.0).await;
    assert_eq!(outcomes(&bench.runs(skip).await), [RunOutcome::Running, RunOutcome::Skipped]);
    bench.end(done()).await;
    bench.look_after(1.0).await;
    assert_eq!(outcomes(&bench.runs(skip).await), [RunOutcome::Completed, RunOutcome::Skipped, RunOutcome::Running]);
}

#[tokio::test]
async fn runs_that_wait_start_one_after_the_other() {
    let bench = Bench::open().await;
    let id = bench.make(Plan { overlap: Overlap::Queue, ..hourly() }).await;
    for _ in 0..3 {
        bench.look_after(1.0).await;
    }
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Running, RunOutcome::Waiting, RunOutcome::Waiting]);
    assert_eq!(bench.jobs().await.len(), 1);
    bench.end(done()).await;
    bench.scheduler().look().await.unwrap();
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Completed, RunOutcome::Running, RunOutcome::Waiting]);
    bench.end(failed()).await;
    bench.scheduler().look().await.unwrap();
    bench.end(done()).await;
    bench.scheduler().look().await.unwrap();
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Completed, RunOutcome::Failed, RunOutcome::Completed]);
    assert_eq!(bench.schedule(id).await.counters.runs, 3);
}

#[tokio::test]
async fn a_later_run_takes_the_place_of_an_earlier_one_once_that_has_stopped() {
    let bench = Bench::open().await;
    let id = bench.make(Plan { overlap: Overlap::CancelOld, ..hourly() }).await;
    bench.look_after(1.0).await;
    // The first job has not begun: it is cancelled at once, and the second starts.
    bench.look_after(1.0).await;
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Cancelled, RunOutcome::Running]);
    let now = bench.clock.now();
    let (queue, after) = (QueueName::Sync, ProjectId::new(0));
    let claim = Claim { owner: "w", queue, after, kinds: JobKind::ALL, now, until: now + TimeDelta::days(9), limit: 1 };
    let lease = bench.db.store.repos().job_ledger().claim(&claim).await.unwrap().remove(0).lease;
    // The second runs: the third waits for it to stop.
    bench.look_after(1.0).await;
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Cancelled, RunOutcome::Running, RunOutcome::Waiting]);
    assert!(bench.row(lease.job).await.cancel_requested);
    let ended = [Settling { lease, ending: Ending::Cancelled, last: None }];
    bench.db.store.repos().job_ledger().settle(&ended, bench.clock.now()).await.unwrap().pop().unwrap();
    bench.scheduler().look().await.unwrap();
    assert_eq!(outcomes(&bench.runs(id).await), [RunOutcome::Cancelled, RunOutcome::Cancelled, RunOutcome::Running]);
}

#[tokio::test]
async fn a_schedule_without_a_fire_left_is_disabled_with_an_event() {
    let bench = Bench::open().await;
    let start = bench.clock.now() + TimeDelta::minutes(90);
    let mut once = plan(Rule::Once);
    once.timing.window = Window { start: Some(start), end: None };
    let mut ending = hourly();
    ending.timing.window.end = Some(bench.clock.now() + TimeDelta::minutes(150));
    let (once, ending) = (bench.make(once).await, bench.make(ending).await);
    bench.look_after(1.0).await;
    assert!(bench.schedule(ending).await.is_enabled());
    bench.end(done()).await;
    bench.look_after(1.0).await;
    for id in [once, ending] {
        let schedule = bench.schedule(id).await;
        assert_eq!((schedule.disabled_reason, schedule.next_run_at), (Some(DisabledReason::Finished), None));
    }
    assert_eq!(bench.runs(once).await[0].fire_at, start);
    for _ in 0..3 {
        bench.look_after(1.0).await;
    }
    assert_eq!((bench.runs(once).await.len(), bench.runs(ending).await.len()), (1, 2));
    assert_eq!(bench.events().await.iter().filter(|kind| *kind == "cc.schedule.disabled.v1").count(), 2);
}

#[tokio::test]
async fn clocks_that_change_neither_lose_nor_repeat_a_fire() {
    let bench = Bench::open().await;
    let zone = Zone::parse("America/New_York").unwrap();
    let at = |text| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
    let in_new_york = |rule: Rule| Plan { timing: Timing { zone, ..plan(rule.clone()).timing }, ..plan(rule) };
    // Skipped on 8 March, shown twice on 1 November.
    let gap = bench.make(in_new_york(Rule::Daily { at: at("02:30") })).await;
    let overlap = bench.make(in_new_york(Rule::Cron(CronExpression::parse("30 1 * * *").unwrap()))).await;
    bench.look_after(24.0 * 66.0).await;
    for _ in 0..24 * 2 {
        bench.look_after(1.0).await;
        while bench.jobs().await.iter().any(|job| job.status == JobStatus::Pending) {
            bench.end(done()).await;
        }
    }
    let seen = |runs: Vec<ScheduleRun>| runs.iter().map(|run| run.fire_at.format("%m-%dT%H:%M").to_string()).collect::<Vec<_>>();
    let fired = seen(bench.runs(gap).await);
    assert_eq!(fired.iter().filter(|fire| fire.starts_with("03-08")).collect::<Vec<_>>(), ["03-08T07:00"], "{fired:?}");
    bench.look_after(24.0 * 236.0).await;
    for _ in 0..24 * 3 {
        while bench.jobs().await.iter().any(|job| job.status == JobStatus::Pending) {
            bench.end(done()).await;
        }
        bench.look_after(1.0).await;
    }
    let fired = seen(bench.runs(overlap).await);
    assert_eq!(fired.iter().filter(|fire| fire.starts_with("11-01")).collect::<Vec<_>>(), ["11-01T05:30"], "{fired:?}");
}

#[tokio::test]
async fn jitter_delays_the_job_and_not_the_fire() {
    let bench = Bench::open().await;
    let id = bench.make(Plan { jitter_seconds: 600, ..hourly() }).await;
    bench.look_after(1.0).await;
    let (run, job) = (bench.runs(id).await.remove(0), bench.jobs().await.remove(0));
    let late: TimeDelta = job.run_at.unwrap() - run.fire_at;
    assert_eq!(fire_hours(std::slice::from_ref(&run)), ["01:00"]);
    assert!(late >= TimeDelta::zero() && late <= TimeDelta::seconds(600), "{late}");
    assert_eq!(job.run_at, bench.schedule(id).await.job(run.fire_at, Trigger::Schedule, run.fire_at).run_at);
}

/// The loop beside an engine: nobody looks by hand.
#[tokio::test(flavor = "multi_thread")]
async fn the_loop_fires_and_the_engine_runs_and_the_outcome_returns() {
    let bench = Bench::open().await;
    let id = bench.make(plan(Rule::Interval { seconds: 60 })).await;
    let (stop, worker) = (CancellationToken::new(), bench.worker(Bench::options("w")));
    let task = tokio::spawn(bench.scheduler().run(stop.clone()));
    for expected in 1..=3 {
        bench.pass(TimeDelta::seconds(60)).await;
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while bench.schedule(id).await.counters.successes < expected {
            assert!(tokio::time::Instant::now() < deadline, "{:?}", bench.runs(id).await);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let last: Option<Timestamp> = bench.schedule(id).await.counters.last_success_at;
    assert_eq!(last, Some(bench.clock.now()));
    stop.cancel();
    task.await.unwrap();
    worker.stop().await;
}
