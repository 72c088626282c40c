//! Streams of submissions, with a worker and without: results are the same.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use smith_exec::{Grader, GraderPool, Guarantee, JobStatus, Launch, Runtime, Scoring, Tier, testing};

use crate::jail::{jail, tiers};

const METRIC: &str = "\
from sklearn.metrics import f1_score
from mledojo.metrics.base import CompetitionMetrics, InvalidSubmissionError


class F1Metrics(CompetitionMetrics):
    def __init__(self, value: str = 'label', higher_is_better: bool = True):
        super().__init__(higher_is_better)
        self.value = value

    def evaluate(self, y_true, y_pred):
        both = y_true.merge(y_pred, on='id')
        return float(f1_score(both['label_x'], both['label_y'], average='macro'))

    def validate_submission(self, submission, ground_truth):
        if set(submission['id']) != set(ground_truth['id']):
            raise InvalidSubmissionError('the ids differ')
        print('noise')
";

const ROWS: usize = 10_000;

fn table(path: &Path, label: impl Fn(usize) -> usize) {
    let rows: String = (0..ROWS).map(|id| format!("{id},{}\n", label(id) % 3)).collect();
    std::fs::write(path, format!("id,label\n{rows}")).unwrap();
}

/// Everything but the time.
fn timeless(mut scoring: Scoring) -> Scoring {
    for score in &mut scoring.scores {
        score.seconds = 0.0;
    }
    scoring
}

#[tokio::test]
async fn a_worker_scores_as_a_process_of_its_own_does() {
    let python = testing::runtime().await.python().clone();
    let tier = tiers().await[0];
    let [runtime, warm] = [(); 2].map(|()| Runtime::new(python.clone(), Arc::new(jail(tier))));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("metric.py"), METRIC).unwrap();
    table(&at("answers.csv"), |id| id * id);
    table(&at("good.csv"), |id| id * id + usize::from(id % 7 == 0));
    table(&at("other.csv"), |id| id);
    std::fs::write(at("short.csv"), "id,label\n1,1\n").unwrap();
    std::fs::write(at("broken.csv"), "\0\"").unwrap();
    let mut grader = Grader::new(warm.clone(), &at("metric.py"), &at("answers.csv")).unwrap();
    for name in ["good.csv", "other.csv", "short.csv", "broken.csv", "good.csv"] {
        let expected = runtime.score(&at("metric.py"), &at("answers.csv"), &[at(name)]).await.unwrap();
        let scoring = grader.grade(&at(name)).await.unwrap();
        assert_eq!(scoring.status, JobStatus::Ok);
        assert_eq!(timeless(scoring), timeless(expected), "{name}");
    }
    let confinement = warm.confinement().unwrap();
    assert_eq!(confinement.launch == Launch::Warm, tier == Tier::Namespaces, "{confinement:?}");
    // A worker is held by what holds other jobs.
    for guarantee in Guarantee::ALL {
        let expected = runtime.confinement().unwrap();
        assert_eq!(confinement.guards.get(guarantee), expected.guards.get(guarantee));
    }
}

#[tokio::test]
async fn a_pool_serves_several_tasks_with_few_graders() {
    const ROOM: usize = 2;
    let runtime = Runtime::new(testing::runtime().await.python().clone(), Arc::new(jail(tiers().await[0])));
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("metric.py"), METRIC).unwrap();
    let pool = GraderPool::new(runtime, ROOM);
    let mut gradings = tokio::task::JoinSet::new();
    for task in 0..3 {
        let answers = at(&format!("answers-{task}.csv"));
        table(&answers, |id| id * (task + 1));
        let grader = pool.for_task(&at("metric.py"), &answers);
        for submitted in 0..3 {
            let (grader, submission) = (grader.clone(), at(&format!("answers-{submitted}.csv")));
            // Begins when this task waits for the first time; all tables are there then.
            gradings.spawn(async move { (task, submitted, grader.grade(&submission).await.unwrap()) });
        }
    }
    while let Some(graded) = gradings.join_next().await {
        let (task, submitted, scoring) = graded.unwrap();
        let score = scoring.scores[0].score.unwrap();
        assert_eq!(score == 1.0, task == submitted, "task {task}, answers of {submitted}: {score}");
    }
    assert_eq!(pool.end_idle(Duration::from_secs(3600)), 0);
    assert!((1..=ROOM).contains(&pool.end_idle(Duration::ZERO)));
    assert_eq!(pool.end_idle(Duration::ZERO), 0);
}
