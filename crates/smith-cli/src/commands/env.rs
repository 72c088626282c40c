//! `smith env TASK…`: the interactive environment over HTTP.

use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;
use smith_core::exec::Limits;
use smith_core::exec::server::{Server, ServerOptions, Token};
use smith_core::schema::TaskLayout;
use smith_core::{MachineOptions, SmithError};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::EnvArgs;
use crate::{Done, environment};

/// Where in the cache directory sessions have their files.
const SESSIONS: &str = "sessions";

pub(crate) async fn run(args: EnvArgs, machine: MachineOptions) -> Done {
    // Mistakes are said before a minute goes into Python.
    let tasks = args.task.iter().map(|task| TaskLayout::detect(task)).collect::<Result<Vec<_>, _>>()?;
    let options = options(&args, &machine)?;
    let token_required = options.token.is_some();
    let mut ended = pin!(until_interrupted()?);
    eprintln!("trying the metric of each task ({})", tasks.len());
    let begin =
        async { Ok::<_, SmithError>(Server::bind(super::runtime(&machine).await?, tasks, options).await?) };
    let server = tokio::select! {
        server = begin => server?,
        () = &mut ended => return Ok(ExitCode::SUCCESS),
    };
    let url = format!("http://{}", server.address());
    if args.json {
        println!("{}", json!({"url": url, "tasks": server.tasks(), "token_required": token_required}));
    } else {
        println!("{url}");
    }
    let tasks: Vec<_> = server.tasks().into_iter().map(|task| task.id).collect();
    eprintln!("serving {}; Ctrl-C ends it", tasks.join(", "));
    server.run(ended).await?;
    Ok(ExitCode::SUCCESS)
}

fn options(args: &EnvArgs, machine: &MachineOptions) -> Result<ServerOptions, SmithError> {
    let workdir = args.workdir.clone().unwrap_or_else(|| machine.cache_dir.join(SESSIONS));
    let limits = Limits { wall: seconds("--time-limit", args.time_limit)?, ..Limits::default() };
    let mut options = ServerOptions::new((args.host, args.port).into(), workdir)
        .max_sessions(args.max_sessions)
        .idle_timeout(seconds("--idle-minutes", args.idle_minutes * 60.0)?)
        .limits(limits);
    if let Some(token) = token(args)? {
        options = options.token(token);
    }
    if let Some(scripts) = args.running_scripts {
        options = options.running_scripts(scripts);
    }
    if let Some(steps) = args.max_steps {
        options = options.max_steps(steps);
    }
    if let Some(most) = args.max_seconds {
        options = options.max_time(seconds("--max-seconds", most)?);
    }
    if let Some(mode) = args.feedback {
        options = options.feedback(mode);
    }
    options.check()?;
    Ok(options)
}

fn seconds(name: &str, seconds: f64) -> Result<Duration, SmithError> {
    Duration::try_from_secs_f64(seconds).map_err(|error| SmithError::Mistake(format!("{name}: {error}")))
}

/// The token, from where not every user of this machine can read it.
fn token(args: &EnvArgs) -> Result<Option<Token>, SmithError> {
    let text = match (&args.token_env, &args.token_file) {
        (Some(name), _) => environment::named(name).ok_or_else(|| {
            SmithError::Mistake(format!("--token-env {name}: the variable is not set; it holds the token"))
        })?,
        (None, Some(file)) => read(file)?,
        (None, None) => return Ok(None),
    };
    Ok(Some(Token::new(text.trim())?))
}

fn read(file: &Path) -> Result<String, SmithError> {
    std::fs::read_to_string(file).map_err(|error| {
        SmithError::Mistake(format!("--token-file {} cannot be read: {error}", file.display()))
    })
}

/// What is over when the program is interrupted or asked to end. From the call on, neither kills it at once.
fn until_interrupted() -> Result<impl Future<Output = ()>, SmithError> {
    let listen = |kind| signal(kind).map_err(|error| SmithError::Fault(format!("signals: {error}")));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
