//! Sample submission and answers, and how the metric scores them.

use smith_exec::Score;
use smith_task_schema::figure::six_digits;
use smith_task_schema::{Figure, Finding, Layer, Severity};

use crate::AssertError;
use crate::literature;
use crate::rule::{Findings, Measured, Report, RuleInfo};
use crate::subject::{Battery, NEEDED_ROWS, Script, Subject, Trial, better};

pub(super) const PAIR: RuleInfo = RuleInfo {
    code: "S101",
    name: "sample-and-answers",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "sample_submission.csv and test_answer.csv have the same columns and the same ids.",
    why: "A submission is compared with the answers row by row; what cannot be paired cannot be scored.",
    mend: "Write both files from the same table: an id column and the predicted columns.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const USABLE: RuleInfo = RuleInfo {
    code: "S102",
    name: "metric-usable",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "metric.py can be loaded, its class made without arguments, and the instance states its direction as a bool.",
    why: "Without it nothing can be scored.",
    mend: "Mend metric.py so that its class can be made without arguments; pass higher_is_better to super().__init__.",
    references: &[literature::UNIFIED_STRUCTURE, literature::COMPETITIONS],
};

pub(super) const SAMPLE_SCORES: RuleInfo = RuleInfo {
    code: "S103",
    name: "sample-scores",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "sample_submission.csv is a valid submission and its score is a finite number.",
    why: "The sample is what participants start from; if it is refused, so is everything shaped like it.",
    mend: "Bring the sample and the metric into agreement; guard divisions and logarithms against empty or constant input.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const FLOAT: RuleInfo = RuleInfo {
    code: "S104",
    name: "score-is-float",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "`evaluate` returns a Python float (numpy.float64 is one).",
    why: "Tools write the score as JSON, which fails for numpy.float32, numpy.int64 and arrays.",
    mend: "Return `float(score)`.",
    references: &[literature::UNIFIED_STRUCTURE],
};

pub(super) const ANSWERS_BEST: RuleInfo = RuleInfo {
    code: "S105",
    name: "answers-score-best",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "No other submission that was tried scores better than the answers themselves.",
    why: "If something beats the truth, the metric rewards something other than being right.",
    mend: "Correct the formula, its direction, or how rows of the submission are matched with the answers.",
    references: &[literature::METAMORPHIC],
};

pub(super) const DIRECTION: RuleInfo = RuleInfo {
    code: "S106",
    name: "metric-direction",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "Corrupting the answers makes the score worse in the direction that `higher_is_better` states.",
    why: "A wrong direction ranks the worst solution first, and a metric that tells nothing apart ranks nothing.",
    mend: "Set the default of `higher_is_better` to the metric's true direction, and match rows by id before comparing.",
    references: &[literature::UNIFIED_STRUCTURE, literature::COMPETITIONS],
};

/// Findings of one kind, of which there may be very many.
const MOST_FINDINGS: usize = 3;

/// `S101`.
pub(super) fn pair(info: &RuleInfo, cx: &Subject) -> Findings {
    let name = cx.name(&cx.layout().sample_submission());
    let issues = cx.tables()?.issues.iter();
    Ok(issues
        .map(|issue| Finding { severity: issue.severity, ..info.finding(&name, &issue.message) })
        .collect())
}

/// `S102`.
pub(super) async fn usable(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    let fault = if let Some(error) = &battery.metric_error {
        ("metric.py cannot be used".to_owned(), error.clone())
    } else if !battery.status.is_ok() {
        (format!("scoring did not end well: {}", battery.status), String::new())
    } else if battery.higher_is_better.is_none() {
        ("the instance has no bool `higher_is_better`".to_owned(), String::new())
    } else {
        return Ok(Vec::new());
    };
    let message = format!("{}. {}", fault.0, info.mend);
    Ok(vec![Finding { evidence: fault.1, ..info.finding(cx.name(cx.script(Script::Metric)), message) }])
}

/// `S103`.
pub(super) async fn sample_scores(info: &RuleInfo, cx: &Subject) -> Findings {
    let score = tried(cx.battery().await?, Trial::Sample)?;
    if score.valid && score.score.is_some() {
        return Ok(Vec::new());
    }
    let message = format!("sample_submission.csv {}. {}", refusal(score), info.mend);
    Ok(vec![Finding {
        evidence: traceback(score),
        ..info.finding(cx.name(&cx.layout().sample_submission()), message)
    }])
}

/// `S104`.
pub(super) async fn float(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    let kinds = [Trial::Sample, Trial::Answers].map(|trial| battery.get(trial)?.python_type.as_deref());
    let Some(kind) = kinds.into_iter().flatten().find(|kind| !matches!(*kind, "float" | "numpy.float64"))
    else {
        return if kinds == [None, None] {
            Err(AssertError::not_run("nothing was scored (S103)"))
        } else {
            Ok(Vec::new())
        };
    };
    let message = format!("`evaluate` returned `{kind}` instead of a float. {}", info.mend);
    Ok(vec![info.finding(cx.name(cx.script(Script::Metric)), message)])
}

/// As a warning where the answers have other columns than a submission and do not do well in its place: a column of theirs
/// is then no prediction. Those that do better than everything that knows nothing are predictions, whatever else they do.
pub(super) fn as_sure(cx: &Subject, battery: &Battery, finding: Finding) -> Finding {
    let works = || {
        let (higher, answers) = (battery.higher_is_better?, battery.score(Trial::Answers)?);
        Some(better(higher, answers, battery.score(Trial::Corrupted)?))
    };
    let beats_guessing = || {
        let (higher, answers) = (battery.higher_is_better?, battery.score(Trial::Answers)?);
        let constants =
            Trial::CONSTANTS.iter().chain(&[Trial::Sample]).filter_map(|trial| battery.score(*trial));
        let constants: Vec<f64> = constants.collect();
        Some(constants.len() > 1 && constants.iter().all(|score| better(higher, answers, *score)))
    };
    let is_exact = cx.pair().is_ok_and(|pair| pair.is_exact() && pair.shapes.is_empty());
    let is_sure = is_exact || works() == Some(true) || beats_guessing() == Some(true);
    let severity = if is_sure { finding.severity } else { Severity::Warning };
    Finding { severity, ..finding }
}

/// `S105`.
pub(super) async fn answers_best(info: &RuleInfo, cx: &Subject) -> Measured {
    let battery = cx.battery().await?;
    let metric = cx.name(cx.script(Script::Metric));
    let answers = tried(battery, Trial::Answers)?;
    let pair = cx.pair()?;
    let (true, Some(best)) = (answers.valid, answers.score) else {
        let message = format!("submitted as they are, the answers {}. {}", refusal(answers), info.mend);
        let finding = Finding { evidence: traceback(answers), ..info.finding(metric, message) };
        return Ok(vec![as_sure(cx, battery, finding)].into());
    };
    let higher = stated_direction(battery)?;
    let others = battery.all().filter(|(trial, _)| trial.is_honest());
    let scored = others.filter_map(|(trial, _)| Some((trial, battery.score(trial)?)));
    let finding = |(trial, score): (Trial, f64)| {
        let message = format!(
            "the answers score {}, but {} score {}, which is better with higher_is_better={}. {}",
            six_digits(best),
            trial.words(),
            six_digits(score),
            python(higher),
            info.mend
        );
        info.finding(&metric, message)
    };
    let best_of_others = scored.filter(|(_, score)| better(higher, *score, best)).take(MOST_FINDINGS);
    let mut findings: Vec<Finding> = best_of_others.map(finding).collect();
    // What is the same in every row cannot be as right as the answers, unless they are the same in every row.
    if findings.is_empty() && !pair.is_constant() {
        let as_good =
            |trial: &&Trial| battery.score(**trial).is_some_and(|score| !better(higher, best, score));
        findings.extend(Trial::EVERYWHERE.iter().find(as_good).map(|trial| {
            let message = format!(
                "{} score as well as the answers ({}). {}",
                trial.words(),
                six_digits(best),
                info.mend
            );
            info.finding(cx.name(cx.script(Script::Metric)), message)
        }));
    }
    if findings.is_empty()
        && let Some(trial) = costs_nothing(battery, best, higher)
        && !is_of_the_middle(cx)
    {
        let message = format!(
            "{} score as well as the answers ({}): what is wrong in half of the rows costs nothing. {}",
            trial.words(),
            six_digits(best),
            info.mend
        );
        findings.push(info.finding(cx.name(cx.script(Script::Metric)), message));
    }
    let mut findings: Vec<Finding> =
        findings.into_iter().map(|finding| as_sure(cx, battery, finding)).collect();
    findings.extend(of_inverted(info, cx, battery, best));
    let report = Report::from(findings);
    Ok(report
        .with(Figure::new("score of the answers", best))
        .with_some("best score of a constant", battery.best(&Trial::CONSTANTS)))
}

/// True for a metric that by design looks at the rows in the middle alone.
fn is_of_the_middle(cx: &Subject) -> bool {
    let words = ["median", "quantile", "percentile"];
    cx.module(Script::Metric).is_ok_and(|module| {
        let methods = module.classes.iter().flat_map(|class| &class.methods);
        methods
            .chain(&module.functions)
            .any(|function| words.iter().any(|word| function.source.contains(word)))
    })
}

/// A value that is overlooked in half of the rows, where other wrong values are not.
fn costs_nothing(battery: &Battery, best: f64, higher: bool) -> Option<Trial> {
    let half = battery.score(Trial::HalfCorrupted)?;
    let filled = [Trial::WrongAsZero, Trial::WrongAsMean, Trial::WrongAsMode, Trial::WrongAsOther];
    let scores = filled.into_iter().filter_map(|trial| Some((trial, battery.score(trial)?)));
    let free = scores.filter(|(_, score)| !better(higher, best, *score)).map(|(trial, _)| trial);
    better(higher, best, half).then_some(()).and_then(|()| free.into_iter().next())
}

/// What makes a metric blind to the direction of predictions by design.
const EITHER_WAY: &[&str] = &[
    "absolute value",
    "squared",
    "square of",
    "r2",
    "r²",
    "either direction",
    "rand",
    "mutual",
    "cluster",
    "clusters",
    "clustering",
    "sign",
    "signs",
];

/// Answers turned upside down that score like the answers.
fn of_inverted(info: &RuleInfo, cx: &Subject, battery: &Battery, best: f64) -> Option<Finding> {
    let score =
        battery.score(Trial::Inverted).filter(|score| (score - best).abs() <= 1e-9 * best.abs().max(1e-9))?;
    let moves = battery.score(Trial::HalfCorrupted).is_some_and(|half| (half - best).abs() > 1e-6);
    let texts = cx.descriptions().ok()?;
    let is_said = texts.iter().any(|text| {
        let text = text.text.to_lowercase();
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '²').collect();
        EITHER_WAY
            .iter()
            .any(|said| if said.contains(' ') { text.contains(said) } else { words.contains(said) })
    });
    let message = format!(
        "{} score as well as the answers ({}). {}",
        Trial::Inverted.words(),
        six_digits(score),
        info.mend
    );
    let finding = info.finding(cx.name(cx.script(Script::Metric)), message);
    let severity = if is_said { Severity::Warning } else { finding.severity };
    (moves && !cx.pair().ok()?.is_constant()).then_some(Finding { severity, ..finding })
}

/// `S106`.
pub(super) async fn direction(info: &RuleInfo, cx: &Subject) -> Findings {
    let battery = cx.battery().await?;
    let higher = stated_direction(battery)?;
    let (Some(answers), Some(corrupted)) = (battery.score(Trial::Answers), battery.score(Trial::Corrupted))
    else {
        let why = format!(
            "the answers or corrupted answers have no score (S105), or there are fewer than {NEEDED_ROWS}"
        );
        return Err(AssertError::not_run(why));
    };
    let fault = if better(higher, corrupted, answers) {
        format!(
            "it states higher_is_better={}, but corrupting the answers improves the score",
            python(higher)
        )
    } else if !better(higher, answers, corrupted) {
        "the answers and thoroughly corrupted answers score the same".to_owned()
    } else {
        return Ok(Vec::new());
    };
    let evidence = format!("answers {}, corrupted {}", six_digits(answers), six_digits(corrupted));
    let message = format!("{fault}. {}", info.mend);
    let finding = Finding { evidence, ..info.finding(cx.name(cx.script(Script::Metric)), message) };
    Ok(vec![as_sure(cx, battery, finding)])
}

/// What the metric said about a submission; not run when it said nothing.
pub(super) fn tried(battery: &Battery, trial: Trial) -> Result<&Score, AssertError> {
    battery.get(trial).ok_or_else(|| {
        AssertError::not_run(format!(
            "the metric cannot be used (S102), or there are fewer than {NEEDED_ROWS} answers"
        ))
    })
}

pub(super) fn stated_direction(battery: &Battery) -> Result<bool, AssertError> {
    battery
        .higher_is_better
        .ok_or_else(|| AssertError::not_run("the metric does not state its direction (S102)"))
}

/// Why a submission has no score, as the end of a sentence.
pub(super) fn refusal(score: &Score) -> String {
    match &score.error {
        Some(error) if error.kind == "InvalidSubmissionError" => {
            format!("are refused as invalid: {}", error.message)
        }
        Some(error) => format!("cannot be scored: {}: {}", error.kind, error.message),
        None => "have no finite score".to_owned(),
    }
}

pub(super) fn traceback(score: &Score) -> String {
    score.error.as_ref().map(|error| super::last_lines(&error.traceback)).unwrap_or_default()
}

fn python(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
