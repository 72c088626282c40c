//! What every dialect must be able to do.

use smith_llm::conformance::scenario;
use smith_llm::{ChatRequest, FinishReason, Part, Usage};

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
    pub(crate) asked: Vec<String>,
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

/// What is asked first, as the shared list has it.
fn request(name: &str) -> ChatRequest {
    scenario(name).unwrap_or_else(|| panic!("{name:?} is not in the list")).request
}

const HELLO: &str = "user: Say hello in one short sentence.";

/// An exchange of one answer.
fn answered(
    name: &'static str,
    asked: &[&'static str],
    pieces: &[Piece],
    lines: &[&'static str],
) -> Scenario {
    let reply = Reply::Says { pieces: pieces.to_vec(), cut: false, usage: USAGE };
    let expected = Expected::Answer(lines.to_vec(), finished(pieces, false), USAGE);
    Scenario {
        name,
        request: request(name),
        replies: vec![reply],
        goes_on: false,
        names_its_wait: false,
        asked: asked.iter().map(|line| (*line).to_owned()).collect(),
        expected,
    }
}

/// A request that fails for good.
fn failing(name: &'static str, reply: Reply, kind: &'static str, words: &'static str) -> Scenario {
    Scenario {
        replies: vec![reply],
        expected: Expected::Error(kind, words),
        ..answered(name, &[HELLO], &[], &[])
    }
}

/// A request that another attempt mends.
fn mended(name: &'static str, reply: Reply, names_its_wait: bool) -> Scenario {
    let mut scenario = answered(name, &[HELLO], &[Piece::Text("Hello.")], &["text: Hello."]);
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

const ONE: &str = r#"user: List the folder "." with the tool ls. Make the call, and say nothing else."#;
const TWO: &str =
    r#"user: List the folders "a" and "b" with the tool ls. Make both calls at once, in one answer."#;

fn conversations() -> Vec<Scenario> {
    let hello = &[Piece::Text("Hello.")];
    vec![
        answered("plain answer", &[HELLO], hello, &["text: Hello."]),
        answered("system prompt", &["system: Be brief.", HELLO], hello, &["text: Hello."]),
        answered(
            "one tool call",
            &[ONE, "tool: ls"],
            &[Piece::Text("Look."), Piece::Call("ls", r#"{"path":"."}"#)],
            &["text: Look.", r#"call call_0: ls {"path":"."}"#],
        ),
        answered(
            "parallel tool calls",
            &[TWO, "tool: ls"],
            &[Piece::Call("ls", r#"{"path":"a"}"#), Piece::Call("ls", r#"{"path":"b"}"#)],
            &[r#"call call_0: ls {"path":"a"}"#, r#"call call_1: ls {"path":"b"}"#],
        ),
        answered(
            "results of tools, one of them an error",
            &[
                TWO,
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
            &[HELLO, "tool: ls"],
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
        ..answered("cut by length", &["user: Write a poem of forty lines about rivers."], &[], &[])
    };
    let cached = Usage { cached_tokens: 60, ..USAGE };
    let mut usage = Scenario {
        replies: vec![Reply::Says { pieces: Vec::new(), cut: false, usage: cached }],
        expected: Expected::Answer(Vec::new(), FinishReason::Stop, cached),
        ..answered("cached input", &[HELLO], &[], &[])
    };
    usage.asked.insert(0, format!("system: {}", usage.request.messages[0].text()));
    vec![
        cut,
        usage,
        failing("refusal", Reply::Refuses, "refused", "I can't help with that."),
        answered("empty answer", &[HELLO], &[], &[]),
    ]
}

fn beyond_text() -> Vec<Scenario> {
    let first = [Piece::Thought, Piece::Call("ls", r#"{"path":"."}"#)];
    let mut reasoning = answered(
        "reasoning goes back to its maker",
        &[
            r#"user: List the folder "." with the tool ls, then say in one sentence what is in it."#,
            "thought",
            r#"call: ls {"path":"."}"#,
            "result: done",
            "tool: ls",
        ],
        &[Piece::Text("Seen.")],
        &["text: Seen."],
    );
    reasoning.replies.insert(0, Reply::Says { pieces: first.to_vec(), cut: false, usage: USAGE });
    reasoning.goes_on = true;
    let mut image = answered(
        "image",
        &["user: Which colour is this? Answer in one word."],
        &[Piece::Text("Red.")],
        &["text: Red."],
    );
    let Part::Image(shown) = &image.request.messages[0].parts[1] else { panic!("no image") };
    image.asked.push(format!("image: image/png {}", shown.data));
    vec![
        image,
        answered(
            "output by a schema",
            &["user: How many legs has a spider?", "schema: n"],
            &[Piece::Text(r#"{"n":8}"#)],
            &[r#"text: {"n":8}"#],
        ),
        answered(
            "a thought and an answer",
            &["user: What is 17 times 23?"],
            &[Piece::Thought, Piece::Text("So.")],
            &["thought", "text: So."],
        ),
        reasoning,
    ]
}
