//! Keeps the leases of the runs under way, and notices requests to cancel.

use commandcenter_domain::StoreError;
use commandcenter_domain::job::StopReason;
use tokio::time::{Instant, sleep};

use crate::core::Core;
use crate::engine::span;

/// Works for ever; sleeps without a timer while nothing runs.
pub(crate) async fn keep(core: &Core) {
    let mut beaten = Instant::now();
    loop {
        if core.live.len() == 0 {
            core.began.notified().await;
            beaten = Instant::now();
        }
        tokio::select! {
            () = sleep(core.options.check()) => {}
            () = core.attend.notified() => {}
        }
        let due = beaten.elapsed() >= core.options.beat();
        let done = if due { beat(core).await } else { look_for_cancels(core).await };
        match done {
            Ok(()) if due => beaten = Instant::now(),
            Ok(()) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "leases cannot be kept"),
        }
        core.live.lapse(core.parts.clock.now());
    }
}

async fn beat(core: &Core) -> Result<(), StoreError> {
    let asked = core.live.snapshot();
    let jobs: Vec<_> = asked.iter().map(|(job, _)| *job).collect();
    let until = core.parts.clock.now() + span(core.options.lease);
    let beats = core.ledger().extend(&core.options.owner, &jobs, until).await?;
    core.live.beaten(&asked, &beats, until);
    Ok(())
}

async fn look_for_cancels(core: &Core) -> Result<(), StoreError> {
    if core.live.len() == 0 {
        return Ok(());
    }
    let jobs = core.ledger().cancel_requested(&core.options.owner).await?;
    core.live.stop(&jobs, StopReason::Requested);
    Ok(())
}
