//! The schedules of every project, for the scheduler. Conditions repeat those of the partial indexes word for word.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use commandcenter_domain::StoreError;
use commandcenter_domain::job::JobStatus;
use commandcenter_domain::schedule::{Closing, EndedRun, NewRun, Schedule, ScheduleLedger, ScheduleRun};
use commandcenter_domain::shared::{JobId, ScheduleId, ScheduleRunId, Timestamp};
use sea_orm::sea_query::{Expr, LockBehavior, LockType, OnConflict, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, JoinType, QueryFilter, QueryOrder, QuerySelect,
};

use super::row::{advanced, schedule};
use super::run;
use crate::entity::schedule::{Column, Entity};
use crate::entity::{job, schedule_run};
use crate::error::{broken, sort};
use crate::store::On;

/// Schedules that will fire.
const FIRES: &str = "next_run_at IS NOT NULL";
/// Runs that have not ended.
const OPEN: &str = "finished_at IS NULL";

#[async_trait]
impl<C: ConnectionTrait + Send + Sync> ScheduleLedger for On<C> {
    async fn due(&self, now: Timestamp, limit: u64) -> Result<Vec<Schedule>, StoreError> {
        let mut query = Entity::find()
            .filter(Expr::cust(FIRES))
            .filter(Column::NextRunAt.lte(now))
            .order_by_asc(Column::NextRunAt)
            .order_by_asc(Column::Id)
            .limit(limit);
        // SQLite has one writer, so nobody else can hold any.
        if self.0.get_database_backend() == DbBackend::Postgres {
            query = query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        query.all(&self.0).await.map_err(sort)?.into_iter().map(schedule).collect()
    }

    async fn next_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let earliest = Query::select().expr_as(Column::NextRunAt.min(), "earliest").from(Entity).and_where(Expr::cust(FIRES)).take();
        let row = Earliest::find_by_statement(self.0.get_database_backend().build(&earliest)).one(&self.0).await.map_err(sort)?;
        Ok(row.and_then(|row| row.earliest))
    }

    async fn lock(&self, id: ScheduleId) -> Result<Option<Schedule>, StoreError> {
        Entity::find_by_id(id.get()).lock_exclusive().one(&self.0).await.map_err(sort)?.map(schedule).transpose()
    }

    async fn advance(&self, schedule: &Schedule) -> Result<(), StoreError> {
        let query = Entity::update_many().set(advanced(schedule)).filter(Column::Id.eq(schedule.id.get()));
        query.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn record(&self, schedule: &Schedule, new: &NewRun) -> Result<Option<ScheduleRun>, StoreError> {
        use schedule_run::Column;
        let taken = OnConflict::columns([Column::ScheduleId, Column::FireAt]).do_nothing().to_owned();
        let insert = schedule_run::Entity::insert(run::inserted(schedule, new)).on_conflict(taken);
        match insert.exec_with_returning(&self.0).await {
            Ok(row) => run::run(row).map(Some),
            Err(DbErr::RecordNotFound(_) | DbErr::RecordNotInserted) => Ok(None),
            Err(err) => Err(sort(err)),
        }
    }

    async fn open_runs(&self, id: ScheduleId) -> Result<Vec<ScheduleRun>, StoreError> {
        use schedule_run::Column;
        let query = schedule_run::Entity::find().filter(Expr::cust(OPEN)).filter(Column::ScheduleId.eq(id.get()));
        let rows = query.order_by_asc(Column::Id).all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(run::run).collect()
    }

    async fn begin(&self, id: ScheduleRunId, job: JobId, at: Timestamp) -> Result<(), StoreError> {
        use schedule_run::Column;
        let update = schedule_run::Entity::update_many()
            .col_expr(Column::Outcome, Expr::value("running"))
            .col_expr(Column::JobId, Expr::value(job.get()))
            .col_expr(Column::StartedAt, Expr::value(at))
            .filter(Column::Id.eq(id.get()));
        update.exec(&self.0).await.map_err(sort)?;
        Ok(())
    }

    async fn close(&self, id: ScheduleRunId, closing: Closing<'_>) -> Result<bool, StoreError> {
        use schedule_run::Column;
        let Closing { outcome, note, at } = closing;
        let update = schedule_run::Entity::update_many()
            .col_expr(Column::Outcome, Expr::value(outcome.as_str()))
            .col_expr(Column::Note, Expr::value(note.map(str::to_owned)))
            .col_expr(Column::FinishedAt, Expr::value(at))
            .filter(Column::Id.eq(id.get()))
            .filter(Expr::cust(OPEN));
        Ok(update.exec(&self.0).await.map_err(sort)?.rows_affected > 0)
    }

    async fn ended(&self, limit: u64) -> Result<Vec<EndedRun>, StoreError> {
        use schedule_run::Column;
        let jobs = schedule_run::Entity::belongs_to(job::Entity).from(Column::JobId).to(job::Column::Id).into();
        let is_over = Condition::any()
            .add(job::Column::Id.is_null())
            .add(job::Column::Status.is_in(JobStatus::ALL.iter().filter(|status| status.is_terminal()).map(|status| status.as_str())));
        let query = schedule_run::Entity::find()
            .join(JoinType::LeftJoin, jobs)
            .expr_as(Expr::col((job::Entity, job::Column::Status)), "job_status")
            .expr_as(Expr::col((job::Entity, job::Column::Error)), "job_error")
            .expr_as(Expr::col((job::Entity, job::Column::CompletedAt)), "job_completed_at")
            .filter(Expr::cust(OPEN))
            .filter(Column::JobId.is_not_null())
            .filter(is_over)
            .order_by_asc(Column::Id)
            .limit(limit);
        let rows = query.into_model::<Ended>().all(&self.0).await.map_err(sort)?;
        rows.into_iter().map(Ended::told).collect()
    }
}

#[derive(FromQueryResult)]
struct Earliest {
    earliest: Option<DateTime<Utc>>,
}

/// A run with what became of its job.
#[derive(FromQueryResult)]
struct Ended {
    #[sea_orm(nested)]
    run: schedule_run::Model,
    job_status: Option<String>,
    job_error: Option<String>,
    job_completed_at: Option<DateTime<Utc>>,
}

impl Ended {
    fn told(self) -> Result<EndedRun, StoreError> {
        let status =
            self.job_status.map(|text| JobStatus::parse(&text).ok_or_else(|| broken("a job has an unknown status"))).transpose()?;
        Ok(EndedRun { run: run::run(self.run)?, status, error: self.job_error, ended_at: self.job_completed_at })
    }
}
