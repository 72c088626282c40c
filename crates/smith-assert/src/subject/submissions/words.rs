//! Trials in words, for messages.

use super::{BLENDS, HEDGES, PARTS, Trial};
use crate::subject::ladder::STEPS;

impl Trial {
    /// The submission in words, for messages.
    pub(crate) fn words(self) -> String {
        match self {
            Self::Permuted(_) => "the answers in another order under the same ids".to_owned(),
            Self::Ladder(kind, step, _) => {
                format!("the answers with {} ({step} steps of {STEPS})", kind.words())
            }
            Self::Blended(draw) => {
                format!("predictions as a model makes them (draw {} of {BLENDS})", draw + 1)
            }
            Self::Column(column) => {
                format!("the answers with the predictions of column {} exchanged", column + 1)
            }
            Self::Part(part) => {
                format!("the answers with part {} of {PARTS} of the rows exchanged", part + 1)
            }
            Self::ItemsTwice(_) => {
                "the answers with the items of each list written several times, no list longer \
                 than the longest"
                    .to_owned()
            }
            Self::ItemsTwiceOver(_) => "the answers with every item of their lists written twice".to_owned(),
            Self::HalfItems(_) => "the first half of each list of the answers".to_owned(),
            Self::HalfItemsFilled(_) => {
                "half of each list of the answers, filled up with wrong items".to_owned()
            }
            Self::HalfItemsRepeated(_) => {
                "half of each list of the answers, each item written several times".to_owned()
            }
            Self::NeverClass(_) => "the answers with one class never predicted".to_owned(),
            Self::OnlyClass(_) => "one class in every row".to_owned(),
            Self::UnaskedClass(_) => {
                "the answers with a class here and there that only the training data have".to_owned()
            }
            Self::Hedged(at) => format!(
                "half-right answers with a second prediction in the cells of the wrong rows, behind {:?}",
                HEDGES.get(usize::from(at)).copied().unwrap_or_default()
            ),
            Self::Crossed(_) => {
                "one predicted column far beyond all answers and another one at their other end".to_owned()
            }
            Self::RepeatedAs(notation) => {
                format!("the answers with the first row written twice, its id once {}", notation.words())
            }
            Self::ReplacedAs(notation) => format!(
                "the answers with the first row in place of the last one, its id {}",
                notation.words()
            ),
            other => other.fixed_words().to_owned(),
        }
    }

    fn fixed_words(self) -> &'static str {
        match self {
            Self::Sample => "sample_submission.csv",
            Self::Answers
            | Self::Permuted(_)
            | Self::Ladder(..)
            | Self::Blended(_)
            | Self::Column(_)
            | Self::Part(_)
            | Self::ItemsTwice(_)
            | Self::ItemsTwiceOver(_)
            | Self::HalfItems(_)
            | Self::HalfItemsFilled(_)
            | Self::HalfItemsRepeated(_)
            | Self::Hedged(_)
            | Self::Crossed(_)
            | Self::NeverClass(_)
            | Self::OnlyClass(_)
            | Self::UnaskedClass(_)
            | Self::RepeatedAs(_)
            | Self::ReplacedAs(_) => "the answers themselves",
            Self::RowsTwice => "the answers with every row written twice",
            Self::RightRowsRepeated => {
                "half-right answers with the right rows of each id written three times"
            }
            Self::NegativeShares => {
                "the answers with a share below zero in each row, so that rows add up to nearly 0"
            }
            Self::SameGuess => "the answers, repeated in every further guess",
            Self::BelowAll => "the answers with a number below zero in the first row",
            Self::Mode => "the most frequent answer in every row",
            Self::Mean => "the mean answer in every row",
            Self::Median => "the median answer in every row",
            Self::Zero => "0 in every row",
            Self::Least => "the least answer in every row",
            Self::Most => "the largest answer in every row",
            Self::FirstEverywhere => "the first answer in every row",
            Self::HalfCorrupted => "the answers with half of the rows exchanged",
            Self::Corrupted => "the answers with all rows exchanged",
            Self::WrongAsMode => "half-right answers with the most frequent one in the other rows",
            Self::WrongAsMean => "half-right answers with the mean in the other rows",
            Self::WrongAsZero => "half-right answers with 0 in the other rows",
            Self::WrongAsOther => "half-right answers with a value that is no answer in the other rows",
            Self::Positional => "half-right answers with right ones of other rows in the wrong rows",
            Self::MissingColumn => "the answers without the last predicted column",
            Self::MissingRows => "the answers without the last fifth of the rows",
            Self::RepeatedId => "the answers with the first row written twice",
            Self::ReplacedId => "the answers with the first row in place of the last one",
            Self::UnknownId => "the answers with one more row of an unknown id",
            Self::NoRows => "a header without rows",
            Self::WrongLeftOut => "half-right answers without the wrong rows",
            Self::WrongRepeatRight => {
                "half-right answers with copies of right rows in place of the wrong ones"
            }
            Self::RightRepeated => "half-right answers with the right rows written three times",
            Self::OneRowRepeated => "one right row repeated in place of all others",
            Self::WholeTwice => "half-right answers written twice",
            Self::EveryGuess => "a row for each id and each class",
            Self::EveryGuessPadded => "a row for each id and each guess, with blanks behind the ids",
            Self::AllClasses => "the names of all classes in every prediction",
            Self::WrongEmpty => "half-right answers with empty predictions in the wrong rows",
            Self::WrongUnknown => "half-right answers with unknown ids in the wrong rows",
            Self::AllEmpty => "empty predictions in every row",
            Self::RowsShuffled => "the answers with their rows in another order",
            Self::HalfRowsShuffled => "half-right answers with their rows in another order",
            Self::AnswersShuffled => "the answers, against test_answer.csv with its rows in another order",
            Self::ColumnsReversed => "the answers with their columns in the opposite order",
            Self::OtherForm => "the answers with a byte order mark, quotation marks, CRLF and a blank line",
            Self::FloatIds => "the answers with ids like 12.0",
            Self::ExtraColumn => "the answers with one more column",
            Self::OneEmpty => "the answers with one empty prediction",
            Self::Infinite => "infinity in every row",
            Self::MinusInfinite => "minus infinity in every row",
            Self::Huge => "1e308 in every row",
            Self::MinusHuge => "-1e308 in every row",
            Self::BelowZero => "-1 in every row",
            Self::AboveOne => "2 in every row",
            Self::TextInNumbers => "the answers with a word in place of a number",
            Self::NumbersInLabels => "a number in place of every label",
            Self::UnknownLabel => "the answers with one label that does not exist",
            Self::Booleans => "True in every row",
            Self::Lists => "[1, 2] in every row",
            Self::LongText => "the answers with one text of 20,000 characters",
            Self::RenamedColumn => "the answers with the last predicted column renamed",
            Self::OtherCase => "the answers with column names in the other case",
            Self::NoHeader => "the answers without a header",
            Self::Tabs => "the answers with tabulators instead of commas",
            Self::EmptyId => "the answers with one empty id",
            Self::TextId => "the answers with a word as one id",
            Self::AnswersAgain => "the answers once more",
            Self::HalfAgain => "the answers with half of the rows exchanged, once more",
            Self::ModeAgain => "the most frequent answer in every row, once more",
            Self::FirstTenth => "the first tenth of the answers",
            Self::Inverted => {
                "the answers with high numbers in place of low ones and low ones in place of high ones"
            }
            Self::AsShown => "sample_submission.csv with the predictions that the description shows",
        }
    }
}
