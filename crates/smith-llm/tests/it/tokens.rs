//! The estimates of tokens, held to real tokenizers.

use std::path::{Path, PathBuf};

use smith_llm::TokenCounter;

/// A counter's model, and the tokenizers that models of its family have.
const FAMILIES: [(&str, &[&str]); 4] = [
    ("openai:gpt-4o", &["o200k_base"]),
    ("openai-compatible:deepseek-chat", &["cl100k_base", "llama3", "deepseek_v3"]),
    ("openai-compatible:qwen3-32b", &["qwen2", "mistral_v3"]),
    (
        "openai-compatible:nobody-knows",
        &["o200k_base", "cl100k_base", "llama3", "deepseek_v3", "qwen2", "mistral_v3"],
    ),
];

/// Bytes of a piece; errors of short texts do not cancel out.
const PIECE: usize = 4_000;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn file(path: &str) -> (String, String) {
    let bytes = std::fs::read(repository().join(path)).unwrap();
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(40_000)]).into_owned();
    (path.to_owned(), text)
}

/// Numbers that look random and are the same on every machine.
fn drawn(mut state: u64) -> impl FnMut(u64) -> u64 {
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

fn made(name: &str, line: impl Fn(&mut dyn FnMut(u64) -> u64) -> String) -> (String, String) {
    let mut draw = drawn(7);
    let text: String = (0..400).map(|_| line(&mut draw) + "\n").collect();
    (name.to_owned(), text)
}

/// What agents read: code, prose, tables, listings, JSON.
fn everyday() -> Vec<(String, String)> {
    let mut texts: Vec<_> = [
        "docs/rules.md",
        "docs/environment.md",
        "README.md",
        "Cargo.toml",
        "crates/smith-llm/src/chat.rs",
        "crates/smith-llm/tests/it/support.rs",
        "fixtures/recordings/penguins.jsonl",
    ]
    .map(file)
    .into();
    texts.extend([
        made("numbers", |draw| {
            (0..6).map(|_| format!("{}.{:06}", draw(100), draw(1_000_000))).collect::<Vec<_>>().join(",")
        }),
        made("counts", |draw| (0..8).map(|_| draw(100_000).to_string()).collect::<Vec<_>>().join(",")),
        made("zeros and ones", |draw| (0..12).map(|_| draw(2).to_string()).collect::<Vec<_>>().join(",")),
        made("times", |draw| format!("2026-{:02}-{:02} {:02}:00:00,0.{}", draw(12) + 1, draw(28) + 1, draw(24), draw(1000))),
        made("columns", |draw| (0..6).map(|_| format!("{:>12}.{:04}", draw(100), draw(10_000))).collect()),
        made("listing", |draw| format!("  images/{:05}.png ({} bytes)", draw(100_000), draw(1_000_000))),
        made("records", |draw| {
            format!("{{\"id\": {}, \"name\": \"alpha\", \"score\": 0.{}, \"tags\": [\"x\", \"y\"], \"best\": null}},", draw(1000), draw(100_000))
        }),
    ]);
    texts
}

/// Prose of other languages than English.
fn languages() -> Vec<(String, String)> {
    vec![
        (
            "Chinese".into(),
            "模型的上下文窗口是有限的，所以旧的输出会被折叠起来，需要的时候可以再读一次。".repeat(60),
        ),
        (
            "Russian".into(),
            "Старые ответы программ сворачиваются, когда разговор становится слишком длинным. ".repeat(40),
        ),
        (
            "German".into(),
            "Alte Ausgaben von Programmen werden gefaltet, wenn das Gespräch zu lang geworden ist. "
                .repeat(40),
        ),
    ]
}

/// What no vocabulary knows.
fn odd() -> Vec<(String, String)> {
    let letters = |draw: &mut dyn FnMut(u64) -> u64, from: &str, count: usize| -> String {
        let all: Vec<char> = from.chars().collect();
        (0..count).map(|_| all[draw(all.len() as u64) as usize]).collect()
    };
    vec![
        made("hexadecimal", move |draw| letters(draw, "0123456789abcdef", 32)),
        made("Base64", move |draw| {
            letters(draw, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 76)
        }),
        made("bases", move |draw| letters(draw, "ACGT", 60)),
        made("small letters", move |draw| letters(draw, "abcdefghijklmnopqrstuvwxyz", 12)),
        made("marks", move |draw| letters(draw, "!@#$%^&*()_+-=[]{}|;:,.<>?/~", 40)),
    ]
}

/// The least and the most that the estimate is of the real count, over pieces of `texts` and all tokenizers of a family.
fn extremes(counter: TokenCounter, tokenizers: &[&str], texts: &[(String, String)]) -> (f64, f64, String) {
    let (mut least, mut most, mut places) = (f64::MAX, 0.0_f64, ["", ""]);
    for (name, text) in texts {
        let mut rest = text.as_str();
        while rest.len() >= PIECE.min(text.len()) && !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE.min(rest.len())));
            rest = after;
            let real =
                tokenizers.iter().map(|it| tiktoken::get_encoding(it).unwrap().count(piece)).max().unwrap();
            let ratio = counter.text(piece) as f64 / real as f64;
            if ratio < least {
                (least, places[0]) = (ratio, name);
            }
            if ratio > most {
                (most, places[1]) = (ratio, name);
            }
        }
    }
    (least, most, places.join(", "))
}

#[test]
fn everyday_text_is_estimated_between_the_real_count_and_one_and_a_half_times_it() {
    for (spec, tokenizers) in FAMILIES {
        let counter = TokenCounter::of(&spec.parse().unwrap());
        let (least, most, place) = extremes(counter, tokenizers, &everyday());
        println!("{spec}: everyday text {least:.3} ({place}) to {most:.3}");
        assert!(least >= 0.98, "{spec}: {place} at {least}");
        assert!(most <= 1.6, "{spec}: {most}");
    }
}

/// The tokenizers of a family know languages to different degrees, and the one that knows least decides.
#[test]
fn other_languages_are_estimated_between_the_real_count_and_two_and_a_half_times_it() {
    for (spec, tokenizers) in FAMILIES {
        let counter = TokenCounter::of(&spec.parse().unwrap());
        let (least, most, places) = extremes(counter, tokenizers, &languages());
        println!("{spec}: other languages {least:.3} to {most:.3} ({places})");
        assert!(least >= 0.95 && most <= 2.5, "{spec}: {least} to {most}, {places}");
    }
}

#[test]
fn text_that_no_vocabulary_knows_is_estimated_at_no_less_than_five_sixths() {
    for (spec, tokenizers) in FAMILIES {
        let counter = TokenCounter::of(&spec.parse().unwrap());
        let (least, most, place) = extremes(counter, tokenizers, &odd());
        println!("{spec}: odd text {least:.3} ({place}) to {most:.3}");
        assert!(least >= 0.83 && most <= 1.5, "{spec}: {place} {least} to {most}");
    }
}
