//! How many tokens something is at most, as long as nobody has counted them and whatever the model.

use crate::chat::{ChatRequest, DEFAULT_OUTPUT_TOKENS, Message, Reasoning};
use crate::tokens::TokenCounter;

/// Tokens of a request's input.
pub(crate) fn input(request: &ChatRequest) -> u64 {
    request.expected_input.unwrap_or_else(|| TokenCounter::default().request(request))
}

/// Tokens of an answer.
pub(crate) fn answer(message: &Message) -> u64 {
    TokenCounter::default().message(message)
}

/// Tokens of the longest answer that a request allows, or of a long one if it sets no bound.
pub(crate) fn longest_output(request: &ChatRequest) -> u64 {
    let thoughts = request.reasoning.map_or(0, Reasoning::most_tokens);
    let unbounded = u64::from(DEFAULT_OUTPUT_TOKENS).saturating_add(thoughts.into());
    request.max_output_tokens.map_or(unbounded, u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Image, Part, Role};

    #[test]
    fn an_image_counts_by_its_size_and_not_by_its_bytes() {
        let with = |length: usize| {
            let image = Image { media_type: "image/png".into(), data: "A".repeat(length) };
            let messages = vec![Message { role: Role::User, parts: vec![Part::Image(image)] }];
            input(&ChatRequest { messages, ..ChatRequest::default() })
        };
        assert_eq!(with(12), with(1_000_000));
        assert!(with(12) > 1_000 && with(12) < 6_000);
    }

    #[test]
    fn a_budget_for_thoughts_comes_on_top_unless_the_output_is_bounded() {
        let request = ChatRequest { reasoning: Some(Reasoning::Budget(1000)), ..ChatRequest::default() };
        assert_eq!(longest_output(&request), 9192);
        let effort = Some(Reasoning::Effort(crate::Effort::Medium));
        assert_eq!(longest_output(&ChatRequest { reasoning: effort, ..request.clone() }), 8192 + 16_384);
        assert_eq!(longest_output(&ChatRequest { max_output_tokens: Some(5), ..request }), 5);
    }
}
