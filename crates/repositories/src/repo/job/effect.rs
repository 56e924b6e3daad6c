//! The ledger of effects.

use async_trait::async_trait;
use commandcenter_domain::StoreError;
use commandcenter_domain::job::{Effect, EffectLedger, EffectState, Lease, Written};
use commandcenter_domain::shared::Timestamp;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, TryInsertResult};
use serde_json::Value;

use super::ledger::held;
use crate::entity::{job, job_effect};
use crate::error::{broken, sort};
use crate::store::On;

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> EffectLedger for On<C> {
    async fn open_effect(&self, lease: &Lease, name: &str, at: Timestamp) -> Result<Option<Effect>, StoreError> {
        let Some(owner) = job::Entity::find().filter(held(lease)).one(&self.0).await.map_err(sort)? else { return Ok(None) };
        // Another instance may have a job of the same number: the moment at which it was made tells the two apart.
        let key = format!("{}-{}-{name}", owner.created_at.timestamp_micros(), owner.id);
        let row = job_effect::ActiveModel {
            job_id: Set(owner.id),
            name: Set(name.to_owned()),
            effect_key: Set(key.clone()),
            opened_at: Set(at),
            ..Default::default()
        };
        let known = OnConflict::columns([job_effect::Column::JobId, job_effect::Column::Name]).do_nothing().to_owned();
        match job_effect::Entity::insert(row).on_conflict(known).try_insert().exec(&self.0).await.map_err(sort)? {
            TryInsertResult::Inserted(_) => Ok(Some(Effect { key, state: EffectState::New })),
            TryInsertResult::Conflicted | TryInsertResult::Empty => self.earlier(lease, name).await.map(Some),
        }
    }

    async fn close_effect(&self, lease: &Lease, name: &str, (result, at): (&Value, Timestamp)) -> Result<Written, StoreError> {
        // Locked, so that within a transaction nobody takes the job over before the effect is as durable as what else was written.
        if job::Entity::find().filter(held(lease)).lock_exclusive().one(&self.0).await.map_err(sort)?.is_none() {
            return Ok(Written::LeaseLost);
        }
        let update = job_effect::Entity::update_many()
            .col_expr(job_effect::Column::Result, Expr::value(Some(result.clone())))
            .col_expr(job_effect::Column::ClosedAt, Expr::value(at))
            .filter(of(lease, name));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(Written::Yes)
    }
}

impl<C: ConnectionTrait + Send + Sync> On<C> {
    async fn earlier(&self, lease: &Lease, name: &str) -> Result<Effect, StoreError> {
        let row = job_effect::Entity::find().filter(of(lease, name)).one(&self.0).await.map_err(sort)?;
        let row = row.ok_or_else(|| broken("an effect was opened and is not there"))?;
        let state = match row.closed_at {
            Some(_) => EffectState::Done(row.result.unwrap_or(Value::Null)),
            None => EffectState::Unsettled,
        };
        Ok(Effect { key: row.effect_key, state })
    }
}

fn of(lease: &Lease, name: &str) -> sea_orm::sea_query::SimpleExpr {
    use sea_orm::ExprTrait;
    job_effect::Column::JobId.eq(lease.job.get()).and(job_effect::Column::Name.eq(name))
}
