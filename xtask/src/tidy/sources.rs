//! Rules on the lines of Rust and Python sources.

use super::rust_lines::{self, Line, is_identifier};
use super::{TextFile, Violation};

const LONGEST_FILE: usize = 500;

/// Words that announce unfinished work, wherever a reader sees them.
const NOTES: &[&str] = &["TODO", "FIXME", "XXX"];

/// Rust code that stands for code not written, or for a test not run.
const STAND_INS: &[&str] = &["todo!", "unimplemented!", "#[ignore"];

/// First folders of paths that exist on one developer's machine only.
const MACHINE_FOLDERS: &[&str] = &["home", "root", "work", "tmp"];

/// Paths of types that no other crate's public interface may show, and the crate that may.
const KEPT_TYPES: &[(&str, &str)] =
    &[("arrow::", "smith-data"), ("parquet::", "smith-data"), ("reqwest::", "smith-llm")];

/// Macros that read a file while the crate is built.
const INCLUDING: &[&str] = &["include!", "include_str!", "include_bytes!"];

const FINISH: &str = "finish it now, or leave it out";

/// The crate that a file belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner<'a> {
    pub(super) name: &'a str,
    /// Relative to the workspace's root.
    pub(super) folder: String,
}

/// Checks one Rust file; `owner` is nothing for a file outside every crate.
pub(super) fn check_rust(file: &TextFile, owner: Option<&Owner<'_>>) -> Vec<Violation> {
    let lines = rust_lines::split(&file.text);
    let mut report = Report { path: &file.path, violations: Vec::new() };
    check_length(&mut report, &file.text);
    check_stand_ins(&mut report, &lines);
    check_public_types(&mut report, &lines, owner.map(|owner| owner.name));
    if !is_test_source(&file.path) {
        check_machine_paths(&mut report, &lines);
    }
    if let Some(owner) = owner {
        check_includes(&mut report, &lines, owner);
    }
    report.violations
}

/// Checks one Python file.
pub(super) fn check_python(file: &TextFile) -> Vec<Violation> {
    let mut report = Report { path: &file.path, violations: Vec::new() };
    for (index, line) in file.text.lines().enumerate() {
        for note in NOTES.iter().filter(|note| contains_word(line, note)) {
            report.add(index, format!("`{note}`"), FINISH);
        }
    }
    report.violations
}

struct Report<'a> {
    path: &'a str,
    violations: Vec<Violation>,
}

impl Report<'_> {
    fn add(&mut self, index: usize, problem: String, remedy: &'static str) {
        self.violations.push(Violation {
            path: self.path.to_owned(),
            line: Some(index + 1),
            problem,
            remedy,
        });
    }
}

fn check_length(report: &mut Report<'_>, text: &str) {
    let count = text.lines().count();
    if count > LONGEST_FILE {
        let problem = format!("{count} lines, more than {LONGEST_FILE}");
        report.add(LONGEST_FILE, problem, "split the file by subject");
    }
}

fn check_stand_ins(report: &mut Report<'_>, lines: &[Line]) {
    for (index, line) in lines.iter().enumerate() {
        let notes =
            NOTES.iter().filter(|note| contains_word(&line.code, note) || contains_word(&line.comment, note));
        let code = STAND_INS.iter().filter(|stand_in| contains_word(&line.code, stand_in));
        for found in notes.chain(code) {
            report.add(index, format!("`{found}`"), FINISH);
        }
    }
}

fn check_public_types(report: &mut Report<'_>, lines: &[Line], owner: Option<&str>) {
    for (index, line) in lines.iter().enumerate() {
        if !line.code.trim_start().starts_with("pub ") {
            continue;
        }
        let item = public_item(&lines[index..]);
        let shown =
            KEPT_TYPES.iter().filter(|(path, keeper)| owner != Some(keeper) && contains_word(&item, path));
        for (path, keeper) in shown {
            let problem = format!("a public item shows a type of `{path}`, which is {keeper}'s own");
            report.add(index, problem, "wrap it in a type of this crate");
        }
    }
}

/// The line of a public item; the whole signature when the item is a function.
fn public_item(lines: &[Line]) -> String {
    let mut item = String::new();
    for line in lines {
        item.push_str(&line.code);
        item.push('\n');
        if !contains_word(&item, "fn") || line.code.contains(['{', ';']) {
            break;
        }
    }
    item
}

fn check_machine_paths(report: &mut Report<'_>, lines: &[Line]) {
    let in_tests = rust_lines::test_lines(lines);
    for (index, line) in lines.iter().enumerate().filter(|(index, _)| !in_tests[*index]) {
        for folder in MACHINE_FOLDERS {
            let path = format!("/{folder}/");
            if line.strings.iter().any(|text| begins_a_path(text, &path)) {
                let problem = format!("a path of one machine, `{path}…`, in a string");
                report.add(index, problem, "take the path from the caller");
            }
        }
    }
}

/// What lies outside a crate's folder is not in its package, which then cannot be built.
fn check_includes(report: &mut Report<'_>, lines: &[Line], owner: &Owner<'_>) {
    let inside = report.path.strip_prefix(&owner.folder).unwrap_or(report.path).trim_start_matches('/');
    let depth = inside.matches('/').count();
    for (index, line) in lines.iter().enumerate() {
        let includes = INCLUDING.iter().any(|name| contains_word(&line.code, name));
        // A path that begins with a slash is joined to the crate's folder by `concat!`.
        let leaves = |path: &str| match path.strip_prefix('/') {
            Some(from_folder) => climbs(from_folder) > 0,
            None => climbs(path) > depth,
        };
        if includes && line.strings.iter().any(|path| leaves(path)) {
            let problem = format!("includes a file from outside {}", owner.folder);
            report.add(index, problem, "move the file into the crate's folder, so that it is packaged");
        }
    }
}

/// How many folders a relative path goes up before it goes down.
fn climbs(path: &str) -> usize {
    path.split('/').take_while(|part| *part == "..").count()
}

/// Sources that only tests are built from; rules for the program's behaviour do not bind them.
fn is_test_source(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
}

/// Whether `path` occurs at the beginning of an absolute path, and not as the middle of a longer one.
fn begins_a_path(text: &str, path: &str) -> bool {
    let continues = |before: char| is_identifier(before) || matches!(before, '}' | '/' | '.' | '-' | ')');
    text.match_indices(path).any(|(at, _)| !text[..at].ends_with(continues))
}

/// Whether `word` occurs without being a part of a longer identifier.
fn contains_word(text: &str, word: &str) -> bool {
    let last_can_go_on = word.ends_with(is_identifier);
    text.match_indices(word).any(|(at, _)| {
        let begins_earlier = text[..at].ends_with(is_identifier);
        let ends_later = last_can_go_on && text[at + word.len()..].starts_with(is_identifier);
        !begins_earlier && !ends_later
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(path: &str, owner: &str, text: &str) -> Vec<(usize, String)> {
        let file = TextFile { path: path.into(), text: text.into() };
        let folder = path.split('/').next().unwrap().to_owned();
        let found = check_rust(&file, Some(&Owner { name: owner, folder }));
        found.into_iter().map(|violation| (violation.line.unwrap(), violation.problem)).collect()
    }

    #[test]
    fn notes_of_unfinished_work_are_found_in_code_and_comments_only() {
        let table: &[(&str, &[usize])] = &[
            ("fn f() {}\n// TODO: more\n", &[2]),
            ("/// FIXME\nfn f() {}\n/* XXX */", &[1, 3]),
            ("fn f() { todo!() }\nfn g() { unimplemented!(\"x\") }", &[1, 2]),
            ("#[test]\n#[ignore = \"slow\"]\nfn f() {}", &[2]),
            ("#[cfg(test)]\nmod tests {\n // TODO\n}", &[3]),
            ("let placeholder = \"TODO\"; // TODOs, XXXX", &[]),
            ("let x = mytodo!();", &[]),
        ];
        for (text, lines) in table {
            let found: Vec<usize> = rust("a/src/b.rs", "a", text).into_iter().map(|(line, _)| line).collect();
            assert_eq!(found, *lines, "{text}");
        }
    }

    #[test]
    fn python_notes_are_found_on_every_line() {
        let file = TextFile { path: "a.py".into(), text: "x = 1\n# TODO later\ny = 'TODOS'\n".into() };
        let found = check_python(&file);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].problem.as_str()), (Some(2), "`TODO`"));
    }

    #[test]
    fn a_file_may_have_exactly_the_limit_of_lines() {
        assert_eq!(rust("a/src/b.rs", "a", &"\n".repeat(LONGEST_FILE)), []);
        let long = rust("a/src/b.rs", "a", &"\n".repeat(LONGEST_FILE + 1));
        assert_eq!(long, [(LONGEST_FILE + 1, "501 lines, more than 500".to_owned())]);
    }

    #[test]
    fn paths_of_one_machine_are_found_outside_tests() {
        let table: &[(&str, &str, &[usize])] = &[
            ("a/src/b.rs", "f(\"/home/someone/data\");\ng(\"cache=/tmp/x\");", &[1, 2]),
            ("a/src/b.rs", "f(r\"/root/x\", \"{root}/work/x\", \"https://h.org/home/x\", \"/tmp\");", &[1]),
            ("a/src/b.rs", "// \"/work/x\"\nfn f() {}", &[]),
            ("a/src/b.rs", "#[cfg(test)]\nmod tests {\n f(\"/tmp/x\");\n}\nf(\"/tmp/x\");", &[5]),
            ("a/tests/it/main.rs", "f(\"/tmp/x\");", &[]),
            ("a/src/b/tests.rs", "f(\"/tmp/x\");", &[]),
        ];
        for (path, text, lines) in table {
            let found: Vec<usize> = rust(path, "a", text).into_iter().map(|(line, _)| line).collect();
            assert_eq!(found, *lines, "{path}: {text}");
        }
    }

    #[test]
    fn kept_types_are_refused_in_public_items_of_other_crates() {
        let table: &[(&str, &[usize])] = &[
            ("pub use arrow::array::Array;", &[1]),
            ("struct A {\n    pub client: reqwest::Client,\n}", &[2]),
            ("pub fn f(\n    a: u8,\n) -> parquet::errors::Result<()> {", &[1]),
            ("pub struct A {\n    inner: arrow::Schema,\n}", &[]),
            ("pub(crate) fn f(a: arrow::Schema) {}", &[]),
            ("use arrow::array::Array;", &[]),
            ("pub fn f(a: my_arrow::Schema) {}", &[]),
        ];
        for (text, lines) in table {
            let found: Vec<usize> = rust("a/src/b.rs", "a", text).into_iter().map(|(line, _)| line).collect();
            assert_eq!(found, *lines, "{text}");
        }
        assert_eq!(rust("d/src/b.rs", "smith-data", "pub fn f(a: arrow::Schema) {}"), []);
        assert_eq!(rust("d/src/b.rs", "smith-data", "pub fn f(a: reqwest::Client) {}").len(), 1);
    }

    #[test]
    fn included_files_must_lie_in_the_crate() {
        let table: &[(&str, &str, bool)] = &[
            ("a/src/b.rs", "include_str!(\"../py/x.py\")", true),
            ("a/src/b.rs", "include_str!(\"../../py/x.py\")", false),
            ("a/src/c/b.rs", "include_bytes!(\"../../py/x.py\")", true),
            ("a/src/c/b.rs", "include!(\"../../../x.rs\")", false),
            ("a/src/b.rs", "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/README.md\"))", true),
            ("a/src/b.rs", "include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../README.md\"))", false),
            ("a/src/b.rs", "open(\"../../x\")", true),
        ];
        for (path, text, accepted) in table {
            let expected =
                if *accepted { vec![] } else { vec![(1, "includes a file from outside a".to_owned())] };
            assert_eq!(rust(path, "a", text), expected, "{path}: {text}");
        }
    }
}
