//! A certificate is void after any edit.

use smith_assert::{Catalogue, Selection};
use smith_task_schema::manifest::Provenance;
use smith_task_schema::taxonomy::{Difficulty, Formulation, Modality};
use smith_task_schema::{LayoutKind, ProposalHeader, TaskManifest};

use crate::support::{Task, append, edit, short};

/// The rule that is tried here.
pub(crate) const CODE: &str = "L110";

fn header() -> ProposalHeader {
    ProposalHeader {
        title: "Grades of apples".to_owned(),
        target: "grade".to_owned(),
        modality: Modality::Tabular,
        formulation: Formulation::Classification,
        metric: "accuracy".to_owned(),
        higher_is_better: true,
        difficulty: Difficulty::Beginner,
        tags: Vec::new(),
    }
}

#[tokio::test]
async fn any_edit_of_a_certified_package_is_found() {
    let only = Selection::new(vec!["certificate-current".to_owned()], Vec::new());
    let catalogue = Catalogue::post_refactor().only(&only).unwrap();
    let task = Task::unified(LayoutKind::Package);
    let check = async || {
        let outcome = catalogue.check(&task.subject(None)).await.unwrap();
        (short(&outcome.findings), outcome.skipped.len())
    };
    assert_eq!(check().await, (vec![], 1), "there is no certificate yet");

    let write = || {
        let mut manifest = TaskManifest::new("a".to_owned(), Provenance::default(), &header());
        manifest.files = TaskManifest::hashes(&task.layout.root).unwrap();
        std::fs::write(task.layout.manifest(), manifest.to_sealed_json().unwrap()).unwrap();
    };
    write();
    assert_eq!(check().await, (vec![], 0));
    edit(&task.layout.manifest(), "rejected", "accepted");
    assert_eq!(check().await, (vec!["E L110 task.json".to_owned()], 0));
    for path in [&task.layout.description, &task.layout.raw.join("apples.csv"), &task.layout.test_answer()] {
        write();
        append(path, "\n");
        assert_eq!(check().await, (vec!["E L110 task.json".to_owned()], 0), "{}", path.display());
    }
    std::fs::write(task.layout.manifest(), "[]").unwrap();
    assert_eq!(check().await.0, ["E L110 task.json"]);
}

#[test]
fn a_selection_takes_codes_beginnings_and_names() {
    let codes = |select: &[&str], ignore: &[&str]| {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let selection = Selection::new(owned(select), owned(ignore));
        Catalogue::post_refactor()
            .only(&selection)
            .map(|catalogue| catalogue.rules().iter().map(|rule| rule.info().code).collect::<Vec<_>>())
    };
    assert_eq!(codes(&["A101", "target-in-test"], &[]).unwrap(), ["A101", "A103"]);
    assert!(codes(&["A"], &["A101"]).unwrap().iter().all(|code| code.starts_with('A') && *code != "A101"));
    assert_eq!(codes(&[], &[]).unwrap().len(), Catalogue::post_refactor().rules().len());
    let unknown = codes(&[], &["S999"]).unwrap_err().to_string();
    assert!(unknown.contains("`S999`"), "{unknown}");
}
