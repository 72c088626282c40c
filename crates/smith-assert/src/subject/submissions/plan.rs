//! Which submissions are tried, the telling ones first.

use super::blended::{BLENDS, PARTS, columns};
use super::classes;
use super::items::MOST_FORMS;
use super::{Base, CROSSINGS, HEDGES, NEEDED_ROWS, Notation, PERMUTATIONS, Trial};
use crate::subject::ladder::{Corruption, STEPS};

/// Text of all submissions together, in bytes: what is written to the scratch directory and read by the metric.
const MOST_BYTES: usize = 512 << 20;
/// Submissions that are tried however large they are.
const ALWAYS: usize = 24;

/// What every task is tried with.
const FIRST: [Trial; 24] = [
    Trial::Answers,
    Trial::Sample,
    Trial::Mode,
    Trial::Mean,
    Trial::Median,
    Trial::HalfCorrupted,
    Trial::Corrupted,
    Trial::MissingColumn,
    Trial::MissingRows,
    Trial::RepeatedId,
    Trial::ReplacedId,
    Trial::UnknownId,
    Trial::WrongLeftOut,
    Trial::WrongRepeatRight,
    Trial::RightRepeated,
    Trial::OneRowRepeated,
    Trial::WrongUnknown,
    Trial::WrongEmpty,
    Trial::AllEmpty,
    Trial::NoRows,
    Trial::RowsShuffled,
    Trial::AnswersShuffled,
    Trial::Positional,
    Trial::FirstEverywhere,
];

const SECOND: [Trial; 15] = [
    Trial::Zero,
    Trial::Least,
    Trial::Most,
    Trial::WrongAsMode,
    Trial::WrongAsMean,
    Trial::WrongAsZero,
    Trial::WrongAsOther,
    Trial::WholeTwice,
    Trial::EveryGuess,
    Trial::EveryGuessPadded,
    Trial::AllClasses,
    Trial::ColumnsReversed,
    Trial::HalfRowsShuffled,
    Trial::OtherForm,
    Trial::OneEmpty,
];

const THIRD: [Trial; 21] = [
    Trial::FloatIds,
    Trial::ExtraColumn,
    Trial::Infinite,
    Trial::MinusInfinite,
    Trial::Huge,
    Trial::MinusHuge,
    Trial::BelowZero,
    Trial::AboveOne,
    Trial::TextInNumbers,
    Trial::NumbersInLabels,
    Trial::UnknownLabel,
    Trial::Booleans,
    Trial::Lists,
    Trial::LongText,
    Trial::RenamedColumn,
    Trial::OtherCase,
    Trial::NoHeader,
    Trial::Tabs,
    Trial::EmptyId,
    Trial::TextId,
    Trial::FirstTenth,
];

const LAST: [Trial; 3] = [Trial::AnswersAgain, Trial::HalfAgain, Trial::ModeAgain];

/// The submissions to try, and how many were left out because all of them would be too much.
pub(in crate::subject) fn plan(base: &Base<'_>) -> (Vec<Trial>, usize) {
    let mut trials: Vec<Trial> = FIRST.to_vec();
    trials.extend(SECOND);
    trials.extend(LAST);
    trials.extend((0..BLENDS).map(Trial::Blended));
    trials.extend(ladder(base, 0));
    trials.extend([
        Trial::BelowAll,
        Trial::AsShown,
        Trial::Inverted,
        Trial::SameGuess,
        Trial::NegativeShares,
    ]);
    trials.extend(Notation::ALL.into_iter().flat_map(|n| [Trial::RepeatedAs(n), Trial::ReplacedAs(n)]));
    trials.extend((0..CROSSINGS).map(Trial::Crossed));
    trials.extend((0_u8..).zip(HEDGES).map(|(at, _)| Trial::Hedged(at)));
    trials.extend((0..columns(base)).map(Trial::Column));
    trials.extend((0..PARTS).map(Trial::Part));
    trials.extend((0..MOST_FORMS).flat_map(of_lists));
    trials.extend([Trial::RowsTwice, Trial::RightRowsRepeated]);
    let (classes, unasked) = classes::counts(base);
    trials.extend((0..classes).flat_map(|class| [Trial::NeverClass(class), Trial::OnlyClass(class)]));
    trials.extend((0..unasked).map(Trial::UnaskedClass));
    trials.extend(THIRD);
    trials.extend((0..PERMUTATIONS).map(Trial::Permuted));
    trials.extend((1..seeds(base.rows())).flat_map(|seed| ladder(base, seed)));
    trials.retain(|&trial| makes_sense(trial, base));
    let all = trials.len();
    let affordable = MOST_BYTES / bytes(base).max(1);
    trials.truncate(affordable.max(ALWAYS));
    let left_out = all - trials.len();
    (trials, left_out)
}

fn of_lists(form: u8) -> [Trial; 5] {
    [
        Trial::ItemsTwice(form),
        Trial::ItemsTwiceOver(form),
        Trial::HalfItems(form),
        Trial::HalfItemsFilled(form),
        Trial::HalfItemsRepeated(form),
    ]
}

/// More ways from the answers to noise where there are fewer rows, because each is noisier.
fn seeds(rows: usize) -> u8 {
    u8::try_from((1_000 / rows.max(1)).clamp(3, 8)).unwrap_or(3)
}

fn ladder(base: &Base<'_>, seed: u8) -> Vec<Trial> {
    let kinds = Corruption::ALL.into_iter().filter(|kind| kind.applies(base));
    kinds.flat_map(|kind| (1..=STEPS).map(move |step| Trial::Ladder(kind, step, seed))).collect()
}

/// Few rows say nothing of corruption and gain. Rows that share their ids may be written twice, and there may be
/// more or fewer of them than the answers have.
fn makes_sense(trial: Trial, base: &Base<'_>) -> bool {
    let about_rows = matches!(
        trial,
        Trial::MissingRows
            | Trial::RepeatedId
            | Trial::ReplacedId
            | Trial::RepeatedAs(_)
            | Trial::ReplacedAs(_)
    );
    let few = matches!(
        trial,
        Trial::Answers
            | Trial::Sample
            | Trial::Mode
            | Trial::Mean
            | Trial::Median
            | Trial::MissingColumn
            | Trial::NoRows
            | Trial::AnswersAgain
    );
    let enough = base.rows() >= NEEDED_ROWS || few;
    let large = trial != Trial::FirstTenth || base.tenth() > 0;
    let empty = matches!(trial, Trial::OneEmpty | Trial::WrongEmpty | Trial::AllEmpty);
    enough && large && (!empty || !base.may_be_empty()) && (base.pair.unique || !about_rows)
}

/// About the size of one submission.
fn bytes(base: &Base<'_>) -> usize {
    base.truth.rows.iter().flatten().map(|cell| cell.len() + 1).sum()
}
