//! What environments are made from, and whether it can be imported in a sandbox.

use smith_exec::{ChildProcess, EnvProfile, EnvSource, PythonEnv};

use crate::provision_fixture::{Fake, open};

#[tokio::test]
async fn each_profile_is_an_environment_of_its_own() {
    let mut fake = Fake::new();
    let mut keys = std::collections::BTreeSet::new();
    for profile in EnvProfile::ALL {
        fake.source = EnvSource::Profile(profile);
        let built = fake.ensure().await.unwrap();
        assert_eq!(built.source(), &fake.source);
        keys.insert(built.key().to_owned());
    }
    assert_eq!((keys.len(), fake.builds()), (EnvProfile::ALL.len(), EnvProfile::ALL.len()));
    let imports = std::fs::read_to_string(fake.folder.path().join("imports")).unwrap();
    for module in ["cv2", "skimage.io", "librosa", "av", "lightgbm", "xgboost", "torch"] {
        assert!(imports.contains(module), "{module}");
    }
    let report = PythonEnv::look(&fake.options()).await.unwrap();
    assert!(report.ready && report.profiles.iter().all(|profile| profile.ready), "{report:?}");
    assert_eq!(report.env, "torch");
}

#[tokio::test]
async fn base_preloads_what_metrics_import() {
    let built = Fake::new().ensure().await.unwrap();
    let expected = [
        "numpy",
        "pandas",
        "sklearn.metrics",
        "sklearn.preprocessing",
        "scipy.stats",
        "mledojo.metrics.base",
    ];
    assert_eq!(built.preloaded(), expected);
}

#[tokio::test]
async fn the_callers_own_lock_is_installed_as_it_says() {
    let mut fake = Fake::new();
    let hash = "0a".repeat(32);
    let text = format!(
        "# mine\n--only-binary :all:\nPandas==2.3.3 \\\n    --hash=sha256:{hash}\nnumpy==2.2.6 --hash=sha256:{hash}\n"
    );
    let file = fake.folder.path().join("my.lock");
    std::fs::write(&file, &text).unwrap();
    fake.source = EnvSource::Lock(file.clone());
    let built = fake.ensure().await.unwrap();
    let installed = std::fs::read_to_string(built.prefix().join("packages.lock")).unwrap();
    let expected =
        format!("pandas==2.3.3 \\\n    --hash=sha256:{hash}\nnumpy==2.2.6 \\\n    --hash=sha256:{hash}\n");
    assert_eq!(installed, expected);
    assert_eq!(built.preloaded(), ["numpy", "pandas", "mledojo.metrics.base"]);
    let imports = std::fs::read_to_string(fake.folder.path().join("imports")).unwrap();
    assert!(
        imports.contains("numpy,pandas,mledojo.metrics.base") && !imports.contains("sklearn"),
        "{imports}"
    );

    std::fs::write(&file, text.replace("2.2.6", "2.2.7")).unwrap();
    assert_ne!(fake.ensure().await.unwrap().key(), built.key());
}

#[tokio::test]
async fn an_own_lock_that_leaves_something_open_is_a_mistake() {
    let mut fake = Fake::new();
    let file = fake.folder.path().join("my.lock");
    fake.source = EnvSource::Lock(file.clone());
    let hash = format!("--hash=sha256:{}", "0a".repeat(32));
    for (text, parts) in [
        (
            "pandas==2 HASH\nnumpy>=2 HASH\n",
            &["my.lock, line 2", "numpy is not pinned", "uv pip compile"][..],
        ),
        ("pandas==2\n", &["my.lock, line 1", "pandas has no hash", "--generate-hashes"]),
        ("numpy==2 HASH\n", &["does not hold pandas", "uv pip compile"]),
        ("scipy==2 HASH\n", &["does not hold numpy and pandas"]),
        ("", &["does not hold numpy and pandas"]),
        ("-r base.lock\n", &["line 1", "another file"]),
    ] {
        std::fs::write(&file, text.replace("HASH", &hash)).unwrap();
        let error = fake.ensure().await.unwrap_err();
        assert!(error.is_mistake(), "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
    std::fs::remove_file(&file).unwrap();
    let error = fake.ensure().await.unwrap_err();
    assert!(error.is_mistake() && error.to_string().contains("cannot be read"), "{error}");
    assert_eq!(fake.builds(), 0);
}

#[tokio::test]
async fn imports_are_tried_once_in_each_kind_of_sandbox() {
    let fake = Fake::new();
    let built = fake.ensure().await.unwrap();
    let sandbox = ChildProcess::new("smith-test".into());
    let before = fake.noted("imports");
    for label in ["one", "one", "two"] {
        built.smoke_test(&sandbox, label).await.unwrap();
    }
    assert_eq!(fake.noted("imports"), before + 2);
    let stamp = built.prefix().with_file_name(format!("{}.tested-one", built.key()));
    std::fs::write(&stamp, "an older smith").unwrap();
    built.smoke_test(&sandbox, "one").await.unwrap();
    assert_eq!(fake.noted("imports"), before + 3);
    // What is built again has not been tested.
    open(built.prefix());
    std::fs::remove_file(built.prefix().join("manifest.json")).unwrap();
    fake.ensure().await.unwrap();
    assert!(!stamp.exists());
}

#[tokio::test]
async fn what_cannot_be_imported_in_a_sandbox_is_said_and_tried_again() {
    let mut fake = Fake::new();
    fake.import = "case \"$SMITH_MARK\" in smith-test*) echo 'no cv2' >&2; exit 1;; esac
      echo '{\"version\": \"3.11.5\", \"stdlib\": \"/usr/lib\", \"packages\": {\"numpy\": \"2.2.6\"}}'";
    let built = fake.ensure().await.unwrap();
    let sandbox = ChildProcess::new("smith-test".into());
    for _ in 0..2 {
        let error = built.smoke_test(&sandbox, "one").await.unwrap_err().to_string();
        assert!(error.contains("in the sandbox") && error.contains("no cv2"), "{error}");
    }
    assert_eq!(fake.noted("imports"), 3);
}
