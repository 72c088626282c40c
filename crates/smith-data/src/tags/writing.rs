//! Text in files: natural language, or something that is written in a notation of its own.

use smith_task_schema::profile::{DatasetProfile, FileKind};
use smith_task_schema::{Formulation, Modality};

use super::evidence::Evidence;
use super::{data_files, place, weight_of};
use crate::source::kind;
use crate::source::walk::Found;

/// Endings of texts that accompany other files.
const BESIDE: &[&str] =
    &["xml", "html", "htm", "yaml", "yml", "toml", "py", "cfg", "ini", "log", "mtl", "properties", "svg"];
/// Lines of such a text that are long ago seen everywhere.
const MIN_LINES: u64 = 50;

/// What a text looks like by its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// Sentences.
    Natural,
    /// Series of numbers behind lines that begin with `@`.
    Series,
    /// Words with a tag behind each.
    Tagged,
    /// A word in every line with a row of symbols behind it.
    Symbols,
    /// Numbers for the most part.
    Numbers,
    /// Brackets and marks: programs, formats.
    Notation,
    /// Too little to tell.
    Unknown,
}

pub(super) fn look(text: &str) -> Writing {
    let count = |fits: fn(char) -> bool| text.chars().filter(|c| fits(*c)).count() as f64;
    let visible = count(|c| !c.is_whitespace());
    if visible < 40.0 {
        return Writing::Unknown;
    }
    // Comments before the data tell nothing of it.
    let is_comment = |line: &str| line.starts_with(['#', '%']);
    let commented = text.lines().filter(|line| is_comment(line)).count() * 3 > text.lines().count();
    let lines: Vec<&str> =
        text.lines().filter(|line| !(line.trim().is_empty() || (commented && is_comment(line)))).collect();
    if lines.iter().filter(|line| is_mail_header(line)).count() >= 2 {
        return Writing::Natural;
    }
    let header = lines.iter().filter(|line| line.starts_with('@')).count();
    if header >= 2 && lines.iter().any(|line| is_series_header(line)) {
        return Writing::Series;
    }
    let text = lines.join("\n");
    let count = |fits: fn(char) -> bool| text.chars().filter(|c| fits(*c)).count() as f64;
    let visible = count(|c| !c.is_whitespace()).max(1.0);
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.iter().filter(|word| is_tagged(word)).count() * 10 >= words.len() * 7 {
        return Writing::Tagged;
    }
    if is_spelt(&lines) {
        return Writing::Symbols;
    }
    let letters = count(char::is_alphabetic) / visible;
    let digits = count(|c| c.is_ascii_digit()) / visible;
    let marks = count(|c| "(){}[];=<>|\\/_#$@%&*+^~".contains(c)) / visible;
    if digits > 0.5 {
        Writing::Numbers
    } else if marks > 0.1 || letters < 0.6 {
        Writing::Notation
    } else if letters >= 0.75 && words.len() >= lines.len() * 3 {
        Writing::Natural
    } else {
        Writing::Unknown
    }
}

/// True for what heads a file of series and no other file of `@` lines.
fn is_series_header(line: &str) -> bool {
    let lower = line.to_lowercase();
    ["@timestamps", "@univariate", "@serieslength", "@dimensions", "@equallength", "@frequency", "@horizon"]
        .iter()
        .any(|header| lower.starts_with(header))
}

/// True for a line before a letter or a posting.
fn is_mail_header(line: &str) -> bool {
    const HEADERS: &[&str] = &[
        "From",
        "To",
        "Subject",
        "Date",
        "Received",
        "Message-ID",
        "Message-Id",
        "Return-Path",
        "Delivered-To",
        "Newsgroups",
        "Organization",
        "Reply-To",
        "MIME-Version",
    ];
    line.split_once(':').is_some_and(|(name, _)| HEADERS.contains(&name))
}

/// True when behind the first word of nearly every line stand several short symbols in capitals: sounds, residues.
fn is_spelt(lines: &[&str]) -> bool {
    let is_symbol = |word: &str| {
        (1..=4).contains(&word.len())
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && word.bytes().any(|b| b.is_ascii_uppercase())
    };
    let spelt = |line: &&&str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|first| !is_symbol(first))
            && words.clone().count() >= 2
            && words.all(is_symbol)
    };
    lines.len() >= 5 && lines.iter().filter(spelt).count() * 10 >= lines.len() * 8
}

/// What the header of a file of series says of the answer of each case.
pub(super) fn answer_of_series(text: &str) -> Option<Formulation> {
    let says = |line: &str, name: &str| {
        let mut words = line.split_whitespace();
        words.next().is_some_and(|word| word.eq_ignore_ascii_case(name))
            && words.next().is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    if look(text) != Writing::Series {
        return None;
    }
    let has = |name: &str| text.lines().any(|line| says(line, name));
    if has("@classLabel") {
        Some(Formulation::Classification)
    } else {
        has("@targetLabel").then_some(Formulation::Regression)
    }
}

/// True for `word/tag`.
fn is_tagged(word: &str) -> bool {
    word.rsplit_once(['/', '_']).is_some_and(|(word, tag)| {
        !word.is_empty()
            && (1..=8).contains(&tag.len())
            && tag.bytes().all(|b| b.is_ascii_alphabetic() || b"-+$*.,'".contains(&b))
    })
}

/// Speaks for natural language or another structure by the text files.
pub(super) fn find(profile: &DatasetProfile, files: &[(Found, FileKind)], evidence: &mut Evidence<Modality>) {
    let all = data_files(profile);
    let texts = files
        .iter()
        .filter(|(found, kind)| {
            *kind == FileKind::Text && !BESIDE.contains(&kind::extension(found.name()).as_str())
        })
        .count() as u64;
    let long =
        |text: &&smith_task_schema::profile::TextProfile| text.lines >= MIN_LINES || texts >= super::MANY;
    let looks: Vec<(Writing, &str)> = profile
        .texts
        .iter()
        .filter(|text| !BESIDE.contains(&kind::extension(&text.path).as_str()))
        .filter(long)
        .map(|text| (look(&text.excerpt), text.path.as_str()))
        .collect();
    let weight = weight_of(texts.max(profile.count(FileKind::Text).min(1)), all)
        * part_of(profile, FileKind::Text).sqrt();
    if looks.is_empty() {
        if texts >= super::MANY {
            evidence.add(
                &Modality::NaturalLanguage,
                weight * 0.6,
                format!("{texts} texts, none of them looked into"),
            );
        }
        return;
    }
    for (writing, modality, share_weight, what) in [
        (Writing::Natural, Modality::NaturalLanguage, 1.0, "written in sentences"),
        (Writing::Tagged, Modality::NaturalLanguage, 0.8, "words with tags"),
        (Writing::Tagged, Modality::OtherStructured, 0.85, "words with tags"),
        (Writing::Symbols, Modality::OtherStructured, 0.95, "words with rows of symbols"),
        (Writing::Symbols, Modality::NaturalLanguage, 0.6, "words with rows of symbols"),
        (Writing::Series, Modality::TimeSeries, 1.2, "headed like series"),
        (Writing::Notation, Modality::OtherStructured, 0.95, "written in a notation of their own"),
        (Writing::Numbers, Modality::Tabular, 0.6, "numbers"),
        (Writing::Unknown, Modality::NaturalLanguage, 0.4, "text"),
    ] {
        let fits: Vec<&str> =
            looks.iter().filter(|(look, _)| *look == writing).map(|(_, path)| *path).collect();
        let share = fits.len() as f64 / looks.len() as f64;
        if let Some(first) = fits.first() {
            let text = format!(
                "{} of {} text files that were looked into are {what}, such as `{first}`",
                fits.len(),
                looks.len()
            );
            evidence.add(&modality, (weight * share_weight * share.sqrt()).min(0.95), text);
        }
    }
    if part_of(profile, FileKind::Text) > 0.6 && part_of(profile, FileKind::Table) < 0.1 {
        evidence.lower(&Modality::Tabular, 0.5);
    }
    for corpus in &profile.corpora {
        if corpus.median_words >= 20 && looks.iter().any(|(look, _)| *look == Writing::Natural) {
            let directory = place(&corpus.directory);
            let text =
                format!("{} texts in {directory}, {} words in the middle", corpus.files, corpus.median_words);
            evidence.add(&Modality::NaturalLanguage, 0.5, text);
        }
    }
}

/// The share of a kind of files in the bytes of the data files; 1 when sizes are not known.
fn part_of(profile: &DatasetProfile, kind: FileKind) -> f64 {
    let bytes = |fits: &dyn Fn(FileKind) -> bool| -> u64 {
        profile.groups.iter().filter(|group| fits(group.kind)).map(|group| group.bytes).sum()
    };
    let all = bytes(&|kind| kind.is_data());
    if all == 0 { 1.0 } else { bytes(&|other| other == kind) as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_of_series_says_what_is_asked() {
        let text = |label: &str| {
            format!(
                "@problemName Motions\n@timeStamps false\n@univariate false\n{label}\n@data\n0.1,0.2:walk\n"
            )
        };
        assert_eq!(answer_of_series(&text("@classLabel true sit walk")), Some(Formulation::Classification));
        assert_eq!(answer_of_series(&text("@targetLabel true")), Some(Formulation::Regression));
        assert_eq!(answer_of_series(&text("@classLabel false")), None);
    }

    #[test]
    fn looks_of_texts() {
        let cases = [
            (
                "Dear all, the meeting is moved to Monday.\nPlease bring your notes and something to eat.\n",
                Writing::Natural,
            ),
            (
                "Собрание переносится на понедельник. Принесите, пожалуйста, свои заметки и еду.",
                Writing::Natural,
            ),
            (
                "The/at jury/nn said/vbd Friday/nr that/cs no/at evidence/nn ./. was/bedz found/vbn",
                Writing::Tagged,
            ),
            (
                "@problemName Motions\n@timeStamps false\n@data\n0.1,0.2,0.3:1.5,2.5,3.5:standing\n",
                Writing::Series,
            ),
            (
                "(module R_0603 (layer F.Cu) (tedit 5B36)\n (fp_text reference REF** (at 0 -1.4)))",
                Writing::Notation,
            ),
            (
                "fn main() { let x = vec![1, 2]; println!(\"{}\", x[0]); }\n#[derive(Debug)] struct A;",
                Writing::Notation,
            ),
            ("1.25 3.44 5.12 6.33\n2.11 4.56 7.81 9.30\n1.00 2.00 3.00 4.44 4.55 6.67", Writing::Numbers),
            (
                "From: a@example.org\nReceived: from x [127.0.0.1]; 12 Aug 2002 10:10:10\nSubject: hi",
                Writing::Natural,
            ),
            (
                "# made by four people with a watch\n# in a gym\n@problemName A\n@seriesLength 9\n",
                Writing::Series,
            ),
            ("'bout B AW1 T\nabout AH0 B AW1 T\ncat K AE1 T\ndog D AO1 G\nfish F IH1 SH\n", Writing::Symbols),
            ("short", Writing::Unknown),
        ];
        for (text, expected) in cases {
            assert_eq!(look(text), expected, "{text}");
        }
    }
}
