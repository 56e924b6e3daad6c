//! The words of schedules.

use crate::text_enum;

text_enum! {
    /// How often a schedule fires.
    Frequency {
        /// Once, at its start.
        Once = "once",
        /// Every hour of its zone's clock.
        Hourly = "hourly",
        /// Every day.
        Daily = "daily",
        /// Every week.
        Weekly = "weekly",
        /// Every month.
        Monthly = "monthly",
        /// Every so many seconds, whatever the clock on the wall says.
        Interval = "interval",
        /// As a cron expression says.
        Cron = "cron",
    }
}

text_enum! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

impl Weekday {
    /// Days since Monday.
    #[must_use]
    pub const fn from_monday(self) -> u32 {
        self as u32
    }
}

text_enum! {
    /// What becomes of fire times that passed while no scheduler was there to see them.
    Misfire {
        /// They become one run, that of the last of them.
        RunOnce = "run_once",
        /// They are passed over.
        Skip = "skip",
        /// The last so many of them run, oldest first.
        CatchUp = "catch_up",
    }
}

text_enum! {
    /// What becomes of a fire while an earlier run has not ended.
    Overlap {
        /// It is passed over.
        Skip = "skip",
        /// It waits for the earlier run to end.
        Queue = "queue",
        /// The earlier run is cancelled; the new one starts once it has stopped.
        CancelOld = "cancel_old",
    }
}

text_enum! {
    /// What made a run.
    Trigger {
        /// Its time came.
        Schedule = "schedule",
        /// A person asked for it.
        Manual = "manual",
    }
}

text_enum! {
    /// Where a run of a schedule stands.
    RunOutcome {
        /// It waits for an earlier run to end.
        Waiting = "waiting",
        /// Its job is made and has not ended.
        Running = "running",
        /// Its job completed.
        Completed = "completed",
        /// Its job failed.
        Failed = "failed",
        /// Its job was cancelled or deleted, or it was given up while it waited.
        Cancelled = "cancelled",
        /// Its job failed on every attempt.
        Dead = "dead",
        /// It was passed over: no job was made.
        Skipped = "skipped",
    }
}

impl RunOutcome {
    /// Whether nothing more will come of the run.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Waiting | Self::Running => false,
            Self::Completed | Self::Failed | Self::Cancelled | Self::Dead | Self::Skipped => true,
        }
    }
}

text_enum! {
    /// Why a schedule does not fire.
    DisabledReason {
        /// A person disabled it.
        Manual = "manual",
        /// It has no fire time left.
        Finished = "finished",
        /// It failed too often in a row.
        Failures = "failures",
    }
}
