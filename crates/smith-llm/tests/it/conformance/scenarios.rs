//! What every dialect must be able to do.

use serde_json::{Value, json};
use smith_llm::{
    ChatRequest, FinishReason, Image, Message, OutputSchema, Part, Role, ToolArguments, ToolCall, ToolResult,
    ToolSpec, Usage,
};

use super::{Piece, Reply, finished};

/// A request, what the server answers to it, and what must be understood on both sides.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) request: ChatRequest,
    /// In order; each is to be asked for.
    pub(crate) replies: Vec<Reply>,
    /// Whether the first answer is continued with the results of its calls.
    pub(crate) goes_on: bool,
    /// Whether the provider says when to come back.
    pub(crate) names_its_wait: bool,
    /// What the server understands of the last request.
    pub(crate) asked: Vec<&'static str>,
    pub(crate) expected: Expected,
}

/// What comes of it.
pub(crate) enum Expected {
    Answer(Vec<&'static str>, FinishReason, Usage),
    /// Kind, and words in it.
    Error(&'static str, &'static str),
}

const USAGE: Usage = Usage {
    input_tokens: 100,
    cached_tokens: 0,
    cache_write_tokens: 0,
    output_tokens: 5,
    reasoning_tokens: 0,
};

fn user(words: &str) -> ChatRequest {
    ChatRequest { messages: vec![Message::user(words)], ..ChatRequest::default() }
}

fn with_tool(mut request: ChatRequest) -> ChatRequest {
    let parameters =
        json!({"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]});
    request.tools = vec![ToolSpec { name: "ls".into(), description: "Lists.".into(), parameters }];
    request
}

fn call(id: &str, path: &str) -> Part {
    let arguments = ToolArguments::Json(json!({"path": path}));
    Part::ToolCall(ToolCall { id: id.into(), name: "ls".into(), arguments })
}

fn result(id: &str, content: &str, is_error: bool) -> Message {
    let (call_id, name) = (id.into(), "ls".into());
    Message::tool_result(ToolResult { call_id, name, content: content.into(), is_error })
}

/// Two calls in one turn, and their results.
fn with_history(mut request: ChatRequest) -> ChatRequest {
    let parts = vec![Part::Text { text: "Both.".into() }, call("call_0", "a"), call("call_1", "b")];
    request.messages.push(Message { role: Role::Assistant, parts });
    request.messages.push(result("call_0", "a.csv", false));
    request.messages.push(result("call_1", "error: no such path", true));
    request
}

/// An exchange of one answer.
fn answered(
    name: &'static str,
    request: ChatRequest,
    asked: &[&'static str],
    pieces: &[Piece],
    lines: &[&'static str],
) -> Scenario {
    let reply = Reply::Says { pieces: pieces.to_vec(), cut: false, usage: USAGE };
    let expected = Expected::Answer(lines.to_vec(), finished(pieces, false), USAGE);
    Scenario {
        name,
        request,
        replies: vec![reply],
        goes_on: false,
        names_its_wait: false,
        asked: asked.to_vec(),
        expected,
    }
}

/// A request that fails for good.
fn failing(name: &'static str, reply: Reply, kind: &'static str, words: &'static str) -> Scenario {
    Scenario {
        replies: vec![reply],
        expected: Expected::Error(kind, words),
        ..answered(name, user("hi"), &["user: hi"], &[], &[])
    }
}

/// A request that another attempt mends.
fn mended(name: &'static str, reply: Reply, names_its_wait: bool) -> Scenario {
    let mut scenario = answered(name, user("hi"), &["user: hi"], &[Piece::Text("Hello.")], &["text: Hello."]);
    scenario.replies.insert(0, reply);
    scenario.names_its_wait = names_its_wait;
    scenario
}

pub(crate) fn all() -> Vec<Scenario> {
    let mut all = conversations();
    all.extend(endings());
    all.extend(beyond_text());
    all.extend([
        failing(
            "the conversation is too long",
            Reply::ContextLength,
            "context",
            "does not fit into the context",
        ),
        failing("the key is refused", Reply::Key, "mistake", "refused the key (HTTP 4"),
        failing("the error about the key names its variable", Reply::Key, "mistake", "set KEY_VARIABLE in"),
        failing("the model is unknown", Reply::UnknownModel, "mistake", "does not know the model \"m\""),
        failing("the quota is used up", Reply::Quota, "mistake", "quota is used up"),
        mended("a rate limit says when it ends", Reply::RateLimited, true),
        mended("the endpoint is overloaded", Reply::Overloaded, false),
    ]);
    all
}

fn conversations() -> Vec<Scenario> {
    let mut system = user("hi");
    system.messages.insert(0, Message::system("Be brief."));
    let hello = &[Piece::Text("Hello.")];
    vec![
        answered("plain answer", user("hi"), &["user: hi"], hello, &["text: Hello."]),
        answered("system prompt", system, &["system: Be brief.", "user: hi"], hello, &["text: Hello."]),
        answered(
            "one tool call",
            with_tool(user("hi")),
            &["user: hi", "tool: ls"],
            &[Piece::Text("Look."), Piece::Call("ls", r#"{"path":"."}"#)],
            &["text: Look.", r#"call call_0: ls {"path":"."}"#],
        ),
        answered(
            "parallel tool calls",
            with_tool(user("hi")),
            &["user: hi", "tool: ls"],
            &[Piece::Call("ls", r#"{"path":"a"}"#), Piece::Call("ls", r#"{"path":"b"}"#)],
            &[r#"call call_0: ls {"path":"a"}"#, r#"call call_1: ls {"path":"b"}"#],
        ),
        answered(
            "results of tools, one of them an error",
            with_tool(with_history(user("hi"))),
            &[
                "user: hi",
                "text: Both.",
                r#"call: ls {"path":"a"}"#,
                r#"call: ls {"path":"b"}"#,
                "result: a.csv",
                "failed: error: no such path",
                "tool: ls",
            ],
            &[Piece::Text("One."), Piece::Call("ls", "{}")],
            &["text: One.", "call call_2: ls {}"],
        ),
        answered(
            "malformed arguments",
            with_tool(user("hi")),
            &["user: hi", "tool: ls"],
            &[Piece::Call("ls", r#"{"path":"#)],
            &[r#"call call_0: ls broken {"path":"#],
        ),
    ]
}

fn endings() -> Vec<Scenario> {
    let pieces = vec![Piece::Text("The answer")];
    let cut = Scenario {
        replies: vec![Reply::Says { pieces, cut: true, usage: USAGE }],
        expected: Expected::Answer(vec!["text: The answer"], FinishReason::Length, USAGE),
        ..answered("cut by length", user("hi"), &["user: hi"], &[], &[])
    };
    let cached = Usage { cached_tokens: 60, ..USAGE };
    let usage = Scenario {
        replies: vec![Reply::Says { pieces: Vec::new(), cut: false, usage: cached }],
        expected: Expected::Answer(Vec::new(), FinishReason::Stop, cached),
        ..answered("cached input", user("hi"), &["user: hi"], &[], &[])
    };
    vec![
        cut,
        usage,
        failing("refusal", Reply::Refuses, "refused", "I can't help with that."),
        answered("empty answer", user("hi"), &["user: hi"], &[], &[]),
    ]
}

fn beyond_text() -> Vec<Scenario> {
    let mut image = user("What is this?");
    let data = Image { media_type: "image/png".into(), data: "iVBORw0KGgo=".into() };
    image.messages[0].parts.push(Part::Image(data));
    let schema: Value = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
        "additionalProperties": false});
    let shaped = ChatRequest {
        output_schema: Some(OutputSchema { name: "count".into(), schema }),
        ..user("How many?")
    };
    let first = [Piece::Thought, Piece::Call("ls", r#"{"path":"."}"#)];
    let mut reasoning = answered(
        "reasoning goes back to its maker",
        with_tool(user("hi")),
        &["user: hi", "thought", r#"call: ls {"path":"."}"#, "result: done", "tool: ls"],
        &[Piece::Text("Seen.")],
        &["text: Seen."],
    );
    reasoning.replies.insert(0, Reply::Says { pieces: first.to_vec(), cut: false, usage: USAGE });
    reasoning.goes_on = true;
    vec![
        answered(
            "image",
            image,
            &["user: What is this?", "image: image/png iVBORw0KGgo="],
            &[Piece::Text("A dot.")],
            &["text: A dot."],
        ),
        answered(
            "output by a schema",
            shaped,
            &["user: How many?", "schema: n"],
            &[Piece::Text(r#"{"n":3}"#)],
            &[r#"text: {"n":3}"#],
        ),
        answered(
            "a thought and an answer",
            user("hi"),
            &["user: hi"],
            &[Piece::Thought, Piece::Text("So.")],
            &["thought", "text: So."],
        ),
        reasoning,
    ]
}
