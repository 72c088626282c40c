//! A small HTTP server on this machine that stands for a model's endpoint.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What came in.
pub(crate) struct Request {
    /// What is asked for, behind the version.
    pub(crate) path: String,
    /// Value of the `authorization` header, or of the one in which another provider wants its key.
    pub(crate) authorization: Option<String>,
    pub(crate) body: Value,
}

/// What goes out.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server that answers every `POST /v1/…` until it is dropped.
pub(crate) struct Endpoint {
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    answer: Box<Answer>,
    delay: Duration,
    closed: AtomicBool,
    answered: Mutex<BTreeMap<String, u32>>,
}

impl Endpoint {
    /// Serves the scripted model, each answer after `delay`.
    pub(crate) fn of_model(delay: Duration) -> Self {
        Self::start(delay, |request| {
            assert_eq!(request.path, "/chat/completions");
            match crate::model::answer(&request.body) {
                Ok(body) => Reply { status: 200, body },
                Err(problem) => {
                    Reply { status: 400, body: serde_json::json!({"error": {"message": problem}}) }
                }
            }
        })
    }

    pub(crate) fn start(delay: Duration, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            answer: Box::new(answer),
            delay,
            closed: AtomicBool::new(false),
            answered: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.closed.load(Ordering::SeqCst) {
                    return;
                }
                let (stream, shared) = (stream.unwrap(), Arc::clone(&accepting));
                std::thread::spawn(move || converse(&stream, &shared));
            }
        });
        Self { address, shared }
    }

    /// For `--base-url`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Every request that was answered with success, with how often.
    pub(crate) fn answered(&self) -> BTreeMap<String, u32> {
        self.shared.answered.lock().unwrap().clone()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is to end.
        let _woken = TcpStream::connect(self.address);
    }
}

/// Where nobody listens.
pub(crate) fn url_of_nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

/// Answers request after request of one connection; a client that is gone ends it.
fn converse(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some((path, authorization, text)) = read(&mut reader) {
        if shared.closed.load(Ordering::SeqCst) {
            return;
        }
        std::thread::sleep(shared.delay);
        let body = serde_json::from_str(&text).unwrap();
        let reply = (shared.answer)(&Request { path, authorization, body });
        if write(stream, &reply).is_err() {
            return;
        }
        if reply.status == 200 {
            *shared.answered.lock().unwrap().entry(text).or_default() += 1;
        }
    }
}

/// Path, key and body of the next request.
fn read(reader: &mut impl BufRead) -> Option<(String, Option<String>, String)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    if line.is_empty() {
        return None;
    }
    let path = line.strip_prefix("POST /v1").and_then(|rest| rest.split(' ').next());
    let path = path.unwrap_or_else(|| panic!("{line}")).to_owned();
    let (mut length, mut authorization) = (0, None);
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        match name.to_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" | "x-api-key" | "x-goog-api-key" => authorization = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, authorization, String::from_utf8(body).unwrap()))
}

fn write(mut stream: &TcpStream, reply: &Reply) -> std::io::Result<()> {
    let body = reply.body.to_string();
    let head = format!(
        "HTTP/1.1 {} Scripted\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        reply.status,
        body.len()
    );
    stream.write_all((head + &body).as_bytes())
}
