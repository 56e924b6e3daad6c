//! Schedules and their runs, on the database that `TEST_DB` names.

use chrono::{NaiveTime, TimeDelta};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::job::{JobKind, NewJob};
use commandcenter_domain::schedule::{
    Closing, CronExpression, Cursor, DisabledReason, EndedRun, Frequency, Misfire, NewRun, Overlap, Plan, Rule, RunOutcome, Schedule,
    ScheduleFilter, ScheduleLedger, ScheduleRepo, ScheduleSort, Task, Timing, Trigger, Weekday, Window, Zone,
};
use commandcenter_domain::shared::{Direction, JobId, ProjectId, Sort, Timestamp};
use commandcenter_domain::{Clock, PageRequest, Store, StoreError};
use commandcenter_testkit::{TestClock, TestDb};
use sea_orm::ConnectionTrait;
use serde_json::json;

struct Bench {
    db: TestDb,
    now: Timestamp,
}

impl Bench {
    async fn open() -> Self {
        let db = TestDb::open().await;
        for id in [1, 2] {
            let sql = format!(
                "INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', '2026-01-01 00:00:00+00:00', '2026-01-01 00:00:00+00:00')"
            );
            db.connection().execute_unprepared(&sql).await.unwrap();
        }
        Self { db, now: TestClock::new().now() }
    }

    fn repo(&self) -> &dyn ScheduleRepo {
        self.db.store.repos().schedules()
    }

    fn ledger(&self) -> &dyn ScheduleLedger {
        self.db.store.repos().schedule_ledger()
    }

    async fn make(&self, project: i64, rule: Rule) -> Schedule {
        let plan = plan(rule);
        let next = plan.timing.next_after(self.now, self.now);
        self.repo().insert(&scope(project), &plan, next, self.now).await.unwrap()
    }

    fn run(&self, hours: i64, outcome: RunOutcome) -> NewRun {
        let fire_at = self.now + TimeDelta::hours(hours);
        NewRun { fire_at, trigger: Trigger::Schedule, outcome, job: None, note: None, at: self.now }
    }
}

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn plan(rule: Rule) -> Plan {
    let start = TestClock::new().now() + TimeDelta::minutes(1);
    Plan {
        name: format!("{}", rule.frequency()),
        description: Some("d".into()),
        task: Task { kind: JobKind::RepositorySync, parameters: json!({"repository_id": 1}), tags: json!({"a": 1}), priority: 7 },
        timing: Timing { rule, zone: Zone::parse("Europe/Prague").unwrap(), window: Window { start: Some(start), end: None } },
        jitter_seconds: 5,
        misfire: Misfire::CatchUp,
        catch_up_limit: 7,
        overlap: Overlap::CancelOld,
        max_failures: None,
    }
}

fn every_rule() -> Vec<Rule> {
    let at = NaiveTime::from_hms_opt(7, 30, 15).unwrap();
    vec![
        Rule::Once,
        Rule::Hourly { minute: 5 },
        Rule::Daily { at },
        Rule::Weekly { day: Weekday::Friday, at },
        Rule::Monthly { day: 31, at },
        Rule::Interval { seconds: 90 },
        Rule::Cron(CronExpression::parse("0 9 * * MON-FRI").unwrap()),
    ]
}

fn page(limit: i64) -> PageRequest {
    PageRequest::parse(None, Some(limit)).unwrap()
}

#[tokio::test]
async fn every_rule_comes_back_as_it_went_in_its_project_only() {
    let bench = Bench::open().await;
    for rule in every_rule() {
        let made = bench.make(1, rule.clone()).await;
        assert_eq!((&made.plan, made.is_enabled()), (&plan(rule), true));
        assert_eq!(bench.repo().find(&scope(1), made.id).await.unwrap(), Some(made.clone()));
        assert_eq!(bench.repo().find(&scope(2), made.id).await.unwrap(), None);
        bench.repo().update(&scope(2), &made.clone().disabled(DisabledReason::Manual, bench.now)).await.unwrap();
        assert!(!bench.repo().delete(&scope(2), made.id).await.unwrap());
        assert_eq!(bench.repo().find(&scope(1), made.id).await.unwrap(), Some(made));
    }
    assert_eq!(bench.repo().all(&scope(1)).await.unwrap().len(), 7);
    assert_eq!((bench.repo().all(&scope(2)).await.unwrap().len(), bench.repo().tally(&scope(2)).await.unwrap().len()), (0, 0));
}

#[tokio::test]
async fn lists_filter_and_sort_and_page() {
    let bench = Bench::open().await;
    for rule in every_rule() {
        bench.make(1, rule).await;
    }
    let off = bench.make(1, Rule::Hourly { minute: 1 }).await.disabled(DisabledReason::Manual, bench.now);
    bench.repo().update(&scope(1), &off).await.unwrap();
    let listed = async |filter: ScheduleFilter, sort| bench.repo().list(&scope(1), &filter, sort, page(100)).await.unwrap();
    assert_eq!(listed(ScheduleFilter::default(), None).await.items[0].id, off.id);
    let hourly = ScheduleFilter { frequency: Some(Frequency::Hourly), ..Default::default() };
    assert_eq!(listed(hourly.clone(), None).await.total, 2);
    assert_eq!(listed(ScheduleFilter { enabled: Some(true), ..hourly.clone() }, None).await.total, 1);
    assert_eq!(listed(ScheduleFilter { enabled: Some(false), ..Default::default() }, None).await.items, [off]);
    assert_eq!(listed(ScheduleFilter { task: Some(JobKind::KnowledgeIngest), ..Default::default() }, None).await.total, 0);
    assert_eq!(listed(ScheduleFilter { task: Some(JobKind::RepositorySync), ..Default::default() }, None).await.total, 8);
    for key in ScheduleSort::ALL {
        let ascending = listed(hourly.clone(), Some(Sort { key: *key, direction: Direction::Ascending })).await.items;
        let mut descending = listed(hourly.clone(), Some(Sort { key: *key, direction: Direction::Descending })).await.items;
        if *key != ScheduleSort::NextRunAt {
            descending.reverse();
            assert_eq!(ascending, descending, "{key}");
        }
    }
    let first = bench.repo().list(&scope(1), &ScheduleFilter::default(), None, page(3)).await.unwrap();
    assert_eq!((first.items.len(), first.total, first.has_next()), (3, 8, true));
    let tally = bench.repo().tally(&scope(1)).await.unwrap();
    assert_eq!(tally.iter().map(|row| row.schedules).sum::<u64>(), 8);
    assert_eq!(
        tally.iter().filter(|row| !row.enabled).map(|row| (row.frequency, row.schedules)).collect::<Vec<_>>(),
        [(Frequency::Hourly, 1)]
    );
}

#[tokio::test]
async fn what_is_due_is_found_over_all_projects_and_listed_within_one() {
    let bench = Bench::open().await;
    let (mine, other) = (bench.make(1, Rule::Interval { seconds: 90 }).await, bench.make(2, Rule::Interval { seconds: 30 }).await);
    assert_eq!(bench.ledger().next_due().await.unwrap(), other.next_run_at.min(mine.next_run_at));
    assert_eq!(bench.ledger().due(bench.now, 10).await.unwrap(), []);
    let later = bench.now + TimeDelta::minutes(5);
    assert_eq!(bench.ledger().due(later, 10).await.unwrap().len(), 2);
    assert_eq!(bench.repo().list_due(&scope(1), later, page(10)).await.unwrap().items, [mine]);
}

#[tokio::test]
async fn a_fire_time_has_one_row_and_an_end_is_written_once() {
    let bench = Bench::open().await;
    let schedule = bench.make(1, Rule::Hourly { minute: 0 }).await;
    let run = bench.ledger().record(&schedule, &bench.run(1, RunOutcome::Waiting)).await.unwrap().unwrap();
    assert_eq!(bench.ledger().record(&schedule, &bench.run(1, RunOutcome::Skipped)).await.unwrap(), None);
    let job = bench.db.store.repos().jobs().enqueue(&scope(1), NewJob::ready(JobKind::RepositorySync, json!({}), bench.now)).await.unwrap();
    bench.ledger().begin(run.id, job.id, bench.now).await.unwrap();
    assert_eq!(bench.ledger().open_runs(schedule.id).await.unwrap()[0].job, Some(job.id));
    assert_eq!(bench.ledger().ended(10).await.unwrap(), []);
    bench.db.store.repos().jobs().cancel(&scope(1), job.id, bench.now).await.unwrap();
    let ended = bench.ledger().ended(10).await.unwrap();
    assert_eq!(ended.iter().map(EndedRun::outcome).collect::<Vec<_>>(), [RunOutcome::Cancelled]);
    let closing = Closing { outcome: RunOutcome::Cancelled, note: Some("why"), at: bench.now };
    assert!(bench.ledger().close(run.id, closing).await.unwrap());
    assert!(!bench.ledger().close(run.id, closing).await.unwrap());
    assert_eq!((bench.ledger().ended(10).await.unwrap(), bench.ledger().open_runs(schedule.id).await.unwrap()), (vec![], vec![]));
}

#[tokio::test]
async fn history_is_read_backwards_by_cursor_and_goes_with_its_schedule() {
    let bench = Bench::open().await;
    let schedule = bench.make(1, Rule::Hourly { minute: 0 }).await;
    for hour in 0..5 {
        bench.ledger().record(&schedule, &bench.run(hour, RunOutcome::Skipped)).await.unwrap().unwrap();
    }
    let read = async |project, before, limit| bench.repo().runs(&scope(project), schedule.id, Cursor { before, limit }).await.unwrap();
    let (first, all) = (read(1, None, 2).await, read(1, None, 10).await);
    assert_eq!((first.as_slice(), all.len()), (&all[..2], 5));
    assert_eq!(read(1, Some(first[1].id), 10).await, all[2..]);
    assert_eq!(read(2, None, 10).await, []);
    assert!(bench.repo().delete(&scope(1), schedule.id).await.unwrap());
    assert_eq!(read(1, None, 10).await, []);
}

#[tokio::test]
async fn enabled_means_having_a_next_fire() {
    let bench = Bench::open().await;
    let schedule = bench.make(1, Rule::Hourly { minute: 0 }).await;
    let neither = Schedule { next_run_at: None, ..schedule };
    assert!(matches!(bench.repo().update(&scope(1), &neither).await, Err(StoreError::Broken(_))));
}
