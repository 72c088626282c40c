//! Pascal VOC: an XML file for each image. Document types are refused, so that no entity can grow.

use roxmltree::{Document, Node, ParsingOptions};

use super::tally::{Annotated, is_valid_box};

/// Elements of a file that are read.
const MAX_NODES: u32 = 2_000_000;
/// Nested elements of a file that are followed.
const MAX_DEPTH: usize = 200;

/// The annotations of a file; none when it is XML of another kind.
///
/// # Errors
/// The file is no XML, as a clause.
pub(crate) fn read(text: &str) -> Result<Option<Annotated>, String> {
    if depth(text) > MAX_DEPTH {
        return Err(String::from("its elements are nested too deeply"));
    }
    let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| error.to_string())?;
    let root = document.root_element();
    if root.tag_name().name() != "annotation" || child(root, "filename").or(child(root, "object")).is_none() {
        return Ok(None);
    }
    let mut found = Annotated { image: text_of(root, "filename"), ..Annotated::default() };
    let size = child(root, "size").and_then(|size| number(size, "width").zip(number(size, "height")));
    let size = size.filter(|(width, height)| *width > 0.0 && *height > 0.0);
    for object in root.children().filter(|node| node.has_tag_name("object")) {
        let class = text_of(object, "name").unwrap_or_else(|| String::from("?"));
        if let Some(bounds) = child(object, "bndbox") {
            let corners =
                ["xmin", "ymin", "xmax", "ymax"].map(|corner| number(bounds, corner).unwrap_or(f64::NAN));
            found.object(&class, "box", is_valid_box(corners, size));
        } else if child(object, "polygon").is_some() {
            found.object(&class, "polygon", true);
        } else {
            found.object(&class, "box", false);
        }
    }
    Ok(Some(found))
}

/// How deep elements may be nested at most, by the marks alone: the tree's reader follows them by recursion.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for piece in text.split('<').skip(1) {
        if piece.starts_with('/') {
            depth = depth.saturating_sub(1);
        } else if !piece.starts_with(['?', '!']) && !piece.contains("/>") {
            depth += 1;
            deepest = deepest.max(depth);
        }
    }
    deepest
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn text_of(node: Node<'_, '_>, name: &str) -> Option<String> {
    let text = child(node, name)?.text()?.trim().to_string();
    (!text.is_empty()).then_some(text)
}

fn number(node: Node<'_, '_>, name: &str) -> Option<f64> {
    text_of(node, name)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "<annotation><folder>f</folder><filename>a.jpg</filename><size><width>100</width><height>50</height></size>\
        <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>20</xmax><ymax>20</ymax></bndbox></object>\
        <object><name>dog</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>1</xmax><ymax>20</ymax></bndbox></object>\
        <object><name>cat</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>900</xmax><ymax>20</ymax></bndbox></object></annotation>";

    #[test]
    fn boxes_with_their_classes() {
        let found = read(FILE).unwrap().unwrap();
        assert_eq!((found.image.as_deref(), found.objects, found.invalid), (Some("a.jpg"), 3, 2));
        assert_eq!(found.classes["cat"], 2);
        assert_eq!(read("<svg><rect/></svg>"), Ok(None));
        assert_eq!(read("<annotation><x/></annotation>"), Ok(None));
    }

    #[test]
    fn entities_and_deep_nesting_are_refused() {
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxx\"><!ENTITY y \"&x;&x;&x;\">]><annotation><filename>&y;</filename></annotation>";
        assert!(read(bomb).is_err());
        assert!(read(&"<a>".repeat(1_000_000)).is_err());
        assert!(read(&"<a b=\"/>\">".repeat(1_000_000)).is_err());
        assert!(read("").is_err() && read("no xml").is_err());
    }

    proptest! {
        #[test]
        fn spoilt_files_never_panic(at in 0_usize..600, piece in "[<>&/a-z\"!\\[\\]]{0,8}") {
            let mut text = FILE.to_string();
            let at = text.floor_char_boundary(at.min(text.len()));
            text.insert_str(at, &piece);
            let _ = read(&text);
        }
    }
}
