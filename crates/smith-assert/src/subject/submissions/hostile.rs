//! Submissions of an odd form and with odd content. Some have to be taken, the others should be refused cleanly.

use smith_data::table::Table;

use super::{Base, Content, Trial};
use crate::subject::tables::cell;

/// Characters of a very long text.
const LONG: usize = 20_000;

/// The submission, if it is one of these and the answers have what it spoils.
pub(super) fn build(trial: Trial, base: &Base<'_>) -> Option<Content> {
    let of_form = of_form(trial, base);
    of_form.or_else(|| with_values(trial, base).or_else(|| of_shape(trial, base)).map(Content::Table))
}

fn of_form(trial: Trial, base: &Base<'_>) -> Option<Content> {
    let bytes = match trial {
        Trial::OtherForm => {
            let mut writer = csv::WriterBuilder::new();
            writer.quote_style(csv::QuoteStyle::Always).terminator(csv::Terminator::CRLF);
            let text = written(&writer, Some(&base.truth.headers), &base.truth.rows)?;
            [&b"\xef\xbb\xbf"[..], &text, b"\r\n"].concat()
        }
        Trial::NoHeader => written(&csv::WriterBuilder::new(), None, &base.truth.rows)?,
        Trial::Tabs => {
            let mut writer = csv::WriterBuilder::new();
            writer.delimiter(b'\t');
            written(&writer, Some(&base.truth.headers), &base.truth.rows)?
        }
        _ => return None,
    };
    Some(Content::Bytes(bytes))
}

/// Writing to memory does not fail.
fn written(
    writer: &csv::WriterBuilder,
    headers: Option<&Vec<String>>,
    rows: &[Vec<String>],
) -> Option<Vec<u8>> {
    let mut writer = writer.from_writer(Vec::new());
    headers.into_iter().chain(rows).try_for_each(|row| writer.write_record(row)).ok()?;
    writer.into_inner().ok()
}

/// Odd predictions.
fn with_values(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let (columns, everywhere, value) = match trial {
        Trial::OneEmpty => (base.predicted.clone(), false, String::new()),
        Trial::Infinite => (base.numeric(), true, "inf".to_owned()),
        Trial::MinusInfinite => (base.numeric(), true, "-inf".to_owned()),
        Trial::Huge => (base.numeric(), true, "1e308".to_owned()),
        Trial::MinusHuge => (base.numeric(), true, "-1e308".to_owned()),
        Trial::BelowZero => (base.numeric(), true, "-1".to_owned()),
        Trial::AboveOne => (base.numeric(), true, "2".to_owned()),
        Trial::TextInNumbers => (base.numeric(), false, "many".to_owned()),
        Trial::NumbersInLabels => (base.texts(), true, "12345".to_owned()),
        Trial::UnknownLabel => (base.texts(), false, "no such label".to_owned()),
        Trial::Booleans => (base.predicted.clone(), true, "True".to_owned()),
        Trial::Lists => (base.predicted.clone(), true, "[1, 2]".to_owned()),
        Trial::LongText => (base.predicted.clone(), false, "x".repeat(LONG) + "!"),
        _ => return None,
    };
    if columns.is_empty() {
        return None;
    }
    Some(base.filled(&base.truth, &columns, |row| everywhere || row == 0, |_| value.clone()))
}

/// Odd columns and ids.
fn of_shape(trial: Trial, base: &Base<'_>) -> Option<Table> {
    let mut table = base.truth.clone();
    let id = base.pair.id;
    match trial {
        Trial::ExtraColumn => {
            table.headers.push("one_more_column".to_owned());
            table.rows.iter_mut().for_each(|row| row.push("1".to_owned()));
        }
        Trial::RenamedColumn => {
            let at = *base.predicted.last()?;
            table.headers.get_mut(at)?.push_str("_of_another_name");
        }
        Trial::OtherCase => table.headers = other_case(&table.headers)?,
        Trial::EmptyId => table.rows.first_mut()?.get_mut(id)?.clear(),
        Trial::TextId => "no such id".clone_into(table.rows.first_mut()?.get_mut(id)?),
        Trial::FloatIds => {
            if !base.truth.rows.iter().all(|row| cell(row, id).parse::<i64>().is_ok()) {
                return None;
            }
            table.rows.iter_mut().filter_map(|row| row.get_mut(id)).for_each(|cell| cell.push_str(".0"));
        }
        _ => return None,
    }
    Some(table)
}

/// The names in capital letters, or in small ones if they are in capitals already.
fn other_case(headers: &[String]) -> Option<Vec<String>> {
    let upper: Vec<String> = headers.iter().map(|name| name.to_uppercase()).collect();
    if upper != headers {
        return Some(upper);
    }
    let lower: Vec<String> = headers.iter().map(|name| name.to_lowercase()).collect();
    (lower != headers).then_some(lower)
}
