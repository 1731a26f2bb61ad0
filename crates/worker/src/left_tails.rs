//! Looks, from time to time, for what lost workers have not delivered of runs that they had reported.

use std::time::Duration;

use kai_core::recorder::LeftTails;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// How often the store is asked. What a worker leaves is due 15 s after its run.
const INTERVAL: Duration = Duration::from_secs(5);

/// Looks until `stopped` is cancelled. What is cut off then is due again soon.
pub(crate) async fn watch(left: LeftTails, stopped: CancellationToken) {
    let looking = async {
        let mut timer = tokio::time::interval(INTERVAL);
        timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            Box::pin(left.look()).await;
        }
    };
    // It never ends by itself.
    let _: Option<()> = stopped.run_until_cancelled(looking).await;
}
