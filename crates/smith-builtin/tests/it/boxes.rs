//! Pictures with boxes around crates and barrels, in every format of boxes.

use std::fmt::Write as _;
use std::path::Path;

use crate::datasets::drawn;

const KINDS: [&str; 2] = ["crate", "old barrel"];
const SIDE: u64 = 16;

/// A kind, and its left, top, right and bottom side.
type Thing = (usize, [u64; 4]);

/// So many pictures of dark things on a light ground, each with its things.
fn pictures(folder: &Path, many: usize) -> Vec<(String, Vec<Thing>)> {
    std::fs::create_dir_all(folder).unwrap();
    let mut draw = drawn(31);
    let mut picture = |number: usize| {
        let mut things: Vec<Thing> = Vec::new();
        for at in 0..=draw(2) {
            let (left, top) = (draw(4) + 8 * at, draw(10));
            things.push((draw(2) as usize, [left, top, left + 3 + draw(2), top + 3 + draw(3)]));
        }
        let dark = |x: u64, y: u64| {
            let within = |(_, [left, top, right, bottom]): &Thing| {
                (*left..*right).contains(&x) && (*top..*bottom).contains(&y)
            };
            things.iter().find(|thing| within(thing)).map(|(kind, _)| 20 + 90 * *kind as u64)
        };
        let mut bytes = format!("P5\n{SIDE} {SIDE}\n255\n").into_bytes();
        bytes.extend((0..SIDE * SIDE).map(|at| (dark(at % SIDE, at / SIDE).unwrap_or(200) + draw(40)) as u8));
        let name = format!("yard{number}");
        std::fs::write(folder.join(format!("{name}.ppm")), bytes).unwrap();
        (name, things)
    };
    (0..many).map(&mut picture).collect()
}

/// Two ready-made parts, each with a file of its own.
pub(crate) fn coco(raw: &Path) {
    for (part, many) in [("train", 100), ("val", 40)] {
        let (mut images, mut annotations) = (Vec::new(), Vec::new());
        for (id, (name, things)) in pictures(&raw.join(part), many).into_iter().enumerate() {
            images.push(serde_json::json!({"id": id, "file_name": format!("{name}.ppm"), "width": SIDE, "height": SIDE}));
            for (kind, [left, top, right, bottom]) in things {
                let place = [left, top, right - left, bottom - top];
                annotations.push(serde_json::json!({"image_id": id, "category_id": kind + 1, "bbox": place}));
            }
        }
        let categories: Vec<_> =
            KINDS.iter().zip(1..).map(|(name, id)| serde_json::json!({"id": id, "name": name})).collect();
        let document =
            serde_json::json!({"images": images, "annotations": annotations, "categories": categories});
        std::fs::write(raw.join(format!("{part}.json")), document.to_string()).unwrap();
    }
}

/// An XML file for each picture, in a folder beside.
pub(crate) fn voc(raw: &Path) {
    std::fs::create_dir(raw.join("marks")).unwrap();
    for (name, things) in pictures(&raw.join("yards"), 120) {
        let mut text = format!("<annotation><filename>{name}.ppm</filename>");
        for (kind, [left, top, right, bottom]) in things {
            let kind = KINDS[kind];
            write!(
                text,
                "<object><name>{kind}</name><bndbox><xmin>{left}</xmin><ymin>{top}</ymin><xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox></object>"
            )
            .unwrap();
        }
        std::fs::write(raw.join(format!("marks/{name}.xml")), text + "</annotation>").unwrap();
    }
}

/// A text file for each picture, and the names of the kinds.
pub(crate) fn yolo(raw: &Path) {
    std::fs::create_dir(raw.join("labels")).unwrap();
    std::fs::write(raw.join("classes.txt"), KINDS.join("\n")).unwrap();
    for (name, things) in pictures(&raw.join("images"), 120) {
        let share = |number: u64| number as f64 / (2 * SIDE) as f64;
        let mut text = String::new();
        for (kind, [left, top, right, bottom]) in things {
            let (x, y) = (share(left + right), share(top + bottom));
            writeln!(text, "{kind} {x} {y} {} {}", 2.0 * share(right - left), 2.0 * share(bottom - top))
                .unwrap();
        }
        std::fs::write(raw.join(format!("labels/{name}.txt")), text).unwrap();
    }
}

/// A JSON file beside each picture.
pub(crate) fn labelme(raw: &Path) {
    for (name, things) in pictures(raw, 120) {
        let shape = |(kind, [left, top, right, bottom]): Thing| serde_json::json!({"label": KINDS[kind], "points": [[left, top], [right, top], [right, bottom]], "shape_type": "polygon"});
        let shapes: Vec<_> = things.into_iter().map(shape).collect();
        let document = serde_json::json!({"version": "5.0", "shapes": shapes, "imagePath": format!("{name}.ppm"), "imageData": null, "imageHeight": SIDE, "imageWidth": SIDE});
        std::fs::write(raw.join(format!("{name}.json")), document.to_string()).unwrap();
    }
}

/// A row for each box.
pub(crate) fn table(raw: &Path) {
    let mut text = String::from("filename,x,y,width,height,class\n");
    for (name, things) in pictures(&raw.join("yards"), 120) {
        for (kind, [left, top, right, bottom]) in things {
            writeln!(text, "{name}.ppm,{left},{top},{},{},{}", right - left, bottom - top, KINDS[kind])
                .unwrap();
        }
    }
    std::fs::write(raw.join("boxes.csv"), text).unwrap();
}
