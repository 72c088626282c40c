//! Families of models that count alike.

use super::image::Size;
use super::text::Weights;
use crate::spec::ModelSpec;

/// Models that share a way to cut texts into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// OpenAI since GPT-4o, by the formula for its images.
    OpenAi(Vision),
    /// Digits in groups of three: GPT-4, Llama 3, DeepSeek, Kimi, MiniMax.
    Threes,
    /// Each digit a token: Qwen, Mistral, GLM, Gemma.
    Single,
    /// No public tokenizer.
    Anthropic,
    /// No public tokenizer; whether images cost what Gemini 3 counts for one.
    Gemini { fixed_images: bool },
    /// The most of all.
    Unknown,
}

/// How OpenAI counts an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vision {
    /// A base, and so much for each square of 512 pixels after scaling the image down.
    Tiles { base: u64, tile: u64 },
    /// Squares of 32 pixels, at most so many, times a factor in hundredths.
    Patches { most: u64, factor: u64 },
}

const TILES: Vision = Vision::Tiles { base: 85, tile: 170 };

/// Beginnings of names, the longer one before the shorter one that it continues.
const NAMES: [(&str, Family); 39] = [
    ("gpt-4o-mini", Family::OpenAi(Vision::Tiles { base: 2833, tile: 5667 })),
    ("gpt-4.1-mini", Family::OpenAi(Vision::Patches { most: 1536, factor: 162 })),
    ("gpt-4.1-nano", Family::OpenAi(Vision::Patches { most: 1536, factor: 246 })),
    ("gpt-4o", Family::OpenAi(TILES)),
    ("gpt-4.1", Family::OpenAi(TILES)),
    ("gpt-4.5", Family::OpenAi(TILES)),
    ("gpt-5-mini", Family::OpenAi(Vision::Patches { most: 1536, factor: 162 })),
    ("gpt-5-nano", Family::OpenAi(Vision::Patches { most: 1536, factor: 246 })),
    ("gpt-5.", Family::OpenAi(Vision::Patches { most: 10_000, factor: 120 })),
    ("gpt-5", Family::OpenAi(Vision::Tiles { base: 70, tile: 140 })),
    ("gpt-oss", Family::OpenAi(TILES)),
    ("gpt-4", Family::Threes),
    ("gpt-3.5", Family::Threes),
    ("gpt-", Family::OpenAi(Vision::Patches { most: 15_000, factor: 120 })),
    ("chatgpt", Family::OpenAi(TILES)),
    ("codex", Family::OpenAi(TILES)),
    ("o1", Family::OpenAi(Vision::Tiles { base: 75, tile: 150 })),
    ("o3", Family::OpenAi(Vision::Tiles { base: 75, tile: 150 })),
    ("o4", Family::OpenAi(Vision::Patches { most: 1536, factor: 172 })),
    ("claude", Family::Anthropic),
    ("gemini-1", Family::Gemini { fixed_images: false }),
    ("gemini-2", Family::Gemini { fixed_images: false }),
    ("gemini", Family::Gemini { fixed_images: true }),
    ("llama", Family::Threes),
    ("meta-llama", Family::Threes),
    ("deepseek", Family::Threes),
    ("kimi", Family::Threes),
    ("minimax", Family::Threes),
    ("qwen", Family::Single),
    ("qwq", Family::Single),
    ("mistral", Family::Single),
    ("mixtral", Family::Single),
    ("ministral", Family::Single),
    ("magistral", Family::Single),
    ("codestral", Family::Single),
    ("devstral", Family::Single),
    ("pixtral", Family::Single),
    ("glm", Family::Single),
    ("gemma", Family::Single),
];

impl Family {
    pub(super) fn of(spec: &ModelSpec) -> Self {
        let named = spec.provider().and_then(|(name, _)| Self::named(name));
        match spec {
            ModelSpec::Anthropic(_) => Self::Anthropic,
            ModelSpec::Gemini(_) => named.unwrap_or(Self::Gemini { fixed_images: true }),
            _ => named.unwrap_or(Self::Unknown),
        }
    }

    /// Gateways put the maker before the name.
    fn named(name: &str) -> Option<Self> {
        let name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        NAMES.iter().find(|(beginning, _)| name.starts_with(beginning)).map(|(_, family)| *family)
    }

    pub(super) fn weights(self) -> Weights {
        match self {
            Self::OpenAi(_) => Weights::O200K,
            Self::Threes => Weights::THREES,
            Self::Single => Weights::SINGLE,
            Self::Anthropic | Self::Gemini { .. } | Self::Unknown => Weights::ANY,
        }
    }

    /// What of the weighed count is taken, in percent.
    pub(super) fn percent(self) -> u64 {
        match self {
            Self::Anthropic => 125,
            Self::Gemini { .. } => 110,
            _ => 100,
        }
    }

    /// Tokens that a provider adds when tools are on offer.
    pub(super) fn tool_prompt(self) -> u64 {
        match self {
            // 346 by its own words; newer models more.
            Self::Anthropic => 700,
            _ => 50,
        }
    }

    /// Tokens of an image; of one whose size is not known, the most.
    pub(super) fn image(self, size: Option<Size>) -> u64 {
        match self {
            Self::OpenAi(vision) => openai_image(vision, size),
            Self::Threes => openai_image(TILES, size),
            Self::Anthropic => anthropic_image(size),
            Self::Gemini { fixed_images: true } => 1120,
            Self::Gemini { fixed_images: false } => gemini_image(size),
            // No formula of its own: the most that the tiles and squares of the others make of it.
            Self::Single | Self::Unknown => openai_image(TILES, size).max(anthropic_image(size)),
        }
    }
}

fn openai_image(vision: Vision, size: Option<Size>) -> u64 {
    match vision {
        Vision::Tiles { base, tile } => {
            // The longest possible after scaling: 2048 by 768.
            let size = size.unwrap_or(Size { width: 2048, height: 768 }).within(2048).with_short_side(768);
            base + tile * size.squares(512)
        }
        Vision::Patches { most, factor } => {
            let patches = size.map_or(most, |size| size.squares(32).min(most));
            (patches * factor).div_ceil(100)
        }
    }
}

/// A token for 750 pixels. Models differ in how far they scale an image down; this is the newest, which takes most.
fn anthropic_image(size: Option<Size>) -> u64 {
    const MOST: u64 = 4784;
    let of = |size: Size| size.within(2576).pixels().div_ceil(750) + 20;
    size.map_or(MOST, |size| of(size).min(MOST))
}

/// 258 for a small image and for each tile of 768 pixels of a large one.
fn gemini_image(size: Option<Size>) -> u64 {
    let Some(size) = size else { return 258 * 12 };
    if size.width <= 384 && size.height <= 384 { 258 } else { 258 * size.squares(768) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(spec: &str, width: u64, height: u64) -> u64 {
        Family::of(&spec.parse().unwrap()).image(Some(Size { width, height }))
    }

    #[test]
    fn images_cost_what_the_providers_examples_say() {
        for (spec, width, height, tokens) in [
            ("openai:gpt-4o", 1024, 1024, 765),
            ("openai:gpt-4o", 2048, 4096, 1105),
            ("openai:gpt-4o-2024-08-06", 128, 64, 255),
            ("openai:gpt-4o-mini", 128, 64, 8500),
            ("openai:gpt-4.1-mini", 1024, 1024, 1659),
            ("openai:gpt-5.2", 1920, 1080, 2448),
            ("openai:o3", 512, 512, 225),
            ("anthropic:claude-haiku-4-5", 1024, 1024, 1419),
            ("gemini:gemini-2.5-pro", 300, 300, 258),
            ("gemini:gemini-2.5-pro", 1000, 700, 516),
            ("gemini:gemini-3-pro-preview", 4000, 3000, 1120),
        ] {
            assert_eq!(image(spec, width, height), tokens, "{spec} {width} {height}");
        }
    }

    #[test]
    fn an_image_of_unknown_or_absurd_size_costs_the_most() {
        for spec in ["openai:gpt-4o", "openai:o4-mini", "anthropic:claude", "openai-compatible:m"] {
            let family = Family::of(&spec.parse().unwrap());
            let unknown = family.image(None);
            for side in [1, 700, 1568, 5000, 1 << 40] {
                let known = family.image(Some(Size { width: side, height: side }));
                assert!(known <= unknown, "{spec} {side}: {known} {unknown}");
            }
        }
        assert!(image("gemini:gemini-2.0-flash", u64::MAX, u64::MAX) > 0);
    }

    #[test]
    fn names_tell_the_family_wherever_the_model_is_served() {
        for (spec, expected) in [
            ("openai:gpt-4-turbo", Family::Threes),
            ("openai-responses:gpt-9", Family::OpenAi(Vision::Patches { most: 15_000, factor: 120 })),
            ("openai-compatible:meta-llama/Llama-3.3-70B-Instruct", Family::Threes),
            ("openai-compatible:Qwen/Qwen3-32B", Family::Single),
            ("openai-compatible:anthropic/claude-sonnet-4.5", Family::Anthropic),
            ("anthropic:anything", Family::Anthropic),
            ("gemini:anything", Family::Gemini { fixed_images: true }),
            ("gemini:gemma-3-27b-it", Family::Single),
            ("openai-compatible:anything", Family::Unknown),
            ("openai:anything", Family::Unknown),
            ("replay:gpt-4o", Family::Unknown),
        ] {
            assert_eq!(Family::of(&spec.parse().unwrap()), expected, "{spec}");
        }
    }
}
