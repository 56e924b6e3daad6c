//! What may happen to the queue.

use proptest::prelude::*;

/// What may happen to the queue. Numbers choose among what there is at that moment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step {
    Enqueue(Shape),
    /// An engine claims at most so many.
    Claim(u8, u64),
    /// An engine's heartbeat.
    Extend(u8),
    /// Seconds pass.
    Advance(i64),
    /// Leases that ran out are taken away.
    Reap,
    /// A run says how far it is.
    Progress(Which, i32),
    /// A run ends.
    Settle(Which, End),
    Dispatch(usize),
    Cancel(usize),
    Revive(usize),
    Delete(usize),
}

/// A new job.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    Plain,
    /// With one attempt.
    Once,
    /// Starts in twenty seconds.
    Later,
    /// Waits to be dispatched.
    Held,
    /// At most one of these is alive.
    Unique,
    /// At most so many of these run.
    Exclusive(i32),
    /// A parent and two children.
    Batch,
}

/// Which of the leases that were ever given.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// One that holds.
    Held(usize),
    /// One that is lost; first of all those whose jobs run under another by now.
    Lost(usize),
}

/// How a run ends.
#[derive(Debug, Clone, Copy)]
pub(super) enum End {
    Completed,
    Failed,
    /// To be tried again, as long as there are attempts.
    Retry,
    Wait,
    Released,
    Cancelled,
}

impl Step {
    /// Any step; those that lead somewhere more often.
    pub(super) fn any() -> impl Strategy<Value = Self> {
        let one = || 0..64_usize;
        // Two, so that an engine often claims again what it has lost.
        let owner = || 0..2_u8;
        prop_oneof![
            6 => Shape::any().prop_map(Self::Enqueue),
            6 => (owner(), 1..4_u64).prop_map(|(owner, limit)| Self::Claim(owner, limit)),
            2 => owner().prop_map(Self::Extend),
            3 => (5..40_i64).prop_map(Self::Advance),
            3 => Just(Self::Reap),
            2 => (Which::any(), 0..100).prop_map(|(which, percent)| Self::Progress(which, percent)),
            8 => (Which::any(), End::any()).prop_map(|(which, end)| Self::Settle(which, end)),
            1 => one().prop_map(Self::Dispatch),
            3 => one().prop_map(Self::Cancel),
            3 => one().prop_map(Self::Revive),
            1 => one().prop_map(Self::Delete),
        ]
    }
}

impl Shape {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => Just(Self::Plain),
            2 => Just(Self::Once),
            1 => Just(Self::Later),
            1 => Just(Self::Held),
            2 => Just(Self::Unique),
            4 => (1..3).prop_map(Self::Exclusive),
            2 => Just(Self::Batch),
        ]
    }
}

impl Which {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![3 => (0..64_usize).prop_map(Self::Held), 2 => (0..64_usize).prop_map(Self::Lost)]
    }
}

impl End {
    fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            3 => Just(Self::Completed),
            2 => Just(Self::Failed),
            4 => Just(Self::Retry),
            2 => Just(Self::Wait),
            3 => Just(Self::Released),
            1 => Just(Self::Cancelled),
        ]
    }
}
