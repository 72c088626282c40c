//! The form of cells: what is left of them when their values are read, and which part of the form the value explains.

use std::collections::{BTreeSet, HashMap};

use super::written::{Cell, Format};
use crate::quality::is_missing;

/// Blanks at one end that are told apart, wide gaps, and trailing zeros.
const MOST: usize = 12;
/// Different forms that a column may have.
const MAX_FORMS: usize = 40;
/// Share of the cells whose words stand in several spellings, from which on the letter case is form.
const SPELT_TWICE: f64 = 0.5;

/// One aspect of the form of the cells of a column, and what of it their values explain.
pub(crate) struct Form {
    pub(crate) name: &'static str,
    /// One code for each cell.
    pub(crate) codes: Vec<String>,
    /// The code that the value alone would lead to; empty where nothing is expected.
    pub(crate) expected: Vec<String>,
}

/// The aspects in which the cells of a column differ; a cell may be missing.
pub(crate) fn forms(cells: &[Option<Cell<'_>>]) -> Vec<Form> {
    let texts: Vec<String> =
        cells.iter().map(|cell| cell.map_or_else(String::new, |cell| cell.text().into_owned())).collect();
    let mut forms = vec![
        blanks(&texts),
        missing(cells, &texts),
        quotation(cells, &texts),
        characters(&texts),
        gaps(&texts),
    ];
    forms.push(unseen(&texts));
    forms.extend(escapes(cells, &texts));
    forms.extend(notation(&texts));
    forms.extend(letter_case(&texts));
    forms.retain(|form| varies(&form.codes));
    forms
}

/// What a cell says, whatever the form: the same for `40`, ` 40.0` and `4e1`, for `NA` and nothing.
pub(crate) fn value(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_unseen(*c)).collect();
    let seen = seen.trim();
    if is_missing(seen) {
        return String::new();
    }
    plain_number(seen).map_or_else(|| seen.to_lowercase(), |number| number.to_string())
}

/// Characters without width.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// True when there are two codes or some more; an empty one is none.
pub(crate) fn varies(codes: &[String]) -> bool {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for code in codes.iter().filter(|code| !code.is_empty()) {
        seen.insert(code);
        if seen.len() > MAX_FORMS {
            return false;
        }
    }
    seen.len() > 1
}

fn form(name: &'static str, codes: Vec<String>, expected: Vec<String>) -> Form {
    Form { name, codes, expected }
}

fn kind(text: &str) -> &'static str {
    let text = text.trim();
    match () {
        () if is_missing(text) => "missing",
        () if plain_number(text).is_some() => "number",
        () => "text",
    }
}

/// Blanks before and behind what a cell says.
fn blanks(texts: &[String]) -> Form {
    let code = |text: &String| {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return String::new();
        }
        let before = text.len() - text.trim_start().len();
        let behind = text.len() - text.trim_end().len();
        format!("{} {}", before.min(MOST), behind.min(MOST))
    };
    form(
        "blanks around it",
        texts.iter().map(code).collect(),
        texts.iter().map(|text| kind(text).to_owned()).collect(),
    )
}

/// How a missing value is spelt.
fn missing(cells: &[Option<Cell<'_>>], texts: &[String]) -> Form {
    let code = |(cell, text): (&Option<Cell<'_>>, &String)| match cell {
        None => "absent".to_owned(),
        Some(cell) if is_missing(text.trim()) => {
            format!("{}{}", if cell.is_quoted() { "quoted " } else { "" }, text.trim())
        }
        Some(_) => "filled".to_owned(),
    };
    let is_filled = |text: &String| if is_missing(text.trim()) { "missing" } else { "filled" };
    form(
        "way to write that it is missing",
        cells.iter().zip(texts).map(code).collect(),
        texts.iter().map(|text| is_filled(text).to_owned()).collect(),
    )
}

/// Quotation marks where the cell could do without, or a number as a string.
fn quotation(cells: &[Option<Cell<'_>>], texts: &[String]) -> Form {
    let needs = |cell: &Cell<'_>, text: &str| match cell.format {
        Format::Marked => text.contains([',', ';', '\t', '|', '"', '\n', '\r']),
        Format::Objects => kind(text) == "text",
    };
    let code = |(cell, text): (&Option<Cell<'_>>, &String)| {
        let cell = cell.filter(|cell| !needs(cell, text) && kind(text) != "missing")?;
        Some(if cell.is_quoted() { "quoted" } else { "plain" }.to_owned())
    };
    form(
        "quotation marks around it",
        cells.iter().zip(texts).map(|pair| code(pair).unwrap_or_default()).collect(),
        texts.iter().map(|text| kind(text).to_owned()).collect(),
    )
}

/// Characters that nobody sees, and composed letters.
fn characters(texts: &[String]) -> Form {
    let code = |text: &String| {
        if text.is_ascii() && !text.contains('\r') {
            return "none".to_owned();
        }
        let hidden = (hidden(text) > 0).then_some('z');
        let marks = hidden.into_iter().chain(text.chars().filter_map(|c| match c {
            '\u{a0}' | '\u{2007}' | '\u{202f}' => Some('n'),
            '\u{300}'..='\u{36f}' => Some('c'),
            '\r' => Some('r'),
            _ => None,
        }));
        let marks: String = marks.collect::<BTreeSet<char>>().into_iter().collect();
        if marks.is_empty() { "none".to_owned() } else { marks }
    };
    form(
        "sorts of characters in it that nobody sees",
        texts.iter().map(code).collect(),
        vec![String::new(); texts.len()],
    )
}

/// How many characters nobody sees.
fn unseen(texts: &[String]) -> Form {
    let code = |text: &String| hidden(text).min(MAX_FORMS / 2).to_string();
    form(
        "number of characters in it that nobody sees",
        texts.iter().map(code).collect(),
        vec![String::new(); texts.len()],
    )
}

/// Number of the characters without width that no script needs: Persian, the languages of India and emoji have joiners
/// between their signs.
fn hidden(text: &str) -> usize {
    if text.is_ascii() {
        return 0;
    }
    let (mut count, mut inside, mut before) = (0, 0, ' ');
    for c in text.chars() {
        if is_unseen(c) && (before.is_ascii() || inside > 0) {
            count += usize::from(before.is_ascii());
            inside += usize::from(!before.is_ascii());
        } else if is_unseen(c) {
            inside = 1;
        } else {
            before = c;
            inside = 0;
        }
    }
    // What stands at the end joins nothing.
    count + inside
}

/// How many gaps between words are wider than one blank.
fn gaps(texts: &[String]) -> Form {
    let code = |text: &String| {
        let text = text.trim();
        let wide = text
            .as_bytes()
            .windows(2)
            .filter(|pair| matches!(pair, [b' ' | b'\t', b' '] | [_, b'\t']))
            .count();
        wide.min(MOST).to_string()
    };
    form("wide gaps between its words", texts.iter().map(code).collect(), vec![String::new(); texts.len()])
}

/// Letters of other alphabets as such or as `\u00e9`.
fn escapes(cells: &[Option<Cell<'_>>], texts: &[String]) -> Option<Form> {
    let code = |(cell, text): (&Option<Cell<'_>>, &String)| {
        let cell = cell.filter(|_| !text.is_ascii())?;
        Some(if cell.bytes.is_ascii() { "escaped" } else { "plain" }.to_owned())
    };
    let is_json = cells.iter().flatten().next()?.format == Format::Objects;
    is_json.then(|| {
        let expected = texts.iter().map(|text| text.is_ascii().to_string()).collect();
        let codes = cells.iter().zip(texts).map(|pair| code(pair).unwrap_or_default()).collect();
        form("way to write letters such as é", codes, expected)
    })
}

/// Decimals, trailing zeros, exponents, signs and marks of thousands, where no single way to write numbers explains them.
fn notation(texts: &[String]) -> Option<Form> {
    let numbers: Vec<(&str, Option<f64>)> =
        texts.iter().map(|text| (text.trim(), plain_number(text.trim()))).collect();
    let known = numbers.iter().filter(|(_, number)| number.is_some()).count();
    if known * 2 < texts.iter().filter(|text| !is_missing(text.trim())).count() || known == 0 {
        return None;
    }
    let of_all = |fits: &dyn Fn(&str, f64) -> bool| {
        numbers.iter().all(|(text, number)| number.is_none_or(|number| fits(text, number)))
    };
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let first = numbers.iter().find(|(_, number)| number.is_some()).map_or(0, |(text, _)| decimals(text));
    let is_one_way = of_all(&|text, number| text == format!("{number}"))
        || of_all(&|text, number| text == format!("{number:?}"))
        || of_all(&|text, _| decimals(text) == first && !text.contains(['e', 'E', '+', ',']));
    if is_one_way {
        return None;
    }
    let code = |(text, number): &(&str, Option<f64>)| {
        number.map_or_else(String::new, |_| {
            let zeros = if text.contains('.') { text.len() - text.trim_end_matches('0').len() } else { 0 };
            let marks: String = text.chars().filter(|c| matches!(c, 'e' | 'E' | '+' | ',' | '.')).collect();
            let leading = text.trim_start_matches(['-', '+']);
            let padded = leading.len() > 1 && leading.starts_with('0') && !leading.starts_with("0.");
            format!("{} {} {padded}", marks.replace(",,", ","), zeros.min(MOST))
        })
    };
    let expected = |(_, number): &(&str, Option<f64>)| {
        number.map_or_else(String::new, |number| {
            let size = if number == 0.0 { 0 } else { number.abs().log10().floor() as i64 };
            format!("{} {size} {}", number.fract() == 0.0, number < 0.0)
        })
    };
    Some(form(
        "notation of its numbers",
        numbers.iter().map(code).collect(),
        numbers.iter().map(expected).collect(),
    ))
}

/// A finite number, with marks of thousands too.
fn plain_number(text: &str) -> Option<f64> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) || text.len() > 40 {
        return None;
    }
    let bare = if text.contains(',') { text.replace(',', "") } else { text.to_owned() };
    bare.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Small and great letters, where the same words stand in several spellings.
fn letter_case(texts: &[String]) -> Option<Form> {
    let folded: Vec<String> = texts.iter().map(|text| text.trim().to_lowercase()).collect();
    let mut spellings: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for (text, folded) in texts.iter().zip(&folded) {
        spellings.entry(folded).or_default().insert(text.trim());
    }
    let twice =
        folded.iter().filter(|text| spellings.get(text.as_str()).is_some_and(|of| of.len() > 1)).count();
    if (twice as f64) < SPELT_TWICE * texts.len() as f64 {
        return None;
    }
    let code = |text: &String| {
        let upper = text.chars().filter(|c| c.is_uppercase()).count();
        let lower = text.chars().filter(|c| c.is_lowercase()).count();
        let code = match (upper, lower) {
            (0, 0) => "",
            (0, _) => "small",
            (_, 0) => "great",
            _ if text.trim().chars().next().is_some_and(char::is_uppercase) => "title",
            _ => "mixed",
        };
        code.to_owned()
    };
    Some(form("small and great letters", texts.iter().map(code).collect(), folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(cells: &[&str], format: Format) -> Vec<&'static str> {
        let cells: Vec<Option<Cell<'_>>> =
            cells.iter().map(|cell| Some(Cell { format, bytes: cell.as_bytes() })).collect();
        forms(&cells).into_iter().map(|form| form.name).collect()
    }

    #[test]
    fn forms_that_values_do_not_explain() {
        assert_eq!(found(&["2063", "1530.0", "7"], Format::Marked), ["notation of its numbers"]);
        assert_eq!(found(&["1,530", "1530", "77"], Format::Marked), ["notation of its numbers"]);
        assert_eq!(found(&["a ", "b  ", "c "], Format::Marked), ["blanks around it"]);
        assert_eq!(found(&["\"a\"", "b", "c"], Format::Marked), ["quotation marks around it"]);
        assert_eq!(found(&["NA", "", "c"], Format::Marked), ["way to write that it is missing"]);
        assert_eq!(found(&["red", "Red", "red"], Format::Marked), ["small and great letters"]);
        assert_eq!(found(&["1", "\"2\"", "3"], Format::Objects), ["quotation marks around it"]);
        assert_eq!(
            found(&["\"\u{e9}\"", "\"\\u00e9\""], Format::Objects),
            ["way to write letters such as é"]
        );
    }

    #[test]
    fn a_value_is_the_same_in_every_form() {
        for [a, b] in [["40", " 40.0"], ["1,530", "1530"], ["Red", "red\u{200b}"], ["NA", ""], ["4e1", "+40"]]
        {
            assert_eq!(value(a), value(b));
        }
        assert_ne!(value("40"), value("41"));
    }

    #[test]
    fn characters_without_width_count_where_no_script_needs_them() {
        assert_eq!(hidden("word\u{200b}\u{200b} word\u{200b}"), 3);
        assert_eq!(hidden("\u{645}\u{6cc}\u{200c}\u{62e}\u{648}"), 0, "a joiner of Persian");
        assert_eq!(hidden("\u{645}\u{6cc}\u{200b}\u{200b}"), 2);
        assert_eq!(hidden("caf\u{e9}"), 0);
    }

    #[test]
    fn one_way_of_writing_is_no_form() {
        for cells in [
            ["1530.0", "12.25", "7.0"],
            ["1530", "12.25", "7"],
            ["3.50", "3.55", "4.00"],
            ["\"a,b\"", "c", "d"],
            ["red", "Blue", "green"],
        ] {
            let found = found(&cells, Format::Marked);
            assert!(found.is_empty(), "{cells:?} {found:?}");
        }
    }
}
