//! Datasets as users have them: empty, too small, with odd names and broken links.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

use serde_json::{Value, json};

use crate::datasets;
use crate::endpoint::{Endpoint, url_of_nobody};
use crate::program::{Place, run};
use crate::reference::pipeline;

#[test]
fn a_dataset_that_teaches_nothing_is_refused_with_the_reason_before_any_call() {
    let place = Place::new();
    std::fs::create_dir(place.path("empty")).unwrap();
    datasets::tea_of(&place.path("few"), 5);
    std::fs::create_dir(place.path("words")).unwrap();
    std::fs::write(place.path("words/README.md"), "# Tea\n\nData on request.\n").unwrap();
    for (name, reason) in [("empty", "holds no data"), ("few", "5 rows"), ("words", "no data files")] {
        let out = place.path(format!("run-{name}"));
        let ended = run(&mut pipeline(&place, &place.path(name), &url_of_nobody(), &out)).expect(1);
        let summary = ended.json();
        assert_eq!((&summary["candidates"], &summary["verified"]), (&json!(0), &json!(0)), "{summary:#}");
        let refused = summary["refused"].to_string();
        assert!(refused.contains(name) && refused.contains(reason), "{refused}");
        assert!(ended.stderr.contains(reason), "{}", ended.stderr);
    }
}

#[test]
fn odd_names_and_links_run_through_to_a_verified_task() {
    let (place, endpoint) = (Place::new(), Endpoint::of_model(Duration::ZERO));
    let dataset = place.path("green tea, çay & 茶");
    datasets::tea(&dataset);
    std::fs::write(dataset.join(OsStr::from_bytes(b"not\xe9s.txt")), "Picked by hand.\n").unwrap();
    std::fs::create_dir(dataset.join("empty folder")).unwrap();
    std::os::unix::fs::symlink("/nowhere", dataset.join("dangling.csv")).unwrap();
    let out = place.path("my runs/first one");
    let ended = run(pipeline(&place, &dataset, &endpoint.url(), &out).args(["--candidates", "1"])).expect(0);
    let summary = ended.json();
    assert_eq!(summary["verified"], json!(1), "{summary:#}");
    let task = summary["tasks"][0]["path"].as_str().unwrap();
    let raw = std::path::Path::new(task).join("data/raw");
    assert!(raw.join(OsStr::from_bytes(b"not\xe9s.txt")).is_file());
    assert!(raw.join("dangling.csv").symlink_metadata().is_err(), "a link came into the package");
}

#[test]
fn what_cannot_be_read_is_said_and_the_rest_is_profiled() {
    let place = Place::new();
    let dataset = place.path("tea");
    datasets::tea(&dataset);
    std::os::unix::fs::symlink("/nowhere", dataset.join("dangling.csv")).unwrap();
    let ended = run(place.smith().args(["profile", "--json"]).arg(&dataset)).expect(0);
    let profile: Value = ended.json();
    assert!(profile.to_string().contains("is a link that leads nowhere"), "{profile:#}");
    assert_eq!(profile["tables"][0]["rows"], json!(240), "{profile:#}");
}
