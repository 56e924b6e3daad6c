//! Members of projects.

use async_trait::async_trait;
use commandcenter_domain::identity::{ProjectScope, Role};
use commandcenter_domain::project::{Member, MembershipRepo};
use commandcenter_domain::shared::{ProjectId, Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::{Expr, JoinType, LockType};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::entity::membership::{ActiveModel, Column, Entity};
use crate::entity::user;
use crate::error::sort;
use crate::repo::identity::role;
use crate::store::On;

/// A membership with its account.
#[derive(Debug, FromQueryResult)]
struct Row {
    user_id: i64,
    email: String,
    full_name: Option<String>,
    role: String,
    created_at: Timestamp,
}

impl TryFrom<Row> for Member {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let Row { user_id, email, full_name, role: stored, created_at } = row;
        Ok(Self { user: UserId::new(user_id), email, full_name, role: role(&stored)?, created_at })
    }
}

fn within(scope: &ProjectScope) -> Select<Entity> {
    let join = Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into();
    Entity::find()
        .join(JoinType::InnerJoin, join)
        .filter(Column::ProjectId.eq(scope.project().get()))
        .select_only()
        .columns([Column::UserId, Column::Role, Column::CreatedAt])
        .columns([user::Column::Email, user::Column::FullName])
}

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> MembershipRepo for On<C> {
    async fn insert(&self, project: ProjectId, user: UserId, role: Role, at: Timestamp) -> Result<(), StoreError> {
        let row = ActiveModel {
            project_id: Set(project.get()),
            user_id: Set(user.get()),
            role: Set(role.as_str().to_owned()),
            created_at: Set(at),
            ..Default::default()
        };
        Entity::insert(row).exec_without_returning(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn find(&self, scope: &ProjectScope, user: UserId) -> Result<Option<Member>, StoreError> {
        let row = within(scope).filter(Column::UserId.eq(user.get())).into_model::<Row>().one(&self.0).await.map_err(sort)?;
        row.map(Member::try_from).transpose()
    }

    async fn list(&self, scope: &ProjectScope, page: PageRequest) -> Result<Page<Member>, StoreError> {
        let total = Entity::find().filter(Column::ProjectId.eq(scope.project().get())).count(&self.0).await.map_err(sort)?;
        let query = within(scope).order_by_asc(Column::Id).offset(page.offset()).limit(page.limit());
        let rows = query.into_model::<Row>().all(&self.0).await.map_err(sort)?;
        let items = rows.into_iter().map(Member::try_from).collect::<Result<_, _>>()?;
        Ok(Page { items, total, request: page })
    }

    async fn set_role(&self, scope: &ProjectScope, user: UserId, role: Role) -> Result<(), StoreError> {
        let update = Entity::update_many().col_expr(Column::Role, Expr::value(role.as_str()));
        let update = update.filter(Column::ProjectId.eq(scope.project().get())).filter(Column::UserId.eq(user.get()));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn delete(&self, scope: &ProjectScope, user: UserId) -> Result<(), StoreError> {
        let delete = Entity::delete_many().filter(Column::ProjectId.eq(scope.project().get())).filter(Column::UserId.eq(user.get()));
        delete.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn owners(&self, scope: &ProjectScope) -> Result<u64, StoreError> {
        let owner = Column::Role.eq(Role::Owner.as_str());
        let query = Entity::find().filter(Column::ProjectId.eq(scope.project().get())).filter(owner).lock(LockType::Update);
        let rows = query.all(&self.0).await.map_err(sort)?;
        Ok(rows.len() as u64)
    }
}
