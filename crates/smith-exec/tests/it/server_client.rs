//! The Python client of the documentation, run as it is printed there.

use std::path::Path;
use std::process::Stdio;

use smith_exec::testing;

use crate::environment_fixture::{MOSTLY_RIGHT, predicting};
use crate::server_fixture::Served;

/// The page's one block of Python.
fn client() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/environment.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```python\n").unwrap();
    let (client, _) = rest.split_once("```").unwrap();
    client.to_owned()
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "a client of the server is none of its programs")]
async fn the_client_of_the_documentation_works_and_is_short() {
    assert!(client().lines().count() <= 30, "{} lines", client().lines().count());
    let mut served = Served::new().await;
    let folder = tempfile::tempdir().unwrap();
    let (program, script) = (folder.path().join("client.py"), folder.path().join("solve.py"));
    std::fs::write(&program, client()).unwrap();
    std::fs::write(&script, predicting(MOSTLY_RIGHT)).unwrap();
    let run = async |task: &str| {
        let mut command = tokio::process::Command::new(testing::runtime().await.python().interpreter());
        command.arg(&program).arg(format!("http://{}", served.client.address)).args([task]).arg(&script);
        command.env_clear().stdin(Stdio::null()).output().await.unwrap()
    };
    let ended = run("penguins").await;
    let (stdout, stderr) = (String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    assert!(ended.status.success(), "{stderr}");
    assert!(stdout.contains("Predict the species") && stdout.contains("Raw Score: 0.75"), "{stdout}");
    assert!(stdout.ends_with("best score 0.75 after 2 steps\n"), "{stdout}");
    let refused = run("walruses").await;
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && stderr.contains("there is no task \"walruses\""), "{stderr}");
    assert_eq!(served.sessions(), 0);
    served.stop();
    served.ended().await;
}
