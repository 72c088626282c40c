//! Datasets of which no task can be made end in a reason.

use std::fmt::Write as _;

use crate::datasets::drawn;
use crate::support::Bench;

async fn reason(text: &str) -> String {
    let report = Bench::new(|raw| std::fs::write(raw.join("table.csv"), text).unwrap()).brainstorm(3).await;
    assert_eq!(report.proposals.len(), 0, "{:?}", report.proposals.first().map(|proposal| &proposal.header));
    report.note
}

#[tokio::test]
async fn too_few_rows() {
    let rows: String = (0..12).map(|i| format!("{i},{}\n", i % 2)).collect();
    let note = reason(&format!("size,kind\n{rows}")).await;
    assert!(note.contains("12 rows are too few"), "{note}");
}

#[tokio::test]
async fn nothing_but_ids() {
    let rows: String = (0..300).map(|i| format!("{i},K-{:05x}-{i}\n", i * 7919 % 65_536)).collect();
    let note = reason(&format!("id,key\n{rows}")).await;
    assert!(note.starts_with("not taken: "), "{note}");
}

#[tokio::test]
async fn one_class_or_nearly_so() {
    let mut draw = drawn(9);
    for odd in [0, 1] {
        let rows = (0..1000).fold(String::new(), |mut rows, i| {
            let _ = writeln!(rows, "{},{},{}", draw(3), draw(4), if i < odd { "bad" } else { "good" });
            rows
        });
        let report =
            Bench::new(|raw| std::fs::write(raw.join("t.csv"), format!("a,b,class\n{rows}")).unwrap());
        let report = report.brainstorm(3).await;
        assert!(report.proposals.iter().all(|proposal| proposal.header.target != "class"), "{odd}");
    }
}

#[tokio::test]
async fn dates_in_three_forms_do_not_divide_a_table() {
    let mut draw = drawn(10);
    let rows = (0..300).fold(String::new(), |mut rows, i| {
        let day = i % 28 + 1;
        let date = match i % 3 {
            0 => format!("2020-03-{day:02}"),
            1 => format!("{day:02}.03.2020"),
            _ => format!("Mar {day}, 2020"),
        };
        let size = draw(100);
        let _ = writeln!(rows, "{date},{size},{}", size * 2 + draw(9));
        rows
    });
    let bench = Bench::new(|raw| {
        std::fs::write(
            raw.join("t.csv"),
            format!("\"when\",size,price\n{}", rows.replace("Mar ", "\"Mar ").replace(", 2020", ", 2020\"")),
        )
        .unwrap();
    });
    let proposal = bench.proposal().await;
    bench.refactor(&proposal, Vec::new()).await;
    assert!(!bench.text("prepare.py").contains("pd.to_datetime"));
}

#[tokio::test]
async fn a_text_without_spaces_is_still_a_text() {
    let rows = (0..200).fold(String::new(), |mut rows, i| {
        let _ = writeln!(rows, "这是第{i}条评论非常好,{}", if i % 3 == 0 { "好" } else { "坏" });
        rows
    });
    let bench = Bench::new(|raw| std::fs::write(raw.join("t.csv"), format!("评论,情感\n{rows}")).unwrap());
    let report = bench.brainstorm(1).await;
    let proposal = report.proposals.first().unwrap_or_else(|| panic!("{}", report.note));
    bench.refactor(proposal, Vec::new()).await;
    assert!(bench.text("metric.py").contains("class TargetRocAucMetrics"), "{}", bench.text("metric.py"));
}
