//! What the ladder from guessing to the answers says of a task.

use smith_task_schema::calibration::SIGNAL_SIGMAS;
use smith_task_schema::figure::six_digits;
use smith_task_schema::{Bound, Calibration, Figure, Finding, Layer, Severity};

use crate::ladder::Climb;
use crate::literature;
use crate::quality::Target;
use crate::quality::signal::{Signal, generic};
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(super) const SIGNAL: RuleInfo = RuleInfo {
    code: "C101",
    name: "something-to-learn",
    severity: Severity::Warning,
    layer: Layer::Execution,
    proves: "A generic learner scores better than guessing by at least five standard deviations of the noise, or, where the score is too noisy to show it, what it predicts goes with targets that it has not seen.",
    why: "Where nothing can be learnt, scores rank luck; and a reward needs a distance between guessing and solving.",
    mend: "Check that targets belong to their rows and that the features that decide are public; choose a target that can be predicted, or give more test examples.",
    references: &[literature::TRACTABILITY, literature::PERMUTATIONS],
};

pub(super) const HEADROOM: RuleInfo = RuleInfo {
    code: "C102",
    name: "headroom",
    severity: Severity::Warning,
    layer: Layer::Execution,
    proves: "Neither a constant nor a generic learner already scores what the answers score.",
    why: "A task that guessing or the first attempt solves tells good solutions from better ones no more.",
    mend: "Choose a harder target or metric; look for a feature that gives the target away, and for a metric that rewards the frequent class alone.",
    references: &[literature::TRACTABILITY, literature::LEADERBOARDS],
};

pub(super) const SAMPLE_KNOWS: RuleInfo = RuleInfo {
    code: "C103",
    name: "sample-knows-nothing",
    severity: Severity::Error,
    layer: Layer::Execution,
    proves: "The sample submission knows no more of single test rows than learners find out from the public data.",
    why: "Participants start from the sample: if it was made from the answers, whoever returns it has half of the score.",
    mend: "Write one constant, or values that do not depend on the answers, into sample_submission.csv.",
    references: &[literature::TRACTABILITY],
};

pub(super) const ANSWERS_FIT: RuleInfo = RuleInfo {
    code: "C104",
    name: "answers-belong-to-rows",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "What is learnt from the training examples holds for the test examples and their answers too.",
    why: "Answers in another order than their rows, or made in another way than the training targets, punish good solutions.",
    mend: "Take features and answers of the test examples from the same rows, in the same order, and join them by id; make the targets of both sides in the same way.",
    references: &[literature::PERMUTATIONS],
};

/// Fewer examples do not say whether something can be learnt.
const LEAST_TRAIN: usize = 100;
const LEAST_TEST: usize = 50;
/// From so many training examples on, a table without a trace of its target is an error.
const CERTAIN_TRAIN: usize = 300;
/// Correlation that can be ruled out then.
const TRACE: f64 = 0.15;
/// Fewer examples rule out less: a correlation that would show in a score, if neither learners nor features nor
/// neighbours say anything.
const WEAK: f64 = 0.35;
const LUCK: f64 = 1.0;
const NO_DEPENDENCE: f64 = 0.1;
/// Share of the way from guessing to the answers at which a task counts as solved.
const SOLVED: f64 = 0.999;
/// Share of the answers' score that a constant may have.
const CONSTANT: f64 = 0.98;
/// Share of the way that a sample may go beyond learners: more is an error, half as much as nothing a warning.
const SAMPLE_WAY: f64 = 0.5;
const SAMPLE_HINT: f64 = 0.05;
/// Deviations that a skill on training examples must have, and may have at chance.
const STRONG: f64 = 8.0;
const EXPECTED: f64 = 5.0;
const CHANCE: f64 = 2.0;
const STRONG_CORRELATION: f64 = 0.2;
/// How well the sides may be told apart where the same is expected of both.
const SAME_SIDES: f64 = 0.7;
/// Deviations between two skills that are not chance.
const APART: f64 = 6.0;

/// `C101`.
pub(super) async fn signal(info: &RuleInfo, cx: &Subject) -> Measured {
    let (ladder, climb) = (cx.ladder().await?, cx.climb()?);
    let calibration = &ladder.calibration;
    let mut report = Report::default()
        .with(Figure::new("training examples that were learnt from", climb.problem.train as f64))
        .with(Figure::new("answers that were scored", ladder.rows as f64))
        .with(Figure::new("times that predictions were dealt to other rows", ladder.dealt as f64))
        .with(Figure::new("random halves of the answers that were scored", ladder.halves as f64))
        .with(Figure::new("score of guessing", calibration.trivial))
        .with(Figure::new("deviation of scores by chance", calibration.sigma));
    if let Some(reference) = calibration.reference {
        report = report.with(Figure::new("best score of a generic learner", reference));
    }
    let Some(signal) = calibration.signal() else { return Ok(report) };
    let is_enough = climb.problem.train >= LEAST_TRAIN && ladder.rows >= LEAST_TEST;
    let mut deviations = Figure::new("deviations by which learners are better than guessing", signal);
    if is_enough {
        deviations = deviations.bounded(Bound::AtLeast(SIGNAL_SIGMAS));
    }
    report = report
        .with(deviations)
        .with(Figure::new("correlation of predictions within train", climb.inside.correlation))
        .with(Figure::new("correlation of predictions in test", climb.outside.correlation));
    // What is learnt in train and does not hold in test is another rule's finding; and where predictions go with the
    // answers, the metric may be too noisy to say so on few rows.
    let is_learnt = climb.inside.deviations() >= STRONG || both_sides(climb) >= SIGNAL_SIGMAS;
    if signal >= SIGNAL_SIGMAS || !is_enough || is_learnt {
        return Ok(report);
    }
    let is_large = climb.problem.train >= CERTAIN_TRAIN && signal < CHANCE && has_no_trace(climb, TRACE);
    let is_certain = is_large || (signal < LUCK && has_no_trace(climb, WEAK) && depends_on_nothing(cx));
    let is_error = is_plain(climb) && is_certain;
    let message = format!(
        "the best generic learner ({}) scores {}, guessing {}: that is {} standard deviations of the noise. {}",
        calibration.reference_rung.as_deref().unwrap_or("none"),
        calibration.reference.map_or_else(|| "nothing".to_owned(), six_digits),
        six_digits(calibration.trivial),
        six_digits(signal),
        info.mend
    );
    let severity = if is_error { Severity::Error } else { Severity::Warning };
    report.findings.push(Finding { severity, ..info.finding(cx.name(&cx.layout().public), message) });
    Ok(report)
}

/// True where generic features hold all that a participant is given: plain columns of one table.
fn is_plain(climb: &Climb) -> bool {
    let seen = climb.problem.raw.seen;
    seen.files == 0
        && seen.texts == 0
        && seen.dates == 0
        && !climb.problem.has_more
        && climb.measured.is_some()
}

/// Examples on which skill was measured.
fn measured_rows(climb: &Climb) -> f64 {
    (climb.inside.rows + climb.outside.rows) as f64
}

/// Deviations from chance of the skills on both sides together.
fn both_sides(climb: &Climb) -> f64 {
    let sides = [climb.inside, climb.outside];
    let sum: f64 = sides.iter().map(|skill| skill.correlation * skill.rows as f64).sum();
    sum / measured_rows(climb).max(1.0).sqrt()
}

/// True when both sides together rule out a correlation of more than `trace`.
fn has_no_trace(climb: &Climb, trace: f64) -> bool {
    (both_sides(climb) + CHANCE) / measured_rows(climb).max(1.0).sqrt() < trace
}

/// True when neither a feature nor the neighbourhood of an example tells anything of the target.
fn depends_on_nothing(cx: &Subject) -> bool {
    let signal = || {
        let split = cx.split().ok()?;
        let target = Target::of(split)?;
        let generic = generic(split, split.train.as_ref()?, cx.public().ok()?, &cx.layout().public)?;
        Signal::of(&generic, &target)
    };
    signal().is_some_and(|signal| signal.chance > NO_DEPENDENCE && signal.neighbours < CHANCE)
}

/// `C102`.
pub(super) async fn headroom(info: &RuleInfo, cx: &Subject) -> Measured {
    let ladder = cx.ladder().await?;
    let calibration = &ladder.calibration;
    let mut report = Report::default();
    let metric = cx.name(&cx.layout().metric);
    let answers = calibration.answers;
    if let Some(constant) = score_of(calibration, "constant") {
        let gap = calibration.gain(constant, answers);
        let share = constant / answers;
        report = report.with(Figure::new("score of the best constant", constant));
        let says = |what: &str| {
            let (constant, answers) = (six_digits(constant), six_digits(answers));
            format!(
                "a constant prediction scores {constant} and the answers {answers}: {what}. {}",
                info.mend
            )
        };
        if gap <= 1e-9 * answers.abs().max(constant.abs()) {
            let finding = info.finding(&metric, says("there is nothing to gain"));
            let severity = if cx.pair()?.is_exact() { Severity::Error } else { Severity::Warning };
            report.findings.push(Finding { severity, ..finding });
        } else if calibration.higher_is_better && constant > 0.0 && share >= CONSTANT {
            report.findings.push(info.finding(&metric, says("there is next to nothing to gain")));
        }
    }
    let Some((reference, way)) =
        calibration.reference.and_then(|score| Some((score, calibration.way(score)?)))
    else {
        return Ok(report);
    };
    let name = "share of the way from guessing to the answers that a generic learner goes";
    report = report.with(Figure::new(name, way).bounded(Bound::AtMost(SOLVED)));
    if way >= SOLVED && report.findings.is_empty() {
        let message = format!(
            "a generic learner ({}) scores {}, the answers {}: the task is solved by the first attempt. {}",
            calibration.reference_rung.as_deref().unwrap_or(""),
            six_digits(reference),
            six_digits(answers),
            info.mend
        );
        report.findings.push(info.finding(cx.name(&cx.layout().public), message));
    }
    Ok(report)
}

fn score_of(calibration: &Calibration, rung: &str) -> Option<f64> {
    calibration.rungs.iter().find(|own| own.name == rung)?.score
}

/// `C103`.
pub(super) async fn sample_knows(info: &RuleInfo, cx: &Subject) -> Measured {
    let ladder = cx.ladder().await?;
    let calibration = &ladder.calibration;
    let mut report = Report::default();
    let (Some(score), Some((mean, deviation))) = (ladder.sample.score, ladder.sample.shuffled) else {
        return Ok(report);
    };
    let (Some(way), gain) = (calibration.way(score), calibration.gain(mean, score)) else {
        return Ok(report);
    };
    report = report
        .with(Figure::new("share of the way from guessing to the answers that the sample goes", way))
        .with(Figure::new("score of the sample", score))
        .with(Figure::new("mean score of the sample dealt to other rows", mean));
    let floor = deviation.max(calibration.sigma);
    let knows = gain > 0.0 && gain >= SIGNAL_SIGMAS * floor && way >= SAMPLE_HINT;
    let beyond = calibration.reference.is_none_or(|reference| {
        let more = calibration.gain(reference, score);
        more > 0.0 && more >= SIGNAL_SIGMAS * calibration.sigma
    });
    if !knows || !beyond || ladder.sample.copies_a_column {
        return Ok(report);
    }
    let is_error = way >= SAMPLE_WAY && !ladder.sample.repeats_known_numbers;
    let message = format!(
        "sample_submission.csv scores {}, and {} when its predictions are dealt to other rows; the best generic learner \
         scores {}, the answers {}. It knows more of single rows than the public data tell. {}",
        six_digits(score),
        six_digits(mean),
        calibration.reference.map_or_else(|| "nothing".to_owned(), six_digits),
        six_digits(calibration.answers),
        info.mend
    );
    let severity = if is_error { Severity::Error } else { Severity::Warning };
    report
        .findings
        .push(Finding { severity, ..info.finding(cx.name(&cx.layout().sample_submission()), message) });
    Ok(report)
}

/// `C104`.
pub(super) fn answers_fit(info: &RuleInfo, cx: &Subject) -> Measured {
    let climb = cx.climb()?;
    let (inside, outside) = (climb.inside, climb.outside);
    if climb.measured.is_none() {
        return Err(crate::AssertError::not_run(
            "there are too few training examples, or nothing can be learnt of them",
        ));
    }
    let mut report = Report::default()
        .with(Figure::new("correlation of predictions within train", inside.correlation))
        .with(Figure::new("examples that it was measured on", inside.rows as f64))
        .with(Figure::new("correlation of predictions in test", outside.correlation))
        .with(Figure::new("test examples that it was measured on", outside.rows as f64));
    let is_strong = inside.deviations() >= STRONG && inside.correlation >= STRONG_CORRELATION;
    let is_visible = inside.correlation * (outside.rows as f64).sqrt() >= EXPECTED;
    if !is_strong || !is_visible {
        return Ok(report);
    }
    let place = cx.name(&cx.layout().test_answer());
    let says = |what: &str| {
        format!(
            "predictions have a correlation of {} with the targets of training examples that were held back, and of {} \
             with the answers: {what}. {}",
            six_digits(inside.correlation),
            six_digits(outside.correlation),
            info.mend
        )
    };
    if outside.deviations() < CHANCE {
        let other = crate::ladder::other_order(climb, inside);
        let sides = crate::ladder::separability(&climb.problem);
        report = report.with(Figure::new("how well train and test are told apart (0.5: not at all)", sides));
        let is_error = other.is_some() || sides <= SAME_SIDES;
        let what = match other {
            Some(order) => format!("the answers do not belong to their rows; they fit {order}"),
            None if is_error => "the answers do not belong to the test rows".to_owned(),
            None => "what is learnt does not hold in test, where examples look different".to_owned(),
        };
        let severity = if is_error { Severity::Error } else { Severity::Warning };
        report.findings.push(Finding { severity, ..info.finding(place, says(&what)) });
    } else if let Some(what) = differs(climb) {
        report.findings.push(Finding { severity: Severity::Warning, ..info.finding(place, says(what)) });
    }
    Ok(report)
}

/// What is odd of skills that are both better than chance.
fn differs(climb: &Climb) -> Option<&'static str> {
    let (inside, outside) = (climb.inside, climb.outside);
    let variance =
        [inside, outside].map(|skill| 1.0 / (skill.rows as f64 - 3.0).max(1.0)).iter().sum::<f64>();
    let spread = |correlation: f64| correlation.clamp(-0.999, 0.999).atanh();
    let apart = (spread(inside.correlation) - spread(outside.correlation)) / variance.sqrt();
    let is_halved = outside.correlation < inside.correlation / 2.0;
    if apart >= APART && is_halved && crate::ladder::separability(&climb.problem) <= SAME_SIDES {
        return Some("a part of the answers may not belong to its rows");
    }
    let is_easier = outside.correlation > inside.correlation + 0.2;
    (apart <= -APART && is_easier)
        .then_some("test is much easier than train, as if examples stood on both sides")
}
