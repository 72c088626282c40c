//! Designer and Refactor: what lies in the work directory, and what they are told.

use smith_agents::{Designer, Refactorer};
use smith_task_schema::proposal::{self, Proposal, SECTIONS};
use smith_task_schema::{Defect, Design, DesignInput, Refactor, RefactorInput, Stage, StageEnd, StageReport};
use smith_testkit::{ScriptedModel, answer};

use crate::support::{Process, read, scripted, setup, write_file};

fn idea() -> Proposal {
    let mut text = String::from(
        "+++\ntitle = 'Frogs'\ntarget = 'frogs'\nmodality = 'tabular'\nformulation = 'classification'\n\
         metric = 'accuracy'\nhigher_is_better = true\ndifficulty = 'beginner'\ntags = ['ponds']\n+++\n",
    );
    for section in SECTIONS {
        text += &format!("\n## {section}\n\nWhat there is to say about it.\n");
    }
    proposal::parse(&text).unwrap()
}

fn defects(stage: Stage) -> Vec<Defect> {
    let texts = [
        "[R103 error] test.py: `python test.py` failed: exit code 1.\n    ValueError: \"a\" < 'b' & <c>",
        "[steps error] The last attempt used up its steps.",
    ];
    let defect = |text: &str| Defect { source: "R103".to_owned(), route: stage, text: text.to_owned() };
    texts.map(defect).to_vec()
}

async fn design(
    model: &std::sync::Arc<ScriptedModel>,
    process: &Process,
    defects: Vec<Defect>,
) -> StageReport {
    let input = DesignInput { overview: "Two ponds.".to_owned(), proposal: idea(), defects };
    Designer::new(setup(model, 5).await).design(&process.cx, input).await.unwrap()
}

async fn refactor(
    model: &std::sync::Arc<ScriptedModel>,
    process: &Process,
    defects: Vec<Defect>,
) -> StageReport {
    let input = RefactorInput { proposal: idea(), defects };
    Refactorer::new(setup(model, 5).await).refactor(&process.cx, input).await.unwrap()
}

fn instruction(model: &ScriptedModel) -> String {
    model.requests()[0].messages[0].text()
}

#[tokio::test]
async fn the_designer_finds_its_proposal_and_leaves_files() {
    let process = Process::fresh(Stage::Design);
    let model = scripted([write_file("prepare.py", "pass\n"), answer::text("Built.")]);
    let report = design(&model, &process, Vec::new()).await;
    assert_eq!(report, StageReport { steps: 2, end: StageEnd::Finished, note: "Built.".to_owned() });
    assert_eq!(proposal::parse(&read(&process.path("brainstorming.md"))).unwrap(), idea());
    assert_eq!(read(&process.path("prepare.py")), "pass\n");
    assert!(instruction(&model).contains("Two ponds."), "the overview is in the instruction");
    assert!(!instruction(&model).contains("<defects>"), "a first attempt has no defects");
}

#[tokio::test]
async fn the_refactor_finds_the_samples() {
    let process = Process::fresh(Stage::Refactor);
    let model = scripted([answer::text("Nothing to do.")]);
    refactor(&model, &process, Vec::new()).await;
    for (name, text) in smith_prompts::samples::FILES {
        assert_eq!(read(&process.path(&format!("samples/{name}"))), *text);
    }
    assert!(!instruction(&model).contains("<defects>"));
}

#[tokio::test]
async fn a_further_attempt_is_told_every_defect_word_for_word() {
    for stage in [Stage::Design, Stage::Refactor] {
        let process = Process::fresh(stage);
        let model = scripted([answer::text("Mended.")]);
        match stage {
            Stage::Design => design(&model, &process, defects(stage)).await,
            _ => refactor(&model, &process, defects(stage)).await,
        };
        for defect in defects(stage) {
            assert!(instruction(&model).contains(&defect.text), "{stage}: {}", instruction(&model));
        }
    }
}

#[tokio::test]
async fn an_attempt_without_an_end_says_so() {
    let process = Process::fresh(Stage::Design);
    let model = scripted((0..5).map(|step| write_file("prepare.py", &format!("step = {step}\n"))));
    let report = design(&model, &process, Vec::new()).await;
    assert_eq!((report.steps, report.end), (5, StageEnd::StepsSpent));
}
