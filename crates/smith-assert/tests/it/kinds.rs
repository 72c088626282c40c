//! Answers of many kinds, for the metrics that are tried.

use std::fmt::Write as _;

/// Answers of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    /// Three labels under numbered ids.
    Labels,
    /// 0 and 1, one in four.
    Binary,
    /// Grades from 0 to 4.
    Grades,
    /// Positive numbers with decimals, one column.
    Prices,
    /// Three probabilities, one of them 1.
    OneHot,
    /// One to four tags.
    Tags,
    /// Sentences.
    Texts,
    /// Starts and lengths of runs, in a column of its own for each image.
    Masks,
    /// A relevance for each document of each query.
    Ranking,
    /// 24 rows of 0 and 1.
    Few,
}

/// Numbers below `end` that look random.
fn number(seed: usize, end: usize) -> usize {
    let mixed = (seed as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 33) as usize % end
}

fn words(seed: usize, count: usize, of: usize) -> String {
    let words: Vec<String> = (0..count).map(|at| format!("w{}", number(seed * 31 + at, of))).collect();
    words.join(" ")
}

/// `test_answer.csv` and `sample_submission.csv`.
pub(crate) fn tables(answers: Answers) -> (String, String) {
    let rows = if answers == Answers::Few { 24 } else { 150 };
    let (header, constant) = match answers {
        Answers::OneHot => ("id,a,b,c", "0.4,0.3,0.3"),
        Answers::Ranking => ("query,doc,relevance", "0"),
        Answers::Labels => ("id,y", "red"),
        Answers::Prices => ("id,y", "100.0"),
        Answers::Tags | Answers::Texts => ("id,y", "w1 w2"),
        Answers::Masks => ("id,y", "1 10"),
        _ => ("id,y", "0"),
    };
    let (mut truth, mut sample) = (format!("{header}\n"), format!("{header}\n"));
    for row in 0..rows {
        let id = 1000 + 7 * row;
        let (key, value) = match answers {
            Answers::Labels => (id.to_string(), ["red", "green", "blue"][number(row, 3)].to_owned()),
            Answers::Binary | Answers::Few => (id.to_string(), usize::from(number(row, 4) == 0).to_string()),
            Answers::Grades => (id.to_string(), number(row, 5).to_string()),
            Answers::Prices => (id.to_string(), format!("{}.{}", 20 + number(row, 300), number(row + 9, 10))),
            Answers::OneHot => (id.to_string(), ["1,0,0", "0,1,0", "0,0,1"][number(row, 3)].to_owned()),
            Answers::Tags => (id.to_string(), words(row, 3 + number(row, 3), 30)),
            Answers::Texts => (id.to_string(), words(row, 6 + number(row, 9), 200)),
            Answers::Masks => {
                let start = number(row, 500);
                (id.to_string(), format!("{start} {} {} 20", 10 + number(row + 3, 40), start + 100))
            }
            Answers::Ranking => (format!("q{},d{row}", row / 10), number(row, 4).to_string()),
        };
        writeln!(truth, "{key},{value}").unwrap();
        writeln!(sample, "{key},{constant}").unwrap();
    }
    (truth, sample)
}
