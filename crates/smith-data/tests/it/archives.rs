//! Archives through the guarded path: what is in them, and what they cannot do.

use std::path::Path;

use proptest::prelude::*;
use smith_data::{DatasetProfile, ProfileOptions, profile};
use smith_task_schema::Severity;
use smith_task_schema::hash;
use smith_task_schema::profile::FileKind;
use tar::EntryType;

use crate::archive_writing::{Entry, add_to_tar, compress, tar, zeros_as_zstd, zip, zip_of};
use crate::{csv, folder, png};

/// Profiles with a place of its own for what is unpacked, and sees to it that nothing is left there.
fn of(root: &Path, change: impl Fn(&mut ProfileOptions)) -> DatasetProfile {
    let place = tempfile::tempdir().unwrap();
    let mut options = ProfileOptions::default();
    options.unpack_in = Some(place.path().to_path_buf());
    change(&mut options);
    let facts = profile(root, &options).unwrap();
    assert_eq!(place.path().read_dir().unwrap().count(), 0, "nothing stays unpacked");
    facts
}

fn plain(root: &Path) -> DatasetProfile {
    of(root, |_| {})
}

/// Everything found, as `path: message`.
fn said(facts: &DatasetProfile) -> Vec<String> {
    facts.findings.iter().map(|finding| format!("{}: {}", finding.path, finding.message)).collect()
}

#[track_caller]
fn assert_said(facts: &DatasetProfile, path: &str, words: &str, severity: Severity) {
    let found = facts.findings.iter().any(|finding| {
        finding.path == path && finding.message.contains(words) && finding.severity == severity
    });
    assert!(found, "{path}: {words} ({severity:?}) in {:#?}", said(facts));
}

fn tree() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("inside/t.csv", csv(40)),
        ("inside/pictures/1.png", png(3, 4)),
        ("inside/pictures/2.png", png(5, 6)),
        ("README.md", b"# Trees\nlicense: mit\n".to_vec()),
    ]
}

fn with_tree<R>(make: impl Fn(&[(&str, &[u8])]) -> R) -> R {
    let tree = tree();
    let files: Vec<(&str, &[u8])> = tree.iter().map(|(name, content)| (*name, content.as_slice())).collect();
    make(&files)
}

#[test]
fn every_archive_is_read_whatever_it_is_called() {
    let (packed_zip, packed_tar) = (with_tree(zip), with_tree(tar));
    let mut cases = vec![
        ("photos.zip".to_string(), packed_zip.clone()),
        ("photos".to_string(), packed_zip),
        ("photos.tar".to_string(), packed_tar.clone()),
        ("photos.bin".to_string(), packed_tar.clone()),
        ("photos.tgz".to_string(), compress("gz", &packed_tar)),
    ];
    for ending in ["gz", "zst", "bz2", "xz"] {
        cases.push((format!("photos.tar.{ending}"), compress(ending, &packed_tar)));
    }
    for (name, bytes) in &cases {
        let root = folder(&[(name, bytes)]);
        for root in [root.path().to_path_buf(), root.path().join(name)] {
            let facts = plain(&root);
            assert_eq!((facts.files, facts.bytes), (1, bytes.len() as u64), "{name}");
            let counts = [FileKind::Archive, FileKind::Table, FileKind::Image, FileKind::Document]
                .map(|kind| facts.count(kind));
            assert_eq!(counts, [1, 1, 2, 1], "{name}: {:?}", said(&facts));
            let table = facts.table(&format!("{name}!/inside/t.csv")).expect(name);
            assert_eq!(table.rows, 40);
            assert_eq!(facts.images.as_ref().map(|images| images.measured), Some(2), "{name}");
            assert_eq!(facts.licence.as_deref(), Some("MIT"));
            let directories: Vec<&str> = facts.groups.iter().map(|group| group.directory.as_str()).collect();
            let inside = format!("{name}!/inside/pictures");
            assert!(directories.contains(&inside.as_str()), "{directories:?}");
            assert_eq!(facts.findings, [], "{name}");
        }
        let file = root.path().join(name);
        assert_eq!(plain(&file).digest, Some(hash::file(&file).unwrap()));
        assert_eq!(plain(root.path()).digest, Some(hash::tree_digest(root.path()).unwrap()));
    }
}

#[test]
fn a_dataset_in_an_archive_is_named_after_it() {
    let root = folder(&[("Tree Heights.tar.gz", &compress("gz", &with_tree(tar)))]);
    assert_eq!(plain(&root.path().join("Tree Heights.tar.gz")).name, "tree_heights");
}

#[test]
fn archives_within_archives_are_read_three_deep() {
    let mut bytes = zip(&[("t.csv", &csv(30))]);
    for level in 2..=5 {
        let name = format!("level{level}.zip");
        bytes = if level % 2 == 0 { tar(&[(&name, &bytes)]) } else { zip(&[(&name, &bytes)]) };
    }
    let root = folder(&[("outer.zip", &bytes)]);
    let path = "outer.zip!/level5.zip!/level4.zip!/level3.zip";
    let facts = plain(root.path());
    assert!(facts.tables.is_empty());
    assert_said(&facts, path, "lies 3 archives deep and is not opened", Severity::Error);
    let facts = of(root.path(), |options| options.max_archive_depth = 5);
    assert!(facts.table(&format!("{path}!/level2.zip!/t.csv")).is_some(), "{:?}", said(&facts));
}

#[test]
fn names_that_lead_out_stay_in() {
    let names =
        ["../up.csv", "a/../../up.csv", "..\\up.csv", "/root.csv", "C:\\drive.csv", "a\\b.csv", "good.csv"];
    let content = csv(30);
    let entries: Vec<Entry> = names.iter().map(|name| Entry::deflated(name, &content)).collect();
    let mut builder = tar::Builder::new(Vec::new());
    for name in names {
        add_to_tar(&mut builder, name, EntryType::Regular, &content);
    }
    let root =
        folder(&[("deep/er/a.zip", &zip_of(&entries).0), ("deep/er/a.tar", &builder.into_inner().unwrap())]);
    let facts = plain(root.path());
    for archive in ["deep/er/a.zip", "deep/er/a.tar"] {
        assert_said(&facts, archive, "holds 3 members with a name that leads out", Severity::Error);
        assert_said(&facts, archive, "holds 2 members with an absolute name", Severity::Warning);
        assert_said(&facts, archive, "holds 1 member with backslashes", Severity::Warning);
        for inside in ["root.csv", "drive.csv", "a/b.csv", "good.csv"] {
            assert!(facts.table(&format!("{archive}!/{inside}")).is_some(), "{inside}");
        }
    }
    assert_eq!(facts.count(FileKind::Table), 8);
    assert_eq!(root.path().read_dir().unwrap().count(), 1, "nothing was written beside the archives");
}

#[test]
fn links_and_devices_are_left_out() {
    let mut builder = tar::Builder::new(Vec::new());
    add_to_tar(&mut builder, "link", EntryType::Symlink, b"");
    add_to_tar(&mut builder, "hard", EntryType::Link, b"");
    add_to_tar(&mut builder, "null", EntryType::Char, b"");
    add_to_tar(&mut builder, "disk", EntryType::Block, b"");
    add_to_tar(&mut builder, "pipe", EntryType::Fifo, b"");
    add_to_tar(&mut builder, "folder/", EntryType::Directory, b"");
    add_to_tar(&mut builder, "link/t.csv", EntryType::Regular, &csv(30));
    let entries = [
        Entry::stored("link", b"/etc/passwd").with_mode(0o120_777),
        Entry::stored("pipe", b"").with_mode(0o010_644),
        Entry::stored("link/t.csv", &csv(30)),
    ];
    let root = folder(&[("a.tar", &builder.into_inner().unwrap()), ("b.zip", &zip_of(&entries).0)]);
    let facts = plain(root.path());
    assert_said(&facts, "a.tar", "holds 2 members that is a link", Severity::Warning);
    assert_said(&facts, "a.tar", "holds 3 members that is no file", Severity::Warning);
    assert_said(&facts, "b.zip", "holds 1 member that is a link", Severity::Warning);
    assert_said(&facts, "b.zip", "holds 1 member that is no file", Severity::Warning);
    assert_eq!((facts.tables.len(), facts.kinds.len()), (2, 2));
}

#[test]
fn names_that_collide_are_told() {
    let entries = [
        Entry::deflated("t.csv", &csv(20)),
        Entry::deflated("T.CSV", &csv(21)),
        Entry::deflated("t.csv", &csv(22)),
        Entry::deflated("both", &csv(23)),
        Entry::deflated("both/u.csv", &csv(24)),
    ];
    let root = folder(&[("a.zip", &zip_of(&entries).0)]);
    let facts = plain(root.path());
    assert_said(&facts, "a.zip", "holds 1 member with the name of a later one", Severity::Warning);
    assert_said(&facts, "a.zip", "differs from another only by capitals", Severity::Warning);
    assert_said(
        &facts,
        "a.zip",
        "whose name is that of a folder too: tools cannot unpack both; `both`",
        Severity::Warning,
    );
    let rows: Vec<(&str, u64)> = facts.tables.iter().map(|table| (table.path.as_str(), table.rows)).collect();
    assert_eq!(
        rows,
        [("a.zip!/T.CSV", 21), ("a.zip!/both", 23), ("a.zip!/both/u.csv", 24), ("a.zip!/t.csv", 22)]
    );
}

#[test]
fn what_an_archive_states_of_sizes_is_not_believed() {
    let content = csv(3_000);
    let entries = [
        Entry::deflated("more.csv", &content).stating(10),
        Entry::deflated("less.csv", &content).stating(4_000_000_000),
        Entry::deflated("good.csv", &csv(30)),
    ];
    let root = folder(&[("a.zip", &zip_of(&entries).0)]);
    let facts = plain(root.path());
    assert!(facts.table("a.zip!/good.csv").is_some());
    let paths: Vec<&str> = facts.tables.iter().map(|table| table.path.as_str()).collect();
    assert!(!paths.contains(&"a.zip!/more.csv"), "what is longer than stated is not trusted: {paths:?}");
    assert_said(&facts, "a.zip", "damaged", Severity::Error);
    if let Some(table) = facts.table("a.zip!/less.csv") {
        assert_eq!(table.rows, 3_000, "whole or not at all");
        assert_said(&facts, "a.zip", "size is not the one", Severity::Warning);
    }
}

#[test]
fn a_bomb_is_stopped_by_what_it_writes() {
    // Ten gigabytes of zeros in three hundred kilobytes.
    let zeros = zeros_as_zstd(80_000);
    let bomb = [
        Entry::deflated("first.csv", &csv(30)),
        Entry::packed("zeros.bin", 93, zeros, b"").stating(4_000_000_000),
        Entry::deflated("last.csv", &csv(30)),
    ];
    let root = folder(&[("bomb.zip", &zip_of(&bomb).0), ("other.zip", &zip(&[("t.csv", &csv(40))]))]);
    let facts = plain(root.path());
    assert_said(&facts, "bomb.zip", "1 member before that can be read", Severity::Error);
    assert_said(&facts, "bomb.zip", "grows to more than 200 times its size", Severity::Error);
    assert!(facts.table("bomb.zip!/first.csv").is_some(), "what came before is kept");
    assert!(facts.table("other.zip!/t.csv").is_some(), "other archives are read all the same");
    assert_eq!(facts.count(FileKind::Other), 0);
}

#[test]
fn a_bomb_of_bombs_is_one_bomb() {
    let zeros = zip(&[("zeros", &vec![0; 8 << 20])]);
    let names: Vec<String> = (0..16).map(|i| format!("{i}.zip")).collect();
    let layer = |inner: &[u8]| {
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), inner)).collect();
        zip(&files)
    };
    let root = folder(&[("bomb.zip", &layer(&layer(&zeros)))]);
    let facts = plain(root.path());
    let told = said(&facts).join("\n");
    assert!(told.contains("grows to more than 200 times its size"), "{told}");
    assert!(facts.count(FileKind::Other) < 20, "256 of 8 MiB each would be 2 GiB");
}

/// Names of members are read into memory before anybody can look at them.
#[test]
fn headers_that_do_not_end_are_stopped() {
    let mut builder = tar::Builder::new(Vec::new());
    add_to_tar(&mut builder, "first.csv", EntryType::Regular, &csv(30));
    add_to_tar(&mut builder, "././@LongLink", EntryType::GNULongName, &vec![b'a'; 8 << 20]);
    add_to_tar(&mut builder, "last.csv", EntryType::Regular, &csv(30));
    let root = folder(&[("a.tar.gz", &compress("gz", &builder.into_inner().unwrap()))]);
    let facts = plain(root.path());
    assert_said(&facts, "a.tar.gz", "the headers of a member are larger than 4 MiB", Severity::Error);
    let paths: Vec<&str> = facts.tables.iter().map(|table| table.path.as_str()).collect();
    assert_eq!(paths, ["a.tar.gz!/first.csv"]);
}

#[test]
fn limits_hold_for_all_archives_together() {
    let many: Vec<(String, Vec<u8>)> = (0..30).map(|i| (format!("{i:02}.csv"), csv(20 + i))).collect();
    let files: Vec<(&str, &[u8])> =
        many.iter().map(|(name, content)| (name.as_str(), content.as_slice())).collect();
    let root = folder(&[("a.zip", &zip(&files)), ("b.tar", &tar(&files)), ("c.zip", &zip(&files[..1]))]);
    let facts = of(root.path(), |options| options.max_archive_members = 40);
    assert_eq!(facts.count(FileKind::Table), 40);
    assert_said(
        &facts,
        "b.tar",
        "more than 40 files in archives; 10 members before that can be read",
        Severity::Error,
    );
    assert_said(&facts, "", "1 further archive, such as `c.zip`, not opened", Severity::Error);
    let facts = of(root.path(), |options| options.max_unpacked_bytes = 1_000);
    assert_said(&facts, "a.zip", "would be unpacked", Severity::Error);
    assert!(facts.count(FileKind::Table) < 30);
    let facts = of(root.path(), |options| options.max_unpacked_bytes = 0);
    assert_eq!((facts.count(FileKind::Archive), facts.count(FileKind::Table)), (3, 0));
    assert_said(&facts, "", "3 further archives", Severity::Error);
}

#[test]
fn encrypted_and_unknown_packing_is_told() {
    let entries = [
        Entry::deflated("secret.csv", &csv(30)).encrypted(),
        Entry::packed("old.csv", 6, b"imploded".to_vec(), &csv(30)),
        Entry::packed("z.csv", 93, zstd::encode_all(csv(30).as_slice(), 1).unwrap(), &csv(30)),
        Entry::packed("b.csv", 12, compress("bz2", &csv(31)), &csv(31)),
        Entry::deflated("open.csv", &csv(32)),
    ];
    let root = folder(&[("a.zip", &zip_of(&entries).0)]);
    let facts = plain(root.path());
    assert_said(&facts, "a.zip", "that is encrypted", Severity::Error);
    assert_said(&facts, "a.zip", "packed in a way that is not read here", Severity::Error);
    assert_eq!(facts.tables.len(), 3, "{:?}", said(&facts));
}

#[test]
fn a_cut_archive_gives_what_came_before_the_cut() {
    let noise: Vec<u8> = (0_u32..60_000).flat_map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let files: [(&str, &[u8]); 3] = [("a.csv", &csv(30)), ("b.csv", &csv(40)), ("c.bin", &noise)];
    let (whole_zip, whole_tar) = (zip(&files), tar(&files));
    let cut = |bytes: &[u8]| bytes[..bytes.len() * 2 / 3].to_vec();
    let cases = [
        ("cut.zip", cut(&whole_zip)),
        ("cut.tar", cut(&whole_tar)),
        ("cut.tar.gz", cut(&compress("gz", &whole_tar))),
        ("cut.tar.zst", cut(&compress("zst", &whole_tar))),
        ("cut.tar.xz", cut(&compress("xz", &whole_tar))),
    ];
    for (name, bytes) in cases {
        let root = folder(&[(name, &bytes)]);
        let facts = plain(root.path());
        assert_said(&facts, name, "it is cut or damaged", Severity::Error);
        assert_said(&facts, name, "2 members before that can be read", Severity::Error);
        let rows: Vec<u64> = facts.tables.iter().map(|table| table.rows).collect();
        assert_eq!(rows, [30, 40], "{name}: {:?}", said(&facts));
        assert_eq!(facts.count(FileKind::Other), 0, "{name}: the member that was cut is left out");
    }
}

#[test]
fn a_zip_without_its_directory_is_read_by_its_members() {
    let (bytes, directory) =
        zip_of(&[Entry::stored("a.csv", &csv(30)), Entry::deflated("b/c.csv", &csv(40))]);
    let root = folder(&[("a.zip", &bytes[..directory])]);
    let facts = plain(root.path());
    assert_eq!(facts.tables.len(), 2, "{:?}", said(&facts));
    assert_said(&facts, "a.zip", "2 members before that can be read", Severity::Error);
}

#[test]
fn a_damaged_member_does_not_hide_the_others() {
    let mut wrong = Entry::deflated("b.csv", &csv(400));
    wrong = wrong.stating(0);
    let (mut bytes, _) =
        zip_of(&[Entry::deflated("a.csv", &csv(30)), wrong, Entry::deflated("c.csv", &csv(30))]);
    let at = bytes.windows(5).position(|part| part == b"b.csv").unwrap();
    bytes[at + 50..at + 80].fill(0xff);
    let root = folder(&[("a.zip", &bytes)]);
    let facts = plain(root.path());
    assert_said(&facts, "a.zip", "holds 1 member that is damaged", Severity::Error);
    let names: Vec<&str> = facts.tables.iter().map(|table| table.path.as_str()).collect();
    assert_eq!(names, ["a.zip!/a.csv", "a.zip!/c.csv"]);
}

#[test]
fn foreign_archives_are_to_be_unpacked_first() {
    let root = folder(&[
        ("a.rar", b"Rar!\x1a\x07\x01\0rest of it"),
        ("b.7z", b"7z\xbc\xaf\x27\x1c\0\x04rest of it"),
        ("t.csv", &csv(30)),
    ]);
    let facts = plain(root.path());
    assert_said(&facts, "a.rar", "is a RAR archive", Severity::Error);
    assert_said(&facts, "b.7z", "unpack it and point to the folder", Severity::Error);
    assert_eq!(facts.tables.len(), 1);
}

#[test]
fn single_files_are_streamed_where_they_can_be_and_unpacked_where_not() {
    let table = csv(50);
    let mut array =
        b"\x93NUMPY\x01\0\x76\0{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }".to_vec();
    array.resize(127, b' ');
    array.push(b'\n');
    array.extend([0; 16]);
    let mut files: Vec<(String, Vec<u8>)> = ["gz", "zst", "bz2", "xz"]
        .into_iter()
        .map(|ending| (format!("t_{ending}.csv.{ending}"), compress(ending, &table)))
        .collect();
    files.push(("lines.jsonl.zst".into(), compress("zst", b"{\"a\":1}\n{\"a\":2}\n")));
    files.push(("routes.gz".into(), compress("gz", &table)));
    files.push(("x.npy.gz".into(), compress("gz", &array)));
    files.push(("picture.png.xz".into(), compress("xz", &png(3, 4))));
    let named: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let root = folder(&named);
    let facts = plain(root.path());
    let rows: Vec<(&str, u64)> = facts.tables.iter().map(|table| (table.path.as_str(), table.rows)).collect();
    let expected = [
        ("lines.jsonl.zst", 2),
        ("routes.gz", 50),
        ("t_bz2.csv.bz2", 50),
        ("t_gz.csv.gz", 50),
        ("t_xz.csv.xz", 50),
        ("t_zst.csv.zst", 50),
    ];
    assert_eq!(rows, expected, "{:?}", said(&facts));
    assert_eq!(facts.table("t_bz2.csv.bz2").unwrap().format, "csv.bz2");
    assert_eq!((facts.count(FileKind::Array), facts.count(FileKind::Archive)), (1, 0));
    let examples: Vec<&str> =
        facts.groups.iter().flat_map(|group| group.examples.iter().map(String::as_str)).collect();
    assert!(examples.contains(&"x.npy.gz!/x.npy") && examples.contains(&"picture.png.xz!/picture.png"));
    assert_eq!(facts.images.as_ref().map(|images| images.measured), Some(1));
}

#[test]
fn an_archive_beside_what_was_unpacked_from_it_counts_once() {
    let packed = with_tree(zip);
    let tree = tree();
    let mut files: Vec<(String, &[u8])> =
        tree.iter().map(|(name, content)| (format!("data/{name}"), content.as_slice())).collect();
    files.push(("data.zip".into(), &packed));
    let named: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    let root = folder(&named);
    let facts = plain(root.path());
    assert_eq!((facts.tables.len(), facts.count(FileKind::Image)), (1, 2));
    assert_said(&facts, "data.zip", "holds 4 files, all of which lie outside of it too", Severity::Warning);
}

#[test]
fn duplicates_are_found_within_archives_too() {
    let root = folder(&[
        ("a.zip", &zip(&[("train/1.png", &png(3, 4)), ("new.png", &png(9, 9))])),
        ("test/1.png", &png(3, 4)),
        ("test/2.png", &png(3, 4)),
    ]);
    let duplicates = plain(root.path()).duplicate_files.unwrap();
    assert_eq!((duplicates.compared, duplicates.exact), (5, true));
    assert_eq!((duplicates.repeats, duplicates.across_directories), (2, 2));
    assert_eq!(duplicates.examples, [["a.zip!/train/1.png", "test/1.png", "test/2.png"]]);
}

#[test]
fn what_was_unpacked_is_removed_after_an_error_too() {
    let place = tempfile::tempdir().unwrap();
    let mut options = ProfileOptions::default();
    options.unpack_in = Some(place.path().join("missing"));
    let root = folder(&[("a.zip", &with_tree(zip)), ("t.csv", &csv(30))]);
    let facts = profile(root.path(), &options).unwrap();
    assert_said(&facts, "", "not opened: there is no room for them", Severity::Error);
    assert_eq!(facts.tables.len(), 1);
    assert_eq!(place.path().read_dir().unwrap().count(), 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Sound archives with some bytes changed, and cut anywhere.
    #[test]
    fn damage_never_panics(
        which in 0_usize..6,
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let whole_tar = with_tree(tar);
        let mut bytes = match which {
            0 => with_tree(zip),
            1 => whole_tar,
            2 => compress("gz", &whole_tar),
            3 => compress("zst", &whole_tar),
            4 => compress("bz2", &whole_tar),
            _ => compress("xz", &whole_tar),
        };
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if !bytes.is_empty() {
            let root = folder(&[("a", &bytes)]);
            let facts = of(root.path(), |options| options.max_unpacked_bytes = 10_000_000);
            prop_assert_eq!(facts.files, 1);
        }
    }
}
