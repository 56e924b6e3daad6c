//! Evaluations of the knowledge base.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::knowledge::{Evaluation, EvaluationRepo, Measures, RunEvaluation, SearchMode};
use commandcenter_domain::shared::{EvaluationId, Page, PageRequest};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::entity::knowledge_evaluation::{ActiveModel, Column, Entity, Model};
use crate::error::{broken, sort};
use crate::store::On;

/// Every read starts here, so none can forget the scope.
fn within(scope: &ProjectScope) -> Select<Entity> {
    Entity::find().filter(Column::ProjectId.eq(scope.project().get()))
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> EvaluationRepo for On<C> {
    async fn insert_evaluation(&self, scope: &ProjectScope, run: &RunEvaluation) -> Result<Evaluation, StoreError> {
        let query = within(scope).filter(Column::Name.eq(&run.name)).order_by_desc(Column::Id);
        let before = query.one(&self.0).await.map_err(sort)?;
        let measures = before.as_ref().map(|row| serde_json::to_value(measures(row))).transpose().map_err(broken)?;
        let row = ActiveModel {
            project_id: Set(scope.project().get()),
            name: Set(run.name.clone()),
            mode: Set(run.mode.as_str().to_owned()),
            depth: Set(i32::try_from(run.depth).map_err(broken)?),
            ndcg: Set(run.measures.ndcg),
            recall: Set(run.measures.recall),
            mrr: Set(run.measures.mrr),
            queries: Set(serde_json::to_value(&run.queries).map_err(broken)?),
            before_id: Set(before.map(|row| row.id)),
            before: Set(measures),
            created_at: Set(run.at),
            ..Default::default()
        };
        evaluation(row.insert(&self.0).await.map_err(sort)?)
    }

    async fn find_evaluation(&self, scope: &ProjectScope, id: EvaluationId) -> Result<Option<Evaluation>, StoreError> {
        let row = within(scope).filter(Column::Id.eq(id.get())).one(&self.0).await.map_err(sort)?;
        row.map(evaluation).transpose()
    }

    async fn list_evaluations(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Evaluation>, StoreError> {
        let total = within(scope).count(&self.0).await.map_err(sort)?;
        let query = within(scope).order_by_desc(Column::Id).offset(page.offset()).limit(page.limit());
        let rows = query.all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(evaluation).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }
}

fn measures(row: &Model) -> Measures {
    Measures { ndcg: row.ndcg, recall: row.recall, mrr: row.mrr }
}

fn evaluation(row: Model) -> Result<Evaluation, StoreError> {
    let before: Option<Measures> = row.before.clone().map(serde_json::from_value).transpose().map_err(broken)?;
    Ok(Evaluation {
        id: EvaluationId::new(row.id),
        mode: SearchMode::parse(&row.mode).ok_or_else(|| broken(format!("evaluation {}: mode", row.id)))?,
        depth: usize::try_from(row.depth).map_err(broken)?,
        measures: measures(&row),
        queries: serde_json::from_value(row.queries).map_err(broken)?,
        before: row.before_id.map(EvaluationId::new).zip(before),
        name: row.name,
        created_at: row.created_at,
    })
}
