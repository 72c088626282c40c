//! A model that keeps account of what it costs.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Budget, MicroUsd, PriceTable, Reservation};
use crate::chat::{ChatRequest, ChatResponse, Usage};
use crate::error::{Charged, LlmError};
use crate::estimate;
use crate::model::ChatModel;

/// Wraps a model: holds a reservation of the budget while a call runs, settles it with the tokens that the
/// endpoint counted, and writes the cost into the answer, or into the error where an answer of no use was paid for.
/// Where a limit is to be kept, a request without a bound of its answer gets the one that is reserved for.
pub struct Metered {
    inner: Arc<dyn ChatModel>,
    model_name: String,
    prices: PriceTable,
    budget: Budget,
}

impl Metered {
    /// Charges calls of `inner` to `budget` at the price of `model_name`.
    pub fn new(
        inner: Arc<dyn ChatModel>,
        model_name: impl Into<String>,
        prices: PriceTable,
        budget: Budget,
    ) -> Self {
        Self { inner, model_name: model_name.into(), prices, budget }
    }

    /// Fails if a limit is set that could not be kept because the model's price is not known.
    pub(crate) fn check_price(&self) -> Result<(), LlmError> {
        if !self.budget.is_limited() || self.prices.price(&self.model_name).is_some() {
            return Ok(());
        }
        Err(LlmError::Mistake(format!(
            "a budget is set, but the price of model {:?} is not known, so the limit could not be kept: give a price \
             file with an entry of that name, or leave the budget out",
            self.model_name
        )))
    }

    /// Asks with the bound of the answer that is reserved for: without one, no reservation would be enough.
    async fn ask(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        if !self.budget.is_limited() {
            return self.inner.complete(request).await;
        }
        let longest = u32::try_from(estimate::longest_output(request)).unwrap_or(u32::MAX);
        self.inner.complete_within(request, longest).await
    }

    /// An answer of no use is paid for all the same.
    fn booked(&self, error: LlmError, reservation: Reservation) -> LlmError {
        match error {
            LlmError::Charged(mut charged) => {
                charged.cost = self.prices.cost(&self.model_name, &charged.usage);
                reservation.settle(charged.cost.unwrap_or_default());
                LlmError::Charged(charged)
            }
            free => free,
        }
    }
}

#[async_trait]
impl ChatModel for Metered {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        self.check_price()?;
        let estimate = self.prices.ceiling(&self.model_name, &largest_usage(request));
        let reservation = self.budget.reserve_when_free(estimate.unwrap_or_default()).await?;
        let mut response = match self.ask(request).await {
            Ok(response) => response,
            Err(error) => return Err(self.booked(error, reservation)),
        };
        response.cost = self.prices.cost(&self.model_name, &charged_usage(request, &response));
        reservation.settle(response.cost.unwrap_or_default());
        Ok(response)
    }
}

/// The most that a call is expected to use: all of its input may be written to a cache, which can cost extra.
fn largest_usage(request: &ChatRequest) -> Usage {
    let input_tokens = estimate::input(request);
    Usage {
        input_tokens,
        cache_write_tokens: input_tokens,
        output_tokens: estimate::longest_output(request),
        ..Usage::default()
    }
}

/// What the endpoint counted. A call always uses tokens, so a count of zero means that the endpoint keeps none,
/// and the call is charged by its length instead of as free.
fn charged_usage(request: &ChatRequest, response: &ChatResponse) -> Usage {
    if response.usage != Usage::default() {
        return response.usage;
    }
    Usage {
        input_tokens: estimate::input(request),
        output_tokens: estimate::answer(&response.message),
        ..Usage::default()
    }
}

/// A replayed model: every answer was paid for when it was recorded.
pub(crate) struct Prepaid<M>(pub(crate) M);

#[async_trait]
impl<M: ChatModel> ChatModel for Prepaid<M> {
    async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        match self.0.complete(request).await {
            Ok(response) => Ok(ChatResponse { cost: Some(MicroUsd(0)), ..response }),
            Err(LlmError::Charged(charged)) => {
                Err(LlmError::Charged(Box::new(Charged { cost: Some(MicroUsd(0)), ..*charged })))
            }
            Err(error) => Err(error),
        }
    }
}
