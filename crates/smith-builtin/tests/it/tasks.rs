//! The files of tasks, word for word.

use std::path::Path;

use crate::support::Bench;
use crate::{boxes, datasets, masks};

async fn written(fill: fn(&Path)) -> String {
    let bench = Bench::new(fill);
    let proposal = bench.proposal().await;
    bench.refactor(&proposal, Vec::new()).await;
    bench.task()
}

#[tokio::test]
async fn each_dataset_gives_its_files() {
    for (name, fill) in [
        ("beds", datasets::beds as fn(&Path)),
        ("visits", datasets::visits),
        ("days", datasets::days),
        ("films", datasets::films),
        ("letters", datasets::letters),
        ("flowers", datasets::flowers),
        ("bells", datasets::bells),
        ("strides", datasets::strides),
        ("diaries", datasets::diaries),
        ("packed_beds", datasets::packed_beds),
        ("guests", datasets::guests),
        ("stamps", datasets::stamps),
        ("sounds", datasets::sounds),
        ("releases", datasets::releases),
        ("readers", datasets::readers),
        ("authors", datasets::authors),
        ("crates_coco", boxes::coco),
        ("crates_voc", boxes::voc),
        ("crates_yolo", boxes::yolo),
        ("crates_labelme", boxes::labelme),
        ("crates_table", boxes::table),
        ("leaf_spots", masks::spots),
        ("leaf_tints", masks::tints),
    ] {
        insta::assert_snapshot!(name, written(fill).await);
    }
}

#[tokio::test]
async fn the_same_dataset_gives_the_same_bytes() {
    for fill in [datasets::beds as fn(&Path), datasets::films, datasets::flowers, datasets::diaries] {
        assert_eq!(written(fill).await, written(fill).await);
    }
}

#[tokio::test]
async fn a_designed_task_prepares_itself_and_a_unified_one_does_not() {
    let bench = Bench::new(datasets::beds);
    let proposal = bench.proposal().await;
    bench.design(&proposal, Vec::new()).await;
    let designed = bench.text("prepare.py");
    bench.refactor(&proposal, Vec::new()).await;
    let unified = bench.text("prepare.py");
    assert!(designed.contains("__main__") && !unified.contains("__main__"));
    assert!(designed.starts_with(unified.trim_end()));
}

#[tokio::test]
async fn a_name_with_brackets_stands_in_the_header_alone() {
    let bench = Bench::new(|raw| {
        datasets::visits(raw);
        let text = std::fs::read_to_string(raw.join("visits.csv")).unwrap();
        std::fs::write(raw.join("visits.csv"), text.replace("dose,pressure", "dose,pressure (mmHg)"))
            .unwrap();
    });
    let proposal = bench.proposal().await;
    bench.refactor(&proposal, Vec::new()).await;
    let text = bench.text("description.txt");
    assert!(text.contains("A CSV file with the columns of the header below, and"), "{text}");
    assert!(text.contains("\nid,pressure (mmHg)\n"), "{text}");
}
