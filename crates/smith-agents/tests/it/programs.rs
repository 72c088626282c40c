//! Programs that an agent runs: their end, their output, their time.

use serde_json::json;
use smith_agents::MAX_OUTPUT;
use smith_task_schema::Stage;
use smith_testkit::answer;

use crate::support::{Process, last_result, read, scripted};

/// What the model reads after one call.
async fn reply(name: &str, arguments: serde_json::Value) -> smith_llm::ToolResult {
    let process = Process::fresh(Stage::Design);
    let model = scripted([answer::call(name, arguments), answer::text("Done.")]);
    process.run(&model, 3).await.unwrap();
    last_result(&model.requests()[1])
}

#[tokio::test]
async fn long_output_loses_its_middle_and_says_so() {
    let code = "print('the beginning')\nfor i in range(20000):\n    print('line', i)\nprint('the end')";
    let reply = reply("run_python", json!({"code": code})).await;
    assert!(!reply.is_error);
    assert!(reply.content.starts_with("status: exit code 0\nstdout:\nthe beginning\nline 0\n"));
    assert!(
        reply.content.ends_with(
            "line 19999\nthe end\nThe whole output is in .outputs/1.txt: read_file shows any part of it.\n"
        ),
        "{}",
        &reply.content[reply.content.len() - 150..]
    );
    assert!(!reply.content.contains("line 10000\n"), "the middle is left out");
    assert!(reply.content.contains("bytes"), "how much is left out is said");
    assert!(reply.content.len() <= MAX_OUTPUT, "{} bytes", reply.content.len());
}

#[tokio::test]
async fn a_failed_program_is_a_result_with_its_traceback() {
    let reply = reply("run_python", json!({"code": "print('so far')\nraise ValueError('no good')"})).await;
    assert!(!reply.is_error, "the tool did what it was asked to");
    for part in ["status: exit code 1", "stdout:\nso far", "stderr:\n", "ValueError: no good"] {
        assert!(reply.content.contains(part), "{part}: {}", reply.content);
    }
}

#[tokio::test]
async fn a_program_that_does_not_end_is_ended_in_the_time_that_was_asked_for() {
    let reply = reply("run_shell", json!({"command": "sleep 600", "timeout_seconds": 1})).await;
    assert!(reply.content.starts_with("status: killed at the wall time limit"), "{}", reply.content);
}

#[tokio::test]
async fn files_run_in_the_work_directory() {
    let process = Process::fresh(Stage::Design);
    let model = scripted([
        crate::support::write_file("tools/copy.py", "open('made', 'w').write(open('raw/ponds.csv').read())"),
        answer::call("run_python", json!({"file": "tools/copy.py"})),
        answer::call("run_python", json!({"file": "tools/none.py"})),
        answer::call("run_python", json!({"code": "pass", "file": "tools/copy.py"})),
        answer::text("Done."),
    ]);
    process.run(&model, 9).await.unwrap();
    assert_eq!(read(&process.path("made")), read(&process.path("raw/ponds.csv")));
    let requests = model.requests();
    assert_eq!(last_result(&requests[3]).content, "There is no file \"tools/none.py\".");
    assert_eq!(last_result(&requests[4]).content, "Give \"code\" or \"file\", not both.");
}
