//! What the actions of the interactive environment answer.

use std::fs;

use serde_json::{Value, json};
use smith_exec::environment::{ActionStatus, Environment, INFO_TYPES};
use smith_exec::testing;

use crate::environment_fixture::{Fixture, HALF_RIGHT, METRIC, MOSTLY_RIGHT, error_type, predicting};

#[tokio::test]
async fn gives_every_kind_of_information() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let sample = json!({
        "columns": ["id", "species"],
        "row_count": 4,
        "head": {"id": [101, 102, 103], "species": ["adelie", "adelie", "adelie"]},
    });
    let structure = "public/\n  photos/\n    101.txt (9 B)\n  description.txt (53 B)\n  sample_submission.csv (55 B)\n  \
                     test.csv (44 B)\n  train.csv (61 B)";
    let metadata = |used: u32| {
        json!({
            "name": "penguins",
            "higher_is_better": true,
            "submission_columns": ["id", "species"],
            "steps_used": used,
            "steps_left": null,
        })
    };
    let overview = "# Penguins\nPredict the species from the bill length.\n";
    let expected = [
        ("overview", json!(overview)),
        ("sample_submission", sample),
        ("data_structure", json!(structure)),
        ("data_path", json!("public")),
        ("output_path", json!(".")),
        ("name", json!("penguins")),
        ("metadata", metadata(7)),
    ];
    for (info_type, value) in &expected {
        let observation = fixture.info(&mut environment, info_type).await;
        assert_eq!(observation.action_status, ActionStatus::Success);
        assert_eq!(observation.result, json!({"status": "SUCCESS", "data": {*info_type: value}}));
    }
    let all = fixture.info(&mut environment, "all").await;
    for (info_type, value) in &expected[..6] {
        assert_eq!(&all.result["data"][*info_type], value);
    }
    assert_eq!(all.result["data"]["metadata"], metadata(8));
    assert!(all.to_text().starts_with("status: SUCCESS\n=== Competition Info ===\noverview:\n# Penguins\n"));
}

#[tokio::test]
async fn answers_bad_requests_with_what_is_allowed() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.info(&mut environment, "answers").await;
    assert_eq!(error_type(&observation), "InfoError");
    for name in INFO_TYPES {
        assert!(observation.feedback.contains(name), "{}", observation.feedback);
    }
    let observation = fixture.act(&mut environment, "submit", json!({})).await;
    assert_eq!(error_type(&observation), "MLEDojoError");
    assert!(observation.to_text().contains("execute_code"));
    for code in ["", " \n\t"] {
        assert_eq!(error_type(&fixture.execute(&mut environment, code).await), "MLEDojoError");
        assert_eq!(error_type(&fixture.validate(&mut environment, code).await), "MLEDojoError");
    }
    assert_eq!(environment.history().records().len(), 6);
    assert!(observation.result["potential_causes"].is_array());
}

#[tokio::test]
async fn scores_submissions_and_keeps_the_best() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let first = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(first.action_status, ActionStatus::Success, "{}", first.feedback);
    assert_eq!(first.current_raw_score, Some(0.75));
    assert_eq!(first.best_raw_score, Some(0.75));
    assert_eq!(first.result["submission"], json!({"status": "SUCCESS", "raw_score": 0.75}));
    let worse = fixture.execute(&mut environment, &predicting(HALF_RIGHT)).await;
    assert_eq!((worse.current_raw_score, worse.best_raw_score), (Some(0.5), Some(0.75)));
    assert!(worse.to_text().contains("\nRaw Score: 0.5\nBest Raw Score: 0.75\n"), "{}", worse.to_text());
    assert_eq!(environment.best(), Some(0.75));
    let archive = fixture.dir.path().join("work/session-1/archive");
    assert!(fs::read_to_string(archive.join("submission_1.csv")).unwrap().contains("104,gentoo"));
    assert!(fs::read_to_string(archive.join("submission_2.csv")).unwrap().contains("104,adelie"));
}

#[tokio::test]
async fn a_lower_score_is_better_when_the_metric_says_so() {
    let fixture = Fixture::with_metric(
        &METRIC.replace("higher_is_better: bool = True", "higher_is_better: bool = False"),
    );
    let mut environment = fixture.open().await;
    assert!(!environment.higher_is_better());
    fixture.execute(&mut environment, &predicting(HALF_RIGHT)).await;
    let second = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!((second.current_raw_score, second.best_raw_score), (Some(0.75), Some(0.5)));
}

#[tokio::test]
async fn no_script_is_scored_on_the_submission_of_another() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let failed =
        fixture.execute(&mut environment, &(predicting(MOSTLY_RIGHT) + "\nraise KeyError('late')")).await;
    assert_eq!(error_type(&failed), "CodeRuntimeError");
    assert_eq!(failed.result["submission"], Value::Null);
    assert_eq!(failed.result["execution"]["details"], "KeyError: 'late'");
    assert_eq!((failed.current_raw_score, failed.best_raw_score), (None, None));
    let idle = fixture.execute(&mut environment, "print('nothing')").await;
    assert_eq!(error_type(&idle), "SubmissionNotFoundError");
    let validated = fixture.validate(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(validated.action_status, ActionStatus::Success, "{}", validated.feedback);
    assert_eq!(validated.current_raw_score, None);
    assert_eq!(error_type(&fixture.execute(&mut environment, "pass").await), "SubmissionNotFoundError");
    fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!(error_type(&fixture.execute(&mut environment, "pass").await), "SubmissionNotFoundError");
}

#[tokio::test]
async fn validation_checks_syntax_and_really_runs() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let broken = fixture.validate(&mut environment, "print('a')\nx = (1,\n").await;
    assert_eq!(error_type(&broken), "CodeSyntaxError");
    assert_eq!(broken.result["runtime"], Value::Null);
    assert!(broken.feedback.contains("SyntaxError: '(' was never closed"), "{}", broken.feedback);
    assert!(broken.feedback.contains("script.py\", line 2"), "{}", broken.feedback);
    let crashing = fixture.validate(&mut environment, "print('before')\n1 / 0").await;
    assert_eq!(error_type(&crashing), "CodeRuntimeError");
    assert_eq!(crashing.result["syntax"]["status"], "SUCCESS");
    assert!(crashing.feedback.contains("before"));
    assert!(crashing.feedback.contains("ZeroDivisionError"));
}

#[tokio::test]
async fn passes_on_the_validators_own_words() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    // The gate takes columns in any order; this validator does not.
    let code = predicting(HALF_RIGHT)
        + "\nimport pandas as pd\npd.read_csv('submission.csv')[['species', 'id']].to_csv('submission.csv', index=False)";
    let observation = fixture.execute(&mut environment, &code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    let words = "Expected the columns ['id', 'species'],\n  but got ['species', 'id'].";
    assert_eq!(observation.result["submission"]["error"], words);
    assert!(observation.feedback.contains(words));
    assert_eq!(observation.result["execution"]["status"], "SUCCESS");
    assert_eq!(observation.current_raw_score, None);
}

#[tokio::test]
async fn a_crashing_metric_betrays_no_answers() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(["crash"; 4])).await;
    assert_eq!(error_type(&observation), "EvaluationError");
    let error = &observation.result["submission"]["error"];
    assert_eq!(error, "ValueError: cannot compare with ['***', '***', '***', '***']");
    let text = observation.to_text() + &observation.result.to_string();
    for secret in ["adelie", "gentoo", "chinstrap", "second line"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_score_that_is_no_number_is_no_success() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let observation = fixture.execute(&mut environment, &predicting(["undefined"; 4])).await;
    assert_eq!(error_type(&observation), "EvaluationError");
    assert_eq!((observation.current_raw_score, environment.best()), (None, None));
}

#[tokio::test]
async fn a_submission_that_is_no_table_is_invalid() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = r#"open('submission.csv', 'w').write('id,species\n1,"a\n')"#;
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    assert!(
        observation.feedback.contains("line 2, column 2: the value begins with a quote"),
        "{}",
        observation.feedback
    );
}

#[tokio::test]
async fn refuses_a_link_as_submission() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import os\nos.symlink('public/sample_submission.csv', 'submission.csv')";
    let observation = fixture.execute(&mut environment, code).await;
    assert_eq!(error_type(&observation), "InvalidSubmissionError");
    assert!(observation.feedback.contains("submission.csv is a link"), "{}", observation.feedback);
}

#[tokio::test]
async fn cuts_long_output() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = "import sys\nprint('first' + 'x' * 5_000_000 + 'last')\nprint('warned', file=sys.stderr)";
    let observation = fixture.execute(&mut environment, &format!("{code}\n{}", predicting(HALF_RIGHT))).await;
    assert_eq!(observation.current_raw_score, Some(0.5), "{}", observation.feedback);
    let output = observation.result["execution"]["output"].as_str().unwrap();
    assert!((4_000..6_000).contains(&output.len()), "{}", output.len());
    assert!(output.starts_with("firstx") && output.contains("xlast\n"));
    assert!(output.ends_with("[stderr]\nwarned\n"), "{output}");
    assert!(observation.to_text().len() < 7_000);
}

#[tokio::test]
async fn the_step_budget_is_exact() {
    let fixture = Fixture::new();
    let mut config = fixture.config();
    config.max_steps = Some(3);
    let mut environment = Environment::open(testing::runtime().await, config).await.unwrap();
    let first = fixture.act(&mut environment, "nonsense", json!({})).await;
    assert_eq!((first.steps_used, first.steps_left), (1, Some(2)));
    let metadata = fixture.info(&mut environment, "metadata").await;
    assert_eq!(metadata.result["data"]["metadata"]["steps_left"], 1);
    for free in ["get_history", "reset"] {
        assert_eq!(fixture.act(&mut environment, free, json!({})).await.steps_used, 2);
    }
    let last = fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    assert_eq!((last.steps_used, last.steps_left, last.current_raw_score), (3, Some(0), Some(0.75)));
    assert!(last.to_text().ends_with("\nsteps used: 3, left: 0\n"));
    let records = environment.history().records().len();
    for name in ["request_info", "get_history", "reset", "execute_code", "nonsense"] {
        let arguments = json!({"info_type": "name", "code": "pass"});
        let refused = fixture.act(&mut environment, name, arguments).await;
        assert_eq!(error_type(&refused), "StepBudgetSpent");
        assert_eq!((refused.steps_used, refused.best_raw_score), (3, Some(0.75)));
    }
    assert_eq!(environment.history().records().len(), records);
}

#[tokio::test]
async fn the_history_only_grows_and_does_not_hold_itself() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    let code = predicting(MOSTLY_RIGHT);
    fixture.info(&mut environment, "name").await;
    fixture.execute(&mut environment, &code).await;
    fixture.act(&mut environment, "reset", json!({})).await;
    fixture.execute(&mut environment, "1 / 0").await;
    let first = fixture.act(&mut environment, "get_history", json!({})).await;
    let second = fixture.act(&mut environment, "get_history", json!({})).await;
    assert_eq!(first, second);
    assert_eq!(
        first.to_text(),
        "status: SUCCESS\n=== History ===\n4 of 4 records\nstep 1: request_info: SUCCESS\n\
         step 2: execute_code: SUCCESS, raw score 0.75\nstep 2: reset: SUCCESS\n\
         step 3: execute_code: CodeRuntimeError\nsteps used: 3\n"
    );
    assert_eq!(first.result["data"][1]["raw_score"], 0.75);
    let records = environment.history().records();
    assert_eq!(records[1].code.as_deref(), Some(&*code));
    assert_eq!(records[1].argument_bytes, code.len() as u64);
    assert!(records.is_sorted_by(|a, b| a.at_seconds <= b.at_seconds));
}
