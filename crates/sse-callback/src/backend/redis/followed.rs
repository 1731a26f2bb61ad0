//! One session that a receiver follows: what is known to be missing, and what is to be done next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::question::Question;
use crate::backend::due;
use crate::frame::EventId;
use crate::session::Session;

/// A session that somebody here reads, or has read to an end that Redis does not know of yet.
#[derive(Debug, Default)]
pub(super) struct Followed {
    replica: Option<Arc<Session>>,
    need: Need,
    /// Whether its bell is heard.
    listening: bool,
    /// Whether something is being done about it; there is never more than one thing.
    busy: bool,
    /// An end of a run that a subscriber was given, and Redis is to be told of.
    read: Option<EventId>,
    /// Who waits for the replica to be up to date.
    waiting: Vec<oneshot::Sender<()>>,
}

/// What a replica needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Nothing, as far as is known.
    #[default]
    Nothing,
    /// What is new.
    News,
    /// What is new, and that Redis keeps the session for longer.
    Keeping,
}

/// What is to be done next.
#[derive(Debug)]
pub(super) enum Step {
    /// Nothing, or something is being done already.
    Wait,
    /// Forget the session.
    Forget,
    /// Listen for its bell no more; then tell [`Followed::unheard`].
    Silence,
    /// Ask Redis; then tell [`Followed::up_to_date`] or [`Followed::failed`].
    Ask(Question, Asked),
}

/// For whom and what a question is asked.
#[derive(Debug)]
pub(super) struct Asked {
    read: Option<EventId>,
    waiting: Vec<oneshot::Sender<()>>,
}

impl Followed {
    /// Somebody wants to read the session, and waits.
    pub(super) fn request(&mut self, replica: Arc<Session>, done: oneshot::Sender<()>) {
        self.replica = Some(replica);
        self.needs(Need::Keeping);
        self.waiting.push(done);
    }

    /// The replica needs something.
    pub(super) fn needs(&mut self, need: Need) {
        self.need = self.need.max(need);
    }

    /// A subscriber was given this end of a run.
    pub(super) fn was_read(&mut self, done: EventId) {
        self.read = Some(self.read.map_or(done, |noted| due::later(noted, done)));
    }

    /// What Redis has not been told of yet.
    pub(super) fn unread(&self) -> Option<EventId> {
        self.read
    }

    /// Whether nothing of it is needed any more.
    pub(super) fn is_unused(&self) -> bool {
        !self.busy
            && self.read.is_none()
            && self.waiting.is_empty()
            && self
                .replica
                .as_ref()
                .is_none_or(|replica| replica.is_freed())
    }

    /// What is to be done now. The caller does it, and says when it is done.
    pub(super) fn next(&mut self, retention: Duration) -> Step {
        if self.busy {
            return Step::Wait;
        }
        if self.is_unused() {
            if !self.listening {
                return Step::Forget;
            }
            self.busy = true;
            return Step::Silence;
        }
        let need = std::mem::take(&mut self.need);
        if need == Need::Nothing && self.read.is_none() {
            return Step::Wait;
        }
        let replica = self.replica.clone();
        let replica = replica.filter(|replica| !replica.is_freed() || !self.waiting.is_empty());
        let question = Question {
            listen: replica.is_some() && !self.listening,
            replica,
            read: self.read,
            keep: (need == Need::Keeping).then_some(retention),
        };
        self.listening |= question.listen;
        self.busy = true;
        let waiting = std::mem::take(&mut self.waiting);
        let asked = Asked {
            read: self.read,
            waiting,
        };
        Step::Ask(question, asked)
    }

    /// A question was answered. True when there is more to do.
    pub(super) fn up_to_date(&mut self, asked: Asked) -> bool {
        self.busy = false;
        if self.read == asked.read {
            self.read = None;
        }
        for waiting in asked.waiting {
            // Whoever gave up does not need it any more.
            let _ = waiting.send(());
        }
        self.need != Need::Nothing || self.read.is_some() || self.is_unused()
    }

    /// A question could not be answered, or the connection is gone: its bell is heard no more. Those
    /// who waited for it are put off as their senders go.
    pub(super) fn failed(&mut self) {
        self.busy = false;
        self.listening = false;
        self.waiting.clear();
    }

    /// Its bell is heard no more.
    pub(super) fn unheard(&mut self) {
        self.busy = false;
        self.listening = false;
    }
}
