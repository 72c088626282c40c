//! A small HTTP/1.1 server that sends exactly the bytes that it is told to send, well-formed or not.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 << 10;

/// What comes back for one request: pieces of bytes, each after a pause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    pieces: Vec<(Duration, Vec<u8>)>,
    closes: bool,
}

impl Reply {
    /// A whole answer of this status, with a body in JSON and more headers as lines that end in CR LF.
    #[must_use]
    pub fn json(status: u16, headers: &str, body: &str) -> Self {
        let length = body.len();
        let text = format!(
            "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        Self::default().then(Duration::ZERO, text)
    }

    /// These bytes too, after a pause.
    #[must_use]
    pub fn then(mut self, pause: Duration, bytes: impl Into<Vec<u8>>) -> Self {
        self.pieces.push((pause, bytes.into()));
        self
    }

    /// The same, begun after a pause.
    #[must_use]
    pub fn after(mut self, pause: Duration) -> Self {
        if let Some((first, _)) = self.pieces.first_mut() {
            *first = first.saturating_add(pause);
        }
        self
    }

    /// The same, and the connection is closed when all is sent.
    #[must_use]
    pub fn and_close(mut self) -> Self {
        self.closes = true;
        self
    }
}

type Answers = dyn Fn(&[u8]) -> Reply + Send + Sync;

/// A server on a port of this machine, until it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Serves `answer` of each request's body, whatever its path and method.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(answer: impl Fn(&[u8]) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let answer: Arc<Answers> = Arc::new(answer);
        let accepting = tokio::spawn(async move {
            // A connection that breaks is the client's affair; the server goes on.
            while let Ok((stream, _)) = listener.accept().await {
                let answer = Arc::clone(&answer);
                tokio::spawn(async move { converse(stream, &*answer).await });
            }
        });
        Ok(Self { address, accepting })
    }

    /// Where it is, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(mut stream: TcpStream, answer: &Answers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::with_capacity(16 << 10);
    while let Some((head, body)) = request(&mut stream, &mut read).await? {
        let reply = answer(read.get(head..head + body).unwrap_or_default());
        read.drain(..head + body);
        for (pause, bytes) in reply.pieces {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            stream.write_all(&bytes).await?;
        }
        if reply.closes {
            return stream.shutdown().await;
        }
    }
    Ok(())
}

/// Reads one request into `read`: the lengths of its head and its body, or nothing at the end of the connection.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> io::Result<Option<(usize, usize)>> {
    let head = loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        if read.len() > LONGEST_HEAD || stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    };
    let body = length(read.get(..head).unwrap_or_default());
    while read.len() < head + body {
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, body)))
}

/// What the head says of the body's length; a body in chunks is not understood and counts as none.
fn length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let said = head.lines().find_map(|line| line.strip_prefix("content-length:"));
    said.and_then(|length| length.trim().parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_told_is_sent_to_each_request_of_a_connection() -> io::Result<()> {
        let server = Server::start(|body| {
            let said = String::from_utf8_lossy(body).into_owned();
            let reply =
                Reply::default().then(Duration::ZERO, said.clone()).then(Duration::from_millis(1), "!");
            if said == "bye" { reply.and_close() } else { reply }
        })
        .await?;
        let mut stream = TcpStream::connect(server.url().trim_start_matches("http://")).await?;
        stream
            .write_all(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiPOST / HTTP/1.1\r\ncontent-")
            .await?;
        stream.write_all(b"length: 3\r\n\r\nbye").await?;
        let mut said = String::new();
        stream.read_to_string(&mut said).await?;
        assert_eq!(said, "hi!bye!");
        Ok(())
    }

    #[test]
    fn an_answer_in_json_has_its_length_and_may_come_late() {
        let late = Reply::json(200, "a: b\r\n", "{}").after(Duration::from_secs(1));
        let text =
            "HTTP/1.1 200 Told\r\ncontent-type: application/json\r\na: b\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(late.pieces, [(Duration::from_secs(1), text.as_bytes().to_vec())]);
    }
}
