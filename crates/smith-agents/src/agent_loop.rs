//! The loop of model calls and tool calls: one request, one answer, its tools, and again.
//!
//! Every event is recorded before it is acted on, so that a process that is killed at any moment
//! leaves a journal from which the next one goes on: a model call that was answered is recalled and
//! not paid again, and the tools that it asked for are carried out again on a work directory that
//! was put back to the beginning of the attempt. What the model is shown then is what it was shown
//! before, so the conversation stays the same to the byte.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};
use smith_llm::{
    ChatModel, ChatRequest, ChatResponse, FinishReason, GrowingFingerprint, LlmError, Message, Sampling,
    ToolCall, ToolResult,
};
use smith_prompts::PromptId;
use smith_task_schema::event;
use smith_task_schema::{CallKey, Event, FoldedResult, RecallModelCall, StageContext, StageEnd, StageError};
use tracing::{Instrument, Span};

use crate::folding::{Fit, Folded, Folding, Measure};
use crate::tool::Effect;
use crate::toolbox::{Reply, Toolbox};

/// How many steps before the end the model is told that few are left.
const WARN_AT: u32 = 3;

/// What is said after an endpoint's own words where nothing can be done about them.
const NOTHING_TO_FOLD: &str = "no old result of a tool is left to fold; use a model with a larger window";

/// A conversation on its way: what was said, how much of it the journal holds, how many calls were made.
#[derive(Debug, Clone, Default)]
pub struct Conversation {
    /// The next request: a conversation is long, and copied for every call it would cost the square of its steps.
    request: ChatRequest,
    fingerprint: GrowingFingerprint,
    recorded: usize,
    steps: u32,
    /// The model's last text, also across several runs of the loop.
    note: String,
    measure: Measure,
}

impl Conversation {
    /// A conversation that opens with an instruction and a first message of the user.
    pub fn open(instruction: impl Into<String>, first: impl Into<String>) -> Self {
        let messages = vec![Message::system(instruction), Message::user(first)];
        Self { request: ChatRequest { messages, ..ChatRequest::default() }, ..Self::default() }
    }

    /// Kept within a window; without this, within the one of a model of which nothing is known.
    #[must_use]
    pub fn within(mut self, folding: Folding) -> Self {
        self.measure = Measure::new(folding);
        self
    }

    /// What the next request is known by.
    fn fingerprint(&mut self) -> String {
        self.fingerprint.of(&self.request)
    }

    /// Makes room where it is needed, and keeps count of what the request comes to.
    fn make_room(&mut self, toolbox: &Toolbox) -> Fit {
        let fit = self.measure.make_room(&mut self.request.messages, toolbox);
        if !matches!(fit, Fit::Fits(None)) {
            self.fingerprint.forget();
        }
        self.request.expected_input = Some(self.measure.expected());
        fit
    }

    /// The same after the endpoint found the request too long.
    fn make_room_after_refusal(&mut self, toolbox: &Toolbox) -> Option<Folded> {
        let folded = self.measure.make_room_after_refusal(&mut self.request.messages, toolbox);
        self.fingerprint.forget();
        self.request.expected_input = Some(self.measure.expected());
        folded
    }

    /// Adds a message of the user, for instance what is wrong with the last answer.
    pub fn say(&mut self, text: impl Into<String>) {
        self.request.messages.push(Message::user(text));
    }

    /// Model calls so far.
    #[must_use]
    pub fn steps(&self) -> u32 {
        self.steps
    }
}

/// How a run of the loop ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoopEnd {
    /// Finished, or out of steps.
    pub end: StageEnd,
    /// The model's last text.
    pub note: String,
}

/// The fixed parts of an agent's conversation.
pub struct AgentLoop<'a> {
    /// The model that answers.
    pub model: Arc<dyn ChatModel>,
    /// What it can do.
    pub toolbox: &'a Toolbox,
    /// Where events go, and which attempt this is.
    pub cx: &'a StageContext,
    /// Exact upper bound of the model calls of one conversation.
    pub max_steps: u32,
    /// How answers are drawn.
    pub sampling: Sampling,
    /// Name of a tool whose first accepted call ends the conversation.
    pub ends_with: Option<&'a str>,
}

impl AgentLoop<'_> {
    /// Goes on until the model answers without a tool call, or the steps are spent.
    ///
    /// # Errors
    /// [`StageError`] for faults, mistakes and a spent money budget; never for what the model says.
    pub async fn run(&self, conversation: &mut Conversation) -> Result<LoopEnd, StageError> {
        let span = self.span();
        self.converse(conversation).instrument(span).await
    }

    /// A span of the GenAI semantic conventions around the calls and tools of one conversation.
    fn span(&self) -> Span {
        let stage = self.cx.stage;
        tracing::info_span!(
            "invoke_agent",
            otel.name = %format_args!("invoke_agent {stage}"),
            gen_ai.operation.name = "invoke_agent",
            gen_ai.agent.name = %stage,
            gen_ai.conversation.id = %self.label(),
        )
    }

    async fn converse(&self, conversation: &mut Conversation) -> Result<LoopEnd, StageError> {
        self.frame(&mut conversation.request);
        conversation.fingerprint.forget();
        conversation.measure.frame(&conversation.request);
        while conversation.steps < self.max_steps {
            conversation.steps += 1;
            let key = self.key(conversation.steps);
            let answer = match self.ask_within_window(key, conversation).await? {
                Asked::Answer(answer) => *answer,
                Asked::TooLong(why) | Asked::Ended(why) => {
                    return Ok(LoopEnd { end: StageEnd::StepsSpent, note: why });
                }
            };
            conversation.measure.learn(&answer.response.usage);
            conversation.recorded = conversation.request.messages.len() + 1;
            let said = answer.response.message.text();
            if !said.trim().is_empty() {
                conversation.note = said;
            }
            let calls: Vec<ToolCall> = answer.response.message.tool_calls().cloned().collect();
            let cut = answer.response.finish == FinishReason::Length;
            conversation.request.messages.push(visible(answer.response.message));
            if calls.is_empty() {
                if note_is_final(conversation, cut) {
                    return Ok(LoopEnd { end: StageEnd::Finished, note: conversation.note.clone() });
                }
                conversation.say(prompt(PromptId::EmptyAnswer, &json!({"cut": cut}))?);
                continue;
            }
            if self.carry_out(key, &calls, answer.recalled.as_ref(), conversation).await? {
                return Ok(LoopEnd { end: StageEnd::Finished, note: conversation.note.clone() });
            }
            let left = self.max_steps - conversation.steps;
            if left == WARN_AT && self.max_steps > WARN_AT {
                conversation.say(prompt(PromptId::StepsLeft, &json!({"steps_left": left}))?);
            }
        }
        Ok(LoopEnd { end: StageEnd::StepsSpent, note: conversation.note.clone() })
    }

    fn key(&self, step: u32) -> CallKey {
        CallKey { stage: self.cx.stage, round: self.cx.round, attempt: self.cx.attempt, step }
    }

    /// Everything of a request but its conversation.
    fn frame(&self, request: &mut ChatRequest) {
        request.tools = self.toolbox.specs();
        self.sampling.apply(request);
        request.label = Some(self.label());
    }

    /// Name of the conversation.
    fn label(&self) -> String {
        let StageContext { candidate, stage, round, attempt, .. } = self.cx;
        format!("{candidate} {stage} round {round} attempt {attempt}")
    }

    /// Asks the model after making room. Where the endpoint finds the conversation too long all the same, as much is folded
    /// as may be, and it is asked once more.
    async fn ask_within_window(
        &self,
        key: CallKey,
        conversation: &mut Conversation,
    ) -> Result<Asked, StageError> {
        let folded = match conversation.make_room(self.toolbox) {
            Fit::Fits(folded) => folded,
            Fit::TooLong(why) => return Ok(Asked::Ended(why)),
        };
        if let Some(then) = self.refused_then(&key, conversation) {
            *conversation = then;
            return self.ask(key, None, conversation).await;
        }
        let why = match self.ask(key, folded.as_ref(), conversation).await? {
            Asked::TooLong(why) => why,
            asked => return Ok(asked),
        };
        tracing::warn!(%key, why, "folding harder and asking again");
        let Some(folded) = conversation.make_room_after_refusal(self.toolbox) else {
            return Ok(Asked::Ended(format!("{why}; {NOTHING_TO_FOLD}")));
        };
        self.ask(key, Some(&folded), conversation).await
    }

    /// The conversation as an earlier process sent it after the endpoint had found this request too long: only the answer
    /// to the one that was folded harder is in the journal.
    fn refused_then(&self, key: &CallKey, conversation: &mut Conversation) -> Option<Conversation> {
        let recalled = self.cx.recall.recall(key)?;
        if recalled.fingerprint == conversation.fingerprint() {
            return None;
        }
        let mut then = conversation.clone();
        then.make_room_after_refusal(self.toolbox)?;
        (then.fingerprint() == recalled.fingerprint).then_some(then)
    }

    /// Asks the model, unless an earlier process was already answered.
    async fn ask(
        &self,
        key: CallKey,
        folded: Option<&Folded>,
        conversation: &mut Conversation,
    ) -> Result<Asked, StageError> {
        let fingerprint = conversation.fingerprint();
        let request = &conversation.request;
        if let Some(recalled) = self.recall(&key, &fingerprint) {
            return Ok(recalled);
        }
        if let Some(folded) = folded {
            self.cx.recorder.record(folding_event(key, folded))?;
        }
        self.cx.recorder.record(Event::ModelCallStarted { key, fingerprint: fingerprint.clone() })?;
        let started = Instant::now();
        match self.model.complete(request).await {
            Ok(response) => {
                let call = event::ModelCall {
                    key,
                    fingerprint,
                    appended: appended(request, conversation.recorded),
                    response: serde_json::to_value(&response).unwrap_or(Value::Null),
                    input_tokens: response.usage.input_tokens,
                    cached_tokens: response.usage.cached_tokens,
                    output_tokens: response.usage.output_tokens,
                    reasoning_tokens: response.usage.reasoning_tokens,
                    cost_micro_usd: response.cost.map(|cost| cost.0),
                    seconds: started.elapsed().as_secs_f64(),
                };
                self.cx.recorder.record(Event::ModelCallFinished(Box::new(call)))?;
                Ok(Asked::Answer(Box::new(Answer { response, recalled: None })))
            }
            Err(error) => {
                let charge = charge(&error);
                self.cx.recorder.record(Event::ModelCallFailed { key, error: error.to_string(), charge })?;
                self.failed(&error, conversation.steps == 1)
            }
        }
    }

    /// A recalled answer counts only when exactly the same was asked.
    fn recall(&self, key: &CallKey, fingerprint: &str) -> Option<Asked> {
        let recalled = self.cx.recall.recall(key)?;
        if recalled.fingerprint != fingerprint {
            tracing::warn!(%key, "the journal holds an answer to another request; asking again");
            return None;
        }
        let response = serde_json::from_value(recalled.response.clone()).ok()?;
        Some(Asked::Answer(Box::new(Answer { response, recalled: Some(recalled) })))
    }

    /// A refusal ends the attempt, as it would end it again, and so does a history that
    /// the endpoint stops accepting after it took the `first` request; the rest ends the stage.
    fn failed(&self, error: &LlmError, first: bool) -> Result<Asked, StageError> {
        match error.cause() {
            LlmError::ContextLength(_) => Ok(Asked::TooLong(error.to_string())),
            LlmError::Refused(_) => Ok(Asked::Ended(error.to_string())),
            LlmError::NotAccepted(_) if !first => Ok(Asked::Ended(error.to_string())),
            LlmError::Mistake(_) | LlmError::NotAccepted(_) => Err(StageError::Mistake(error.to_string())),
            LlmError::BudgetReached { .. } => Err(StageError::BudgetReached(error.to_string())),
            _ => Err(StageError::Fault { stage: self.cx.stage, message: error.to_string() }),
        }
    }

    /// Carries out the calls of one answer in order. True when the conversation ends with them.
    async fn carry_out(
        &self,
        key: CallKey,
        calls: &[ToolCall],
        recalled: Option<&RecallModelCall>,
        conversation: &mut Conversation,
    ) -> Result<bool, StageError> {
        let mut ended = false;
        for (position, call) in calls.iter().enumerate() {
            // By position, because a model may give one identifier to two calls.
            let known = recalled
                .and_then(|step| step.tools.get(position))
                .filter(|(id, _)| *id == call.id)
                .map(|(_, known)| known);
            let reply = match known {
                Some(known) => {
                    if self.toolbox.effect(&call.name) == Effect::Changes {
                        self.act(call).await?;
                    }
                    Reply { text: known.output.clone(), is_error: known.is_error }
                }
                None => self.act_recorded(key, call, &conversation.measure).await?,
            };
            ended |= !reply.is_error && self.ends_with == Some(call.name.as_str());
            conversation.request.messages.push(Message::tool_result(ToolResult {
                call_id: call.id.clone(),
                name: call.name.clone(),
                content: reply.text,
                is_error: reply.is_error,
            }));
        }
        Ok(ended)
    }

    async fn act_recorded(
        &self,
        key: CallKey,
        call: &ToolCall,
        measure: &Measure,
    ) -> Result<Reply, StageError> {
        self.cx.recorder.record(Event::ToolCallStarted {
            key,
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: serde_json::to_value(&call.arguments).unwrap_or(Value::Null),
        })?;
        let started = Instant::now();
        let mut reply = self.act(call).await?;
        reply.text = measure.cut(reply.text);
        self.cx.recorder.record(Event::ToolCallFinished(Box::new(event::ToolCall {
            key,
            id: call.id.clone(),
            name: call.name.clone(),
            output: reply.text.clone(),
            is_error: reply.is_error,
            seconds: started.elapsed().as_secs_f64(),
        })))?;
        Ok(reply)
    }

    async fn act(&self, call: &ToolCall) -> Result<Reply, StageError> {
        let fault = |message| StageError::Fault { stage: self.cx.stage, message };
        self.toolbox.call(call).instrument(tool_span(call)).await.map_err(fault)
    }
}

/// A span of the GenAI semantic conventions; neither arguments nor results are in it. A name that the model made up may be
/// of any length.
fn tool_span(call: &ToolCall) -> Span {
    let name = call.name.get(..call.name.floor_char_boundary(64)).unwrap_or_default();
    tracing::info_span!(
        "execute_tool",
        otel.name = %format_args!("execute_tool {name}"),
        gen_ai.operation.name = "execute_tool",
        gen_ai.tool.name = name,
        gen_ai.tool.r#type = "function",
    )
}

enum Asked {
    Answer(Box<Answer>),
    /// The endpoint found the conversation too long.
    TooLong(String),
    /// The attempt is over.
    Ended(String),
}

struct Answer {
    response: ChatResponse,
    recalled: Option<RecallModelCall>,
}

/// What was folded, for the journal.
fn folding_event(key: CallKey, folded: &Folded) -> Event {
    tracing::info!(
        %key,
        results = folded.results.len(),
        tokens_before = folded.before,
        tokens_after = folded.after,
        "old results of tools were folded"
    );
    let results = folded.results.iter();
    Event::ConversationFolded {
        key,
        results: results
            .map(|(message, text)| FoldedResult { message: *message, text: text.clone() })
            .collect(),
        tokens_before: folded.before,
        tokens_after: folded.after,
    }
}

/// What was paid for an answer of no use.
fn charge(error: &LlmError) -> Option<Box<event::Charge>> {
    let (usage, cost) = error.charge()?;
    Some(Box::new(event::Charge {
        input_tokens: usage.input_tokens,
        cached_tokens: usage.cached_tokens,
        output_tokens: usage.output_tokens,
        reasoning_tokens: usage.reasoning_tokens,
        cost_micro_usd: cost.map(|cost| cost.0),
    }))
}

/// What of a request the journal does not hold yet: at first everything, later the new messages.
fn appended(request: &ChatRequest, recorded: usize) -> Value {
    if recorded == 0 {
        return serde_json::to_value(request).unwrap_or(Value::Null);
    }
    json!({ "messages": request.messages.get(recorded..).unwrap_or_default() })
}

/// An assistant's turn with nothing in it is refused by most endpoints when it is sent back.
fn visible(message: Message) -> Message {
    if message.tool_calls().next().is_none() && message.text().trim().is_empty() {
        return Message::assistant("(empty answer)");
    }
    message
}

/// The last answer ends the conversation when it says something and was not cut off.
fn note_is_final(conversation: &Conversation, cut: bool) -> bool {
    let said = conversation.request.messages.last().map(Message::text).unwrap_or_default();
    !cut && !said.trim().is_empty() && said != "(empty answer)"
}

/// A prompt that cannot be rendered is a fault of this build, reported and not panicked over.
pub(crate) fn prompt(id: PromptId, variables: &Value) -> Result<String, StageError> {
    smith_prompts::render(id, variables).map_err(|error| StageError::Mistake(error.to_string()))
}
