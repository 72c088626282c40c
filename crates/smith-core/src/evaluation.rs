//! [`Evaluation`]: models, built-in agents and programs over tasks.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;
use smith_agents::{AgentSetup, ValidationAgent, tools};
use smith_builtin::{BuiltinAgent, BuiltinSolver};
use smith_exec::environment::FeedbackMode;
use smith_exec::server::{Server, ServerOptions, Token};
use smith_exec::{ChildProcess, ProvisionProgress, Runtime, Silent};
use smith_llm::{
    Budget, ConnectOptions, Connection, MicroUsd, ModelSpec, PriceTable, RateLimits, Sampling, Secret,
};
use smith_pipeline::evaluate::{
    CellCounts, CellId, CellObserver, EvaluationConfig, EvaluationDir, EvaluationOptions, EvaluationResults,
    ModelEntry, PlayedTask, ProgramAgent, ScoreRow, SolverSource, Unfinished, curves, evaluate, find_tasks,
    results, standings, write_tables,
};
use smith_stats::curves::Curves;
use smith_stats::elo::{EloOptions, Standings};
use smith_task_schema::{Event, Solve, TaskLayout};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::SmithError;
use crate::machine::{Machine, MachineOptions};
use crate::session::run_name;

/// How an agent without a model is named.
const BUILTIN: &str = "builtin:";

/// What is to be evaluated, and how. Start from [`Evaluation::new`].
#[derive(Clone)]
#[non_exhaustive]
pub struct Evaluation {
    /// Tasks, runs that made some, or folders of either; those of before when an evaluation is resumed.
    pub tasks: Vec<PathBuf>,
    /// Who plays, besides those of before when an evaluation is resumed.
    pub models: Vec<ModelEntry>,
    /// Keys by the models' names. They are sent to the endpoints and written nowhere.
    pub keys: HashMap<String, Secret>,
    /// Directory of the evaluation.
    pub out: PathBuf,
    /// Go on with the one that lies there already.
    pub resume: bool,
    /// Runs of each model on each task.
    pub runs: u32,
    /// Model calls of the built-in agent, actions of all others.
    pub max_steps: u32,
    /// What agents are told about their submissions, and which of these counts.
    pub feedback: FeedbackMode,
    /// Time of a program on one task.
    pub program_time: Duration,
    /// Cells that are played side by side.
    pub concurrency: usize,
    /// What may be spent over all processes of the evaluation.
    pub budget: Option<MicroUsd>,
    /// Prices of models.
    pub prices: PriceTable,
    /// How much may be sent in a minute and at once.
    pub limits: RateLimits,
    /// Python and the sandbox.
    pub machine: MachineOptions,
    /// Sees what happens.
    pub observer: Arc<dyn CellObserver>,
    /// Sees how Python is provisioned.
    pub provisioning: Arc<dyn ProvisionProgress>,
}

/// What an evaluation has come to; its JSON is that of the `evaluate` command.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct EvaluationReport {
    /// Its directory.
    pub evaluation: PathBuf,
    /// How many cells came to what.
    pub cells: CellCounts,
    /// What was paid over all processes, as far as prices are known.
    pub cost_usd: f64,
    /// Model calls that were answered.
    pub model_calls: u32,
    /// Calls whose price is not known.
    pub unpriced_calls: u32,
    /// Wall time of this process.
    pub seconds: f64,
    /// The scores table.
    pub scores: Vec<ScoreRow>,
    /// Cells for which no score stands.
    pub unfinished: Vec<Unfinished>,
    /// Elo ratings; absent when there is too little to rate.
    pub ratings: Option<Standings>,
    /// Curves of the best score so far; absent when nobody came to an end.
    pub curves: Option<Curves>,
    /// Tables that were written.
    pub tables: Vec<PathBuf>,
}

impl Evaluation {
    /// One run of each of these models on each of these tasks, with 15 steps.
    #[must_use]
    pub fn new(tasks: Vec<PathBuf>, models: Vec<ModelEntry>, out: impl Into<PathBuf>) -> Self {
        Self {
            tasks,
            models,
            keys: HashMap::new(),
            out: out.into(),
            resume: false,
            runs: 1,
            max_steps: 15,
            feedback: FeedbackMode::default(),
            program_time: Duration::from_secs(3600),
            concurrency: 2,
            budget: None,
            prices: PriceTable::bundled(),
            limits: RateLimits::default(),
            machine: MachineOptions {
                cache_dir: std::env::temp_dir().join("smith-cache"),
                ..MachineOptions::default()
            },
            observer: Arc::new(Unseen),
            provisioning: Arc::new(Silent),
        }
    }

    /// Plays every cell that has not come to its end, and writes the tables. These are written however it ends.
    ///
    /// # Errors
    /// Mistakes and faults that concern the whole, or a spent budget. What was finished is kept, see [`Evaluation::report`].
    pub async fn run(&self) -> Result<EvaluationReport, SmithError> {
        let started = Instant::now();
        // What a model still needs is said before a directory is made and a minute goes into Python.
        self.players(&self.models)?;
        let dir = self.open()?;
        if dir.is_resumed() {
            // A killed process cannot take its children with it.
            let leftovers = ChildProcess::sweep(&dir.config().run);
            tracing::debug!(leftovers, "ended what a killed process left behind");
        }
        let players = self.players(&dir.config().models)?;
        let machine = Machine::provision(&self.machine, self.provisioning.as_ref()).await?;
        let runtime = machine.runtime(&dir.config().run).with_at_most(self.concurrency.max(1));
        let served = Served::begin(self, &dir, &runtime).await?;
        let staff = Staff {
            players,
            runtime,
            programs: served.as_ref().map(|served| served.agent.clone()),
            feedback: self.feedback,
            max_steps: dir.config().max_steps,
        };
        let mut options = EvaluationOptions::default();
        options.concurrency = self.concurrency;
        options.budget = self.budget.or(dir.config().budget_micro_usd.map(MicroUsd));
        let ended = evaluate(&dir, staff, options, self.observer.clone()).await;
        if let Some(served) = served {
            served.end().await?;
        }
        let report = report(dir, started).await;
        ended.map_err(|error| self.with_advice(error.into()))?;
        report
    }

    /// What the evaluation at `out` has come to by now, its tables written anew. Plays nothing.
    ///
    /// # Errors
    /// A mistake when there is none or another process works in it; a journal that cannot be read, tables that cannot be written.
    pub async fn report(out: &Path) -> Result<EvaluationReport, SmithError> {
        let config = EvaluationDir::read_config(out)?;
        report(EvaluationDir::resume(out, &config)?, Instant::now()).await
    }

    fn open(&self) -> Result<EvaluationDir, SmithError> {
        if !self.resume {
            let tasks = find_tasks(&self.tasks, &[])?;
            return Ok(EvaluationDir::create(&self.out, self.config(self.models.clone(), tasks))?);
        }
        let earlier = EvaluationDir::read_config(&self.out)?;
        let tasks = find_tasks(&self.tasks, &earlier.tasks)?;
        Ok(EvaluationDir::resume(&self.out, &self.config(self.models.clone(), tasks))?)
    }

    fn config(&self, models: Vec<ModelEntry>, tasks: Vec<PlayedTask>) -> EvaluationConfig {
        let mut config = EvaluationConfig::new(run_name(), models, tasks);
        config.runs = self.runs;
        config.max_steps = self.max_steps;
        config.feedback = self.feedback.to_string();
        config.program_seconds = self.program_time.as_secs_f64();
        config.budget_micro_usd = self.budget.map(|budget| budget.0);
        let env = self.machine.env.to_string();
        config.env = (self.machine.env != smith_exec::EnvSource::default()).then_some(env);
        config
    }

    /// What each model is, and connections to those that are reached over the network.
    fn players(&self, models: &[ModelEntry]) -> Result<HashMap<String, Player>, SmithError> {
        models.iter().map(|model| Ok((model.name.clone(), self.player(model)?))).collect()
    }

    fn player(&self, model: &ModelEntry) -> Result<Player, SmithError> {
        let Some(spec) = &model.spec else { return Ok(Player::Program) };
        if let Some(name) = spec.strip_prefix(BUILTIN) {
            let agent: BuiltinAgent = name
                .parse()
                .map_err(|error: smith_builtin::UnknownAgent| SmithError::Mistake(error.to_string()))?;
            return Ok(Player::Builtin(agent));
        }
        let spec: ModelSpec = spec.parse()?;
        let options = ConnectOptions {
            base_url: model.base_url.clone(),
            api_key: self.keys.get(&model.name).cloned(),
            prices: self.prices.clone(),
            limits: self.limits.clone(),
            context_window: model.context_window.map(u64::from),
            budget: Budget::new(self.budget, MicroUsd(0)).child(model.budget(), MicroUsd(0)),
            ..ConnectOptions::default()
        };
        Ok(Player::Model(Box::new(smith_llm::connect(&spec, options)?)))
    }

    /// A spent budget is no failure: the text says how to go on.
    fn with_advice(&self, error: SmithError) -> SmithError {
        match error {
            SmithError::BudgetReached(text) => SmithError::BudgetReached(format!(
                "{text}. Everything finished is kept; go on with a larger --budget-usd and --resume --out {}",
                self.out.display()
            )),
            other => other,
        }
    }
}

async fn report(dir: EvaluationDir, started: Instant) -> Result<EvaluationReport, SmithError> {
    let reading = tokio::task::spawn_blocking(move || {
        let results = results(&dir)?;
        let tables = write_tables(&dir, &results)?;
        Ok::<_, SmithError>((dir.path().to_path_buf(), results, tables))
    });
    let read = reading.await.map_err(|error| SmithError::Fault(error.to_string()))?;
    let (evaluation, results, tables) = read?;
    let (ratings, curves) = figures(&results);
    let EvaluationResults { cells, cost_usd, model_calls, unpriced_calls, scores, unfinished, .. } = results;
    let seconds = started.elapsed().as_secs_f64();
    Ok(EvaluationReport {
        evaluation,
        cells,
        cost_usd,
        model_calls,
        unpriced_calls,
        seconds,
        scores,
        unfinished,
        ratings,
        curves,
        tables,
    })
}

/// Too little for either is no error.
fn figures(results: &EvaluationResults) -> (Option<Standings>, Option<Curves>) {
    (standings(results, &EloOptions::default()).ok(), curves(results).ok())
}

/// Sees nothing.
struct Unseen;

impl CellObserver for Unseen {
    fn seen(&self, _cell: &CellId, _event: &Event, _earlier: bool) {}
}

/// What stands behind the name of a model.
enum Player {
    Model(Box<Connection>),
    Builtin(BuiltinAgent),
    Program,
}

/// Everybody who plays.
struct Staff {
    players: HashMap<String, Player>,
    runtime: Runtime,
    programs: Option<ProgramAgent>,
    feedback: FeedbackMode,
    max_steps: u32,
}

impl SolverSource for Staff {
    fn solver(&self, model: &ModelEntry, run: u32, account: &Budget) -> Option<Arc<dyn Solve>> {
        match self.players.get(&model.name)? {
            Player::Model(connection) => {
                let setup = AgentSetup::new(connection.charged_to(account), self.runtime.clone())
                    .with_max_steps(self.max_steps)
                    .with_sampling(sampling(model, run))
                    .with_folding(connection.window);
                Some(Arc::new(ValidationAgent::new(setup).with_feedback(self.feedback)))
            }
            Player::Builtin(agent) => Some(Arc::new(
                BuiltinSolver::new(*agent, self.runtime.clone(), self.max_steps)
                    .with_limits(tools::default_limits())
                    .with_feedback(self.feedback),
            )),
            Player::Program => Some(Arc::new(self.programs.as_ref()?.running(model.program.as_deref()?))),
        }
    }
}

/// Every run draws anew.
fn sampling(model: &ModelEntry, run: u32) -> Sampling {
    Sampling {
        temperature: model.temperature,
        seed: model.seed.map(|seed| seed.wrapping_add(run.saturating_sub(1))),
        effort: model.effort,
    }
}

/// The environment over HTTP, for the programs among those who play.
struct Served {
    agent: ProgramAgent,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), smith_exec::ExecError>>,
}

impl Served {
    /// Nothing where no program plays.
    async fn begin(
        evaluation: &Evaluation,
        dir: &EvaluationDir,
        runtime: &Runtime,
    ) -> Result<Option<Self>, SmithError> {
        let config = dir.config();
        if config.models.iter().all(|model| model.program.is_none()) {
            return Ok(None);
        }
        let layouts: Vec<TaskLayout> =
            config.tasks.iter().map(|task| TaskLayout::detect(&task.path)).collect::<Result<_, _>>()?;
        let roots: Vec<PathBuf> = layouts.iter().map(|layout| layout.root.clone()).collect();
        let (token, secret) = Token::draw()?;
        let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let options = ServerOptions::new(local, dir.path().join("served"))
            .token(token)
            .max_sessions(evaluation.concurrency.max(1))
            .running_scripts(evaluation.concurrency.max(1))
            .idle_timeout(evaluation.program_time + Duration::from_secs(60))
            .limits(tools::default_limits())
            .feedback(evaluation.feedback);
        let server = Server::bind(runtime.clone(), layouts, options).await?;
        let ids = server.tasks().into_iter().map(|task| task.id);
        let url = format!("http://{}", server.address());
        let mut agent = ProgramAgent::new(server.host(), url, secret, roots.into_iter().zip(ids).collect());
        agent.max_steps = config.max_steps;
        agent.wall = evaluation.program_time;
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(server.run(async move {
            let _stopped = stopped.await;
        }));
        Ok(Some(Self { agent, stop, serving }))
    }

    async fn end(self) -> Result<(), SmithError> {
        let _gone = self.stop.send(());
        let served = self.serving.await.map_err(|error| SmithError::Fault(error.to_string()))?;
        Ok(served?)
    }
}
