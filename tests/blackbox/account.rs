//! The first person of an instance.

use commandcenter_testkit::Client;
use serde_json::json;

/// The password of every account here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// What instances of several processes share.
pub(crate) const SECRET: &str = "a secret key of a test, long enough to be one";

/// Makes the first account and a project; a client that works in it.
pub(crate) async fn project(client: &Client) -> Client {
    let account = json!({ "email": "ann@example.com", "password": PASSWORD, "full_name": "Ann" });
    client.post("/api/v1/auth/register", account).await.expect(201);
    let login = json!({ "email": "ann@example.com", "password": PASSWORD });
    let tokens = client.post("/api/v1/auth/login", login).await.expect(200);
    let client = client.with_token(tokens["access_token"].as_str().unwrap());
    let project = client.post("/api/v1/projects", json!({ "name": "Radar" })).await.expect(201);
    client.in_project(project["id"].as_i64().unwrap())
}
