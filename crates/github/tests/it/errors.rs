//! Every way to fail, and what is made of it.

use std::time::Duration;

use commandcenter_domain::health::{HealthProbe, HealthStatus};
use commandcenter_domain::repository::{AccessToken, HostError, RepositoryHost};
use commandcenter_github::GithubOptions;
use commandcenter_testkit::recorded::{Fault, RecordedGitHub, Script};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{host, target, with, with_token};

async fn failing(fault: Fault) -> (HostError, usize) {
    let server = RecordedGitHub::start().await;
    server.fail(fault);
    let client = with(&server.url(), |options| GithubOptions { timeout: Duration::from_millis(200), ..options });
    let err = client.repository(&target("octocat", "Hello-World"), None).await.unwrap_err();
    (err, server.requests().len())
}

#[tokio::test]
async fn refusals_are_told_apart_and_not_repeated() {
    assert_eq!(failing(Fault::Unauthorized).await, (HostError::Unauthorized, 1));
    let (forbidden, asked) = failing(Fault::Forbidden).await;
    assert!(matches!(&forbidden, HostError::Forbidden { reason } if reason.contains("not accessible")), "{forbidden}");
    assert_eq!(asked, 1);
    let (missing, asked) = failing(Fault::NotFound).await;
    assert!(missing.to_string().contains("octocat/Hello-World"), "{missing}");
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn trouble_is_tried_three_times_and_then_told() {
    assert_eq!(failing(Fault::Broken).await, (HostError::ServerError { status: 500 }, 3));
    assert_eq!(failing(Fault::Slow(1000)).await, (HostError::Timeout, 3));
    assert!(matches!(failing(Fault::Garbage).await, (HostError::Unexpected(_), 1)));
}

#[tokio::test]
async fn trouble_that_passes_is_not_noticed() {
    let server = RecordedGitHub::start().await;
    server.fail(Fault::ServerError(2));
    let client = host(&server.url());
    assert!(client.repository(&target("octocat", "Hello-World"), None).await.is_ok());
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    let err = host("http://127.0.0.1:1").repository(&target("a", "b"), None).await.unwrap_err();
    assert!(matches!(&err, HostError::Network(reason) if reason.to_lowercase().contains("refused")), "{err}");
}

#[tokio::test]
async fn a_used_up_limit_is_remembered_for_its_token_only() {
    let server = RecordedGitHub::start().await;
    let client = host(&server.url());
    server.fail(Fault::TooMany(120));
    let mine = with_token(target("octocat", "Hello-World"), "mine");
    let err = client.repository(&mine, None).await.unwrap_err();
    assert!(matches!(err, HostError::RateLimited { .. }), "{err}");
    server.recover();
    assert_eq!(server.requests().len(), 1);
    assert_eq!(client.repository(&mine, None).await.unwrap_err(), err, "the limit is known: nothing is asked");
    assert_eq!(server.requests().len(), 0);
    assert_eq!(client.check().await.status, HealthStatus::Degraded);
    assert!(client.repository(&with_token(mine, "another"), None).await.is_ok());
    assert_eq!(client.check().await.status, HealthStatus::Healthy);
}

#[tokio::test]
async fn a_primary_limit_says_when_it_is_renewed() {
    let (err, asked) = failing(Fault::RateLimited(600)).await;
    assert!(matches!(err, HostError::RateLimited { .. }), "{err}");
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn a_repository_without_commits_is_told_from_a_missing_one() {
    let server = RecordedGitHub::start().await;
    let client = host(&server.url());
    assert_eq!(client.head(&target("octocat", "empty"), "main").await.unwrap_err(), HostError::EmptyRepository);
    assert!(matches!(client.head(&target("octocat", "nothing"), "main").await.unwrap_err(), HostError::NotFound { .. }));
}

#[tokio::test]
async fn a_file_past_the_limit_is_refused_and_not_held() {
    let server = RecordedGitHub::start().await;
    let (client, target) = (host(&server.url()), target("octocat", "huge"));
    let head = client.head(&target, "main").await.unwrap();
    let tree = client.tree(&target, &head.sha, commandcenter_domain::repository::TreeDepth::Recursive).await.unwrap();
    let liar = tree.entries.iter().find(|entry| entry.path == "docs/liar.txt").unwrap();
    assert_eq!(liar.size, Some(100), "its tree says that it is small");
    assert_eq!(client.blob(&target, &liar.sha, 1024 * 1024).await.unwrap_err(), HostError::TooLarge { limit: 1024 * 1024 });
}

#[tokio::test]
async fn the_repositorys_own_token_comes_before_the_operators() {
    let secret = "ghp_0123456789012345678901234567890123";
    let server = RecordedGitHub::playing(vec![Script::new("octocat", "secret").private(secret)]).await;
    let operator = Some(AccessToken::trusted("ghp_operator".to_owned()));
    let client = with(&server.url(), |options| GithubOptions { token: operator, ..options });
    let target = target("octocat", "secret");
    assert!(matches!(client.repository(&target, None).await.unwrap_err(), HostError::NotFound { .. }));
    assert!(client.repository(&with_token(target, secret), None).await.is_ok());
    let tokens: Vec<_> = server.requests().into_iter().filter_map(|seen| seen.token).collect();
    assert_eq!(tokens, ["ghp_operator", secret]);
}

#[tokio::test]
async fn a_redirect_to_another_host_does_not_take_the_token_along() {
    let elsewhere = RecordedGitHub::start().await;
    let first = MockServer::start().await;
    let away = ResponseTemplate::new(301).insert_header("location", format!("{}/repos/octocat/Hello-World", elsewhere.url()).as_str());
    Mock::given(any()).respond_with(away).mount(&first).await;
    let outcome = host(&first.uri()).repository(&with_token(target("a", "b"), "ghp_secret"), None).await;
    assert!(outcome.is_ok(), "{outcome:?}");
    assert_eq!(elsewhere.requests().into_iter().map(|seen| seen.token).collect::<Vec<_>>(), [None]);
}
