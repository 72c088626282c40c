//! A battery of hostile programs against the sandbox: each must end as its first lines say, leave nothing,
//! reach nothing, and leave the sandbox fit for the next.

mod case;
mod host;
mod setting;
mod trial;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use self::case::Case;
use self::trial::Bench;
use crate::{
    Cgroups, Container, ContainerOptions, ExecError, Guards, Jail, Policy, Sandbox, Tier, proc_stat,
};

/// How many cases run side by side.
const SIDE_BY_SIDE: usize = 2;

/// What is asked of the battery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Which tiers; none for all that this machine gives, containers left out.
    pub tiers: Vec<Tier>,
    /// The engine of containers.
    pub container: ContainerOptions,
    /// User to become before anything else.
    pub user: Option<u32>,
    /// Whether to take the right to make namespaces away, as in a container.
    pub no_userns: bool,
    /// Whether to take Landlock away, as on an old kernel.
    pub no_landlock: bool,
    /// Which cases; none for all.
    pub only: Vec<String>,
    /// How many times as long as usual programs may take, for machines that are emulated; 0 is 1.
    pub patience: u32,
    /// JSON instead of a table.
    pub json: bool,
}

impl Options {
    /// Reads the arguments of the command line.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            if argument == "--json" {
                options.json = true;
                continue;
            }
            let value = arguments.next().ok_or_else(|| format!("{argument} needs a value"))?;
            match (argument.as_str(), value.as_str()) {
                ("--tier", "all-available") => options.tiers.clear(),
                ("--tier", name) => options.tiers.push(case::tier(name)?),
                ("--engine", engine) => options.container.engine = Some(engine.into()),
                ("--runtime", runtime) => options.container.runtime = Some(runtime.to_owned()),
                ("--as-user", user) => {
                    options.user = Some(user.parse().map_err(|_| format!("{user} is no number of a user"))?);
                }
                ("--patience", times) => {
                    options.patience = times.parse().map_err(|_| format!("{times} is no number of times"))?;
                }
                ("--simulate", "no-userns") => options.no_userns = true,
                ("--simulate", "no-landlock") => options.no_landlock = true,
                ("--only", name) => options.only.push(name.to_owned()),
                _ => return Err(format!("{argument} {value} is not understood")),
            }
        }
        Ok(options)
    }

    /// Puts this process into the state that is asked for. To be called before any thread is started; it may
    /// start the program anew.
    ///
    /// # Errors
    /// When that is not possible.
    pub fn prepare(&self) -> io::Result<()> {
        if let Some(user) = self.user {
            setting::become_user(user)?;
        }
        setting::carry_key()?;
        if self.no_userns {
            setting::forbid_namespaces().map_err(io::Error::other)?;
        }
        if self.no_landlock {
            setting::forbid_landlock().map_err(io::Error::other)?;
        }
        // Whatever a job leaves behind becomes a child of this process, and is found.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        Ok(())
    }
}

/// What became of one program in one tier.
#[derive(Debug, Clone, Serialize)]
pub struct Verdict {
    /// The program.
    pub case: String,
    /// How it was confined.
    pub tier: Tier,
    /// The statuses that show that the sandbox holds.
    pub expected: String,
    /// The status that it had.
    pub got: String,
    /// Wall time in milliseconds, with the run that follows it.
    pub milliseconds: u128,
    /// What held each guarantee.
    pub guards: Guards,
    /// What the sandbox did not hold; empty when all is well.
    pub problems: Vec<String>,
}

/// Runs the programs of `folder`. The calling program must have called
/// [`enter_if_asked`](crate::enter_if_asked) and [`Options::prepare`].
///
/// # Errors
/// When the programs cannot be read or the machine gives no tier at all.
pub async fn run(options: &Options, folder: &Path) -> Result<Vec<Verdict>, ExecError> {
    let mut cases: Vec<Case> = case::read_all(folder)?
        .into_iter()
        .filter(|case| options.only.is_empty() || options.only.contains(&case.name))
        .collect();
    if cases.is_empty() {
        return Err(ExecError::Mistake("there is no such case".to_owned()));
    }
    for case in &mut cases {
        case.limits.wall *= options.patience.max(1);
        case.limits.cpu *= options.patience.max(1);
    }
    let bench = Bench::new(folder)?;
    // As `smith` does it: where none are delegated, jobs run without.
    let cgroups = Cgroups::take_over().ok();
    let mut verdicts = Vec::new();
    if options.no_userns {
        verdicts.push(
            bench.refuses_namespaces(&confined(options, Tier::Namespaces, cgroups.as_ref()).await?).await?,
        );
    }
    if options.no_landlock {
        // Nothing else hides files there, so that the programs of the battery are not for it.
        verdicts.push(bench.refuses_what_it_cannot_hold().await?);
        verdicts.push(bench.says_what_it_does_not_hold().await?);
        return Ok(verdicts);
    }
    for tier in tiers(options, &bench).await? {
        let (alone, shared) = of_tier(&cases, tier);
        let confined = confined(options, tier, cgroups.as_ref()).await?;
        for case in &alone {
            verdicts.push(bench.try_out(case, &confined).await?);
        }
        verdicts.extend(side_by_side(&bench, &confined, shared).await?);
        verdicts.extend(nothing_left(tier));
    }
    Ok(verdicts)
}

/// A sandbox and its tier.
struct Confined {
    tier: Tier,
    sandbox: Arc<dyn Sandbox>,
}

async fn confined(options: &Options, tier: Tier, cgroups: Option<&Cgroups>) -> Result<Confined, ExecError> {
    let sandbox: Arc<dyn Sandbox> = match tier {
        Tier::Container => Arc::new(Container::open(&options.container, Policy::Strict).await?),
        // Not by its path, which another user may not be able to follow.
        _ => {
            let jail = Jail::with_launcher(PathBuf::from("/proc/self/exe"), tier, Policy::Strict);
            Arc::new(jail.within(cgroups.cloned()))
        }
    };
    Ok(Confined { tier, sandbox })
}

async fn tiers(options: &Options, bench: &Bench) -> Result<Vec<Tier>, ExecError> {
    if !options.tiers.is_empty() {
        return Ok(options.tiers.clone());
    }
    let mut given = Vec::new();
    for tier in Tier::NATIVE {
        if bench.is_given(&confined(options, tier, None).await?).await? {
            given.push(tier);
        }
    }
    if given.is_empty() {
        return Err(ExecError::Mistake("this machine gives no tier of the sandbox".to_owned()));
    }
    Ok(given)
}

/// The cases of a tier: those that want the machine for themselves, and the others.
fn of_tier(cases: &[Case], tier: Tier) -> (Vec<&Case>, VecDeque<&Case>) {
    let (alone, shared): (Vec<_>, Vec<_>) =
        cases.iter().filter(|case| case.tiers.contains(&tier)).partition(|case| case.alone);
    (alone, shared.into())
}

async fn side_by_side(
    bench: &Bench,
    confined: &Confined,
    cases: VecDeque<&Case>,
) -> Result<Vec<Verdict>, ExecError> {
    let (left, done) = (Mutex::new(cases), Mutex::new(Vec::new()));
    let worker = || async {
        while let Some(case) = left.lock().ok().and_then(|mut left| left.pop_front()) {
            let verdict = bench.try_out(case, confined).await?;
            if let Ok(mut done) = done.lock() {
                done.push(verdict);
            }
        }
        Ok::<_, ExecError>(())
    };
    const { assert!(SIDE_BY_SIDE == 2) };
    tokio::try_join!(worker(), worker())?;
    Ok(done.into_inner().unwrap_or_default())
}

/// A verdict of its own when processes are left that no single case was convicted of.
fn nothing_left(tier: Tier) -> Option<Verdict> {
    let left = proc_stat::descendants(std::process::id());
    (!left.is_empty()).then(|| Verdict {
        case: "(all)".to_owned(),
        tier,
        expected: "no process".to_owned(),
        got: format!("{} processes", left.len()),
        milliseconds: 0,
        guards: Guards::default(),
        problems: vec!["processes are left".to_owned()],
    })
}

/// Writes verdicts as a table or as JSON.
///
/// # Errors
/// When they cannot be written.
pub fn report(verdicts: &[Verdict], json: bool, mut to: impl io::Write) -> io::Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut to, verdicts)?;
        return writeln!(to);
    }
    let name = verdicts.iter().map(|verdict| verdict.case.len()).max().unwrap_or_default();
    writeln!(to, "{:name$}  {:10}  {:24}  {:14}  {:>6}  verdict", "case", "tier", "expected", "got", "ms")?;
    for Verdict { case, tier, expected, got, milliseconds, problems, .. } in verdicts {
        let verdict = if problems.is_empty() { "held".to_owned() } else { problems.join("; ") };
        let tier = tier.as_str();
        writeln!(to, "{case:name$}  {tier:10}  {expected:24}  {got:14}  {milliseconds:>6}  {verdict}")?;
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.problems.is_empty()).count();
    writeln!(to, "{} cases, {failed} not as expected", verdicts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn arguments_are_read() {
        let options =
            parse("--tier user --tier landlock --as-user 7 --simulate no-userns --only x --only y --patience 4 --json")
                .unwrap();
        assert_eq!(options.tiers, [Tier::User, Tier::Landlock]);
        assert_eq!((options.user, options.no_userns, options.json), (Some(7), true, true));
        assert_eq!((options.only, options.patience), (vec!["x".to_owned(), "y".to_owned()], 4));
        assert_eq!(parse("--tier all-available").unwrap(), Options::default());
        for wrong in ["--tier", "--tier moon", "--as-user me", "--patience much", "--simulate all", "help me"]
        {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_problem_is_a_verdict() {
        let verdict = nothing_left(Tier::User);
        assert!(verdict.is_none());
        let verdict = Verdict {
            case: "bomb".to_owned(),
            tier: Tier::User,
            expected: "ok".to_owned(),
            got: "oom".to_owned(),
            milliseconds: 3,
            guards: Guards::default(),
            problems: vec!["it ended otherwise".to_owned()],
        };
        let mut table = Vec::new();
        report(&[verdict], false, &mut table).unwrap();
        let table = String::from_utf8(table).unwrap();
        assert!(table.contains("it ended otherwise\n1 cases, 1 not as expected"), "{table}");
    }
}
