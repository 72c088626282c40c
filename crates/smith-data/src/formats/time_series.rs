//! Reads `.ts` files of the time-series archives (sktime, aeon): one case a line, its channels between colons, its
//! class at the end. The table has one row for each case; the values themselves are summarised by their number.

use smith_task_schema::profile::TableProfile;

use super::lines::{BadRows, Lines};
use crate::column::table_builder::TableBuilder;
use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;

/// What the header says.
#[derive(Debug, Default)]
struct Header {
    has_label: bool,
    timestamps: bool,
    is_target: bool,
}

/// Facts of the first `max_rows` cases.
///
/// # Errors
/// Words for why it cannot be read, when there is no `.ts` header among others.
pub(crate) fn profile(
    found: &Found,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    read(Lines::open(found)?, &found.relative, format, max_rows, findings)
}

/// True for text that begins with the header of such a file.
pub(crate) fn is_time_series(head: &str) -> bool {
    let lines = head.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', '%']));
    let mut tags = 0;
    for line in lines {
        let word = line.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match word.as_str() {
            "@data" => return tags >= 2,
            "@problemname" | "@timestamps" | "@missing" | "@univariate" | "@dimensions" | "@dimension"
            | "@equallength" | "@serieslength" | "@classlabel" | "@targetlabel" => tags += 1,
            _ => return false,
        }
    }
    tags >= 3
}

fn read(
    mut lines: Lines,
    path: &str,
    format: &str,
    max_rows: u64,
    findings: &mut Findings,
) -> Result<TableData, String> {
    let header = read_header(&mut lines)?;
    let label = if header.is_target { "target" } else { "class" };
    let mut names = vec![String::from("case")];
    names.extend(header.has_label.then(|| label.to_string()));
    names.extend(["channels", "length"].map(String::from));
    let mut table = TableProfile::new(path, format);
    table.skipped_lines = lines.number;
    let mut builder = TableBuilder::new(&names);
    let mut bad = BadRows::default();
    let mut lengths = None;
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(message) => {
                table.exact = false;
                findings.error(path, format!("{message}; the cases before are profiled"));
                break;
            }
        };
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        if builder.rows() == max_rows {
            table.exact = false;
            break;
        }
        match Case::parse(line.trim(), &header) {
            Ok(case) => {
                lengths.get_or_insert((case.channels, case.length));
                case.push(&mut builder);
            }
            Err(reason) => bad.add(lines.number, reason),
        }
    }
    bad.report(path, findings);
    if let Some((channels, length)) = lengths {
        let message = format!(
            "holds time series, {channels} channels of {length} points in its first case; the table tells of the cases, \
             not of their values"
        );
        findings.warn(path, message);
    }
    Ok(builder.finish(table, findings))
}

fn read_header(lines: &mut Lines) -> Result<Header, String> {
    let mut header = Header::default();
    while let Some(line) = lines.next()? {
        let line = line.trim_start_matches('\u{feff}').trim().to_ascii_lowercase();
        let mut words = line.split_whitespace();
        match (words.next().unwrap_or_default(), words.next()) {
            ("@data", _) => return Ok(header),
            ("@timestamps", Some("true")) => header.timestamps = true,
            ("@classlabel", Some("true")) => header.has_label = true,
            ("@targetlabel", Some("true")) => (header.has_label, header.is_target) = (true, true),
            (word, _) if word.is_empty() || word.starts_with(['#', '@', '%']) => {}
            _ => break,
        }
    }
    Err(String::from("is no file of time series: there is no line with @data"))
}

/// One case.
struct Case<'a> {
    label: Option<&'a str>,
    channels: usize,
    /// Points of the longest channel.
    length: usize,
}

impl<'a> Case<'a> {
    fn parse(line: &'a str, header: &Header) -> Result<Self, &'static str> {
        let (series, label) = if header.has_label {
            let (series, label) = line.rsplit_once(':').ok_or("it has no label")?;
            (series, Some(label.trim()).filter(|label| *label != "?"))
        } else {
            (line, None)
        };
        // Times have colons of their own: there channels lie between brackets.
        let (channels, length) = if header.timestamps {
            let channels = series.split("):(").count();
            (channels, series.split("):(").map(|channel| channel.matches("),(").count() + 1).max())
        } else {
            let lengths = series.split(':').map(|channel| channel.split(',').count());
            (lengths.clone().count(), lengths.max())
        };
        let numbers = series.split([',', ':', '(', ')']).map(str::trim);
        let is_value = |text: &str| {
            text.is_empty() || text == "?" || text.eq_ignore_ascii_case("nan") || text.parse::<f64>().is_ok()
        };
        if !header.timestamps && !numbers.clone().all(is_value) {
            return Err("it holds what is no number");
        }
        Ok(Self { label, channels, length: length.unwrap_or(0) })
    }

    fn push(&self, builder: &mut TableBuilder) {
        let mut cells = vec![Some(builder.rows().to_string())];
        if builder.column(3).is_some() {
            cells.push(self.label.map(ToString::to_string));
        }
        cells.extend([Some(self.channels.to_string()), Some(self.length.to_string())]);
        for (index, cell) in cells.into_iter().enumerate() {
            if let (Some(column), Some(cell)) = (builder.column(index), cell) {
                column.push(&cell);
            }
        }
        builder.end_row();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<(TableData, usize), String> {
        let mut findings = Findings::default();
        let lines = Lines::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        let table = read(lines, "x.ts", "ts", 100, &mut findings)?;
        Ok((table, findings.finish().len()))
    }

    const MOTIONS: &str = "# notes\n@problemName Motions\n@timeStamps false\n@univariate false\n@dimensions 2\n\
        @classLabel true walk run\n@data\n1.5,2,3:4,5,6:walk\n1,2,?:4,5,6:run\n1,2,3,4:5,6:walk\n";

    #[test]
    fn cases_have_channels_lengths_and_classes() {
        let (table, findings) = of(MOTIONS).unwrap();
        let names: Vec<&str> = table.facts.columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!((names, findings), (vec!["case", "class", "channels", "length"], 1));
        assert_eq!((table.facts.rows, table.facts.columns[3].max.as_deref()), (3, Some("4")));
        assert_eq!(table.facts.columns[1].top[0].value, "walk");
        assert!(is_time_series(MOTIONS) && !is_time_series("import { x } from 'y';\n@Component({})\n"));
    }

    #[test]
    fn series_without_classes_and_with_times() {
        let (table, _) = of("@problemName x\n@timeStamps true\n@data\n(2020-01-01 10:00:00,1),(2020-01-01 11:00:00,2):(0,5)\n").unwrap();
        let facts = table.facts;
        assert_eq!(
            (facts.columns.len(), facts.columns[1].max.as_deref(), facts.columns[2].max.as_deref()),
            (3, Some("2"), Some("2"))
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(of("let x = 1;\n").is_err());
        assert_eq!(of(&format!("{MOTIONS}1,a:2:walk\n")).unwrap().1, 2);
    }
}
