//! What is gathered of annotations, whatever their format.

use std::collections::{BTreeMap, BTreeSet};

use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, Range};

use crate::column::tally::most_frequent;
use crate::overview::display::one_line;

/// Classes that are named.
const NAMED_CLASSES: usize = 200;
/// Classes that are counted.
const MAX_CLASSES: usize = 200_000;
/// Characters of a class that are kept.
const CLASS_CHARS: usize = 80;

/// The annotations of one image.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Annotated {
    /// The image as the annotation names it.
    pub(crate) image: Option<String>,
    pub(crate) objects: u64,
    pub(crate) invalid: u64,
    pub(crate) classes: BTreeMap<String, u64>,
    pub(crate) shapes: BTreeSet<&'static str>,
}

impl Annotated {
    /// Counts an object of a class.
    pub(crate) fn object(&mut self, class: &str, shape: &'static str, is_valid: bool) {
        self.objects += 1;
        self.invalid += u64::from(!is_valid);
        self.shapes.insert(shape);
        *self.classes.entry(one_line(class, CLASS_CHARS)).or_default() += 1;
    }
}

/// The annotations of many images.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) images: u64,
    pub(crate) images_found: u64,
    pub(crate) objects: u64,
    pub(crate) checked: u64,
    pub(crate) invalid: u64,
    pub(crate) shapes: BTreeSet<&'static str>,
    /// Identities that are followed.
    pub(crate) identities: u64,
    classes: BTreeMap<String, u64>,
    per_image: Option<Range<u64>>,
    directories: BTreeMap<String, u64>,
}

impl Tally {
    /// Adds an image with all its annotations.
    pub(crate) fn add(&mut self, one: Annotated) {
        self.images += 1;
        self.objects += one.objects;
        self.checked += one.objects;
        self.invalid += one.invalid;
        self.shapes.extend(one.shapes);
        self.per_image(one.objects);
        one.classes.into_iter().for_each(|(class, count)| self.class(&class, count));
    }

    /// Counts an image's objects.
    pub(crate) fn per_image(&mut self, objects: u64) {
        self.per_image = Some(Range::grown(self.per_image, objects));
    }

    /// Counts objects of a class.
    pub(crate) fn class(&mut self, class: &str, count: u64) {
        if let Some(known) = self.classes.get_mut(class) {
            *known += count;
        } else if self.classes.len() < MAX_CLASSES {
            self.classes.insert(one_line(class, CLASS_CHARS), count);
        }
    }

    /// Takes over what another one knows of images.
    pub(crate) fn keep_images(&mut self, other: Self) {
        (self.images, self.images_found, self.directories) =
            (other.images, other.images_found, other.directories);
    }

    /// Notes the directory of an image that was found.
    pub(crate) fn found_in(&mut self, directory: &str) {
        self.images_found += 1;
        *self.directories.entry(directory.to_string()).or_default() += 1;
    }

    pub(crate) fn finish(
        self,
        path: &str,
        format: AnnotationFormat,
        files: u64,
        measured: u64,
    ) -> AnnotationProfile {
        let mut profile = AnnotationProfile::default();
        profile.path = path.to_string();
        profile.format = format;
        (profile.files, profile.measured) = (files, measured);
        (profile.images, profile.images_found) = (self.images, self.images_found);
        (profile.objects, profile.invalid, profile.checked) = (self.objects, self.invalid, self.checked);
        profile.total_classes = self.classes.len() as u64;
        profile.classes = most_frequent(self.classes, NAMED_CLASSES);
        profile.per_image = self.per_image;
        profile.identities = (self.identities > 0).then_some(self.identities);
        profile.shapes = self.shapes.into_iter().map(String::from).collect();
        profile.images_in = most_frequent(self.directories, 1).pop().map(|directory| directory.value);
        profile
    }
}

/// True for a box (two corners) that has an area and lies within its image, as far as that is known. A pixel is
/// allowed: some formats count corners from 1.
pub(crate) fn is_valid_box(corners: [f64; 4], image: Option<(f64, f64)>) -> bool {
    let [left, top, right, bottom] = corners;
    let inside = image.is_none_or(|(width, height)| {
        left >= -1.0 && top >= -1.0 && right <= width + 1.0 && bottom <= height + 1.0
    });
    corners.iter().all(|corner| corner.is_finite()) && right > left && bottom > top && inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes() {
        let image = Some((100.0, 50.0));
        assert!(is_valid_box([0.0, 0.0, 100.0, 50.0], image) && is_valid_box([1.0, 1.0, 101.0, 51.0], image));
        for odd in
            [[5.0, 5.0, 5.0, 9.0], [9.0, 5.0, 5.0, 9.0], [0.0, 0.0, 120.0, 9.0], [f64::NAN, 0.0, 1.0, 1.0]]
        {
            assert!(!is_valid_box(odd, image), "{odd:?}");
        }
        assert!(is_valid_box([0.0, 0.0, 1e6, 1e6], None));
    }
}
