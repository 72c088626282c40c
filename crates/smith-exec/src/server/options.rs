//! What a server needs to know.

use std::fmt::{self, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::environment::FeedbackMode;
use crate::{ExecError, Limits};

/// Fewest characters of a token: one that can be guessed is worse than none.
const TOKEN_CHARS: usize = 16;

/// Most sessions and programs that a server may be asked for: far more than any machine can hold.
const MOST: usize = 100_000;

/// What clients must send in `Authorization: Bearer TOKEN`. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(blake3::Hash);

impl Token {
    /// A token of at least 16 characters, without blanks.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when it is shorter or holds what no header can carry.
    pub fn new(token: &str) -> Result<Self, ExecError> {
        if token.len() < TOKEN_CHARS || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ExecError::Mistake(format!(
                "the token must have at least {TOKEN_CHARS} visible ASCII characters and no blanks; \
                 `openssl rand -hex 32` makes a good one"
            )));
        }
        Ok(Self(blake3::hash(token.as_bytes())))
    }

    /// A token that nobody can guess, with the text that clients must send.
    ///
    /// # Errors
    /// A fault when the system has no randomness.
    pub fn draw() -> Result<(Self, String), ExecError> {
        let text =
            drawn().map_err(|error| ExecError::NotRun { message: format!("drawing a token: {error}") })?;
        Ok((Self(blake3::hash(text.as_bytes())), text))
    }

    /// Whether `offered` is the token. Takes the same time whatever it is: hashes are compared in constant time.
    pub(super) fn is(&self, offered: &[u8]) -> bool {
        self.0 == blake3::hash(offered)
    }
}

/// 128 bits of the system's randomness, in hexadecimal.
pub(super) fn drawn() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().fold(String::with_capacity(32), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    }))
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Where a server listens, and what it gives to whom.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Where it listens; port 0 for any that is free.
    pub address: SocketAddr,
    /// What clients must know. Needed where others than this machine's users can reach the address.
    pub token: Option<Token>,
    /// Directory in which the server makes one of its own for its sessions. Servers may share it; what a server
    /// that was killed has left there is removed by the next one.
    pub workdir: PathBuf,
    /// Sessions at once.
    pub max_sessions: usize,
    /// A session in which no step is taken for so long is closed.
    pub idle_timeout: Duration,
    /// Programs at once, scripts and gradings together; others wait in the order in which they came. Also the
    /// number of graders that are kept ready.
    pub running_scripts: usize,
    /// Steps that a session may take at most; `None` for as many as it asks for.
    pub max_steps: Option<u32>,
    /// Wall time that a session may take at most; `None` for as long as it asks for.
    pub max_time: Option<Duration>,
    /// The most that agents are shown of their submissions, and what they are shown when nothing is asked for; `None`
    /// to let clients choose.
    pub feedback: Option<FeedbackMode>,
    /// What a script may spend at most.
    pub limits: Limits,
    /// Largest body of a request, in bytes.
    pub body_bytes: usize,
    /// Bytes that all requests of one session may carry together; its history keeps what was executed.
    pub session_bytes: u64,
}

impl ServerOptions {
    /// A server at `address` with its files below `workdir`: 64 sessions, closed after half an hour without a
    /// step; as many programs at once as there are processors; bodies of 1 MiB, 8 MiB a session.
    #[must_use]
    pub fn new(address: SocketAddr, workdir: impl Into<PathBuf>) -> Self {
        Self {
            address,
            token: None,
            workdir: workdir.into(),
            max_sessions: 64,
            idle_timeout: Duration::from_secs(30 * 60),
            running_scripts: std::thread::available_parallelism().map_or(1, usize::from),
            max_steps: None,
            max_time: None,
            feedback: None,
            limits: Limits::default(),
            body_bytes: 1 << 20,
            session_bytes: 8 << 20,
        }
    }

    /// Asks clients for a token.
    #[must_use]
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// How many sessions there may be at once.
    #[must_use]
    pub fn max_sessions(mut self, sessions: usize) -> Self {
        self.max_sessions = sessions;
        self
    }

    /// After how long without a step a session is closed.
    #[must_use]
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How many programs run at once.
    #[must_use]
    pub fn running_scripts(mut self, programs: usize) -> Self {
        self.running_scripts = programs;
        self
    }

    /// How many steps a session may take at most.
    #[must_use]
    pub fn max_steps(mut self, steps: u32) -> Self {
        self.max_steps = Some(steps);
        self
    }

    /// How long a session may take at most.
    #[must_use]
    pub fn max_time(mut self, time: Duration) -> Self {
        self.max_time = Some(time);
        self
    }

    /// The most that agents are shown of their submissions.
    #[must_use]
    pub fn feedback(mut self, mode: FeedbackMode) -> Self {
        self.feedback = Some(mode);
        self
    }

    /// What a script may spend at most.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How large one request may be, and all requests of a session together.
    #[must_use]
    pub fn bytes(mut self, body: usize, session: u64) -> Self {
        self.body_bytes = body;
        self.session_bytes = session;
        self
    }

    /// Whether a server can and should be like this; [`Server::bind`](super::Server::bind) asks too.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when it cannot or should not.
    pub fn check(&self) -> Result<(), ExecError> {
        let mistake = |text: String| Err(ExecError::Mistake(text));
        if self.token.is_none() && !self.address.ip().is_loopback() {
            return mistake(format!(
                "{} can be reached from other machines and there is no token: whoever finds it could run programs \
                 here. Give a token, or listen on 127.0.0.1",
                self.address.ip()
            ));
        }
        let zero = [
            ("sessions", self.max_sessions == 0),
            ("running scripts", self.running_scripts == 0),
            ("steps", self.max_steps == Some(0)),
            ("seconds for a session", self.max_time.is_some_and(|time| time.is_zero())),
            ("seconds until an idle session is closed", self.idle_timeout.is_zero()),
            ("seconds for a script", self.limits.wall.is_zero()),
        ];
        if let Some((what, _)) = zero.into_iter().find(|(_, is_zero)| *is_zero) {
            return mistake(format!("the number of {what} must be at least 1"));
        }
        if self.max_sessions.max(self.running_scripts) > MOST {
            return mistake(format!("the number of sessions and of running scripts must be at most {MOST}"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> ServerOptions {
        ServerOptions::new(address.parse().unwrap(), "work")
    }

    #[test]
    fn only_this_machine_is_let_in_without_a_token() {
        for address in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:0"] {
            at(address).check().unwrap();
        }
        let token = Token::new("0123456789abcdef").unwrap();
        for address in ["0.0.0.0:0", "[::]:0", "192.168.0.1:80", "[::ffff:10.0.0.1]:80"] {
            let error = at(address).check().unwrap_err();
            assert!(error.is_mistake() && error.to_string().contains("token"), "{error}");
            at(address).token(token.clone()).check().unwrap();
        }
    }

    #[test]
    fn a_server_that_can_do_nothing_is_a_mistake() {
        let options = at("127.0.0.1:0");
        let limits = Limits { wall: Duration::ZERO, ..Limits::default() };
        for useless in [
            options.clone().max_sessions(0),
            options.clone().running_scripts(0),
            options.clone().max_steps(0),
            options.clone().max_time(Duration::ZERO),
            options.clone().idle_timeout(Duration::ZERO),
            options.clone().limits(limits),
        ] {
            assert!(useless.check().unwrap_err().to_string().contains("at least 1"));
        }
        assert!(options.max_sessions(usize::MAX).check().unwrap_err().to_string().contains("at most"));
    }

    #[test]
    fn a_token_is_compared_whole_and_never_shown() {
        for bad in ["", "short", "0123456789 abcdef", "0123456789abcdé"] {
            assert!(Token::new(bad).unwrap_err().is_mistake(), "{bad}");
        }
        let token = Token::new("0123456789abcdef").unwrap();
        assert!(token.is(b"0123456789abcdef"));
        for other in [&b"0123456789abcde"[..], b"0123456789abcdeF", b"0123456789abcdef0", b""] {
            assert!(!token.is(other));
        }
        assert_eq!(format!("{token:?}"), "Token");
        let ((drawn, text), (other, _)) = (Token::draw().unwrap(), Token::draw().unwrap());
        assert!(drawn.is(text.as_bytes()) && !other.is(text.as_bytes()) && text.len() == 32);
    }
}
