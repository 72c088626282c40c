//! Links, lists and boxes as answers: what gives them away, and what does not.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use smith_assert::{AssertError, Catalogue, Subject};
use smith_task_schema::{LayoutKind, Severity, TaskLayout};

/// Rules that are tried here.
pub(crate) const CODES: [&str; 2] = ["A218", "A219"];

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
