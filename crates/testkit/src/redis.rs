//! The Redis server of the test run.

/// Its URL, from `TEST_REDIS_URL`. Without one it says that the test is left out and gives nothing; CI leaves none out.
#[expect(clippy::disallowed_methods, reason = "the fixture is configured by the environment of the test run")]
#[must_use]
pub fn redis_url() -> Option<String> {
    let url = std::env::var("TEST_REDIS_URL").ok().filter(|url| !url.is_empty());
    if url.is_none() {
        let is_ci = std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
        assert!(!is_ci, "TEST_REDIS_URL is needed: `cargo xtask test` finds or starts a Redis");
        eprintln!("left out: TEST_REDIS_URL names no Redis; `cargo xtask test` finds or starts one");
    }
    url
}
