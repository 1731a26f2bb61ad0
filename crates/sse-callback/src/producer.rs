//! Who may add what: the numbers that make publishing safe to repeat, and the fence between runs.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::num::NonZeroU64;

use thiserror::Error;

use crate::frame::Draft;

/// An event that somebody wants to add to a session.
#[derive(Debug)]
pub struct Post {
    /// The event.
    pub draft: Draft,
    /// Its place in the run that it belongs to; none for publishers that number nothing.
    pub stamp: Option<Stamp>,
}

impl From<Draft> for Post {
    fn from(draft: Draft) -> Self {
        Self { draft, stamp: None }
    }
}

/// An event's place: the run, the attempt at it, and the number in that attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// The run.
    pub run: RunId,
    /// The attempt, from 1; a later one fences off the earlier ones.
    pub attempt: NonZeroU64,
    /// The number of the event, counted from 1 in each attempt.
    pub seq: NonZeroU64,
}

/// The name that a publisher gives to a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(Box<str>);

/// A name that is empty, or too long to be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("run_id must have 1 to {} bytes", RunId::MAX_BYTES)]
pub struct InvalidRunId;

impl RunId {
    /// Long enough for the ids of a workflow and of its run together.
    pub const MAX_BYTES: usize = 512;

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RunId {
    type Error = InvalidRunId;

    fn try_from(id: String) -> Result<Self, InvalidRunId> {
        if id.is_empty() || id.len() > Self::MAX_BYTES {
            Err(InvalidRunId)
        } else {
            Ok(Self(id.into()))
        }
    }
}

/// What becomes of an event whose stamp is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is the next one.
    New,
    /// It was taken before.
    Repeat,
}

/// Why an event was refused because of its stamp. Nothing changes by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// Events before it have not arrived.
    #[error("there is a hole before this event; go on with seq {expected}")]
    Hole {
        /// The number that has to come next.
        expected: u64,
    },
    /// Somebody else has taken over the run.
    #[error("attempt {current} of this run has begun; no earlier attempt may publish any more")]
    OlderAttempt {
        /// The attempt that may publish.
        current: u64,
    },
    /// The session has gone on to another run.
    #[error("a later run has begun in this session; this one may publish no more")]
    EarlierRun,
}

/// What one session's log knows about those who number their events.
#[derive(Debug, Default)]
pub struct Producers {
    current: Option<Producer>,
    /// The runs before the current one, the latest last.
    earlier: VecDeque<RunId>,
    /// Whether an attempt began here with its first event. Until then the log may have taken the
    /// place of one that was lost, and whoever comes may be in the middle of its attempt.
    saw_a_beginning: bool,
}

#[derive(Debug)]
struct Producer {
    run: RunId,
    attempt: NonZeroU64,
    last: NonZeroU64,
}

impl Producers {
    /// How many runs before the current one are fenced off. Older ones count as unknown.
    pub const REMEMBERED: usize = 16;

    /// Decides on an event, and notes it when it is new.
    pub fn admit(&mut self, stamp: &Stamp) -> Result<Admission, Refused> {
        match &mut self.current {
            Some(current) if current.run == stamp.run => {
                match stamp.attempt.cmp(&current.attempt) {
                    Ordering::Less => Err(Refused::OlderAttempt {
                        current: current.attempt.get(),
                    }),
                    Ordering::Equal => current.count(stamp.seq),
                    Ordering::Greater => self.begin(stamp),
                }
            }
            _ if self.earlier.contains(&stamp.run) => Err(Refused::EarlierRun),
            _ => self.begin(stamp),
        }
    }

    /// Lets a new attempt or a new run take over.
    fn begin(&mut self, stamp: &Stamp) -> Result<Admission, Refused> {
        if stamp.seq == NonZeroU64::MIN {
            self.saw_a_beginning = true;
        } else if self.saw_a_beginning {
            return Err(Refused::Hole { expected: 1 });
        }
        let producer = Producer {
            run: stamp.run.clone(),
            attempt: stamp.attempt,
            last: stamp.seq,
        };
        if let Some(before) = self.current.replace(producer)
            && before.run != stamp.run
        {
            if self.earlier.len() == Self::REMEMBERED {
                self.earlier.pop_front();
            }
            self.earlier.push_back(before.run);
        }
        Ok(Admission::New)
    }
}

impl Producer {
    fn count(&mut self, seq: NonZeroU64) -> Result<Admission, Refused> {
        match seq.get().checked_sub(self.last.get()) {
            None | Some(0) => Ok(Admission::Repeat),
            Some(1) => {
                self.last = seq;
                Ok(Admission::New)
            }
            Some(_) => Err(Refused::Hole {
                // Something is above it, so there is room for one more.
                expected: self.last.saturating_add(1).get(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Admits `run attempt seq`.
    fn admit(producers: &mut Producers, stamp: &str) -> Result<Admission, Refused> {
        let mut parts = stamp.split(' ');
        let run = RunId::try_from(parts.next().unwrap().to_owned()).unwrap();
        let mut number = || parts.next().unwrap().parse().unwrap();
        let (attempt, seq) = (number(), number());
        producers.admit(&Stamp { run, attempt, seq })
    }

    fn admit_all(producers: &mut Producers, stamps: &[&str]) -> Vec<Result<Admission, Refused>> {
        stamps.iter().map(|stamp| admit(producers, stamp)).collect()
    }

    const NEW: Result<Admission, Refused> = Ok(Admission::New);
    const REPEAT: Result<Admission, Refused> = Ok(Admission::Repeat);

    fn hole(expected: u64) -> Result<Admission, Refused> {
        Err(Refused::Hole { expected })
    }

    #[test]
    fn each_number_is_taken_once_and_in_order() {
        let stamps = [
            "a 1 1", "a 1 1", "a 1 2", "a 1 4", "a 1 1", "a 1 3", "a 1 4",
        ];
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, REPEAT, NEW, hole(3), REPEAT, NEW, NEW]
        );
    }

    #[test]
    fn a_later_attempt_counts_from_one_and_fences_off_the_earlier() {
        let stamps = [
            "a 1 1", "a 1 2", "a 2 3", "a 1 3", "a 2 1", "a 1 4", "a 1 1", "a 2 2",
        ];
        let fenced = Err(Refused::OlderAttempt { current: 2 });
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, NEW, hole(1), NEW, NEW, fenced, fenced, NEW]
        );
    }

    #[test]
    fn a_later_run_counts_from_one_and_fences_off_the_earlier() {
        let stamps = [
            "a 3 1", "b 1 2", "a 3 2", "b 1 1", "a 3 3", "a 4 1", "b 1 2",
        ];
        let fenced = Err(Refused::EarlierRun);
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, hole(1), NEW, NEW, fenced, fenced, NEW]
        );
    }

    #[test]
    fn a_new_log_lets_a_run_go_on_from_where_it_is() {
        let stamps = ["a 2 57", "a 2 57", "a 2 59", "a 2 58", "a 1 80", "a 2 59"];
        let fenced = Err(Refused::OlderAttempt { current: 2 });
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, REPEAT, hole(58), NEW, fenced, NEW]
        );
    }

    #[test]
    fn until_a_beginning_was_seen_the_true_successor_is_never_locked_out() {
        // A worker thought dead is the first to find the new log.
        let stamps = ["a 1 40", "a 2 11", "a 1 41", "b 1 7", "a 2 12"];
        let older = Err(Refused::OlderAttempt { current: 2 });
        let earlier = Err(Refused::EarlierRun);
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, NEW, older, NEW, earlier]
        );
        let stamps = ["b 1 1", "a 1 40", "b 1 2"];
        assert_eq!(
            admit_all(&mut Producers::default(), &stamps),
            [NEW, hole(1), NEW]
        );
    }

    #[test]
    fn only_so_many_runs_are_remembered() {
        let mut producers = Producers::default();
        for run in 0..=Producers::REMEMBERED {
            assert_eq!(admit(&mut producers, &format!("{run} 1 1")), NEW);
        }
        assert_eq!(admit(&mut producers, "0 1 2"), Err(Refused::EarlierRun));
        assert_eq!(admit(&mut producers, "one-more 1 1"), NEW);
        assert_eq!(producers.earlier.len(), Producers::REMEMBERED);
        assert_eq!(admit(&mut producers, "0 1 2"), hole(1));
    }

    #[test]
    fn the_largest_numbers_are_numbers_like_others() {
        let largest = format!("a {} {}", u64::MAX, u64::MAX);
        let before = format!("a {} {}", u64::MAX, u64::MAX - 1);
        let mut producers = Producers::default();
        assert_eq!(admit(&mut producers, &before), NEW);
        assert_eq!(admit(&mut producers, &largest), NEW);
        assert_eq!(admit(&mut producers, &largest), REPEAT);
        assert_eq!(admit(&mut producers, &before), REPEAT);
    }

    #[test]
    fn run_ids_have_a_length() {
        for wrong in [0, RunId::MAX_BYTES + 1] {
            assert_eq!(RunId::try_from("x".repeat(wrong)), Err(InvalidRunId));
        }
        assert!(RunId::try_from("x".repeat(RunId::MAX_BYTES)).is_ok());
    }
}
