//! Documents that are pushed to a source, by somebody who proves to know its secret.

use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::SourceDocument;
use commandcenter_domain::shared::{DocumentId, JobId, SourceId};
use commandcenter_domain::source::{ItemState, ItemWrite, PushInput, PushedDocument, Source, SourceError};

use super::{SourceService, cipher_context};

/// How a push proves itself.
#[derive(Debug, Clone, Copy)]
pub enum PushProof<'a> {
    /// `sha256=` and the HMAC-SHA256 of the body under the secret, in hex.
    Signature(&'a str),
    /// The secret itself.
    Key(&'a str),
}

/// A push that proved itself: what it may do.
#[derive(Debug)]
pub struct Pushed {
    scope: ProjectScope,
    source: Source,
}

impl SourceService {
    /// Judges a push. A source that does not exist, one without a secret and a wrong proof are told apart nowhere.
    ///
    /// # Errors
    /// [`SourceError::BadSignature`]; [`SourceError::Paused`] for a good proof of a paused source.
    pub async fn prove(&self, id: SourceId, proof: Option<PushProof<'_>>, body: &[u8]) -> Result<Pushed, SourceError> {
        let target = self.ports.store.repos().sources().push_target(id).await?;
        let Some((project, sealed, is_enabled)) = target else { return Err(SourceError::BadSignature) };
        let scope = ProjectScope::of_push(project, id);
        let secret = self.ports.cipher.open(&sealed, &cipher_context(&scope))?;
        let is_good = match proof {
            Some(PushProof::Signature(signature)) => self.ports.signatures.is_signed(&secret, body, signature),
            Some(PushProof::Key(key)) => self.ports.signatures.is_same(&secret, key),
            None => false,
        };
        match (is_good, is_enabled) {
            (false, _) => Err(SourceError::BadSignature),
            (true, false) => Err(SourceError::Paused),
            (true, true) => Ok(Pushed { source: self.get(&scope, id).await?, scope }),
        }
    }

    /// Takes a pushed document into the knowledge base. The same key again is a new version of the same document.
    #[tracing::instrument(skip_all, fields(project.id = %pushed.scope.project(), source.id = %pushed.source.id))]
    pub async fn push(&self, pushed: &Pushed, input: PushInput) -> Result<(JobId, DocumentId), SourceError> {
        let Pushed { scope, source } = pushed;
        let PushedDocument { key, title, content, url } = PushedDocument::parse(input)?;
        let document = SourceDocument {
            source: source.id,
            key: key.clone(),
            title: Some(title),
            name: "push.md".to_owned(),
            url,
            category: source.filing.category.clone().unwrap_or_else(|| source.name.chars().take(100).collect()),
            tags: source.filing.tags.clone(),
            bytes: content.into_bytes(),
        };
        let (job, document) = self.ports.documents.accept(scope, document).await?;
        let item = ItemWrite {
            key,
            state: ItemState::Seen,
            reason: None,
            depth: 0,
            content_hash: None,
            validators: None,
            document: Some(document),
            run: None,
            at: self.ports.clock.now(),
        };
        self.ports.store.repos().sources().settle(scope, source.id, &item).await?;
        Ok((job, document))
    }
}
