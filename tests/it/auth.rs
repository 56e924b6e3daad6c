//! Sign-in: registration, sessions, rotation, logout.

use commandcenter_testkit::{PASSWORD, TestApp};
use serde_json::json;

#[tokio::test]
async fn registration_closes_after_the_first_account() {
    let app = TestApp::start().await;
    let late = json!({ "email": "late@example.com", "password": PASSWORD });
    assert_eq!(app.anonymous().post("/api/v1/auth/register", late).await.problem(403), "registration-closed");
    assert_eq!(app.anonymous().get("/api/v1/auth/setup").await.expect(200), json!({ "needs_setup": false }));
    let admin = app.admin().await;
    assert_eq!(admin.get("/api/v1/auth/me").await.expect(200)["is_admin"], true);
    let user = app.user("ann").await;
    assert_eq!(user.get("/api/v1/auth/me").await.expect(200)["is_admin"], false);
    assert_eq!(user.get("/api/v1/admin/users").await.problem(403), "admin-required");
    assert_eq!(admin.get("/api/v1/admin/users").await.expect(200)["total"], 2);
}

#[tokio::test]
async fn open_registration_lets_strangers_in_but_not_twice() {
    let app = TestApp::start_with(&[("COMMANDCENTER_AUTH__OPEN_REGISTRATION", "true")]).await;
    let body = json!({ "email": " Bob@Example.com ", "password": PASSWORD });
    let made = app.anonymous().post("/api/v1/auth/register", body.clone()).await.expect(201);
    assert_eq!((made["email"].as_str(), made["is_admin"].as_bool()), (Some("bob@example.com"), Some(false)));
    assert_eq!(app.anonymous().post("/api/v1/auth/register", body).await.problem(409), "email-taken");
    app.login("BOB@example.com").await;
}

#[tokio::test]
async fn an_unknown_address_and_a_wrong_password_are_answered_alike() {
    let app = TestApp::start().await;
    let wrong = app.anonymous().post("/api/v1/auth/login", json!({ "email": "root@example.com", "password": "not the password" })).await;
    let unknown = app.anonymous().post("/api/v1/auth/login", json!({ "email": "nobody@example.com", "password": PASSWORD })).await;
    assert_eq!(wrong.problem(401), "wrong-login");
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));
    assert_eq!((wrong.body["detail"].clone(), wrong.status), (unknown.body["detail"].clone(), unknown.status));
}

#[tokio::test]
async fn logout_ends_this_session_at_once_and_no_other() {
    let app = TestApp::start().await;
    let (one, other) = (app.user("ann").await, app.login("ann@example.com").await);
    one.post("/api/v1/auth/logout", json!({})).await.expect(204);
    assert_eq!(one.get("/api/v1/auth/me").await.problem(401), "unauthenticated");
    let spent = json!({ "refresh_token": one.refresh_token });
    assert_eq!(app.anonymous().post("/api/v1/auth/refresh", spent).await.problem(401), "unauthenticated");
    other.get("/api/v1/auth/me").await.expect(200);
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let refresh = |token: &str| json!({ "refresh_token": token });
    let next = app.anonymous().post("/api/v1/auth/refresh", refresh(&user.refresh_token)).await.expect(200);
    let client = app.anonymous().with_token(next["access_token"].as_str().unwrap());
    client.get("/api/v1/auth/me").await.expect(200);
    app.anonymous().post("/api/v1/auth/refresh", refresh(&user.refresh_token)).await.problem(401);
    client.get("/api/v1/auth/me").await.problem(401);
    app.anonymous().post("/api/v1/auth/refresh", refresh(next["refresh_token"].as_str().unwrap())).await.problem(401);
}

#[tokio::test]
async fn a_browser_renews_its_session_by_cookie() {
    let app = TestApp::start().await;
    app.user("ann").await;
    let client = app.anonymous();
    let login = client.post("/api/v1/auth/login", json!({ "email": "ann@example.com", "password": PASSWORD })).await;
    let cookie = login.header("set-cookie").unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/api/v1/auth"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let request = client.request(reqwest::Method::POST, "/api/v1/auth/refresh").header("cookie", pair).json(&json!({}));
    client.send(request).await.expect(200);
}

#[tokio::test]
async fn expired_forged_and_foreign_tokens_are_refused() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let token = user.client.token.clone().unwrap();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let flipped: String = signature.chars().rev().collect();
    for bad in ["", "nonsense", &format!("{head}.{flipped}"), &format!("{head}."), "cck_12345678_nothing"] {
        let reply = app.anonymous().with_token(bad).get("/api/v1/auth/me").await;
        assert_eq!(reply.problem(401), "unauthenticated", "{bad}");
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
    let short = TestApp::start_with(&[("COMMANDCENTER_AUTH__ACCESS_TTL", "1s")]).await;
    let login = json!({ "email": "root@example.com", "password": PASSWORD });
    let tokens = short.anonymous().post("/api/v1/auth/login", login).await.expect(200);
    let brief = short.anonymous().with_token(tokens["access_token"].as_str().unwrap());
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while brief.get("/api/v1/auth/me").await.status != 401 {
        assert!(tokio::time::Instant::now() < deadline, "a token of one second expires");
    }
}

#[tokio::test]
async fn strangers_are_throttled_per_address() {
    let app = TestApp::start_with(&[("COMMANDCENTER_AUTH__RATE_LIMITS", "true")]).await;
    let login = json!({ "email": "nobody@example.com", "password": PASSWORD });
    for _ in 0..30 {
        let reply = app.anonymous().post("/api/v1/auth/login", login.clone()).await;
        if reply.status == 429 {
            assert_eq!(reply.problem(429), "too-many-requests");
            assert!(reply.header("retry-after").is_some() && reply.header("ratelimit-limit").is_some());
            return;
        }
    }
    panic!("thirty logins at once were all served");
}

#[tokio::test]
async fn a_body_that_is_wrong_says_where_and_never_what() {
    let app = TestApp::start().await;
    let client = app.anonymous();
    let long = "x".repeat(10_000);
    let cases = [
        (json!({ "email": "no address", "password": PASSWORD }), "email"),
        (json!({ "email": "a@b.c", "password": "short" }), "password"),
        (json!({ "email": "a@b.c", "password": PASSWORD, "full_name": long }), "full_name"),
        (json!({ "email": "a@b.c", "password": PASSWORD, "full_name": "nul\u{0}" }), "full_name"),
        (json!({ "email": "a@b.c", "password": PASSWORD, "is_admin": true }), "is_admin"),
        (json!({ "password": PASSWORD }), "email"),
        (json!({ "email": 7, "password": PASSWORD }), "email"),
    ];
    let app = TestApp::start_with(&[("COMMANDCENTER_AUTH__OPEN_REGISTRATION", "true")]).await;
    for (body, field) in cases {
        let reply = app.anonymous().post("/api/v1/auth/register", body).await;
        assert_eq!(reply.problem(422), "validation", "{field}");
        assert_eq!(reply.body["errors"][0]["field"], field, "{}", reply.text);
        assert!(!reply.text.contains(PASSWORD));
    }
    let malformed = client.post_raw("/api/v1/auth/login", "application/json", "{").await;
    assert_eq!(malformed.problem(400), "malformed-json");
    let not_utf8 = client.post_raw("/api/v1/auth/login", "application/json", vec![b'"', 0xff, b'"']).await;
    assert_eq!(not_utf8.problem(400), "malformed-json");
    let form = client.post_raw("/api/v1/auth/login", "application/x-www-form-urlencoded", "email=a").await;
    assert_eq!(form.problem(415), "unsupported-media-type");
    let huge = client.post_raw("/api/v1/auth/login", "application/json", vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(huge.problem(413), "body-too-large");
}
