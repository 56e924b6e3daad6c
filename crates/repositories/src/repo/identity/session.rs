//! Login sessions, their refresh tokens, and tickets.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::identity::{AccessRow, RefreshRow, SessionRepo, TicketRow};
use commandcenter_domain::shared::{ProjectId, SessionId, Timestamp, UserId};
use sea_orm::sea_query::{Expr, ExprTrait, JoinType, Query};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult};

use super::role;
use crate::entity::{membership, refresh_token, session, ticket, user};
use crate::error::sort;
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> SessionRepo for On<C> {
    async fn create(&self, user: UserId, refresh_hash: &str, life: (Timestamp, Timestamp)) -> Result<SessionId, StoreError> {
        let (now, end) = life;
        // Ended sessions of the account go on the way, with every refresh token they had: nothing else would remove them.
        let ended =
            session::Entity::delete_many().filter(session::Column::UserId.eq(user.get())).filter(session::Column::ExpiresAt.lte(now));
        ended.exec(&self.0).await.map_err(sort)?;
        let row = session::ActiveModel { user_id: Set(user.get()), created_at: Set(now), expires_at: Set(end), ..Default::default() };
        let id = session::Entity::insert(row).exec(&self.0).await.map_err(sort)?.last_insert_id;
        add_refresh(&self.0, id, refresh_hash, now).await?;
        Ok(SessionId::new(id))
    }

    async fn find_refresh(&self, hash: &str, now: Timestamp) -> Result<Option<RefreshRow>, StoreError> {
        let token = refresh_token::Entity::find().filter(refresh_token::Column::Hash.eq(hash)).one(&self.0).await.map_err(sort)?;
        let Some(token) = token else { return Ok(None) };
        let session = session::Entity::find_by_id(token.session_id).one(&self.0).await.map_err(sort)?;
        Ok(session.map(|session| RefreshRow {
            session: SessionId::new(session.id),
            user: UserId::new(session.user_id),
            is_spent: token.spent_at.is_some(),
            is_live: session.revoked_at.is_none() && session.expires_at > now,
        }))
    }

    async fn spend(&self, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
        use refresh_token::{Column, Entity};
        let update = Entity::update_many()
            .col_expr(Column::SpentAt, Expr::value(now))
            .filter(Column::Hash.eq(hash))
            .filter(Column::SpentAt.is_null());
        Ok(update.exec(&self.0).await.map_err(sort)?.rows_affected == 1)
    }

    async fn extend(&self, session: SessionId, refresh_hash: &str, life: (Timestamp, Timestamp)) -> Result<(), StoreError> {
        use session::{Column, Entity};
        let (now, end) = life;
        let update = Entity::update_many().col_expr(Column::ExpiresAt, Expr::value(end)).filter(Column::Id.eq(session.get()));
        update.exec(&self.0).await.map_err(sort)?;
        add_refresh(&self.0, session.get(), refresh_hash, now).await
    }

    async fn revoke(&self, session: SessionId, now: Timestamp) -> Result<(), StoreError> {
        use session::{Column, Entity};
        let update = Entity::update_many().col_expr(Column::RevokedAt, Expr::value(now)).filter(Column::Id.eq(session.get()));
        update.filter(Column::RevokedAt.is_null()).exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn access(&self, session: SessionId, project: Option<ProjectId>, now: Timestamp) -> Result<Option<AccessRow>, StoreError> {
        let member = Expr::col((membership::Entity, membership::Column::UserId))
            .equals((user::Entity, user::Column::Id))
            .and(Expr::col((membership::Entity, membership::Column::ProjectId)).eq(project.map_or(0, ProjectId::get)));
        let query = Query::select()
            .columns(
                [(user::Entity, user::Column::Id), (user::Entity, user::Column::Email), (user::Entity, user::Column::IsAdmin)].map(column),
            )
            .column((membership::Entity, membership::Column::Role))
            .from(session::Entity)
            .inner_join(user::Entity, Expr::col((user::Entity, user::Column::Id)).equals((session::Entity, session::Column::UserId)))
            .join(JoinType::LeftJoin, membership::Entity, member)
            .and_where(Expr::col((session::Entity, session::Column::Id)).eq(session.get()))
            .and_where(Expr::col((session::Entity, session::Column::RevokedAt)).is_null())
            .and_where(Expr::col((session::Entity, session::Column::ExpiresAt)).gt(now))
            .and_where(Expr::col((user::Entity, user::Column::IsActive)).eq(true))
            .take();
        let row = self.0.query_one(&query).await.map_err(sort)?;
        row.as_ref().map(access_of).transpose()
    }

    async fn insert_ticket(&self, hash: &str, ticket: TicketRow, expires_at: Timestamp) -> Result<(), StoreError> {
        let row = ticket::ActiveModel {
            hash: Set(hash.to_owned()),
            user_id: Set(ticket.user.get()),
            session_id: Set(ticket.session.map(SessionId::get)),
            project_id: Set(ticket.project.map(ProjectId::get)),
            expires_at: Set(expires_at),
            ..Default::default()
        };
        ticket::Entity::insert(row).exec_without_returning(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn take_ticket(&self, hash: &str, now: Timestamp) -> Result<Option<TicketRow>, StoreError> {
        use ticket::{Column, Entity};
        let found = Entity::find().filter(Column::Hash.eq(hash)).filter(Column::ExpiresAt.gt(now)).one(&self.0).await.map_err(sort)?;
        // Of two that take it at once, the one whose delete hits gets it. Expired ones are swept on the way.
        let expired = Column::ExpiresAt.lte(now);
        Entity::delete_many().filter(expired).exec(&self.0).await.map_err(sort)?;
        let taken = Entity::delete_many().filter(Column::Hash.eq(hash)).exec(&self.0).await.map_err(sort)?.rows_affected == 1;
        Ok(found.filter(|_| taken).map(|row| TicketRow {
            user: UserId::new(row.user_id),
            session: row.session_id.map(SessionId::new),
            project: row.project_id.map(ProjectId::new),
        }))
    }
}

fn column(pair: (user::Entity, user::Column)) -> sea_orm::sea_query::ColumnRef {
    use sea_orm::sea_query::IntoColumnRef;
    pair.into_column_ref()
}

/// Reads what a session or key gives; the row has `id`, `email`, `is_admin` and the nullable `role`.
pub(super) fn access_of(row: &QueryResult) -> Result<AccessRow, StoreError> {
    let stored: Option<String> = row.try_get("", "role").map_err(sort)?;
    Ok(AccessRow {
        user: UserId::new(row.try_get("", "id").map_err(sort)?),
        email: row.try_get("", "email").map_err(sort)?,
        is_admin: row.try_get("", "is_admin").map_err(sort)?,
        role: stored.as_deref().map(role).transpose()?,
    })
}

async fn add_refresh(db: &impl ConnectionTrait, session: i64, hash: &str, now: Timestamp) -> Result<(), StoreError> {
    let row =
        refresh_token::ActiveModel { session_id: Set(session), hash: Set(hash.to_owned()), created_at: Set(now), ..Default::default() };
    refresh_token::Entity::insert(row).exec_without_returning(db).await.map_err(sort)?;
    Ok(())
}
