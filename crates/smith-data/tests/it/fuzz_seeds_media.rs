//! What the fuzzers of pictures, sounds, clips, shapes and annotations begin with.

use image::ImageFormat;

use crate::fuzz_seeds::{Seed, chosen, cut, of, texts};
use crate::media_files::{
    aiff, avi, boxed, dicom, element, encoded, exif, flac, fragmented_mp4, jp2, jpeg, jpeg_with_exif, m4a,
    mkv, mp3, mp4, ogg, plain, vorbis_head, wav, wav_extensible, waves,
};
use crate::png;

pub(crate) fn shapes() -> Vec<Seed> {
    let ply = |format: &str, body: &[u8]| {
        let header = format!(
            "ply\nformat {format} 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\nelement face 1\nproperty list uchar int vertex_indices\nend_header\n"
        );
        [header.as_bytes(), body].concat()
    };
    let mut las = vec![0; 375];
    las[..4].copy_from_slice(b"LASF");
    (las[24], las[25], las[104]) = (1, 2, 3);
    las[107..111].copy_from_slice(&5_000_u32.to_le_bytes());
    let stl = [&[0; 80][..], &1_u32.to_le_bytes(), &[1; 50]].concat();
    let pcd = "# .PCD v.7\nVERSION .7\nFIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F F\nCOUNT 1 1 1 1\nWIDTH 2\nHEIGHT 1\nPOINTS 2\nDATA ascii\n1 2 3 4\n5 6 nan 8\n";
    of(
        "geometry",
        vec![
            ("cube.off", chosen(0, b"OFF\n3 1 3\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2 255 0 0\n")),
            ("lying.off", chosen(0, b"OFF4294967295 4294967295 9\n1 2 3\n")),
            ("ascii.ply", chosen(1, &ply("ascii", b"0 0 0\n1 1 1\n3 0 1 0\n"))),
            ("binary.ply", chosen(1, &ply("binary_little_endian", &[3; 40]))),
            ("lying.ply", chosen(1, b"ply\nformat binary_big_endian 1.0\nelement vertex 18446744073709551615\nproperty list uint double x\nend_header\n\xff\xff\xff\xff")),
            ("mesh.obj", chosen(2, b"o a\nv 1 2 3\nv 1 2 4\nv 0 0 0 1 0 0\nvn 0 0 1\nf 1//1 2//1 -1//1\n")),
            ("binary.stl", chosen(3, &stl)),
            ("ascii.stl", chosen(3, b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n")),
            ("cloud.pcd", chosen(4, pcd.as_bytes())),
            ("binary.pcd", chosen(4, pcd.replace("ascii", "binary").as_bytes())),
            ("packed.pcd", chosen(4, pcd.replace("ascii", "binary_compressed").as_bytes())),
            ("header.las", chosen(5, &las)),
            ("points.xyz", chosen(7, b"2\nwater\nO 0 0 0.1\nH 0 1 0\n")),
            ("points.pts", chosen(8, b"2\n1 2 3 4 5 6 7\n1 2 3\n")),
        ],
    )
}

pub(crate) fn annotations() -> Vec<Seed> {
    let voc = "<annotation><filename>a.png</filename><size><width>32</width><height>32</height></size><object><name>ship</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>";
    let deep = format!("<annotation>{}", "<object>".repeat(400));
    let coco = r#"{"info":{"year":2020},"images":[{"id":1,"file_name":"a.png","width":64,"height":48},{"id":"two"}],"annotations":[{"id":1,"image_id":1,"category_id":3,"bbox":[1,1,20,20],"segmentation":[[1,1,2,2,3,3]],"keypoints":[1,2,2],"iscrowd":0},{"image_id":9,"category_id":null,"bbox":[-1,1e999],"segmentation":{"counts":"abc","size":[9,9]}}],"categories":[{"id":3,"name":"zebra","supercategory":"animal"}]}"#;
    let labelme = r#"{"version":"5","shapes":[{"label":"roof","points":[[1,1],[5,5],[1,9]],"shape_type":"polygon"},{"label":null,"points":[]}],"imagePath":"x.png","imageData":"AAAA","imageHeight":32,"imageWidth":32}"#;
    [
        texts("voc", &[("sound.xml", voc), ("open.xml", "<annotation><filename>b.png</filename>"), ("deep.xml", &deep), ("entity.xml", "<!DOCTYPE a [<!ENTITY b \"cc\"><!ENTITY d \"&b;&b;&b;\">]><annotation><object><name>&d;</name></object></annotation>")]),
        texts("coco", &[("sound.json", coco), ("cut.json", &coco[..coco.len() * 3 / 4]), ("odd.json", r#"{"images":{},"annotations":[[]],"categories":"none"}"#)]),
        texts("labelme", &[("sound.json", labelme), ("cut.json", &labelme[..labelme.len() * 3 / 4])]),
        texts("yolo", &[("boxes.txt", "0 0.5 0.5 0.2 0.1\n1 0.3 0.3 0.1 0.1 0.9\n"), ("outline.txt", "2 0.1 0.1 0.9 0.1 0.5 0.9\n-1 2 2 2 2\n1e99 nan 0 0 0\n"), ("data.yaml", "nc: 2\nnames:\n  0: cat\n  1: dog\ntrain: images/train\n"), ("list.yaml", "names: ['a', \"b\n")]),
        texts("tracks", &[("mot.txt", "1,1,10.5,10,20,40,1,-1,-1,-1\n1,2,5,10,20,40,1,-1,-1,-1\n2,1,11,10,20,40,0,1,1\n"), ("odd.txt", "1,1,,,\n99999999999999999999,1,1,1,1,1,1\nnan,inf,1,1,-1,1\n")]),
        texts("near_duplicates", &[("lines.txt", "the cat sat on the mat today\nthe cat sat on the mat today!\na dog ran in the park at noon\n\nThe cat sat on the mat, today\n"), ("same.txt", "a\na\na\n")]),
    ]
    .concat()
}

pub(crate) fn pictures() -> Vec<Seed> {
    let picture = waves(1, 16);
    let written = |format| encoded(picture.clone(), format);
    let dib = b"\0\0\x01\0\x02\0\x10\x10\0\0\x01\0\x20\0".to_vec();
    let svg = b"<?xml?><!-- a --><svg width='3mm' viewBox='0 0 4 4'></svg>".to_vec();
    let whole = written(ImageFormat::Png);
    let mut bomb = png(2, 2);
    // The header alone claims a picture of 3.6 billion points.
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    bomb.extend(b"\0\0\0\x04IDAT\x78\x9c\x03\0");
    let files = || {
        vec![
            ("waves.png", whole.clone()),
            ("grey.png", encoded(plain(8, 77), ImageFormat::Png)),
            ("cut.png", cut(&whole)),
            ("bomb.png", bomb.clone()),
            ("waves.gif", written(ImageFormat::Gif)),
            ("waves.bmp", written(ImageFormat::Bmp)),
            ("waves.webp", written(ImageFormat::WebP)),
            ("waves.tiff", written(ImageFormat::Tiff)),
            ("waves.ppm", written(ImageFormat::Pnm)),
            ("waves.jpg", jpeg(&picture, 70)),
            ("turned.jpg", jpeg_with_exif(&picture, &exif(6))),
            ("cut.jpg", cut(&jpeg(&picture, 70))),
            ("head.jp2", jp2(4, 4)),
            ("head.ico", dib.clone()),
            ("drawing.svg", svg.clone()),
        ]
    };
    let mut circle = exif(1);
    // The first directory is its own second one.
    circle[10 + 3 * 12 + 8..10 + 4 * 12].copy_from_slice(&8_u32.to_le_bytes());
    let exif = of(
        "exif",
        vec![
            ("camera.exif", exif(3)),
            ("circle.exif", circle),
            ("cut.exif", cut(&exif(1))),
            ("big.exif", b"MM\0*\0\0\0\x08\xff\xff\x01\x0f\0\x02\xff\xff\xff\xff".to_vec()),
        ],
    );
    let bare = dicom(4, 4)[132..].to_vec();
    let dicom = of(
        "dicom",
        vec![
            ("scan.dcm", dicom(4, 4)),
            ("bare.dcm", bare),
            ("cut.dcm", cut(&dicom(4, 4))),
            ("lying.dcm", [&[0; 128][..], b"DICM\x02\0\0\0SQ\0\0\xff\xff\xff\xfe"].concat()),
        ],
    );
    [of("image_header", files()), of("image_pixels", files()), exif, dicom].concat()
}

pub(crate) fn sounds() -> Vec<Seed> {
    let mut lying = wav(2, 8_000, 16, 10);
    lying[4..8].fill(0xff);
    of(
        "audio",
        vec![
            ("tone.wav", wav(2, 8_000, 16, 40)),
            ("floats.wav", wav_extensible(40)),
            ("cut.wav", cut(&wav(2, 8_000, 16, 40))),
            ("lying.wav", lying),
            ("frames.mp3", mp3(4)),
            ("head.flac", flac(8_000, 1, 16, 100)),
            ("pages.ogg", ogg(&vorbis_head(), 1_000)),
            ("sound.aiff", aiff(40)),
            ("sound.m4a", m4a()),
            ("sound.au", b".snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\x03\0\0\x1f\x40\0\0\0\x01".to_vec()),
        ],
    )
}

pub(crate) fn videos() -> Vec<Seed> {
    let nested = (0..300).fold(Vec::new(), |inner, _| boxed(b"moov", &[inner]));
    let mp4 = of(
        "mp4",
        vec![
            ("two_tracks.mp4", mp4(true)),
            ("fragments.mp4", fragmented_mp4()),
            ("cut.mp4", cut(&mp4(true))),
            ("deep.mp4", nested),
            ("lying.mp4", b"\0\0\0\x01moov\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ],
    );
    let deep = (0..300).fold(Vec::new(), |inner, _| element(b"\x18\x53\x80\x67", &[inner]));
    let mkv = of(
        "mkv",
        vec![
            ("clip.webm", mkv("webm", false)),
            ("stated.mkv", mkv("matroska", true)),
            ("cut.mkv", cut(&mkv("matroska", true))),
            ("deep.mkv", deep),
            ("lying.mkv", b"\x1a\x45\xdf\xa3\x01\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ],
    );
    let avi = of(
        "avi",
        vec![
            ("clip.avi", avi()),
            ("cut.avi", cut(&avi())),
            ("lying.avi", b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih\xff\xff\xff\xff".to_vec()),
        ],
    );
    [mp4, mkv, avi].concat()
}
