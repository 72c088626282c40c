//! What calls cost and when they are not made.

use std::sync::Arc;

use smith_llm::{
    Budget, ChatModel, ChatRequest, ChatResponse, FinishReason, LlmError, Message, Metered, MicroUsd,
    PriceTable, Usage,
};

use crate::support::opening;

/// A dollar for a million tokens sent, ten for a million received: one and ten micro-USD a token.
const PRICES: &str = "[[model]]\nname = 'm'\ninput = 1_000_000\noutput = 10_000_000\neffective_from = '2026-01-01'\n\
                      source = 'test'\n";

struct Fixed(Result<Usage, LlmError>);

#[async_trait::async_trait]
impl ChatModel for Fixed {
    async fn complete(&self, _: &ChatRequest) -> Result<ChatResponse, LlmError> {
        let usage = self.0.clone()?;
        let message = Message::assistant("x".repeat(360));
        Ok(ChatResponse {
            message,
            finish: FinishReason::Stop,
            usage,
            model: "other".into(),
            cost: None,
            warnings: Vec::new(),
        })
    }
}

fn metered(usage: Result<Usage, LlmError>, prices: &str, budget: &Budget) -> Metered {
    Metered::new(Arc::new(Fixed(usage)), "m", PriceTable::parse(prices).unwrap(), budget.clone())
}

fn usage(input_tokens: u64, output_tokens: u64) -> Result<Usage, LlmError> {
    Ok(Usage { input_tokens, output_tokens, ..Usage::default() })
}

fn request(max_output_tokens: Option<u32>) -> ChatRequest {
    ChatRequest { messages: opening("hi"), max_output_tokens, ..ChatRequest::default() }
}

#[tokio::test]
async fn a_call_is_charged_for_the_tokens_that_were_counted() {
    let budget = Budget::new(None, MicroUsd(5));
    let response = metered(usage(30, 4), PRICES, &budget).complete(&request(None)).await.unwrap();
    assert_eq!((response.cost, budget.spent()), (Some(MicroUsd(70)), MicroUsd(75)));
}

#[tokio::test]
async fn a_call_that_could_cost_more_than_is_left_is_not_made() {
    // The output alone: 8192 tokens if nothing bounds it, at ten micro-USD each; the input costs a little more.
    for (limit, max_output, made) in
        [(81_920, None, false), (83_000, None, true), (1_000, Some(100), false), (2_000, Some(100), true)]
    {
        let budget = Budget::new(Some(MicroUsd(limit)), MicroUsd(0));
        let outcome = metered(usage(1, 1), PRICES, &budget).complete(&request(max_output)).await;
        assert_eq!(outcome.is_ok(), made, "{limit} {max_output:?}");
        assert_eq!(budget.spent(), MicroUsd(if made { 11 } else { 0 }));
        if !made {
            let text = outcome.unwrap_err().to_string();
            assert!(text.starts_with(&format!("the budget of {} is reached", MicroUsd(limit))), "{text}");
        }
    }
}

#[tokio::test]
async fn a_call_that_fails_costs_nothing() {
    let budget = Budget::new(Some(MicroUsd(100_000)), MicroUsd(0));
    let model = metered(Err(LlmError::Fault("down".into())), PRICES, &budget);
    for _ in 0..3 {
        assert_eq!(model.complete(&request(None)).await, Err(LlmError::Fault("down".into())));
    }
    assert_eq!(budget.spent(), MicroUsd(0));
    assert!(budget.reserve(MicroUsd(100_000)).is_ok());
}

#[tokio::test]
async fn an_endpoint_that_counts_nothing_is_charged_by_length() {
    let budget = Budget::default();
    let response = metered(usage(0, 0), PRICES, &budget).complete(&request(None)).await.unwrap();
    let cost = response.cost.unwrap();
    // 360 bytes of answer are a hundred tokens at least, at ten micro-USD each, and hardly more than one a byte.
    assert!(cost > MicroUsd(1_000) && cost < MicroUsd(4_000), "{cost}");
    assert_eq!((budget.spent(), response.usage), (cost, Usage::default()));
}

#[tokio::test]
async fn without_a_price_the_cost_is_unknown_and_no_limit_can_be_kept() {
    let budget = Budget::default();
    let response = metered(usage(3, 4), "", &budget).complete(&request(None)).await.unwrap();
    assert_eq!((response.cost, budget.spent()), (None, MicroUsd(0)));
    let limited = Budget::new(Some(MicroUsd(1)), MicroUsd(0));
    let outcome = metered(usage(3, 4), "", &limited).complete(&request(None)).await;
    assert!(matches!(outcome, Err(LlmError::Mistake(text)) if text.contains("give a price file")));
}
