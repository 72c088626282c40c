//! A server over the small real task, and a client that holds every answer to the OpenAPI document.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use smith_exec::server::{Server, ServerOptions};
use smith_exec::{Limits, Runtime, testing};
use smith_task_schema::TaskLayout;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, oneshot};
use tokio::task::JoinHandle;

use crate::environment_fixture::Fixture;
use crate::jail::{jail, tiers};

/// The environment that all tests share, in the strongest sandbox in which it runs here.
pub(crate) async fn jailed() -> Runtime {
    static RUNTIME: OnceCell<Runtime> = OnceCell::const_new();
    let find = async || {
        let python = testing::runtime().await.python().clone();
        for tier in tiers().await {
            let runtime = Runtime::new(python.clone(), Arc::new(jail(tier)));
            let folder = tempfile::tempdir().unwrap();
            if runtime
                .run_code(folder.path(), "", Limits::default())
                .await
                .is_ok_and(|ended| ended.status.is_ok())
            {
                return runtime;
            }
        }
        panic!("Python runs in no sandbox of this machine");
    };
    RUNTIME.get_or_init(find).await.clone()
}

pub(crate) struct Served {
    /// Holds the task.
    _fixture: Fixture,
    pub(crate) client: Client,
    pub(crate) workdir: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
}

impl Served {
    pub(crate) async fn new() -> Self {
        Self::with(|options| options).await
    }

    pub(crate) async fn with(change: impl FnOnce(ServerOptions) -> ServerOptions) -> Self {
        Self::of(Fixture::new(), change).await
    }

    pub(crate) async fn of(fixture: Fixture, change: impl FnOnce(ServerOptions) -> ServerOptions) -> Self {
        let workdir = fixture.dir.path().join("served");
        let options = change(ServerOptions::new(([127, 0, 0, 1], 0).into(), &workdir));
        let server = Server::bind(jailed().await, vec![fixture.task.clone()], options).await.unwrap();
        let client = Client::new(server.address());
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _stopped = stopped.await;
        };
        let running = tokio::spawn(async move { server.run(shutdown).await.unwrap() });
        Self { _fixture: fixture, client, workdir, stop: Some(stop), running }
    }

    /// Asks the server to end.
    pub(crate) fn stop(&mut self) {
        let _gone = self.stop.take().unwrap().send(());
    }

    /// Waits for the server's end; nothing may be left of it.
    pub(crate) async fn ended(mut self) {
        (&mut self.running).await.unwrap();
        assert_eq!(self.files(), Vec::<PathBuf>::new());
    }

    /// What servers and sessions have on disk.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let entries = |path: &PathBuf| std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        entries(&self.workdir).filter(|path| path.is_dir()).collect()
    }

    /// Directories of sessions.
    pub(crate) fn sessions(&self) -> usize {
        self.files().iter().map(|server| std::fs::read_dir(server.join("sessions")).unwrap().count()).sum()
    }
}

/// Opens a connection for every request.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    document: Arc<Value>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Reply {
    /// The body of an answer with this code.
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Fails unless it is a refusal of this kind.
    pub(crate) fn refused(self, status: u16, kind: &str) -> String {
        let body = self.expect(status);
        assert_eq!(body["error"]["kind"], kind, "{body}");
        body["error"]["message"].as_str().unwrap().to_owned()
    }
}

impl Client {
    fn new(address: SocketAddr) -> Self {
        let document = include_str!("../../src/server/openapi.json");
        Self { address, document: Arc::new(serde_json::from_str(document).unwrap()), headers: Vec::new() }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask("POST", path, Some(body.to_string())).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, None).await
    }

    /// The path of a new session.
    pub(crate) async fn open(&self) -> String {
        let opened = self.post("/v1/sessions", json!({"task": "penguins"})).await.expect(201);
        format!("/v1/sessions/{}", opened["session"].as_str().unwrap())
    }

    pub(crate) async fn step(&self, session: &str, action: &str, arguments: Value) -> Reply {
        self.post(&format!("{session}/step"), json!({"action": action, "arguments": arguments})).await
    }

    pub(crate) async fn execute(&self, session: &str, code: &str) -> Reply {
        self.step(session, "execute_code", json!({"code": code})).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<String>) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(self.text(method, path, body.as_deref()).as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let reply = Reply { status, head: head.to_lowercase(), body };
        self.hold_to_the_document(&method.to_lowercase(), path, &reply);
        reply
    }

    /// A request as it goes over the wire. Headers of the client stand in for those of the same name.
    pub(crate) fn text(&self, method: &str, path: &str, body: Option<&str>) -> String {
        let body = body.unwrap_or_default();
        let mut headers = vec![
            ("Host", self.address.to_string()),
            ("Connection", "close".into()),
            ("Content-Type", "application/json".into()),
            ("Content-Length", body.len().to_string()),
        ];
        headers.retain(|(name, _)| self.headers.iter().all(|(own, _)| own != name));
        headers.extend(self.headers.iter().cloned());
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!("{method} {path} HTTP/1.1\r\n{headers}\r\n{body}")
    }

    /// Fails unless the document has this answer and the body fits its schema.
    fn hold_to_the_document(&self, method: &str, path: &str, reply: &Reply) {
        let paths = self.document["paths"].as_object().unwrap();
        let described =
            paths.iter().find(|(template, _)| fits(template, path)).map(|(_, described)| &described[method]);
        let schema = match described {
            Some(Value::Object(operation)) => {
                let response = &operation["responses"][&reply.status.to_string()];
                assert!(
                    response.is_object(),
                    "{method} {path}: {} is not described: {}",
                    reply.status,
                    reply.body
                );
                response["content"]["application/json"]["schema"].clone()
            }
            // Neither routes nor methods that are not there are described.
            _ => json!({"$ref": "#/components/schemas/Error"}),
        };
        let mut schema = schema;
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<_> = validator.iter_errors(&reply.body).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:?}: {}", reply.body);
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(part, word)| part.starts_with('{') || part == word)
}

/// A task beside the fixture's own.
pub(crate) fn copy_of(task: &TaskLayout, to: &std::path::Path) -> TaskLayout {
    let copy = TaskLayout::at(task.kind, to);
    for (from, to) in [(&task.public, &copy.public), (&task.private, &copy.private)] {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap().map(|entry| entry.unwrap()) {
            if entry.path().is_file() {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
    std::fs::copy(&task.metric, &copy.metric).unwrap();
    copy
}
