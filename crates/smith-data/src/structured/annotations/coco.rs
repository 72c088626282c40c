//! COCO: one JSON file with `images`, `annotations` and `categories`, read as a stream.

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::tally::{Tally, is_valid_box};
use crate::column::hash;
use crate::source::reader::RecordGuard;

/// Images whose size and objects are kept.
const MAX_IMAGES: usize = 2_000_000;
/// Categories whose names are kept.
const MAX_CATEGORIES: usize = 50_000;

/// What is known of an image.
#[derive(Debug, Clone, Copy, Default)]
struct Image {
    size: Option<(f64, f64)>,
    objects: u64,
}

/// What a COCO file says.
#[derive(Debug, Default)]
pub(crate) struct Coco {
    images: HashMap<u64, Image>,
    categories: HashMap<u64, String>,
    objects_of: HashMap<u64, u64>,
    tally: Tally,
    annotations: u64,
    /// True when annotations came before the images that they speak of.
    annotations_first: bool,
    has_images: bool,
    has_annotations: bool,
}

/// Reads a file twice when its images come last. `found` tells in which directory an image lies.
///
/// # Errors
/// The file cannot be opened.
pub(crate) fn read<R: Read>(
    open: impl Fn() -> std::io::Result<R>,
    found: &dyn Fn(&str) -> Option<String>,
) -> std::io::Result<(Option<Tally>, Option<String>)> {
    let mut coco = Coco::default();
    let mut error = parse(open()?, &mut coco, found, true);
    if coco.annotations_first && coco.has_images {
        coco.forget_annotations();
        error = parse(open()?, &mut coco, found, false);
    }
    let is_coco =
        coco.has_annotations && coco.annotations > 0 && (coco.has_images || !coco.categories.is_empty());
    Ok((is_coco.then(|| coco.finish()), error))
}

/// Reads a file into `coco`; says what stopped it.
fn parse(
    input: impl Read,
    coco: &mut Coco,
    found: &dyn Fn(&str) -> Option<String>,
    with_images: bool,
) -> Option<String> {
    let (guard, since_record) = RecordGuard::new(input);
    let mut input = BufReader::with_capacity(1 << 16, guard);
    if input.fill_buf().is_ok_and(|start| start.starts_with(b"\xef\xbb\xbf")) {
        input.consume(3);
    }
    let mut json = serde_json::Deserializer::from_reader(input);
    let context = Context { found, since_record, with_images };
    Top { coco, context: &context }.deserialize(&mut json).err().map(|error| error.to_string())
}

/// What the parts of the reader share.
struct Context<'c> {
    found: &'c dyn Fn(&str) -> Option<String>,
    since_record: Rc<Cell<u64>>,
    with_images: bool,
}

impl Coco {
    fn add_image(&mut self, record: &ImageRecord, context: &Context<'_>) {
        self.tally.images += 1;
        if let Some(directory) = record.file_name.text.as_deref().and_then(context.found) {
            self.tally.found_in(&directory);
        }
        if let Some(id) = record.id.id
            && self.images.len() < MAX_IMAGES
        {
            let size = record.width.number().zip(record.height.number());
            self.images.insert(id, Image { size, objects: 0 });
        }
    }

    fn add_annotation(&mut self, record: &AnnotationRecord) {
        self.annotations += 1;
        if record.image_id.id.is_none() {
            return;
        }
        self.tally.objects += 1;
        let image = record.image_id.id.and_then(|id| self.images.get_mut(&id));
        let size = image.and_then(|image| {
            image.objects += 1;
            image.size
        });
        if let Some([left, top, width, height]) = record.bbox.corners() {
            self.tally.shapes.insert("box");
            self.tally.checked += 1;
            let corners = [left, top, left + width, top + height];
            self.tally.invalid += u64::from(!is_valid_box(corners, size));
        }
        for (presence, shape) in [
            (record.segmentation, if record.segmentation == Presence::Map { "mask" } else { "polygon" }),
            (record.keypoints, "keypoints"),
            (record.caption, "caption"),
        ] {
            if presence != Presence::Nothing {
                self.tally.shapes.insert(shape);
            }
        }
        if let Some(category) = record.category_id.id
            && (self.objects_of.len() < MAX_CATEGORIES || self.objects_of.contains_key(&category))
        {
            *self.objects_of.entry(category).or_default() += 1;
        }
    }

    fn add_category(&mut self, record: CategoryRecord) {
        if let (Some(id), Some(name)) = (record.id.id, record.name.text)
            && self.categories.len() < MAX_CATEGORIES
        {
            self.categories.insert(id, name);
        }
    }

    /// Makes room for a second reading of the annotations.
    fn forget_annotations(&mut self) {
        let kept = Tally::default();
        let old = std::mem::replace(&mut self.tally, kept);
        self.tally.keep_images(old);
        self.objects_of.clear();
        self.annotations = 0;
        self.images.values_mut().for_each(|image| image.objects = 0);
    }

    fn finish(mut self) -> Tally {
        self.images.values().for_each(|image| self.tally.per_image(image.objects));
        for (category, count) in &self.objects_of {
            let name = self.categories.get(category).cloned().unwrap_or_else(|| category.to_string());
            self.tally.class(&name, *count);
        }
        for name in
            self.categories.iter().filter(|(id, _)| !self.objects_of.contains_key(id)).map(|(_, name)| name)
        {
            self.tally.class(name, 0);
        }
        self.tally
    }
}

/// The object at the top.
struct Top<'a, 'c> {
    coco: &'a mut Coco,
    context: &'a Context<'c>,
}

impl<'de> DeserializeSeed<'de> for Top<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Top<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object with images and annotations")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            self.context.since_record.set(0);
            let coco = &mut *self.coco;
            match key.as_str() {
                "images" if self.context.with_images => {
                    coco.has_images = true;
                    map.next_value_seed(Each::new(self.context, |record| {
                        coco.add_image(&record, self.context);
                    }))?;
                }
                "annotations" => {
                    coco.has_annotations = true;
                    coco.annotations_first = !coco.has_images;
                    map.next_value_seed(Each::new(self.context, |record: AnnotationRecord| {
                        coco.add_annotation(&record);
                    }))?;
                }
                "categories" if self.context.with_images => {
                    map.next_value_seed(Each::new(self.context, |record| coco.add_category(record)))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// A list whose elements are handed over one by one.
struct Each<'c, T, F> {
    context: &'c Context<'c>,
    with: F,
    element: std::marker::PhantomData<T>,
}

impl<'c, T, F: FnMut(T)> Each<'c, T, F> {
    fn new(context: &'c Context<'c>, with: F) -> Self {
        Self { context, with, element: std::marker::PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> DeserializeSeed<'de> for Each<'_, T, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<'_, T, F> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(element) = seq.next_element()? {
            self.context.since_record.set(0);
            (self.with)(element);
        }
        Ok(())
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ImageRecord {
    id: Loose,
    file_name: Loose,
    width: Loose,
    height: Loose,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct AnnotationRecord {
    image_id: Loose,
    category_id: Loose,
    bbox: Loose,
    segmentation: Presence,
    keypoints: Presence,
    caption: Presence,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct CategoryRecord {
    id: Loose,
    name: Loose,
}

/// Numbers of a list and whether something is there, whatever the shape of the value.
#[derive(Debug, Clone, Default)]
struct Loose {
    numbers: [f64; 4],
    count: usize,
    /// The value as something that names: whole numbers as they are, texts by their hash.
    id: Option<u64>,
    text: Option<String>,
}

impl Loose {
    fn of(number: f64, id: u64) -> Self {
        Self { numbers: [number, 0.0, 0.0, 0.0], count: 1, id: Some(id), text: None }
    }

    fn number(&self) -> Option<f64> {
        (self.count == 1).then_some(self.numbers[0])
    }

    fn corners(&self) -> Option<[f64; 4]> {
        (self.count == 4).then_some(self.numbers)
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Loose, E> {
        Ok(Loose::default())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Loose, E> {
        Ok(Loose::default())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Loose, E> {
        Ok(Loose::of(value as f64, value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Loose, E> {
        Ok(Loose::of(value as f64, value.cast_unsigned()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Loose, E> {
        Ok(Loose::of(value, value as u64))
    }

    fn visit_str<E>(self, text: &str) -> Result<Loose, E> {
        Ok(Loose {
            id: Some(hash::of_bytes(text.as_bytes())),
            text: Some(text.to_string()),
            ..Loose::default()
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Loose, A::Error> {
        let mut found = Loose::default();
        while let Some(element) = seq.next_element::<Loose>()? {
            if let (Some(number), Some(place)) = (element.number(), found.numbers.get_mut(found.count)) {
                *place = number;
            }
            found.count = found.count.saturating_add(1);
        }
        // A list of one number is no number.
        found.count = if found.count == 4 { 4 } else { 0 };
        Ok(found)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::default())
    }
}

/// Whether something is there; it is passed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    Nothing,
    Something,
    Map,
}

impl<'de> Deserialize<'de> for Presence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PresenceVisitor)
    }
}

struct PresenceVisitor;

impl<'de> Visitor<'de> for PresenceVisitor {
    type Value = Presence;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Presence, E> {
        Ok(Presence::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Presence, E> {
        Ok(if value { Presence::Something } else { Presence::Nothing })
    }

    fn visit_u64<E>(self, _: u64) -> Result<Presence, E> {
        Ok(Presence::Something)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Presence, E> {
        Ok(Presence::Something)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Presence, E> {
        Ok(Presence::Something)
    }

    fn visit_str<E>(self, text: &str) -> Result<Presence, E> {
        Ok(if text.is_empty() { Presence::Nothing } else { Presence::Something })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Presence, A::Error> {
        let mut kind = Presence::Nothing;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            kind = Presence::Something;
        }
        Ok(kind)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Presence, A::Error> {
        let mut kind = Presence::Nothing;
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
            kind = Presence::Map;
        }
        Ok(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGES: &str = r#""images":[{"id":1,"file_name":"a.jpg","width":100,"height":50},{"id":"two","file_name":"b.jpg","width":"?"},{"id":3}]"#;
    const CATEGORIES: &str =
        r#""categories":[{"id":7,"name":"cat"},{"id":8,"name":"dog"},{"id":9,"name":"elk"}]"#;
    const ANNOTATIONS: &str = r#""annotations":[
        {"id":1,"image_id":1,"category_id":7,"bbox":[0,0,10,10],"segmentation":[[0,0,1,1,2,2]],"iscrowd":0},
        {"id":2,"image_id":1,"category_id":8,"bbox":[90,0,20,10],"segmentation":{"counts":"abc","size":[50,100]}},
        {"id":3,"image_id":"two","category_id":7,"bbox":[0,0,0,10],"keypoints":[1,2,2]},
        {"id":4,"image_id":3,"bbox":null,"caption":"A cat."}]"#;

    fn tally(text: &str) -> (Option<Tally>, Option<String>) {
        let found = |name: &str| (name == "a.jpg").then(|| String::from("images"));
        read(|| Ok(text.as_bytes()), &found).unwrap()
    }

    #[test]
    fn every_order_of_its_parts_says_the_same() {
        let info = r#""info":{"year":2020,"nested":[[1],{"images":[1]}]}"#;
        for parts in [[info, IMAGES, ANNOTATIONS, CATEGORIES], [ANNOTATIONS, CATEGORIES, info, IMAGES]] {
            let (tally, error) = tally(&format!("\u{feff}{{{}}}", parts.join(",")));
            let profile = tally.unwrap().finish("a.json", Default::default(), 1, 1);
            assert_eq!(error, None);
            assert_eq!(
                (profile.images, profile.images_found, profile.objects, profile.checked),
                (3, 1, 4, 3)
            );
            assert_eq!(profile.invalid, 2, "one reaches beyond its image, one has no width");
            assert_eq!(profile.shapes, ["box", "caption", "keypoints", "mask", "polygon"]);
            let classes: Vec<(&str, u64)> =
                profile.classes.iter().map(|c| (c.value.as_str(), c.count)).collect();
            assert_eq!(classes, [("cat", 2), ("dog", 1), ("elk", 0)]);
            let range = profile.per_image.unwrap();
            assert_eq!((range.min, range.max, profile.images_in.as_deref()), (1, 2, Some("images")));
        }
    }

    #[test]
    fn what_is_cut_off_is_told_and_the_rest_kept() {
        let text = format!("{{{IMAGES},{CATEGORIES},{ANNOTATIONS}}}");
        let (some, error) = tally(&text[..text.len() - 60]);
        assert_eq!((some.unwrap().objects, error.is_some()), (3, true));
    }

    #[test]
    fn other_json_is_not_taken() {
        for text in [
            "",
            "[]",
            "{}",
            "{\"annotations\":[]}",
            "{\"annotations\":[{\"a\":1}]}",
            "{\"images\":5}",
            "nonsense",
        ] {
            assert!(tally(text).0.is_none(), "{text}");
        }
        let deep = format!("{{\"images\":{}", "[".repeat(100_000));
        assert!(tally(&deep).1.is_some());
    }
}
