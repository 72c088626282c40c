use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

const HASH: &str = "--hash=sha256:046bfc24911b37851ee1b51aab8bffe713d89c68c6a057b09484ce9fd5f69b4e";

fn flaw(text: &str) -> (usize, String) {
    let Flaw { line, what } = Lock::parse(&text.replace("HASH", HASH)).unwrap_err();
    (line, what)
}

#[test]
fn what_fixes_every_byte_is_accepted() {
    for text in [
        "numpy==2.2.6 HASH",
        "numpy == 2.2.6 HASH HASH",
        "numpy==2.2.6 \\\n    HASH \\\n    HASH\n    # via pandas\n",
        "\u{feff}NumPy==2.2.6 --hash sha256:046bfc24911b37851ee1b51aab8bffe713d89c68c6a057b09484ce9fd5f69b4e\r\n",
        "# made by a tool\n\n--only-binary :all:\n--require-hashes\nnumpy[a, b]==1!2.2.6+cpu ; python_version < '3.11' HASH # why\n",
        "numpy==2.2.6 HASH \\",
    ] {
        let lock = Lock::parse(&text.replace("HASH", HASH)).unwrap_or_else(|flaw| panic!("{text}: {flaw:?}"));
        assert_eq!(lock.names(), BTreeSet::from(["numpy"]), "{text}");
        assert!(!lock.to_string().contains(['#', '\r']) && !lock.to_string().contains("--only"), "{lock}");
    }
}

#[test]
fn everything_else_is_refused_with_its_line() {
    for (text, line, part) in [
        ("numpy HASH", 1, "numpy is not pinned"),
        ("numpy>=2 HASH", 1, "numpy is not pinned"),
        ("numpy==2.* HASH", 1, "numpy is not pinned"),
        ("numpy==2,<3 HASH", 1, "numpy is not pinned"),
        ("numpy===2 HASH", 1, "numpy is not pinned"),
        ("numpy== HASH", 1, "numpy is not pinned"),
        ("\n# why\nnumpy==2.2.6\n", 3, "numpy has no hash"),
        ("a==1 HASH\nnumpy==2.2.6 ; python_version > '3'\n", 2, "numpy has no hash"),
        ("a==1 \\\n  HASH\nnumpy==2 \\\n --hash=md5:00", 3, "malformed hash"),
        ("numpy==2 --hash=sha256:00", 1, "malformed hash"),
        ("numpy==2 HASH --global-option=x", 1, "no hash"),
        ("numpy==2 \\\n# comment\nHASH", 1, "no hash"),
        ("numpy==2 ; HASH", 1, "empty marker"),
        ("numpy[x==2 HASH", 1, "extras"),
        ("numpy[]==2 HASH", 1, "extras"),
        ("numpy @ https://host.invalid/n.whl HASH", 1, "names an address"),
        ("git+https://host.invalid/n HASH", 1, "names an address"),
        ("./n.whl HASH", 1, "names a path"),
        ("dist/n.whl HASH", 1, "names a path"),
        ("n-1-py3-none-any.whl HASH", 1, "names a path"),
        ("-e .", 1, "editable"),
        ("--editable=.", 1, "editable"),
        ("-r other.lock", 1, "another file"),
        ("a==1 HASH\n--index-url https://host.invalid/simple\n", 2, "`--index-url`"),
        ("--find-links=wheels", 1, "`--find-links`"),
        ("--no-binary :all:", 1, "`--no-binary`"),
        ("--only-binary numpy", 1, "`--only-binary`"),
        ("==1 HASH", 1, "name of a package"),
        ("-numpy==1 HASH", 1, "`-numpy`"),
    ] {
        let (found, what) = flaw(text);
        assert_eq!(found, line, "{text}: {what}");
        assert!(what.contains(part), "{text}: {what}");
    }
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let entry = (
        "[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?".prop_map(|name| normal(&name)),
        prop_oneof![Just(String::new()), Just("[x]".to_owned()), Just("[x,y-z]".to_owned())],
        "[0-9]{1,3}(\\.[0-9]{1,3}){0,3}(rc1|\\.post2|\\+cpu)?",
        prop::option::of("(python_full_version|sys_platform) (<|>=|==|!=) '[a-z0-9.*]{1,8}'"),
        vec("sha256:[0-9a-f]{64}", 1..4),
    );
    vec(
        entry.prop_map(|(name, extras, version, marker, hashes)| Entry {
            name,
            extras,
            version,
            marker,
            hashes,
        }),
        0..8,
    )
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(entries in entries()) {
        let lock = Lock { entries };
        prop_assert_eq!(Lock::parse(&lock.to_string()).unwrap(), lock);
    }

    #[test]
    fn layout_and_comments_change_nothing(entries in entries(), blanks in "[ \t]{0,4}", comment in "#[ -~]{0,20}") {
        let lock = Lock { entries };
        let text = lock.to_string().replace(" \\\n", &format!("{blanks} \\\r\n{blanks}"));
        let text: String = text.lines().map(|line| match line.ends_with('\\') {
            true => format!("{line}\n"),
            false => format!("{line} {comment}\n{blanks}{comment}\n"),
        }).collect();
        prop_assert_eq!(Lock::parse(&text).unwrap(), lock);
    }

    #[test]
    fn no_text_is_accepted_with_an_entry_that_fixes_nothing(
        text in "(numpy|-e|==|[=<>~!]=?|[0-9.*]+|;|\\[|\\]|@|:|/|#|\\\\\n|\n| |--hash=sha256:[0-9a-f]{64}|--[a-z-]+|[\u{0}-\u{ff}]){0,30}"
    ) {
        if let Ok(lock) = Lock::parse(&text) {
            for entry in &lock.entries {
                prop_assert!(!entry.hashes.is_empty() && is_version(&entry.version) && !entry.name.is_empty());
            }
            prop_assert_eq!(Lock::parse(&lock.to_string()).unwrap(), lock);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC*") {
        let _ignored = Lock::parse(&text);
    }
}
