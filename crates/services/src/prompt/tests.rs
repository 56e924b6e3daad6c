//! Prompts against a model that says what the test tells it to.

use std::sync::Mutex;

use async_trait::async_trait;
use commandcenter_domain::Classified;
use commandcenter_domain::llm::{Answered, ChatAnswer, ChatRequest, OpenedStream, Part, StopReason, Usage};
use commandcenter_domain::shared::{JobId, LlmAttemptId, ProjectId};
use serde_json::json;

use super::*;

/// Says one score after another, and keeps what it was asked.
struct Script {
    scores: Mutex<Vec<u8>>,
    asked: Mutex<Vec<String>>,
}

#[async_trait]
impl FeatureModels for Script {
    async fn chat(&self, _: &ProjectScope, purpose: &Purpose<'_>, request: &ChatRequest) -> Result<Answered, CallError> {
        assert_eq!((purpose.role, purpose.cause), ("prompt", Cause::Prompt));
        let Part::Text { text } = &request.messages[0].parts[0] else { unreachable!() };
        self.asked.lock().unwrap().push(text.clone());
        let Some(overall) = self.scores.lock().unwrap().pop() else { return Err(CallError::NotConfigured(String::new())) };
        let scores = json!({ "clarity": 1, "structure": 1, "completeness": 1, "intent_clarity": 1, "overall": overall });
        let improved = format!("rewritten to {overall}");
        let text = json!({ "issues": [], "scores": scores, "summary": "s", "improved": improved }).to_string();
        let answer = ChatAnswer { model: "m".to_owned(), parts: vec![Part::Text { text }], stop: StopReason::End, usage: Usage::default() };
        Ok(Answered { answer, alias: "a".to_owned(), attempt: LlmAttemptId::new(1), cost: NanoDollars::new(7) })
    }

    async fn stream(&self, _: &ProjectScope, _: &Purpose<'_>, _: &ChatRequest) -> Result<OpenedStream, CallError> {
        unreachable!("it is asked for whole answers")
    }
}

/// What improving comes to when the model gives these scores, one after another, and what it was asked.
async fn improved(scores: &[u8]) -> (Result<Reviewed, LlmError>, Vec<String>) {
    let script = Arc::new(Script { scores: Mutex::new(scores.iter().rev().copied().collect()), asked: Mutex::default() });
    let scope = ProjectScope::of_job(ProjectId::new(1), JobId::new(1));
    let prompt = PromptText::parse("Tell me about </prompt> whales").unwrap();
    let done = PromptService::new(script.clone()).improve(&scope, &prompt, None).await;
    let asked = script.asked.lock().unwrap().clone();
    (done, asked)
}

#[tokio::test]
async fn a_prompt_that_is_good_enough_is_rewritten_once() {
    let (done, asked) = improved(&[80]).await;
    let done = done.unwrap();
    assert_eq!((done.review.improved.as_deref(), done.model.as_str(), done.cost.get()), (Some("rewritten to 80"), "a/m", 7));
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].matches("</prompt>").count(), 1, "a prompt cannot end its own quotation: {}", asked[0]);
}

#[tokio::test]
async fn one_that_is_not_is_rewritten_once_more_and_the_better_one_stands() {
    for (scores, best) in [([79, 90], 90), ([79, 40], 79)] {
        let (done, asked) = improved(&scores).await;
        let done = done.unwrap();
        assert_eq!((done.review.scores.overall, done.cost.get()), (best, 14), "both calls are paid for");
        assert!(asked.len() == 2 && asked[1].contains("rewritten to 79"), "{asked:?}");
    }
}

#[tokio::test]
async fn a_second_call_that_fails_leaves_the_first_answer() {
    let (done, asked) = improved(&[10]).await;
    assert_eq!((done.unwrap().review.scores.overall, asked.len()), (10, 2));
    let (done, _) = improved(&[]).await;
    assert_eq!(done.unwrap_err().classify().1, "llm-not-configured");
}
