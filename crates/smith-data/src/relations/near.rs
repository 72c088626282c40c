//! Columns of text with values that are nearly the same.

use smith_task_schema::profile::NearDuplicates;

use crate::overview::display::one_line;
use crate::table_data::TableData;
use crate::text::near::near_duplicates;

/// Pairs that are shown.
const EXAMPLES: usize = 3;
/// Characters of a text that are shown.
const SHOWN_CHARS: usize = 160;
/// Fewest texts that are worth comparing.
const MIN_TEXTS: usize = 20;

/// The near-duplicates of every column of long texts that has any.
pub(crate) fn find(table: &TableData) -> Vec<NearDuplicates> {
    let columns = table.facts.columns.iter().zip(&table.columns);
    let columns = columns.filter(|(_, data)| data.texts.len() >= MIN_TEXTS);
    columns
        .filter_map(|(column, data)| {
            let (compared, repeats, examples) = near(&data.texts);
            let mut found = NearDuplicates::default();
            found.column = column.name.clone();
            found.compared = compared;
            found.exact = data.all_texts;
            found.repeats = repeats;
            found.examples = examples;
            (compared > 0).then_some(found)
        })
        .collect()
}

/// How many texts were compared, how many repeat an earlier one nearly, and some pairs.
fn near(texts: &[Box<str>]) -> (u64, u64, Vec<[String; 2]>) {
    let found = near_duplicates(texts.iter().map(|text| &**text));
    let shown =
        |index: u32| texts.get(index as usize).map_or_else(String::new, |text| one_line(text, SHOWN_CHARS));
    let pairs = found.pairs.iter().take(EXAMPLES).map(|pair| [shown(pair.earlier), shown(pair.later)]);
    (found.compared, found.repeats, pairs.collect())
}
