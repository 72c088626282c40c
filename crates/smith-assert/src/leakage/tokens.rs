//! The parts of names and of short texts, as columns.

/// Parts that become columns, from the front and from the back.
const FRONT: usize = 8;
const BACK: usize = 4;
/// Folders of a path that become columns, and parts of a text beyond which it is no path.
const FOLDERS: usize = 3;
const MAX_FOLDERS: usize = 16;
/// Longest text whose parts are looked at, in bytes.
const MAX_TEXT: usize = 2 << 10;

/// One part of each text, and what it is called.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) cells: Vec<Option<String>>,
}

/// Texts part by part: words from the front and from the back, and which of `classes` each of them names, where it names
/// just one.
pub(crate) fn parts(texts: &[Option<String>], classes: &[String]) -> Vec<Part> {
    let words: Vec<Option<Vec<String>>> =
        texts.iter().map(|text| text.as_ref().map(|text| words(text))).collect();
    let of = |name: String, pick: &dyn Fn(&Vec<String>) -> Option<String>| Part {
        name,
        cells: words.iter().map(|words| words.as_ref().and_then(pick)).collect(),
    };
    let front = (0..FRONT).map(|at| of(format!("part {}", at + 1), &move |words| words.get(at).cloned()));
    let back = (0..BACK).map(|at| {
        let pick = move |words: &Vec<String>| words.iter().rev().nth(at).cloned();
        of(format!("part {} from the end", at + 1), &pick)
    });
    let mut parts: Vec<Part> = front.chain(back).chain(folders(texts)).collect();
    let names: Vec<(Vec<String>, &String)> = classes
        .iter()
        .filter(|name| name.chars().any(char::is_alphabetic))
        .map(|name| (self::words(name), name))
        .collect();
    if !names.is_empty() && names.len() <= 500 {
        parts.push(of("class that it names".to_owned(), &|words| named(words, &names)));
    }
    parts.retain(|part| part.cells.iter().flatten().count() > 0);
    parts
}

/// The whole names of the folders of paths, from the file upwards.
fn folders(texts: &[Option<String>]) -> Vec<Part> {
    let folder = |text: &String, above: usize| -> Option<String> {
        let parts: Vec<&str> = text.split(['/', '\\']).collect();
        let at = parts.len().checked_sub(above + 1)?;
        parts
            .get(at)
            .filter(|part| !part.is_empty() && parts.len() <= MAX_FOLDERS)
            .map(|part| part.to_lowercase())
    };
    let part = |above: usize| Part {
        name: format!("folder {above} above the name"),
        cells: texts.iter().map(|text| text.as_ref().and_then(|text| folder(text, above))).collect(),
    };
    (1..=FOLDERS).map(part).collect()
}

fn named(words: &[String], names: &[(Vec<String>, &String)]) -> Option<String> {
    let holds = |name: &Vec<String>| !name.is_empty() && words.windows(name.len()).any(|part| part == name);
    let mut found = names.iter().filter(|(name, _)| holds(name)).map(|(_, name)| (*name).clone());
    match (found.next(), found.next()) {
        (Some(one), None) => Some(one),
        _ => None,
    }
}

/// Runs of letters and runs of digits, in lower case; a point between digits belongs to the number.
pub(crate) fn words(text: &str) -> Vec<String> {
    let (mut words, mut word): (Vec<String>, String) = (Vec::new(), String::new());
    let text: Vec<char> = text.chars().take(MAX_TEXT).collect();
    for (at, &c) in text.iter().enumerate() {
        let last = word.chars().next_back();
        let is_point = c == '.'
            && last.is_some_and(|c| c.is_ascii_digit())
            && !word.contains('.')
            && text.get(at + 1).is_some_and(char::is_ascii_digit);
        let goes_on = match last {
            None => true,
            Some(last) if c.is_alphabetic() => last.is_alphabetic(),
            Some(last) if c.is_ascii_digit() => last.is_ascii_digit() || last == '.',
            Some(_) => false,
        };
        if (c.is_alphanumeric() && goes_on) || is_point {
            word.extend(c.to_lowercase());
        } else {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_names() {
        assert_eq!(words("test/Cat_0012-b7.png"), ["test", "cat", "0012", "b", "7", "png"]);
        assert_eq!(words("age=34.5; x"), ["age", "34.5", "x"]);
        assert_eq!(words("v1.2.3"), ["v", "1.2", "3"]);
    }

    #[test]
    fn folders_are_told_apart_as_a_whole() {
        let texts = [Some("en_US_f_June/a.wav".to_owned()), Some("fr_CA_f_June/b.wav".to_owned()), None];
        let parts = parts(&texts, &[]);
        let folder = parts.iter().find(|part| part.name == "folder 1 above the name").unwrap();
        assert_eq!(folder.cells, [Some("en_us_f_june".to_owned()), Some("fr_ca_f_june".to_owned()), None]);
    }

    #[test]
    fn a_class_that_is_named_is_found_wherever_it_stands() {
        let texts = [
            Some("a nice grey Cat".to_owned()),
            Some("dog on a mat".to_owned()),
            Some("cat and dog".to_owned()),
            None,
        ];
        let parts = parts(&texts, &["cat".to_owned(), "dog".to_owned()]);
        let named = parts.iter().find(|part| part.name.starts_with("class")).unwrap();
        assert_eq!(named.cells, [Some("cat".to_owned()), Some("dog".to_owned()), None, None]);
    }
}
