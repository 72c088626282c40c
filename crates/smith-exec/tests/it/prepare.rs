//! Running `prepare.py`.

use std::path::Path;

use smith_exec::{JobResult, JobStatus, Limits, PrepareHow, testing};
use tempfile::TempDir;

use crate::sandbox::seconds;

/// A task with one raw table and the given `prepare.py`.
fn task(prepare: &str) -> TempDir {
    let task = tempfile::tempdir().unwrap();
    for folder in ["raw", "public", "private"] {
        std::fs::create_dir(task.path().join(folder)).unwrap();
    }
    std::fs::write(task.path().join("raw/flowers.csv"), "id,width,species\n1,0.2,a\n2,1.4,b\n3,0.3,a\n")
        .unwrap();
    std::fs::write(task.path().join("prepare.py"), prepare).unwrap();
    task
}

async fn prepare_with(task: &Path, how: &PrepareHow, limits: Limits) -> JobResult {
    let runtime = testing::runtime().await.with_limits(limits);
    let folder = |name| task.join(name);
    runtime
        .prepare(&folder("prepare.py"), &folder("raw"), &folder("public"), &folder("private"), how)
        .await
        .unwrap()
}

async fn prepare(task: &Path) -> JobResult {
    prepare_with(task, &PrepareHow::default(), seconds(120)).await
}

#[tokio::test]
async fn prepare_writes_the_public_and_private_files() {
    let task = task(
        "from pathlib import Path\nimport pandas as pd\n\n\
         def prepare(raw: Path, public: Path, private: Path):\n\
         \x20   table = pd.read_csv(raw / 'flowers.csv')\n\
         \x20   table[['id', 'width']].to_csv(public / 'test.csv', index=False)\n\
         \x20   table[['id', 'species']].to_csv(private / 'test_answer.csv', index=False)\n\
         \x20   print('rows', len(table), raw.name)\n",
    );
    let result = prepare(task.path()).await;
    assert!(result.status.is_ok(), "{}", result.stderr.text);
    assert_eq!(result.stdout.text, "rows 3 raw\n");
    let answers = std::fs::read_to_string(task.path().join("private/test_answer.csv")).unwrap();
    assert_eq!(answers, "id,species\n1,a\n2,b\n3,a\n");
    assert!(!task.path().join("__pycache__").exists());
}

#[tokio::test]
async fn an_exception_shows_the_tasks_own_lines_only() {
    let task = task(
        "import pandas as pd\ndef prepare(raw, public, private):\n    pd.read_csv(raw / 'missing.csv')\n",
    );
    let result = prepare(task.path()).await;
    assert_eq!(result.status, JobStatus::Exit { code: 1 });
    let expected = "Traceback (most recent call last):\n  File \"./prepare.py\", line 3, in prepare\n    \
                    pd.read_csv(raw / 'missing.csv')";
    assert!(result.stderr.text.starts_with(expected), "{}", result.stderr.text);
    assert!(result.stderr.text.ends_with("No such file or directory: 'raw/missing.csv'\n"));
    assert!(!result.stderr.text.contains("pandas/"), "{}", result.stderr.text);
}

#[tokio::test]
async fn a_file_without_prepare_is_refused() {
    let task = task("def main():\n    pass\n");
    let result = prepare(task.path()).await;
    assert_eq!(result.status, JobStatus::Exit { code: 1 });
    assert!(result.stderr.text.contains("defines no function 'prepare(raw, public, private)'"));
}

#[tokio::test]
async fn an_early_exit_is_a_failure() {
    let task = task("import sys\ndef prepare(raw, public, private):\n    sys.exit(0)\n");
    let result = prepare(task.path()).await;
    assert_eq!(result.status, JobStatus::Exit { code: 1 });
    assert!(result.stderr.text.contains("SystemExit"));
}

#[tokio::test]
async fn the_arguments_come_in_order_and_the_directory_is_empty() {
    let task = task("import os\ndef prepare(a, b, c):\n    print(a.name, b.name, c.name, os.listdir('.'))\n");
    assert_eq!(prepare(task.path()).await.stdout.text, "raw public private []\n");
}

#[tokio::test]
async fn what_prepare_must_not_depend_on_can_be_varied() {
    let task = task(
        "import os, time\ndef prepare(raw, public, private):\n    \
         print(hash('a'), time.tzname[0], os.environ['LC_ALL'])\n",
    );
    let usual = prepare(task.path()).await.stdout.text;
    let how =
        PrepareHow { hash_seed: 7, time_zone: "XYZ-3".into(), locale: "C".into(), ..PrepareHow::default() };
    let other = prepare_with(task.path(), &how, seconds(60)).await.stdout.text;
    assert!(usual.ends_with(" UTC C.UTF-8\n"), "{usual}");
    assert!(other.ends_with(" XYZ C\n"), "{other}");
    assert_ne!(usual.split(' ').next(), other.split(' ').next());
}

#[tokio::test]
async fn prepare_keeps_to_the_limits() {
    let task = task("def prepare(raw, public, private):\n    while True: pass\n");
    let result = prepare_with(task.path(), &PrepareHow::default(), seconds(2)).await;
    assert_eq!(result.status, JobStatus::TimeoutWall);
}
