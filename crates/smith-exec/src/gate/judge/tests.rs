use std::io::Write;

use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::*;
use crate::gate::{GateLimits, check};

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn shape(answers: &str, sample: &str) -> Shape {
    Shape::of(file(answers).path(), file(sample).path()).unwrap()
}

/// Notes or refusal of `submission` where answers and sample are these.
fn judged(answers: &str, sample: &str, submission: &str) -> Result<Vec<Note>, Refusal> {
    check(file(submission).path(), Some(&shape(answers, sample)), &GateLimits::default())
        .map(|passed| passed.notes)
}

const ANSWERS: &str = "id,price\n001,9.5\n002,8\n003,-1e2\n";
const SAMPLE: &str = "id,price\n001,0\n002,0\n003,0\n";

fn priced(submission: &str) -> Result<Vec<Note>, Refusal> {
    judged(ANSWERS, SAMPLE, submission)
}

#[test]
fn a_submission_in_any_order_passes() {
    for (submission, notes) in [
        (ANSWERS, &[][..]),
        (SAMPLE, &[]),
        ("price,id\n1,001\n2,002\n3,003\n", &[Note::ColumnOrder]),
        ("id,price\n003,1\n002,2\n001,3\n", &[Note::RowOrder]),
        (
            "\u{feff}id,price\r\n\r\n\"003\",1\r\n002,2\r\n001,3\r\n",
            &[Note::ByteOrderMark, Note::BlankLines, Note::RowOrder],
        ),
    ] {
        assert_eq!(priced(submission).unwrap(), notes, "{submission:?}");
    }
}

#[test]
fn other_columns_are_refused() {
    for (submission, kind, words) in [
        ("id\n001\n", RefusalKind::MissingColumns, "missing: \"price\""),
        ("id,cost\n001,1\n", RefusalKind::MissingColumns, "missing: \"price\"; not expected: \"cost\""),
        ("id,Price\n001,1\n", RefusalKind::MissingColumns, "their case"),
        ("id, price\n001,1\n", RefusalKind::MissingColumns, "the space around"),
        ("id,price,x\n001,1,2\n", RefusalKind::ExtraColumns, "submission; not expected: \"x\""),
        ("Unnamed: 0,id,price\n0,001,1\n", RefusalKind::ExtraColumns, "index=False"),
        ("id,a,b,c,d,e\n1,1,1,1,1,1\n", RefusalKind::MissingColumns, "\"a\", \"b\", \"c\" and 2 more"),
        ("id;price\n001;1,5\n", RefusalKind::WrongSeparator, "';'"),
        ("price\tid\n1\t001\n", RefusalKind::WrongSeparator, "'\\t'"),
        ("id | price\n001 | 1\n", RefusalKind::WrongSeparator, "'|'"),
        ("id price\n001 1\n", RefusalKind::WrongSeparator, "' '"),
        ("\"id\";\"price\"\n\"001\";1\n", RefusalKind::WrongSeparator, "','"),
        ("id;cost\n001;1\n", RefusalKind::MissingColumns, "\"id;cost\""),
    ] {
        let refusal = priced(submission).unwrap_err();
        assert_eq!(refusal.kind, kind, "{submission:?}");
        assert!(refusal.message.contains(words), "{submission:?}: {refusal}");
    }
}

#[test]
fn a_single_column_with_a_space_in_its_name_is_no_wrong_separator() {
    let answers = "unit price\n1\n2\n";
    assert_eq!(judged(answers, "unit price\n0\n0\n", answers), Ok(Vec::new()));
}

#[test]
fn ids_are_compared_as_text() {
    let refusal = priced("id,price\n1,1\n2,2\n3,3\n").unwrap_err();
    assert_eq!((refusal.kind, refusal.line), (RefusalKind::UnknownIds, Some(2)));
    assert!(refusal.message.contains("\"1\" has to be written \"001\""), "{refusal}");
    assert_eq!(priced("id,price\n001,1\n002,2\n").unwrap_err().kind, RefusalKind::MissingIds);
    assert_eq!(priced("id,price\n001,1\n001,1\n002,2\n003,3\n").unwrap_err().kind, RefusalKind::DuplicateIds);
}

#[test]
fn ids_come_before_values_and_form_before_both() {
    assert_eq!(priced("id,price\n9,x\n002,2\n003,3\n").unwrap_err().kind, RefusalKind::UnknownIds);
    assert_eq!(priced("id,price\n9,x\n002,2\n003\n").unwrap_err().kind, RefusalKind::RaggedRow);
}

#[test]
fn values_must_be_finite_numbers_where_all_answers_are() {
    for (value, kind, words) in [
        ("", RefusalKind::MissingValue, "1 value is empty"),
        ("NA", RefusalKind::MissingValue, "\"NA\" (line 3)"),
        ("-inf", RefusalKind::InfiniteValue, "finite"),
        ("1e400", RefusalKind::OutOfRange, "\"1e400\""),
        ("99999999999999999999.5", RefusalKind::OutOfRange, "1e20"),
        ("0x1F", RefusalKind::NotANumber, "decimal"),
        ("\"1,000\"", RefusalKind::NotANumber, "thousands"),
        ("=1+1", RefusalKind::NotANumber, "formula"),
        ("cat", RefusalKind::NotANumber, "column \"price\": 1 value is no number: \"cat\" (line 3)"),
    ] {
        let refusal = priced(&format!("id,price\n001,1\n002,{value}\n003,3\n")).unwrap_err();
        assert_eq!((refusal.kind, refusal.line, refusal.column), (kind, Some(3), Some(2)), "{value:?}");
        assert!(refusal.message.contains(words), "{refusal}");
    }
}

#[test]
fn like_faults_of_one_column_are_counted_together() {
    let answers = "id,a,b\n1,1,1\n2,1,1\n3,1,1\n4,1,1\n5,1,1\n";
    let submission = "id,a,b\n1,1,x\n2,y,y\n3,,z\n4,1,inf\n5,1,w\n";
    let refusal = judged(answers, "id,a,b\n1,0,0\n2,0,0\n3,0,0\n4,0,0\n5,0,0\n", submission).unwrap_err();
    assert_eq!((refusal.kind, refusal.line, refusal.column), (RefusalKind::NotANumber, Some(2), Some(3)));
    let words =
        "4 values are no number: \"x\" (line 2), \"y\" (line 3), \"z\" (line 4) and 1 more; write a number";
    assert!(refusal.message.contains(words), "{refusal}");
}

#[test]
fn the_answers_tell_what_a_column_takes() {
    // Answers of the column, a value of the submission, and whether it may stand there.
    for (answers, value, allowed) in [
        (["1", "2"], "", false),
        (["1", ""], "", true),
        (["1", "nan"], "NA", true),
        (["1", ""], "x", false),
        (["1", ""], "inf", false),
        (["", ""], "x", true),
        (["1", "inf"], "inf", true),
        (["1", "inf"], "x", true),
        (["1", "inf"], "", false),
        (["1", "a"], "=1+1", true),
        (["a", "b"], "c", true),
        (["a", "b"], "0x10", true),
        (["a", "b"], "None", false),
        (["a", "b"], "", false),
        (["a", "b"], " ", true),
        (["a", "None"], "null", true),
        (["1e400", "1"], "1e400", true),
    ] {
        let answers = format!("id,y\n1,{}\n2,{}\n", answers[0], answers[1]);
        let submission = format!("id,y\n1,{value}\n2,{value}\n");
        let judged = judged(&answers, "id,y\n1,0\n2,0\n", &submission);
        assert_eq!(judged.is_ok(), allowed, "{answers:?} {value:?}: {judged:?}");
    }
}

#[test]
fn ids_are_the_first_column_that_tells_rows_apart_in_answers_and_sample_alike() {
    for (answers, sample, id) in [
        ("id,y\n1,2\n2,3\n", "id,y\n1,0\n2,0\n", Some("id")),
        // The sample decides the order of the columns, and which ones there are.
        ("y,usage,id\n5,p,1\n6,q,2\n", "id,y\n2,0\n1,0\n", Some("id")),
        ("y,id\n5,1\n6,2\n", "y,id\n0,1\n0,2\n", Some("id")),
        // Distinct in the answers alone: these are answers, which no message may show.
        ("y,z\n5,1\n6,2\n", "y,z\n0,7\n1,8\n", None),
        // Several rows an id.
        ("image,box\na,1\na,2\n", "image,box\na,1\na,1\n", None),
        ("id,y\n1,2\n2,3\n", "id,y\n1,0\n", None),
        ("id,y\n1,2\n", "id,y\n1,0\n2,0\n", None),
        ("id,y\n1,2\n2,3\n", "key,y\n1,0\n2,0\n", None),
    ] {
        assert_eq!(shape(answers, sample).id_column(), id, "{answers:?} {sample:?}");
    }
    let shape = shape("y,usage,id\n5,p,1\n6,q,2\n", "id,y,note\n2,0,\n1,0,\n");
    assert_eq!(shape.columns().collect::<Vec<_>>(), ["id", "y", "note"]);
    // A column without answers takes anything.
    let submission = file("id,y,note\n2,0,\n1,0,x\n");
    assert!(check(submission.path(), Some(&shape), &GateLimits::default()).is_ok());
}

#[test]
fn without_ids_any_number_of_rows_passes() {
    let (answers, sample) = ("image,box\na,1\na,2\n", "image,box\na,0\na,0\n");
    assert_eq!(judged(answers, sample, "image,box\nb,3\n"), Ok(Vec::new()));
}

#[test]
fn a_task_whose_own_files_would_not_pass_has_no_shape() {
    let good = file("id,y\n1,2\n");
    for bad in ["id,id\n1,2\n", "id,y\n1,2,3\n", ""] {
        let bad = file(bad);
        let name = bad.path().file_name().unwrap().to_string_lossy().into_owned();
        for shape in [Shape::of(bad.path(), good.path()), Shape::of(good.path(), bad.path())] {
            let refusal = shape.unwrap_err();
            assert!(refusal.message.starts_with(&format!("{name}: ")), "{refusal}");
        }
    }
    let nowhere = good.path().with_file_name("nowhere.csv");
    assert_eq!(Shape::of(&nowhere, good.path()).unwrap_err().kind, RefusalKind::NotFound);
}

proptest! {
    #[test]
    fn any_bytes_pass_or_are_refused(
        header: bool,
        bytes in prop::collection::vec(
            prop_oneof![any::<u8>(), prop::sample::select(b"\",\r\n 012.eid;price".to_vec())], 0..80,
        ),
    ) {
        let mut content = if header { b"id,price\n".to_vec() } else { Vec::new() };
        content.extend(&bytes);
        let mut file = file("");
        file.write_all(&content).unwrap();
        let shape = shape("id,price\n1,1\n2,2\n", "id,price\n1,0\n2,0\n");
        if let Err(refusal) = check(file.path(), Some(&shape), &GateLimits::default()) {
            prop_assert!(!refusal.kind.is_fault(), "{refusal}");
            prop_assert!(refusal.line.is_none_or(|line| line <= content.len() as u64), "{refusal}");
        }
    }
}
