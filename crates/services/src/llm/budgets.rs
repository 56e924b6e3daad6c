//! Budgets of a project.

use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::llm::{Budget, BudgetInput, LlmError};
use commandcenter_domain::shared::{BudgetId, Precondition, Timestamp};
use commandcenter_domain::{Page, PageRequest, StoreError, Tx};
use serde_json::json;

use super::LlmPorts;
use crate::journal::{self, Entry};

/// Use cases of budgets.
pub struct BudgetService {
    ports: LlmPorts,
}

impl std::fmt::Debug for BudgetService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BudgetService")
    }
}

impl BudgetService {
    /// A service over its ports.
    #[must_use]
    pub const fn new(ports: LlmPorts) -> Self {
        Self { ports }
    }

    /// Makes a budget. What is spent from now on counts against it.
    ///
    /// # Errors
    /// Input that breaks a rule; a name that is taken; a role below maintainer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project()))]
    pub async fn create(&self, scope: &ProjectScope, input: BudgetInput) -> Result<Budget, LlmError> {
        scope.require(Role::Maintainer)?;
        let (new, now) = (input.over(None)?, self.ports.clock.now());
        let tx = self.ports.store.begin().await?;
        let budget = tx.llm_budgets().insert(scope, &new, now).await.map_err(|err| taken(err, &new.name))?;
        record(&*tx, scope, &budget, ("llm_budget.created", "cc.llm.budget_created.v1", now)).await?;
        tx.commit().await?;
        Ok(budget)
    }

    /// One budget, with what counts against it now.
    ///
    /// # Errors
    /// [`LlmError::BudgetNotFound`].
    pub async fn get(&self, scope: &ProjectScope, id: BudgetId) -> Result<Budget, LlmError> {
        let found = self.ports.store.repos().llm_budgets().find(scope, id, self.ports.clock.now()).await?;
        found.ok_or(LlmError::BudgetNotFound(id))
    }

    /// A page of budgets, by name, with what counts against each now.
    ///
    /// # Errors
    /// When storage fails.
    pub async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Budget>, LlmError> {
        Ok(self.ports.store.repos().llm_budgets().list(scope, page, self.ports.clock.now()).await?)
    }

    /// Changes name, limit or mode; what was counted stays counted.
    ///
    /// # Errors
    /// As for [`BudgetService::create`], and [`LlmError::Stale`].
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), budget.id = %id))]
    pub async fn update(
        &self,
        scope: &ProjectScope,
        id: BudgetId,
        input: BudgetInput,
        condition: &Precondition,
    ) -> Result<Budget, LlmError> {
        scope.require(Role::Maintainer)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let before = tx.llm_budgets().find(scope, id, now).await?.ok_or(LlmError::BudgetNotFound(id))?;
        if !condition.holds(before.version) {
            return Err(LlmError::Stale { current: before.version });
        }
        let new = input.over(Some(&before))?;
        let updated = tx.llm_budgets().update(scope, id, (&new, now)).await.map_err(|err| taken(err, &new.name))?;
        let budget = updated.ok_or(LlmError::BudgetNotFound(id))?;
        record(&*tx, scope, &budget, ("llm_budget.updated", "cc.llm.budget_updated.v1", now)).await?;
        tx.commit().await?;
        Ok(budget)
    }

    /// Deletes a budget with its counters. The ledger keeps its rows.
    ///
    /// # Errors
    /// [`LlmError::BudgetNotFound`]; a role below maintainer.
    #[tracing::instrument(skip_all, fields(project.id = %scope.project(), budget.id = %id))]
    pub async fn delete(&self, scope: &ProjectScope, id: BudgetId) -> Result<(), LlmError> {
        scope.require(Role::Maintainer)?;
        let now = self.ports.clock.now();
        let tx = self.ports.store.begin().await?;
        let budget = tx.llm_budgets().find(scope, id, now).await?.ok_or(LlmError::BudgetNotFound(id))?;
        tx.llm_budgets().delete(scope, id).await?;
        record(&*tx, scope, &budget, ("llm_budget.deleted", "cc.llm.budget_deleted.v1", now)).await?;
        Ok(tx.commit().await?)
    }
}

fn taken(err: StoreError, name: &str) -> LlmError {
    match err {
        StoreError::Duplicate(_) => LlmError::BudgetExists(name.to_owned()),
        other => LlmError::Store(other),
    }
}

type Told = (&'static str, &'static str, Timestamp);

async fn record(tx: &dyn Tx, scope: &ProjectScope, budget: &Budget, (action, kind, at): Told) -> Result<(), StoreError> {
    let detail = json!({ "name": budget.name, "limit_nano": budget.limit, "mode": budget.mode });
    journal::record(tx, scope, Entry { action, kind, entity: "llm_budget", id: budget.id.get(), detail, at }).await
}
