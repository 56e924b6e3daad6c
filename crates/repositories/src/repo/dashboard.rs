//! Figures across contexts.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::dashboard::{
    Activity, DashboardRepo, KnowledgeFigures, RepositoryFigures, RepositoryLine, TaskLine, TechnologyFigures, TechnologyLine,
};
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::shared::{RepositoryId, TaskId, TechnologyId, Timestamp};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::entity::{repository, research_task, technology};
use crate::error::sort;
use crate::paging::{count, count_where, scalar};
use crate::store::On;

/// Entries of a short list.
const FEW: u64 = 5;
/// From here on a priority counts as high.
const HIGH: i32 = 4;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> DashboardRepo for On<C> {
    async fn repository_figures(&self, scope: &ProjectScope) -> Result<RepositoryFigures, StoreError> {
        use repository::Column;
        let all = repository::Entity::find().filter(Column::ProjectId.eq(scope.project().get()));
        let total = all.clone().count(&self.0).await.map_err(sort)?;
        let synced =
            all.filter(Column::LastSyncedAt.is_not_null()).order_by_desc(Column::LastSyncedAt).order_by_desc(Column::Id).limit(FEW);
        let synced = synced.select_only().columns([Column::Id, Column::FullName, Column::LastSyncedAt]);
        let rows: Vec<(i64, String, Timestamp)> = synced.into_tuple().all(&self.0).await.map_err(sort)?;
        Ok(RepositoryFigures { total, recently_synced: rows.into_iter().map(repository_line).collect() })
    }

    async fn technology_figures(&self, scope: &ProjectScope) -> Result<TechnologyFigures, StoreError> {
        use technology::Column;
        let all = technology::Entity::find().filter(Column::ProjectId.eq(scope.project().get()));
        let groups = all.clone().select_only().columns([Column::Status, Column::Domain]).expr_as(Expr::cust("COUNT(*)"), "total");
        let groups = groups.group_by(Column::Status).group_by(Column::Domain);
        let rows: Vec<(String, String, i64)> = groups.into_tuple().all(&self.0).await.map_err(sort)?;
        let mut figures = TechnologyFigures::default();
        for (status, domain, rows) in rows {
            let rows = count(rows)?;
            figures.total += rows;
            *figures.by_status.entry(status).or_default() += rows;
            *figures.by_domain.entry(domain).or_default() += rows;
        }
        let high = all.filter(Column::Priority.gte(HIGH)).order_by_desc(Column::Priority).order_by_desc(Column::RelevanceScore);
        let high = high.order_by_desc(Column::UpdatedAt).order_by_desc(Column::Id).limit(FEW);
        figures.high_priority = technology_lines(&self.0, high).await?;
        Ok(figures)
    }

    async fn knowledge_figures(&self, scope: &ProjectScope) -> Result<KnowledgeFigures, StoreError> {
        let of_project = || Condition::all().add(Expr::col("project_id").eq(scope.project().get()));
        let query = Query::select()
            .expr_as(scalar(count_where("knowledge_documents", of_project())), "documents")
            .expr_as(scalar(count_where("knowledge_chunks", of_project())), "chunks")
            .take();
        let Some(row) = self.0.query_one(&query).await.map_err(sort)? else { return Ok(KnowledgeFigures::default()) };
        let read = |name: &str| row.try_get::<i64>("", name).map_err(sort).and_then(count);
        Ok(KnowledgeFigures { documents: read("documents")?, chunks: read("chunks")? })
    }

    async fn activity(&self, scope: &ProjectScope, limit: u64) -> Result<Activity, StoreError> {
        let project = scope.project().get();
        let repositories = repository::Entity::find()
            .filter(repository::Column::ProjectId.eq(project))
            .order_by_desc(repository::Column::UpdatedAt)
            .order_by_desc(repository::Column::Id)
            .limit(limit)
            .select_only()
            .columns([repository::Column::Id, repository::Column::FullName, repository::Column::UpdatedAt]);
        let repositories: Vec<(i64, String, Timestamp)> = repositories.into_tuple().all(&self.0).await.map_err(sort)?;
        let technologies = technology::Entity::find()
            .filter(technology::Column::ProjectId.eq(project))
            .order_by_desc(technology::Column::UpdatedAt)
            .order_by_desc(technology::Column::Id)
            .limit(limit);
        let technologies = technology_lines(&self.0, technologies).await?;
        let tasks = research_task::Entity::find()
            .filter(research_task::Column::ProjectId.eq(project))
            .order_by_desc(research_task::Column::UpdatedAt)
            .order_by_desc(research_task::Column::Id)
            .limit(limit)
            .select_only()
            .columns([
                research_task::Column::Id,
                research_task::Column::Title,
                research_task::Column::Status,
                research_task::Column::UpdatedAt,
            ]);
        let tasks: Vec<(i64, String, String, Timestamp)> = tasks.into_tuple().all(&self.0).await.map_err(sort)?;
        let tasks =
            tasks.into_iter().map(|(id, title, status, updated_at)| TaskLine { id: TaskId::new(id), title, status, updated_at }).collect();
        Ok(Activity { repositories: repositories.into_iter().map(repository_line).collect(), technologies, tasks })
    }
}

fn repository_line((id, full_name, at): (i64, String, Timestamp)) -> RepositoryLine {
    RepositoryLine { id: RepositoryId::new(id), full_name, at }
}

async fn technology_lines(
    db: &impl ConnectionTrait,
    query: sea_orm::Select<technology::Entity>,
) -> Result<Vec<TechnologyLine>, StoreError> {
    use technology::Column;
    let query = query.select_only().columns([Column::Id, Column::Title, Column::Priority, Column::Status, Column::UpdatedAt]);
    let rows: Vec<(i64, String, i32, String, Timestamp)> = query.into_tuple().all(db).await.map_err(sort)?;
    let line =
        |(id, title, priority, status, updated_at)| TechnologyLine { id: TechnologyId::new(id), title, priority, status, updated_at };
    Ok(rows.into_iter().map(line).collect())
}
