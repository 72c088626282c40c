//! Budgets of time, seeds, the gate, and the improvement of the leader.

use std::time::Duration;

use serde_json::{Value, json};
use smith_exec::environment::{ActionStatus, Environment, EnvironmentConfig, Observation};
use smith_exec::testing;

use crate::environment_fixture::{Fixture, HALF_RIGHT, METRIC, MOSTLY_RIGHT, error_type, predicting};

async fn open(fixture: &Fixture, change: impl FnOnce(&mut EnvironmentConfig)) -> Environment {
    let mut config = fixture.config();
    change(&mut config);
    Environment::open(testing::runtime().await, config).await.unwrap()
}

#[tokio::test]
async fn options_are_told_only_when_they_are_used() {
    let fixture = Fixture::new();
    let metadata = async |environment: &mut Environment| {
        fixture.info(environment, "metadata").await.result["data"]["metadata"].clone()
    };
    let plain = metadata(&mut fixture.open().await).await;
    for option in ["seed", "feedback", "max_seconds"] {
        assert_eq!(plain.get(option), None);
    }
    let mut environment = open(&fixture, |config| {
        config.seed = Some(11);
        config.max_time = Some(Duration::from_secs(900));
        config.feedback = "none".parse().unwrap();
    })
    .await;
    let told = metadata(&mut environment).await;
    assert_eq!((&told["seed"], &told["feedback"]), (&json!(11), &json!("none")));
    assert_eq!(told["max_seconds"], 900.0);
    assert_eq!(told["higher_is_better"], plain["higher_is_better"]);
}

#[tokio::test]
async fn when_the_time_is_spent_only_free_actions_are_left() {
    let fixture = Fixture::new();
    let mut environment = open(&fixture, |config| config.max_time = Some(Duration::ZERO)).await;
    for (name, arguments) in [
        ("request_info", json!({"info_type": "name"})),
        ("validate_code", json!({"code": "pass"})),
        ("execute_code", json!({"code": predicting(MOSTLY_RIGHT)})),
        ("nonsense", json!({})),
    ] {
        let refused = fixture.act(&mut environment, name, arguments).await;
        assert_eq!(error_type(&refused), "TimeBudgetSpent");
        assert_eq!((refused.steps_used, refused.seconds_left), (0, Some(0.0)));
        assert!(refused.to_text().ends_with("\nsteps used: 0, time left: 0 s\n"), "{}", refused.to_text());
    }
    for name in ["get_history", "reset"] {
        let free = fixture.act(&mut environment, name, json!({})).await;
        assert_eq!(free.action_status, ActionStatus::Success);
    }
    assert_eq!(environment.history().records().len(), 1, "what was refused is no history");
    assert_eq!(environment.finish().await.unwrap().submission, None);
}

#[tokio::test]
async fn a_script_gets_no_more_than_what_is_left_but_some_seconds() {
    let fixture = Fixture::new();
    let mut environment = open(&fixture, |config| config.max_time = Some(Duration::from_secs(4))).await;
    let stopped = fixture.execute(&mut environment, "while True: pass").await;
    assert_eq!(stopped.result["execution"]["error"], "killed at the wall time limit");
    let refused = fixture.execute(&mut environment, "pass").await;
    assert_eq!(error_type(&refused), "TimeBudgetSpent");
}

#[tokio::test]
async fn without_a_time_budget_no_time_is_told() {
    let fixture = Fixture::new();
    let observation = fixture.info(&mut fixture.open().await, "name").await;
    assert_eq!(observation.seconds_left, None);
    assert!(observation.to_text().ends_with("\nsteps used: 1\n"));
}

const DRAW: &str = "\
import random
first = random.random()
import numpy as np
from sklearn.ensemble import RandomForestClassifier
X = np.arange(40).reshape(-1, 1) % 7
y = np.arange(40) % 3
forest = RandomForestClassifier(5).fit(X, y)
print(first, np.random.rand(), forest.predict_proba([[3], [5]]).tolist(), {'a', 'b', 'c', 'd'})
import subprocess, sys
program = 'import random, numpy; print(random.random(), numpy.random.rand())'
print(subprocess.run([sys.executable, '-c', program], capture_output=True, text=True, check=True).stdout)
species = ['adelie', 'gentoo', 'chinstrap']
rows = ''.join(f'{i},{np.random.choice(species)}\\n' for i in range(101, 105))
open('submission.csv', 'w').write('id,species\\n' + rows)
";

fn without_time(observation: &Observation) -> Vec<String> {
    let text = observation.to_text();
    text.lines().filter(|line| !line.starts_with("execution time: ")).map(str::to_owned).collect()
}

#[tokio::test]
async fn equal_seeds_give_equal_sessions() {
    let fixture = Fixture::new();
    let mut seen = Vec::new();
    for seed in [Some(3), Some(3), Some(4), None] {
        let mut environment = open(&fixture, |config| config.seed = seed).await;
        let observation = fixture.execute(&mut environment, DRAW).await;
        assert!(observation.current_raw_score.is_some(), "{}", observation.feedback);
        assert_eq!(environment.history().records()[0].seed, seed);
        seen.push(without_time(&observation));
    }
    assert_eq!(seen[0], seen[1]);
    assert_ne!(seen[0], seen[2]);
    assert_ne!(seen[0], seen[3]);
}

#[tokio::test]
async fn a_seeded_script_sees_nothing_of_how_it_is_seeded() {
    let fixture = Fixture::new();
    let code = "import sys\nprint([name for name in sys.modules if name.startswith('numpy')], sys.argv)\n\
                print([path for path in sys.path if 'seeded' in path])\n\
                def inner():\n    return 1 / 0\n\
                # The script's own folder may hold a file of the name that Python looks for.\n\
                open('sitecustomize.py', 'w').write('raise SystemExit(7)')\ninner()";
    let plain = without_time(&fixture.execute(&mut fixture.open().await, code).await);
    assert!(plain.iter().any(|line| line == "[] ['<tmp>/program.py']"), "{plain:?}");
    assert!(plain.iter().any(|line| line == "  File \"<tmp>/program.py\", line 5, in inner"), "{plain:?}");
    let mut environment = open(&fixture, |config| config.seed = Some(3)).await;
    for step in 1..3 {
        let seeded = without_time(&fixture.execute(&mut environment, code).await);
        let last = seeded.len() - 1;
        assert_eq!(seeded[..last], plain[..last]);
        assert_eq!(seeded[last], format!("steps used: {step}"));
    }
}

#[tokio::test]
async fn the_gate_answers_before_the_metric_sees_a_submission() {
    // Accepts everything, as many real validators do.
    let lax = METRIC.replace("if list(submission.columns)", "if False and list(submission.columns)");
    let fixture = Fixture::with_metric(&lax);
    let mut environment = fixture.open().await;
    for (csv, words) in [
        ("id,kind\\n101,adelie\\n", "missing: \"species\""),
        ("id,species\\n101,adelie,1\\n", "line 2: the row has 3 values"),
        ("id,species\\n101,\"a\\n", "the file ends before it is closed"),
        ("id,species\\n101,a\\n102,a\\n103,a\\n", "1 missing: \"104\""),
        ("id,species\\n101,a\\n101,a\\n102,a\\n103,a\\n104,a\\n", "1 repeated: \"101\" (line 3)"),
        ("id,species\\n101,a\\n102,\\n103,a\\n104,a\\n", "column \"species\": 1 value is empty"),
        ("", "the file is empty"),
    ] {
        let code = format!("open('submission.csv', 'w').write('{csv}')");
        let observation = fixture.execute(&mut environment, &code).await;
        assert_eq!(error_type(&observation), "InvalidSubmissionError");
        let submission = &observation.result["submission"];
        assert!(submission["error"].as_str().unwrap().contains(words), "{submission}");
        for field in ["status", "error_type", "error", "details", "potential_causes"] {
            assert_ne!(submission[field], Value::Null, "{field}");
        }
        assert_eq!((observation.current_raw_score, observation.improvement), (None, None));
    }
}

#[tokio::test]
async fn the_improvement_of_the_leader_is_positive_when_better() {
    for (higher, expected) in
        [("True", [None, Some(0.25), Some(-0.25)]), ("False", [None, Some(-0.25), Some(0.0)])]
    {
        let metric =
            METRIC.replace("higher_is_better: bool = True", &format!("higher_is_better: bool = {higher}"));
        let fixture = Fixture::with_metric(&metric);
        let mut environment = fixture.open().await;
        for (species, expected) in [HALF_RIGHT, MOSTLY_RIGHT, HALF_RIGHT].into_iter().zip(expected) {
            let observation = fixture.execute(&mut environment, &predicting(species)).await;
            assert_eq!(observation.improvement, expected);
            assert!(!observation.to_text().to_lowercase().contains("improvement"));
            assert_eq!(serde_json::to_value(&observation).unwrap()["improvement"], json!(expected));
        }
    }
}

#[tokio::test]
async fn a_finished_session_takes_no_action() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    for species in [HALF_RIGHT, MOSTLY_RIGHT, MOSTLY_RIGHT, HALF_RIGHT] {
        fixture.execute(&mut environment, &predicting(species)).await;
    }
    let score = environment.finish().await.unwrap();
    let (submission, last) = (score.submission.clone().unwrap(), score.last.clone().unwrap());
    assert_eq!((submission.step, submission.score, submission.validation_score), (2, Some(0.75), None));
    assert_eq!((last.step, last.score, score.higher_is_better), (4, Some(0.5), true));
    for name in ["request_info", "validate_code", "execute_code", "get_history", "reset", "nonsense"] {
        let arguments = json!({"info_type": "name", "code": "pass"});
        let refused = fixture.act(&mut environment, name, arguments).await;
        assert_eq!(error_type(&refused), "SessionFinished");
        assert_eq!(refused.steps_used, 4);
    }
    assert_eq!(environment.finish().await.unwrap(), score);
    assert_eq!(environment.history().records().len(), 4);
}

#[tokio::test]
async fn what_was_submitted_before_a_reset_does_not_count() {
    let fixture = Fixture::new();
    let mut environment = fixture.open().await;
    fixture.execute(&mut environment, &predicting(MOSTLY_RIGHT)).await;
    fixture.act(&mut environment, "reset", json!({})).await;
    let next = fixture.execute(&mut environment, &predicting(HALF_RIGHT)).await;
    assert_eq!(next.improvement, None);
    assert_eq!(environment.finish().await.unwrap().submission.unwrap().step, 2);
}
