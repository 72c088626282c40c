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

/// Names that differ in punctuation alone are of two columns; where one side lacks the very name, its like is taken.
#[test]
fn a_column_goes_with_the_one_of_its_very_name() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train.csv", "id,a.b,a..b,C d,kind\n1,1,10,7,a\n2,2,20,8,b\n3,3,30,9,c\n"),
        ("public/test.csv", "id,a..b,a.b,c_d\n11,40,4,7\n12,50,5,8\n13,60,6,9\n"),
    ]);
    let train = split.train.unwrap();
    let first: Vec<&str> = train.features.iter().map(|feature| feature.cells.get(0)).collect();
    assert_eq!(first, ["10", "1", "7"]);
    assert_eq!(split.test.features.len(), 3);
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
fn files_of_which_some_are_missing() {
    let task = |prefix: &str| {
        let rows = |name: &str| format!("id,{name}\n{prefix}01,a\n{prefix}02,b\n{prefix}03,a\n");
        let (sample, answers) = (rows("kind"), rows("kind"));
        let (first, second) =
            (format!("public/images/{prefix}01.png"), format!("public/images/{prefix}03.png"));
        split(&[(SAMPLE.0, &sample), (ANSWERS.0, &answers), (&first, "x"), (&second, "x")]).test.files
    };
    assert_eq!(task("cat").iter().flatten().count(), 2);
    assert_eq!(task("cat").len(), 3);
    assert!(task("9").is_empty(), "numbers may be those of anything");
}

/// Files that are numbered in another order than the examples: the id is the number of another one's file.
#[test]
fn a_path_goes_before_an_id_that_is_the_number_of_another_file() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train.csv", "id,file,kind\n14,images/15.png,a\n15,images/14.png,b\n"),
        ("public/test.csv", "id,file\n11,images/13.png\n12,images/11.png\n13,images/12.png\n"),
        ("public/images/11.png", "x"),
        ("public/images/12.png", "x"),
        ("public/images/13.png", "x"),
        ("public/images/14.png", "x"),
        ("public/images/15.png", "x"),
    ]);
    assert_eq!(split.test.files, [Some(2), Some(0), Some(1)]);
    assert_eq!(split.train.unwrap().files, [Some(4), Some(3)]);
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

fn names(features: &[Feature]) -> Vec<&str> {
    features.iter().map(|feature| feature.name.as_str()).collect()
}

#[test]
fn an_id_of_several_columns() {
    let split = split(&[
        ("public/sample_submission.csv", "query,document,score\nq1,d1,0\nq1,d2,0\nq2,d1,0\n"),
        ("private/test_answer.csv", "query,document,score\nq1,d1,2\nq1,d2,0\nq2,d1,1\n"),
        ("public/train.csv", "query,document,x,score\nq3,d1,0.5,1\nq3,d4,0.6,0\n"),
        ("public/test.csv", "query,document,x\nq2,d1,0.1\nq1,d2,0.2\nq1,d1,0.3\n"),
    ]);
    assert_eq!(
        (split.keys, split.predicted),
        (vec!["query".into(), "document".into()], vec!["score".to_owned()])
    );
    assert_eq!(cells(&split.test.targets[0]), ["1", "0", "2"]);
    assert_eq!(
        (names(&split.test.keys), names(&split.test.features)),
        (vec!["query", "document"], vec!["x"])
    );
    let train = split.train.unwrap();
    assert_eq!((names(&train.keys), names(&train.features)), (vec!["query", "document"], vec!["x"]));
}

#[test]
fn detection_with_several_rows_an_image() {
    let images: Vec<String> = (1..5).map(|i| format!("public/images/{i}.png")).collect();
    let mut files = vec![
        ("public/sample_submission.csv", "image,label,x\n3,car,0\n3,car,0\n4,car,0\n"),
        ("private/test_answer.csv", "image,label,x\n3,car,10\n3,van,30\n4,car,20\n"),
        ("public/train.csv", "image,label,x\n1.png,car,5\n1.png,van,6\n2.png,car,7\n"),
    ];
    files.extend(images.iter().map(|path| (path.as_str(), "x")));
    let split = split(&files);
    assert_eq!((split.keys.len(), split.predicted.len(), split.test.rows), (1, 2, 3));
    let train = split.train.unwrap();
    assert_eq!((train.rows, train.files.iter().flatten().count()), (3, 3));
    assert_eq!(split.test.files, [Some(3 - 1), Some(3 - 1), Some(3)]);
}

#[test]
fn names_in_other_letters_and_answers_with_more_columns() {
    let split = split(&[
        ("public/sample_submission.csv", "id,kind\n11,a\n12,a\n"),
        ("private/test_answer.csv", "id,kind,Usage\n11,a,Public\n12,b,Private\n"),
        ("public/train.csv", "ID,Sepal Length,Kind\n1,0.5,a\n2,0.6,b\n"),
        ("public/test.csv", "Id,sepal_length\n12,3\n11,1\n"),
    ]);
    let train = split.train.unwrap();
    assert_eq!((split.predicted, names(&train.features)), (vec!["kind".to_owned()], vec!["sepal_length"]));
    assert_eq!((cells(&train.ids), cells(&train.targets[0])), (vec!["1", "2"], vec!["a", "b"]));
    assert_eq!(cells(&split.test.targets[0]), ["b", "a"]);
}

#[test]
fn training_data_in_several_tables() {
    let in_a_folder = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train/part-0.csv", "id,x,kind\n1,0.5,a\n2,0.6,b\n"),
        ("public/train/part-1.csv", "id,x,kind\n3,0.7,c\n"),
        ("public/test/part-0.csv", "id,x\n11,3\n12,1\n"),
        ("public/test/part-1.csv", "id,x\n13,2\n"),
    ]);
    let train = in_a_folder.train.unwrap();
    assert_eq!((train.path.as_str(), cells(&train.ids)), ("train/", vec!["1", "2", "3"]));
    assert_eq!(cells(&in_a_folder.test.ids), ["11", "12", "13"]);

    let with_validation = split(&[
        SAMPLE,
        ANSWERS,
        ("public/train.csv", "id,x,kind\n1,0.5,a\n2,0.6,b\n"),
        ("public/val.csv", "id,x,kind\n3,0.7,c\n"),
        ("public/test.csv", "id,x\n11,3\n12,1\n13,2\n"),
    ]);
    let train = with_validation.train.unwrap();
    assert_eq!((cells(&train.ids), cells(&train.targets[0])), (vec!["1", "2", "3"], vec!["a", "b", "c"]));
    assert_eq!(cells(&train.features[0].cells), ["0.5", "0.6", "0.7"]);
}

#[test]
fn features_of_both_sides_in_one_table() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/labels.csv", "id,kind\n2,b\n1,a\n3,c\n"),
        ("public/data.csv", "id,x,y\n1,0.5,u\n11,9,u\n2,0.6,v\n12,8,v\n3,0.7,w\n13,7,w\n"),
    ]);
    assert_eq!(cells(&split.test.features[0].cells), ["9", "8", "7"]);
    let train = split.train.unwrap();
    assert_eq!((cells(&train.ids), cells(&train.targets[0])), (vec!["1", "2", "3"], vec!["a", "b", "c"]));
}

#[test]
fn one_table_in_which_test_rows_have_no_value() {
    let split = split(&[
        SAMPLE,
        ANSWERS,
        ("public/all.csv", "id,x,kind\n1,0.5,a\n11,9,\n2,0.6,b\n12,8,\n3,0.7,c\n13,7,\n"),
    ]);
    assert_eq!(cells(&split.test.features[0].cells), ["9", "8", "7"]);
    assert_eq!(cells(&split.train.unwrap().targets[0]), ["a", "b", "c"]);
}

#[test]
fn a_forecast_whose_ids_are_dates() {
    let split = split(&[
        ("public/sample_submission.csv", "date,sales\n2020-01-04,0\n2020-01-05,0\n"),
        ("private/test_answer.csv", "date,sales\n2020-01-04,7\n2020-01-05,9\n"),
        ("public/train.csv", "date,sales\n2020-01-01,5\n2020-01-02,6\n2020-01-03,4\n"),
        ("public/test.csv", "date\n2020-01-04\n2020-01-05\n"),
    ]);
    let train = split.train.unwrap();
    assert_eq!((cells(&train.keys[0].cells).len(), cells(&train.targets[0])), (3, vec!["5", "6", "4"]));
    assert_eq!((split.test.path.as_str(), train.features.len()), ("test.csv", 0));
}

#[test]
fn a_task_without_a_test_table() {
    let split = split(&[
        (
            "public/sample_submission.csv",
            "date,store,sales\n2020-01-04,1,0\n2020-01-04,2,0\n2020-01-05,1,0\n",
        ),
        ("private/test_answer.csv", "date,store,sales\n2020-01-04,1,7\n2020-01-04,2,9\n2020-01-05,1,8\n"),
        ("public/train.csv", "date,store,weather,sales\n2020-01-01,1,dry,5\n2020-01-02,2,wet,6\n"),
    ]);
    assert!(!split.test_has_table);
    assert_eq!(names(&split.test.keys), ["date", "store"]);
    let train = split.train.unwrap();
    assert_eq!((names(&train.keys), train.features.len()), (vec!["date", "store"], 0));
}

#[test]
fn ids_that_are_names_of_files() {
    let cases: [(&str, &str, &[&str]); 5] = [
        ("a1", "a2", &["test/a1.png", "test/a2.png", "train/b1.png"]),
        ("a1.png", "a2.png", &["test/a1.jpg", "test/a2.jpg", "train/b1.jpg"]),
        ("images/test/a1.png", "images/test/a2.png", &["images/test/a1.png", "images/test/a2.png"]),
        ("u/a1", "v/a1", &["test/u/a1.wav", "test/v/a1.wav"]),
        ("a1", "a2", &["test/a1/0.png", "test/a1/1.png", "test/a2/0.png"]),
    ];
    for (one, two, paths) in cases {
        let table = format!("id,kind\n{one},x\n{two},y\n");
        let paths: Vec<String> = paths.iter().map(|path| format!("public/{path}")).collect();
        let mut files = vec![
            ("public/sample_submission.csv", table.as_str()),
            ("private/test_answer.csv", table.as_str()),
            ("public/train.csv", "id,kind\nb1,x\nb2,y\n"),
        ];
        files.extend(paths.iter().map(|path| (path.as_str(), "x")));
        assert_eq!(split(&files).test.files.iter().flatten().count(), 2, "{one} {paths:?}");
    }
    let channels = ["public/test/a1_red.png", "public/test/a1_blue.png", "public/test/a2_red.png"];
    let mut files = vec![
        ("public/sample_submission.csv", "id,kind\na1,x\na2,y\n"),
        ("private/test_answer.csv", "id,kind\na1,x\na2,y\n"),
    ];
    files.extend(channels.iter().map(|path| (*path, "x")));
    assert_eq!(split(&files).test.files.iter().flatten().count(), 2);
}

#[test]
fn ids_with_an_ending_in_one_table_alone() {
    let split = split(&[
        ("public/sample_submission.csv", "id,kind\n11,a\n12,a\n"),
        ("private/test_answer.csv", "id,kind\n11,a\n12,b\n"),
        ("public/train.csv", "image,width,kind\n1.png,4,a\n2.png,5,b\n"),
        ("public/test.csv", "image,width\ntest/11.png,4\ntest/12.png,6\n"),
    ]);
    assert_eq!((split.test.path.as_str(), cells(&split.test.targets[0])), ("test.csv", vec!["a", "b"]));
    assert_eq!(names(&split.train.unwrap().features), ["width"]);
}

#[test]
fn a_wide_table() {
    let header: Vec<String> = (0..3_000).map(|i| format!("p{i}")).collect();
    let row = |id: usize| (0..3_000).map(|i| (i * id % 7).to_string()).collect::<Vec<_>>().join(",");
    let table = |ids: std::ops::Range<usize>, label: bool| {
        let lines: String = ids
            .map(|id| format!("{id},{}{}\n", row(id), if label { [",a", ",b"][id % 2] } else { "" }))
            .collect();
        format!("id,{}{}\n{lines}", header.join(","), if label { ",kind" } else { "" })
    };
    let (train, test) = (table(1..5, true), table(11..14, false));
    let split = split(&[SAMPLE, ANSWERS, ("public/train.csv", &train), ("public/test.csv", &test)]);
    let train = split.train.unwrap();
    assert_eq!((train.features.len(), cells(&train.targets[0])), (3_000, vec!["b", "a", "b", "a"]));
}
