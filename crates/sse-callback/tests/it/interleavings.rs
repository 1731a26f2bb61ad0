//! Ten thousand random interleavings of all that publishers and subscribers do, against a model.
//!
//! The model keeps everything that was ever stored and decides from that history; the hub keeps a
//! cursor, a counter and a fence. They must agree on every answer and on every frame.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use kai_core::ids::SessionId;
use kai_sse_callback::frame::{Draft, EventType};
use kai_sse_callback::hub::{Hub, HubOptions, Opening, PublishError, Receipt};
use kai_sse_callback::log::{LogLimits, Visit};
use kai_sse_callback::producer::{Post, Refused, RunId, Stamp};
use kai_sse_callback::subscription::Subscription;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRunner};
use serde_json::Value;

/// Who publishes: run, attempt. The counter of each is what it believes was taken.
const PRODUCERS: [(&str, u64); 5] = [("a", 1), ("a", 2), ("b", 1), ("b", 2), ("c", 1)];

const VISITORS: usize = 3;

#[derive(Debug, Clone)]
enum Step {
    Publish(Publication),
    Batch(Vec<Publication>),
    Visit {
        visitor: usize,
        replay_all: bool,
    },
    Read {
        visitor: usize,
        frames: usize,
    },
    Leave {
        visitor: usize,
    },
    /// With the cursor that the visitor left with.
    Return {
        visitor: usize,
    },
    /// The receiver restarts: the log is lost, publishers and visitors go on.
    Restart,
}

#[derive(Debug, Clone, Copy)]
struct Publication {
    /// None numbers nothing.
    producer: Option<usize>,
    /// How far from the next number: behind is a repetition, ahead is a hole.
    offset: i64,
    done: bool,
}

fn publication() -> impl Strategy<Value = Publication> {
    let producer = prop_oneof![1 => Just(None), 9 => (0..PRODUCERS.len()).prop_map(Some)];
    let offset = prop_oneof![6 => Just(0), 2 => -3_i64..0, 1 => 1_i64..4];
    (producer, offset, prop::bool::weighted(0.15)).prop_map(|(producer, offset, done)| {
        Publication {
            producer,
            offset,
            done,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let visitor = 0..VISITORS;
    prop_oneof![
        8 => publication().prop_map(Step::Publish),
        2 => prop::collection::vec(publication(), 0..6).prop_map(Step::Batch),
        3 => (visitor.clone(), any::<bool>())
            .prop_map(|(visitor, replay_all)| Step::Visit { visitor, replay_all }),
        4 => (visitor.clone(), 1_usize..30)
            .prop_map(|(visitor, frames)| Step::Read { visitor, frames }),
        1 => visitor.clone().prop_map(|visitor| Step::Leave { visitor }),
        2 => visitor.prop_map(|visitor| Step::Return { visitor }),
        1 => Just(Step::Restart),
    ]
}

/// An event as the model keeps it.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    /// Its JSON, which no other event has.
    label: String,
    done: bool,
    /// Producer and number.
    stamp: Option<(usize, u64)>,
}

/// What the model expects as an answer.
#[derive(Debug, PartialEq)]
enum Answer {
    Stored,
    Duplicate,
    Hole(u64),
    Fenced,
}

/// All that one log has taken since it began.
#[derive(Debug, Default)]
struct History {
    events: Vec<Stored>,
    /// The last end of a run that somebody was sent.
    read_done: u64,
}

impl History {
    /// What happens to an event, told from what is there.
    fn judge(&self, producer: usize, seq: u64) -> Answer {
        let stamps = || self.events.iter().filter_map(|event| event.stamp);
        let (run, attempt) = PRODUCERS[producer];
        let latest = stamps().next_back().map(|(latest, _)| PRODUCERS[latest]);
        let was_here = stamps().any(|(other, _)| PRODUCERS[other].0 == run);
        match latest {
            Some((last_run, last_attempt))
                if was_here && (last_run != run || last_attempt > attempt) =>
            {
                return Answer::Fenced;
            }
            _ => {}
        }
        let own = stamps().filter(|(other, _)| *other == producer);
        match own.map(|(_, seq)| seq).max() {
            Some(taken) if seq <= taken => Answer::Duplicate,
            Some(taken) if seq == taken + 1 => Answer::Stored,
            Some(taken) => Answer::Hole(taken + 1),
            None if seq == 1 || stamps().all(|(_, seq)| seq != 1) => Answer::Stored,
            None => Answer::Hole(1),
        }
    }

    fn head(&self) -> u64 {
        self.events.len() as u64
    }

    fn get(&self, seq: u64) -> Option<&Stored> {
        self.events
            .get(usize::try_from(seq.checked_sub(1)?).unwrap())
    }
}

/// A visitor: its stream, and what the model says about it.
#[derive(Default)]
struct Visitor {
    stream: Option<Subscription>,
    /// The number of the next event.
    next: u64,
    ends_at: u64,
    ended: bool,
    /// The oldest and the newest event, when a `gap` that names them has to come first.
    gap: Option<(u64, u64)>,
    /// The last id, and which log gave it.
    cursor: Option<(u64, String)>,
    /// What it has been shown since it last came without a cursor.
    seen: HashSet<String>,
}

struct World {
    hub: Arc<Hub>,
    kept: usize,
    /// Counts the logs.
    log: u64,
    history: History,
    taken: [u64; PRODUCERS.len()],
    visitors: [Visitor; VISITORS],
    /// Makes events without numbers tell apart.
    written: u64,
}

fn hub(kept: usize) -> Arc<Hub> {
    const LONG: Duration = Duration::from_hours(1);
    Hub::new(HubOptions {
        max_subscribers: 100,
        max_sessions: 1,
        log: LogLimits {
            events: kept,
            bytes: 1_000_000,
        },
        idle_timeout: LONG,
        keepalive: LONG,
        retention: LONG,
    })
}

fn session() -> SessionId {
    SessionId::new("s")
}

impl World {
    fn new(kept: usize) -> Self {
        Self {
            hub: hub(kept),
            kept,
            log: 0,
            history: History::default(),
            taken: [0; PRODUCERS.len()],
            visitors: Default::default(),
            written: 0,
        }
    }

    fn oldest(&self) -> u64 {
        self.history.head().saturating_sub(self.kept as u64) + 1
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Publish(publication) => self.publish(*publication),
            Step::Batch(publications) => self.publish_all(publications),
            Step::Visit {
                visitor,
                replay_all,
            } => self.visit(*visitor, None, *replay_all),
            Step::Read { visitor, frames } => self.read(*visitor, *frames),
            Step::Leave { visitor } => self.visitors[*visitor].stream = None,
            Step::Return { visitor } => {
                if let Some(cursor) = self.visitors[*visitor].cursor.clone() {
                    self.visit(*visitor, Some(cursor), false);
                }
            }
            Step::Restart => self.restart(),
        }
    }

    /// The event of a publication, and what is to be answered; notes it when it is to be stored.
    fn prepare(&mut self, publication: Publication) -> (Post, Answer) {
        let kind = if publication.done { "done" } else { "token" };
        let stamp = publication.producer.map(|producer| {
            let seq = self.taken[producer].saturating_add_signed(1 + publication.offset);
            (producer, seq.max(1))
        });
        let label = match stamp {
            None => {
                self.written += 1;
                format!("{}", self.written)
            }
            Some((producer, seq)) => {
                let (run, attempt) = PRODUCERS[producer];
                format!(r#""{run}{attempt}.{seq}""#)
            }
        };
        let answer = stamp.map_or(Answer::Stored, |(producer, seq)| {
            self.history.judge(producer, seq)
        });
        if let Some((producer, seq)) = stamp
            && matches!(answer, Answer::Stored | Answer::Duplicate)
        {
            self.taken[producer] = self.taken[producer].max(seq);
        }
        let post = Post {
            draft: Draft::new(&EventType::try_from(kind.to_owned()).unwrap(), &label),
            stamp: stamp.map(|(producer, seq)| {
                let (run, attempt) = PRODUCERS[producer];
                Stamp {
                    run: RunId::try_from(run.to_owned()).unwrap(),
                    attempt: attempt.try_into().unwrap(),
                    seq: seq.try_into().unwrap(),
                }
            }),
        };
        if answer == Answer::Stored {
            self.history.events.push(Stored {
                label,
                done: publication.done,
                stamp,
            });
        }
        (post, answer)
    }

    fn publish(&mut self, publication: Publication) {
        let (post, expected) = self.prepare(publication);
        let answer = match self.hub.publish(&session(), post) {
            Ok(Receipt::Stored(id)) => {
                assert_eq!(id.seq, self.history.head());
                Answer::Stored
            }
            Ok(Receipt::Duplicate) => Answer::Duplicate,
            Err(error) => refusal(error),
        };
        assert_eq!(answer, expected);
    }

    fn publish_all(&mut self, publications: &[Publication]) {
        let (mut stored, mut duplicates, mut refused) = (0, 0, None);
        let mut posts = Vec::new();
        for publication in publications {
            if refused.is_some() {
                // Nothing behind a refused event is looked at, be it in order or not.
                posts.push(Post::from(Draft::new(&EventType::message(), "\"lost\"")));
                continue;
            }
            let (post, answer) = self.prepare(*publication);
            posts.push(post);
            match answer {
                Answer::Stored => stored += 1,
                Answer::Duplicate => duplicates += 1,
                _ => refused = Some(answer),
            }
        }
        let published = self.hub.publish_all(&session(), posts);
        assert_eq!(
            (published.accepted, published.duplicates),
            (stored, duplicates)
        );
        assert_eq!(published.refused.map(refusal), refused);
    }

    fn visit(&mut self, visitor: usize, cursor: Option<(u64, String)>, replay_all: bool) {
        let (oldest, head) = (self.oldest(), self.history.head());
        let place = cursor.as_ref().map(|(log, id)| self.place(*log, id));
        let visit = Visit {
            cursor: cursor.map(|(_, id)| id),
            replay_all,
        };
        let opening = self.hub.subscribe(&session(), &visit).unwrap();
        let Opening::Stream(stream) = opening else {
            let seq = place.flatten().expect("only a cursor can stand on an end");
            assert!(self.history.get(seq).unwrap().done);
            self.visitors[visitor].stream = None;
            return;
        };
        let (next, ends_at) = match place {
            Some(Some(seq)) => {
                assert!(!self.history.get(seq).unwrap().done);
                (seq + 1, 0)
            }
            Some(None) => (oldest, head),
            None if replay_all => (1, head),
            None => (self.history.read_done + 1, 0),
        };
        let visitor = &mut self.visitors[visitor];
        visitor.stream = Some(*stream);
        visitor.next = next;
        visitor.ends_at = ends_at;
        visitor.ended = false;
        visitor.gap = (place == Some(None)).then_some((oldest, head));
        if !matches!(place, Some(Some(_))) {
            visitor.seen.clear();
        }
    }

    /// The number that a cursor stands on, when nothing behind it is missing.
    fn place(&self, log: u64, id: &str) -> Option<u64> {
        let seq = seq_of(id);
        (log == self.log && seq + 1 >= self.oldest()).then_some(seq)
    }

    fn read(&mut self, visitor: usize, frames: usize) {
        for _ in 0..frames {
            let Some(stream) = &mut self.visitors[visitor].stream else {
                return;
            };
            match stream.next().now_or_never() {
                Some(Some(frame)) => self.received(visitor, std::str::from_utf8(&frame).unwrap()),
                Some(None) => {
                    assert!(self.visitors[visitor].ended, "a stream ended too early");
                    self.visitors[visitor].stream = None;
                    return;
                }
                None => {
                    let reader = &self.visitors[visitor];
                    assert!(!reader.ended, "a stream did not end");
                    assert_eq!(reader.gap, None, "a gap was not told");
                    assert_eq!(
                        reader.next,
                        self.history.head() + 1,
                        "something is held back"
                    );
                    return;
                }
            }
        }
    }

    fn received(&mut self, visitor: usize, frames: &str) {
        for frame in frames.split_terminator("\n\n") {
            let field = |name: &str| {
                let mut lines = frame.lines();
                lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            };
            let (oldest, head) = (self.oldest(), self.history.head());
            let reader = &mut self.visitors[visitor];
            let Some(kind) = field("event") else {
                assert!(field("retry").is_some());
                continue;
            };
            let data = field("data").unwrap();
            if kind == "gap" {
                let expected = reader.gap.take().unwrap_or_else(|| {
                    assert!(reader.next < oldest, "{} is there", reader.next);
                    (oldest, head)
                });
                let data: Value = serde_json::from_str(data).unwrap();
                let named = |name: &str| data[name].as_str().map(seq_of);
                let left = (expected.1 > 0).then_some(expected);
                assert_eq!(named("oldest").zip(named("head")), left);
                reader.next = expected.0;
                continue;
            }
            let id = field("id").unwrap();
            let seq = seq_of(id);
            assert_eq!((seq, reader.gap), (reader.next, None), "{frame}");
            let stored = self.history.get(seq).unwrap();
            assert_eq!((data, kind == "done"), (stored.label.as_str(), stored.done));
            assert!(reader.seen.insert(id.to_owned()), "{id} came twice");
            reader.next = seq + 1;
            reader.cursor = Some((self.log, id.to_owned()));
            if stored.done {
                reader.ended = seq >= reader.ends_at;
                self.history.read_done = self.history.read_done.max(seq);
            }
        }
    }

    fn restart(&mut self) {
        self.hub.stop();
        self.hub = hub(self.kept);
        self.history = History::default();
        self.log += 1;
        for visitor in &mut self.visitors {
            visitor.stream = None;
            visitor.seen.clear();
        }
    }

    /// Lets everybody read what is left, and looks at the log once more as a whole.
    fn finish(mut self) {
        for visitor in 0..VISITORS {
            self.read(visitor, 10_000);
        }
        let mut stamps = HashSet::new();
        for event in &self.history.events {
            assert!(event.stamp.is_none_or(|stamp| stamps.insert(stamp)));
        }
    }
}

fn refusal(error: PublishError) -> Answer {
    match error {
        PublishError::Refused(Refused::Hole { expected }) => Answer::Hole(expected),
        PublishError::Refused(_) => Answer::Fenced,
        other => panic!("{other}"),
    }
}

fn seq_of(id: &str) -> u64 {
    id.split_once('-').unwrap().1.parse().unwrap()
}

#[test]
fn whatever_happens_in_whatever_order_every_log_is_read_without_holes_and_repeats() {
    // Streams set timers, which need a runtime; nothing here waits for one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let interleavings = (1_usize..40, prop::collection::vec(step(), 1..40));
    let config = Config {
        cases: 10_000,
        failure_persistence: None,
        // The default is secure, and takes most of the time in a debug build.
        rng_algorithm: RngAlgorithm::XorShift,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&interleavings, |(kept, steps)| {
            let mut world = World::new(kept);
            for step in &steps {
                world.step(step);
            }
            world.finish();
            Ok(())
        })
        .unwrap();
}
