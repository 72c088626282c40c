//! Scripts, snippets and shell commands in the locked environment.

use std::path::Path;

use smith_exec::{JobStatus, Limits, testing};

use crate::sandbox::seconds;

async fn code(workdir: &Path, source: &str) -> smith_exec::JobResult {
    testing::runtime().await.run_code(workdir, source, seconds(120)).await.unwrap()
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the parent of the sandbox is the program under test here")]
async fn keys_of_the_parent_do_not_reach_the_child() {
    const PLANTED: &str = "OPENAI_API_KEY";
    const CHILD: &str = "SMITH_TEST_IS_PLANTED";
    if std::env::var_os(CHILD).is_none() {
        // The environment of a running test cannot be changed safely, so this test runs itself again.
        let planted = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "runtime::keys_of_the_parent_do_not_reach_the_child"])
            .env(PLANTED, "sk-planted")
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(planted.status.success(), "{}", String::from_utf8_lossy(&planted.stdout));
        return;
    }
    assert_eq!(std::env::var_os(PLANTED).unwrap(), "sk-planted");
    let folder = tempfile::tempdir().unwrap();
    let result = code(folder.path(), "import os\nprint(sorted(os.environ.items()))").await;
    assert!(result.status.is_ok(), "{}", result.stderr.text);
    assert!(!result.stdout.text.contains("planted"), "{}", result.stdout.text);
    assert!(!result.stdout.text.contains(PLANTED));
}

#[tokio::test]
async fn code_runs_in_the_work_directory_and_imports_from_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("helper.py"), "ANSWER = 42\n").unwrap();
    std::fs::write(folder.path().join("train.csv"), "id,x\n1,2\n").unwrap();
    let source = "import helper, pandas as pd\nprint(helper.ANSWER, len(pd.read_csv('train.csv')))";
    let result = code(folder.path(), source).await;
    assert_eq!(result.stdout.text, "42 1\n", "{}", result.stderr.text);
    let mut names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["helper.py", "train.csv"], "a run must leave nothing of its own");
}

#[tokio::test]
async fn source_longer_than_an_argument_may_be_runs() {
    let folder = tempfile::tempdir().unwrap();
    let source = format!("{}print('end')", "# filler\n".repeat(50_000));
    assert_eq!(code(folder.path(), &source).await.stdout.text, "end\n");
}

#[tokio::test]
async fn files_run_with_arguments() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.py"), "import sys\nprint(sys.argv)\n").unwrap();
    let runtime = testing::runtime().await;
    let result =
        runtime.run_file(folder.path(), Path::new("a.py"), &["--n", "1"], seconds(60)).await.unwrap();
    assert_eq!(result.stdout.text, "['./a.py', '--n', '1']\n");
}

#[tokio::test]
async fn the_shell_finds_our_python_first_and_no_pip() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = testing::runtime().await;
    let command = "command -v python python3 pip; python -c 'import pandas, mledojo; print(1)'; pip list";
    let result = runtime.run_shell(folder.path(), command, seconds(120)).await.unwrap();
    assert_eq!(result.stdout.text, "<python>/bin/python\n<python>/bin/python3\n<python>/bin/pip\n1\n");
    assert_eq!(result.status, JobStatus::Exit { code: 1 });
    assert!(result.stderr.text.contains("nothing can be installed"));
}

#[tokio::test]
async fn the_text_names_no_path_of_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let source = "import os, sys, tempfile, json, numpy\n\
                  print(os.getcwd(), os.path.abspath('x.csv'), sys.prefix, tempfile.gettempdir())\n\
                  print(json.__file__, numpy.__file__)\n\
                  json.loads('{')\n";
    let result = code(folder.path(), source).await;
    let version = testing::runtime().await.python().version().to_owned();
    let minor = &version[..version.rfind('.').unwrap()];
    let expected = format!(
        ". ./x.csv <python> <tmp>\n<python>/lib/python{minor}/json/__init__.py \
         <python>/lib/python{minor}/site-packages/numpy/__init__.py\n"
    );
    assert_eq!(result.stdout.text, expected);
    assert!(result.stderr.text.contains("File \"<tmp>/program.py\", line 4"), "{}", result.stderr.text);
    assert!(!result.stderr.text.contains(folder.path().to_str().unwrap()));
}

#[tokio::test]
async fn the_temporary_directory_goes_with_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let source = "import tempfile, pathlib\n\
                  pathlib.Path('where').write_text(tempfile.gettempdir())\n\
                  (pathlib.Path.home() / 'left').write_text('x')\n\
                  tempfile.mkdtemp()";
    assert!(code(folder.path(), source).await.status.is_ok());
    let place = std::fs::read_to_string(folder.path().join("where")).unwrap();
    assert!(place.starts_with('/') && !Path::new(&place).exists(), "{place}");
}

#[tokio::test]
async fn two_runs_print_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let source = "import os\nprint({'a', 'b', 'c', 'd', 'e', 'f'}, os.environ['TZ'], os.environ['LC_ALL'])";
    let first = code(folder.path(), source).await.stdout.text;
    assert_eq!(first, code(folder.path(), source).await.stdout.text);
    assert!(first.ends_with("UTC C.UTF-8\n"));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn memory_beyond_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = testing::runtime().await;
    let limits = Limits { memory_bytes: 512 << 20, ..seconds(120) };
    for source in ["x = bytearray(4 << 30)", "import numpy\nx = numpy.ones((1 << 30,))"] {
        let result = runtime.run_code(folder.path(), source, limits).await.unwrap();
        assert_eq!(result.status, JobStatus::Oom, "{}", result.stderr.text);
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_file_beyond_the_limit_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = testing::runtime().await;
    let limits = Limits { file_bytes: 1 << 20, ..seconds(60) };
    let source = "open('big', 'wb').write(bytes(5 << 20))";
    let result = runtime.run_code(folder.path(), source, limits).await.unwrap();
    assert_eq!(result.status, JobStatus::DiskLimit, "{}", result.stderr.text);
}

#[tokio::test]
async fn what_the_base_set_is_for_works() {
    let folder = tempfile::tempdir().unwrap();
    let source = "\
import numpy as np, pandas as pd, soundfile
from PIL import Image
from sklearn.linear_model import LogisticRegression
from statsmodels.tsa.api import SimpleExpSmoothing
Image.new('RGB', (4, 4)).save('a.png'); assert Image.open('a.png').size == (4, 4)
soundfile.write('a.wav', np.zeros(80), 8000); assert soundfile.read('a.wav')[1] == 8000
frame = pd.DataFrame({'x': [0.0, 1.0, 2.0, 3.0], 'y': [0, 0, 1, 1]})
frame.to_parquet('a.parquet'); assert pd.read_parquet('a.parquet').equals(frame)
frame.to_excel('a.xlsx', index=False); assert len(pd.read_excel('a.xlsx')) == 4
assert LogisticRegression().fit(frame[['x']], frame['y']).score(frame[['x']], frame['y']) == 1.0
SimpleExpSmoothing(frame['x'], initialization_method='estimated').fit()
print('fine')";
    let result = code(folder.path(), source).await;
    assert_eq!(result.stdout.text, "fine\n", "{}", result.stderr.text);
}
