//! YOLO: a text file for each image with a line for each object, in shares of the image's width and height.

use std::collections::BTreeMap;

use super::tally::Annotated;
use crate::structured::lines::{number, words};

/// Numbers of a line that are read.
const MAX_NUMBERS: usize = 4_096;
/// Classes are numbered up to here.
const MAX_CLASS: f64 = 100_000.0;
/// Coordinates are rounded.
const SLACK: f64 = 2e-3;

/// The annotations of a file; none when a line is something else.
pub(crate) fn read(bytes: &[u8], names: &BTreeMap<u64, String>) -> Option<Annotated> {
    let mut found = Annotated::default();
    for line in bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()) {
        let values: Vec<f64> = words(line).take(MAX_NUMBERS).map(number).collect::<Option<_>>()?;
        let (class, rest) = values.split_first()?;
        if class.fract() != 0.0 || !(0.0..MAX_CLASS).contains(class) {
            return None;
        }
        let class = *class as u64;
        let (shape, valid) = shape_of(rest)?;
        let name = names.get(&class).cloned().unwrap_or_else(|| class.to_string());
        found.object(&name, shape, valid);
    }
    Some(found)
}

/// What the numbers behind the class are, and whether they lie within the image.
fn shape_of(values: &[f64]) -> Option<(&'static str, bool)> {
    if values.len() < 4 || values.iter().take(4).any(|value| value.abs() > 2.0) {
        return None;
    }
    let within = |value: &f64| (-SLACK..=1.0 + SLACK).contains(value);
    let is_box = values.len() <= 5;
    let behind = values.get(4..).unwrap_or_default();
    let visible = |point: &[f64]| matches!(point, [_, _, seen] if [0.0, 1.0, 2.0].contains(seen));
    let keypoints = !is_box && behind.len().is_multiple_of(3) && behind.chunks(3).all(visible);
    if is_box || keypoints {
        let [x, y, width, height] = *values.first_chunk::<4>()?;
        let corners = [x - width / 2.0, y - height / 2.0, x + width / 2.0, y + height / 2.0];
        let valid = width > 0.0 && height > 0.0 && corners.iter().all(within);
        return Some((if keypoints { "keypoints" } else { "box" }, valid));
    }
    (values.len().is_multiple_of(2) && values.len() >= 6 && values.iter().all(|value| value.abs() <= 2.0))
        .then(|| ("polygon", values.iter().all(within)))
}

/// The names of the classes that a file lists: one a line, or behind `names:` in YAML.
pub(crate) fn names(file: &str, text: &str) -> BTreeMap<u64, String> {
    let is_yaml = file.ends_with(".yaml") || file.ends_with(".yml");
    if is_yaml {
        return names_of_yaml(text);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    (0..).zip(lines.map(String::from)).collect()
}

fn names_of_yaml(text: &str) -> BTreeMap<u64, String> {
    let mut lines = text.lines();
    let Some(first) = lines.by_ref().find_map(|line| line.strip_prefix("names:")) else {
        return BTreeMap::new();
    };
    let first = first.split(" #").next().unwrap_or_default().trim();
    if let Some(start) = first.strip_prefix(['[', '{']) {
        let mut inside = start.to_string();
        while !inside.contains([']', '}']) {
            let Some(line) = lines.next() else { break };
            inside.push_str(line.trim());
        }
        let inside = inside.split([']', '}']).next().unwrap_or_default();
        return numbered(inside.split(',').filter(|item| !item.trim().is_empty()));
    }
    let items = lines
        .map(|line| line.split(" #").next().unwrap_or_default())
        .filter(|line| !line.trim().is_empty())
        .take_while(|line| line.starts_with([' ', '\t', '-']))
        .map(|line| line.trim().trim_start_matches("- "));
    numbered(items)
}

/// Names with their numbers where they are written, and otherwise in their order.
fn numbered<'t>(items: impl Iterator<Item = &'t str>) -> BTreeMap<u64, String> {
    let clean = |text: &str| text.trim().trim_matches(['"', '\'']).to_string();
    (0..)
        .zip(items)
        .map(|(index, item)| match item.split_once(':') {
            Some((key, name)) => (clean(key).parse().unwrap_or(index), clean(name)),
            None => (index, clean(item)),
        })
        .collect()
}

/// True for the name of a file that may list classes.
pub(crate) fn may_list_names(name: &str) -> bool {
    let lower = name.to_lowercase();
    matches!(
        lower.as_str(),
        "classes.txt" | "obj.names" | "predefined_classes.txt" | "_darknet.labels" | "labels.txt"
    ) || [".yaml", ".yml", ".names"].iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn boxes_outlines_and_points() {
        let names = BTreeMap::from([(0, String::from("cat"))]);
        let found =
            read(b"0 0.5 0.5 0.2 0.2\n1 0.9 0.5 0.4 0.2\r\n\n0 0.1 0.1 0.9 0.1 0.5 0.9\n", &names).unwrap();
        assert_eq!((found.objects, found.invalid), (3, 1));
        assert_eq!(found.classes, BTreeMap::from([("1".into(), 1), ("cat".into(), 2)]));
        assert_eq!(found.shapes.into_iter().collect::<Vec<_>>(), ["box", "polygon"]);
        let pose = read(b"0 0.5 0.5 0.2 0.2 0.4 0.4 2 0.5 0.5 0", &names).unwrap();
        assert!(pose.shapes.contains("keypoints"));
        assert_eq!(read(b"", &names).unwrap().objects, 0);
    }

    #[test]
    fn other_lines() {
        for text in [
            "a story",
            "0 0.5 0.5",
            "0.5 0.5 0.5 0.2 0.2",
            "1 399 182 121 229",
            "-1 0.1 0.1 0.1 0.1",
            "0 nan 0 0 0",
        ] {
            assert!(read(text.as_bytes(), &BTreeMap::new()).is_none(), "{text}");
        }
    }

    #[test]
    fn names_in_every_spelling() {
        let expected = BTreeMap::from([(0, String::from("cat")), (1, String::from("big dog"))]);
        let texts = [
            ("classes.txt", "cat\nbig dog\n"),
            ("data.yaml", "train: ../train\nnc: 2\nnames: ['cat', \"big dog\"]\n"),
            ("data.yaml", "names:\n- cat\n- big dog\nnc: 2\n"),
            ("data.yml", "names:\n  0: cat  # first\n  1: big dog\n\nroboflow:\n  x: y\n"),
            ("data.yml", "names: [cat,\n  'big dog']\n"),
        ];
        for (file, text) in texts {
            assert_eq!(names(file, text), expected, "{text}");
        }
        assert!(names("a.yaml", "nothing: here").is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[-0-9. \n,:'\\[\\]{}a-z]{0,200}") {
            let _ = read(&bytes, &BTreeMap::new());
            let _ = read(text.as_bytes(), &BTreeMap::new());
            let _ = names("x.yaml", &format!("names:{text}"));
        }
    }
}
