//! Boxes in files of one picture each: lines of a class and four numbers, or XML of corners.

use std::collections::BTreeMap;

use smith_data::Frame;

use crate::subject::{Public, PublicFile};

/// Files of one ending that are read, and the largest.
const MAX_FILES: usize = 1_000;
const MAX_BYTES: u64 = 64 << 10;
/// Files that make a group.
const MIN_FILES: usize = 5;
const TAGS: [&str; 4] = ["xmin", "ymin", "xmax", "ymax"];

/// The boxes of all such files of a directory as one table each, with the path of the first.
pub(super) fn of_files(public: &Public) -> Vec<(String, Frame)> {
    let mut groups: BTreeMap<(&str, &str), Vec<&PublicFile>> = BTreeMap::new();
    for file in &public.files {
        let ending = file.path.rsplit_once('.').map_or("", |(_, ending)| ending);
        if matches!(ending, "txt" | "xml") && file.bytes <= MAX_BYTES {
            groups.entry((file.directory(), ending)).or_default().push(file);
        }
    }
    groups
        .into_iter()
        .filter(|(_, files)| files.len() >= MIN_FILES)
        .filter_map(|((_, ending), files)| {
            let frame = if ending == "xml" { corners(public, &files) } else { lines(public, &files) };
            Some((files.first()?.path.clone(), frame?))
        })
        .collect()
}

fn texts<'p>(public: &'p Public, files: &'p [&PublicFile]) -> impl Iterator<Item = (&'p str, String)> {
    let step = files.len().div_ceil(MAX_FILES).max(1);
    files
        .iter()
        .step_by(step)
        .filter_map(|file| Some((file.stem(), std::fs::read_to_string(public.location(&file.path)).ok()?)))
}

/// `class x y width height` on each line, in parts of the picture from the middle; none when lines are anything else.
fn lines(public: &Public, files: &[&PublicFile]) -> Option<Frame> {
    let mut frame = frame(["cx", "cy", "w", "h"]);
    for (name, text) in texts(public, files) {
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let are_numbers = words.iter().all(|word| word.parse::<f64>().is_ok());
            if !(5..=6).contains(&words.len()) || !are_numbers {
                return None;
            }
            frame.push_row(std::iter::once(name).chain(words.into_iter().skip(1)));
        }
    }
    (frame.rows() > 0).then_some(frame)
}

/// The corners of each object, as VOC writes them.
fn corners(public: &Public, files: &[&PublicFile]) -> Option<Frame> {
    let mut frame = frame(TAGS);
    for (name, text) in texts(public, files) {
        for object in text.split("<bndbox>").skip(1) {
            let value = |tag: &&str| {
                let (_, rest) = object.split_once(&format!("<{tag}>"))?;
                rest.split_once('<').map(|(value, _)| value.trim())
            };
            let Some(values) = TAGS.iter().map(value).collect::<Option<Vec<_>>>() else { continue };
            frame.push_row(std::iter::once(name).chain(values));
        }
    }
    (frame.rows() > 0).then_some(frame)
}

fn frame(columns: [&str; 4]) -> Frame {
    Frame::new(std::iter::once("file").chain(columns).map(str::to_owned).collect())
}
