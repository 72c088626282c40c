//! How columns, tables and files hang together, from files to facts.

use smith_data::{ProfileOptions, profile};
use smith_task_schema::profile::DatasetProfile;

use crate::{folder, png};

fn profiled(files: &[(&str, &[u8])]) -> DatasetProfile {
    profile(folder(files).path(), &ProfileOptions::default()).unwrap()
}

fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> Vec<u8> {
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn a_competition_says_what_it_asks_for() {
    let train = rows("id,rooms,label,loss", 60, |i| format!("{i},{},{},{}.5", i % 7, i % 3, i * 7 % 60));
    let test = rows("id,rooms,label", 30, |i| format!("{},{},{}", i + 60, i % 7, i % 3));
    let sample = rows("id,loss", 30, |i| format!("{},0", i + 60));
    let found = profiled(&[
        ("train.csv", train.as_slice()),
        ("test.csv", test.as_slice()),
        ("sample_submission.csv", sample.as_slice()),
    ]);
    let target = &found.table("train.csv").unwrap().targets[0];
    assert_eq!(target.column, "loss");
    assert!(target.score >= 0.9, "{}", target.score);
    assert_eq!(target.reasons[0], "`sample_submission.csv` asks for it");
    assert!(found.table("sample_submission.csv").unwrap().targets.is_empty());
    assert_eq!(found.formulations[0].formulation.as_str(), "regression");
    assert_eq!(found.modalities[0].modality.as_str(), "tabular");
}

#[test]
fn a_table_that_lists_images_is_about_images() {
    let labels = rows("file,kind", 30, |i| format!("img_{i:03}.png,{}", ["oak", "elm"][i % 2]));
    let picture = png(8, 8);
    let names: Vec<String> = (0..29).map(|i| format!("images/img_{i:03}.png")).collect();
    let mut files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), picture.as_slice())).collect();
    files.push(("labels.csv", &labels));
    let found = profiled(&files);
    let column = found.table("labels.csv").unwrap().column("file").unwrap();
    assert_eq!(column.names_files_in.as_deref(), Some("images"));
    assert_eq!(found.modalities[0].modality.as_str(), "image");
    let target = &found.table("labels.csv").unwrap().targets[0];
    assert_eq!((target.column.as_str(), target.classes), ("kind", Some(2)));
    assert!(
        target.reasons.iter().any(|reason| reason.contains("beside the names of files")),
        "{:?}",
        target.reasons
    );
}

#[test]
fn a_readme_names_the_target() {
    let table = rows("id,age,fare", 40, |i| format!("{i},{},{}.5", i * 3 % 37, i * 7 % 40));
    let found =
        profiled(&[("rides.csv", &table), ("README.md", b"The task is to predict the `age` of a rider.\n")]);
    let target = &found.table("rides.csv").unwrap().targets[0];
    assert_eq!(target.column, "age");
    assert!(target.reasons[0].contains("README.md"), "{:?}", target.reasons);
}
