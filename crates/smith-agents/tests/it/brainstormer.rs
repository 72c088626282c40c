//! The Brainstormer: proposals that can be read, not too many, each different.

use serde_json::json;
use smith_agents::Brainstormer;
use smith_llm::ChatResponse;
use smith_task_schema::proposal::SECTIONS;
use smith_task_schema::{Brainstorm, BrainstormInput, BrainstormReport, Stage};
use smith_testkit::{ScriptedModel, answer};

use crate::support::{Process, last_text, scripted, setup, write_file};

fn proposal(title: &str) -> String {
    let mut text = format!(
        "+++\ntitle = '{title}'\ntarget = 'frogs'\nmodality = 'tabular'\nformulation = 'classification'\n\
         metric = 'accuracy'\nhigher_is_better = true\ndifficulty = 'beginner'\ntags = ['ponds']\n+++\n"
    );
    for section in SECTIONS {
        text += &format!("\n## {section}\n\nWhat there is to say about it.\n");
    }
    text
}

async fn brainstorm(
    model: &std::sync::Arc<ScriptedModel>,
    max_steps: u32,
    max_proposals: u32,
) -> BrainstormReport {
    let process = Process::fresh(Stage::Brainstorm);
    let input = BrainstormInput { overview: "Two ponds, one of them with frogs.".to_owned(), max_proposals };
    Brainstormer::new(setup(model, max_steps).await).brainstorm(&process.cx, input).await.unwrap()
}

fn titles(report: &BrainstormReport) -> Vec<&str> {
    report.proposals.iter().map(|proposal| proposal.header.title.as_str()).collect()
}

fn done() -> ChatResponse {
    answer::text("Done.")
}

#[tokio::test]
async fn proposals_are_read_in_the_order_of_their_numbers() {
    let model = scripted([
        write_file("brainstorming_2.md", &proposal("Toads")),
        write_file("brainstorming_1.md", &proposal("Frogs")),
        write_file("notes.md", "not a proposal"),
        done(),
    ]);
    let report = brainstorm(&model, 30, 3).await;
    assert_eq!(titles(&report), ["Frogs", "Toads"]);
    assert_eq!((report.steps, report.note.as_str()), (4, "Done."));
    let instruction = model.requests()[0].messages[0].text();
    assert!(instruction.contains("Two ponds, one of them with frogs."), "{instruction}");
}

#[tokio::test]
async fn a_broken_proposal_goes_back_with_the_reason_and_is_mended() {
    let broken = proposal("Frogs").replace("metric = 'accuracy'\n", "").replace("## Tags", "## Labels");
    let model = scripted([
        write_file("brainstorming_1.md", &broken),
        done(),
        write_file("brainstorming_1.md", &proposal("Frogs")),
        answer::text("Mended."),
    ]);
    let report = brainstorm(&model, 30, 3).await;
    assert_eq!((titles(&report), report.steps, report.note.as_str()), (vec!["Frogs"], 4, "Mended."));
    let told = last_text(&model.requests()[2]);
    for part in ["brainstorming_1.md: ", "missing field `metric`", "the section \"## Tags\" is missing"] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn mending_ends_with_the_budget_and_what_can_be_read_counts() {
    let model = scripted([
        write_file("brainstorming_1.md", &proposal("Frogs")),
        write_file("brainstorming_2.md", "no header"),
        answer::text("Two ideas."),
        answer::text("They are good as they are."),
    ]);
    let report = brainstorm(&model, 4, 3).await;
    assert_eq!((titles(&report), report.steps), (vec!["Frogs"], 4));
    assert_eq!(report.note, "They are good as they are.", "the last words are kept when no step is left");
}

#[tokio::test]
async fn too_many_and_equal_proposals_are_sent_back() {
    let model = scripted([
        write_file("brainstorming_1.md", &proposal("Frogs")),
        write_file("brainstorming_2.md", &proposal("Frogs")),
        write_file("brainstorming_3.md", &proposal("Newts")),
        done(),
        write_file("brainstorming_2.md", &proposal("Toads")),
        answer::call("run_shell", json!({"command": "rm brainstorming_3.md"})),
        done(),
    ]);
    let report = brainstorm(&model, 30, 2).await;
    assert_eq!(titles(&report), ["Frogs", "Toads"]);
    let told = last_text(&model.requests()[4]);
    assert!(told.contains("brainstorming_3.md: at most 2 proposals are wanted"), "{told}");
    assert!(told.contains("brainstorming_2.md: its title is that of another proposal"), "{told}");
}

#[tokio::test]
async fn no_proposal_is_an_answer_with_a_reason() {
    let model = scripted([answer::text("The labels are random.")]);
    let report = brainstorm(&model, 30, 3).await;
    assert_eq!((report.proposals.len(), report.steps), (0, 1));
    assert_eq!(report.note, "The labels are random.");
}
