//! Submissions built from the answers: honest ones, invalid ones, and such as try to gain from being invalid. All of
//! it is deterministic.

mod base;
mod blended;
pub(super) mod classes;
mod constants;
mod corrupted;
mod gaining;
mod hostile;
mod invalid;
mod items;
mod plan;
mod repeats;
mod shown;
mod words;

use smith_data::table::Table;

pub(super) use self::base::Base;
pub(crate) use self::blended::{BLENDS, PARTS};
pub(super) use self::plan::plan;
use super::ladder::Corruption;
use super::tables::Pair;

/// Fewer answers than this cannot be corrupted or cut in a telling way.
pub(crate) const NEEDED_ROWS: usize = 4;

/// How many different orders of the answers are tried.
pub(crate) const PERMUTATIONS: u8 = 5;

/// A submission that is tried on the metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trial {
    /// `sample_submission.csv` as it is.
    Sample,
    /// The answers themselves.
    Answers,
    /// The most frequent answer everywhere.
    Mode,
    /// The mean answer everywhere, where answers are numbers.
    Mean,
    /// The median answer everywhere, where answers are numbers.
    Median,
    /// 0 everywhere, where answers are numbers.
    Zero,
    /// The least answer everywhere, where answers are numbers.
    Least,
    /// The largest answer everywhere, where answers are numbers.
    Most,
    /// The first row's answer everywhere.
    FirstEverywhere,
    /// Every second answer exchanged with another.
    HalfCorrupted,
    /// Every answer exchanged with another.
    Corrupted,
    /// The answers in another order under the same ids.
    Permuted(u8),
    /// [`HalfCorrupted`](Self::HalfCorrupted) with the most frequent answer in the wrong rows.
    WrongAsMode,
    /// The same with the mean answer.
    WrongAsMean,
    /// The same with 0.
    WrongAsZero,
    /// The same with a value that is no answer.
    WrongAsOther,
    /// The predictions of [`WrongRepeatRight`](Self::WrongRepeatRight) under the right ids.
    Positional,
    /// Without the last predicted column.
    MissingColumn,
    /// Without the last fifth of the rows.
    MissingRows,
    /// The first row a second time.
    RepeatedId,
    /// The answers with the first row written once more, its id in another notation.
    RepeatedAs(Notation),
    /// The same, in place of the last row.
    ReplacedAs(Notation),
    /// The first row a second time in place of the last one.
    ReplacedId,
    /// One more row with an id that is not asked for.
    UnknownId,
    /// The header alone.
    NoRows,
    /// Half-corrupted answers without the wrong rows.
    WrongLeftOut,
    /// Half-corrupted answers, the wrong rows replaced by right ones.
    WrongRepeatRight,
    /// Half-corrupted answers with two more copies of each right row.
    RightRepeated,
    /// The first row of the answers as many times as there are rows.
    OneRowRepeated,
    /// Half-corrupted answers written twice.
    WholeTwice,
    /// A row for each id and each class.
    EveryGuess,
    /// The same, or a row for each id and some numbers, with blanks behind the ids so that no two are equal.
    EveryGuessPadded,
    /// All classes in each prediction.
    AllClasses,
    /// Half-corrupted answers, nothing predicted in the wrong rows.
    WrongEmpty,
    /// Half-corrupted answers, the wrong rows under ids that are not asked for.
    WrongUnknown,
    /// Nothing predicted anywhere.
    AllEmpty,
    /// The answers, rows in another order.
    RowsShuffled,
    /// Half-corrupted answers, rows in another order.
    HalfRowsShuffled,
    /// The answers, scored against the answers in another order.
    AnswersShuffled,
    /// The answers, columns in the opposite order.
    ColumnsReversed,
    /// The answers with a byte order mark, quotation marks, other line ends and a blank line.
    OtherForm,
    /// The answers with ids like `12.0`.
    FloatIds,
    /// The answers with one more column.
    ExtraColumn,
    /// The answers without a prediction in the first row.
    OneEmpty,
    /// Infinity everywhere.
    Infinite,
    /// Minus infinity everywhere.
    MinusInfinite,
    /// 1e308 everywhere.
    Huge,
    /// -1e308 everywhere.
    MinusHuge,
    /// -1 everywhere.
    BelowZero,
    /// 2 everywhere.
    AboveOne,
    /// A word where a number belongs.
    TextInNumbers,
    /// A number wherever a word belongs.
    NumbersInLabels,
    /// A label that does not occur, in the first row.
    UnknownLabel,
    /// `True` everywhere.
    Booleans,
    /// `[1, 2]` everywhere.
    Lists,
    /// A very long text in the first row.
    LongText,
    /// The last predicted column under another name.
    RenamedColumn,
    /// Names of columns in capital letters, or in small ones.
    OtherCase,
    /// Rows without a header.
    NoHeader,
    /// Cells between tabulators.
    Tabs,
    /// The first row without its id.
    EmptyId,
    /// A word as the first row's id.
    TextId,
    /// A step of the way from the answers to noise, and which of several ways.
    Ladder(Corruption, u8, u8),
    /// Predictions as models make them: probabilities, numbers with errors, ranked lists.
    Blended(u8),
    /// One predicted column exchanged between rows, the others as they are.
    Column(u8),
    /// One stretch of rows with the predictions of others.
    Part(u8),
    /// The answers, with every item of their lists several times, no list longer than the longest.
    ItemsTwice(u8),
    /// The answers, with every item of their lists twice.
    ItemsTwiceOver(u8),
    /// The first half of each list of the answers. The number is the way in which the lists are read.
    HalfItems(u8),
    /// The same with items that are wrong behind them.
    HalfItemsFilled(u8),
    /// The same with the known items several times.
    HalfItemsRepeated(u8),
    /// Every row of the answers twice, where rows share their ids.
    RowsTwice,
    /// Half-corrupted answers with two more copies of each right row, where rows share their ids.
    RightRowsRepeated,
    /// The answers with a class that is never predicted.
    NeverClass(u8),
    /// One class in every row.
    OnlyClass(u8),
    /// The answers with a class here and there that only the training data have.
    UnaskedClass(u8),
    /// The answers, with a number below all of them in the first row.
    BelowAll,
    /// The answers once more, late.
    AnswersAgain,
    /// Half-corrupted answers once more, late.
    HalfAgain,
    /// The most frequent answer everywhere once more, late.
    ModeAgain,
    /// The first tenth of the rows, scored against their answers alone.
    FirstTenth,
    /// The sample, with predictions that the description shows as examples.
    AsShown,
    /// High numbers where the answers have low ones, and the other way round.
    Inverted,
    /// The answers, written into every column of further guesses too.
    SameGuess,
    /// The answers with shares below zero, so that those of a row add up to nearly nothing.
    NegativeShares,
    /// Half-corrupted answers, in the wrong rows with the right one behind the wrong one. The number says what stands
    /// between them.
    Hedged(u8),
    /// One predicted column far below all answers and another one just above them, or the other way round: bounds of an
    /// interval that change places. The number says which two.
    Crossed(u8),
}

/// Another notation of an id, which some readers take for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Notation {
    /// With a blank behind it.
    Blank,
    /// In capital letters, or in small ones.
    Case,
    /// A number with a zero before it.
    Zero,
}

impl Notation {
    pub(crate) const ALL: [Self; 3] = [Self::Blank, Self::Case, Self::Zero];

    /// The id so written; nothing where it would be the same.
    fn of(self, id: &str) -> Option<String> {
        let written = match self {
            Self::Blank => format!("{id} "),
            Self::Case if id.chars().any(char::is_lowercase) => id.to_uppercase(),
            Self::Case => id.to_lowercase(),
            Self::Zero if id.parse::<u64>().is_ok() => format!("0{id}"),
            Self::Zero => return None,
        };
        (written != id).then_some(written)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Blank => "with a blank behind it",
            Self::Case => "in other letters (capital or small)",
            Self::Zero => "with a zero before it",
        }
    }
}

/// Pairs of columns that are crossed.
pub(crate) const CROSSINGS: u8 = 6;

/// What stands between two predictions in one cell.
pub(crate) const HEDGES: [&str; 4] = ["|", ";", ",", " "];

/// Tables of submissions, built anew for those who want to look into them.
pub(crate) struct Submissions<'p>(Base<'p>);

impl<'p> Submissions<'p> {
    /// Those to the answers of a pair.
    pub(crate) fn of(pair: &'p Pair) -> Self {
        Self(Base::new(pair))
    }

    /// The answers, in the columns of the sample.
    pub(crate) fn truth(&self) -> &Table {
        &self.0.truth
    }

    /// The table of a submission; nothing when it cannot be built or is none.
    pub(crate) fn table(&self, trial: Trial) -> Option<Table> {
        match trial.content(&self.0)? {
            Content::Table(table) => Some(table),
            Content::Bytes(_) => None,
        }
    }
}

/// What the file of a submission holds.
pub(super) enum Content {
    /// A table, written as tables are.
    Table(Table),
    /// Bytes as they are.
    Bytes(Vec<u8>),
}

impl Trial {
    /// The constant ones.
    pub(crate) const CONSTANTS: [Self; 3] = [Self::Mode, Self::Mean, Self::Median];

    /// One value in every row.
    pub(crate) const EVERYWHERE: [Self; 7] =
        [Self::Mode, Self::Mean, Self::Median, Self::Zero, Self::Least, Self::Most, Self::FirstEverywhere];

    /// Honest submissions that anybody could make without knowing an answer.
    pub(crate) const UNINFORMED: [Self; 9] = [
        Self::Sample,
        Self::Mode,
        Self::Mean,
        Self::Median,
        Self::Zero,
        Self::Least,
        Self::Most,
        Self::FirstEverywhere,
        Self::Corrupted,
    ];

    /// Whether it is a valid submission to the answers as they are that predicts less than they say.
    pub(crate) fn is_honest(self) -> bool {
        Self::UNINFORMED.contains(&self)
            || matches!(
                self,
                Self::HalfCorrupted
                    | Self::Permuted(_)
                    | Self::WrongAsMode
                    | Self::WrongAsMean
                    | Self::WrongAsZero
                    | Self::WrongAsOther
                    | Self::Positional
                    | Self::Ladder(..)
            )
    }

    /// Which answers it is scored against.
    pub(super) fn against(self) -> Against {
        match self {
            Self::AnswersShuffled => Against::Shuffled,
            Self::FirstTenth => Against::FirstTenth,
            _ => Against::Answers,
        }
    }

    /// Whether it is looked at more closely than by its score.
    pub(super) fn closely(self) -> bool {
        matches!(self, Self::Answers | Self::HalfCorrupted | Self::Mode)
    }

    /// The submission; nothing when it cannot be built from these answers. [`Trial::Sample`] never can.
    pub(super) fn content(self, base: &Base<'_>) -> Option<Content> {
        constants::build(self, base)
            .or_else(|| corrupted::build(self, base))
            .or_else(|| invalid::build(self, base))
            .or_else(|| gaining::build(self, base))
            .or_else(|| blended::build(self, base))
            .or_else(|| shown::build(self, base))
            .or_else(|| repeats::build(self, base))
            .or_else(|| classes::build(self, base))
            .map(Content::Table)
            .or_else(|| hostile::build(self, base))
    }
}

/// Answers that submissions are scored against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    Answers,
    /// The same in another order.
    Shuffled,
    /// The first tenth of the rows.
    FirstTenth,
}

impl Against {
    /// The table of answers; nothing for those of the task, which are used as they are.
    pub(super) fn table(self, base: &Base<'_>) -> Option<Table> {
        let mut answers = base.pair.answers_as_written();
        match self {
            Self::Answers => return None,
            Self::Shuffled => {
                let order = base.shuffled(&answers, |row| base.pair.id_of(row).to_owned());
                answers.rows = order.into_iter().filter_map(|at| answers.rows.get(at).cloned()).collect();
            }
            Self::FirstTenth => answers.rows.truncate(base.tenth()),
        }
        Some(answers)
    }
}

#[cfg(test)]
mod tests;
