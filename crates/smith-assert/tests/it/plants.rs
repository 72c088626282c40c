//! Small generated tasks of several modalities, for rules that only read.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use smith_assert::{Catalogue, Subject};
use smith_task_schema::{Finding, LayoutKind, Severity, TaskLayout};
use tempfile::TempDir;

/// A number without order, the same each time.
pub(crate) fn mixed(row: usize) -> usize {
    let mut x = (row as u64).wrapping_add(0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    (x ^ (x >> 31)) as usize >> 3
}

/// Between 0 and 1.
pub(crate) fn noise(row: usize) -> f64 {
    (mixed(row) % 100_000) as f64 / 100_000.0
}

/// One example: its id, its features by name, and its answer.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) id: String,
    pub(crate) features: Vec<(&'static str, String)>,
    pub(crate) answer: String,
}

/// A task before it is written.
pub(crate) struct Plan {
    pub(crate) train: Vec<Example>,
    pub(crate) test: Vec<Example>,
    pub(crate) id: &'static str,
    pub(crate) target: &'static str,
    /// Values of the sample submission.
    pub(crate) sample: Vec<String>,
}

pub(crate) const KINDS: [&str; 3] = ["ash", "birch", "cedar"];

impl Plan {
    /// 300 trees to learn from, 120 to tell apart by numbers that overlap.
    pub(crate) fn trees() -> Self {
        let example = |row: usize| {
            let kind = mixed(row) % 3;
            let height = 8.0 + kind as f64 * 3.0 + noise(row + 1_000) * 9.0;
            let girth = 40.0 + noise(row + 2_000) * 60.0 - kind as f64 * 8.0;
            let soil = ["clay", "loam", "sand", "silt"][mixed(row + 3_000) % 4];
            Example {
                id: format!("t{:06}", mixed(row + 9_000) % 900 * 1_000 + row),
                features: vec![
                    ("height_m", format!("{height:.1}")),
                    ("girth_cm", format!("{girth:.0}")),
                    ("soil", soil.to_owned()),
                ],
                answer: KINDS[kind].to_owned(),
            }
        };
        Self::of((0..420).map(example).collect(), 300, "tree_id", "kind", "ash")
    }

    /// 700 flights with the clock times of plan and arrival, late where `is_late` says so of a row and its delay.
    pub(crate) fn flights(is_late: impl Fn(usize, usize) -> bool) -> Self {
        let example = |row: usize| {
            let (planned, delay) = (mixed(row) % 1_440, mixed(row + 900) % 60);
            let clock = |minutes: usize| (minutes % 1_440 / 60 * 100 + minutes % 60).to_string();
            Example {
                id: format!("f{}", mixed(row + 77) % 1_000_000),
                features: vec![("planned", clock(planned)), ("arrived", clock(planned + delay))],
                answer: u8::from(is_late(row, delay)).to_string(),
            }
        };
        Self::of((0..700).map(example).collect(), 450, "flight", "late", "0")
    }

    /// 400 parcels with a price that two numbers and chance make.
    pub(crate) fn prices() -> Self {
        let example = |row: usize| {
            let (weight, way) = (noise(row) * 20.0, noise(row + 700) * 900.0);
            let price = 4.0 + weight * 0.7 + way * 0.02 + noise(row + 1_400) * 6.0;
            Example {
                id: (row + 1).to_string(),
                features: vec![
                    ("weight_kg", format!("{weight:.2}")),
                    ("way_km", format!("{way:.0}")),
                    ("carrier", ["road", "rail", "air"][mixed(row + 5) % 3].to_owned()),
                ],
                answer: format!("{price:.2}"),
            }
        };
        Self::of((0..400).map(example).collect(), 280, "id", "price", "12.5")
    }

    pub(crate) fn of(
        all: Vec<Example>,
        train: usize,
        id: &'static str,
        target: &'static str,
        sample: &str,
    ) -> Self {
        let (mut train_part, test) = (all, Vec::new());
        let mut plan = Self { test, train: Vec::new(), id, target, sample: Vec::new() };
        plan.test = train_part.split_off(train);
        plan.train = train_part;
        plan.sample = vec![sample.to_owned(); plan.test.len()];
        plan
    }

    /// Every example of both sides, to be changed.
    pub(crate) fn each(&mut self, mut change: impl FnMut(usize, &mut Example)) {
        for (row, example) in self.train.iter_mut().chain(&mut self.test).enumerate() {
            change(row, example);
        }
    }

    fn table(&self, examples: &[Example], with_answers: bool) -> String {
        let names =
            examples.first().map_or(Vec::new(), |e| e.features.iter().map(|(name, _)| *name).collect());
        let mut text =
            [vec![self.id], names, if with_answers { vec![self.target] } else { vec![] }].concat().join(",");
        text.push('\n');
        for example in examples {
            let mut cells = vec![example.id.clone()];
            cells.extend(example.features.iter().map(|(_, cell)| cell.clone()));
            cells.extend(with_answers.then(|| example.answer.clone()));
            text += &(cells.join(",") + "\n");
        }
        text
    }

    /// Writes the task.
    pub(crate) fn write(&self) -> Planted {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("task");
        let layout = TaskLayout::at(LayoutKind::Workdir, &root);
        fs::create_dir_all(&layout.public).unwrap();
        fs::create_dir_all(layout.test_answer().parent().unwrap()).unwrap();
        let planted = Planted { public: layout.public.clone(), layout, dir };
        planted.put("train.csv", self.table(&self.train, true));
        planted.put("test.csv", self.table(&self.test, false));
        planted.put("description.txt", "Tell what is asked for from the features.\n");
        let list = |value: &dyn Fn(usize) -> String| {
            let rows = self.test.iter().enumerate().map(|(row, e)| format!("{},{}\n", e.id, value(row)));
            format!("{},{}\n{}", self.id, self.target, rows.collect::<String>())
        };
        planted.put("sample_submission.csv", list(&|row| self.sample[row].clone()));
        fs::write(planted.layout.test_answer(), list(&|row| self.test[row].answer.clone())).unwrap();
        planted
    }
}

/// A task on disk.
pub(crate) struct Planted {
    pub(crate) dir: TempDir,
    pub(crate) layout: TaskLayout,
    pub(crate) public: PathBuf,
}

impl Planted {
    /// Writes a file of public/.
    pub(crate) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.public.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.public.join(path)).unwrap();
    }

    /// What the rules of this family say.
    pub(crate) async fn findings(&self) -> Vec<Finding> {
        let subject = Subject::new(self.layout.clone(), None, self.dir.path().join("scratch"));
        let outcome = Catalogue::post_refactor().check(&subject).await.unwrap();
        outcome.findings.into_iter().filter(|finding| finding.rule.starts_with('A')).collect()
    }

    /// Codes of the rules that reject the task.
    pub(crate) async fn errors(&self) -> Vec<String> {
        let findings = self.findings().await;
        let mut codes: Vec<String> =
            findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.rule.clone()).collect();
        codes.dedup();
        codes
    }
}

/// A PNG of a size with further chunks before its end. Its pixels are no picture.
pub(crate) fn png(width: u32, height: u32, pixels: &[u8], chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let chunk = |kind: &[u8], data: &[u8]| {
        let mut bytes = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
        bytes.extend([kind, data, &[0; 4]].concat());
        bytes
    };
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    let mut bytes = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header)].concat();
    for (kind, data) in chunks {
        bytes.extend(chunk(*kind, data));
    }
    bytes.extend(chunk(b"IDAT", pixels));
    bytes.extend(chunk(b"IEND", b""));
    bytes
}

/// A WAV of silence with a comment, if there is one.
pub(crate) fn wav(samples: usize, comment: Option<&str>) -> Vec<u8> {
    let mut parts = b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0".to_vec();
    let mut part = |kind: &[u8], data: &[u8]| {
        parts.extend(kind);
        parts.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        parts.extend(data);
        parts.extend(vec![0; data.len() % 2]);
    };
    part(b"data", &vec![128; samples]);
    if let Some(comment) = comment {
        let text = [comment.as_bytes(), b"\0"].concat();
        let size = u32::try_from(text.len()).unwrap().to_le_bytes();
        part(b"LIST", &[b"INFOICMT", &size[..], &text].concat());
    }
    let mut bytes = b"RIFF".to_vec();
    bytes.extend(u32::try_from(parts.len()).unwrap().to_le_bytes());
    bytes.extend(parts);
    bytes
}

pub(crate) fn rows(plan: &Plan, of: impl Fn(usize, &Example) -> String) -> String {
    plan.test.iter().enumerate().map(|(row, example)| of(row, example)).collect()
}

pub(crate) fn code(answer: &str) -> usize {
    KINDS.iter().position(|kind| *kind == answer).unwrap()
}

/// A one-dimensional array.
pub(crate) fn npy(descr: &str, count: usize, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({count},), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(elements);
    bytes
}

pub(crate) fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Trees with a file of public/ that is made of them.
pub(crate) fn beside(path: &str, of: impl Fn(&Plan) -> Vec<u8>) -> Planted {
    let plan = Plan::trees();
    let task = plan.write();
    task.put(path, of(&plan));
    task
}

/// Trees with one feature more.
pub(crate) fn with_feature(name: &'static str, of: impl Fn(usize, &Example) -> String) -> Planted {
    let mut plan = Plan::trees();
    plan.each(|row, example| {
        let cell = of(row, example);
        example.features.push((name, cell));
    });
    plan.write()
}

/// Parcels with one feature more.
pub(crate) fn price_with(name: &'static str, of: impl Fn(usize, &Example) -> String) -> Planted {
    let mut plan = Plan::prices();
    plan.each(|row, example| {
        let cell = of(row, example);
        example.features.push((name, cell));
    });
    plan.write()
}

/// Parcels with a feature that is the mean of `value` over those of `among` that have the same carrier.
pub(crate) fn carrier_mean(
    name: &'static str,
    among: &[Example],
    value: impl Fn(&Example) -> f64,
) -> Planted {
    let carrier = |example: &Example| example.features[2].1.clone();
    price_with(name, |_, example| {
        let own: Vec<f64> =
            among.iter().filter(|other| carrier(other) == carrier(example)).map(&value).collect();
        format!("{:.5}", own.iter().sum::<f64>() / own.len() as f64)
    })
}

/// Pictures of three kinds: those of train in folders of their kind, those of test in one.
pub(crate) fn pictures(
    path: impl Fn(usize, &str) -> String,
    content: impl Fn(usize, &str, bool) -> Vec<u8>,
) -> Planted {
    let example = |row: usize| Example {
        id: format!("{row:04}"),
        features: Vec::new(),
        answer: KINDS[mixed(row) % 3].to_owned(),
    };
    let mut plan = Plan::of((0..240).map(example).collect(), 160, "image", "kind", "ash");
    let train = std::mem::take(&mut plan.train);
    let task = plan.write();
    task.remove("train.csv");
    task.remove("test.csv");
    for (row, example) in train.iter().enumerate() {
        task.put(
            &format!("train/{}/{}.png", example.answer, example.id),
            content(row, &example.answer, false),
        );
    }
    for (row, example) in plan.test.iter().enumerate() {
        task.put(
            &path(row, &format!("{}/{}", example.answer, example.id)),
            content(row + 500, &example.answer, true),
        );
    }
    task
}

pub(crate) fn number_of(example: &Example) -> f64 {
    example.answer.parse().unwrap()
}

pub(crate) fn cell(example: &Example, name: &str) -> f64 {
    example.features.iter().find(|(own, _)| *own == name).unwrap().1.parse().unwrap()
}

pub(crate) fn plain(row: usize) -> Vec<u8> {
    png(32, 32, &vec![7; 40 + mixed(row) % 60], &[])
}

/// What stands in a shop on a day.
pub(crate) fn stock(day: usize) -> f64 {
    (100.0 + noise(day + 90) * 400.0).round()
}

/// A day with a feature that is made of the stocks.
pub(crate) fn on_day(day: usize, made: f64) -> Example {
    Example {
        id: format!("r{:05}", mixed(day + 4_000) % 90_000),
        features: vec![
            ("date", format!("{}-{:02}-{:02}", 2015 + day / 336, day / 28 % 12 + 1, day % 28 + 1)),
            ("rain_mm", format!("{:.1}", noise(day) * 20.0)),
            ("made", format!("{made:.3}")),
        ],
        answer: stock(day).to_string(),
    }
}

/// Days one behind the other of which the last are asked for, with a feature that is made of all stocks.
pub(crate) fn series(of: impl Fn(usize, &[f64]) -> f64) -> Planted {
    let stocks: Vec<f64> = (0..400).map(stock).collect();
    let days = (0..400).map(|day| on_day(day, of(day, &stocks)));
    Plan::of(days.collect(), 280, "nr", "stock", "300").write()
}

/// Pictures with masks of squares, and further pictures of all of them: with the outline of the mask drawn over, or
/// without.
pub(crate) fn masks(with_outlines: bool) -> Planted {
    const SIDE: usize = 48;
    let corner = |row: usize| (4 + mixed(row) % 20, 4 + mixed(row + 600) % 20);
    let runs = |row: usize| {
        let (x, y) = corner(row);
        (y..y + 16).map(|y| format!("{} 14", y * SIDE + x + 1)).collect::<Vec<_>>().join(" ")
    };
    let example = |row: usize| Example { id: format!("{row:03}"), features: Vec::new(), answer: runs(row) };
    let plan = Plan::of((0..60).map(example).collect(), 36, "image", "mask", "1 9 60 9");
    let task = plan.write();
    for row in 0..60 {
        let (x0, y0) = corner(row);
        let colour = |at: usize, outlined: bool| {
            let (x, y) = (at % SIDE, at / SIDE);
            let is_in = (x0..x0 + 14).contains(&x) && (y0..y0 + 16).contains(&y);
            let is_edge = is_in && (x == x0 || x == x0 + 13 || y == y0 || y == y0 + 15);
            let grey = 60 + (mixed(row * 10_000 + at) % 90) as u8 + if is_in { 30 } else { 0 };
            if outlined && is_edge { [255, 0, 0] } else { [grey; 3] }
        };
        let file = |outlined: bool| {
            let pixels: Vec<u8> = (0..SIDE * SIDE).flat_map(|at| colour(at, outlined)).collect();
            [format!("P6 {SIDE} {SIDE} 255\n").into_bytes(), pixels].concat()
        };
        let side = if row < 36 { "train_images" } else { "test_images" };
        task.put(&format!("{side}/{row:03}.ppm"), file(false));
        task.put(&format!("previews/{row:03}.ppm"), file(with_outlines));
    }
    task
}
