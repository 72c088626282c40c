use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;

fn table(ids: &[String], value: impl Fn(usize) -> String) -> String {
    let rows: String = ids.iter().enumerate().map(|(row, id)| format!("{id},{}\n", value(row))).collect();
    format!("id,y\n{rows}")
}

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("n{number}")).collect()
}

fn answers(count: usize) -> String {
    table(&numbered(count), |row| format!("{}", row * 7 % 5))
}

fn ids_of(cut: &[u8]) -> Vec<String> {
    let rows = Rows::read(cut).unwrap().rows;
    rows.iter().map(|row| String::from_utf8(row.first().to_vec()).unwrap()).collect()
}

#[test]
fn rows_keep_their_text_and_their_order() {
    let division = Division::of(answers(10).as_bytes(), 0.5, 1).unwrap();
    let odd: String =
        (0..10).rev().map(|n| format!("\" {n}, \"\"x\"\"\n\",n{n},0{n}.50\r\n \t\r\n\r\n")).collect();
    let submission = format!("\u{feff}note,\"id\",y\r\n{}", odd.trim_end());
    let cut = division.cut(submission.as_bytes()).unwrap();
    for part in [&cut.validation, &cut.test] {
        let text = std::str::from_utf8(part).unwrap();
        assert!(text.starts_with("\u{feff}note,\"id\",y\n\" "), "{text}");
        assert_eq!(text.matches(".50\n").count(), 5);
        let rows = Rows::read(part).unwrap();
        let ids: Vec<&[u8]> = rows.rows.iter().map(|row| row.value(1)).collect();
        assert!(ids.is_sorted_by(|a, b| a > b), "{text}");
        for row in &rows.rows {
            let n = std::str::from_utf8(row.value(1)).unwrap().trim_start_matches('n').to_owned();
            assert_eq!(row.value(0), format!(" {n}, \"x\"\n").as_bytes());
            assert_eq!(row.value(2), format!("0{n}.50").as_bytes());
        }
    }
}

#[test]
fn too_few_ids_are_not_divided() {
    assert!(Division::of(answers(9).as_bytes(), 0.5, 1).unwrap_err().contains("9 ids"));
    assert!(Division::of(answers(10).as_bytes(), 0.5, 1).is_ok());
    for share in [0.001, 0.999] {
        assert!(Division::of(answers(100).as_bytes(), share, 1).unwrap_err().contains("share"));
    }
    assert!(Division::of(b"", 0.5, 1).unwrap_err().contains("header"));
}

#[test]
fn other_ids_than_those_of_the_answers_are_no_submission() {
    let division = Division::of(answers(10).as_bytes(), 0.5, 1).unwrap();
    let cut = |table: &str| division.cut(table.as_bytes()).unwrap_err();
    assert_eq!(cut("x,y\nn1,1\n"), "there is no column \"id\"");
    assert_eq!(cut(&answers(11)), "the id \"n10\" is unknown");
    assert_eq!(cut(&answers(8)), "2 ids are missing in the column \"id\"");
}

#[test]
fn seed_and_answers_decide_which_ids_are_validated() {
    let validated = |answers: &str, seed| {
        ids_of(
            &Division::of(answers.as_bytes(), 0.5, seed).unwrap().cut(answers.as_bytes()).unwrap().validation,
        )
    };
    let answers = answers(40);
    assert_eq!(validated(&answers, 1), validated(&answers, 1));
    assert_ne!(validated(&answers, 1), validated(&answers, 2));
    // Whoever does not know the answers cannot compute the parts.
    let other = answers.replace("n3,1\n", "n3,2\n");
    assert_ne!(other, answers);
    assert_ne!(validated(&answers, 1), validated(&other, 1));
}

proptest! {
    /// Ids of one to three rows.
    #[test]
    fn every_id_is_whole_in_exactly_one_part(
        counts in prop::collection::vec(1..4_usize, 20..60),
        share in 0.3..0.7_f64,
        seed in any::<u64>(),
        order in any::<u64>(),
    ) {
        let ids: Vec<String> =
            counts.iter().enumerate().flat_map(|(id, count)| vec![format!("i{id}"); *count]).collect();
        let ordered = table(&ids, |row| format!("{}", row % 3));
        let division = Division::of(ordered.as_bytes(), share, seed).unwrap();
        let cut = division.cut(ordered.as_bytes()).unwrap();
        let (validation, test) = (ids_of(&cut.validation), ids_of(&cut.test));
        prop_assert_eq!(validation.len() + test.len(), ids.len());
        let one: HashSet<&String> = validation.iter().collect();
        let other: HashSet<&String> = test.iter().collect();
        prop_assert!(one.is_disjoint(&other));
        prop_assert!(one.len() >= LEAST_IDS && other.len() >= LEAST_IDS);
        prop_assert_eq!(one.len(), (share * counts.len() as f64).round() as usize);
        // The same in whatever order the rows come.
        let mut lines: Vec<&str> = ordered.lines().skip(1).collect();
        lines.sort_by_key(|line| blake3::hash(format!("{order}{line}").as_bytes()).to_hex().to_string());
        let shuffled = format!("id,y\n{}\n", lines.join("\n"));
        prop_assert_eq!(&Division::of(shuffled.as_bytes(), share, seed).unwrap(), &division);
    }

    #[test]
    fn any_rows_of_a_table_are_cut_and_nothing_is_lost(
        picked in subsequence(numbered(30), 12..30),
        share in 0.42..0.58_f64,
        crlf in any::<bool>(),
    ) {
        let end = if crlf { "\r\n" } else { "\n" };
        let table = table(&picked, |row| format!("\"v{row}\ninside\"")).replace('\n', end);
        let division = Division::of(table.as_bytes(), share, 3).unwrap();
        let cut = division.cut(table.as_bytes()).unwrap();
        let rows = |bytes: &[u8]| {
            let rows = Rows::read(bytes).unwrap().rows;
            rows.into_iter().map(|row| row.record).collect::<Vec<_>>()
        };
        let mut all = [rows(&cut.validation), rows(&cut.test)].concat();
        all.sort_by_key(|record| record[0].to_vec());
        let mut before = rows(table.as_bytes());
        before.sort_by_key(|record| record[0].to_vec());
        prop_assert_eq!(all, before);
    }
}
