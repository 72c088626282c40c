//! One run from beginning to end without any interruption, with which the others are compared.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

use crate::datasets;
use crate::endpoint::Endpoint;
use crate::journals;
use crate::model;
use crate::program::{Place, run};
use crate::tree::{self, Tree};

/// Prices of the scripted model, in millionths of a US dollar for a million tokens.
const INPUT: u64 = 2_000_000;
const OUTPUT: u64 = 8_000_000;

/// What the unbroken run left.
pub(crate) struct Reference {
    pub(crate) dir: PathBuf,
    /// The summary that it printed.
    pub(crate) json: Value,
    pub(crate) packages: Tree,
    /// How many decisive events its journals hold.
    pub(crate) progress: usize,
    /// Every request that the endpoint answered, with how often.
    pub(crate) answered: BTreeMap<String, u32>,
}

impl Reference {
    pub(crate) fn dataset(&self) -> PathBuf {
        self.dir.join("tea")
    }

    pub(crate) fn run(&self) -> PathBuf {
        self.dir.join("run")
    }

    pub(crate) fn recording(&self) -> PathBuf {
        self.dir.join("recording.jsonl")
    }

    /// What the endpoint's own count of tokens says that the run cost, in US dollars.
    pub(crate) fn bill(&self) -> f64 {
        let micro_usd: u64 = self
            .answered
            .iter()
            .map(|(body, times)| {
                let usage = &model::answer(&serde_json::from_str(body).unwrap()).unwrap()["usage"];
                let tokens = |name: &str| usage[name].as_u64().unwrap();
                let cost = tokens("prompt_tokens") * INPUT + tokens("completion_tokens") * OUTPUT;
                cost.div_ceil(1_000_000) * u64::from(*times)
            })
            .sum();
        micro_usd as f64 / 1e6
    }

    /// The package of a verified task, by a part of its name.
    pub(crate) fn task(&self, part: &str) -> PathBuf {
        let entries = std::fs::read_dir(self.run().join("tasks")).unwrap().map(|entry| entry.unwrap().path());
        entries.into_iter().find(|path| path.display().to_string().contains(part)).unwrap()
    }
}

/// The reference, made by the first test that asks for it.
pub(crate) fn reference() -> &'static Reference {
    static REFERENCE: OnceLock<Reference> = OnceLock::new();
    REFERENCE.get_or_init(|| make(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("reference")))
}

fn make(dir: &Path) -> Reference {
    // Of an earlier run of the tests.
    let _none = std::fs::remove_dir_all(dir);
    datasets::tea(&dir.join("tea"));
    let place = Place::new();
    let endpoint = Endpoint::of_model(Duration::ZERO);
    let out = dir.join("run");
    let ended = run(pipeline(&place, &dir.join("tea"), &endpoint.url(), &out)
        .arg("--record")
        .arg(dir.join("recording.jsonl")))
    .expect(0);
    assert!(tree::read(&place.path("tmp")).is_empty(), "scratch files are left");
    Reference {
        json: ended.json(),
        packages: tree::read(&out.join("tasks")),
        progress: journals::progress(&out),
        answered: endpoint.answered(),
        dir: dir.to_path_buf(),
    }
}

/// A price file for the scripted model.
fn prices() -> String {
    format!(
        "[[model]]\nname = \"{}\"\ninput = {INPUT}\noutput = {OUTPUT}\neffective_from = \"2026-01-01\"\n\
         source = \"made up\"\n",
        model::NAME
    )
}

/// The main job on `dataset` with the scripted model at `url`, priced, with its summary as JSON.
pub(crate) fn pipeline(place: &Place, dataset: &Path, url: &str, out: &Path) -> Command {
    std::fs::write(place.path("prices.toml"), prices()).unwrap();
    let mut command = place.smith();
    command
        .arg("run-pipeline")
        .arg(dataset)
        .args(["--model", &format!("openai-compatible:{}", model::NAME), "--base-url", url, "--json"])
        // One request at a time of each candidate, so that budgets can be cut to the call.
        .args(["--review-passes", "1"])
        .arg("--prices")
        .arg(place.path("prices.toml"))
        .arg("--out")
        .arg(out);
    command
}
