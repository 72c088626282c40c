//! What can go wrong between an endpoint and its client.

use std::time::Duration;

use crate::http::Reply;

/// Longer than a test's client waits.
const TOO_LONG: Duration = Duration::from_secs(60);

/// What goes wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Fault {
    /// Too many requests, sometimes with the wait that is asked for.
    TooMany,
    /// An error of the server or of one before it.
    ServerError,
    /// The answer comes in small pieces.
    SlowBody,
    /// The answer does not come while the client waits.
    NoAnswerInTime,
    /// The connection ends in the middle of the body.
    CutBody,
    /// The same where the body comes in chunks and has no length.
    CutChunks,
    /// A body of success that is no JSON, or JSON of another shape.
    WrongJson,
    /// An error in a body of success.
    ErrorInSuccess,
    /// The answer comes twice at once. (One that comes again after the next request took the connection cannot be told
    /// from that request's own answer, by nobody who speaks HTTP/1.1 over connections that are kept.)
    Twice,
    /// The request is taken and the connection closed without a word.
    Dropped,
}

/// All of them.
pub const FAULTS: [Fault; 10] = [
    Fault::TooMany,
    Fault::ServerError,
    Fault::SlowBody,
    Fault::NoAnswerInTime,
    Fault::CutBody,
    Fault::CutChunks,
    Fault::WrongJson,
    Fault::ErrorInSuccess,
    Fault::Twice,
    Fault::Dropped,
];

impl Fault {
    /// How often it comes, beside the others. An answer that never comes holds up its agent for long.
    pub(super) fn weight(self) -> u64 {
        if self == Self::NoAnswerInTime { 1 } else { 10 }
    }

    /// Whether the endpoint did the work, so that it charges for it.
    #[must_use]
    pub fn is_charged(self) -> bool {
        !matches!(self, Self::TooMany | Self::ServerError | Self::ErrorInSuccess)
    }

    /// Whether the client gets a whole answer all the same, so that it need not ask again.
    #[must_use]
    pub fn lets_the_answer_through(self) -> bool {
        matches!(self, Self::SlowBody | Self::Twice)
    }

    /// What comes back instead of `completion`. `chance` chooses among kinds of one fault.
    pub(super) fn reply(self, completion: &str, chance: u64) -> Reply {
        let whole = || Reply::json(200, "", completion);
        match self {
            Self::TooMany => too_many(chance),
            Self::ServerError => server_error(chance),
            Self::SlowBody => slow(completion),
            Self::NoAnswerInTime => whole().after(TOO_LONG),
            Self::CutBody => cut(completion, chance),
            Self::CutChunks => cut_chunks(completion, chance),
            Self::WrongJson => Reply::json(200, "", &wrong(completion, chance)),
            Self::ErrorInSuccess => {
                Reply::json(200, "", r#"{"error":{"message":"the provider returned an error","code":502}}"#)
            }
            Self::Twice => twice(completion),
            Self::Dropped => Reply::default().and_close(),
        }
    }
}

fn too_many(chance: u64) -> Reply {
    let headers = ["retry-after-ms: 4\r\n", "retry-after: 0\r\n", ""][index(chance, 3)];
    Reply::json(429, headers, r#"{"error":{"message":"rate limit reached","type":"requests"}}"#)
}

fn server_error(chance: u64) -> Reply {
    let status = [500, 502, 503, 529][index(chance, 4)];
    let body =
        ["<html>bad gateway</html>", r#"{"error":{"message":"overloaded"}}"#, ""][index(chance >> 8, 3)];
    let reply = Reply::json(status, "", body);
    // Some servers close the connection after an error.
    if chance & (1 << 20) == 0 { reply } else { reply.and_close() }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

fn slow(completion: &str) -> Reply {
    let head = format!("{HEAD}content-length: {}\r\n\r\n", completion.len());
    let pieces = completion.as_bytes().chunks(completion.len().div_ceil(4).max(1));
    let reply = Reply::default().then(Duration::from_millis(10), head);
    pieces.fold(reply, |reply, piece| reply.then(Duration::from_millis(10), piece))
}

fn cut(completion: &str, chance: u64) -> Reply {
    let head = format!("{HEAD}content-length: {}\r\n\r\n", completion.len());
    let kept = completion.as_bytes().get(..index(chance, completion.len())).unwrap_or_default();
    Reply::default().then(Duration::ZERO, [head.as_bytes(), kept].concat()).and_close()
}

/// Even with every byte of the answer there, the end of the body is missing.
fn cut_chunks(completion: &str, chance: u64) -> Reply {
    let kept = if chance & 1 == 0 { completion.len() } else { index(chance, completion.len()) };
    let kept = completion.as_bytes().get(..kept).unwrap_or_default();
    let head = format!("{HEAD}transfer-encoding: chunked\r\n\r\n{:x}\r\n", completion.len());
    let end: &[u8] = if kept.len() == completion.len() { b"\r\n" } else { b"" };
    Reply::default().then(Duration::ZERO, [head.as_bytes(), kept, end].concat()).and_close()
}

fn wrong(completion: &str, chance: u64) -> String {
    match chance % 4 {
        0 => completion.chars().take(index(chance >> 8, completion.len())).collect(),
        1 => "<html>please wait</html>".to_owned(),
        2 => r#"{"choices":[]}"#.to_owned(),
        _ => format!("{completion}{completion}"),
    }
}

fn twice(completion: &str) -> Reply {
    let text = format!("{HEAD}content-length: {}\r\n\r\n{completion}", completion.len());
    Reply::default().then(Duration::ZERO, text.repeat(2))
}

fn index(chance: u64, of: usize) -> usize {
    usize::try_from(chance).unwrap_or_default() % of.max(1)
}
