//! What API keys may use in a minute: however many calls come at once to however many processes, no more than that is let through.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use commandcenter_domain::identity::{NewApiKey, NewUser, ProjectScope, Registration, Role};
use commandcenter_domain::llm::{
    AttemptLedger, Attribution, CallError, Cause, LedgerSweep, NanoDollars, NewAttempt, Outcome, Rate, RateLimits, Settlement, Usage,
};
use commandcenter_domain::project::NewProject;
use commandcenter_domain::shared::{ApiKeyId, JobId, LlmAttemptId, ProjectId, ProviderId, Timestamp, UserId};
use commandcenter_domain::{PageRequest, Repos, Store};
use commandcenter_repositories::SeaStore;
use commandcenter_testkit::TestDb;

struct Bench {
    db: TestDb,
    scope: ProjectScope,
    key: ApiKeyId,
    now: Timestamp,
}

async fn account(repos: &dyn Repos, name: &str, at: Timestamp) -> UserId {
    let Registration { email, full_name, .. } = Registration::parse(&format!("{name}@example.com"), "long enough", None).unwrap();
    repos.users().insert(NewUser { email, password_hash: "hash".into(), full_name, is_admin: false, at }).await.unwrap().id
}

async fn project(repos: &dyn Repos, name: &str, (owner, at): (UserId, Timestamp)) -> ProjectId {
    let project = repos.projects().insert(&NewProject::parse(name, name, None).unwrap(), at).await.unwrap();
    repos.memberships().insert(project, owner, Role::Maintainer, at).await.unwrap();
    project
}

async fn key(repos: &dyn Repos, user: UserId, (bound, name, at): (Option<ProjectId>, &str, Timestamp)) -> ApiKeyId {
    let bound = bound.map(|project| (project, Role::Member));
    let new = NewApiKey { user, bound, name: name.into(), prefix: format!("cck_{name}"), hash: name.into(), at, expires_at: None };
    repos.api_keys().insert(new).await.unwrap().id
}

impl Bench {
    async fn open() -> Self {
        let (db, now) = (TestDb::open().await, "2028-02-29T12:00:00Z".parse().unwrap());
        let repos = db.store.repos();
        let ann = account(repos, "ann", now).await;
        let alpha = project(repos, "alpha", (ann, now)).await;
        let key = key(repos, ann, (Some(alpha), "sdk", now)).await;
        Self { scope: ProjectScope::of_job(alpha, JobId::new(1)), key, db, now }
    }

    async fn limit(&self, requests: Option<i64>, tokens: Option<i64>) {
        let limits = RateLimits::parse(requests, tokens).unwrap();
        assert!(self.db.store.repos().llm_limits().put(&self.scope, self.key, (limits, self.now)).await.unwrap());
    }

    /// An attempt after so many seconds that may take so many tokens.
    fn attempt(&self, seconds: i64, tokens: u64) -> NewAttempt {
        attempt((self.scope.project(), self.key), self.now + TimeDelta::seconds(seconds), tokens)
    }

    async fn reserve(&self, attempt: &NewAttempt) -> Result<LlmAttemptId, CallError> {
        self.db.store.reserve(attempt).await
    }

    /// Ends an attempt after so many seconds that took so many tokens.
    async fn settle(&self, id: LlmAttemptId, seconds: i64, tokens: u64) {
        self.db.store.settle(id, &settled(self.now + TimeDelta::seconds(seconds), tokens)).await.unwrap();
    }
}

fn attempt((project, key): (ProjectId, ApiKeyId), at: Timestamp, tokens: u64) -> NewAttempt {
    let attribution = Attribution { project, user: None, api_key: Some(key), cause: Cause::Api, cause_id: None, role: None };
    NewAttempt {
        attribution,
        provider: ProviderId::new(3),
        alias: "local".into(),
        model: "small".into(),
        bound: Usage { input_tokens: tokens / 2, cached_tokens: 0, output_tokens: tokens - tokens / 2, estimated: true },
        reserved: NanoDollars::ZERO,
        number: 1,
        at,
    }
}

fn settled(at: Timestamp, tokens: u64) -> Settlement {
    Settlement {
        outcome: Outcome::Complete,
        failure: None,
        usage: Usage { input_tokens: tokens / 2, cached_tokens: 0, output_tokens: tokens - tokens / 2, estimated: false },
        cost: NanoDollars::ZERO,
        latency: Duration::from_millis(250),
        first_token: None,
        at,
    }
}

fn refused(result: Result<LlmAttemptId, CallError>) -> (Rate, u64, u64) {
    match result {
        Err(CallError::RateLimited { of, limit, retry_after }) => (of, limit, retry_after),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn requests_beyond_a_minutes_worth_wait_and_repeated_attempts_are_none() {
    let bench = Bench::open().await;
    bench.limit(Some(3), None).await;
    for _ in 0..3 {
        let id = bench.reserve(&bench.attempt(0, 10)).await.unwrap();
        bench.settle(id, 1, 10).await;
        bench.reserve(&NewAttempt { number: 2, ..bench.attempt(1, 10) }).await.unwrap();
    }
    assert_eq!(refused(bench.reserve(&bench.attempt(0, 10)).await), (Rate::Requests, 3, 20));
    assert_eq!(refused(bench.reserve(&bench.attempt(19, 10)).await), (Rate::Requests, 3, 1));
    bench.reserve(&bench.attempt(20, 10)).await.unwrap();
    bench.limit(Some(60), None).await;
    assert_eq!(refused(bench.reserve(&bench.attempt(20, 10)).await).1, 60, "what was used stays used");
    assert!(bench.db.store.repos().llm_limits().delete(&bench.scope, bench.key).await.unwrap());
    bench.reserve(&bench.attempt(20, 10)).await.unwrap();
}

#[tokio::test]
async fn tokens_are_held_while_a_call_is_under_way_and_what_it_took_is_taken() {
    let bench = Bench::open().await;
    bench.limit(None, Some(1000)).await;
    let first = bench.reserve(&bench.attempt(0, 700)).await.unwrap();
    assert_eq!(refused(bench.reserve(&bench.attempt(0, 301)).await), (Rate::Tokens, 1000, 1));
    let second = bench.reserve(&bench.attempt(0, 300)).await.unwrap();
    bench.settle(first, 0, 100).await;
    bench.settle(first, 0, 700).await;
    bench.settle(second, 0, 300).await;
    assert_eq!(refused(bench.reserve(&bench.attempt(0, 601)).await).0, Rate::Tokens, "settled twice is taken once");
    let third = bench.reserve(&bench.attempt(0, 600)).await.unwrap();
    bench.settle(third, 0, 0).await;
    let all = bench.reserve(&bench.attempt(24, 5000)).await.unwrap();
    bench.settle(all, 24, 2000).await;
    assert_eq!(refused(bench.reserve(&bench.attempt(24, 1000)).await), (Rate::Tokens, 1000, 120), "what it took beyond is waited for");
    bench.reserve(&bench.attempt(24 + 120, 1000)).await.unwrap();
}

#[tokio::test]
async fn a_key_is_limited_where_it_is_and_nowhere_else() {
    let bench = Bench::open().await;
    let repos = bench.db.store.repos();
    let eve = account(repos, "eve", bench.now).await;
    let beta = project(repos, "beta", (eve, bench.now)).await;
    let foreign = key(repos, eve, (Some(beta), "theirs", bench.now)).await;
    let personal = key(repos, eve, (None, "laptop", bench.now)).await;
    let limits = (RateLimits::parse(Some(1), Some(50)).unwrap(), bench.now);
    for key in [foreign, personal, ApiKeyId::new(4711)] {
        assert!(!repos.llm_limits().put(&bench.scope, key, limits).await.unwrap(), "it does not work in this project");
    }
    repos.memberships().insert(bench.scope.project(), eve, Role::Member, bench.now).await.unwrap();
    assert!(repos.llm_limits().put(&bench.scope, personal, limits).await.unwrap());
    let listed = repos.llm_limits().list(&bench.scope, PageRequest::default()).await.unwrap();
    assert_eq!((listed.total, listed.items[0].name.as_str(), listed.items[0].limits), (1, "laptop", limits.0));
    let elsewhere = ProjectScope::of_job(beta, JobId::new(1));
    assert_eq!(repos.llm_limits().list(&elsewhere, PageRequest::default()).await.unwrap().total, 0);
    assert!(!repos.llm_limits().delete(&elsewhere, personal).await.unwrap());
    let here = attempt((bench.scope.project(), personal), bench.now, 10);
    bench.reserve(&here).await.unwrap();
    refused(bench.reserve(&here).await);
    for _ in 0..3 {
        bench.reserve(&attempt((beta, personal), bench.now, 1000)).await.unwrap();
        bench.reserve(&bench.attempt(0, 1000)).await.unwrap();
    }
    repos.api_keys().delete_personal(eve, personal).await.unwrap();
    assert_eq!(repos.llm_limits().list(&bench.scope, PageRequest::default()).await.unwrap().total, 0, "limits go with their key");
}

#[tokio::test]
async fn what_a_process_held_that_stopped_is_free_again_and_not_taken() {
    let bench = Bench::open().await;
    bench.limit(None, Some(100)).await;
    bench.reserve(&bench.attempt(0, 100)).await.unwrap();
    refused(bench.reserve(&bench.attempt(600, 100)).await);
    bench.reserve(&bench.attempt(661, 100)).await.unwrap();
    let later = bench.now + TimeDelta::hours(1);
    assert_eq!(bench.db.store.lose_open(later, later).await.unwrap(), 2);
    bench.reserve(&bench.attempt(3600, 100)).await.unwrap();
}

/// Two pools, as two processes have them, and far more calls at once than a minute has.
#[tokio::test]
async fn many_calls_at_once_in_two_processes_are_let_through_as_often_as_the_limits_say() {
    let bench = Bench::open().await;
    let stores: [Arc<SeaStore>; 2] = [bench.db.store.clone(), bench.db.another_pool().await];
    for (requests, tokens, let_through) in [(Some(20), None, 20), (None, Some(1000), 10), (Some(7), Some(10_000), 7)] {
        let limits = bench.db.store.repos().llm_limits();
        limits.delete(&bench.scope, bench.key).await.unwrap();
        bench.limit(requests, tokens).await;
        let call = |at: usize| {
            let (store, new) = (stores[at % 2].clone(), bench.attempt(0, 100));
            tokio::spawn(async move {
                match store.reserve(&new).await {
                    Ok(id) => {
                        store.settle(id, &settled(new.at, 100)).await.unwrap();
                        1
                    }
                    Err(CallError::RateLimited { .. }) => 0,
                    Err(other) => panic!("{other:?}"),
                }
            })
        };
        let tasks: Vec<_> = (0..60).map(call).collect();
        let mut made = 0;
        for task in tasks {
            made += task.await.unwrap();
        }
        assert_eq!(made, let_through, "{requests:?} {tokens:?}");
    }
}
