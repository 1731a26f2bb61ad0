//! The two scripts that run in Redis, each in one go: how they are called, and what they answer.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::Duration;

use kai_core::ids::SessionId;
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::{Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind, Value};
use thiserror::Error;

use super::link::PATIENCE;
use crate::frame::{Draft, Epoch, EventId};
use crate::log::{Page, Standing};
use crate::producer::{Post, Producers};

/// Adds events.
static PUBLISH: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("publish.lua")));

/// Tells what a replica lacks.
static FOLLOW: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("follow.lua")));

/// How much a replica takes over at once.
const PAGE_EVENTS: usize = 1_000;
const PAGE_BYTES: usize = 1024 * 1024;

/// Why a script gave no answer that can be used.
#[derive(Debug, Error)]
pub(super) enum ScriptError {
    /// Redis cannot be reached, or refuses.
    #[error(transparent)]
    Redis(#[from] RedisError),
    /// It does not answer in time.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    Late,
    /// The connection was closed, or a publisher found it of no use.
    #[error("the connection is broken")]
    Closed,
    /// The answer is not what the script gives.
    #[error(
        "what Redis keeps is not what a receiver writes ({0}); does something else use these keys?"
    )]
    Nonsense(&'static str),
}

impl ScriptError {
    /// Whether another connection may do better: this one is broken, or leads to a server that may
    /// not write, as after a failover.
    pub(super) fn is_fatal(&self) -> bool {
        match self {
            Self::Redis(error) => {
                error.is_unrecoverable_error()
                    || error.is_io_error()
                    || error.is_timeout()
                    || matches!(error.code(), Some("READONLY" | "LOADING" | "MASTERDOWN"))
            }
            Self::Late | Self::Closed => true,
            Self::Nonsense(_) => false,
        }
    }
}

/// The keys of a session, all its receivers' channel, and its name.
#[derive(Debug)]
pub(super) struct Keys {
    /// All sessions by their end; the session's events; its state.
    three: [String; 3],
    channel: String,
    name: String,
}

/// The start of all our keys and channels.
const PREFIX: &str = "kai:sse:";
const CHANNEL: &str = ":bell";

impl Keys {
    pub(super) fn of(session: &SessionId) -> Self {
        let name = session.as_str().to_owned();
        Self {
            three: [
                format!("{PREFIX}sessions"),
                format!("{PREFIX}{name}:events"),
                format!("{PREFIX}{name}:state"),
            ],
            channel: channel(session),
            name,
        }
    }
}

/// Where the bell of a session rings.
pub(super) fn channel(session: &SessionId) -> String {
    format!("{PREFIX}{session}{CHANNEL}")
}

/// The session whose bell rings there.
pub(super) fn rung(channel: &[u8]) -> Option<SessionId> {
    let channel = std::str::from_utf8(channel).ok()?;
    let name = channel.strip_prefix(PREFIX)?.strip_suffix(CHANNEL)?;
    Some(SessionId::new(name))
}

/// What events are added with.
#[derive(Debug)]
pub(super) struct Publishing<'a> {
    /// The server that the connection leads to.
    pub(super) server: &'a str,
    /// The newest event that is known here.
    pub(super) seen: Option<EventId>,
    pub(super) max_sessions: usize,
    pub(super) max_events: usize,
    pub(super) max_bytes: usize,
    pub(super) retention: Duration,
}

/// What became of events.
#[derive(Debug)]
pub(super) struct Added {
    pub(super) stored: usize,
    pub(super) repeated: usize,
    pub(super) evicted: u64,
    /// The newest event of the session; none when there is no session.
    pub(super) head: Option<EventId>,
    pub(super) refused: Option<Refusal>,
}

/// Why the next one was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Full,
    Hole(u64),
    OlderAttempt(u64),
    EarlierRun,
}

/// Adds events to a session.
pub(super) async fn publish(
    connection: &mut MultiplexedConnection,
    session: &SessionId,
    publishing: &Publishing<'_>,
    posts: &[Post],
) -> Result<Added, ScriptError> {
    let keys = Keys::of(session);
    let (seen_epoch, seen_head) = id(publishing.seen);
    let mut arguments: Vec<Cow<'_, [u8]>> = vec![
        text(&keys.name),
        text(&keys.channel),
        owned(Epoch::random().as_str()),
        text(publishing.server),
        owned(&seen_epoch),
        owned(&seen_head),
        number(&publishing.max_sessions),
        number(&publishing.max_events),
        number(&publishing.max_bytes),
        number(&publishing.retention.as_millis()),
        number(&Producers::REMEMBERED),
    ];
    for Post { draft, stamp } in posts {
        match stamp {
            Some(stamp) => arguments.extend([
                text(stamp.run.as_str()),
                owned(&format!("{:020}", stamp.attempt)),
                owned(&format!("{:020}", stamp.seq)),
            ]),
            None => arguments.extend([text(""), text(""), text("")]),
        }
        arguments.push(text(if draft.is_done() { "1" } else { "" }));
        arguments.push(Cow::Borrowed(draft.rest()));
    }
    let answer = PUBLISH.run(connection, &keys, &arguments).await?;
    let nonsense = || ScriptError::Nonsense("the answer to a publication");
    let fields: Vec<Value> = redis::from_redis_value(answer).map_err(|_| nonsense())?;
    let [stored, repeated, evicted, epoch, head, why, with] =
        <[Value; 7]>::try_from(fields).map_err(|_| nonsense())?;
    let with: String = field(with).ok_or_else(nonsense)?;
    let why: String = field(why).ok_or_else(nonsense)?;
    let with_number = || with.parse().map_err(|_| nonsense());
    Ok(Added {
        stored: field(stored).ok_or_else(nonsense)?,
        repeated: field(repeated).ok_or_else(nonsense)?,
        evicted: field(evicted).ok_or_else(nonsense)?,
        head: event_id(epoch, head),
        refused: match why.as_str() {
            "" => None,
            "full" => Some(Refusal::Full),
            "hole" => Some(Refusal::Hole(with_number()?)),
            "older" => Some(Refusal::OlderAttempt(with_number()?)),
            "earlier" => Some(Refusal::EarlierRun),
            _ => return Err(nonsense()),
        },
    })
}

/// What a replica asks with.
#[derive(Debug)]
pub(super) struct Following {
    /// How far it is; none when it only tells what was read.
    pub(super) standing: Option<Standing>,
    /// The last end of a run that one of its subscribers was given.
    pub(super) read: Option<EventId>,
    /// How long the session is to be kept from now on; none to leave that as it is.
    pub(super) keep: Option<Duration>,
}

/// Asks what a replica lacks; none when there is no such session.
pub(super) async fn follow(
    connection: &mut MultiplexedConnection,
    session: &SessionId,
    following: &Following,
) -> Result<Option<Page>, ScriptError> {
    let keys = Keys::of(session);
    let standing = following.standing.as_ref();
    let (epoch, head) = id(standing.map(|standing| standing.head));
    let next = standing.map_or(1, |standing| standing.head.seq.saturating_add(1));
    let (read_epoch, read) = id(following.read);
    let events = if standing.is_some() { PAGE_EVENTS } else { 0 };
    let arguments: Vec<Cow<'_, [u8]>> = vec![
        text(&keys.name),
        text(&keys.channel),
        owned(&epoch),
        owned(&head),
        number(&next),
        text(standing.map_or("", |standing| &standing.server)),
        owned(&read_epoch),
        owned(&read),
        owned(Epoch::random().as_str()),
        text(if following.keep.is_some() { "1" } else { "" }),
        number(&following.keep.unwrap_or_default().as_millis()),
        number(&events),
        number(&PAGE_BYTES),
    ];
    let answer = FOLLOW.run(connection, &keys, &arguments).await?;
    let nonsense = || ScriptError::Nonsense("a session's state");
    let fields: Vec<Value> = redis::from_redis_value(answer).map_err(|_| nonsense())?;
    if fields.is_empty() {
        return Ok(None);
    }
    let [epoch, head, read, dropped, server, found] =
        <[Value; 6]>::try_from(fields).map_err(|_| nonsense())?;
    let head = event_id(epoch, head).ok_or_else(nonsense)?;
    let dropped: String = field(dropped).ok_or_else(nonsense)?;
    let found: Vec<Value> = redis::from_redis_value(found).map_err(|_| nonsense())?;
    let mut entries = Vec::with_capacity(found.len() / 3);
    let mut found = found.into_iter();
    while let (Some(seq), Some(frame), Some(done)) = (found.next(), found.next(), found.next()) {
        let (Some(seq), Value::BulkString(frame), Some(done)) =
            (decimal(seq), frame, field::<String>(done))
        else {
            return Err(ScriptError::Nonsense("an event"));
        };
        entries.push((seq, Draft::again(&frame, done == "1")));
    }
    Ok(Some(Page {
        epoch: head.epoch,
        head: head.seq,
        read_done: decimal(read).ok_or_else(nonsense)?,
        dropped_done: dropped == "1",
        server: field::<String>(server).ok_or_else(nonsense)?.into(),
        entries,
    }))
}

/// A script, and the name under which Redis keeps it once it has seen it.
struct Script {
    code: &'static str,
    hash: String,
}

impl Script {
    fn new(code: &'static str) -> Self {
        let hash = redis::Script::new(code).get_hash().to_owned();
        Self { code, hash }
    }

    /// Runs it once, or not at all: it is sent again only when Redis did not know it by its name.
    async fn run(
        &self,
        connection: &mut MultiplexedConnection,
        keys: &Keys,
        arguments: &[Cow<'_, [u8]>],
    ) -> Result<Value, RedisError> {
        let known = command("EVALSHA", &self.hash, keys, arguments);
        match answer(connection, &known).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                answer(connection, &command("EVAL", self.code, keys, arguments)).await
            }
            answer => answer,
        }
    }
}

async fn answer(
    connection: &mut MultiplexedConnection,
    command: &Cmd,
) -> Result<Value, RedisError> {
    connection
        .req_packed_command(command)
        .await?
        .extract_error()
}

fn command(verb: &str, script: &str, keys: &Keys, arguments: &[Cow<'_, [u8]>]) -> Cmd {
    let mut command = redis::cmd(verb);
    command.arg(script).arg(keys.three.len()).arg(&keys.three);
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command
}

fn text(text: &str) -> Cow<'_, [u8]> {
    Cow::Borrowed(text.as_bytes())
}

fn owned(text: &str) -> Cow<'static, [u8]> {
    Cow::Owned(text.as_bytes().to_vec())
}

fn number(number: &impl ToString) -> Cow<'static, [u8]> {
    Cow::Owned(number.to_string().into_bytes())
}

fn id(id: Option<EventId>) -> (String, String) {
    id.map_or_else(
        || (String::new(), "0".to_owned()),
        |id| (id.epoch.as_str().to_owned(), id.seq.to_string()),
    )
}

fn field<T: FromRedisValue>(value: Value) -> Option<T> {
    redis::from_redis_value(value).ok()
}

fn decimal(value: Value) -> Option<u64> {
    field::<String>(value)?.parse().ok()
}

fn event_id(epoch: Value, seq: Value) -> Option<EventId> {
    let epoch = Epoch::parse(&field::<String>(epoch)?)?;
    Some(EventId {
        epoch,
        seq: decimal(seq)?,
    })
}
