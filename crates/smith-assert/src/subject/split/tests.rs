//! Sides of the split of small tasks in many habits.

use std::path::Path;

use super::*;
use crate::subject::tables::Tables;
use smith_data::table::read_csv;

/// A task of these files: `public/…` and `private/test_answer.csv`.
fn split(files: &[(&str, &str)]) -> Split {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let read = |path: &Path| read_csv(path, 1 << 20).unwrap();
    let public = Public::read(&dir.path().join("public"), None).unwrap();
    let sample = read(&dir.path().join("public/sample_submission.csv"));
    let answers = read(&dir.path().join("private/test_answer.csv"));
    Split::find(&public, Tables::pair(sample, answers).pair.as_ref().unwrap())
}

fn cells(column: &TextColumn) -> Vec<&str> {
    column.iter().collect()
}

const SAMPLE: (&str, &str) = ("public/sample_submission.csv", "id,kind\n11,a\n12,a\n13,a\n");
const ANSWERS: (&str, &str) = ("private/test_answer.csv", "id,kind\n11,a\n12,b\n13,c\n");

#[test]
fn plain_tables() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train.csv", "id,x,y,kind\n1,0.5,u,a\n2,0.6,v,b\n3,0.7,w,c\n4,0.8,u,a\n"),
        ("public/test.csv", "id,y,x\n13,u,3\n11,v,1\n12,w,2\n"),
    ]);
    let train = split.train.unwrap();
    assert_eq!((train.path.as_str(), train.rows), ("train.csv", 4));
    assert_eq!(train.features.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(), ["y", "x"]);
    assert_eq!(cells(&train.targets[0]), ["a", "b", "c", "a"]);
    assert_eq!(cells(&train.ids), ["1", "2", "3", "4"]);
    assert_eq!(cells(&split.test.ids), ["13", "11", "12"]);
    assert_eq!(cells(&split.test.targets[0]), ["c", "a", "b"]);
    assert_eq!(cells(&split.test.features[1].cells), ["3", "1", "2"]);
}

#[test]
fn ids_that_begin_again_do_not_mix_the_sides() {
    let split = split(&[
        ("public/sample_submission.csv", "id,kind\n0,a\n1,a\n2,a\n"),
        ("private/test_answer.csv", "id,kind\n0,a\n1,b\n2,c\n"),
        ("public/train.csv", "id,x,kind\n0,0.5,a\n1,0.6,b\n2,0.7,c\n3,0.8,a\n"),
        ("public/test.csv", "id,x\n0,3\n1,1\n2,2\n"),
    ]);
    assert_eq!(split.test.path, "test.csv");
    assert_eq!(split.train.unwrap().path, "train.csv");
}

#[test]
fn labels_in_a_table_of_their_own() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train_features.csv", "id,x,y\n1,0.5,u\n2,0.6,v\n3,0.7,w\n"),
        ("public/train_labels.csv", "id,kind\n3,c\n1,a\n2,b\n"),
        ("public/test_features.csv", "id,x,y\n11,3,u\n12,1,v\n13,2,w\n"),
    ]);
    let train = split.train.unwrap();
    assert_eq!((train.path.as_str(), train.features.len()), ("train_features.csv", 2));
    assert_eq!(cells(&train.targets[0]), ["a", "b", "c"]);
}

#[test]
fn images_by_name_and_by_folder() {
    let images: Vec<String> = (1..4).map(|i| format!("public/train/{i}.png")).collect();
    let tests: Vec<String> = (11..14).map(|i| format!("public/test/{i}.png")).collect();
    let mut files = vec![SAMPLE, ANSWERS, ("public/train.csv", "image,kind\n1,a\n2,b\n3,c\n")];
    files.extend(images.iter().chain(&tests).map(|path| (path.as_str(), "x")));
    let named = split(&files);
    let train = named.train.unwrap();
    assert_eq!(train.files.iter().flatten().count(), 3);
    assert_eq!((named.test.files.iter().flatten().count(), named.test_has_table), (3, false));

    let folders: Vec<String> = ["a/1", "a/2", "b/1", "c/5"].map(|f| format!("public/train/{f}.jpg")).to_vec();
    let mut files = vec![SAMPLE, ANSWERS];
    files.extend(folders.iter().chain(&tests).map(|path| (path.as_str(), "x")));
    let train = split(&files).train.unwrap();
    assert_eq!((train.path.as_str(), cells(&train.targets[0])), ("train", vec!["a", "a", "b", "c"]));
}

#[test]
fn one_column_of_probabilities_for_each_class() {
    let split = split(&[
        ("public/sample_submission.csv", "id,cat,dog\n11,0.5,0.5\n12,0.5,0.5\n"),
        ("private/test_answer.csv", "id,cat,dog\n11,1,0\n12,0,1\n"),
        ("public/train.csv", "id,x,animal\n1,0.5,cat\n2,0.6,dog\n3,0.1,dog\n"),
        ("public/test.csv", "id,x\n11,3\n12,1\n"),
    ]);
    let train = split.train.unwrap();
    assert_eq!(train.features.len(), 1);
    assert_eq!(cells(&train.targets[1]), ["0", "1", "1"]);
}

#[test]
fn a_target_that_leaked_into_test_does_not_hide_it() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train.csv", "id,x,kind\n1,0.5,a\n2,0.6,b\n3,0.7,c\n"),
        ("public/test.csv", "id,x,kind\n11,3,a\n12,1,b\n13,2,c\n"),
    ]);
    assert_eq!((split.test.path.as_str(), split.train.unwrap().path.as_str()), ("test.csv", "train.csv"));
}
