//! The whole messages in what a client writes, however it is cut into pieces, and which of the script's
//! operations each of them asks for.

use std::collections::HashMap;

use super::script::{self, Op};

/// What is looked for in the bytes of a client.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The script's queries, when they are run: PostgreSQL is asked for their columns before that.
    Statements,
    /// The events of tools, and `done`.
    Events,
}

/// The messages of one connection.
pub(super) struct Messages {
    kind: Kind,
    /// What has arrived of the next message.
    begun: Vec<u8>,
    /// Whether PostgreSQL's session has begun: what comes before has no kind.
    in_session: bool,
    /// The script's queries by the names of their prepared statements.
    prepared: HashMap<Vec<u8>, Vec<(usize, Op)>>,
}

/// A whole message.
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) asks_for: Vec<(usize, Op)>,
}

/// What PostgreSQL's clients send to ask for encryption, before the session begins.
const ASKS_FOR_ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

impl Messages {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            begun: Vec::new(),
            in_session: false,
            prepared: HashMap::new(),
        }
    }

    /// The messages that are whole with this piece.
    pub(super) fn add(&mut self, piece: &[u8]) -> Vec<Message> {
        self.begun.extend_from_slice(piece);
        let mut whole = Vec::new();
        while let Some(length) = self.length().filter(|length| *length <= self.begun.len()) {
            let bytes: Vec<u8> = self.begun.drain(..length).collect();
            let asks_for = match self.kind {
                Kind::Statements => self.statements(&bytes),
                Kind::Events => events(&bytes),
            };
            whole.push(Message { bytes, asks_for });
        }
        whole
    }

    /// How long the next message is, once that can be seen.
    fn length(&self) -> Option<usize> {
        match self.kind {
            Kind::Statements => {
                let kind = usize::from(self.in_session);
                Some(kind + number(self.begun.get(kind..kind + 4)?))
            }
            Kind::Events => {
                let end = self.begun.windows(4).position(|at| at == b"\r\n\r\n")? + 4;
                let head = String::from_utf8_lossy(&self.begun[..end]).to_ascii_lowercase();
                let length = head.lines().find_map(|line| {
                    let value = line.strip_prefix("content-length:")?;
                    value.trim().parse::<usize>().ok()
                });
                Some(end + length.unwrap_or(0))
            }
        }
    }

    /// The queries that are run by a message of PostgreSQL's protocol: Parse gives a statement its name,
    /// Bind begins to run the one of a name, Query runs its text.
    fn statements(&mut self, message: &[u8]) -> Vec<(usize, Op)> {
        if !self.in_session {
            let code = u32::try_from(number(&message[4..8])).unwrap();
            self.in_session = !ASKS_FOR_ENCRYPTION.contains(&code);
            return Vec::new();
        }
        let mut texts = message[5..].split(|byte| *byte == 0);
        match (message[0], texts.next(), texts.next()) {
            (b'P', Some(name), Some(sql)) => {
                self.prepared.insert(name.to_vec(), queries(sql));
                Vec::new()
            }
            (b'B', Some(_portal), Some(name)) => {
                self.prepared.get(name).cloned().unwrap_or_default()
            }
            (b'Q', Some(sql), _) => queries(sql),
            _ => Vec::new(),
        }
    }
}

fn number(bytes: &[u8]) -> usize {
    u32::from_be_bytes(bytes.try_into().unwrap()) as usize
}

/// The script's queries in a text.
fn queries(sql: &[u8]) -> Vec<(usize, Op)> {
    let sql = String::from_utf8_lossy(sql);
    let found = sql.split("'run-").skip(1);
    let named = found.map(|rest| {
        let (run, rest) = rest.split_once("-q").unwrap();
        let op = match &rest[..1] {
            "0" => Op::Query0,
            "1" => Op::Query1,
            _ => Op::Query2,
        };
        (run.parse().unwrap(), op)
    });
    named.collect()
}

/// The events of interest in a request.
fn events(request: &[u8]) -> Vec<(usize, Op)> {
    let text = String::from_utf8_lossy(request);
    let told = [
        (r#""type":"tool_start""#, Op::Told),
        (r#""type":"done""#, Op::Done),
    ];
    told.into_iter()
        .filter(|(kind, _)| text.contains(kind))
        .filter_map(|(_, op)| Some((script::run_in(&text)?, op)))
        .collect()
}

/// A message of PostgreSQL's protocol.
fn message(kind: &str, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).unwrap();
    [kind.as_bytes(), &length.to_be_bytes(), body].concat()
}

/// Every operation that is asked for, where the bytes come in pieces of this length, and all the bytes.
fn read(kind: Kind, bytes: &[u8], piece: usize) -> (Vec<(usize, Op)>, Vec<u8>) {
    let mut messages = Messages::new(kind);
    let whole: Vec<Message> = bytes
        .chunks(piece)
        .flat_map(|piece| messages.add(piece))
        .collect();
    (
        whole.iter().flat_map(|m| m.asks_for.clone()).collect(),
        whole.into_iter().flat_map(|m| m.bytes).collect(),
    )
}

#[test]
fn every_way_to_run_a_query_is_counted_however_it_is_cut() {
    let [first, second] = [script::query(7, 0), script::query(7, 2)];
    let parse = [b"s1\0", first.as_bytes(), b"\0\0\0"].concat();
    let bytes = [
        message("", &ASKS_FOR_ENCRYPTION[0].to_be_bytes()),
        message(
            "",
            &[&196_608_u32.to_be_bytes()[..], b"user\0kai\0\0"].concat(),
        ),
        message("P", &parse),
        message("D", b"Ss1\0"),
        message("B", b"\0s1\0\0\0\0\0\0\0"),
        message("Q", &[second.as_bytes(), b"\0"].concat()),
        message("B", b"\0s1\0\0\0\0\0\0\0"),
    ]
    .concat();
    for piece in [1, 2, 3, 7, 64, bytes.len()] {
        let (ops, passed) = read(Kind::Statements, &bytes, piece);
        assert_eq!(ops, [(7, Op::Query0), (7, Op::Query2), (7, Op::Query0)]);
        assert!(passed == bytes, "pieces of {piece} bytes");
    }
}

#[test]
fn an_event_is_seen_however_its_request_is_cut() {
    let body = r#"{"session_id":"run-3","event":{"type":"done"}}"#;
    let head = format!(
        "POST /events/run-3 HTTP/1.1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let bytes = [
        head.as_bytes(),
        body.as_bytes(),
        head.as_bytes(),
        body.as_bytes(),
    ]
    .concat();
    for piece in [1, 10, 100, bytes.len()] {
        let (ops, passed) = read(Kind::Events, &bytes, piece);
        assert_eq!(ops, [(3, Op::Done), (3, Op::Done)]);
        assert!(passed == bytes, "pieces of {piece} bytes");
    }
}
