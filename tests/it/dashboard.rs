//! The first page of a project as clients see it.

use commandcenter_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn figures_are_the_projects_own_and_cost_a_constant_number_of_statements() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    let (statements_when_empty, reply) = app.statements_of(alpha.get("/api/v1/dashboard/stats")).await;
    assert_eq!(reply.expect(200)["technologies"], json!({"total": 0, "by_status": {}, "by_domain": {}, "high_priority": []}));
    for n in 0..8 {
        let status = if n % 2 == 0 { "research" } else { "archived" };
        let body = json!({"title": format!("T{n}"), "priority": n % 5 + 1, "status": status, "domain": "ai-ml"});
        alpha.post("/api/v1/technologies", body).await.expect(201);
        alpha.post("/api/v1/research-tasks", json!({"title": format!("R{n}"), "due_date": "2020-01-01T00:00:00Z"})).await.expect(201);
    }
    alpha.post("/api/v1/repositories", json!({"owner": "o", "name": "r"})).await.expect(201);
    beta.post("/api/v1/technologies", json!({"title": "foreign", "priority": 5})).await.expect(201);
    let (statements, reply) = app.statements_of(alpha.get("/api/v1/dashboard/stats")).await;
    let stats = reply.expect(200);
    assert_eq!(statements, statements_when_empty);
    assert_eq!(stats["technologies"]["by_status"], json!({"research": 4, "archived": 4}));
    assert_eq!(stats["technologies"]["by_domain"], json!({"ai-ml": 8}));
    assert_eq!(stats["technologies"]["total"], 8);
    let high: Vec<_> =
        stats["technologies"]["high_priority"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(high, ["T4", "T3"]);
    assert_eq!(stats["repositories"], json!({"total": 1, "recently_synced": []}));
    assert_eq!((&stats["research_tasks"]["total"], &stats["research_tasks"]["overdue_count"]), (&json!(8), &json!(8)));
    assert_eq!(stats["knowledge_base"]["total_documents"], 0);
}

#[tokio::test]
async fn recent_activity_is_recent_and_bounded() {
    let app = TestApp::start().await;
    let user = app.user("ann").await;
    let (alpha, beta) = (user.project("alpha").await, user.project("beta").await);
    for n in 0..3 {
        alpha.post("/api/v1/technologies", json!({"title": format!("T{n}"), "priority": 5 - n})).await.expect(201);
        alpha.post("/api/v1/research-tasks", json!({"title": format!("R{n}")})).await.expect(201);
    }
    beta.post("/api/v1/technologies", json!({"title": "foreign"})).await.expect(201);
    let activity = alpha.get("/api/v1/dashboard/recent-activity?limit=2").await.expect(200);
    let titles =
        |key: &str| activity[key].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(titles("recent_technologies"), ["T2", "T1"]);
    assert_eq!(titles("recent_tasks"), ["R2", "R1"]);
    assert_eq!(activity["recent_repositories"], json!([]));
    for limit in ["0", "-1", "101", "x"] {
        assert_eq!(alpha.get(&format!("/api/v1/dashboard/recent-activity?limit={limit}")).await.problem(422), "validation");
    }
    assert_eq!(app.anonymous().get("/api/v1/dashboard/stats").await.problem(401), "unauthenticated");
    assert_eq!(app.user("eve").await.client.in_project(alpha.id).get("/api/v1/dashboard/stats").await.problem(404), "project-not-found");
}
