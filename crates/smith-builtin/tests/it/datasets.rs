//! Small datasets as people keep them, the same in every run.

use std::fmt::Write as _;
use std::path::Path;

/// Numbers that look drawn and are always the same.
pub(crate) fn drawn(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

/// Beds of a garden: a number for each bed, how much light and water it has, and whether it bloomed.
pub(crate) fn beds(raw: &Path) {
    let mut draw = drawn(1);
    let mut text = String::from("bed;light;water;soil;bloomed\n");
    for bed in 0..300 {
        let (light, water) = (draw(100), draw(60));
        let soil = ["clay", "loam", "sand"][draw(3) as usize];
        let bloomed = if light + water + draw(40) > 100 { "yes" } else { "no" };
        writeln!(text, "{bed};{light};{water};{soil};{bloomed}").unwrap();
    }
    std::fs::write(raw.join("beds.csv"), text).unwrap();
    std::fs::write(
        raw.join("README.md"),
        "# Garden beds\n\nBeds of a garden, seen once in June. Licence: CC0-1.0\n",
    )
    .unwrap();
}

/// Visits to patients: several rows of each, and a number that is measured.
pub(crate) fn visits(raw: &Path) {
    let mut draw = drawn(2);
    let mut text = String::from("patient,age,dose,pressure\n");
    for patient in 0..60 {
        let age = 20 + draw(60);
        for _ in 0..4 + draw(5) {
            let dose = draw(9);
            writeln!(text, "P{patient:03},{age},{dose},{}.{}", 90 + age / 2 + 3 * dose + draw(8), draw(10))
                .unwrap();
        }
    }
    std::fs::write(raw.join("visits.csv"), text).unwrap();
}

/// Days of a year with what was sold on them, in order.
pub(crate) fn days(raw: &Path) {
    let mut draw = drawn(3);
    let mut text = String::from("day,sunny,sold\n");
    for day in 0..1500_u64 {
        let sunny = draw(2);
        let date = format!("{}-{:02}-{:02}", 2000 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
        writeln!(text, "{date},{sunny},{}", 40 + day % 7 * 5 + sunny * 10 + draw(12)).unwrap();
    }
    std::fs::write(raw.join("sales.csv"), text).unwrap();
}

/// Films with their genres in one cell.
pub(crate) fn films(raw: &Path) {
    let mut draw = drawn(4);
    let mut text = String::from("minutes,plot,genres\n");
    for _ in 0..400 {
        let all = ["drama", "comedy", "war", "music"];
        let mut genres: Vec<&str> = all.into_iter().filter(|_| draw(3) == 0).collect();
        if genres.is_empty() {
            genres.push("drama");
        }
        let words: Vec<String> =
            genres.iter().map(|genre| format!("a tale of {genre} and number {}", draw(90))).collect();
        writeln!(text, "{},\"{}\",\"{}\"", 60 + draw(90), words.join(" then "), genres.join(", ")).unwrap();
    }
    std::fs::write(raw.join("films.csv"), text).unwrap();
}

/// Folders of texts, one for each kind.
pub(crate) fn letters(raw: &Path) {
    let mut draw = drawn(5);
    for kind in ["thanks", "complaints", "orders"] {
        std::fs::create_dir_all(raw.join("post").join(kind)).unwrap();
        for number in 0..50 {
            let text = format!(
                "Dear garden,\nthis is number {} of our {kind} about {} roses.\n",
                draw(1000),
                draw(77)
            );
            std::fs::write(raw.join("post").join(kind).join(format!("{kind}-{number}.txt")), text).unwrap();
        }
    }
}

/// Folders of pictures, one for each colour.
pub(crate) fn flowers(raw: &Path) {
    let mut draw = drawn(6);
    for (class, colour) in [("poppy", [220, 30, 30]), ("violet", [120, 40, 200])] {
        std::fs::create_dir_all(raw.join("flowers").join(class)).unwrap();
        for number in 0..70 {
            let mut bytes = b"P6\n4 4\n255\n".to_vec();
            for at in 0..48 {
                bytes.push((u64::from(colour[at % 3] as u8) / 2 + draw(60)) as u8);
            }
            std::fs::write(raw.join("flowers").join(class).join(format!("{class}{number}.ppm")), bytes)
                .unwrap();
        }
    }
}

/// Folders of recordings, one for each bell: a quarter of a second of a tone of its own.
pub(crate) fn bells(raw: &Path) {
    let mut draw = drawn(7);
    for (bell, period) in [("small", 8), ("large", 20)] {
        std::fs::create_dir_all(raw.join("bells").join(bell)).unwrap();
        for number in 0..60 {
            let sound: Vec<u8> = (0..2000_u64)
                .map(|at| if at % period < period / 2 { 90 + draw(9) as u8 } else { 160 + draw(9) as u8 })
                .collect();
            std::fs::write(raw.join("bells").join(bell).join(format!("{bell} {number}.wav")), wav(&sound))
                .unwrap();
        }
    }
}

/// Eight bits, 8 kHz, one channel.
fn wav(sound: &[u8]) -> Vec<u8> {
    let long = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(long(36 + sound.len()));
    bytes.extend(b"WAVEfmt ");
    bytes.extend(long(16));
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(long(8000));
    bytes.extend(long(8000));
    bytes.extend([1, 0, 8, 0]);
    bytes.extend(b"data");
    bytes.extend(long(sound.len()));
    bytes.extend(sound);
    bytes
}

/// Strides in two channels, as archives of time series keep them: a part to train on and one to test on.
pub(crate) fn strides(raw: &Path) {
    for (part, seed) in [("TRAIN", 8), ("TEST", 18)] {
        let mut draw = drawn(seed);
        let mut text = String::from(
            "# Strides of walkers and runners.\n@problemName Strides\n@timeStamps false\n@univariate false\n@dimensions 2\n\
             @equalLength true\n@seriesLength 6\n@classLabel true walk run\n@data\n",
        );
        for case in 0..60_u64 {
            let height = if case % 2 == 0 { 10 } else { 30 };
            let channels = [0, 5].map(|least| {
                let steps: Vec<String> = (0..6).map(|_| format!("{}.5", least + draw(height))).collect();
                steps.join(",")
            });
            writeln!(text, "{}:{}", channels.join(":"), if case % 2 == 0 { "walk" } else { "run" }).unwrap();
        }
        std::fs::write(raw.join(format!("Strides_{part}.ts")), text).unwrap();
    }
}

/// Three diaries, each in one long file.
pub(crate) fn diaries(raw: &Path) {
    let mut draw = drawn(10);
    for (name, things) in [
        ("anna", ["snow", "sledges", "the stove", "wolves"]),
        ("bruno", ["sails", "the harbour", "ropes", "gulls"]),
        ("clara", ["vines", "the cellar", "barrels", "wasps"]),
    ] {
        let mut text = String::new();
        for day in 0..1500 {
            let (a, b) = (things[draw(4) as usize], things[draw(4) as usize]);
            writeln!(text, "Day {}: all morning it was {a}, and by evening I wrote of {b}.", day * 7 % 365)
                .unwrap();
        }
        std::fs::write(raw.join(format!("{name}.txt")), text).unwrap();
    }
}

/// The beds of [`beds`] in an archive.
pub(crate) fn packed_beds(raw: &Path) {
    beds(raw);
    let table = std::fs::read(raw.join("beds.csv")).unwrap();
    std::fs::remove_file(raw.join("beds.csv")).unwrap();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(raw.join("garden.zip")).unwrap());
    archive.start_file("tables/beds.csv", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, &table).unwrap();
    archive.finish().unwrap();
}

/// Guests of a house and who stands how to whom, one fact a line.
pub(crate) fn guests(raw: &Path) {
    let mut draw = drawn(12);
    let mut facts = std::collections::BTreeSet::new();
    while facts.len() < 600 {
        let (a, b) = (draw(30), draw(30));
        let relation = ["knows", "owes", "visits", "writes_to"][(draw(2) + a % 3) as usize];
        if a % 4 != b % 3 {
            facts.insert(format!("guest_{a}\t{relation}\tguest_{b}\n"));
        }
    }
    let facts: Vec<String> = facts.into_iter().collect();
    std::fs::write(raw.join("train.txt"), facts.get(..480).unwrap().concat()).unwrap();
    std::fs::write(raw.join("test.txt"), facts.get(480..).unwrap().concat()).unwrap();
}

/// Little pictures and what they show, as IDX files.
pub(crate) fn stamps(raw: &Path) {
    for (part, number, seed) in [("train", 240_u32, 13), ("t10k", 80, 23)] {
        let mut draw = drawn(seed);
        let mut pictures = vec![0, 0, 8, 3];
        pictures.extend([number, 9, 9].iter().flat_map(|extent| extent.to_be_bytes()));
        let mut labels = vec![0, 0, 8, 1];
        labels.extend(number.to_be_bytes());
        for _ in 0..number {
            let label = draw(4);
            labels.push(u8::try_from(label).unwrap());
            let light = |at: u64| if (at / 9) % 4 == label { 200 } else { 20 };
            pictures.extend((0..81).map(|at| u8::try_from(light(at) + draw(50)).unwrap()));
        }
        std::fs::write(raw.join(format!("{part}-images-idx3-ubyte")), pictures).unwrap();
        std::fs::write(raw.join(format!("{part}-labels-idx1-ubyte")), labels).unwrap();
    }
}

/// Words of a made-up tongue and the sounds that they are said with; some have two ways.
pub(crate) fn sounds(raw: &Path) {
    let mut draw = drawn(14);
    let mut text = String::from(";;; Words and their sounds.\n");
    let letters = ["a", "b", "e", "k", "o", "s", "t", "u"];
    let said = ["AA", "B", "EH", "K", "OW", "S", "T", "UW"];
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 600 {
        let word: Vec<usize> = (0..3 + draw(5)).map(|_| draw(8) as usize).collect();
        let written: String = word.iter().map(|&at| letters[at]).collect();
        let sounds: Vec<&str> = word.iter().map(|&at| said[at]).collect();
        if seen.insert(written.clone()) {
            writeln!(text, "{written}  {}", sounds.join(" ")).unwrap();
            if draw(20) == 0 {
                writeln!(text, "{written}(2)  {} # rarely", sounds.join(" ").replace("OW", "AA")).unwrap();
            }
        }
    }
    std::fs::write(raw.join("words.dict"), text).unwrap();
}

/// Records below keys, some of which have fields that no other has.
pub(crate) fn releases(raw: &Path) {
    let mut draw = drawn(15);
    let mut document = serde_json::Map::new();
    for version in 0..120 {
        let records: Vec<serde_json::Value> = (0..1 + draw(2))
            .map(|_| {
                let kind = ["source", "wheel"][draw(2) as usize];
                let size = if kind == "source" { 900 + draw(300) } else { 600 + draw(500) };
                serde_json::json!({
                    "kind": kind, "size": size, "downloads": draw(5000), "hashes": {"short": draw(9)},
                })
            })
            .collect();
        document.insert(format!("0.{version}"), records.into());
    }
    let text = serde_json::json!({"releases": document}).to_string();
    std::fs::write(raw.join("package.json"), text).unwrap();
}

/// What readers thought of books, from 1 to 5.
pub(crate) fn readers(raw: &Path) {
    let mut draw = drawn(16);
    let mut text = String::from("user_id,book_id,pages,rating\n");
    for user in 0..90 {
        let taste = draw(300);
        for _ in 0..6 + draw(6) {
            let pages = 80 + draw(400);
            let rating = 1 + (pages.abs_diff(taste) / 80 + draw(2)).min(4);
            writeln!(text, "{user},{},{pages},{rating}", draw(200)).unwrap();
        }
    }
    std::fs::write(raw.join("ratings.csv"), text).unwrap();
}

/// A few long texts of each of three authors, in folders.
pub(crate) fn authors(raw: &Path) {
    let mut draw = drawn(17);
    for (author, words) in [
        ("moss", ["fern", "bog", "dew"]),
        ("reed", ["lake", "oar", "fog"]),
        ("heath", ["bee", "kiln", "sun"]),
    ] {
        std::fs::create_dir_all(raw.join("books").join(author)).unwrap();
        for book in 0..4 {
            let mut text = String::new();
            for _ in 0..400 {
                let word = |draw: &mut dyn FnMut(u64) -> u64| words[draw(3) as usize];
                writeln!(text, "The {} of the {} number {}.", word(&mut draw), word(&mut draw), draw(900))
                    .unwrap();
            }
            std::fs::write(raw.join("books").join(author).join(format!("book {book}.txt")), text).unwrap();
        }
    }
}
