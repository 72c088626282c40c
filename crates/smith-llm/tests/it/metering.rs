//! What calls cost and when they are not made.

use std::sync::Arc;

use serde_json::json;
use smith_llm::{
    Budget, ChatModel, ChatRequest, ChatResponse, ConnectOptions, Effort, FinishReason, LlmError, Message,
    Metered, MicroUsd, PriceTable, Reasoning, RetryPolicy, Secret, Usage, connect,
};

use crate::support::{Memory, connected, http, opening, options, says};

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

/// Keeps the requests that reach the model behind the meter.
struct Asked(std::sync::Mutex<Vec<ChatRequest>>);

#[async_trait::async_trait]
impl ChatModel for Asked {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        self.0.lock().unwrap().push(request.clone());
        Fixed(usage(1, 1)).complete(request).await
    }
}

/// What is reserved is a bound only if the provider is told it; without a limit nobody is told anything.
#[tokio::test]
async fn the_bound_that_is_reserved_for_is_sent() {
    let effort = |effort| Some(Reasoning::Effort(effort));
    let unlimited = Budget::default();
    let limited = Budget::new(None, MicroUsd(0)).child(Some(MicroUsd(10_000_000)), MicroUsd(0));
    for (budget, reasoning, asked, sent) in [
        (&unlimited, None, None, None),
        (&unlimited, None, Some(7), Some(7)),
        (&limited, None, None, Some(8192)),
        (&limited, None, Some(7), Some(7)),
        (&limited, effort(Effort::High), None, Some(8192 + 32_768)),
        (&limited, Some(Reasoning::Budget(1000)), None, Some(9192)),
    ] {
        let behind = Arc::new(Asked(Default::default()));
        let model = Metered::new(behind.clone(), "m", PriceTable::parse(PRICES).unwrap(), budget.clone());
        let request = ChatRequest { reasoning, ..request(asked) };
        model.complete(&request).await.unwrap();
        let reached = behind.0.lock().unwrap().remove(0);
        assert_eq!(reached.max_output_tokens, sent);
        assert_eq!(ChatRequest { max_output_tokens: asked, ..reached }, request, "nothing else is changed");
    }
}

/// The words under which each wire bounds an answer, thoughts included.
#[tokio::test]
async fn every_dialect_sends_the_bound() {
    for (spec, bound) in [
        ("openai:gpt-4o", "/max_completion_tokens"),
        ("openai-responses:gpt-5", "/max_output_tokens"),
        ("anthropic:claude-sonnet-5", "/max_tokens"),
        ("gemini:gemini-3.8-flash", "/generationConfig/maxOutputTokens"),
    ] {
        let transport = Memory::new(|_, _| Ok(http(200, &[], "{}")));
        let options = ConnectOptions {
            api_key: Some(Secret::new("a key")),
            budget: Budget::new(Some(MicroUsd(10_000_000)), MicroUsd(0)),
            ..options(&transport)
        };
        let connection = connect(&spec.parse().unwrap(), options).unwrap();
        // The answer is of no interest.
        let _ = connection.model.complete(&request(None)).await;
        let sent = transport.requests().remove(0).json();
        assert_eq!(sent.pointer(bound), Some(&8192.into()), "{spec}");
    }
}

#[tokio::test]
async fn answers_of_no_use_are_booked_when_the_endpoint_counted_tokens() {
    let counted = json!({"prompt_tokens": 40, "completion_tokens": 6});
    let refusal = json!({"choices": [{"message": {"refusal": "I will not."}}], "usage": counted}).to_string();
    let unreadable = json!({"choices": [], "usage": counted}).to_string();
    let unpaid = json!({"choices": []}).to_string();
    let gateway = json!({"error": {"message": "overloaded", "code": 503}, "usage": counted}).to_string();
    for (answers, kind, cost) in [
        (vec![refusal], "refused", Some(100)),
        (vec![unreadable], "fault", Some(100)),
        (vec![unpaid], "fault", None),
        (vec!["{\"choices\": [{\"mess".to_owned()], "fault", None),
        // Every attempt that was counted is paid for, also when the last one says nothing of tokens.
        (vec![gateway.clone(), gateway.clone()], "fault", Some(200)),
    ] {
        let (attempts, script) = (answers.len(), answers.clone());
        let transport = Memory::new(move |number, _| Ok(http(200, &[], script[number].as_str())));
        let budget = Budget::new(Some(MicroUsd(1_000_000)), MicroUsd(0));
        let options = ConnectOptions {
            prices: PriceTable::parse(PRICES).unwrap(),
            budget: budget.clone(),
            retry: RetryPolicy {
                max_attempts: attempts as u32,
                base_delay: std::time::Duration::ZERO,
                ..RetryPolicy::default()
            },
            ..options(&transport)
        };
        let error = connected(options).model.complete(&request(None)).await.unwrap_err();
        let found = match error.cause() {
            LlmError::Refused(_) => "refused",
            LlmError::Fault(_) => "fault",
            other => panic!("{other:?}"),
        };
        assert_eq!(found, kind, "{error}");
        assert_eq!(
            error.charge().map(|(_, cost)| cost),
            cost.map(|cost| Some(MicroUsd(cost))),
            "{answers:?}"
        );
        assert_eq!(budget.spent(), MicroUsd(cost.unwrap_or(0)));
        assert!(budget.reserve(MicroUsd(1_000_000 - cost.unwrap_or(0))).is_ok(), "nothing stays reserved");
    }
    // An attempt that was counted and the one that came through are one call.
    let answer = says("at last");
    let transport = Memory::new(move |number, _| {
        Ok(if number == 0 { http(200, &[], gateway.as_str()) } else { answer.clone() })
    });
    let options = ConnectOptions {
        prices: PriceTable::parse(PRICES).unwrap(),
        retry: RetryPolicy { base_delay: std::time::Duration::ZERO, ..RetryPolicy::default() },
        ..options(&transport)
    };
    let response = connected(options).model.complete(&request(None)).await.unwrap();
    assert_eq!((response.usage.input_tokens, response.cost), (50, Some(MicroUsd(50 + 110))));
}

#[tokio::test]
async fn a_connection_is_charged_to_whom_one_says() {
    let transport = Memory::new(|_, _| Ok(says("hello")));
    let options = ConnectOptions { prices: PriceTable::parse(PRICES).unwrap(), ..options(&transport) };
    let connection = connected(options);
    let run = Budget::default();
    let candidates = [run.child(None, MicroUsd(0)), run.child(Some(MicroUsd(1)), MicroUsd(0))];
    connection.charged_to(&candidates[0]).complete(&request(None)).await.unwrap();
    let refused = connection.charged_to(&candidates[1]).complete(&request(None)).await.unwrap_err();
    assert!(matches!(refused, LlmError::BudgetReached { .. }), "{refused}");
    assert_eq!([&run, &candidates[0], &candidates[1]].map(|account| account.spent().0), [60, 60, 0]);
    assert_eq!(candidates[1].refused_at(), Some(0));
}
