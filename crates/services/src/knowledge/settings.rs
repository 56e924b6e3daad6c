//! Which model answers in a project, and its change: asked for here, done by a job.

use commandcenter_domain::audit::NewAudit;
use commandcenter_domain::event::Signal;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::job::{Job, JobKind, JobStatus, NewJob};
use commandcenter_domain::knowledge::{
    EmbedError, EmbeddedTexts, EmbedderChoice, EmbedderState, EmbeddingModel, EmbeddingSettings, KnowledgeError, ModelChange, ProviderModel,
};
use commandcenter_domain::shared::{Fault, JobId, Precondition, Timestamp};
use commandcenter_domain::{Repos, Tx};
use serde_json::{Value, json};

use super::KnowledgeService;

/// What a model is asked first, to see that it answers and how long its vectors are.
const PROBE: &str = "How long is a vector of this model?";
/// Attempts of a change: what was made stays made, and each goes on where the one before it stopped.
const ATTEMPTS: i32 = 10;

/// The settings of a knowledge base as people see them.
#[derive(Debug, Clone)]
pub struct EmbeddingOverview {
    /// The settings.
    pub settings: EmbeddingSettings,
    /// What the vectors that answer are stored under.
    pub serving: EmbeddingModel,
    /// Where the job of the change stands, if there is one.
    pub job: Option<Job>,
}

/// What a client asks for.
#[derive(Debug, Clone)]
pub enum WantedModel {
    /// The model of this installation.
    Local,
    /// A model of a provider.
    Provider(ProviderModel),
}

impl KnowledgeService {
    /// Which model answers.
    pub async fn embedding(&self, scope: &ProjectScope) -> Result<EmbeddingOverview, KnowledgeError> {
        let repos = self.ports.store.repos();
        let settings = repos.embeddings().settings(scope).await?;
        let job = match &settings.next {
            Some(change) => repos.jobs().find(scope, change.job).await?,
            None => None,
        };
        Ok(EmbeddingOverview { serving: self.model_of(&settings.serving), settings, job })
    }

    /// Changes the model: its vectors are made beside those that answer, by a job, and take their place at once. `None` when that model
    /// answers already.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn change_embedding(
        &self,
        scope: &ProjectScope,
        wanted: WantedModel,
        condition: &Precondition,
    ) -> Result<Option<JobId>, KnowledgeError> {
        scope.require(Role::Maintainer)?;
        // Before the model is asked, which costs: what is refused anyway.
        let settings = self.ports.store.repos().embeddings().settings(scope).await?;
        self.admit(self.ports.store.repos(), scope, (&settings, condition)).await?;
        let to = self.measured(scope, wanted).await?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let mut settings = tx.embeddings().settings(scope).await?;
        self.admit(&*tx, scope, (&settings, condition)).await?;
        if settings.next.is_none() && settings.serving == to {
            return Ok(None);
        }
        let job = tx.jobs().enqueue(scope, self.job(&to, now)).await?.id;
        settings.next = Some(ModelChange { to, job });
        self.write(&*tx, scope, (&settings, now)).await?;
        tx.commit().await?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok(Some(job))
    }

    /// Gives up a change: the model that answers goes on answering, and what was made of the other goes.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn cancel_embedding(&self, scope: &ProjectScope, condition: &Precondition) -> Result<(), KnowledgeError> {
        scope.require(Role::Maintainer)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let mut settings = tx.embeddings().settings(scope).await?;
        if !condition.holds(settings.version) {
            return Err(KnowledgeError::Stale { current: settings.version });
        }
        let change = settings.next.take().ok_or(KnowledgeError::NoModelChange)?;
        tx.jobs().cancel(scope, change.job, now).await?;
        // A job that changes nothing any more removes what was made.
        tx.jobs().enqueue(scope, self.job(&settings.serving, now)).await?;
        self.write(&*tx, scope, (&settings, now)).await?;
        tx.commit().await?;
        self.ports.signals.send(Signal::JobsReady).await;
        Ok(())
    }

    /// Refuses a change of settings that moved, and one beside another that is under way. One whose job has ended is over.
    async fn admit(
        &self,
        repos: &dyn Repos,
        scope: &ProjectScope,
        (settings, condition): (&EmbeddingSettings, &Precondition),
    ) -> Result<(), KnowledgeError> {
        if !condition.holds(settings.version) {
            return Err(KnowledgeError::Stale { current: settings.version });
        }
        let Some(change) = &settings.next else { return Ok(()) };
        match repos.jobs().find(scope, change.job).await?.map(|job| job.status) {
            Some(JobStatus::Pending | JobStatus::Running | JobStatus::Retrying) => {
                Err(KnowledgeError::ModelChanging { to: self.model_of(&change.to).name.into_owned(), job: change.job })
            }
            Some(JobStatus::Completed | JobStatus::Failed | JobStatus::Cancelled | JobStatus::Dead) | None => Ok(()),
        }
    }

    /// Asks the model once: whether it answers, and how long its vectors are.
    async fn measured(&self, scope: &ProjectScope, wanted: WantedModel) -> Result<EmbedderChoice, KnowledgeError> {
        let model = match wanted {
            WantedModel::Provider(model) => model,
            WantedModel::Local => {
                return match self.ports.embedder.settled().await {
                    EmbedderState::Unavailable(reason) => Err(KnowledgeError::NoModel(reason)),
                    EmbedderState::Ready | EmbedderState::Loading => Ok(EmbedderChoice::Local),
                };
            }
        };
        let vectors = self.ports.embeddings.embed(scope, &model, EmbeddedTexts::Question(PROBE.to_owned())).await.map_err(of_the_input)?;
        let dimension = vectors.first().map_or(0, Vec::len);
        let unfit = |reason: String| Err(KnowledgeError::ModelUnfit(format!("`{model}` cannot be used: {reason}")));
        if dimension == 0 || dimension > ProviderModel::MOST_DIMENSIONS {
            return unfit(format!("its vectors have {dimension} numbers, and 1 to {} are kept", ProviderModel::MOST_DIMENSIONS));
        }
        match model.dimensions {
            Some(asked) if usize::try_from(asked).ok() != Some(dimension) => {
                unfit(format!("asked for {asked} numbers it gives {dimension}; leave `dimensions` out"))
            }
            Some(_) | None => Ok(EmbedderChoice::Provider { model, dimension }),
        }
    }

    fn job(&self, to: &EmbedderChoice, now: Timestamp) -> NewJob {
        let parameters = json!({ "model": self.model_of(to).name });
        NewJob { max_attempts: ATTEMPTS, ..NewJob::ready(JobKind::KnowledgeReembed, parameters, now) }
    }

    /// Writes settings with their entry in the audit log.
    pub(super) async fn write(
        &self,
        tx: &dyn Tx,
        scope: &ProjectScope,
        (settings, at): (&EmbeddingSettings, Timestamp),
    ) -> Result<(), KnowledgeError> {
        if !tx.embeddings().put(scope, settings, at).await? {
            return Err(KnowledgeError::Stale { current: tx.embeddings().settings(scope).await?.version });
        }
        let name = |choice: &EmbedderChoice| Value::from(self.model_of(choice).name.into_owned());
        let detail = json!({ "serving": name(&settings.serving), "next": settings.next.as_ref().map(|change| name(&change.to)) });
        let entity_id = scope.project().get();
        let audit = NewAudit { action: "knowledge.embedding_changed", entity: "project", entity_id, detail, at };
        Ok(tx.audit().record(scope, audit).await?)
    }
}

/// Whoever names a model that nobody knows is to name another; what waits for vectors of one that is gone is to wait.
fn of_the_input(err: EmbedError) -> EmbedError {
    match err {
        EmbedError::Provider { fault: _, slug: slug @ "unknown-model", detail, retry_after } => {
            EmbedError::Provider { fault: Fault::Invalid, slug, detail, retry_after }
        }
        other => other,
    }
}
