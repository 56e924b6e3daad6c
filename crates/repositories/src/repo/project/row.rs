//! Projects.

use async_trait::async_trait;
use commandcenter_domain::identity::ProjectScope;
use commandcenter_domain::project::{NewProject, Project, ProjectKey, ProjectPatch, ProjectRepo, ProjectStats};
use commandcenter_domain::shared::{Direction, ProjectId, Sort, Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, Patch, StoreError};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};

use crate::entity::membership;
use crate::entity::project::{ActiveModel, Column, Entity};
use crate::error::sort;
use crate::repo::identity::role;
use crate::store::On;

/// A project with the role of the member it was read for.
#[derive(Debug, FromQueryResult)]
struct Row {
    id: i64,
    name: String,
    owner: String,
    description: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    role: String,
}

impl TryFrom<Row> for Project {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Row { id, name, owner, description, created_at, updated_at, role: stored } = row;
        Ok(Self { id: ProjectId::new(id), name, owner, description, role: role(&stored)?, created_at, updated_at })
    }
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> ProjectRepo for On<C> {
    async fn insert(&self, new: &NewProject, at: Timestamp) -> Result<ProjectId, StoreError> {
        let NewProject { name, owner, description } = new.clone();
        let row = ActiveModel {
            name: Set(name),
            owner: Set(owner),
            description: Set(description),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        let inserted = Entity::insert(row).exec(&self.0).await.map_err(sort)?;
        Ok(ProjectId::new(inserted.last_insert_id))
    }

    async fn find(&self, scope: &ProjectScope) -> Result<Option<Project>, StoreError> {
        let row = Entity::find_by_id(scope.project().get()).one(&self.0).await.map_err(sort)?;
        Ok(row.map(|row| Project {
            id: ProjectId::new(row.id),
            name: row.name,
            owner: row.owner,
            description: row.description,
            role: scope.role(),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }))
    }

    async fn list(
        &self,
        user: UserId,
        only: Option<ProjectId>,
        page: PageRequest,
        order: Option<Sort<ProjectKey>>,
    ) -> Result<Page<Project>, StoreError> {
        let mine = membership::Column::UserId.eq(user.get());
        let total = count(&self.0, user, only).await?;
        let join = Entity::belongs_to(membership::Entity).from(Column::Id).to(membership::Column::ProjectId).into();
        let mut query = Entity::find().join(JoinType::InnerJoin, join).filter(mine).column(membership::Column::Role);
        if let Some(only) = only {
            query = query.filter(Column::Id.eq(only.get()));
        }
        let (column, direction) = match order {
            None => (Column::Name, sea_orm::Order::Asc),
            Some(Sort { key, direction }) => (column_of(key), order_of(direction)),
        };
        query = query.order_by(column, direction).order_by_asc(Column::Id);
        let rows = query.offset(page.offset()).limit(page.limit()).into_model::<Row>().all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(Project::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn update(&self, scope: &ProjectScope, patch: &ProjectPatch, at: Timestamp) -> Result<(), StoreError> {
        let ProjectPatch { name, owner, description } = patch.clone();
        let mut row = ActiveModel { updated_at: Set(at), ..Default::default() };
        if let Some(name) = name {
            row.name = Set(name);
        }
        if let Some(owner) = owner {
            row.owner = Set(owner);
        }
        match description {
            Patch::Keep => {}
            Patch::Clear => row.description = Set(None),
            Patch::Set(text) => row.description = Set(Some(text)),
        }
        Entity::update_many().set(row).filter(Column::Id.eq(scope.project().get())).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, scope: &ProjectScope) -> Result<(), StoreError> {
        Entity::delete_by_id(scope.project().get()).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn stats(&self, scope: &ProjectScope) -> Result<ProjectStats, StoreError> {
        let count = |table: &str| format!("(SELECT COUNT(*) FROM {table} WHERE project_id = $1)");
        let tables = ["repositories", "technologies", "research_tasks", "knowledge_documents"];
        let columns: Vec<_> = tables.iter().map(|table| format!("{} AS {table}", count(table))).collect();
        let sql = format!("SELECT {}", columns.join(", "));
        let statement = Statement::from_sql_and_values(self.0.get_database_backend(), sql, [scope.project().get().into()]);
        let Some(row) = self.0.query_one_raw(statement).await.map_err(sort)? else { return Ok(ProjectStats::default()) };
        let read = |name: &str| row.try_get::<i64>("", name).map(i64::unsigned_abs).map_err(sort);
        Ok(ProjectStats {
            repositories: read("repositories")?,
            technologies: read("technologies")?,
            research_tasks: read("research_tasks")?,
            knowledge_entries: read("knowledge_documents")?,
        })
    }
}

async fn count(db: &impl ConnectionTrait, user: UserId, only: Option<ProjectId>) -> Result<u64, StoreError> {
    let mut query = Query::select();
    query.expr_as(Expr::col(membership::Column::Id).count(), "total").from(membership::Entity);
    query.and_where(Expr::col(membership::Column::UserId).eq(user.get()));
    if let Some(only) = only {
        query.and_where(Expr::col(membership::Column::ProjectId).eq(only.get()));
    }
    let row = db.query_one(&query).await.map_err(sort)?;
    let total: i64 = row.map_or(Ok(0), |row| row.try_get("", "total")).map_err(sort)?;
    Ok(total.unsigned_abs())
}

const fn column_of(key: ProjectKey) -> Column {
    match key {
        ProjectKey::Name => Column::Name,
        ProjectKey::CreatedAt => Column::CreatedAt,
        ProjectKey::UpdatedAt => Column::UpdatedAt,
    }
}

const fn order_of(direction: Direction) -> sea_orm::Order {
    match direction {
        Direction::Ascending => sea_orm::Order::Asc,
        Direction::Descending => sea_orm::Order::Desc,
    }
}
