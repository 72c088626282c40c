//! Mutations that are found without running anything.

use std::fs;

use smith_assert::Catalogue;
use smith_task_schema::{LayoutKind, TaskLayout, Verdict};

use crate::support::{Task, append, assert_readable, edit, edit_rows};

struct Mutation {
    what: &'static str,
    /// Code and place of the finding.
    found: &'static str,
    change: fn(&TaskLayout),
}

const fn mutation(what: &'static str, found: &'static str, change: fn(&TaskLayout)) -> Mutation {
    Mutation { what, found, change }
}

/// The predicted grade of every apple of the test data, by id.
fn answers(task: &TaskLayout) -> Vec<String> {
    let text = fs::read_to_string(task.test_answer()).unwrap();
    text.lines().skip(1).map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
}

const SIGNATURE: &str = "def prepare(raw: Path, public: Path, private: Path):";
const INIT: &str = "def __init__(self, value: str = \"grade\", higher_is_better: bool = True):";
const EVALUATE: &str = "def evaluate(self, y_true: pd.DataFrame, y_pred: pd.DataFrame)";
const VALIDATE: &str = "def validate_submission(self, submission: pd.DataFrame, ground_truth: pd.DataFrame)";

const MUTATIONS: &[Mutation] = &[
    mutation("no test.py", "E L102 test.py", |t| fs::remove_file(&t.test).unwrap()),
    mutation("no answers", "E L102 private/test_answer.csv", |t| fs::remove_file(t.test_answer()).unwrap()),
    mutation("no public description", "E L102 public/description.txt", |t| {
        fs::remove_file(t.public.join("description.txt")).unwrap();
    }),
    mutation("no private directory", "E L102 private/", |t| fs::remove_dir_all(&t.private).unwrap()),
    mutation("empty metric", "E L102 metric.py", |t| fs::write(&t.metric, "").unwrap()),
    mutation("a directory for a file", "E L102 prepare.py", |t| {
        fs::remove_file(&t.prepare).unwrap();
        fs::create_dir(&t.prepare).unwrap();
    }),
    mutation("broken test", "E L103 test.py:3", |t| fs::write(&t.test, "x = 1\n\ndef (:\n").unwrap()),
    mutation("turned writing", "E L104 prepare.py:1", |t| {
        let text = fs::read_to_string(&t.prepare).unwrap();
        fs::write(&t.prepare, format!("# \u{202e}x\n{text}")).unwrap();
    }),
    mutation("broken prepare", "E P101 prepare.py:23", |t| {
        edit(&t.prepare, SIGNATURE, "def prepare(raw: Path:");
    }),
    mutation("NUL in prepare", "E P101 prepare.py:1", |t| fs::write(&t.prepare, "x = '\0'").unwrap()),
    mutation("deep brackets", "E P101 prepare.py", |t| {
        fs::write(&t.prepare, format!("x = {}{}", "(".repeat(20_000), ")".repeat(20_000))).unwrap();
    }),
    mutation("another name", "E P102 prepare.py", |t| edit(&t.prepare, "def prepare(", "def make(")),
    mutation("twice", "E P102 prepare.py:23", |t| append(&t.prepare, &format!("\n{SIGNATURE}\n    pass\n"))),
    mutation("another order", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, SIGNATURE, "def prepare(public: Path, raw: Path, private: Path):");
    }),
    mutation("one parameter more", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "private: Path):", "private: Path, seed: Path):");
    }),
    mutation("variadic", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "private: Path):", "private: Path, **more):");
    }),
    mutation("default", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "private: Path):", "private: Path = Path('x')):");
    }),
    mutation("text instead of a path", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "private: Path):", "private: str):");
    }),
    mutation("no annotation", "W P102 prepare.py:23", |t| edit(&t.prepare, "private: Path):", "private):")),
    mutation("keyword only", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "public: Path, private", "*, public: Path, private");
    }),
    mutation("async", "E P102 prepare.py:23", |t| edit(&t.prepare, "def prepare(", "async def prepare(")),
    mutation("Path not imported", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "from pathlib import Path", "");
    }),
    mutation("Path of another module", "E P102 prepare.py:23", |t| {
        edit(&t.prepare, "from pathlib", "from py.path");
    }),
    mutation("main guard", "E P103 prepare.py:38", |t| {
        append(
            &t.prepare,
            "\n\nif __name__ == \"__main__\":\n    prepare(Path('raw'), Path('public'), Path('private'))\n",
        );
    }),
    mutation("main function", "E P103 prepare.py:37", |t| append(&t.prepare, "\ndef main():\n    pass\n")),
    mutation("work at import", "E P104 prepare.py:37", |t| {
        append(&t.prepare, "\nDATA = pd.read_csv('raw/apples.csv')\n");
    }),
    mutation("own work at import", "E P104 prepare.py:37", |t| {
        append(&t.prepare, "\nTRAIN = split(pd.read_csv('x.csv'))\n");
    }),
    mutation("free NumPy generator", "E P105 prepare.py:15", |t| {
        edit(&t.prepare, "default_rng(SEED)", "default_rng()");
    }),
    mutation("free global draws", "E P105 prepare.py:26", |t| {
        edit(&t.prepare, "    is_test = split(apples)", "    is_test = np.random.rand(len(apples)) < 0.3");
    }),
    mutation("free sample", "E P105 prepare.py:26", |t| {
        edit(
            &t.prepare,
            "    is_test = split(apples)",
            "    apples = apples.sample(frac=1)\n    is_test = split(apples)",
        );
    }),
    mutation("free split", "E P105 prepare.py:26", |t| {
        edit(
            &t.prepare,
            "import numpy as np",
            "import numpy as np; from sklearn.model_selection import train_test_split",
        );
        edit(
            &t.prepare,
            "    is_test = split(apples)",
            "    train_test_split(apples)\n    is_test = split(apples)",
        );
    }),
    mutation("free standard draws", "E P105 prepare.py:26", |t| {
        edit(&t.prepare, "import shutil", "import random, shutil");
        edit(
            &t.prepare,
            "    is_test = split(apples)",
            "    random.shuffle([1])\n    is_test = split(apples)",
        );
    }),
    mutation("network", "E P106 prepare.py:3", |t| {
        edit(
            &t.prepare,
            "import shutil",
            "import shutil; from urllib import request; PAGE = request.urlopen",
        );
    }),
    mutation("shell", "E P106 prepare.py:35", |t| {
        edit(&t.prepare, "import shutil", "import os, shutil");
        edit(&t.prepare, "shutil.rmtree(raw)", "os.system('curl x.org')");
    }),
    mutation("broken metric", "E M101 metric.py:7", |t| {
        edit(&t.metric, "(CompetitionMetrics):", "(CompetitionMetrics:");
    }),
    mutation("no such class", "E M102 metric.py:7", |t| {
        edit(&t.metric, "class OrchardGradeMetrics", "class OrchardGrade");
    }),
    mutation("two classes", "E M102 metric.py:36", |t| {
        append(&t.metric, "\nclass OtherMetrics(CompetitionMetrics):\n    pass\n");
    }),
    mutation("second metric", "E M102 metric.py:36", |t| {
        append(&t.metric, "\nclass Aid(CompetitionMetrics):\n    pass\n");
    }),
    mutation("no base", "E M102 metric.py", |t| edit(&t.metric, "(CompetitionMetrics):", ":")),
    mutation("base of elsewhere", "E M102 metric.py", |t| {
        edit(&t.metric, "mledojo.metrics.base", "samples.base_metric");
    }),
    mutation("no constructor", "E M103 metric.py:7", |t| edit(&t.metric, "def __init__", "def setup")),
    mutation("no default", "E M103 metric.py:10", |t| {
        edit(&t.metric, "value: str = \"grade\"", "value: str");
    }),
    mutation("other argument", "E M103 metric.py:10", |t| {
        edit(&t.metric, INIT, "def __init__(self, column=\"grade\", higher_is_better=True):");
    }),
    mutation("one argument more", "W M103 metric.py:10", |t| {
        edit(&t.metric, "bool = True):", "bool = True, beta=1):");
    }),
    mutation("no evaluate", "E M104 metric.py:7", |t| edit(&t.metric, "def evaluate", "def score")),
    mutation("submission first", "E M104 metric.py:14", |t| {
        edit(&t.metric, EVALUATE, "def evaluate(self, y_pred, y_true)");
    }),
    mutation("other names", "W M105 metric.py:24", |t| {
        edit(&t.metric, VALIDATE, "def validate_submission(self, submission, answers)");
    }),
    mutation("static", "E M105 metric.py:24", |t| {
        edit(&t.metric, VALIDATE, "def validate_submission(submission, ground_truth)");
    }),
    mutation("never raises", "E M105 metric.py:24", |t| {
        edit(&t.metric, "raise InvalidSubmissionError(", "return str(");
    }),
    mutation("metric with main", "E M106 metric.py:36", |t| {
        append(&t.metric, "\nif '__main__' == __name__:\n    print(1)\n");
    }),
    mutation("metric with programs", "E M107 metric.py:3", |t| {
        edit(&t.metric, "import pandas as pd", "import pandas as pd, subprocess; RUN = subprocess.run");
    }),
    mutation("metric that reads", "E M108 metric.py:15", |t| {
        edit(&t.metric, "truth = y_true.", "truth = pd.read_csv('private/test_answer.csv').");
    }),
    mutation("metric that opens", "E M108 metric.py:15", |t| {
        edit(&t.metric, "truth = y_true.", "open('x'); truth = y_true.");
    }),
    mutation("short description", "E D101 public/description.txt", |t| {
        for path in [&t.description, &t.public.join("description.txt")] {
            fs::write(path, "Grade apples.").unwrap();
        }
    }),
    mutation("file that is not there", "E D102 public/description.txt:9", |t| {
        edit(&t.public.join("description.txt"), "`train.csv`", "`training.csv`");
    }),
    mutation("directory that is not there", "E D102 description.txt:9", |t| {
        edit(&t.description, "`train.csv`", "`images/` and `train.csv`");
    }),
    mutation("answers mentioned", "E D103 description.txt:11", |t| {
        edit(&t.description, "a valid submission", "like test_answer.csv");
    }),
    mutation("private/ mentioned", "E D103 description.txt:11", |t| {
        edit(&t.description, "a valid submission", "see private/");
    }),
    mutation("raw/ mentioned", "E D103 description.txt:11", |t| {
        edit(&t.description, "a valid submission", "from raw/apples.csv");
    }),
    mutation("two descriptions", "W D104 public/description.txt", |t| {
        append(&t.description, "\nGood luck!\n");
    }),
    mutation("other columns", "E S101 public/sample_submission.csv", |t| {
        edit(&t.sample_submission(), "apple_id,grade", "number,grade");
    }),
    mutation("rows missing in the sample", "E S101 public/sample_submission.csv", |t| {
        let text = fs::read_to_string(t.sample_submission()).unwrap();
        let lines: Vec<_> = text.lines().take(30).collect();
        fs::write(t.sample_submission(), lines.join("\n")).unwrap();
    }),
    mutation("not a table", "E S101 public/sample_submission.csv", |t| {
        fs::write(t.sample_submission(), "a,b\n1,2,3\n\"").unwrap();
    }),
    mutation("column only in the answers", "W S101 public/sample_submission.csv", |t| {
        edit(&t.test_answer(), "apple_id,grade", "apple_id,grade,usage");
        edit_rows(&t.test_answer(), |_, line| format!("{line},Public"));
    }),
    mutation("answers in public/", "E A101 public/test_answer.csv", |t| {
        fs::write(t.public.join("test_answer.csv"), "apple_id,grade\n").unwrap();
    }),
    mutation("copy of the answers", "E A101 public/extra/notes.dat", |t| {
        fs::create_dir(t.public.join("extra")).unwrap();
        fs::copy(t.test_answer(), t.public.join("extra/notes.dat")).unwrap();
    }),
    mutation("link to the answers", "E A105 public/reference.csv", |t| {
        std::os::unix::fs::symlink("../private/test_answer.csv", t.public.join("reference.csv")).unwrap();
    }),
    mutation("link to the folder of the answers", "E A105 public/more/all", |t| {
        std::fs::create_dir(t.public.join("more")).unwrap();
        std::os::unix::fs::symlink(t.test_answer().parent().unwrap(), t.public.join("more/all")).unwrap();
    }),
    mutation("link beside the answers", "E A105 private/copy.csv", |t| {
        std::os::unix::fs::symlink("test_answer.csv", t.private.join("copy.csv")).unwrap();
    }),
    mutation("answers within another table", "E A102 public/orchard.csv", |t| {
        fs::copy(t.test_answer(), t.public.join("orchard.csv")).unwrap();
        edit_rows(&t.public.join("orchard.csv"), |index, line| format!("{line},{index}"));
        edit(&t.public.join("orchard.csv"), "apple_id,grade", "apple_id,grade,position");
    }),
    mutation("target left in the test data", "E A103 public/test.csv", |t| {
        edit(&t.public.join("test.csv"), "picked_week", "picked_week,grade");
        edit_rows(&t.public.join("test.csv"), |_, line| format!("{line},"));
    }),
    mutation("sample of answers", "E A104 public/sample_submission.csv", |t| {
        let answers = answers(t);
        edit_rows(&t.sample_submission(), |index, line| line.replace("second", &answers[index]));
    }),
    mutation("test rows in training data", "E Q101 public/test.csv", |t| {
        let test = fs::read_to_string(t.public.join("test.csv")).unwrap();
        let rows: String = test.lines().skip(1).map(|line| format!("B{line},juice\n")).collect();
        append(&t.public.join("train.csv"), &rows);
    }),
];

#[tokio::test]
async fn every_mutation_is_found_at_its_place() {
    let catalogue = Catalogue::post_refactor();
    let mut missed = Vec::new();
    for Mutation { what, found, change } in MUTATIONS {
        let task = Task::unified(LayoutKind::Workdir);
        change(&task.layout);
        let outcome = catalogue.check(&task.subject(None)).await.unwrap();
        let short = crate::support::short(&outcome.findings);
        let expected = if found.starts_with('E') { Verdict::Rejected } else { Verdict::Accepted };
        if short.iter().all(|line| line != found) || outcome.verdict() != expected {
            missed.push((what, found, short));
        }
        outcome.findings.iter().for_each(|finding| assert_readable(&task, finding));
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// Rules on the quality of the data are tried on tasks made for them.
#[test]
fn every_reading_rule_of_the_unified_format_has_a_mutation() {
    for rule in Catalogue::post_refactor().rules() {
        let code = rule.info().code;
        let tried = MUTATIONS.iter().any(|mutation| mutation.found.contains(code))
            || crate::scripts::is_tried(code)
            || crate::descriptions::is_tried(code)
            || crate::certificate::CODES.contains(&code)
            || crate::links::CODES.contains(&code)
            || crate::leaks::planted_rules().any(|planted| planted == code);
        let read = !code.starts_with(['R', 'Q', 'C']) && (!code.starts_with('S') || code == "S101");
        assert!(tried || !read, "{code} has no mutation");
    }
}

#[tokio::test]
async fn habits_of_sound_tasks_are_no_findings() {
    let harmless: &[fn(&TaskLayout)] = &[
        |t| edit(&t.prepare, "raw: Path,", "raw: \"Path\","),
        |t| {
            edit(&t.prepare, "from pathlib import Path", "import pathlib");
            edit(&t.prepare, ": Path", ": pathlib.Path");
        },
        |t| {
            edit(
                &t.prepare,
                "SEED = 7",
                "import re\nSEED = 7\nPATTERN = re.compile('a')\nHERE = Path(__file__).resolve()",
            );
        },
        |t| {
            edit(
                &t.prepare,
                "SEED = 7",
                "SEED = 7\nUNITS = {'a': 'g'}\nNAMES = sorted(UNITS.values())\nLINE = ','.join(UNITS).upper()",
            );
        },
        |t| edit(&t.prepare, "import shutil", "import shutil, urllib.parse"),
        |t| {
            edit(
                &t.prepare,
                "    is_test = split(apples)",
                "    np.random.seed(1); apples.sample(frac=1)\n    is_test = split(apples)",
            );
        },
        |t| {
            edit(
                &t.prepare,
                "    is_test = split(apples)",
                "    apples.sample(3, random_state=1)\n    is_test = split(apples)",
            );
        },
        |t| {
            edit(&t.metric, "raise InvalidSubmissionError(", "self._refuse(");
            append(&t.metric, "\n    def _refuse(self, why):\n        raise InvalidSubmissionError(why)\n");
        },
        |t| {
            for path in [&t.description, &t.public.join("description.txt")] {
                edit(
                    path,
                    "`train.csv`",
                    "`./public/train.csv` (`t*.csv`, `<name>.csv`, [x](https://x.org/y.csv), `my_submission.csv`)",
                );
            }
        },
    ];
    for (index, change) in harmless.iter().enumerate() {
        let task = Task::unified(LayoutKind::Workdir);
        change(&task.layout);
        let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
        assert_eq!(outcome.findings, [], "habit {index}");
    }
}

#[tokio::test]
async fn findings_name_places_as_the_layout_has_them() {
    let task = Task::unified(LayoutKind::Repo);
    edit(&task.layout.prepare, SIGNATURE, "def prepare(raw, public, private):");
    let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
    assert_eq!(crate::support::short(&outcome.findings), ["W P102 utils/prepare.py:23"; 3]);
    assert!(outcome.findings[0].message.contains("`def prepare(raw, public, private)`"));
}

#[tokio::test]
async fn ids_that_restart_in_the_training_data_are_no_giveaway() {
    let task = Task::unified(LayoutKind::Workdir);
    // The training rows get ids of the test rows, as happens when both are numbered from zero.
    let ids = fs::read_to_string(task.layout.public.join("test.csv")).unwrap();
    let ids: Vec<_> = ids.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
    edit_rows(&task.layout.public.join("train.csv"), |index, line| {
        let id = ids.get(index).cloned().unwrap_or_else(|| format!("B{index}"));
        format!("{id},{}", line.split_once(',').unwrap().1)
    });
    let outcome = Catalogue::post_refactor().check(&task.subject(None)).await.unwrap();
    assert_eq!(outcome.findings, []);
}
