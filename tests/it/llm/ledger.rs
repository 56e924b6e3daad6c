//! The ledger: its rows, their sums, and both as files.

use std::time::Duration;

use commandcenter_domain::llm::{AttemptLedger, Attribution, Cause, NanoDollars, NewAttempt, Outcome, Settlement, Usage};
use commandcenter_domain::shared::{ApiKeyId, Clock, ProjectId, ProviderId, SystemClock};
use commandcenter_testkit::TestApp;
use serde_json::{Value, json};

use super::{start, with_role};

const USAGE: &str = "/api/v1/llm/usage";
const COSTS: &str = "/api/v1/llm/costs";

/// An attempt at a model, as the gateway writes it down.
pub(super) async fn spend(app: &TestApp, project: i64, (model, cost): (&str, i64)) {
    let at = SystemClock.now();
    let attempt = NewAttempt {
        attribution: Attribution {
            project: ProjectId::new(project),
            user: None,
            api_key: Some(ApiKeyId::new(5)),
            cause: Cause::Ask,
            cause_id: Some("=1+1".into()),
            role: Some("answer".into()),
        },
        provider: ProviderId::new(1),
        alias: "local".into(),
        model: model.into(),
        bound: Usage::default(),
        reserved: NanoDollars::new(cost),
        number: 1,
        at,
    };
    let id = app.db.store.reserve(&attempt).await.unwrap();
    let usage = Usage { input_tokens: 20, cached_tokens: 5, output_tokens: 10, estimated: false };
    let settlement = Settlement {
        outcome: Outcome::Complete,
        failure: None,
        usage,
        cost: NanoDollars::new(cost),
        latency: Duration::from_millis(12),
        first_token: Some(Duration::from_millis(3)),
        at,
    };
    app.db.store.settle(id, &settlement).await.unwrap();
}

#[tokio::test]
async fn rows_and_their_sums_agree() {
    let (app, ann, project) = start().await;
    let other = ann.project("beta").await;
    for (model, cost) in [("small", 10), ("small", 20), ("big", 500)] {
        spend(&app, project.id, (model, cost)).await;
    }
    spend(&app, other.id, ("small", 7)).await;
    let rows = project.get(USAGE).await.expect(200);
    assert_eq!(rows["total"], 3);
    let newest = &rows["items"][0];
    for (field, value) in [
        ("provider", json!("local")),
        ("model", json!("big")),
        ("api_key_id", json!(5)),
        ("role", json!("answer")),
        ("cause", json!("ask")),
        ("input_tokens", json!(20)),
        ("output_tokens", json!(10)),
        ("estimated", json!(false)),
        ("cost_nano", json!(500)),
        ("outcome", json!("complete")),
        ("first_token_ms", json!(3)),
    ] {
        assert_eq!(newest[field], value, "{field}");
    }
    assert_eq!(project.get(&format!("{USAGE}?model=small&cause=ask&limit=1")).await.expect(200)["total"], 2);
    assert_eq!(project.get(&format!("{USAGE}?outcome=open")).await.expect(200)["total"], 0);
    let sums = project.get(&format!("{COSTS}?group_by=model")).await.expect(200);
    let of = |at: usize| (sums["items"][at]["key"].clone(), sums["items"][at]["attempts"].clone(), sums["items"][at]["cost_nano"].clone());
    assert_eq!((of(0), of(1)), ((json!("big"), json!(1), json!(500)), (json!("small"), json!(2), json!(30))));
    assert_eq!(project.get(&format!("{USAGE}?group_by=model")).await.expect(200), sums);
    for by in ["day", "provider", "role", "cause", "api_key", "user"] {
        let sums = project.get(&format!("{COSTS}?group_by={by}")).await.expect(200);
        let total: i64 = sums["items"].as_array().unwrap().iter().map(|sum| sum["cost_nano"].as_i64().unwrap()).sum();
        assert_eq!(total, 530, "{by}");
    }
    assert_eq!(project.get(COSTS).await.expect(200)["items"][0]["group_by"], "day");
    with_role(&app, &project, "viewer").await.get(USAGE).await.expect(200);
    for wrong in ["group_by=colour", "cause=fun", "since=yesterday", "format=xml", "limit=101", "api_key_id=x"] {
        assert_eq!(project.get(&format!("{USAGE}?{wrong}")).await.problem(422), "validation", "{wrong}");
    }
}

#[tokio::test]
async fn the_ledger_comes_as_a_file_too() {
    let (app, _, project) = start().await;
    for cost in 0..3 {
        spend(&app, project.id, ("a,b", cost)).await;
    }
    let file = project.send(project.request(reqwest::Method::GET, USAGE).header("accept", "text/csv")).await;
    assert_eq!((file.status, file.content_type.as_str()), (200, "text/csv"));
    let lines: Vec<_> = file.text.lines().collect();
    assert!(lines[0].starts_with("id,started_at,") && lines.len() == 4, "{}", file.text);
    assert!(lines[1].contains(",local,\"a,b\",answer,ask,'=1+1,,5,1,20,5,10,false,2,2,complete,,12,3"), "{}", lines[1]);
    let sums = project.get(&format!("{COSTS}?group_by=model&format=csv")).await;
    assert_eq!(
        sums.text,
        "model,attempts,unsuccessful,input_tokens,cached_tokens,output_tokens,estimated,cost_nano\r\n\"a,b\",3,0,60,15,30,0,3\r\n"
    );
    assert!(sums.header("content-disposition").unwrap().contains("llm-costs.csv"));
    let none = project.get(&format!("{USAGE}?format=csv&model=other")).await;
    assert_eq!((none.text.lines().count(), none.body), (1, Value::Null));
}
