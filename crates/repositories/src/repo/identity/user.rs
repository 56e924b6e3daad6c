//! Accounts.

use async_trait::async_trait;
use commandcenter_domain::identity::{NewUser, User, UserRepo};
use commandcenter_domain::shared::{Timestamp, UserId};
use commandcenter_domain::{Page, PageRequest, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::entity::user::{ActiveModel, Column, Entity, Model};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> UserRepo for On<C> {
    async fn insert(&self, new: NewUser) -> Result<User, StoreError> {
        let NewUser { email, password_hash, full_name, is_admin, at } = new;
        let row = ActiveModel {
            email: Set(email.as_str().to_owned()),
            password_hash: Set(password_hash),
            full_name: Set(full_name),
            is_active: Set(true),
            is_admin: Set(is_admin),
            created_at: Set(at),
            updated_at: Set(at),
            ..Default::default()
        };
        Entity::insert(row).exec_with_returning(&self.0).await.map(User::from).map_err(sort)
    }

    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = Entity::find_by_id(id.get()).one(&self.0).await.map_err(sort)?;
        Ok(row.map(User::from))
    }

    async fn find_by_email(&self, email: &str) -> Result<Option<(User, String)>, StoreError> {
        let row = Entity::find().filter(Column::Email.eq(email)).one(&self.0).await.map_err(sort)?;
        Ok(row.map(|row| {
            let hash = row.password_hash.clone();
            (User::from(row), hash)
        }))
    }

    async fn is_any(&self) -> Result<bool, StoreError> {
        // SQLite has one writer at a time, and a transaction here has the write lock from its start.
        if self.0.get_database_backend() == DbBackend::Postgres {
            self.0.execute_unprepared("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").await.map_err(sort)?;
        }
        self.is_any_now().await
    }

    async fn is_any_now(&self) -> Result<bool, StoreError> {
        let row = Entity::find().select_only().column(Column::Id).limit(1).into_tuple::<i64>().one(&self.0).await.map_err(sort)?;
        Ok(row.is_some())
    }

    async fn list(&self, page: PageRequest) -> Result<Page<User>, StoreError> {
        let total = Entity::find().count(&self.0).await.map_err(sort)?;
        let rows = Entity::find().order_by_asc(Column::Id).offset(page.offset()).limit(page.limit()).all(&self.0).await.map_err(sort)?;
        Ok(Page { items: rows.into_iter().map(User::from).collect(), total, request: page })
    }

    async fn logged_in(&self, id: UserId, at: Timestamp) -> Result<(), StoreError> {
        let update = Entity::update_many().col_expr(Column::LastLoginAt, Expr::value(at)).filter(Column::Id.eq(id.get()));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }
}

impl From<Model> for User {
    fn from(row: Model) -> Self {
        let Model { id, email, password_hash: _, full_name, is_active, is_admin, created_at, updated_at, last_login_at } = row;
        Self { id: UserId::new(id), email, full_name, is_active, is_admin, created_at, updated_at, last_login_at }
    }
}
