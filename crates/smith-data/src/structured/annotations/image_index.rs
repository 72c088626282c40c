//! Finds the images that annotations speak of.

use std::collections::HashMap;

use smith_task_schema::profile::FileKind;

use crate::source::walk::Found;

/// Images of one name that are looked through.
const MAX_NAMESAKES: usize = 64;

/// The images of a dataset by name and by name without extension.
pub(crate) struct ImageIndex<'f> {
    by_name: HashMap<&'f str, Vec<&'f Found>>,
    by_stem: HashMap<&'f str, Vec<&'f Found>>,
}

impl<'f> ImageIndex<'f> {
    pub(crate) fn of(files: &'f [(Found, FileKind)]) -> Self {
        let mut index = Self { by_name: HashMap::new(), by_stem: HashMap::new() };
        for (found, _) in files.iter().filter(|(_, kind)| matches!(kind, FileKind::Image | FileKind::Video)) {
            push(&mut index.by_name, found.name(), found);
            push(&mut index.by_stem, stem(found.name()), found);
        }
        index
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// The image that an annotation in a directory names, with or without directories and extension.
    pub(crate) fn find(&self, written: &str, directory: &str) -> Option<&'f Found> {
        let written = written.replace('\\', "/");
        let name = written.rsplit('/').next().unwrap_or(&written);
        let namesakes = self.by_name.get(name).or_else(|| self.by_stem.get(name));
        let namesakes = namesakes.or_else(|| self.by_stem.get(stem(name)))?;
        namesakes.iter().copied().max_by_key(|found| {
            let directories = written.rsplit('/').skip(1).zip(found.relative.rsplit('/').skip(1));
            (directories.take_while(|(a, b)| a == b).count(), nearness(found.directory(), directory))
        })
    }

    /// The image that a file stands for by its name: beside it, or where its directory's twin is.
    pub(crate) fn twin(&self, file: &Found) -> Option<&'f Found> {
        let twins = self.by_stem.get(stem(file.name()))?;
        twins
            .iter()
            .copied()
            .filter(|image| image.relative != file.relative)
            .max_by_key(|image| nearness(image.directory(), file.directory()))
    }
}

fn push<'f>(map: &mut HashMap<&'f str, Vec<&'f Found>>, key: &'f str, found: &'f Found) {
    let namesakes = map.entry(key).or_default();
    if namesakes.len() < MAX_NAMESAKES {
        namesakes.push(found);
    }
}

/// Parts that two directories have in common, from both ends.
fn nearness(a: &str, b: &str) -> usize {
    let front = a.split('/').zip(b.split('/')).take_while(|(a, b)| a == b).count();
    let back = a.rsplit('/').zip(b.rsplit('/')).take_while(|(a, b)| a == b).count();
    front + back + usize::from(a == b)
}

/// A name without its extension.
pub(crate) fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_found_as_they_are_named() {
        let paths = ["images/train/1.jpg", "images/val/1.jpg", "other/2.png"];
        let files: Vec<(Found, FileKind)> = paths
            .iter()
            .map(|path| (Found { path: path.into(), relative: (*path).into(), bytes: 1 }, FileKind::Image))
            .collect();
        let index = ImageIndex::of(&files);
        let find = |written: &str, directory: &str| {
            index.find(written, directory).map(|found| found.relative.as_str())
        };
        assert_eq!(find("val/1.jpg", ""), Some("images/val/1.jpg"));
        assert_eq!(find("C:\\work\\train\\1.jpg", ""), Some("images/train/1.jpg"));
        assert_eq!(find("1", "labels/val"), Some("images/val/1.jpg"));
        assert_eq!(find("2.tif", ""), Some("other/2.png"));
        assert_eq!(find("3.jpg", ""), None);
        let label = Found { path: "".into(), relative: "labels/train/1.txt".into(), bytes: 1 };
        assert_eq!(index.twin(&label).map(|found| found.relative.as_str()), Some("images/train/1.jpg"));
    }
}
