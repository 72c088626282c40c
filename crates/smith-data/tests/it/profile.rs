use std::path::Path;

use smith_data::{DataError, DatasetProfile, ProfileOptions, learnable, profile};
use smith_task_schema::profile::{ColumnKind, FileKind, PROFILE_VERSION};
use smith_task_schema::{Severity, hash};

use crate::{csv, folder, gzip, png, write};

fn of(root: &Path) -> DatasetProfile {
    profile(root, &ProfileOptions::default()).unwrap()
}

/// Messages of the findings about one path.
fn findings<'a>(profile: &'a DatasetProfile, path: &str) -> Vec<&'a str> {
    profile
        .findings
        .iter()
        .filter(|finding| finding.path == path)
        .map(|finding| finding.message.as_str())
        .collect()
}

#[test]
fn nothing_to_profile_is_a_mistake() {
    let empty = tempfile::tempdir().unwrap();
    let error = profile(empty.path(), &ProfileOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::Empty(_)) && error.is_mistake(), "{error}");
    std::fs::create_dir(empty.path().join("images")).unwrap();
    assert!(matches!(profile(empty.path(), &ProfileOptions::default()), Err(DataError::Empty(_))));
    let missing = empty.path().join("nothing here");
    let error = profile(&missing, &ProfileOptions::default()).unwrap_err();
    assert!(matches!(&error, DataError::NotFound(path) if *path == missing) && error.is_mistake());
    std::fs::write(empty.path().join("zero.csv"), b"").unwrap();
    let error = profile(&empty.path().join("zero.csv"), &ProfileOptions::default()).unwrap_err();
    assert!(matches!(error, DataError::Empty(_)));
}

#[test]
fn penguins_are_known_by_their_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/penguins/raw");
    let penguins = of(&root);
    assert_eq!((penguins.schema_version, penguins.name.as_str()), (PROFILE_VERSION, "penguins"));
    assert_eq!((penguins.files, penguins.tables.len()), (2, 2));
    assert_eq!(penguins.digest.as_deref(), Some(hash::tree_digest(&root).unwrap().as_str()));
    assert_eq!(penguins.licence.as_deref(), Some("CC0-1.0"), "from the metadata beside the folder");
    assert_eq!(penguins.documents[0].path, "../dataset_info.json");

    let table = penguins.table("penguins.csv").unwrap();
    assert_eq!((table.rows, table.exact, table.delimiter), (344, true, Some(',')));
    let species = table.column("species").unwrap();
    assert_eq!((species.kind, species.distinct, species.missing), (ColumnKind::Category, 3, 0));
    assert_eq!((species.top[0].value.as_str(), species.top[0].count), ("Adelie", 152));
    assert_eq!(penguins.tables[0].targets[0].column, "species");
    let mass = table.column("body_mass_g").unwrap();
    assert_eq!((mass.kind, mass.missing), (ColumnKind::Integer, 2));
    assert_eq!(
        [mass.min.as_deref(), mass.max.as_deref(), mass.mean.as_deref()],
        [Some("2700"), Some("6300"), Some("4201.75")]
    );
    assert_eq!(table.column("sex").unwrap().missing, 11);
    let raw = penguins.table("penguins_raw.csv").unwrap();
    assert_eq!(raw.column("Date Egg").unwrap().kind, ColumnKind::Date);
    assert!(raw.column("Region").unwrap().constant);
    assert!(learnable(&penguins).is_ok());
}

#[test]
fn a_profile_survives_json() {
    let root = folder(&[("a.csv", &csv(30)), ("b.png", &png(4, 5)), ("c.txt", b"word\n")]);
    let profile = of(root.path());
    let text = serde_json::to_string(&profile).unwrap();
    assert_eq!(serde_json::from_str::<DatasetProfile>(&text).unwrap(), profile);
}

#[test]
fn the_same_data_give_the_same_profile() {
    let root =
        folder(&[("x/a.csv", &csv(100)), ("x/b.jsonl", b"{\"a\":1}\n{\"b\":2}\n"), ("i/1.png", &png(1, 1))]);
    assert_eq!(of(root.path()), of(root.path()));
}

#[test]
fn a_single_file_is_a_dataset() {
    let root = folder(&[("Tree Heights.csv", &csv(30))]);
    let file = root.path().join("Tree Heights.csv");
    let profile = of(&file);
    assert_eq!(
        (profile.name.as_str(), profile.tables[0].path.as_str()),
        ("tree_heights", "Tree Heights.csv")
    );
    assert_eq!(profile.digest, Some(hash::file(&file).unwrap()));
}

#[test]
fn a_given_name_is_kept() {
    let root = folder(&[("a.csv", &csv(3))]);
    let mut options = ProfileOptions::default();
    options.name = Some(String::from("chosen"));
    assert_eq!(profile(root.path(), &options).unwrap().name, "chosen");
}

#[test]
fn a_long_table_is_read_in_part_and_says_so() {
    let root = folder(&[("a.csv", &csv(50)), ("b.json", b"[{\"a\":1},{\"a\":2},{\"a\":3}]")]);
    let mut options = ProfileOptions::default();
    options.max_table_rows = 50;
    assert!(profile(root.path(), &options).unwrap().tables[0].exact);
    options.max_table_rows = 2;
    let partial = profile(root.path(), &options).unwrap();
    assert_eq!((partial.tables[0].rows, partial.tables[0].exact), (2, false));
    assert_eq!((partial.tables[1].rows, partial.json[0].records), (2, Some(3)));
}

#[test]
fn gzip_and_other_delimiters_are_read() {
    let semicolons = "name;size\noak;1,5\nelm;2,5\n";
    let tabs = "a\tb\tc\n1\t2\t3\n";
    let root = folder(&[
        ("one.csv.gz", &gzip(&csv(40))),
        ("two.csv", semicolons.as_bytes()),
        ("three.tsv", tabs.as_bytes()),
        ("four.dat", b"x y|b|c\n1|2|3\n1|2|3\n1|2|4\n1|2|5\n"),
    ]);
    let profile = of(root.path());
    let seen: Vec<_> =
        profile.tables.iter().map(|t| (t.path.as_str(), t.format.as_str(), t.delimiter, t.rows)).collect();
    assert_eq!(
        seen,
        [
            ("four.dat", "csv", Some('|'), 4),
            ("one.csv.gz", "csv.gz", Some(','), 40),
            ("three.tsv", "csv", Some('\t'), 1),
            ("two.csv", "csv", Some(';'), 2),
        ]
    );
}

#[test]
fn oddities_of_tables_are_findings() {
    let mut latin = b"city,size\n".to_vec();
    latin.extend(b"Berlin,3\nM\xfcnchen,1\n");
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend("a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes));
    let mut cut = gzip(&csv(20_000));
    cut.truncate(cut.len() / 2);
    let root = folder(&[
        ("latin.csv", &latin),
        ("utf16.csv", &utf16),
        ("ragged.csv", b"a,b\n1,2\n3\n4,5,6\n7,8\n1,2\n"),
        ("headless.csv", b"5.1,setosa\n4.9,virginica\n"),
        ("nul.csv", b"a,b\n1,x\0y\n"),
        ("noise.csv", &(0..=255).cycle().take(5_000).collect::<Vec<u8>>()),
        ("blank.csv", b"\n\n\n"),
        ("cut.csv.gz", &cut),
        ("padded.csv", b"a, b\n1, 2\n"),
        ("zero.csv", b""),
        ("fake.parquet", b"PAR1 not really"),
    ]);
    let profile = of(root.path());
    let says = |path: &str, words: &str| {
        let messages = findings(&profile, path);
        assert!(messages.iter().any(|message| message.contains(words)), "{path}: {messages:?}");
    };
    says("latin.csv", "is not UTF-8 (data row 2)");
    says("utf16.csv", "utf-16le");
    says("ragged.csv", "2 of 5 rows do not have 2 cells; the first is data row 2 with 1");
    says("headless.csv", "does not seem to name its columns");
    says("nul.csv", "NUL characters, in 1 row");
    says("noise.csv", "holds no text");
    says("blank.csv", "blank lines");
    says("cut.csv.gz", "cannot be read to its end");
    says("padded.csv", "blanks around");
    says("zero.csv", "is empty");
    says("fake.parquet", "no sound Parquet");

    let latin = profile.table("latin.csv").unwrap();
    assert_eq!(latin.columns[0].examples, ["Berlin", "München"]);
    assert_eq!(latin.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(profile.table("utf16.csv").unwrap().columns[1].name, "b");
    let headless = profile.table("headless.csv").unwrap();
    assert_eq!((headless.rows, headless.columns[1].name.as_str()), (2, "column_2"));
    let cut = profile.table("cut.csv.gz").unwrap();
    assert!(!cut.exact && cut.rows > 100);
    assert_eq!(profile.count(FileKind::Table), 10, "an empty file is no data");
}

#[test]
fn media_are_measured_by_their_headers() {
    let root = folder(&[
        ("images/1.png", &png(28, 28)),
        ("images/2.png", &png(28, 28)),
        ("images/3.png", &png(64, 32)),
        ("images/4.jpg", b"no image at all"),
        ("sound.wav", b"no sound"),
    ]);
    let profile = of(root.path());
    let images = profile.images.as_ref().unwrap();
    assert_eq!((images.files, images.measured), (4, 3));
    let (width, height) = (images.width.unwrap(), images.height.unwrap());
    assert_eq!((width.min, width.max, height.min, height.max), (28, 64, 28, 32));
    assert_eq!((images.sizes[0].value.as_str(), images.sizes[0].count), ("28x28", 2));
    assert_eq!(images.formats["png"], 3);
    assert_eq!(findings(&profile, "images/4.jpg").len(), 1);
    assert_eq!(findings(&profile, "sound.wav").len(), 1);
    assert_eq!(profile.audio.unwrap().measured, 0);
}

#[test]
fn columns_that_name_files_are_found() {
    let labels = "file,patient,label\n0.png,7,a\n1.png,8,b\n2.png,9,a\n3.png,7,b\n";
    let root = folder(&[
        ("labels.csv", labels.as_bytes()),
        ("scans/0.png", &png(1, 1)),
        ("scans/1.png", &png(1, 1)),
        ("scans/2.png", &png(1, 1)),
        ("scans/3.png", &png(1, 1)),
    ]);
    let profile = of(root.path());
    let directories: Vec<_> = profile.tables[0].columns.iter().map(|c| c.names_files_in.as_deref()).collect();
    assert_eq!(directories, [Some("scans"), None, None]);
}

#[test]
fn a_folder_without_tables_is_profiled() {
    let root = folder(&[
        ("poems/one.txt", b"first line\nsecond line"),
        ("movie.mp4", b"\0\0\0\x18ftypmp42"),
        ("x.db", b"db"),
    ]);
    let profile = of(root.path());
    assert!(profile.tables.is_empty());
    let text = &profile.texts[0];
    assert_eq!((text.path.as_str(), text.lines, text.bytes), ("poems/one.txt", 2, 22));
    assert_eq!(text.excerpt, "first line\nsecond line");
    assert_eq!(
        [FileKind::Text, FileKind::Video, FileKind::Database].map(|kind| profile.count(kind)),
        [1, 1, 1]
    );
    assert_eq!(profile.groups.len(), 3);
}

#[test]
fn what_a_dataset_says_about_itself_is_kept_apart() {
    let readme = format!("# Trees\nlicense: CC-BY-4.0\n{}", "long ".repeat(1_000));
    let root =
        folder(&[("README.md", readme.as_bytes()), ("LICENSE", b"Some other words"), ("a.csv", &csv(30))]);
    let profile = of(root.path());
    assert_eq!(profile.count(FileKind::Document), 2);
    assert_eq!(profile.documents[0].text.chars().count(), 4_000);
    assert_eq!(profile.licence.as_deref(), Some("CC-BY-4.0; Some other words"), "both are stated");
    assert_eq!(profile.title.as_deref(), Some("Trees"));
    let described = folder(&[("README.md", readme.as_bytes()), (".git/objects/1f", b"x")]);
    let profile = of(described.path());
    assert_eq!(profile.licence.as_deref(), Some("CC-BY-4.0"));
    assert!(learnable(&profile).unwrap_err().contains("no data files"));
}

#[test]
fn a_tiny_table_is_not_learnable() {
    let root = folder(&[("a.csv", &csv(11))]);
    assert!(learnable(&of(root.path())).unwrap_err().contains("11 rows"));
}

#[test]
fn files_that_are_not_opened_are_still_counted() {
    let tables: Vec<(String, Vec<u8>)> = (0..30).map(|i| (format!("t/{i:02}.csv"), csv(25))).collect();
    let root = tempfile::tempdir().unwrap();
    for (name, content) in &tables {
        write(root.path(), &[(name, content)]);
    }
    let all = of(root.path());
    assert_eq!((all.tables.len(), all.count(FileKind::Table)), (20, 30));
    assert_eq!(findings(&all, ""), ["10 of 30 tables were not opened"]);
    let mut options = ProfileOptions::default();
    options.max_files_opened = 4;
    let few = profile(root.path(), &options).unwrap();
    assert_eq!((few.tables.len(), few.files), (4, 30));
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn names_that_are_not_utf8_are_profiled() {
        let root = folder(&[("with space/a b.csv", &csv(30))]);
        let odd = root.path().join(OsStr::from_bytes(b"M\xfcnchen.csv"));
        std::fs::write(odd, csv(25)).unwrap();
        let profile = of(root.path());
        assert_eq!(profile.tables.len(), 2);
        assert_eq!(profile.table("with space/a b.csv").unwrap().rows, 30);
        assert_eq!(profile.table("M\u{fffd}nchen.csv").unwrap().rows, 25);
        assert!(findings(&profile, "M\u{fffd}nchen.csv")[0].contains("not UTF-8"));
    }

    #[test]
    fn links_are_not_followed() {
        let outside = folder(&[("secret.csv", &csv(30))]);
        let root = folder(&[("a.csv", &csv(30))]);
        symlink(root.path(), root.path().join("cycle")).unwrap();
        symlink(outside.path().join("secret.csv"), root.path().join("leak.csv")).unwrap();
        symlink("gone", root.path().join("dangling")).unwrap();
        let profile = of(root.path());
        assert_eq!((profile.files, profile.tables.len()), (1, 1));
        assert!(findings(&profile, "cycle")[0].contains("another part of the dataset"));
        assert!(findings(&profile, "leak.csv")[0].contains("outside the dataset"));
        assert!(findings(&profile, "dangling")[0].contains("nowhere"));
    }

    #[test]
    fn a_link_to_the_dataset_itself_is_followed() {
        let root = folder(&[("real/a.csv", &csv(30))]);
        symlink(root.path().join("real"), root.path().join("alias")).unwrap();
        assert_eq!(of(&root.path().join("alias")).files, 1);
    }

    #[test]
    fn special_files_are_left_out() {
        let root = folder(&[("a.csv", &csv(30))]);
        let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        let profile = of(root.path());
        assert_eq!(profile.files, 1);
        assert!(findings(&profile, "socket")[0].contains("no regular file"));
    }

    #[test]
    fn an_unreadable_file_is_a_finding() {
        let root = folder(&[("a.csv", &csv(30)), ("b.csv", &csv(30)), ("locked/c.csv", &csv(30))]);
        let file = root.path().join("b.csv");
        let directory = root.path().join("locked");
        let lock = |mode| {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
            std::fs::set_permissions(&directory, PermissionsExt::from_mode(mode)).unwrap();
        };
        lock(0o000);
        let profile = of(root.path());
        let refused = std::fs::File::open(&file).is_err();
        lock(0o755);
        assert_eq!(profile.table("a.csv").unwrap().rows, 30);
        // The superuser reads everything.
        assert_eq!(profile.digest.is_none(), refused);
        assert_eq!(
            profile.findings.iter().any(|f| f.path == "b.csv" && f.severity == Severity::Error),
            refused
        );
        assert_eq!(!findings(&profile, "locked").is_empty(), refused);
    }
}
