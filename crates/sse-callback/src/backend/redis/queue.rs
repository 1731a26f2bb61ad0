//! Sessions that wait for their turn, each once.

use std::collections::{HashSet, VecDeque};

use kai_core::ids::SessionId;

/// The queue. It never holds more than there are sessions.
#[derive(Debug, Default)]
pub(super) struct Queue {
    order: VecDeque<SessionId>,
    present: HashSet<SessionId>,
}

impl Queue {
    /// Adds a session at the end, unless it waits already.
    pub(super) fn push(&mut self, session: SessionId) {
        if self.present.insert(session.clone()) {
            self.order.push_back(session);
        }
    }

    /// The session whose turn it is.
    pub(super) fn pop(&mut self) -> Option<SessionId> {
        let session = self.order.pop_front()?;
        self.present.remove(&session);
        Some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_waits_once_and_in_its_place() {
        let mut queue = Queue::default();
        for session in ["a", "b", "a"] {
            queue.push(SessionId::new(session));
        }
        let order = [queue.pop(), queue.pop(), queue.pop()];
        assert_eq!(
            order,
            [Some(SessionId::new("a")), Some(SessionId::new("b")), None]
        );
        queue.push(SessionId::new("a"));
        assert_eq!(queue.pop(), Some(SessionId::new("a")));
    }
}
