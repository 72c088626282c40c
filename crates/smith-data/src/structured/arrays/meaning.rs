//! What the shapes and names of arrays suggest.

use std::collections::BTreeMap;

use smith_task_schema::profile::ArrayProfile;

use crate::structured::parts::part_of;

/// Classes that labels may have.
const MAX_CLASSES: u64 = 1_000;
/// Arrays that one is paired with.
const MAX_PAIRS: usize = 8;

/// `images`, `labels`, `features` or `series`; empty when the shape suggests nothing.
pub(super) fn looks_like(array: &ArrayProfile) -> &'static str {
    let whole = ["int", "uint", "bool"].iter().any(|kind| array.dtype.starts_with(kind));
    let number = whole || array.dtype.starts_with("float");
    let side = |extent: u64| (8..=8_192).contains(&extent);
    let is_channel = |extent: u64| matches!(extent, 1 | 3 | 4);
    match *array.shape.as_slice() {
        [rows] | [rows, 1] if rows >= 2 => {
            let few = array
                .distinct
                .is_some_and(|distinct| (2..=MAX_CLASSES).contains(&distinct) && distinct * 2 <= rows);
            let words = array.dtype.starts_with('S') || array.dtype.starts_with('U');
            if few && (whole || words || is_codes(array)) { "labels" } else { "" }
        }
        [_, _] if number => "features",
        [n, h, w]
            if number
                && n >= 1
                && side(h)
                && side(w)
                && (h == w || array.dtype == "uint8")
                && is_light(array) =>
        {
            "images"
        }
        [_, h, w, c] if number && side(h) && side(w) && is_channel(c) && is_light(array) => "images",
        [_, c, h, w] if number && side(h) && side(w) && is_channel(c) && is_light(array) => "images",
        [_, _, _] if number => "series",
        _ => "",
    }
}

/// True for numbers that name classes although they are written as floats.
fn is_codes(array: &ArrayProfile) -> bool {
    array.dtype.starts_with("float")
        && array.nan == 0
        && array.distinct.is_some_and(|distinct| distinct <= 50)
        && array.top.iter().all(|value| value.value.parse::<f64>().is_ok_and(|number| number.fract() == 0.0))
}

/// True when nothing lies outside what intensities are written in, save that some are shifted to both sides of 0.
fn is_light(array: &ArrayProfile) -> bool {
    let bound = |value: &Option<String>| value.as_ref().and_then(|text| text.parse::<f64>().ok());
    match (bound(&array.min), bound(&array.max)) {
        (Some(min), Some(max)) => (-10.0..=255.0).contains(&min) && max <= 65_535.0,
        _ => true,
    }
}

/// Notes which arrays belong to the same samples: in one directory or archive, with one length, and of the same part
/// of a split where their names say one.
pub(super) fn add_pairs(arrays: &mut [ArrayProfile]) {
    let mut groups: BTreeMap<(String, u64), Vec<usize>> = BTreeMap::new();
    for (index, array) in arrays.iter_mut().enumerate() {
        array.part = part_of(name(&array.path)).map(String::from);
        if let Some(&length) = array.shape.first().filter(|&&length| length > 1) {
            groups.entry((home(&array.path).to_string(), length)).or_default().push(index);
        }
    }
    for members in groups.values().filter(|members| (2..=2 * MAX_PAIRS).contains(&members.len())) {
        for &one in members {
            let fits = |&&other: &&usize| {
                other != one && arrays[other].part == arrays[one].part && differ(&arrays[one], &arrays[other])
            };
            let partners: Vec<String> = members
                .iter()
                .filter(fits)
                .take(MAX_PAIRS)
                .map(|&other| arrays[other].path.clone())
                .collect();
            arrays[one].same_samples = partners;
        }
    }
}

/// Arrays of one shape and type are alike rather than two sides of the same samples.
fn differ(a: &ArrayProfile, b: &ArrayProfile) -> bool {
    a.shape != b.shape || a.looks_like != b.looks_like
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The directory or archive of an array; a file that is packed by itself lies in its directory.
fn home(path: &str) -> &str {
    let path = path.split_once("!/").map_or(path, |(file, inner)| {
        let is_packed_alone = name(file).rsplit_once('.').is_some_and(|(stem, _)| stem == inner);
        if is_packed_alone { file } else { path }
    });
    path.rsplit_once('/').map_or("", |(home, _)| home)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(path: &str, dtype: &str, shape: &[u64], distinct: Option<u64>) -> ArrayProfile {
        let mut array = ArrayProfile::default();
        (array.path, array.dtype, array.shape, array.distinct) =
            (path.into(), dtype.into(), shape.to_vec(), distinct);
        array.looks_like = looks_like(&array).to_string();
        array
    }

    #[test]
    fn shapes_suggest() {
        let cases: [(&str, &[u64], Option<u64>, &str); 12] = [
            ("uint8", &[60_000, 28, 28], Some(256), "images"),
            ("float32", &[100, 3, 32, 32], None, "images"),
            ("uint8", &[100, 32, 48, 3], None, "images"),
            ("uint8", &[60_000], Some(10), "labels"),
            ("int64", &[500, 1], Some(3), "labels"),
            ("int64", &[500], Some(400), ""),
            ("U7", &[500], Some(4), "labels"),
            ("float64", &[500], None, ""),
            ("float64", &[500, 20], None, "features"),
            ("float32", &[500, 128, 9], None, "series"),
            ("complex64", &[500, 20], None, ""),
            ("float32", &[], None, ""),
        ];
        for (dtype, shape, distinct, expected) in cases {
            assert_eq!(array("a", dtype, shape, distinct).looks_like, expected, "{dtype} {shape:?}");
        }
    }

    #[test]
    fn labels_belong_to_the_images_of_their_part() {
        let mut arrays = [
            array("d/test-images", "uint8", &[100, 28, 28], None),
            array("d/test-labels", "uint8", &[100], Some(10)),
            array("d/train-images", "uint8", &[100, 28, 28], None),
            array("d/train-labels", "uint8", &[100], Some(10)),
            array("e/other", "uint8", &[100], Some(10)),
        ];
        add_pairs(&mut arrays);
        assert_eq!(arrays[0].same_samples, ["d/test-labels"]);
        assert_eq!(arrays[3].same_samples, ["d/train-images"]);
        assert_eq!(arrays[3].part.as_deref(), Some("train"));
        assert!(arrays[4].same_samples.is_empty());

        let mut packed = [
            array("d/images.gz!/images", "uint8", &[100, 28, 28], None),
            array("d/labels.gz!/labels", "uint8", &[100], Some(10)),
            array("d/more.zip!/labels", "uint8", &[100], Some(10)),
        ];
        add_pairs(&mut packed);
        assert_eq!(packed[0].same_samples, ["d/labels.gz!/labels"]);
    }
}
