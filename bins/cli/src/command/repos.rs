//! `repos` and `sync`.

use serde_json::{Value, json};

use crate::args::{ReposCommand, WaitArgs};
use crate::client::{Body, Client, Request};
use crate::command::account::from_stdin;
use crate::command::jobs;
use crate::command::projects::paged;
use crate::error::CliError;
use crate::output::Format;

const ROWS: [(&str, &str); 13] = [
    ("id", "id"),
    ("name", "full_name"),
    ("description", "description"),
    ("url", "url"),
    ("branch", "default_branch"),
    ("language", "language"),
    ("stars", "stars"),
    ("own token", "has_token"),
    ("status", "sync_status"),
    ("error", "sync_error"),
    ("synchronised", "last_synced_at"),
    ("last commit", "last_commit_sha"),
    ("message", "last_commit_message"),
];

/// Lists, adds, shows and removes tracked repositories.
pub(crate) async fn run(client: &Client, command: ReposCommand, format: Format) -> Result<(), CliError> {
    match command {
        ReposCommand::List { search, language, page } => {
            let request = paged("/repositories", page).with_some("search", search).with_some("language", language);
            let list = client.ask_project(request).await?;
            let columns = [
                ("ID", "id"),
                ("NAME", "full_name"),
                ("LANGUAGE", "language"),
                ("STARS", "stars"),
                ("STATUS", "sync_status"),
                ("SYNCHRONISED", "last_synced_at"),
            ];
            format.list(&list, &columns)
        }
        ReposCommand::Add { full_name, description, private, token_stdin } => {
            let token = if token_stdin { Some(from_stdin()?) } else { None };
            let fields = [
                ("description", description.map(Value::from)),
                ("access_token", token.map(Value::from)),
                ("is_private", private.then_some(Value::Bool(true))),
            ];
            add(client, &full_name, fields, format).await
        }
        ReposCommand::Show { repository } => {
            let id = find(client, &repository).await?;
            format.object(&client.ask_project(Request::get(format!("/repositories/{id}"))).await?, &ROWS)
        }
        ReposCommand::Remove { repository } => {
            let id = find(client, &repository).await?;
            client.ask_project(Request::delete(format!("/repositories/{id}"))).await?;
            format.done(&format!("Repository {repository} removed."), &json!({ "id": id }))
        }
    }
}

/// `sync`.
pub(crate) struct Sync {
    pub(crate) repository: String,
    pub(crate) force: bool,
    pub(crate) wait: WaitArgs,
}

impl Sync {
    /// Starts a synchronisation, or joins the one that runs, and follows it.
    pub(crate) async fn run(self, client: &Client, format: Format) -> Result<(), CliError> {
        let id = find(client, &self.repository).await?;
        let body = Body::Json(json!({ "force": self.force }));
        let accepted = client.ask_project(Request::post(format!("/repositories/{id}/sync"), body)).await?;
        let job = jobs::id_of(&accepted)?;
        if self.wait.no_wait {
            return format.done(&format!("Job {job}. Follow it: commandcenter jobs watch {job}"), &accepted);
        }
        let ended = jobs::watch_bar(client, &job, &self.repository).await?;
        jobs::conclude(&ended, format)
    }
}

/// The id of a repository, by id or full name. Names of GitHub do not tell upper from lower case.
async fn find(client: &Client, repository: &str) -> Result<i64, CliError> {
    if let Ok(id) = repository.parse() {
        return Ok(id);
    }
    let (owner, name) = split(repository)?;
    for page in 1_u32.. {
        let request =
            Request::get("/repositories").with("owner", owner).with("search", name).with("page", page.to_string()).with("limit", "100");
        let list = client.ask_project(request).await?;
        let items = list.get("items").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let is_it = |item: &&Value| item.get("full_name").and_then(Value::as_str).is_some_and(|full| full.eq_ignore_ascii_case(repository));
        if let Some(id) = items.iter().find(is_it).and_then(|item| item.get("id")?.as_i64()) {
            return Ok(id);
        }
        if list.get("has_next").and_then(Value::as_bool) != Some(true) {
            break;
        }
    }
    Err(CliError::NotFound(format!("{repository} is not tracked here: commandcenter repos add {repository}")))
}

fn split(full_name: &str) -> Result<(&str, &str), CliError> {
    let parts = full_name.split_once('/').filter(|(owner, name)| !owner.is_empty() && !name.is_empty() && !name.contains('/'));
    parts.ok_or_else(|| CliError::Usage(format!("`{full_name}` is neither an id nor owner/name")))
}

async fn add<const N: usize>(client: &Client, full_name: &str, fields: [(&str, Option<Value>); N], format: Format) -> Result<(), CliError> {
    let (owner, name) = split(full_name)?;
    let mut body = json!({ "owner": owner, "name": name });
    for (field, value) in fields {
        if let Some(value) = value {
            body[field] = value;
        }
    }
    let added = client.ask_project(Request::post("/repositories", Body::Json(body))).await?;
    let id = added.get("id").map(ToString::to_string).unwrap_or_default();
    format.done(&format!("Repository {id} {full_name} added. Synchronise it: commandcenter sync {full_name}"), &added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_has_two_parts() {
        assert_eq!(split("octocat/Hello-World").unwrap(), ("octocat", "Hello-World"));
        for text in ["octocat", "/x", "x/", "a/b/c"] {
            assert_eq!(split(text).unwrap_err().code(), 2, "{text}");
        }
    }
}
