//! The ledger and its budgets: nothing is spent beyond a hard limit, by however many at once, and nothing is billed twice.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::llm::{
    AttemptLedger, Attribution, Budget, BudgetInput, CallError, Cause, FailureKind, GroupBy, LedgerRow, LedgerSweep, NanoDollars,
    NewAttempt, Outcome, Settlement, Usage, UsageFilter,
};
use commandcenter_domain::shared::{ApiKeyId, BudgetId, JobId, LlmAttemptId, ProjectId, ProviderId, Timestamp, UserId};
use commandcenter_domain::{PageRequest, Patch, Repos, Store};
use commandcenter_repositories::SeaStore;
use commandcenter_testkit::TestDb;
use sea_orm::ConnectionTrait;

struct Bench {
    db: TestDb,
    now: Timestamp,
}

fn scope(project: i64) -> ProjectScope {
    ProjectScope::of_job(ProjectId::new(project), JobId::new(1))
}

fn budget(name: &str, of: &str, period: &str, limit: i64) -> BudgetInput {
    BudgetInput {
        name: Patch::Set(name.into()),
        scope: Some(of.into()),
        period: Some(period.into()),
        limit_nano: Patch::Set(limit),
        ..BudgetInput::default()
    }
}

impl Bench {
    async fn open() -> Self {
        let db = TestDb::open().await;
        for id in [1, 2] {
            let at = "'2026-01-01 00:00:00+00:00'";
            let sql = format!("INSERT INTO projects (id, name, owner, created_at, updated_at) VALUES ({id}, 'p{id}', 'o', {at}, {at})");
            db.connection().execute_unprepared(&sql).await.unwrap();
        }
        Self { db, now: "2028-02-29T12:00:00Z".parse().unwrap() }
    }

    fn repos(&self) -> &dyn Repos {
        self.db.store.repos()
    }

    async fn budget(&self, input: BudgetInput) -> BudgetId {
        self.repos().llm_budgets().insert(&scope(1), &input.over(None).unwrap(), self.now).await.unwrap().id
    }

    async fn seen(&self, id: BudgetId, at: Timestamp) -> Budget {
        self.repos().llm_budgets().find(&scope(1), id, at).await.unwrap().unwrap()
    }

    async fn spent(&self, id: BudgetId) -> (i64, i64) {
        let Budget { spent, reserved, .. } = self.seen(id, self.now).await;
        (spent.get(), reserved.get())
    }

    fn attempt(&self, reserved: i64) -> NewAttempt {
        attempt(self.now, reserved)
    }

    async fn reserve(&self, attempt: &NewAttempt) -> Result<LlmAttemptId, CallError> {
        self.db.store.reserve(attempt).await
    }

    async fn settle(&self, id: LlmAttemptId, cost: i64) {
        self.db.store.settle(id, &settled(self.now, cost)).await.unwrap();
    }

    async fn rows(&self) -> Vec<LedgerRow> {
        self.repos().llm_usage().rows(&scope(1), &UsageFilter::default(), PageRequest::default()).await.unwrap().items
    }

    async fn events(&self) -> Vec<serde_json::Value> {
        let events = self.repos().outbox().unpublished(100).await.unwrap();
        events.into_iter().filter(|event| event.kind == "cc.llm.budget_reached.v1").map(|event| event.data).collect()
    }
}

fn attempt(at: Timestamp, reserved: i64) -> NewAttempt {
    NewAttempt {
        attribution: Attribution {
            project: ProjectId::new(1),
            user: Some(UserId::new(7)),
            api_key: Some(ApiKeyId::new(8)),
            cause: Cause::Ask,
            cause_id: Some("q1".into()),
            role: Some("answer".into()),
        },
        provider: ProviderId::new(3),
        alias: "local".into(),
        model: "small".into(),
        bound: Usage { input_tokens: 100, cached_tokens: 0, output_tokens: 50, estimated: true },
        reserved: NanoDollars::new(reserved),
        number: 1,
        at,
    }
}

fn settled(at: Timestamp, cost: i64) -> Settlement {
    Settlement {
        outcome: Outcome::Complete,
        failure: None,
        usage: Usage { input_tokens: 90, cached_tokens: 10, output_tokens: 20, estimated: false },
        cost: NanoDollars::new(cost),
        latency: Duration::from_millis(250),
        first_token: Some(Duration::from_millis(40)),
        at,
    }
}

fn refused(result: Result<LlmAttemptId, CallError>) -> (String, Option<Timestamp>, Option<u64>) {
    match result {
        Err(CallError::BudgetExhausted { name, resets_at, retry_after }) => (name, resets_at, retry_after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_attempt_is_written_before_it_is_made_and_settled_once() {
    let bench = Bench::open().await;
    let id = bench.reserve(&bench.attempt(500)).await.unwrap();
    let open = bench.rows().await.remove(0);
    assert_eq!((open.id, open.outcome, open.cost.get(), open.reserved.get()), (id, Outcome::Open, 0, 500));
    assert_eq!((open.user, open.api_key, open.role.as_deref()), (Some(UserId::new(7)), Some(ApiKeyId::new(8)), Some("answer")));
    bench.settle(id, 120).await;
    let done = bench.rows().await.remove(0);
    assert_eq!(
        (done.outcome, done.cost.get(), done.input_tokens, done.cached_tokens, done.output_tokens),
        (Outcome::Complete, 120, 90, 10, 20)
    );
    assert_eq!((done.latency_ms, done.first_token_ms, done.ended_at, done.estimated), (Some(250), Some(40), Some(bench.now), false));
    let failed = Settlement { outcome: Outcome::Failed, failure: Some(FailureKind::Cut), ..settled(bench.now, 999) };
    bench.db.store.settle(id, &failed).await.unwrap();
    assert_eq!(bench.rows().await, [done], "settled is settled");
}

#[tokio::test]
async fn a_reservation_counts_as_spent_and_what_was_not_used_comes_back() {
    let bench = Bench::open().await;
    let id = bench.budget(budget("day", "project", "day", 1000)).await;
    let first = bench.reserve(&bench.attempt(600)).await.unwrap();
    assert_eq!(bench.spent(id).await, (0, 600));
    let (name, resets_at, retry_after) = refused(bench.reserve(&bench.attempt(401)).await);
    assert_eq!((name.as_str(), resets_at, retry_after), ("day", "2028-03-01T00:00:00Z".parse().ok(), Some(12 * 3600)));
    bench.settle(first, 100).await;
    assert_eq!(bench.spent(id).await, (100, 0));
    let second = bench.reserve(&bench.attempt(900)).await.unwrap();
    bench.settle(second, 900).await;
    bench.settle(second, 900).await;
    assert_eq!(bench.spent(id).await, (1000, 0));
    refused(bench.reserve(&bench.attempt(1)).await);
    bench.reserve(&bench.attempt(0)).await.unwrap();
    assert_eq!(bench.rows().await.len(), 3, "a refused attempt was never made");

    let tomorrow = bench.now + TimeDelta::days(1);
    bench.reserve(&attempt(tomorrow, 1000)).await.unwrap();
    assert_eq!((bench.seen(id, tomorrow).await.reserved.get(), bench.spent(id).await.0), (1000, 1000), "each day has its counter");
}

#[tokio::test]
async fn every_budget_that_applies_is_asked_and_all_or_none_are_taken_from() {
    let bench = Bench::open().await;
    let wide = bench.budget(budget("wide", "project", "total", 10_000)).await;
    let narrow = bench.budget(BudgetInput { cause: Some("ask".into()), ..budget("narrow", "cause", "month", 100) }).await;
    let user = bench.budget(BudgetInput { user_id: Some(7), ..budget("seven", "user", "total", 5_000) }).await;
    let key = bench.budget(BudgetInput { api_key_id: Some(9), ..budget("nine", "api_key", "total", 1) }).await;
    assert_eq!(refused(bench.reserve(&bench.attempt(200)).await).0, "narrow");
    for id in [wide, narrow, user, key] {
        assert_eq!(bench.spent(id).await, (0, 0), "what was taken before the refusal is given back");
    }
    let id = bench.reserve(&bench.attempt(90)).await.unwrap();
    bench.settle(id, 40).await;
    for (id, spent) in [(wide, 40), (narrow, 40), (user, 40), (key, 0)] {
        assert_eq!(bench.spent(id).await, (spent, 0));
    }
    let mut job = bench.attempt(1_000);
    job.attribution.cause = Cause::Job;
    job.attribution.user = None;
    let id = bench.reserve(&job).await.unwrap();
    assert_eq!((bench.spent(wide).await, bench.spent(narrow).await, bench.spent(user).await), ((40, 1_000), (40, 0), (40, 0)));
    assert!(bench.repos().llm_budgets().delete(&scope(1), wide).await.unwrap());
    bench.settle(id, 500).await;
    job.attribution.project = ProjectId::new(2);
    bench.reserve(&NewAttempt { reserved: NanoDollars::new(i64::MAX), ..job }).await.unwrap();
    assert_eq!(bench.rows().await.len(), 2, "another project's budgets and rows are its own");
    let total = bench.budget(budget("total", "project", "total", 0)).await;
    let (name, resets_at, retry_after) = refused(bench.reserve(&bench.attempt(1)).await);
    assert_eq!((name.as_str(), resets_at, retry_after), ("total", None, None));
    assert_eq!(bench.seen(total, bench.now).await.resets_at, None);
}

/// Two pools, as two processes have them, and far more calls at once than the budget bears.
async fn race(bench: &Bench, calls: usize, bound: i64) -> usize {
    let stores: [Arc<SeaStore>; 2] = [bench.db.store.clone(), bench.db.another_pool().await];
    let now = bench.now;
    let call = |at: usize| {
        let store = stores[at % 2].clone();
        tokio::spawn(async move {
            let id = store.reserve(&attempt(now, bound)).await;
            match id {
                Ok(id) => {
                    store.settle(id, &settled(now, bound - 1)).await.unwrap();
                    true
                }
                Err(CallError::BudgetExhausted { .. }) => false,
                Err(other) => panic!("{other:?}"),
            }
        })
    };
    let tasks: Vec<_> = (0..calls).map(call).collect();
    let mut made = 0;
    for task in tasks {
        made += usize::from(task.await.unwrap());
    }
    made
}

#[tokio::test]
async fn many_calls_at_once_spend_a_budget_to_within_one_call_and_never_beyond() {
    let bench = Bench::open().await;
    let id = bench.budget(budget("shared", "project", "day", 10_000)).await;
    let also = bench.budget(BudgetInput { api_key_id: Some(8), ..budget("key", "api_key", "total", 100_000) }).await;
    // Whoever comes while all is reserved is refused, so some rounds are needed until nothing is left that a call could take.
    let mut made = 0;
    for _ in 0..20 {
        made += race(&bench, 60, 100).await;
        let (spent, reserved) = bench.spent(id).await;
        assert!(spent <= 10_000 && reserved == 0, "{spent} {reserved}");
        if spent + 100 > 10_000 {
            break;
        }
    }
    let (spent, reserved) = bench.spent(id).await;
    assert_eq!((spent, reserved), (99 * i64::try_from(made).unwrap(), 0));
    assert!(spent <= 10_000 && spent + 100 > 10_000, "{spent}");
    assert_eq!(bench.spent(also).await, (spent, 0));
    let sums = bench.repos().llm_usage().sums(&scope(1), &UsageFilter::default(), GroupBy::Model, PageRequest::default()).await.unwrap();
    assert_eq!((sums.items[0].cost.get(), sums.items[0].attempts), (spent, made as u64), "the ledger says the same");
}

#[tokio::test]
async fn a_soft_budget_refuses_nothing_and_tells_once_in_a_period() {
    let bench = Bench::open().await;
    let id = bench.budget(BudgetInput { mode: Patch::Set("soft".into()), ..budget("soft", "project", "day", 100) }).await;
    for (cost, told) in [(60, 0), (39, 0), (1, 1), (500, 1)] {
        let attempt = bench.reserve(&bench.attempt(1_000_000)).await.unwrap();
        bench.settle(attempt, cost).await;
        assert_eq!(bench.events().await.len(), told, "{cost}");
    }
    let told = bench.events().await.remove(0);
    assert_eq!((&told["budget_id"], &told["spent_nano"], &told["limit_nano"]), (&id.get().into(), &100.into(), &100.into()));
    let tomorrow = bench.now + TimeDelta::days(1);
    let attempt = bench.reserve(&attempt(tomorrow, 100)).await.unwrap();
    bench.db.store.settle(attempt, &settled(tomorrow, 100)).await.unwrap();
    assert_eq!(bench.events().await.len(), 2, "a new day, a new warning");
}

#[tokio::test]
async fn what_nobody_ended_is_lost_and_billed_as_reserved() {
    let bench = Bench::open().await;
    let id = bench.budget(budget("day", "project", "day", 1000)).await;
    let old = bench.reserve(&bench.attempt(300)).await.unwrap();
    let later = bench.now + TimeDelta::minutes(20);
    let young = bench.reserve(&attempt(later, 200)).await.unwrap();
    assert_eq!(bench.db.store.lose_open(bench.now + TimeDelta::minutes(1), later).await.unwrap(), 1);
    assert_eq!(bench.db.store.lose_open(bench.now + TimeDelta::minutes(1), later).await.unwrap(), 0);
    assert_eq!(bench.spent(id).await, (300, 200));
    let rows = bench.rows().await;
    let lost = rows.iter().find(|row| row.id == old).unwrap();
    assert_eq!((lost.outcome, lost.cost.get(), lost.input_tokens, lost.output_tokens), (Outcome::Lost, 300, 100, 50));
    assert_eq!((lost.estimated, lost.latency_ms, lost.ended_at), (true, None, Some(later)));
    assert_eq!(rows.iter().find(|row| row.id == young).unwrap().outcome, Outcome::Open);
    bench.settle(old, 5).await;
    assert_eq!(bench.spent(id).await, (300, 200), "who comes back too late changes nothing");
}

#[tokio::test]
async fn sums_are_those_of_exactly_the_rows_that_are_listed() {
    let bench = Bench::open().await;
    for (model, cause, role, days, cost) in [
        ("a", Cause::Ask, Some("answer"), 0, 10),
        ("a", Cause::Job, None, 0, 20),
        ("b", Cause::Ask, None, 1, 5),
        ("b", Cause::Ask, None, 1, 50),
    ] {
        let mut new = attempt(bench.now + TimeDelta::days(days), 100);
        (new.model, new.attribution.cause, new.attribution.role) = (model.into(), cause, role.map(str::to_owned));
        let id = bench.reserve(&new).await.unwrap();
        bench.settle(id, cost).await;
    }
    let usage = bench.repos().llm_usage();
    let sums = async |by: GroupBy, filter: UsageFilter| {
        let page = usage.sums(&scope(1), &filter, by, PageRequest::default()).await.unwrap();
        assert_eq!(page.total, page.items.len() as u64);
        page.items.into_iter().map(|sum| (sum.key.unwrap_or_default(), sum.attempts, sum.cost.get())).collect::<Vec<_>>()
    };
    let of = |key: &str, attempts: u64, cost: i64| (key.to_owned(), attempts, cost);
    assert_eq!(sums(GroupBy::Model, UsageFilter::default()).await, [of("b", 2, 55), of("a", 2, 30)]);
    assert_eq!(sums(GroupBy::Day, UsageFilter::default()).await, [of("2028-02-29", 2, 30), of("2028-03-01", 2, 55)]);
    assert_eq!(sums(GroupBy::Role, UsageFilter::default()).await, [of("", 3, 75), of("answer", 1, 10)]);
    assert_eq!(sums(GroupBy::ApiKey, UsageFilter::default()).await, [of("8", 4, 85)]);
    let today = UsageFilter { until: Some(bench.now + TimeDelta::hours(1)), ..UsageFilter::default() };
    assert_eq!(sums(GroupBy::Cause, today.clone()).await, [of("job", 1, 20), of("ask", 1, 10)]);
    let asked = UsageFilter { cause: Some(Cause::Ask), model: Some("b".into()), user: Some(UserId::new(7)), ..UsageFilter::default() };
    assert_eq!(usage.rows(&scope(1), &asked, PageRequest::default()).await.unwrap().total, 2);
    assert_eq!(usage.rows(&scope(2), &UsageFilter::default(), PageRequest::default()).await.unwrap().total, 0);
    assert!(usage.sums(&scope(2), &UsageFilter::default(), GroupBy::Day, PageRequest::default()).await.unwrap().items.is_empty());

    let first = usage.rows_before(&scope(1), &UsageFilter::default(), (None, 3)).await.unwrap();
    let rest = usage.rows_before(&scope(1), &UsageFilter::default(), (Some(first[2].id), 3)).await.unwrap();
    assert_eq!((first.len(), rest.len()), (3, 1));
    assert!(first.iter().chain(&rest).is_sorted_by(|a, b| a.id > b.id));
}

#[tokio::test]
async fn the_oldest_budgets_are_seen_across_projects_with_what_counts_against_them() {
    let bench = Bench::open().await;
    let day = bench.budget(budget("day", "project", "day", 1000)).await;
    let (theirs, beta) = (budget("theirs", "project", "total", 5).over(None).unwrap(), scope(2));
    let other = bench.repos().llm_budgets().insert(&beta, &theirs, bench.now).await.unwrap().id;
    let first = bench.reserve(&bench.attempt(300)).await.unwrap();
    bench.settle(first, 120).await;
    bench.reserve(&bench.attempt(200)).await.unwrap();
    let seen = async |most| {
        let budgets = bench.db.store.budgets(bench.now, most).await.unwrap();
        let figures = |(project, budget): (ProjectId, Budget)| {
            (project.get(), budget.id, budget.spent.get(), budget.reserved.get(), budget.limit.get())
        };
        budgets.into_iter().map(figures).collect::<Vec<_>>()
    };
    assert_eq!(seen(10).await, [(1, day, 120, 200, 1000), (2, other, 0, 0, 5)]);
    assert_eq!(seen(1).await.len(), 1);
}
