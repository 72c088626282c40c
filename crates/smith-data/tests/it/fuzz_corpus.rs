//! The corpus of the fuzzers, read again by every test run: what once broke a reader does not break it twice.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use smith_data::fuzzing::{DOORS, Door};

use crate::fuzz_seeds::seeds;

/// Changed copies of each seed that are read too.
const MUTATIONS: usize = 200;
/// Of doors that write a file for each call.
const MUTATIONS_OF_SLOW_DOORS: usize = 6;
const SLOW_DOORS: [&str; 13] = [
    "arrow",
    "csv",
    "dataset",
    "document",
    "npz",
    "parquet",
    "sequences",
    "sparse",
    "spreadsheet",
    "sqlite",
    "tar",
    "time_series",
    "zip",
];
/// As much as a profile's own threads have.
const STACK_BYTES: usize = 16 << 20;
const MAX_CORPUS_BYTES: u64 = 400_000;

/// The folder of the corpus; none in the package of the crate, which comes without it.
fn corpus() -> Option<PathBuf> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    fuzz.is_dir().then(|| fuzz.join("corpus"))
}

/// Paths below a folder, in order.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_string()
}

/// Has a door read something, and tells what it was when the door panics.
fn enter(door: Door, path: &Path, change: &str, bytes: &[u8]) {
    let outcome = std::panic::catch_unwind(|| door(bytes));
    assert!(outcome.is_ok(), "{} {change}: {bytes:?}", path.display());
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides.max(1)
    }

    /// A copy with some bytes changed, taken out, doubled or set to an extreme, and at times its end cut off.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.roll(6) {
            let at = self.roll(bytes.len());
            let end = (at + 1 + self.roll(8)).min(bytes.len());
            match self.roll(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..end)),
                2 => bytes.extend_from_within(at..end),
                3 => bytes[at..end].fill(0xff),
                4 => bytes[at..end].fill(0),
                _ if at < end => bytes[at] = self.roll(256) as u8,
                _ => bytes.push(self.roll(256) as u8),
            }
        }
        bytes
    }
}

#[test]
fn every_door_has_a_corpus_and_a_target() {
    let Some(corpus) = corpus() else { return };
    let doors: BTreeSet<String> = DOORS.iter().map(|(name, _)| (*name).to_string()).collect();
    assert_eq!(doors.len(), DOORS.len(), "two doors share a name");
    let folders: BTreeSet<String> =
        below(&corpus).iter().map(|path| name(path)).filter(|name| name != "README.md").collect();
    assert_eq!(folders, doors);
    let targets: BTreeSet<String> = below(&corpus.with_file_name("fuzz_targets"))
        .iter()
        .map(|path| name(path).trim_end_matches(".rs").to_string())
        .collect();
    assert_eq!(targets, doors);
    let manifest = std::fs::read_to_string(corpus.with_file_name("Cargo.toml")).unwrap();
    for door in &doors {
        assert!(
            manifest.contains(&format!("name = \"{door}\"\npath = \"fuzz_targets/{door}.rs\"")),
            "{door}"
        );
        let target =
            std::fs::read_to_string(corpus.with_file_name("fuzz_targets").join(format!("{door}.rs")))
                .unwrap();
        assert!(target.contains(&format!("smith_data::fuzzing::{door}(bytes)")), "{door}");
        assert!(!below(&corpus.join(door)).is_empty(), "{door}: nothing in its folder");
    }
}

/// With `SMITH_WRITE_CORPUS` set, writes the seeds before it looks whether they are there.
#[test]
fn every_seed_is_in_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let writes = std::env::var_os("SMITH_WRITE_CORPUS").is_some();
    for (door, file, bytes) in seeds() {
        let path = corpus.join(door).join(file);
        if writes {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, bytes).unwrap();
        }
        assert!(path.is_file(), "{} is missing: see the README.md of the corpus", path.display());
    }
}

#[test]
fn the_corpus_is_small() {
    let Some(corpus) = corpus() else { return };
    let files: Vec<PathBuf> =
        below(&corpus).iter().filter(|path| path.is_dir()).flat_map(|path| below(path)).collect();
    let bytes: u64 = files.iter().map(|path| path.metadata().unwrap().len()).sum();
    assert!(bytes <= MAX_CORPUS_BYTES, "{bytes} bytes in {} files", files.len());
}

#[test]
fn what_is_in_the_corpus_and_what_resembles_it_is_survived() {
    let Some(corpus) = corpus() else { return };
    let read_all = move || {
        for (door_name, door) in DOORS {
            let mutations = if SLOW_DOORS.contains(&door_name) { MUTATIONS_OF_SLOW_DOORS } else { MUTATIONS };
            for path in below(&corpus.join(door_name)) {
                let seed = std::fs::read(&path).unwrap();
                enter(door, &path, "as it is", &seed);
                let mut dice = Dice(seed.len() as u64);
                for round in 0..mutations {
                    enter(door, &path, &format!("changed, round {round}"), &dice.mutate(&seed));
                }
            }
        }
    };
    std::thread::Builder::new().stack_size(STACK_BYTES).spawn(read_all).unwrap().join().unwrap();
}
