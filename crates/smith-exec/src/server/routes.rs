//! The routes and what they answer.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{MethodRouter, get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use super::creation::{Creation, ScriptLimits};
use super::options::Token;
use super::refusal::Refusal;
use super::session::{ServedSession, Work};
use super::sessions::Sessions;
use super::tasks::ServedTask;
use super::{guard, reply};
use crate::Action;
use crate::environment::{ACTIONS, INFO_TYPES};

/// The description of every route and every answer. A test holds both to it.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

/// What the routes work on.
pub(super) struct App {
    pub(super) token: Option<Token>,
    pub(super) tasks: Vec<Arc<ServedTask>>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) body_bytes: usize,
    pub(super) idle_seconds: f64,
}

type Answer = Result<Response<Body>, Refusal>;

/// Every path with the methods that it has.
type Routes = Vec<(&'static str, MethodRouter<Arc<App>>)>;

fn routes() -> Routes {
    vec![
        ("/health", get(health)),
        ("/openapi.json", get(openapi)),
        ("/v1/tasks", get(tasks)),
        ("/v1/sessions", post(open)),
        ("/v1/sessions/{session}", get(state).delete(close)),
        ("/v1/sessions/{session}/step", post(step)),
        ("/v1/sessions/{session}/finish", post(finish)),
        ("/v1/sessions/{session}/history", get(history)),
    ]
}

/// Everything that a connection can ask for.
pub(super) fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (path, methods) in routes() {
        router = router.route(path, methods);
    }
    router
        .fallback(async |request: Request| Refusal::no_route(request.uri().path()))
        .method_not_allowed_fallback(async || Refusal::method())
        .layer(axum::middleware::from_fn_with_state(app.clone(), guard::check))
        .with_state(app)
}

async fn health() -> Response<Body> {
    reply::json(StatusCode::OK, &json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}))
}

async fn openapi() -> Response<Body> {
    reply::with_json(StatusCode::OK, OPENAPI)
}

async fn tasks(State(app): State<Arc<App>>) -> Response<Body> {
    let tasks: Vec<_> = app.tasks.iter().map(|task| task.summary()).collect();
    reply::json(StatusCode::OK, &json!({"tasks": tasks}))
}

async fn open(State(app): State<Arc<App>>, request: Request) -> Answer {
    let (wish, _) = reply::read::<Creation>(request, app.body_bytes).await?;
    let task = app.tasks.iter().find(|task| task.id == wish.task);
    let task = task.cloned().ok_or_else(|| Refusal::no_task(&wish.task))?;
    let (session, config) = app.sessions.open(task.clone(), &wish).await?;
    let opened = json!({
        "session": session.id,
        "task": task.id,
        "name": task.name,
        "higher_is_better": task.higher_is_better,
        "actions": ACTIONS,
        "info_types": INFO_TYPES,
        "max_steps": config.max_steps,
        "max_seconds": config.max_time.map(|time| time.as_secs_f64()),
        "feedback": config.feedback,
        "seed": config.seed,
        "dialect": wish.dialect(),
        "script_limits": ScriptLimits::of(&config.limits),
        "idle_timeout_seconds": app.idle_seconds,
    });
    let mut response = reply::json(StatusCode::CREATED, &opened);
    // An id is hexadecimal, which every header can carry.
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/sessions/{}", session.id)) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

async fn state(State(app): State<Arc<App>>, Path(session): Path<String>) -> Answer {
    Ok(reply::json(StatusCode::OK, &app.sessions.find(&session)?.state()))
}

async fn history(State(app): State<Arc<App>>, Path(session): Path<String>) -> Answer {
    let records = app.sessions.find(&session)?.history()?;
    Ok(reply::json(StatusCode::OK, &json!({"records": records})))
}

async fn close(State(app): State<Arc<App>>, Path(session): Path<String>) -> Answer {
    Ok(reply::json(StatusCode::OK, &app.sessions.close(&session).await?.state()))
}

/// Body of a step. Agents made for MLE-Dojo say `params`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    action: String,
    #[serde(default)]
    arguments: Option<Value>,
    #[serde(default)]
    params: Option<Value>,
}

impl Step {
    fn into_action(self) -> Result<Action, Refusal> {
        let arguments = match (self.arguments, self.params) {
            (Some(_), Some(_)) => {
                return Err(Refusal::bad_request(
                    "`params` is another name of `arguments`: give one of them",
                ));
            }
            (given, other) => given.or(other).unwrap_or_else(|| json!({})),
        };
        Ok(Action::parse(&self.action, &arguments))
    }
}

async fn step(State(app): State<Arc<App>>, Path(session): Path<String>, request: Request) -> Answer {
    let session = app.sessions.find(&session)?;
    let (step, bytes) = reply::read::<Step>(request, app.body_bytes).await?;
    carry_out(&session, Work::Step(step.into_action()?, bytes), "a step, which was not counted,").await
}

async fn finish(State(app): State<Arc<App>>, Path(session): Path<String>) -> Answer {
    carry_out(&app.sessions.find(&session)?, Work::Finish, "finishing the session, which goes on,").await
}

/// Waits until the work is done.
async fn carry_out(session: &Arc<ServedSession>, work: Work, doing: &str) -> Answer {
    match session.begin(work)?.await {
        Ok(Ok(done)) => Ok(reply::json(StatusCode::OK, &done)),
        Ok(Err(error)) => Err(Refusal::fault(doing, &error)),
        Err(_) => Err(session.ended().map_or_else(Refusal::no_session, Refusal::ended)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_document_knows_every_route_and_no_other() {
        let document: Value = serde_json::from_str(OPENAPI).unwrap();
        let described: BTreeSet<_> =
            document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
        let served: BTreeSet<_> = routes().into_iter().map(|(path, _)| path).collect();
        assert_eq!(described, served);
        for (path, methods) in routes() {
            let methods = format!("{methods:?}");
            for method in ["get", "put", "post", "delete", "patch"] {
                // The only thing that says which methods a route has.
                let is_served = !methods.contains(&format!("{method}: None"));
                assert_eq!(
                    document["paths"][path][method].is_object(),
                    is_served,
                    "{method} {path}: {methods}"
                );
            }
        }
    }
}
