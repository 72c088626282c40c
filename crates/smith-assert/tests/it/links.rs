//! Links, lists and boxes as answers: what gives them away, and what does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use smith_assert::{AssertError, Catalogue, Subject};
use smith_task_schema::{LayoutKind, Severity, TaskLayout};

/// Rules that are tried here.
pub(crate) const CODES: [&str; 3] = ["A218", "A219", "A222"];

fn mixed(at: usize) -> usize {
    at.wrapping_mul(2_654_435_761) >> 7
}

/// Links of a graph as `(head, relation, tail)`: of each two names all links go to one side.
fn links() -> (Vec<[String; 3]>, Vec<[String; 3]>) {
    let name = |at: usize| format!("part_{}", at % 90);
    let mut all: BTreeSet<(String, String)> = BTreeSet::new();
    for at in 0..900 {
        let (a, b) = (name(mixed(at)), name(mixed(at * 5 + 3) / 3));
        if a < b {
            all.insert((a, b));
        }
    }
    let link = |(at, (a, b)): (usize, (String, String))| [a, ["is_in", "joins"][at % 2].to_owned(), b];
    let (test, train): (Vec<_>, Vec<_>) =
        all.into_iter().enumerate().map(link).enumerate().partition(|(at, _)| at % 4 == 0);
    let plain = |links: Vec<(usize, [String; 3])>| links.into_iter().map(|(_, link)| link).collect();
    (plain(train), plain(test))
}

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn table(header: &str, rows: impl Iterator<Item = String>) -> String {
    rows.fold(format!("{header}\n"), |text, row| text + &row + "\n")
}

/// What a rule says of the graph with further links in train and further files.
async fn weight(code: &str, more: &[[String; 3]], files: &[(&str, String)]) -> Option<Severity> {
    let dir = tempfile::tempdir().unwrap();
    let (train, test) = links();
    let root = dir.path();
    write(
        root,
        "public/train.csv",
        &table("head,relation,tail", train.iter().chain(more).map(|link| link.join(","))),
    );
    let asked = |(at, link): (usize, &[String; 3])| format!("{at},{},{}", link[0], link[1]);
    write(root, "public/test.csv", &table("query,head,relation", test.iter().enumerate().map(asked)));
    let answer = |(at, link): (usize, &[String; 3])| format!("{at},{}", link[2]);
    write(root, "private/test_answer.csv", &table("query,tail", test.iter().enumerate().map(answer)));
    write(
        root,
        "public/sample_submission.csv",
        &table("query,tail", (0..test.len()).map(|at| format!("{at},part_1"))),
    );
    files.iter().for_each(|(path, text)| write(root, path, text));
    let subject = Subject::new(TaskLayout::at(LayoutKind::Workdir, root), None, root.join("scratch"));
    match crate::support::rule(&Catalogue::post_refactor(), code).check(&subject).await {
        Ok(report) => report.findings.iter().map(|finding| finding.severity).max(),
        Err(AssertError::NotRun(_)) => None,
        Err(fault) => panic!("{code}: {fault}"),
    }
}

#[tokio::test]
async fn links_of_the_test_stand_in_train_the_other_way_round() {
    let (train, test) = links();
    let inverse = |link: &[String; 3]| [link[2].clone(), format!("inverse_of_{}", link[1]), link[0].clone()];
    assert_eq!(weight("A218", &[], &[]).await, None);
    let of_train: Vec<_> = train.iter().map(inverse).collect();
    assert_eq!(weight("A218", &of_train, &[]).await, None, "inverse links of train are known anyway");
    let of_all: Vec<_> = train.iter().chain(&test).map(inverse).collect();
    assert_eq!(weight("A218", &of_all, &[]).await, Some(Severity::Error));
    let of_half: Vec<_> = test.iter().step_by(2).map(inverse).collect();
    assert_eq!(weight("A218", &of_half, &[]).await, Some(Severity::Warning));
}

/// What a rule says of a task of these files.
async fn weight_of(code: &str, files: &[(&str, String)]) -> Option<Severity> {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(path, text)| write(dir.path(), path, text));
    let subject =
        Subject::new(TaskLayout::at(LayoutKind::Workdir, dir.path()), None, dir.path().join("scratch"));
    match crate::support::rule(&Catalogue::post_refactor(), code).check(&subject).await {
        Ok(report) => report.findings.iter().map(|finding| finding.severity).max(),
        Err(AssertError::NotRun(_)) => None,
        Err(fault) => panic!("{code}: {fault}"),
    }
}

#[tokio::test]
async fn pairs_that_belong_together_stand_in_another_table() {
    let (visible, hidden) = links();
    let false_pair =
        |at: usize| [format!("part_{}", mixed(at * 3 + 1) % 90), format!("part_{}", mixed(at * 7) % 90)];
    let linked: BTreeSet<[String; 2]> =
        visible.iter().chain(&hidden).map(|link| [link[0].clone(), link[2].clone()]).collect();
    let true_pairs = hidden.iter().map(|link| ([link[0].clone(), link[2].clone()], 1));
    let others =
        (0..2_000).map(false_pair).filter(|[a, b]| a < b && !linked.contains(&[a.clone(), b.clone()]));
    let mut pairs: Vec<([String; 2], i32)> =
        true_pairs.chain(others.take(200).map(|pair| (pair, 0))).collect();
    pairs
        .sort_by_key(|(pair, _)| mixed(pair[0].len() * 31 + pair[1].bytes().map(usize::from).sum::<usize>()));
    let test = pairs.iter().enumerate().map(|(at, ([a, b], _))| format!("{at},{a},{b}"));
    let answers = pairs.iter().enumerate().map(|(at, (_, joined))| format!("{at},{joined}"));
    let files = |edges: String| {
        vec![
            ("public/edges.csv", edges),
            ("public/test.csv", table("pair,a,b", test.clone())),
            ("private/test_answer.csv", table("pair,joined", answers.clone())),
            (
                "public/sample_submission.csv",
                table("pair,joined", (0..pairs.len()).map(|at| format!("{at},0"))),
            ),
        ]
    };
    let edges = |links: &[&[String; 3]], turned: bool| {
        let edge = |link: &&[String; 3]| {
            if turned { format!("{},{}", link[2], link[0]) } else { format!("{},{}", link[0], link[2]) }
        };
        table("a,b", links.iter().map(edge))
    };
    let (known, all): (Vec<&[String; 3]>, Vec<&[String; 3]>) =
        (visible.iter().collect(), visible.iter().chain(&hidden).collect());
    assert_eq!(weight_of("A222", &files(edges(&known, false))).await, None);
    assert_eq!(weight_of("A222", &files(edges(&all, false))).await, Some(Severity::Error));
    assert_eq!(weight_of("A222", &files(edges(&all, true))).await, Some(Severity::Error));
}

#[tokio::test]
async fn documents_that_stand_by_their_relevance() {
    let files = |relevant: fn(usize, usize) -> bool, more: fn(usize) -> usize| {
        let rows = || (0..12).flat_map(|query| (0..10).map(move |place| (query, place)));
        let test = rows().map(|(q, place)| {
            let seen = mixed(q * 17 + place * 5) % 1_000;
            format!("q{q}d{},q{q},{seen},{}", mixed(q * 100 + place) % 100_000, more(place))
        });
        let cells = |value: &dyn Fn(usize, usize) -> String| -> Vec<String> {
            let name = |q: usize, place: usize| format!("q{q}d{}", mixed(q * 100 + place) % 100_000);
            rows().map(|(q, place)| format!("{},{}", name(q, place), value(q, place))).collect()
        };
        vec![
            ("public/test.csv", table("doc,query,seen,score", test)),
            (
                "private/test_answer.csv",
                table(
                    "doc,relevant",
                    cells(&|q, place| u8::from(relevant(q, place)).to_string()).into_iter(),
                ),
            ),
            (
                "public/sample_submission.csv",
                table("doc,relevant", cells(&|_, _| "0".to_owned()).into_iter()),
            ),
        ]
    };
    let first: fn(usize, usize) -> bool = |q, place| place < 2 + q % 3;
    let mixed_up: fn(usize, usize) -> bool = |q, place| mixed(q * 31 + place) % 10 < 3;
    let noise: fn(usize) -> usize = |place| mixed(place) % 50;
    assert_eq!(weight_of("A205", &files(first, noise)).await, Some(Severity::Error));
    assert_eq!(weight_of("A205", &files(mixed_up, noise)).await, None);
    // By what a first search said of them.
    assert_eq!(weight_of("A205", &files(first, |place| 100 - place)).await, None);
}

#[tokio::test]
async fn side_files_have_the_links_that_were_taken_out() {
    let (train, test) = links();
    let heads = |links: &[&[String; 3]]| -> String {
        let mut names: Vec<&String> = links.iter().map(|link| &link[0]).collect();
        names.sort_unstable();
        names.dedup();
        let of = |name: &String| {
            let own = links.iter().filter(|link| link[0] == *name);
            let own: Vec<String> = own.map(|link| format!(r#"["{}", "{}"]"#, link[1], link[2])).collect();
            format!(r#""{name}": [{}]"#, own.join(", "))
        };
        format!("{{{}}}", names.into_iter().map(of).collect::<Vec<_>>().join(", "))
    };
    let all: Vec<&[String; 3]> = train.iter().chain(&test).collect();
    let known: Vec<&[String; 3]> = train.iter().collect();
    let edges = |links: &[&[String; 3]], form: fn(&[String; 3]) -> String| -> String {
        links.iter().map(|link| form(link) + "\n").collect()
    };
    type Written = fn(&[String; 3]) -> String;
    let forms: [(&str, Written); 4] = [
        ("public/graph.graphml", |link| format!(r#"<edge source="{}" target="{}"/>"#, link[0], link[2])),
        ("public/edges.txt", |link| format!("{} {}", link[0], link[2])),
        ("public/edges.csv", |link| format!("{},{}", link[2], link[0])),
        ("public/edges.jsonl", |link| format!(r#"{{"from": "{}", "to": "{}"}}"#, link[0], link[2])),
    ];
    for (path, form) in forms {
        assert_eq!(weight("A219", &[], &[(path, edges(&all, form))]).await, Some(Severity::Error), "{path}");
        assert_eq!(weight("A219", &[], &[(path, edges(&known, form))]).await, None, "{path}");
    }
    assert_eq!(weight("A219", &[], &[("public/network.json", heads(&all))]).await, Some(Severity::Error));
    assert_eq!(weight("A219", &[], &[("public/network.json", heads(&known))]).await, None);
    // Candidates hold the answer among many others.
    let candidates = test.iter().enumerate().map(|(at, link)| {
        let others: Vec<String> =
            (0..12).map(|more| format!("part_{}", mixed(at * 13 + more) % 90)).collect();
        format!("{} {} {}", link[0], link[2], others.join(" "))
    });
    let text: String = candidates.map(|line| line + "\n").collect();
    assert_eq!(weight("A219", &[], &[("public/candidates.txt", text)]).await, None);
}
