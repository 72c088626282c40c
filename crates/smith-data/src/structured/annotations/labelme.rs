//! labelme: a JSON file for each image with outlines and their labels.

use serde::Deserialize;
use serde_json::Value;

use super::tally::{Annotated, is_valid_box};

#[derive(Deserialize)]
struct File {
    shapes: Vec<Shape>,
    #[serde(rename = "imagePath", default)]
    image_path: Option<String>,
    #[serde(rename = "imageHeight", default)]
    image_height: Option<f64>,
    #[serde(rename = "imageWidth", default)]
    image_width: Option<f64>,
}

#[derive(Deserialize)]
struct Shape {
    #[serde(default)]
    label: Value,
    #[serde(default)]
    points: Vec<Vec<f64>>,
    #[serde(default)]
    shape_type: Option<String>,
}

/// The annotations of a file; none when it is JSON of another kind.
pub(crate) fn read(bytes: &[u8]) -> Option<Annotated> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let file: File = serde_json::from_slice(bytes).ok()?;
    let outlined = file.shapes.iter().any(|shape| !shape.points.is_empty());
    if !outlined && file.image_path.is_none() {
        return None;
    }
    let size = file.image_width.zip(file.image_height);
    let mut found = Annotated { image: file.image_path, ..Annotated::default() };
    for shape in &file.shapes {
        let class = shape.label.as_str().map_or_else(|| shape.label.to_string(), String::from);
        let kind = match shape.shape_type.as_deref() {
            Some("rectangle") => "box",
            Some("point" | "points") => "keypoints",
            Some("mask") => "mask",
            Some("circle") => "circle",
            Some("line" | "linestrip") => "line",
            _ => "polygon",
        };
        found.object(&class, kind, is_valid(shape, kind, size));
    }
    Some(found)
}

fn is_valid(shape: &Shape, kind: &str, size: Option<(f64, f64)>) -> bool {
    let mut corners = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for point in &shape.points {
        let [x, y, ..] = point[..] else { return false };
        corners = [corners[0].min(x), corners[1].min(y), corners[2].max(x), corners[3].max(y)];
    }
    match kind {
        "box" => is_valid_box(corners, size),
        "polygon" => shape.points.len() >= 3 && is_valid_box(corners, size),
        _ => !shape.points.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_with_their_labels() {
        let text = r#"{"version":"5","flags":{},"shapes":[
            {"label":"person","points":[[1,2],[30,40]],"shape_type":"rectangle","group_id":null},
            {"label":"sofa","points":[[1,2],[30,40],[2,50]],"shape_type":"polygon"},
            {"label":3,"points":[[1,2],[300,40],[2,50]]}],
            "imagePath":"..\\a.jpg","imageData":null,"imageHeight":60,"imageWidth":60}"#;
        let found = read(text.as_bytes()).unwrap();
        assert_eq!((found.objects, found.invalid, found.image.as_deref()), (3, 1, Some("..\\a.jpg")));
        assert_eq!(found.shapes.into_iter().collect::<Vec<_>>(), ["box", "polygon"]);
        assert_eq!(found.classes.into_keys().collect::<Vec<_>>(), ["3", "person", "sofa"]);
    }

    #[test]
    fn other_json() {
        for text in ["", "{}", "[]", "{\"shapes\":[]}", "{\"shapes\":[{\"name\":\"a\"}]}", "{\"shapes\":5}"] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
