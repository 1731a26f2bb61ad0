//! The log of a run: what its entries say, and what they come to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::ids::TaskId;
use crate::store::taking::KeptRun;

/// What the entries of a log come to.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) next_slot: u32,
    pub(super) owner: (i64, u32),
    pub(super) activity_id: String,
    pub(super) ended: bool,
    pub(super) kept: KeptRun,
    /// The steps with their slots, also those that the run no longer has.
    pub(super) steps: Vec<(u32, Entry)>,
}

/// What an entry says. Contents are tokens, and gone where they were forgotten.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum Entry {
    Taken {
        generation: u32,
        activity_id: String,
        scheduled_at: i64,
        attempt: u32,
        task_id: String,
        started_at: DateTime<Utc>,
        begins: bool,
    },
    Step {
        generation: u32,
        number: u32,
        step: String,
        content: Option<String>,
        delivery: Option<String>,
    },
    Ended {
        generation: u32,
        status: String,
        outcome: String,
        delivery: Option<String>,
    },
    Closed {
        generation: u32,
        delivery: Option<String>,
    },
    Left {
        generation: u32,
        failed: bool,
        untouched: bool,
        delivery: Option<String>,
    },
}

impl Entry {
    pub(super) fn generation(&self) -> u32 {
        match self {
            Self::Taken { generation, .. }
            | Self::Step { generation, .. }
            | Self::Ended { generation, .. }
            | Self::Closed { generation, .. }
            | Self::Left { generation, .. } => *generation,
        }
    }

    /// Whether this is a step whose content is still there.
    pub(super) fn says_something(&self) -> bool {
        matches!(
            self,
            Self::Step {
                content: Some(_),
                ..
            }
        )
    }

    /// Leaves of a step only that it was there.
    pub(super) fn forget_content(&mut self) {
        if let Self::Step { content, .. } = self {
            *content = None;
        }
    }

    /// Whether this is another try to write the same.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        if self.generation() != other.generation() {
            return false;
        }
        match (self, other) {
            (Self::Step { number, .. }, Self::Step { number: there, .. }) => number == there,
            (Self::Ended { .. }, Self::Ended { .. })
            | (Self::Closed { .. }, Self::Closed { .. })
            | (Self::Left { .. }, Self::Left { .. }) => true,
            _ => false,
        }
    }
}

impl Log {
    pub(super) fn add(&mut self, slot: u32, entry: Entry) {
        self.next_slot = slot.saturating_add(1);
        if entry.generation() < self.kept.generation {
            return;
        }
        match &entry {
            Entry::Taken {
                generation,
                activity_id,
                scheduled_at,
                attempt,
                task_id,
                started_at,
                begins,
            } => {
                if *begins {
                    self.kept = KeptRun::begun(*generation, *started_at);
                    self.ended = false;
                    for (_, entry) in &mut self.steps {
                        entry.forget_content();
                    }
                }
                self.kept.task_id = TaskId::new(task_id.as_str());
                self.kept.started_at = *started_at;
                self.kept.generation = *generation;
                self.kept.untouched = false;
                self.owner = (*scheduled_at, *attempt);
                self.activity_id.clone_from(activity_id);
            }
            Entry::Step { delivery, .. } => {
                self.kept.delivery.clone_from(delivery);
                self.steps.push((slot, entry));
            }
            Entry::Ended {
                outcome, delivery, ..
            } => {
                self.kept.delivery.clone_from(delivery);
                self.kept.outcome = Some(outcome.clone());
                self.ended = true;
            }
            Entry::Closed { delivery, .. } => {
                self.kept.delivery.clone_from(delivery);
                for (_, entry) in &mut self.steps {
                    entry.forget_content();
                }
            }
            Entry::Left {
                failed,
                untouched,
                delivery,
                ..
            } => {
                self.kept.delivery.clone_from(delivery);
                self.kept.failures = self.kept.failures.saturating_add(u32::from(*failed));
                self.kept.untouched = *untouched;
            }
        }
    }

    /// The numbers and tokens of the steps that the run has.
    pub(super) fn steps_in_order(&self) -> Vec<(u32, String)> {
        let mut steps: Vec<(u32, String)> = self
            .steps
            .iter()
            .filter_map(|(_, entry)| match entry {
                Entry::Step {
                    number,
                    content: Some(content),
                    ..
                } => Some((*number, content.clone())),
                _ => None,
            })
            .collect();
        steps.sort_by_key(|(number, _)| *number);
        steps
    }
}
