//! A conversation stays within its model's window, however long it becomes.

use std::sync::{Arc, Mutex};

use serde_json::json;
use smith_agents::{AgentLoop, Conversation, Folding, Toolbox, Workspace, tools};
use smith_llm::{
    ChatModel, ChatRequest, ChatResponse, ContextWindow, LlmError, Message, Sampling, TokenCounter, Usage,
};
use smith_task_schema::{Event, Stage, StageEnd};
use smith_testkit::{ScriptedModel, answer};

use crate::support::{FIRST, INSTRUCTION, Known, Process, Tape, last_result, told, write_file};

fn folding(tokens: u64) -> Folding {
    Folding::from(ContextWindow::default().with_tokens(tokens))
}

/// Runs the loop with the standard tools in a window.
async fn run(
    process: &Process,
    model: Arc<dyn ChatModel>,
    steps: u32,
    folding: Folding,
) -> smith_agents::LoopEnd {
    let runtime = smith_exec::testing::runtime().await;
    let workspace = Workspace::new(process.dir.path().to_path_buf());
    let toolbox = Toolbox::new(tools::standard(&workspace, &runtime, tools::default_limits())).unwrap();
    let agent = AgentLoop {
        model,
        toolbox: &toolbox,
        cx: &process.cx,
        max_steps: steps,
        sampling: Sampling::default(),
        ends_with: None,
    };
    let mut conversation = Conversation::open(INSTRUCTION, FIRST).within(folding);
    agent.run(&mut conversation).await.unwrap()
}

/// Tokens as a strict endpoint counts them.
fn counted(request: &ChatRequest) -> u64 {
    TokenCounter::of(&"openai:gpt-4o".parse().unwrap()).request(request)
}

/// How many messages of a request begin the next one, too.
fn common(earlier: &ChatRequest, later: &ChatRequest) -> usize {
    earlier.messages.iter().zip(&later.messages).take_while(|(a, b)| a == b).count()
}

fn lines(count: usize) -> String {
    (0..count).map(|line| format!("line {line} of a file that is read again and again\n")).collect()
}

#[tokio::test]
async fn a_hundred_steps_in_a_small_window_end_right_and_change_the_beginning_seldom() {
    const WINDOW: u64 = 16_000;
    let process = Process::fresh(Stage::Design);
    std::fs::write(process.path("long.txt"), lines(60)).unwrap();
    let model = Arc::new(ScriptedModel::respond(|request| {
        let input_tokens = counted(request);
        assert!(input_tokens + 4_000 <= WINDOW, "an answer has no room behind {input_tokens} tokens");
        let step =
            request.messages.iter().filter(|message| message.role == smith_llm::Role::Assistant).count();
        let said = if step < 99 {
            answer::call("read_file", json!({"path": "long.txt"}))
        } else {
            answer::text("Read.")
        };
        ChatResponse { usage: Usage { input_tokens, output_tokens: 20, ..Usage::default() }, ..said }
    }));
    let end = run(&process, model.clone(), 100, folding(WINDOW)).await;
    assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "Read."));
    let requests = model.requests();
    assert_eq!(requests.len(), 100);
    let breaks =
        requests.windows(2).filter(|pair| common(&pair[0], &pair[1]) < pair[0].messages.len()).count();
    assert_eq!(breaks, process.tape.count("conversation_folded"));
    assert!((10..=40).contains(&breaks), "{breaks} of 99 requests did not begin like the one before");
    let last = requests.last().unwrap();
    assert_eq!(last.messages[..2], [Message::system(INSTRUCTION), Message::user(FIRST)]);
    assert!(last_result(last).content.contains("line 59"), "the last result is there in full");
}

#[tokio::test]
async fn the_journal_tells_what_was_folded() {
    let process = Process::fresh(Stage::Design);
    std::fs::write(process.path("long.txt"), lines(60)).unwrap();
    let read = || answer::call("read_file", json!({"path": "long.txt"}));
    let model = Arc::new(ScriptedModel::answers((0..12).map(|_| read()).chain([answer::text("Done.")])));
    run(&process, model.clone(), 20, folding(12_000)).await;
    let events = process.tape.events();
    let mut messages = told(&events);
    for event in &events {
        if let Event::ConversationFolded { results, tokens_before, tokens_after, .. } = event {
            assert!(tokens_after < tokens_before);
            for folded in results {
                let smith_llm::Part::ToolResult(result) = &mut messages[folded.message].parts[0] else {
                    panic!("no result at {}", folded.message)
                };
                result.content.clone_from(&folded.text);
            }
        }
    }
    assert_eq!(messages, model.requests().last().unwrap().messages);
}

/// Refuses requests above so many tokens.
fn strict(most: u64, script: impl Fn(usize) -> ChatResponse + Send + Sync + 'static) -> Arc<dyn ChatModel> {
    struct Strict<F>(u64, F, Mutex<Vec<u64>>);

    #[async_trait::async_trait]
    impl<F: Fn(usize) -> ChatResponse + Send + Sync> ChatModel for Strict<F> {
        async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
            smith_testkit::check(request).unwrap();
            let tokens = counted(request);
            self.2.lock().unwrap().push(tokens);
            if tokens > self.0 {
                return Err(LlmError::ContextLength("too many tokens".into()));
            }
            let step = request.messages.iter().filter(|m| m.role == smith_llm::Role::Assistant).count();
            let mut said = (self.1)(step);
            for (position, part) in said.message.parts.iter_mut().enumerate() {
                if let smith_llm::Part::ToolCall(call) = part {
                    call.id = format!("call_{step}_{position}");
                }
            }
            Ok(ChatResponse { usage: Usage::default(), ..said })
        }
    }

    Arc::new(Strict(most, script, Mutex::default()))
}

fn reading(step: usize) -> ChatResponse {
    if step < 30 { answer::call("read_file", json!({"path": "long.txt"})) } else { answer::text("Read.") }
}

/// The window was thought to be ten times as large as it is.
#[tokio::test]
async fn an_endpoint_that_takes_less_than_was_thought_is_asked_again_with_less_and_a_resumed_run_goes_the_same_way()
 {
    let first = Process::fresh(Stage::Design);
    std::fs::write(first.path("long.txt"), lines(60)).unwrap();
    let end = run(&first, strict(12_000, reading), 40, folding(120_000)).await;
    assert_eq!((end.end, end.note.as_str()), (StageEnd::Finished, "Read."));
    let refusals = first.tape.count("model_call_failed");
    assert!((1..=3).contains(&refusals), "{refusals} requests were refused");
    assert_eq!(first.tape.count("model_call_finished"), 31);

    let events = first.tape.events();
    let second = Process::new(Stage::Design, Arc::<Tape>::default(), Known::of(&events));
    std::fs::write(second.path("long.txt"), lines(60)).unwrap();
    let nobody: Arc<dyn ChatModel> = Arc::new(ScriptedModel::answers([]));
    let end = run(&second, nobody, 40, folding(120_000)).await;
    assert_eq!(end.note, "Read.");
    assert_eq!(second.tape.events(), [], "everything was answered before");
}

#[tokio::test]
async fn a_conversation_that_cannot_fit_ends_the_attempt_with_the_reason() {
    let process = Process::fresh(Stage::Design);
    let end = run(&process, strict(10, reading), 40, folding(120_000)).await;
    assert_eq!(end.end, StageEnd::StepsSpent);
    assert!(end.note.contains("no old result of a tool is left to fold"), "{}", end.note);
    let process = Process::fresh(Stage::Design);
    let end = run(&process, strict(1_000_000, reading), 40, folding(20)).await;
    assert!(end.note.contains("window holds 20"), "{}", end.note);
    assert_eq!(process.tape.events(), [], "the endpoint was not asked");
}

#[tokio::test]
async fn a_long_output_is_kept_and_the_model_is_told_where_to_read_on() {
    let process = Process::fresh(Stage::Design);
    let print = "print('\\n'.join(f'row {i}' for i in range(5000)))";
    let model = Arc::new(ScriptedModel::answers([
        answer::call("run_python", json!({"code": print})),
        answer::call("read_file", json!({"path": ".outputs/1.txt", "first_line": 2500, "lines": 3})),
        write_file("a", "b"),
        answer::text("Done."),
    ]));
    process.run(&model, 8).await.unwrap();
    let requests = model.requests();
    let cut = last_result(&requests[1]).content;
    assert!(cut.len() <= smith_agents::MAX_OUTPUT && cut.contains("bytes left out"), "{} bytes", cut.len());
    assert!(
        cut.ends_with("The whole output is in .outputs/1.txt: read_file shows any part of it.\n"),
        "{cut}"
    );
    let rest = last_result(&requests[2]).content;
    assert!(rest.contains("row 2497"), "{rest}");
}
