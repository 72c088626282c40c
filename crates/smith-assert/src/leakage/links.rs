//! Queries whose answers are names of the same kind as what is asked: links of a graph, lists of items. What stands
//! together elsewhere is compared with them.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use smith_data::{Frame, TextColumn};

use super::sheet::Sheet;
use crate::subject::{Pair, Public, Split};

/// Columns of the test table that are looked at, and of other tables.
const MAX_COLUMNS: usize = 8;
/// Pairs that are held of one file.
const MAX_PAIRS: usize = 4_000_000;
/// Different values that a column of queries must have.
const MIN_KEYS: usize = 5;
/// Share of the answers that must hold a separator to be lists.
const LISTED: f64 = 0.1;
const SEPARATORS: [char; 5] = [';', '|', '\t', ',', ' '];

/// Test rows: what is asked, and the names that are the answers.
pub(crate) struct Queries {
    /// Columns with a cell for each row.
    pub(crate) columns: Vec<(String, Vec<String>)>,
    pub(crate) answers: Vec<Vec<String>>,
}

/// Names that stand together: for each of the first kind those of the second.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) of: HashMap<u64, HashSet<u64>>,
    pairs: usize,
}

impl Queries {
    /// The queries of a task; none where nothing but numbers or a few classes are asked for.
    pub(crate) fn of(pair: &Pair, public: &Public, split: &Split, least: usize) -> Option<Self> {
        let sheet = Sheet::of(pair);
        let [target] = &sheet.targets[..] else { return None };
        let separator = separator(&target.cells);
        let answers: Vec<Vec<String>> = target.cells.iter().map(|cell| parts(cell, separator)).collect();
        let different: HashSet<&String> = answers.iter().flatten().collect();
        if different.len() < least || answers.len() < 10 {
            return None;
        }
        let mut columns = vec![(pair.id_name().to_owned(), sheet.ids.clone())];
        let tables =
            public.tables.iter().filter(|table| table.path == split.test.path && split.test_has_table);
        for table in tables.take(1) {
            let Some((key, rows)) = sheet.keys(&table.frame).into_iter().next() else { continue };
            let others = table.frame.names().iter().zip(table.frame.columns()).enumerate();
            for (_, (name, column)) in others.filter(|(at, _)| *at != key).take(MAX_COLUMNS) {
                let cell =
                    |row: &Option<usize>| row.map_or_else(String::new, |row| column.get(row).to_owned());
                columns.push((name.clone(), rows.iter().map(cell).collect()));
            }
        }
        columns.retain(|(_, cells)| cells.iter().collect::<HashSet<_>>().len() >= MIN_KEYS);
        (!columns.is_empty()).then_some(Self { columns, answers })
    }

    /// Everything that is asked, and everything that is an answer.
    pub(crate) fn words(&self) -> (HashSet<u64>, HashSet<u64>) {
        let keys = self.columns.iter().flat_map(|(_, cells)| cells).map(|cell| hash(cell)).collect();
        (keys, self.answers.iter().flatten().map(|name| hash(name)).collect())
    }
}

/// What stands between the names of a list.
fn separator(cells: &[String]) -> Option<char> {
    let listed = |separator: &char| {
        let several = cells.iter().filter(|cell| cell.contains(*separator)).count();
        several as f64 >= LISTED * cells.len() as f64
    };
    let separator = SEPARATORS.into_iter().find(listed)?;
    let words: Vec<&str> = cells.iter().flat_map(|cell| cell.split(separator)).map(str::trim).collect();
    let different: HashSet<&&str> = words.iter().collect();
    // Names of several words come again as a whole, those of a list one by one.
    let whole: HashSet<&String> = cells.iter().collect();
    let is_list = separator != ' '
        || different.len() * 3 <= words.len() * 2
        || whole.len() * 10 >= cells.len() * 9 && different.len() < words.len();
    is_list.then_some(separator)
}

fn parts(cell: &str, separator: Option<char>) -> Vec<String> {
    let Some(separator) = separator else { return vec![cell.to_owned()] };
    let inner = cell.trim_matches(['[', ']', '(', ')', '{', '}']);
    let parts = inner.split(separator).map(|part| part.trim().trim_matches(['\'', '"']));
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

impl Known {
    /// Takes in that two names stand together.
    pub(crate) fn add(&mut self, key: u64, value: u64) {
        if self.pairs < MAX_PAIRS && key != value && self.of.entry(key).or_default().insert(value) {
            self.pairs += 1;
        }
    }

    /// Takes the rows of a table in: what is asked and what is an answer stand in one row.
    pub(crate) fn add_rows(&mut self, frame: &Frame, (keys, values): &(HashSet<u64>, HashSet<u64>)) {
        let columns: Vec<&TextColumn> = frame.columns().iter().take(MAX_COLUMNS).collect();
        for row in 0..frame.rows() {
            let cells: Vec<&str> = columns.iter().map(|column| column.get(row)).collect();
            let asked: Vec<u64> =
                cells.iter().map(|cell| hash(cell)).filter(|cell| keys.contains(cell)).collect();
            if asked.is_empty() {
                continue;
            }
            let names = cells.iter().flat_map(|cell| {
                let lists = SEPARATORS.into_iter().filter(|separator| cell.contains(*separator));
                let parts = lists.flat_map(|separator| parts(cell, Some(separator)));
                std::iter::once((*cell).to_owned()).chain(parts)
            });
            for value in names.map(|name| hash(&name)).filter(|name| values.contains(name)) {
                asked.iter().for_each(|key| self.add(*key, value));
            }
        }
    }

    fn holds(&self, key: u64, value: u64) -> bool {
        self.of.get(&key).is_some_and(|values| values.contains(&value))
    }
}

/// How far a file names the answers beside what is asked, beyond what the training data show.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Given {
    /// The column of queries.
    pub(crate) column: String,
    /// Share of the answers that it names, and how many there are.
    pub(crate) share: f64,
    pub(crate) answers: usize,
    /// Share of what it names that are answers.
    pub(crate) right: f64,
}

/// Compares what a file has together with the queries, the column for which it says most.
pub(crate) fn given(queries: &Queries, file: &Known, train: &Known) -> Option<Given> {
    let of = |(name, cells): &(String, Vec<String>)| {
        let mut wanted: HashMap<u64, HashSet<u64>> = HashMap::new();
        for (cell, answers) in cells.iter().zip(&queries.answers) {
            let key = hash(cell);
            let answers = answers.iter().map(|answer| hash(answer)).filter(|answer| *answer != key);
            wanted.entry(key).or_default().extend(answers.filter(|answer| !train.holds(key, *answer)));
        }
        let (mut hits, mut all, mut named) = (0_usize, 0_usize, 0_usize);
        for (key, answers) in &wanted {
            all += answers.len();
            let Some(there) = file.of.get(key) else { continue };
            named += there.iter().filter(|value| !train.holds(*key, **value)).count();
            hits += answers.intersection(there).count();
        }
        Given {
            column: name.clone(),
            share: hits as f64 / all.max(1) as f64,
            answers: all,
            right: hits as f64 / named.max(1) as f64,
        }
    };
    queries.columns.iter().map(of).reduce(|a, b| if b.share * b.right > a.share * a.right { b } else { a })
}

/// How often the training data have a link of the test the other way round.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Turned {
    pub(crate) column: String,
    /// The columns of the training table between which the links run.
    pub(crate) between: (String, String),
    /// Links compared.
    pub(crate) links: usize,
    /// Share of them that stand there the other way round, and in the same way.
    pub(crate) turned: f64,
    pub(crate) same: f64,
    /// The same for links to the answers of other rows.
    pub(crate) by_chance: f64,
    /// Rows for each different pair.
    pub(crate) repeats: f64,
}

/// Looks the links of the test up in a training table, from the column of each part of the queries to the one that
/// holds the answers.
pub(crate) fn turned(queries: &Queries, train: &Frame) -> Option<Turned> {
    /// Share of the answers, or of what is asked, that a column must hold.
    const HELD: f64 = 0.8;
    let columns: Vec<(usize, HashSet<u64>)> = train
        .columns()
        .iter()
        .take(MAX_COLUMNS)
        .map(|column| column.iter().map(hash).collect::<HashSet<u64>>())
        .enumerate()
        .filter(|(_, values)| values.len() >= MIN_KEYS)
        .collect();
    let share = |wanted: &HashSet<u64>, at: usize| {
        let held = columns.iter().find(|(own, _)| *own == at).map(|(_, held)| held);
        held.map_or(0.0, |held| wanted.intersection(held).count() as f64 / wanted.len().max(1) as f64)
    };
    let names: HashSet<u64> = queries.answers.iter().flatten().map(|name| hash(name)).collect();
    let mut best: Option<Turned> = None;
    for (name, cells) in &queries.columns {
        let asked: HashSet<u64> = cells.iter().map(|cell| hash(cell)).collect();
        let of_name = train.position(name).filter(|at| share(&asked, *at) >= HELD);
        let most = |wanted: &HashSet<u64>, without: Option<usize>| {
            let held = columns
                .iter()
                .map(|(at, _)| (*at, share(wanted, *at)))
                .filter(|(at, _)| Some(*at) != without);
            held.reduce(|a, b| if b.1 > a.1 { b } else { a })
                .filter(|(_, share)| *share >= HELD)
                .map(|(at, _)| at)
        };
        let Some(from) = of_name.or_else(|| most(&asked, None)) else { continue };
        let Some(to) = most(&names, Some(from)) else { continue };
        let found = between(queries, (name, cells), train, (from, to))?;
        best = match best {
            Some(best) if best.turned >= found.turned => Some(best),
            _ => Some(found),
        };
    }
    best
}

fn between(
    queries: &Queries,
    (name, cells): (&str, &[String]),
    train: &Frame,
    (from, to): (usize, usize),
) -> Option<Turned> {
    let (a, b) = (train.columns().get(from)?, train.columns().get(to)?);
    let mut there: HashSet<(u64, u64)> = HashSet::new();
    for row in 0..train.rows().min(MAX_PAIRS) {
        there.insert((hash(a.get(row)), hash(b.get(row))));
    }
    let unordered: HashSet<(u64, u64)> = there.iter().map(|(a, b)| (*a.min(b), *a.max(b))).collect();
    let rows = queries.answers.len();
    let count = |shift: usize| {
        let (mut links, mut turned, mut same) = (0_usize, 0_usize, 0_usize);
        for (row, cell) in cells.iter().enumerate() {
            let asked = hash(cell);
            let own = queries.answers.get(row).map(Vec::as_slice).unwrap_or_default();
            let answers =
                queries.answers.get((row + shift) % rows.max(1)).map(Vec::as_slice).unwrap_or_default();
            for answer in answers.iter().filter(|answer| shift == 0 || !own.contains(answer)) {
                let answer = hash(answer);
                if answer != asked {
                    links += 1;
                    turned += usize::from(there.contains(&(answer, asked)));
                    same += usize::from(there.contains(&(asked, answer)));
                }
            }
        }
        (links, turned as f64 / links.max(1) as f64, same as f64 / links.max(1) as f64)
    };
    let (links, turned, same) = count(0);
    let by_chance = count(rows / 2).1.max(count(rows / 3).1);
    let name_of = |at: usize| train.names().get(at).cloned().unwrap_or_default();
    let repeats = train.rows() as f64 / unordered.len().max(1) as f64;
    let between = (name_of(from), name_of(to));
    Some(Turned { column: (*name).to_owned(), between, links, turned, same, by_chance, repeats })
}

/// Names are the same in whatever case, and with blanks for underscores.
pub(crate) fn hash(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    for letter in name.trim().chars() {
        let letter = if letter == '_' { ' ' } else { letter };
        letter.to_lowercase().for_each(|letter| letter.hash(&mut hasher));
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(row: usize) -> usize {
        row.wrapping_mul(2_654_435_761) >> 7
    }

    /// Links of a graph of 60 names: every link once, the tenth ones are asked for.
    fn graph() -> (Vec<(String, String)>, Queries) {
        let name = |at: usize| format!("n{}", at % 60);
        let links: Vec<(String, String)> = (0..900)
            .map(|at| (name(mixed(at)), name(mixed(at * 3 + 1))))
            .filter(|(a, b)| a < b)
            .collect::<HashSet<_>>()
            .into_iter()
            .collect();
        let (mut links, asked) = (links.clone(), {
            let mut asked = links;
            asked.sort();
            asked.into_iter().step_by(6).collect::<Vec<_>>()
        });
        links.sort();
        links.retain(|link| !asked.contains(link));
        let (heads, tails) = asked.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
        let answers = tails.into_iter().map(|tail| vec![tail]).collect();
        (links, Queries { columns: vec![("head".to_owned(), heads)], answers })
    }

    fn frame(links: &[(String, String)]) -> Frame {
        let mut frame = Frame::new(["head", "relation", "tail"].map(str::to_owned).to_vec());
        links.iter().for_each(|(a, b)| frame.push_row([a.as_str(), "r", b.as_str()]));
        frame
    }

    #[test]
    fn links_the_other_way_round_are_found() {
        let (mut links, queries) = graph();
        let honest = turned(&queries, &frame(&links)).unwrap();
        assert!(honest.turned < 0.2, "{honest:?}");
        let back: Vec<(String, String)> = links.iter().map(|(a, b)| (b.clone(), a.clone())).collect();
        let heads = queries.columns[0].1.iter().zip(&queries.answers);
        links.extend(back.into_iter().chain(heads.map(|(head, tails)| (tails[0].clone(), head.clone()))));
        let leaky = turned(&queries, &frame(&links)).unwrap();
        assert!(leaky.turned > 0.99 && leaky.by_chance < 0.6 && leaky.links > 20, "{leaky:?}");
    }

    #[test]
    fn a_file_of_all_links_gives_those_away_that_were_taken_out() {
        let (links, queries) = graph();
        let words = queries.words();
        let mut train = Known::default();
        train.add_rows(&frame(&links), &words);
        let (mut all, mut candidates) = (Known::default(), Known::default());
        all.add_rows(&frame(&links), &words);
        assert!(given(&queries, &all, &train).unwrap().share < 0.1);
        for (head, tails) in queries.columns[0].1.iter().zip(&queries.answers) {
            all.add(hash(head), hash(&tails[0]));
            candidates.add(hash(head), hash(&tails[0]));
            (0..9).for_each(|at| {
                candidates.add(hash(head), hash(&format!("n{}", mixed(at + head.len() * 31) % 60)));
            });
        }
        let found = given(&queries, &all, &train).unwrap();
        assert!(found.share > 0.99 && found.right > 0.99, "{found:?}");
        let found = given(&queries, &candidates, &train).unwrap();
        assert!(found.share > 0.99 && found.right < 0.6, "{found:?}");
    }
}
