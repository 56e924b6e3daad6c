//! `projects`.

use serde_json::{Value, json};

use crate::args::{PageArgs, ProjectsCommand};
use crate::client::{Body, Client, Request};
use crate::error::CliError;
use crate::output::Format;

/// Lists, creates, shows and chooses projects.
pub(crate) async fn run(client: &Client, command: ProjectsCommand, format: Format) -> Result<(), CliError> {
    match command {
        ProjectsCommand::List(page) => list(client, page, format).await,
        ProjectsCommand::Create { name, description } => create(client, name, description, format).await,
        ProjectsCommand::Show { project } => show(client, project, format).await,
        ProjectsCommand::Use { project } => choose(client, &project, format).await,
    }
}

/// A request for a part of a list.
pub(crate) fn paged(path: &str, page: PageArgs) -> Request {
    Request::get(path).with("page", page.page.to_string()).with("limit", page.limit.to_string()).with_some("sort", page.sort)
}

async fn list(client: &Client, page: PageArgs, format: Format) -> Result<(), CliError> {
    let list = client.ask(paged("/projects", page)).await?;
    format.list(&list, &[("ID", "id"), ("NAME", "name"), ("OWNER", "owner"), ("ROLE", "role"), ("UPDATED", "updated_at")])
}

async fn create(client: &Client, name: String, description: Option<String>, format: Format) -> Result<(), CliError> {
    let mut body = json!({ "name": name });
    if let Some(description) = description {
        body["description"] = description.into();
    }
    let project = client.ask(Request::post("/projects", Body::Json(body))).await?;
    let id = project.get("id").and_then(Value::as_i64).unwrap_or_default();
    // With an API key there is nothing to keep the choice in.
    let chosen = client.choose_project(id).await.is_ok();
    let and = if chosen { " and chosen" } else { "" };
    format.done(&format!("Project {id} `{name}` created{and}."), &project)
}

async fn show(client: &Client, project: Option<String>, format: Format) -> Result<(), CliError> {
    let chosen = match project {
        Some(name) => Some(client.find_project(&name).await?),
        None => client.chosen_project().await?,
    };
    let id = chosen.ok_or_else(|| CliError::Usage("no project chosen: name one, or `commandcenter projects use <name>`".to_owned()))?;
    let stats = client.ask(Request::get(format!("/projects/{id}/stats"))).await?;
    let rows = [
        ("id", "id"),
        ("name", "name"),
        ("description", "description"),
        ("owner", "owner"),
        ("role", "role"),
        ("repositories", "repository_count"),
        ("technologies", "technology_count"),
        ("research tasks", "research_task_count"),
        ("documents", "knowledge_entry_count"),
        ("created", "created_at"),
    ];
    format.object(&stats, &rows)
}

async fn choose(client: &Client, name: &str, format: Format) -> Result<(), CliError> {
    let id = client.find_project(name).await?;
    let project = client.ask(Request::get(format!("/projects/{id}"))).await?;
    client.choose_project(id).await?;
    let name = project.get("name").and_then(Value::as_str).unwrap_or(name);
    format.done(&format!("Working in project {id} `{name}`."), &project)
}
