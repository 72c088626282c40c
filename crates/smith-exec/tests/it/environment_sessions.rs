//! What holds over a whole session of the interactive environment.

use std::fs;
use std::path::Path;

use serde_json::json;
use smith_exec::environment::{ActionStatus, Environment, ErrorType, Observation};
use smith_exec::{ExecError, testing};
use smith_task_schema::TaskLayout;

use crate::environment_fixture::{Fixture, HALF_RIGHT, METRIC, MOSTLY_RIGHT, error_type, predicting};

#[tokio::test]
async fn a_reset_forgets_files_and_the_best_score_but_no_steps() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    fixture.execute(&mut environment, &(predicting(MOSTLY_RIGHT) + "\nopen('model.bin', 'w')")).await;
    let reset = fixture.act(&mut environment, "reset", json!({})).await;
    assert_eq!((reset.action_status, reset.best_raw_score), (ActionStatus::Success, None));
    assert_eq!(reset.steps_used, 1);
    let listing = "import os\nprint(sorted(os.listdir('.')))\n";
    let next = fixture.execute(&mut environment, &format!("{listing}{}", predicting(HALF_RIGHT))).await;
    assert!(next.feedback.contains("\n['public']\n"), "{}", next.feedback);
    assert_eq!(next.best_raw_score, Some(0.5));
}

#[tokio::test]
async fn files_of_earlier_scripts_stay_but_public_files_are_restored() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let vandal = "import shutil\nopen('model.bin', 'w')\nopen('public/train.csv', 'w').write('gone')\n\
                  shutil.rmtree('public/photos')";
    fixture.validate(&mut environment, vandal).await;
    let reader = "import os\nprint(open('public/train.csv').read(), os.listdir('public/photos'), os.path.exists('model.bin'))";
    let next = fixture.validate(&mut environment, reader).await;
    assert!(next.feedback.contains("1,39.1,adelie"), "{}", next.feedback);
    assert!(next.feedback.contains("['101.txt'] True"), "{}", next.feedback);
    let note = "Note: an earlier script changed public/photos/101.txt and 1 more; public/ was restored.";
    assert!(next.feedback.contains(note), "{}", next.feedback);
    assert!(!fixture.validate(&mut environment, reader).await.feedback.contains("Note:"));
    assert_eq!(fs::read_to_string(fixture.task.public.join("photos/101.txt")).unwrap(), "a penguin");
}

#[tokio::test]
async fn scripts_are_not_told_where_they_are() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import os\nprint('here', os.getcwd(), os.path.dirname(os.getcwd()), os.listdir('.'))\n\
                open('/nowhere/' + os.path.dirname(os.getcwd()))";
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "CodeRuntimeError");
    assert!(observation.feedback.contains("here . <session> ['public']"), "{}", observation.feedback);
}

#[tokio::test]
async fn two_sessions_do_not_meet() {
    let fixture = Fixture::new();
    let (mut first, mut second) = (fixture.open().await, fixture.open().await);
    let (good, idle) = (predicting(MOSTLY_RIGHT), "import time\ntime.sleep(0.2)");
    let (scored, unscored) =
        tokio::join!(fixture.execute(&mut first, &good), fixture.execute(&mut second, idle));
    assert_eq!(scored.current_raw_score, Some(0.75));
    assert_eq!(error_type(&unscored), "SubmissionNotFoundError");
    assert_eq!(second.best(), None);
    assert_eq!(second.history().records().len(), 1);
}

#[tokio::test]
async fn equal_sessions_give_equal_texts() {
    let fixture = Fixture::new();
    let mut texts = Vec::new();
    for _ in 0..2 {
        let mut environment = fixture.open().await;
        let observation = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
        let text = observation.to_text();
        texts.push(
            text.lines()
                .filter(|line| !line.starts_with("execution time: "))
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(texts[0], texts[1]);
    assert_eq!(texts[0][0], "status: SUCCESS");
}

#[tokio::test]
async fn an_observation_survives_serialisation() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    let value = serde_json::to_value(&observation).unwrap();
    assert_eq!(value["action_status"], "SUCCESS");
    assert_eq!(value["current_raw_score"], 0.75);
    assert_eq!(serde_json::from_value::<Observation>(value).unwrap(), observation);
}

async fn defect(fixture: &Fixture) -> String {
    match Environment::open(testing::runtime().await, fixture.config()).await {
        Err(ExecError::Task { message }) => message,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the task was opened"),
    }
}

#[tokio::test]
async fn a_task_that_cannot_be_played_is_not_opened() {
    assert!(defect(&Fixture::with_metric("raise RuntimeError('broken')")).await.contains("broken"));
    let undirected = METRIC.replace("super().__init__(higher_is_better)", "super().__init__(None)");
    assert!(defect(&Fixture::with_metric(&undirected)).await.contains("higher_is_better"));
    let fixture = Fixture::new();
    fs::write(fixture.task.test_answer(), "id,species\n1,\"open\n").unwrap();
    assert!(defect(&fixture).await.contains("test_answer.csv"));
    let without = |find: fn(&TaskLayout) -> &Path| {
        let fixture = Fixture::new();
        let path = find(&fixture.task).to_path_buf();
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        fixture
    };
    assert!(defect(&without(|task| &task.public)).await.contains("public"));
    assert!(defect(&without(|task| &task.private)).await.contains("private"));
    let fixture = Fixture::new();
    fs::remove_file(fixture.task.sample_submission()).unwrap();
    assert!(defect(&fixture).await.contains("sample_submission.csv"));
}

#[tokio::test]
async fn the_description_beside_the_scripts_stands_in_for_a_missing_one() {
    let fixture = Fixture::new();
    fs::remove_file(fixture.task.public.join("description.txt")).unwrap();
    assert!(defect(&fixture).await.contains("description.txt"));
    fs::write(&fixture.task.description, "from the root").unwrap();
    fs::write(fixture.task.public.join("data_structure.txt"), "by hand").unwrap();
    let mut environment = fixture.open().await;
    assert_eq!(fixture.info(&mut environment, "overview").await.result["data"]["overview"], "from the root");
    let structure = fixture.info(&mut environment, "data_structure").await;
    assert_eq!(structure.result["data"]["data_structure"], "by hand");
}

#[tokio::test]
async fn a_script_is_stopped_at_its_limit() {
    let fixture = Fixture::new();
    let mut config = fixture.config();
    config.limits.wall = std::time::Duration::from_secs(2);
    let mut environment = Environment::open(testing::runtime().await, config).await.unwrap();
    let observation = fixture.execute(&mut environment, "print('begun', flush=True)\nwhile True: pass").await;
    assert_eq!(error_type(&observation), "CodeRuntimeError");
    assert_eq!(observation.result["execution"]["error"], "killed at the wall time limit");
    assert!(observation.feedback.contains("begun"));
    assert_eq!(environment.history().records()[0].outcome, ErrorType::Runtime.as_str());
}
