//! From rows to schedules and back.

use chrono::NaiveTime;
use commandcenter_domain::StoreError;
use commandcenter_domain::job::JobKind;
use commandcenter_domain::schedule::{
    Counters, CronExpression, DisabledReason, Frequency, Misfire, Overlap, Plan, Rule, Schedule, Task, Timing, Weekday, Window, Zone,
};
use commandcenter_domain::shared::{ProjectId, ScheduleId, UserId};
use sea_orm::ActiveValue::{NotSet, Set};

use crate::entity::schedule::{ActiveModel, Model};
use crate::error::broken;

/// Every column that a plan fills.
pub(super) fn planned(plan: &Plan) -> ActiveModel {
    let Plan { name, description, task, timing, jitter_seconds, misfire, catch_up_limit, overlap, max_failures } = plan.clone();
    let Task { kind, parameters, tags, priority } = task;
    let Timing { rule, zone, window } = timing;
    let small = |number: Option<u32>| number.and_then(|number| i32::try_from(number).ok());
    ActiveModel {
        name: Set(name),
        description: Set(description),
        task_type: Set(kind.as_str().to_owned()),
        task_parameters: Set(parameters),
        tags: Set(tags),
        priority: Set(priority),
        frequency: Set(rule.frequency().as_str().to_owned()),
        minute: Set(small(rule.minute())),
        time_of_day: Set(rule.time_of_day()),
        weekday: Set(rule.weekday().map(|day| day.as_str().to_owned())),
        day_of_month: Set(small(rule.day_of_month())),
        interval_seconds: Set(rule.interval_seconds()),
        cron_expression: Set(rule.cron_expression().map(str::to_owned)),
        timezone: Set(zone.name().to_owned()),
        start_time: Set(window.start),
        end_time: Set(window.end),
        jitter_seconds: Set(jitter_seconds),
        misfire_policy: Set(misfire.as_str().to_owned()),
        catch_up_limit: Set(catch_up_limit),
        overlap_policy: Set(overlap.as_str().to_owned()),
        max_consecutive_failures: Set(max_failures),
        ..Default::default()
    }
}

/// Every column that moves while the plan stays.
pub(super) fn advanced(schedule: &Schedule) -> ActiveModel {
    let Schedule { next_run_at, disabled_reason, version, updated_at, .. } = schedule;
    let Counters { runs, successes, failures, consecutive_failures, last_run_at, last_success_at, last_failure_at, last_error } =
        schedule.counters.clone();
    ActiveModel {
        next_run_at: Set(*next_run_at),
        disabled_reason: Set(disabled_reason.map(|reason| reason.as_str().to_owned())),
        run_count: Set(runs),
        success_count: Set(successes),
        failure_count: Set(failures),
        consecutive_failures: Set(consecutive_failures),
        last_run_at: Set(last_run_at),
        last_success_at: Set(last_success_at),
        last_failure_at: Set(last_failure_at),
        last_error: Set(last_error),
        version: Set(*version),
        updated_at: Set(*updated_at),
        ..Default::default()
    }
}

/// Both.
pub(super) fn updated(schedule: &Schedule) -> ActiveModel {
    let ActiveModel {
        next_run_at,
        disabled_reason,
        run_count,
        success_count,
        failure_count,
        consecutive_failures,
        last_run_at,
        last_success_at,
        last_failure_at,
        last_error,
        version,
        updated_at,
        ..
    } = advanced(schedule);
    ActiveModel {
        id: NotSet,
        next_run_at,
        disabled_reason,
        run_count,
        success_count,
        failure_count,
        consecutive_failures,
        last_run_at,
        last_success_at,
        last_failure_at,
        last_error,
        version,
        updated_at,
        ..planned(&schedule.plan)
    }
}

/// The schedule in a row.
///
/// # Errors
/// [`StoreError::Broken`] for a row that this version cannot read.
pub(super) fn schedule(row: Model) -> Result<Schedule, StoreError> {
    let id = row.id;
    read(row).map_err(|column| broken(format!("schedule {id}: {column} holds something unknown")))
}

fn read(row: Model) -> Result<Schedule, &'static str> {
    let rule = rule(&row)?;
    let plan = Plan {
        name: row.name,
        description: row.description,
        task: Task {
            kind: JobKind::parse(&row.task_type).ok_or("task_type")?,
            parameters: row.task_parameters,
            tags: row.tags,
            priority: row.priority,
        },
        timing: Timing {
            rule,
            zone: Zone::parse(&row.timezone).ok_or("timezone")?,
            window: Window { start: row.start_time, end: row.end_time },
        },
        jitter_seconds: row.jitter_seconds,
        misfire: Misfire::parse(&row.misfire_policy).ok_or("misfire_policy")?,
        catch_up_limit: row.catch_up_limit,
        overlap: Overlap::parse(&row.overlap_policy).ok_or("overlap_policy")?,
        max_failures: row.max_consecutive_failures,
    };
    let reason = row.disabled_reason.map(|text| DisabledReason::parse(&text).ok_or("disabled_reason")).transpose()?;
    Ok(Schedule {
        id: ScheduleId::new(row.id),
        project: ProjectId::new(row.project_id),
        plan,
        next_run_at: row.next_run_at,
        disabled_reason: reason,
        counters: Counters {
            runs: row.run_count,
            successes: row.success_count,
            failures: row.failure_count,
            consecutive_failures: row.consecutive_failures,
            last_run_at: row.last_run_at,
            last_success_at: row.last_success_at,
            last_failure_at: row.last_failure_at,
            last_error: row.last_error,
        },
        created_by: row.created_by.map(UserId::new),
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn rule(row: &Model) -> Result<Rule, &'static str> {
    let at = || {
        let text = row.time_of_day.as_deref().ok_or("time_of_day")?;
        NaiveTime::parse_from_str(text, "%H:%M:%S").map_err(|_| "time_of_day")
    };
    let unsigned = |number: Option<i32>, column| number.and_then(|number| u32::try_from(number).ok()).ok_or(column);
    Ok(match Frequency::parse(&row.frequency).ok_or("frequency")? {
        Frequency::Once => Rule::Once,
        Frequency::Hourly => Rule::Hourly { minute: unsigned(row.minute, "minute")? },
        Frequency::Daily => Rule::Daily { at: at()? },
        Frequency::Weekly => Rule::Weekly { day: row.weekday.as_deref().and_then(Weekday::parse).ok_or("weekday")?, at: at()? },
        Frequency::Monthly => Rule::Monthly { day: unsigned(row.day_of_month, "day_of_month")?, at: at()? },
        Frequency::Interval => Rule::Interval { seconds: row.interval_seconds.ok_or("interval_seconds")? },
        Frequency::Cron => {
            let text = row.cron_expression.as_deref().ok_or("cron_expression")?;
            Rule::Cron(CronExpression::parse(text).map_err(|_| "cron_expression")?)
        }
    })
}
