//! Class folders, annotations, arrays, shapes, graphs and corpora, as they lie in folders that people download.

use std::io::Write;

use smith_data::{DatasetProfile, ProfileOptions, profile};
use smith_task_schema::profile::{AnnotationFormat, AnnotationProfile, FileKind};

use crate::{folder, gzip, png};

fn facts(files: &[(&str, &[u8])]) -> DatasetProfile {
    profile(folder(files).path(), &ProfileOptions::default()).unwrap()
}

fn owned(files: &[(String, Vec<u8>)]) -> Vec<(&str, &[u8])> {
    files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect()
}

fn only(facts: &DatasetProfile, format: AnnotationFormat) -> &AnnotationProfile {
    let mut all = facts.annotations.iter().filter(|annotation| annotation.format == format);
    let one = all.next().unwrap_or_else(|| panic!("no {format:?} in {:?}", facts.annotations));
    assert!(all.next().is_none(), "{:?}", facts.annotations);
    one
}

fn classes(annotation: &AnnotationProfile) -> Vec<(&str, u64)> {
    annotation.classes.iter().map(|class| (class.value.as_str(), class.count)).collect()
}

fn npy(dtype: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.as_bytes());
    file.extend(elements);
    file
}

/// A grey PNG whose pixels are real.
fn grey(width: u32, pixels: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, pixels.len() as u32 / width);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(pixels).unwrap();
    bytes
}

#[test]
fn images_in_a_split_with_classes() {
    let mut files = Vec::new();
    for (directory, count) in [("train/cat", 6), ("train/dog", 5), ("test/cat", 2), ("test/dog", 3)] {
        files.extend((0..count).map(|i| (format!("{directory}/{i}.png"), png(8, 8))));
    }
    let facts = facts(&owned(&files));
    let found: Vec<(&str, bool, u64)> =
        facts.class_folders.iter().map(|c| (c.directory.as_str(), c.is_split, c.total)).collect();
    assert_eq!(found[..2], [("", true, 2), ("*", false, 2)]);
}

#[test]
fn a_coco_file_beside_its_images() {
    let coco = r#"{"info":{},"images":[{"id":1,"file_name":"a.png","width":64,"height":48},{"id":2,"file_name":"gone.png","width":64,"height":48}],
        "annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[1,1,20,20],"segmentation":[[1,1,2,2,3,3]]},
        {"id":2,"image_id":1,"category_id":3,"bbox":[60,1,20,20]}],"categories":[{"id":3,"name":"zebra"}]}"#;
    let facts = facts(&[("annotations/instances.json", coco.as_bytes()), ("images/a.png", &png(64, 48))]);
    let found = only(&facts, AnnotationFormat::Coco);
    assert_eq!((found.images, found.images_found, found.objects, found.invalid), (2, 1, 2, 1));
    assert_eq!((classes(found), found.images_in.as_deref()), (vec![("zebra", 2)], Some("images")));
}

#[test]
fn yolo_labels_are_no_tables() {
    let mut files = vec![(String::from("data.yaml"), b"nc: 2\nnames: ['cat', 'dog']\n".to_vec())];
    for i in 0..8 {
        files.push((format!("train/images/{i}.png"), png(32, 32)));
        files.push((
            format!("train/labels/{i}.txt"),
            format!("0 0.5 0.5 0.2 0.{i}1\n1 0.3 0.3 0.1 0.1\n").into_bytes(),
        ));
    }
    let facts = facts(&owned(&files));
    let found = only(&facts, AnnotationFormat::Yolo);
    assert_eq!(
        (found.path.as_str(), found.files, found.images_found, found.objects),
        ("train/labels", 8, 8, 16)
    );
    assert_eq!((classes(found), found.invalid), (vec![("cat", 8), ("dog", 8)], 0));
    assert!(facts.tables.is_empty() && facts.corpora.is_empty(), "{:?}", facts.tables);
    assert!(facts.class_folders.is_empty(), "{:?}", facts.class_folders);
}

#[test]
fn sets_with_annotations_are_no_classes() {
    let labelme = r#"{"shapes":[{"label":"roof","points":[[1,1],[5,5],[1,9]]}],"imagePath":"x.png"}"#;
    let mut files = Vec::new();
    for set in ["boxes", "outlines"] {
        files.extend((0..4).map(|i| (format!("{set}/{i}.png"), png(8, 8))));
        files.extend((0..4).map(|i| (format!("{set}/{i}.json"), labelme.as_bytes().to_vec())));
    }
    let facts = facts(&owned(&files));
    assert_eq!((facts.annotations.len(), facts.class_folders.len()), (2, 0), "{:?}", facts.class_folders);
}

#[test]
fn voc_and_labelme_and_masks() {
    let voc = |name: &str| {
        format!(
            "<annotation><filename>{name}.png</filename><size><width>32</width><height>32</height></size>\
        <object><name>ship</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>"
        )
    };
    let labelme = r#"{"shapes":[{"label":"roof","points":[[1,1],[5,5],[1,9]],"shape_type":"polygon"}],"imagePath":"x.png","imageHeight":32,"imageWidth":32}"#;
    let mask = grey(4, &[0, 0, 1, 1, 0, 0, 1, 1]);
    let facts = facts(&[
        ("voc/images/a.png", &png(32, 32)),
        ("voc/images/b.png", &png(32, 32)),
        ("voc/xml/a.xml", voc("a").as_bytes()),
        ("voc/xml/b.xml", b"<annotation><filename>b.png</filename>"),
        ("voc/xml/c.xml", voc("gone").as_bytes()),
        ("lm/x.png", &png(32, 32)),
        ("lm/x.json", labelme.as_bytes()),
        ("seg/images/1.png", &png(4, 2)),
        ("seg/images/2.png", &png(4, 2)),
        ("seg/masks/1.png", &mask),
        ("seg/masks/2.png", &mask),
    ]);
    let found = only(&facts, AnnotationFormat::Voc);
    assert_eq!((found.measured, found.images_found, found.objects), (2, 1, 2));
    assert!(facts.findings.iter().any(|finding| finding.path == "voc/xml/b.xml"), "{:?}", facts.findings);
    assert_eq!(classes(only(&facts, AnnotationFormat::Labelme)), [("roof", 1)]);
    let masks = only(&facts, AnnotationFormat::Masks);
    assert_eq!((masks.path.as_str(), masks.images_found, masks.measured), ("seg/masks", 2, 2));
    assert_eq!((classes(masks), masks.images_in.as_deref()), (vec![("0", 2), ("1", 2)], Some("seg/images")));
}

#[test]
fn tracks_with_their_frames() {
    let lines: String = (1..=30)
        .flat_map(|frame| {
            (1..=3).map(move |id| format!("{frame},{id},{}.5,10,20,40,1,-1,-1,-1\n", frame * id))
        })
        .collect();
    let facts = facts(&[("seq/gt/gt.txt", lines.as_bytes()), ("seq/img1/000001.png", &png(9, 9))]);
    let found = only(&facts, AnnotationFormat::Tracks);
    assert_eq!((found.images, found.images_found, found.objects, found.identities), (30, 1, 90, Some(3)));
    assert_eq!(found.per_image.map(|range| (range.min, range.max)), Some((3, 3)));
}

#[test]
fn arrays_of_every_container() {
    let images: Vec<u8> = (0..50 * 8 * 8).map(|i| (i * 7 % 256) as u8).collect();
    let labels: Vec<u8> = (0..50).map(|i| i % 5).collect();
    let mut idx = vec![0, 0, 8, 1, 0, 0, 0, 50];
    idx.extend(&labels);
    let mut npz = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, array) in
        [("x.npy", npy("|u1", "(50, 8, 8)", &images)), ("y.npy", npy("|u1", "(50,)", &labels))]
    {
        npz.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        npz.write_all(&array).unwrap();
    }
    let npz = npz.finish().unwrap().into_inner();
    let half = npy("<f4", "(50, 3)", &[0; 100]);
    let objects = npy("|O", "(3,)", b"\x80\x04pickle");
    let facts = facts(&[
        ("digits.npz", &npz),
        ("x/train-labels-idx1-ubyte.gz", &gzip(&idx)),
        ("cut.npy", &half),
        ("objects.npy", &objects),
        ("no.npy", b"nothing"),
    ]);
    let seen: Vec<(&str, &str, &str)> =
        facts.arrays.iter().map(|a| (a.path.as_str(), a.dtype.as_str(), a.looks_like.as_str())).collect();
    assert_eq!(
        seen,
        [
            ("cut.npy", "float32", "features"),
            ("digits.npz!/x", "uint8", "images"),
            ("digits.npz!/y", "uint8", "labels"),
            ("objects.npy", "object", ""),
            ("x/train-labels-idx1-ubyte.gz!/train-labels-idx1-ubyte", "uint8", "labels"),
        ]
    );
    assert_eq!(facts.arrays[1].same_samples, ["digits.npz!/y"]);
    assert_eq!((facts.arrays[2].distinct, facts.arrays[2].max.as_deref()), (Some(5), Some("4")));
    assert_eq!((facts.arrays[0].missing_elements, facts.arrays[0].exact), (125, false));
    let found: Vec<&str> = facts.findings.iter().map(|finding| finding.path.as_str()).collect();
    for path in ["cut.npy", "objects.npy", "no.npy"] {
        assert!(found.contains(&path), "{path}: {found:?}");
    }
    assert_eq!(facts.count(FileKind::Array), 5);
}

#[test]
fn shapes_in_class_folders() {
    let mut files = Vec::new();
    for class in ["chair", "table"] {
        for i in 0..4 {
            let off = format!("OFF4 1 0\n0 0 0\n1 0 0\n0 {}.5 0\n0 0 1\n3 0 1 2\n", i + 1);
            files.push((format!("{class}/train/{class}_{i}.off"), off.into_bytes()));
        }
    }
    files.push(("chair/train/broken.off".into(), b"OFF\n900 1 0\n0 0 0\n".to_vec()));
    files.push(("water.xyz".into(), b"3\nwater\nO 0 0 0\nH 0 0.7 0.5\nH 0 -0.7 0.5\n".to_vec()));
    files.push(("program.obj".into(), b"\x64\x86\x02\x00binary".to_vec()));
    let facts = facts(&owned(&files));
    let shapes = facts.geometry.as_ref().unwrap();
    assert_eq!((shapes.files, shapes.measured), (10, 10));
    assert_eq!((shapes.formats["off"], shapes.formats["xyz molecule"]), (9, 1));
    assert_eq!(shapes.extent.map(|extent| extent.max), Some(4.5));
    assert!(
        facts.findings.iter().any(|finding| finding.path == "chair/train/broken.off"),
        "{:?}",
        facts.findings
    );
    assert_eq!((facts.class_folders[0].kind, facts.class_folders[0].total), (FileKind::Geometry, 2));
}

#[test]
fn an_edge_list_with_comments() {
    let edges: String = (0..60).map(|i| format!("{i}\t{}\n", i * 7 % 60)).collect();
    let text = format!("# Nodes: 60 Edges: 60\n# FromNodeId\tToNodeId\n{edges}");
    let facts = facts(&[("web.edges", text.as_bytes()), ("net.graphml", b"<graphml></graphml>")]);
    assert_eq!((facts.graphs[0].edges, facts.graphs[0].nodes, facts.graphs[0].exact), (60, 60, true));
    assert!(facts.findings.iter().any(|finding| finding.path == "net.graphml"), "{:?}", facts.findings);
}

#[test]
fn mails_in_two_folders() {
    let mail = |seed: usize| -> String {
        (0..40).map(|i| format!("word{} ", (seed * 977 + i * i * 31) % 400)).collect::<String>() + "\n.\n"
    };
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for i in 0..12 {
        files.push((format!("ham/{i:03}.mail"), format!("From: a\n{}", mail(i)).into_bytes()));
        files.push((format!("spam/{i:03}.mail"), format!("From: b\n{}", mail(100 + i)).into_bytes()));
    }
    files.push(("spam/copy.mail".into(), format!("From: a\n{} extra", mail(3)).into_bytes()));
    files.push((
        "ham/latin.mail".into(),
        b"Sch\xf6ne Gr\xfc\xdfe aus dem S\xfcden, lieber Freund und alle.\n".to_vec(),
    ));
    let facts = facts(&owned(&files));
    assert_eq!(facts.corpora.iter().map(|corpus| corpus.files).sum::<u64>(), 26, "{:?}", facts.corpora);
    let spam_or_all = facts.corpora.iter().filter_map(|corpus| corpus.near_duplicates.as_ref());
    assert!(spam_or_all.clone().all(|found| found.exact));
    assert_eq!(spam_or_all.map(|found| found.compared).sum::<u64>(), 26);
    assert_eq!((facts.class_folders[0].kind, facts.class_folders[0].total), (FileKind::Text, 2));
}
