//! The interactive environment over HTTP: many sessions on several tasks.
//!
//! A [`Server`] opens sessions for clients, carries out their steps one after the other, and closes sessions in
//! which nothing happens. Whatever the number of sessions, only so many programs run at once; the others wait in
//! the order in which they came. What an agent does wrong within a step is an observation like any other; only
//! what is wrong with a request is an HTTP error.
//!
//! ```no_run
//! # async fn example(runtime: smith_exec::Runtime) -> Result<(), Box<dyn std::error::Error>> {
//! use smith_exec::server::{Server, ServerOptions};
//! use smith_task_schema::TaskLayout;
//!
//! let tasks = vec![TaskLayout::detect("tasks/iris".as_ref())?];
//! let options = ServerOptions::new(([127, 0, 0, 1], 0).into(), "work");
//! let server = Server::bind(runtime, tasks, options).await?;
//! println!("http://{}", server.address());
//! server.run(async { let _ = tokio::signal::ctrl_c().await; }).await?;
//! # Ok(())
//! # }
//! ```

mod connections;
mod creation;
mod dialect;
mod guard;
mod home;
mod host;
mod options;
mod refusal;
mod removal;
mod reply;
mod routes;
mod session;
mod sessions;
mod tasks;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use smith_task_schema::TaskLayout;
use tokio::net::TcpListener;
use tokio::sync::watch;

pub use host::Host;
pub use options::{ServerOptions, Token};
pub use tasks::TaskSummary;

use crate::{ExecError, GraderPool, Runtime};
use home::Home;
use routes::App;
use sessions::Sessions;

/// A grader that has had nothing to do for so long is ended.
const GRADER_REST: Duration = Duration::from_secs(120);

/// Connections that there may be besides two a session.
const MORE_CONNECTIONS: usize = 64;

/// Sessions over HTTP. Nothing is answered before [`run`](Self::run).
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: Arc<App>,
    pool: Arc<GraderPool>,
    home: Home,
    options: ServerOptions,
}

impl Server {
    /// Takes the address, makes the server's directory, removes what killed servers have left beside it, runs the
    /// metric of each task once, and tries whether each can give the feedback mode that is imposed.
    ///
    /// # Errors
    /// [`ExecError::Mistake`] when the address cannot be had or is open to others without a token, or a task
    /// cannot be played; faults of the machine.
    pub async fn bind(
        runtime: Runtime,
        tasks: Vec<TaskLayout>,
        options: ServerOptions,
    ) -> Result<Self, ExecError> {
        options.check()?;
        let listener = listen(options.address).await?;
        let address = listener.local_addr().map_err(ExecError::io(options.address.to_string()))?;
        let workdir = options.workdir.clone();
        let home = blocking(move || Home::open(&workdir)).await?;
        let runtime = runtime.with_scratch(&home.scratch()).with_at_most(options.running_scripts);
        let pool = GraderPool::new(runtime.clone(), options.running_scripts);
        let imposed = options.feedback.unwrap_or_default();
        let ready = async {
            let tasks = tasks::ready(tasks, &pool).await?;
            tasks::give(&tasks, imposed, (&runtime, &pool), &home.scratch()).await?;
            Ok(tasks)
        };
        let tasks = match ready.await {
            Ok(tasks) => tasks,
            Err(error) => {
                drop(pool);
                blocking(move || home.close()).await?;
                return Err(error);
            }
        };
        let app = Arc::new(App {
            token: options.token.clone(),
            tasks,
            sessions: Arc::new(Sessions::new(runtime, pool.clone(), options.clone(), home.sessions())),
            body_bytes: options.body_bytes,
            idle_seconds: options.idle_timeout.as_secs_f64(),
        });
        Ok(Self { listener, address, app, pool, home, options })
    }

    /// Where it listens; the port is a real one.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The tasks that it serves, in the order in which they were given.
    #[must_use]
    pub fn tasks(&self) -> Vec<TaskSummary> {
        self.app.tasks.iter().map(|task| task.summary()).collect()
    }

    /// A handle that opens sessions for others and takes out what came of them, also while the server runs.
    #[must_use]
    pub fn host(&self) -> Host {
        Host { app: self.app.clone() }
    }

    /// Serves until `shutdown` is over. Then running programs are killed, the clients that wait for them are told
    /// so, and the server's directory is removed.
    ///
    /// # Errors
    /// Faults of the machine.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> Result<(), ExecError> {
        let Self { listener, app, pool, home, options, .. } = self;
        let (stop, stopped) = watch::channel(false);
        let most = options.max_sessions.saturating_mul(2).saturating_add(MORE_CONNECTIONS);
        let serving = connections::serve(listener, routes::router(app.clone()), most, stopped);
        let ending = async {
            shutdown.await;
            stop.send_replace(true);
            app.sessions.shut_down().await;
        };
        tokio::select! {
            _both = async { tokio::join!(serving, ending) } => {}
            never = keep_order(&app.sessions, &pool, options.idle_timeout) => match never {},
        }
        drop((app, pool));
        blocking(move || home.close()).await
    }
}

/// Closes what has had nothing to do for too long, again and again.
async fn keep_order(
    sessions: &Sessions,
    pool: &GraderPool,
    idle_timeout: Duration,
) -> std::convert::Infallible {
    let every = (idle_timeout / 4).clamp(Duration::from_millis(20), Duration::from_secs(5));
    loop {
        tokio::time::sleep(every).await;
        sessions.expire().await;
        pool.end_idle(GRADER_REST);
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ExecError> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ExecError::Mistake(format!(
            "port {} is taken by another program: choose another one, or 0 for any that is free",
            address.port()
        )),
        io::ErrorKind::PermissionDenied | io::ErrorKind::AddrNotAvailable => {
            ExecError::Mistake(format!("{address} cannot be listened on: {error}"))
        }
        _ => ExecError::io(address.to_string())(error),
    })
}

/// Runs blocking file work outside the async threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExecError> + Send + 'static,
) -> Result<T, ExecError> {
    let ended = tokio::task::spawn_blocking(work).await;
    ended.map_err(|error| ExecError::NotRun { message: error.to_string() })?
}
