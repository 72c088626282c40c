//! What each agent is told to do, and whether it did that.

use serde_json::Value;

use super::fault::{FAULTS, Fault};

/// Name of the tool that agents are told to call; its argument is an integer, `number`.
pub const TOOL: &str = "turn";

/// Bits of the numbers in the plan, so that JSON holds them exactly everywhere.
const BITS: u64 = (1 << 48) - 1;

/// The tool's answer to `number` after it answered `last` before; 0 comes before the first.
#[must_use]
pub fn turn(last: u64, number: u64) -> u64 {
    mixed(last.rotate_left(17) ^ number) & BITS
}

/// A number that looks like chance (the finaliser of SplitMix64).
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

pub(super) fn opening(agent: u64) -> String {
    format!("You are agent {agent}.")
}

pub(super) fn call_id(serial: u64) -> String {
    format!("call_{serial}")
}

pub(super) fn last_word(serial: u64, output: &str) -> String {
    format!("Answer {serial}: {output}")
}

/// The number of the answer and the tool's last output in it.
pub(super) fn read_last_word(words: &str) -> Option<(u64, &str)> {
    let (serial, output) = words.strip_prefix("Answer ")?.split_once(": ")?;
    Some((serial.parse().ok()?, output))
}

/// The plans of all agents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) seed: u64,
    /// Model calls of an agent.
    pub(super) steps: u32,
}

/// Where a conversation is.
pub(super) struct Told {
    pub(super) agent: u64,
    /// Which answer is asked for, from 1.
    pub(super) step: u32,
    /// The numbers of the answers that the conversation holds, in order.
    pub(super) serials: Vec<u64>,
    pub(super) last_output: String,
}

impl Plan {
    pub(super) fn draw(self, of: &[u64]) -> u64 {
        of.iter().fold(mixed(self.seed), |state, part| mixed(state ^ part))
    }

    /// What the tool is called with at a step.
    pub(super) fn number(self, agent: u64, step: u32) -> u64 {
        self.draw(&[1, agent, step.into()]) & BITS
    }

    /// What the tool should say last.
    pub(super) fn last_output(self, agent: u64) -> String {
        (1..self.steps).fold(0, |last, step| turn(last, self.number(agent, step))).to_string()
    }

    /// Tokens of an answer: input, cached ones among them, output. Every attempt has its own.
    pub(super) fn usage(self, agent: u64, step: u32, attempt: u32) -> (u64, u64, u64) {
        let chance = self.draw(&[2, agent, step.into(), attempt.into()]);
        let input = 1000 + chance % 50_000;
        (input, (chance >> 20) % input, 1 + (chance >> 40) % 4000)
    }

    /// What goes wrong with an attempt, if anything does.
    pub(super) fn fault(self, percent: u64, agent: u64, step: u32, attempt: u32) -> Option<Fault> {
        let chance = self.draw(&[3, agent, step.into(), attempt.into()]);
        if chance % 100 >= percent {
            return None;
        }
        let total: u64 = FAULTS.iter().map(|fault| fault.weight()).sum();
        let mut left = (chance >> 32) % total;
        FAULTS.into_iter().find(|fault| {
            let found = left < fault.weight();
            left = left.saturating_sub(fault.weight());
            found
        })
    }

    /// Where the conversation in a request is, if it went by the plan.
    pub(super) fn read(self, body: &[u8]) -> Result<Told, String> {
        let body: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
        let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let said = |role: &'static str| messages.iter().filter(move |message| message["role"] == role);
        let agent: u64 = said("user")
            .find_map(|message| {
                message["content"].as_str()?.strip_prefix("You are agent ")?.strip_suffix('.')
            })
            .and_then(|number| number.parse().ok())
            .ok_or("the conversation does not say whose it is")?;
        let mut told = Told { agent, step: 1, serials: Vec::new(), last_output: "0".to_owned() };
        let mut last = 0;
        let mut results = said("tool");
        for answer in said("assistant") {
            let wrong = |what: &str| format!("agent {agent}, step {}: {what}", told.step);
            let number = self.number(agent, told.step);
            let serial = called(answer, number).ok_or_else(|| wrong("not the call of the plan"))?;
            last = turn(last, number);
            let result = results.next().ok_or_else(|| wrong("no result"))?;
            if result["tool_call_id"] != call_id(serial)
                || result["content"].as_str() != Some(&last.to_string())
            {
                return Err(wrong(&format!("not the result of the plan: {result}")));
            }
            told.serials.push(serial);
            told.step += 1;
        }
        if results.next().is_some() || told.step > self.steps {
            return Err(format!("agent {agent} goes on after its end"));
        }
        told.last_output = last.to_string();
        Ok(told)
    }
}

/// The number of the answer that this message is, if it calls the tool once and with this number.
fn called(message: &Value, number: u64) -> Option<u64> {
    let [call] = message["tool_calls"].as_array()?.as_slice() else { return None };
    let arguments: Value = serde_json::from_str(call["function"]["arguments"].as_str()?).ok()?;
    if call["function"]["name"] != TOOL || arguments["number"] != number {
        return None;
    }
    call["id"].as_str()?.strip_prefix("call_")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLAN: Plan = Plan { seed: 5, steps: 3 };

    fn step(step: u32, serial: u64, output: u64) -> [Value; 2] {
        let arguments = json!({"number": PLAN.number(9, step)}).to_string();
        let function = json!({"name": TOOL, "arguments": arguments});
        [
            json!({"role": "assistant", "tool_calls": [{"id": call_id(serial), "function": function}]}),
            json!({"role": "tool", "tool_call_id": call_id(serial), "content": output.to_string()}),
        ]
    }

    fn read(messages: impl IntoIterator<Item = Value>) -> Result<(u32, Vec<u64>), String> {
        let opening = json!({"role": "user", "content": opening(9)});
        let messages: Vec<Value> = [opening].into_iter().chain(messages).collect();
        let told = PLAN.read(json!({"messages": messages}).to_string().as_bytes())?;
        Ok((told.step, told.serials))
    }

    #[test]
    fn a_conversation_is_read_only_if_it_went_by_the_plan() {
        let first = turn(0, PLAN.number(9, 1));
        let second = turn(first, PLAN.number(9, 2));
        assert_eq!(read([]), Ok((1, vec![])));
        let one = step(1, 70, first);
        let two = step(2, 71, second);
        assert_eq!(read(one.clone().into_iter().chain(two.clone())), Ok((3, vec![70, 71])));
        // Swapped, repeated, without its result, with a result of something else.
        assert!(read(two.clone().into_iter().chain(one.clone())).is_err());
        assert!(read(one.clone().into_iter().chain(one.clone())).is_err());
        assert!(read(one[..1].to_vec()).is_err());
        assert!(read(step(1, 70, first + 1)).is_err());
        assert_eq!(PLAN.last_output(9), second.to_string());
    }

    #[test]
    fn faults_come_as_often_as_told_and_all_of_them() {
        let met: Vec<Fault> = (0..20_000).filter_map(|agent| PLAN.fault(20, agent, 1, 1)).collect();
        assert!((3800..4200).contains(&met.len()), "{}", met.len());
        assert!(FAULTS.iter().all(|fault| met.contains(fault)));
        assert_eq!(PLAN.fault(0, 1, 1, 1), None);
        assert!((0..100).all(|agent| PLAN.fault(100, agent, 1, 1).is_some()));
    }
}
