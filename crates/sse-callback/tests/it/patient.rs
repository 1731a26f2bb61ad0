//! What takes half a minute by its nature: it waits side by side, so that it holds up no other test.

use crate::{shutdown, vanished};

const NAME: &str = "patient::nobody_holds_on_to_the_receiver_for_longer_than_thirty_seconds";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_holds_on_to_the_receiver_for_longer_than_thirty_seconds() {
    if vanished::is_inside() {
        return vanished::peers_that_vanish_are_freed_within_thirty_seconds().await;
    }
    tokio::join!(
        vanished::in_its_own_network(NAME),
        shutdown::a_shutdown_waits_for_nobody_longer_than_thirty_seconds(),
    );
}
