//! One list of scenarios for every dialect, and a way to record them from live endpoints.
//!
//! The crate's tests play the list against servers that are written after documentation. [`record`] plays it against a
//! real endpoint, one recording a scenario, and [`replay`] plays it again from those recordings, without key or network.
//! Recordings hold no headers and no host; identifiers of requests, accounts and organisations are taken out, too.

mod judge;
mod run;
mod scrub;

use serde_json::{Value, json};

use crate::chat::{
    ChatRequest, Effort, Image, Message, OutputSchema, Part, Reasoning, Role, ToolArguments, ToolCall,
    ToolResult, ToolSpec,
};

pub use run::{Report, Verdict, record, replay};

/// Something that every dialect must be able to do.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Scenario {
    /// Name, unique in the list.
    pub name: &'static str,
    /// What is asked first.
    pub request: ChatRequest,
    /// How it is brought about on a live endpoint.
    pub way: Way,
}

/// How a scenario is brought about on a live endpoint, and with it what must come of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// By asking: the answer is text.
    Text,
    /// By asking: the answer makes at least so many calls.
    Calls(usize),
    /// By asking: text or calls.
    Anything,
    /// By asking: the answer is cut at its longest length.
    Cut,
    /// By asking twice: the second time, tokens come from the cache.
    Cached,
    /// By asking: the answer is JSON that fits the schema.
    Shaped,
    /// By asking a model that thinks: a thought comes, or its tokens are counted.
    Thought,
    /// By asking a model that thinks, and going on with what it thought.
    GoesBack,
    /// With a key that is none.
    WrongKey,
    /// With a model's name that nobody has.
    WrongModel,
    /// With more text than the window holds, which can cost money if it is accepted: only where it is asked for by name.
    TooLong,
    /// Not at all; why not.
    Never(&'static str),
}

/// The list, in the order in which it is played.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let mut all = answers();
    all.extend(tools());
    all.extend(beyond_text());
    all.extend(failures());
    all
}

/// The scenario of this name.
#[must_use]
pub fn scenario(name: &str) -> Option<Scenario> {
    scenarios().into_iter().find(|scenario| scenario.name == name)
}

const HELLO: &str = "Say hello in one short sentence.";

fn user(words: &str) -> ChatRequest {
    ChatRequest { messages: vec![Message::user(words)], ..ChatRequest::default() }
}

fn with_tool(mut request: ChatRequest) -> ChatRequest {
    let parameters =
        json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]});
    request.tools = vec![ToolSpec { name: "ls".into(), description: "Lists a folder.".into(), parameters }];
    request
}

fn asked(name: &'static str, request: ChatRequest, way: Way) -> Scenario {
    Scenario { name, request, way }
}

fn answers() -> Vec<Scenario> {
    let mut system = user(HELLO);
    system.messages.insert(0, Message::system("Be brief."));
    let cut =
        ChatRequest { max_output_tokens: Some(16), ..user("Write a poem of forty lines about rivers.") };
    vec![
        asked("plain answer", user(HELLO), Way::Text),
        asked("system prompt", system, Way::Text),
        asked("cut by length", cut, Way::Cut),
        asked("cached input", long_beginning(), Way::Cached),
        asked("refusal", user(HELLO), Way::Never("no request makes every model refuse")),
        asked("empty answer", user(HELLO), Way::Never("no request makes every model silent")),
    ]
}

/// Some 6,000 tokens before the question: providers keep no shorter beginnings.
fn long_beginning() -> ChatRequest {
    let lines = (1..=500).map(|n| format!("Rule {n}: of what is said about number {n}, nothing counts.\n"));
    let mut request = user(HELLO);
    request.messages.insert(0, Message::system(lines.collect::<String>()));
    request.cache = crate::chat::PromptCache::On;
    request
}

fn tools() -> Vec<Scenario> {
    let one = user("List the folder \".\" with the tool ls. Make the call, and say nothing else.");
    let two =
        user("List the folders \"a\" and \"b\" with the tool ls. Make both calls at once, in one answer.");
    vec![
        asked("one tool call", with_tool(one), Way::Calls(1)),
        asked("parallel tool calls", with_tool(two.clone()), Way::Calls(2)),
        asked("results of tools, one of them an error", with_tool(with_history(two)), Way::Anything),
        asked(
            "malformed arguments",
            with_tool(user(HELLO)),
            Way::Never("no request makes a model break its JSON"),
        ),
    ]
}

/// Two calls in one turn, and their results.
fn with_history(mut request: ChatRequest) -> ChatRequest {
    let call = |id: &str, path: &str| {
        let arguments = ToolArguments::Json(json!({"path": path}));
        Part::ToolCall(ToolCall { id: id.into(), name: "ls".into(), arguments })
    };
    let result = |id: &str, content: &str, is_error: bool| {
        let (call_id, name) = (id.into(), "ls".into());
        Message::tool_result(ToolResult { call_id, name, content: content.into(), is_error })
    };
    let parts = vec![Part::Text { text: "Both.".into() }, call("call_0", "a"), call("call_1", "b")];
    request.messages.push(Message { role: Role::Assistant, parts });
    request.messages.push(result("call_0", "a.csv", false));
    request.messages.push(result("call_1", "error: no such path", true));
    request
}

/// A red square of 32 pixels.
const RED: &str = "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKklEQVR42u3NMQEAAAQAMGTQP5kwSvBtBZbTHZ8qngkEAoFAIBAIBIIrC+AjAUT+lq9VAAAAAElFTkSuQmCC";

fn beyond_text() -> Vec<Scenario> {
    let mut image = user("Which colour is this? Answer in one word.");
    let data = Image { media_type: "image/png".into(), data: RED.into() };
    if let Some(message) = image.messages.first_mut() {
        message.parts.push(Part::Image(data));
    }
    let schema: Value = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false});
    let shaped = ChatRequest {
        output_schema: Some(OutputSchema { name: "count".into(), schema }),
        ..user("How many legs has a spider?")
    };
    let thinking =
        |request: ChatRequest| ChatRequest { reasoning: Some(Reasoning::Effort(Effort::Low)), ..request };
    let listed = user("List the folder \".\" with the tool ls, then say in one sentence what is in it.");
    vec![
        asked("image", image, Way::Text),
        asked("output by a schema", shaped, Way::Shaped),
        asked("a thought and an answer", thinking(user("What is 17 times 23?")), Way::Thought),
        asked("reasoning goes back to its maker", thinking(with_tool(listed)), Way::GoesBack),
    ]
}

fn failures() -> Vec<Scenario> {
    vec![
        asked("the conversation is too long", user(HELLO), Way::TooLong),
        asked("the key is refused", user(HELLO), Way::WrongKey),
        asked("the error about the key names its variable", user(HELLO), Way::WrongKey),
        asked("the model is unknown", user(HELLO), Way::WrongModel),
        asked("the quota is used up", user(HELLO), Way::Never("it would take an account without credit")),
        asked(
            "a rate limit says when it ends",
            user(HELLO),
            Way::Never("it would take an account at its limit"),
        ),
        asked("the endpoint is overloaded", user(HELLO), Way::Never("endpoints are not overloaded at will")),
    ]
}
