//! Vectors for the knowledge base by the models of providers: reserved, retried and settled by the gateway like every other call.

use std::time::Duration;

use async_trait::async_trait;
use commandcenter_domain::Classified;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{EmbedError, EmbeddedTexts, ProviderEmbeddings, ProviderModel};
use commandcenter_domain::llm::{Call, CallError, Cause, EmbeddingRequest, Patience};
use commandcenter_domain::shared::Fault;

use super::calls::{Asker, Models};

/// The longest that a question waits for its vector, everything included: then it goes by words.
const QUESTION: Duration = Duration::from_secs(8);
/// The longest that it waits for a connection.
const CONNECT: Duration = Duration::from_secs(2);

#[async_trait]
impl ProviderEmbeddings for Models {
    async fn embed(&self, scope: &ProjectScope, model: &ProviderModel, texts: EmbeddedTexts) -> Result<Vec<Vec<f32>>, EmbedError> {
        let (texts, patience) = match texts {
            EmbeddedTexts::Passages(texts) => (texts, Patience::default()),
            EmbeddedTexts::Question(text) => (vec![text], hasty()),
        };
        let asker = Asker { scope, api_key: None, cause: Cause::Embedding, cause_id: None };
        let call = self.call(&asker, &format!("{}/{}", model.provider, model.model)).await.map_err(refused)?;
        let call = Call { patience, ..call };
        let request = EmbeddingRequest { texts, dimensions: model.dimensions };
        let embedded = match self.ports.gateway.embed(&call, &request).await {
            Err(CallError::ContextTooLong { window, .. }) => {
                let texts = request.texts.iter().map(|text| cut(text, window)).collect();
                self.ports.gateway.embed(&call, &EmbeddingRequest { texts, ..request }).await
            }
            other => other,
        };
        embedded.map(|embedded| embedded.answer.vectors).map_err(refused)
    }
}

fn hasty() -> Patience {
    Patience { connect: CONNECT, first_token: QUESTION, total: QUESTION, attempts: 2, ..Patience::default() }
}

/// As much of a text as the gateway takes for so many tokens: four ASCII characters are one, each other character is one.
fn cut(text: &str, window: u64) -> String {
    let mut quarters = 0_u64;
    let fits = |c: &char| {
        quarters += if c.is_ascii() { 1 } else { 4 };
        quarters <= window.saturating_sub(1) * 4
    };
    text.chars().take_while(fits).collect()
}

fn refused(err: CallError) -> EmbedError {
    let (fault, slug) = err.classify();
    if let CallError::Store(cause) = &err {
        tracing::error!(error = cause as &dyn std::error::Error, "the ledger of models could not be written");
    }
    // A provider that is gone may be set up again: what waits for it waits.
    let fault = if matches!(err, CallError::UnknownModel { .. }) { Fault::Unavailable } else { fault };
    EmbedError::Provider { fault, slug, retry_after: err.retry_after(), detail: err.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_fits_by_the_gateways_own_guess() {
        assert_eq!(cut("abcdefgh", 3), "abcdefgh");
        assert_eq!(cut("abcdefghi", 3), "abcdefgh");
        assert_eq!(cut("\u{E9}\u{E9}\u{E9}", 3), "\u{E9}\u{E9}");
    }
}
