//! An endpoint out of order: it answers agents by a plan, and a share of its answers goes wrong on the way.
//!
//! Every agent has a plan of its own: each answer calls the tool [`TOOL`] with a number, the tool answers with
//! [`turn`] of that number and its last answer, and the last answer is a text with what the tool said last. So an
//! answer that is lost, repeated or given to somebody else shows in the conversation, and the endpoint compares every
//! conversation with the plan. It keeps a [`Ledger`] of what it charged, and reads in the conversations which of its
//! answers arrived. What goes wrong depends on the seed, the agent, the step and the attempt alone, not on the order of
//! events.

mod fault;
mod ledger;
mod plan;

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

pub use fault::{FAULTS, Fault};
pub use ledger::{Count, Ledger};
pub use plan::{TOOL, turn};

use crate::http::{Reply, Server};
use plan::Plan;

/// An endpoint of Chat Completions that fails as often as it is told to.
#[derive(Debug)]
pub struct Chaos {
    server: Server,
    ledger: Arc<Mutex<Ledger>>,
    plan: Plan,
}

impl Chaos {
    /// Answers agents of `steps` model calls each; of a hundred requests, about `percent` meet a fault.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(seed: u64, steps: u32, percent: u64) -> io::Result<Self> {
        let plan = Plan { seed, steps };
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let book = Arc::clone(&ledger);
        let answer = move |body: &[u8]| answer(plan, percent, &mut locked(&book), body);
        Ok(Self { server: Server::start(answer).await?, ledger, plan })
    }

    /// The base URL, with its version part.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    /// The first message of the user in the conversation of agent `number`.
    #[must_use]
    pub fn opening(number: u64) -> String {
        plan::opening(number)
    }

    /// Whether these are the last words that agent `number` should have been told. The answer to the last call is
    /// thereby known to have arrived.
    #[must_use]
    pub fn is_last_word(&self, number: u64, words: &str) -> bool {
        let Some((serial, rest)) = plan::read_last_word(words) else { return false };
        locked(&self.ledger).arrived(number, self.plan.steps, serial);
        rest == self.plan.last_output(number)
    }

    /// What the endpoint did so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        locked(&self.ledger).clone()
    }
}

/// Every change leaves the ledger whole.
fn locked(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(plan: Plan, percent: u64, ledger: &mut Ledger, body: &[u8]) -> Reply {
    let told = match plan.read(body) {
        Ok(told) => told,
        Err(problem) => {
            ledger.problems.push(problem.clone());
            let error = json!({"error": {"message": problem, "type": "invalid_request_error"}});
            return Reply::json(400, "", &error.to_string());
        }
    };
    for (step, serial) in (1_u32..).zip(&told.serials) {
        ledger.arrived(told.agent, step, *serial);
    }
    let attempt = ledger.attempt(told.agent, told.step);
    let fault = plan.fault(percent, told.agent, told.step, attempt);
    if let Some(fault) = fault {
        ledger.met(fault, told.agent, told.step);
    }
    let serial = if fault.is_none_or(Fault::is_charged) {
        ledger.charge(told.agent, told.step, plan.usage(told.agent, told.step, attempt))
    } else {
        0
    };
    let completion = completion(plan, &told, serial, ledger.usage_of(serial));
    match fault {
        None => Reply::json(200, "", &completion),
        Some(fault) => {
            fault.reply(&completion, plan.draw(&[told.agent, u64::from(told.step), attempt.into()]))
        }
    }
}

fn completion(plan: Plan, told: &plan::Told, serial: u64, usage: (u64, u64, u64)) -> String {
    let (message, finish): (Value, &str) = if told.step < plan.steps {
        let arguments = json!({"number": plan.number(told.agent, told.step)}).to_string();
        let call = json!({"id": plan::call_id(serial), "type": "function",
            "function": {"name": TOOL, "arguments": arguments}});
        (json!({"role": "assistant", "content": null, "tool_calls": [call]}), "tool_calls")
    } else {
        (json!({"role": "assistant", "content": plan::last_word(serial, &told.last_output)}), "stop")
    };
    let (input, cached, output) = usage;
    json!({
        "id": format!("chatcmpl-{serial}"), "object": "chat.completion", "model": "chaos",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
            "prompt_tokens_details": {"cached_tokens": cached}},
    })
    .to_string()
}
