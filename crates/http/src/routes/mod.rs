//! The routes, one file per resource.

mod admin;
mod api_keys;
mod auth;
mod batch;
mod dashboard;
mod events;
mod fallback;
mod health;
mod jobs;
mod knowledge;
mod llm;
mod members;
mod metrics;
mod projects;
mod prompts;
mod repositories;
mod research_tasks;
mod schedules;
mod settings;
mod sources;
mod technologies;
mod v1;

use utoipa_actix_web::service_config::ServiceConfig;

pub(crate) use fallback::{Routes, fallback};
pub(crate) use jobs::Audiences;

/// Everything but the documentation and the dashboard's files.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.configure(health::configure).configure(metrics::configure).configure(v1::configure);
    config.service(utoipa_actix_web::scope("/api/v1").configure(versioned));
}

/// The versioned API: one line per resource.
fn versioned(config: &mut ServiceConfig) {
    config.configure(auth::configure);
    config.configure(admin::configure);
    config.configure(api_keys::configure);
    config.configure(projects::configure);
    config.configure(members::configure);
    config.configure(repositories::configure);
    config.configure(technologies::configure);
    config.configure(research_tasks::configure);
    config.configure(dashboard::configure);
    config.configure(events::configure);
    config.configure(jobs::configure);
    config.configure(batch::configure);
    config.configure(schedules::configure);
    config.configure(knowledge::configure);
    config.configure(sources::configure);
    config.configure(settings::configure);
    config.configure(llm::configure);
    config.configure(prompts::configure);
}
