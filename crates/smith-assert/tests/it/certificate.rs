//! A certificate is void after any edit.

use smith_assert::{Catalogue, Selection};
use smith_task_schema::manifest::Provenance;
use smith_task_schema::taxonomy::{Difficulty, Formulation, Modality};
use smith_task_schema::{LayoutKind, ProposalHeader, TaskManifest};

use crate::support::{Task, append, edit, short};

/// The rules that are tried here.
pub(crate) const CODES: [&str; 2] = ["L110", "L111"];

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

/// The seal is no signature: whoever edits a certificate can seal it again.
#[tokio::test]
async fn what_is_sealed_again_is_computed_again() {
    let only = Selection::new(vec!["L11".to_owned(), "A".to_owned(), "D1".to_owned()], Vec::new());
    let catalogue = Catalogue::post_refactor().only(&only).unwrap();
    let task = Task::unified(LayoutKind::Package);
    let mut manifest = TaskManifest::new("a".to_owned(), Provenance::default(), &header());
    manifest.files = TaskManifest::hashes(&task.layout.root).unwrap();
    manifest.provenance.generator = format!("smith {}", env!("CARGO_PKG_VERSION"));
    let measured = catalogue.check(&task.subject(None)).await.unwrap();
    manifest.certificate.checks =
        measured.checks.into_iter().map(smith_task_schema::CheckRecord::lasting).collect();
    let said = async |manifest: &TaskManifest| {
        std::fs::write(task.layout.manifest(), manifest.to_sealed_json().unwrap()).unwrap();
        let found = catalogue.check(&task.subject(None)).await.unwrap().findings;
        found.into_iter().find(|finding| finding.rule == "L111")
    };
    assert_eq!(said(&manifest).await, None);
    let measuring = manifest.certificate.checks.iter().position(|check| !check.figures.is_empty()).unwrap();
    let edits: [fn(&mut TaskManifest, usize); 3] = [
        |manifest, at| manifest.certificate.checks[at].figures[0].value += 0.25,
        |manifest, at| manifest.certificate.checks[at].findings = 1,
        |manifest, at| drop(manifest.certificate.checks.remove(at)),
    ];
    let code = manifest.certificate.checks[measuring].rule.clone();
    for edit in edits {
        let mut edited = manifest.clone();
        edit(&mut edited, measuring);
        let finding = said(&edited).await.unwrap();
        assert!(finding.is_error() && finding.message.contains(&code), "{finding:?}");
        edited.provenance.generator = "smith 0.0.0".to_owned();
        // Another version may measure otherwise, and know fewer rules.
        assert!(said(&edited).await.is_none_or(|finding| !finding.is_error()));
    }
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
