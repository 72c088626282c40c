//! How many tokens something is, as long as nobody has counted them.

use serde::Serialize;

use crate::canonical;
use crate::chat::{ChatRequest, DEFAULT_OUTPUT_TOKENS, Message, Part, Reasoning};

/// Tokens of an image: about the most that providers count for one that they do not scale down.
const IMAGE_TOKENS: u64 = 1600;

/// Tokens of a request's input.
pub(crate) fn input(request: &ChatRequest) -> u64 {
    of(request, &request.messages)
}

/// Tokens of an answer.
pub(crate) fn answer(message: &Message) -> u64 {
    of(message, std::slice::from_ref(message))
}

/// Tokens of the longest answer that a request allows, or of a long one if it sets no bound.
pub(crate) fn longest_output(request: &ChatRequest) -> u64 {
    let thoughts = request.reasoning.map_or(0, Reasoning::most_tokens);
    let unbounded = u64::from(DEFAULT_OUTPUT_TOKENS).saturating_add(thoughts.into());
    request.max_output_tokens.map_or(unbounded, u64::from)
}

/// One for every 3.6 bytes of JSON, which is on the safe side for English and code; images count by number.
fn of<T: Serialize>(value: &T, messages: &[Message]) -> u64 {
    let images = messages.iter().flat_map(|message| &message.parts).filter_map(|part| match part {
        Part::Image(image) => Some(image.data.len()),
        _ => None,
    });
    let (count, data) =
        images.fold((0_u64, 0_usize), |(count, data), length| (count + 1, data.saturating_add(length)));
    let bytes = canonical::of(value).len().saturating_sub(data);
    let text = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(10).div_ceil(36);
    text.saturating_add(count.saturating_mul(IMAGE_TOKENS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::{Image, Role};

    #[test]
    fn an_image_counts_by_number_and_not_by_its_bytes() {
        let with = |length: usize| {
            let image = Image { media_type: "image/png".into(), data: "A".repeat(length) };
            let messages = vec![Message { role: Role::User, parts: vec![Part::Image(image)] }];
            input(&ChatRequest { messages, ..ChatRequest::default() })
        };
        assert_eq!(with(10), with(1_000_000));
        assert!(with(10) > IMAGE_TOKENS && with(10) < IMAGE_TOKENS + 200);
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
