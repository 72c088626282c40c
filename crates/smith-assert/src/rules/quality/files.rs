//! The files of the test examples are there and whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use smith_task_schema::{Bound, Figure, Layer, Severity};

use super::weighed;
use crate::AssertError;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::Subject;

pub(in crate::rules) const FILES: RuleInfo = RuleInfo {
    code: "Q126",
    name: "test-files-whole",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "Where test examples are files, each has its file, and no file is empty or cut off.",
    why: "An example that cannot be read cannot be predicted, and its score is chance.",
    mend: "Copy every file wholly, or leave its example out of the test side.",
    references: &[],
};

/// Files whose end is looked at.
const MAX_FILES: usize = 5_000;
/// Bytes at the end of a file in which its last mark has to stand: some programs write something behind it.
const TAIL: u64 = 64 << 10;

/// `Q126`.
pub(in crate::rules) fn whole(info: &RuleInfo, cx: &Subject) -> Measured {
    let (split, public) = (cx.split()?, cx.public()?);
    let test = &split.test;
    if test.files.is_empty() {
        return Err(AssertError::not_run("the test examples are no files"));
    }
    let missing: Vec<usize> =
        (0..test.files.len()).filter(|&row| test.files.get(row) == Some(&None)).collect();
    let step = test.files.len().div_ceil(MAX_FILES).max(1);
    let looked_at = test.files.iter().step_by(step).flatten().filter_map(|at| public.files.get(*at as usize));
    let root = &cx.layout().public;
    let broken: Vec<&str> =
        looked_at.filter(|file| is_broken(&root.join(&file.path))).map(|file| file.path.as_str()).collect();
    let mut report = Report::default()
        .with(Figure::new("test examples without a file", missing.len() as f64).bounded(Bound::AtMost(0.0)))
        .with(
            Figure::new("test files that are empty or cut off", broken.len() as f64)
                .bounded(Bound::AtMost(0.0)),
        );
    if let Some(first) = missing.first() {
        let message = format!(
            "{} of {} test examples have no file, for instance {:?}. {}",
            missing.len(),
            test.files.len(),
            test.ids.get(*first),
            info.mend
        );
        report.findings.push(weighed(info, Severity::Error, cx.name(root), message));
    }
    if let Some(first) = broken.first() {
        let message = format!("{} files of test examples are empty or cut off. {}", broken.len(), info.mend);
        report.findings.push(weighed(info, Severity::Error, cx.name(&root.join(first)), message));
    }
    Ok(report)
}

/// True for an empty file, and for a picture that lacks the mark that its format ends with.
fn is_broken(path: &Path) -> bool {
    // What cannot be opened is for other rules to say.
    let Ok(mut file) = File::open(path) else { return false };
    let size = file.metadata().map_or(0, |data| data.len());
    let mut head = [0; 8];
    let read = file.read(&mut head).unwrap_or(0);
    let mark: &[u8] = match head.get(..read).unwrap_or_default() {
        [] => return size == 0,
        [0x89, b'P', b'N', b'G', ..] => b"IEND",
        [0xff, 0xd8, ..] => &[0xff, 0xd9],
        _ => return false,
    };
    let mut tail = Vec::new();
    let is_read = file
        .seek(SeekFrom::Start(size.saturating_sub(TAIL)))
        .and_then(|_| file.take(TAIL).read_to_end(&mut tail))
        .is_ok();
    is_read && memchr::memmem::find(&tail, mark).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_end_with_their_mark() {
        let dir = tempfile::tempdir().unwrap();
        let cases: [(&[u8], bool); 6] = [
            (b"", true),
            (b"\x89PNG\r\n\x1a\n....IDAT", true),
            (b"\x89PNG\r\n\x1a\n....IEND\xae\x42\x60\x82\0\0\0", false),
            (b"\xff\xd8\xff\xe0 scan", true),
            (b"\xff\xd8\xff\xe0 scan \xff\xd9", false),
            (b"RIFF", false),
        ];
        for (content, broken) in cases {
            let path = dir.path().join("file");
            std::fs::write(&path, content).unwrap();
            assert_eq!(is_broken(&path), broken, "{content:?}");
        }
    }
}
