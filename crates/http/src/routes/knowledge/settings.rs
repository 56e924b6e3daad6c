//! Which embedding model answers in a project, and its change.

use actix_web::{HttpResponse, delete, get, put, web};
use chrono::{DateTime, Utc};
use commandcenter_domain::knowledge::{EmbedderChoice, EmbeddingSettings, ModelChange, ProviderModel};
use commandcenter_domain::shared::{Invalid, JobId};
use commandcenter_services::knowledge::{EmbeddingOverview, WantedModel};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::extract::{IfMatch, Json, Scope, etag};
use crate::problem::Problem;
use crate::state::AppState;

pub(super) fn configure(config: &mut ServiceConfig) {
    config.service(show_settings).service(change_settings).service(cancel_change);
}

/// Which embedding model answers, and which is to come.
#[utoipa::path(tag = "knowledge", responses((status = 200, description = "The settings", body = KnowledgeSettingsView, headers(("etag" = String)))))]
#[get("/knowledge/settings")]
async fn show_settings(app: web::Data<AppState>, Scope(scope): Scope) -> Result<HttpResponse, Problem> {
    let view = KnowledgeSettingsView::from(app.knowledge.embedding(&scope).await?);
    Ok(HttpResponse::Ok().insert_header(etag(view.version)).json(view))
}

/// Changes the embedding model. The model is asked once, and then a job makes the vectors of every passage beside those that answer; when
/// none is missing the new ones answer, in one step. A model of a provider is paid from the project's budgets.
#[utoipa::path(tag = "knowledge", request_body = ChangeKnowledgeSettings, responses(
    (status = 200, description = "That model answers already", body = KnowledgeSettingsView, headers(("etag" = String))),
    (status = 202, description = "The job makes the vectors", body = KnowledgeSettingsView, headers(("location" = String), ("etag" = String))),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "Another change is under way: `embedding-model-changing`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "They have moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "`unknown-model`, `embedding-model-unfit`, `validation`", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "`budget-exhausted`", body = Problem, content_type = "application/problem+json"),
    (status = 502, description = "The provider gave no vector: `provider-failed`, `provider-refused`, `provider-rejected-key`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "`llm-not-configured`, `model-unavailable`", body = Problem, content_type = "application/problem+json"),
))]
#[put("/knowledge/settings")]
async fn change_settings(
    app: web::Data<AppState>,
    Scope(scope): Scope,
    IfMatch(condition): IfMatch,
    Json(body): Json<ChangeKnowledgeSettings>,
) -> Result<HttpResponse, Problem> {
    let job = app.knowledge.change_embedding(&scope, wanted(body.embedding)?, &condition).await?;
    let view = KnowledgeSettingsView::from(app.knowledge.embedding(&scope).await?);
    let tag = etag(view.version);
    Ok(match job {
        Some(job) => HttpResponse::Accepted().insert_header(tag).insert_header(("location", format!("/api/v1/jobs/{job}"))).json(view),
        None => HttpResponse::Ok().insert_header(tag).json(view),
    })
}

/// Gives up a change of the embedding model. What answers goes on answering; what was made of the other model is removed.
#[utoipa::path(tag = "knowledge", responses(
    (status = 204, description = "Given up"),
    (status = 403, description = "Below maintainer: `role-too-low`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No change is under way: `embedding-change-not-found`", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "They have moved on: `precondition-failed`", body = Problem, content_type = "application/problem+json"),
))]
#[delete("/knowledge/settings/change")]
async fn cancel_change(app: web::Data<AppState>, Scope(scope): Scope, IfMatch(condition): IfMatch) -> Result<HttpResponse, Problem> {
    app.knowledge.cancel_embedding(&scope, &condition).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What is to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"embedding": {"provider": "openai", "model": "text-embedding-3-small", "dimensions": 512}}))]
pub(super) struct ChangeKnowledgeSettings {
    /// The model that is to answer.
    embedding: WantedModelBody,
}

/// A model. Without a provider it is the one of this installation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedModelBody {
    /// The name of a provider, as `/api/v1/settings/providers` lists them.
    #[schema(max_length = 200)]
    provider: Option<String>,
    /// One of the provider's models.
    #[schema(max_length = 200)]
    model: Option<String>,
    /// The length of vector to ask for, of a model that offers several.
    #[schema(minimum = 1, maximum = 8192)]
    dimensions: Option<i64>,
}

fn wanted(body: WantedModelBody) -> Result<WantedModel, Invalid> {
    let WantedModelBody { provider, model, dimensions } = body;
    let placed = |Invalid(errors): Invalid| {
        let within = errors.into_iter().map(|mut error| {
            error.field = format!("embedding.{}", error.field);
            error
        });
        Invalid(within.collect())
    };
    match provider {
        Some(provider) => {
            let model = ProviderModel::parse(&provider, model.as_deref().unwrap_or_default(), dimensions).map_err(placed)?;
            Ok(WantedModel::Provider(model))
        }
        None if model.is_some() || dimensions.is_some() => Err(Invalid::one(
            "embedding.provider",
            "required",
            "is needed for a model of a provider; for this installation's own leave all out",
        )),
        None => Ok(WantedModel::Local),
    }
}

/// The settings of a knowledge base.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KnowledgeSettingsView {
    /// The model that answers.
    embedding: EmbeddingModelView,
    /// The model that is to come.
    change: Option<ModelChangeView>,
    /// Grows with every change; 0 before the first.
    version: i64,
    updated_at: Option<DateTime<Utc>>,
}

/// An embedding model.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EmbeddingModelView {
    /// The provider; null for the model of this installation.
    provider: Option<String>,
    model: String,
    /// Numbers in a vector.
    dimension: usize,
}

/// A change under way, or one whose job has failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelChangeView {
    /// The provider; null for the model of this installation.
    provider: Option<String>,
    /// The model; null for the one of this installation.
    model: Option<String>,
    #[schema(value_type = i64)]
    job_id: JobId,
    /// Where the job stands; null once it is gone.
    status: Option<String>,
    /// How far it is, in percent.
    progress: Option<i32>,
}

impl From<EmbeddingOverview> for KnowledgeSettingsView {
    fn from(overview: EmbeddingOverview) -> Self {
        let EmbeddingOverview { settings, serving, job } = overview;
        let EmbeddingSettings { serving: choice, next, version, updated_at } = settings;
        let embedding = match named(choice) {
            Some((provider, model)) => EmbeddingModelView { provider: Some(provider), model, dimension: serving.dimension },
            None => EmbeddingModelView { provider: None, model: serving.name.into_owned(), dimension: serving.dimension },
        };
        let (status, progress) = job.map(|job| (job.status.as_str().to_owned(), job.progress)).unzip();
        let change = next.map(|ModelChange { to, job: job_id }| {
            let (provider, model) = named(to).unzip();
            ModelChangeView { provider, model, job_id, status, progress }
        });
        Self { embedding, change, version, updated_at }
    }
}

fn named(choice: EmbedderChoice) -> Option<(String, String)> {
    match choice {
        EmbedderChoice::Local => None,
        EmbedderChoice::Provider { model, dimension: _ } => Some((model.provider, model.model)),
    }
}
