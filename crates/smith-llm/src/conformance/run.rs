//! Playing the list: on a live endpoint into recordings, and out of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::judge;
use super::scrub::Scrubbed;
use super::{Scenario, Way, scenarios};
use crate::chat::{ChatRequest, ChatResponse, Message, ToolResult, Usage};
use crate::connect::{self, ConnectOptions, Connection, connect};
use crate::error::LlmError;
use crate::money::MicroUsd;
use crate::secret::Secret;
use crate::spec::ModelSpec;

/// A model's name that nobody has.
const NO_MODEL: &str = "no-such-model-of-anybody";

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// What must come of it.
    AsExpected,
    /// Something else, in words.
    Differs(String),
    /// Nothing to judge: the model or the endpoint cannot do it, or nobody can bring it about; why.
    Skipped(String),
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The scenario.
    pub scenario: &'static str,
    /// What came of it.
    pub verdict: Verdict,
    /// Tokens of its answers.
    pub usage: Usage,
    /// Cost of its answers; absent when a price is not known.
    pub cost: Option<MicroUsd>,
    /// The recording, where there is one.
    pub file: Option<PathBuf>,
}

/// Plays scenarios against the endpoint of `spec` and writes the recording of each to a file in `out`, over the one that
/// is there. Without names all are played but those that can cost a whole window.
///
/// # Errors
/// [`LlmError`] for what keeps all scenarios from being played: a mistake in spec, key or names, a spent budget, an
/// endpoint that is down, a folder that cannot be written.
pub async fn record(
    spec: &ModelSpec,
    options: &ConnectOptions,
    out: &Path,
    names: &[String],
) -> Result<Vec<Report>, LlmError> {
    let chosen = chosen(names)?;
    std::fs::create_dir_all(out).map_err(|error| unwritable(out, &error))?;
    let inner = Arc::new(Scrubbed(connect::transport(options)?));
    let options = ConnectOptions { transport: Some(inner), record_refusals: true, ..options.clone() };
    let mut reports = Vec::new();
    for scenario in chosen {
        reports.push(match scenario.way {
            Way::Never(why) => Report::skipped(scenario.name, why),
            Way::TooLong if names.is_empty() => {
                Report::skipped(scenario.name, "it may cost a whole window: choose it by its name")
            }
            _ => recorded(spec, &options, out, &scenario).await?,
        });
    }
    Ok(reports)
}

/// Plays the scenarios whose recordings lie in `folder`.
///
/// # Errors
/// [`LlmError`] for a recording that cannot be read.
pub async fn replay(folder: &Path) -> Result<Vec<Report>, LlmError> {
    let mut reports = Vec::new();
    for scenario in scenarios() {
        let path = folder.join(file_name(&scenario));
        if !path.exists() {
            continue;
        }
        let connection = connect(&ModelSpec::Replay(path.clone()), ConnectOptions::default())?;
        let mut played = Played::default();
        let verdict = played.play(&scenario, &connection).await?;
        reports.push(played.report(&scenario, verdict, Some(path)));
    }
    Ok(reports)
}

fn chosen(names: &[String]) -> Result<Vec<Scenario>, LlmError> {
    let all = scenarios();
    if let Some(unknown) = names.iter().find(|name| all.iter().all(|scenario| scenario.name != name.as_str()))
    {
        let known: Vec<&str> = all.iter().map(|scenario| scenario.name).collect();
        return Err(LlmError::Mistake(format!(
            "there is no scenario {unknown:?}; the scenarios are: {}",
            known.join("; ")
        )));
    }
    Ok(all.into_iter().filter(|one| names.is_empty() || names.iter().any(|name| name == one.name)).collect())
}

fn file_name(scenario: &Scenario) -> String {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { ' ' };
    let words: String = scenario.name.chars().map(word).collect();
    format!("{}.jsonl", words.split_whitespace().collect::<Vec<_>>().join("-"))
}

fn unwritable(path: &Path, error: &std::io::Error) -> LlmError {
    LlmError::Mistake(format!("{} cannot be written: {error}", path.display()))
}

/// Plays a scenario into a file that takes its place when the scenario is over.
async fn recorded(
    spec: &ModelSpec,
    options: &ConnectOptions,
    out: &Path,
    scenario: &Scenario,
) -> Result<Report, LlmError> {
    let path = out.join(file_name(scenario));
    let part = path.with_extension("part");
    if part.exists() {
        std::fs::remove_file(&part).map_err(|error| unwritable(&part, &error))?;
    }
    let mut options = ConnectOptions { record: Some(part.clone()), ..options.clone() };
    let mut spec = spec.clone();
    match scenario.way {
        Way::WrongKey => options.api_key = Some(Secret::new("this-is-not-a-key")),
        Way::WrongModel => {
            // Its price is not known, so that a budget would refuse it; it costs nothing.
            options.budget = crate::money::Budget::default();
            spec = spec.with_name(NO_MODEL);
        }
        _ => {}
    }
    let connection = connect(&spec, options)?;
    let mut played = Played::default();
    let verdict = played.play(scenario, &connection).await;
    // The recorder still has the file.
    drop(connection);
    let verdict = match verdict {
        Ok(verdict) => verdict,
        Err(error) => {
            // What is left of it says nothing of the endpoint.
            let _ = std::fs::remove_file(&part);
            return Err(error);
        }
    };
    let kept = !matches!(verdict, Verdict::Skipped(_));
    let moved = if kept { std::fs::rename(&part, &path) } else { std::fs::remove_file(&part) };
    moved.map_err(|error| unwritable(&path, &error))?;
    Ok(played.report(scenario, verdict, kept.then_some(path)))
}

/// What a scenario used.
struct Played {
    usage: Usage,
    cost: Option<MicroUsd>,
}

impl Default for Played {
    fn default() -> Self {
        Self { usage: Usage::default(), cost: Some(MicroUsd(0)) }
    }
}

impl Report {
    fn skipped(scenario: &'static str, why: &str) -> Self {
        Played::default().report_named(scenario, Verdict::Skipped(why.to_owned()), None)
    }
}

impl Played {
    fn report(self, scenario: &Scenario, verdict: Verdict, file: Option<PathBuf>) -> Report {
        self.report_named(scenario.name, verdict, file)
    }

    fn report_named(self, scenario: &'static str, verdict: Verdict, file: Option<PathBuf>) -> Report {
        Report { scenario, verdict, usage: self.usage, cost: self.cost, file }
    }

    async fn ask(
        &mut self,
        connection: &Connection,
        request: &ChatRequest,
    ) -> Result<ChatResponse, LlmError> {
        let answer = connection.model.complete(request).await?;
        self.usage = self.usage + answer.usage;
        self.cost = match (self.cost, answer.cost) {
            (Some(sum), Some(cost)) => Some(MicroUsd(sum.0.saturating_add(cost.0))),
            _ => None,
        };
        Ok(answer)
    }

    async fn play(&mut self, scenario: &Scenario, connection: &Connection) -> Result<Verdict, LlmError> {
        let request = &scenario.request;
        if matches!(scenario.way, Way::WrongKey | Way::WrongModel | Way::TooLong) {
            let outcome = match scenario.way {
                Way::TooLong => self.ask(connection, &too_long(connection)).await,
                _ => self.ask(connection, request).await,
            };
            if let Err(error @ (LlmError::Fault(_) | LlmError::BudgetReached { .. } | LlmError::Drift(_))) =
                outcome
            {
                return Err(error);
            }
            return Ok(judge::provoked(scenario.way, &outcome));
        }
        let outcome = match scenario.way {
            Way::GoesBack => return self.go_back(request, connection).await,
            Way::Cached => {
                self.ask(connection, request).await?;
                self.ask(connection, request).await
            }
            _ => self.ask(connection, request).await,
        };
        judged(scenario.way, outcome)
    }

    /// Goes on with what a model thought and called.
    async fn go_back(&mut self, request: &ChatRequest, connection: &Connection) -> Result<Verdict, LlmError> {
        let first = match self.ask(connection, request).await {
            Ok(first) => first,
            failed => return judged(Way::GoesBack, failed),
        };
        if !judge::thinks(&first) || first.message.tool_calls().next().is_none() {
            return Ok(Verdict::Skipped("the model did not think before it made a call".into()));
        }
        let mut next = request.clone();
        next.messages.push(first.message.clone());
        next.messages.extend(first.message.tool_calls().map(|call| {
            let (call_id, name) = (call.id.clone(), call.name.clone());
            Message::tool_result(ToolResult { call_id, name, content: "a.csv".into(), is_error: false })
        }));
        judged(Way::GoesBack, self.ask(connection, &next).await)
    }
}

/// What the endpoint does not accept, the model cannot do; other failures keep everything from being played.
fn judged(way: Way, outcome: Result<ChatResponse, LlmError>) -> Result<Verdict, LlmError> {
    match outcome {
        Ok(answer) => Ok(judge::answer(way, &answer)),
        Err(LlmError::NotAccepted(words)) if way != Way::Text => Ok(Verdict::Skipped(judge::cut(&words))),
        Err(error @ (LlmError::NotAccepted(_) | LlmError::Refused(_) | LlmError::ContextLength(_))) => {
            Ok(Verdict::Differs(judge::cut(&error.to_string())))
        }
        Err(error) => Err(error),
    }
}

/// Words by the window: one and a quarter of what it holds.
fn too_long(connection: &Connection) -> ChatRequest {
    let words = usize::try_from(connection.window.tokens.saturating_mul(5) / 4).unwrap_or(usize::MAX);
    // Four million tokens are more than any window, and bound the memory.
    let text = "word ".repeat(words.min(4_000_000));
    ChatRequest { messages: vec![Message::user(text)], max_output_tokens: Some(16), ..ChatRequest::default() }
}
