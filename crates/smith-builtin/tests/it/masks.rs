//! Pictures with masks: of one region in a folder beside, and of several kinds in the colours of two parts.

use std::fs::File;
use std::path::Path;

use crate::datasets::drawn;

const SIDE: u64 = 12;

/// So many pictures in a folder, each with a mask of the numbers 0 to `kinds`.
fn pictures(folder: &Path, many: usize, kinds: u64, mut mask: impl FnMut(usize, &[u64])) {
    std::fs::create_dir_all(folder).unwrap();
    let mut draw = drawn(17);
    for number in 0..many {
        let mut points = vec![0; (SIDE * SIDE) as usize];
        for kind in 1..=kinds {
            let (left, top) = (draw(8), draw(8));
            for at in 0..16 {
                points[((top + at / 4) * SIDE + left + at % 4) as usize] = kind;
            }
        }
        let mut bytes = format!("P5\n{SIDE} {SIDE}\n255\n").into_bytes();
        bytes.extend(points.iter().map(|kind| (200 - 50 * kind + draw(30)) as u8));
        std::fs::write(folder.join(format!("leaf{number}.ppm")), bytes).unwrap();
        mask(number, &points);
    }
}

fn save(path: &Path, color: png::ColorType, bytes: &[u8]) {
    let mut encoder = png::Encoder::new(File::create(path).unwrap(), SIDE as u32, SIDE as u32);
    encoder.set_color(color);
    encoder.write_header().unwrap().write_image_data(bytes).unwrap();
}

/// One region, white in a mask beside.
pub(crate) fn spots(raw: &Path) {
    let masks = raw.join("masks");
    std::fs::create_dir(&masks).unwrap();
    pictures(&raw.join("leaves"), 100, 1, |number, points| {
        let bytes: Vec<u8> = points.iter().map(|kind| *kind as u8 * 255).collect();
        save(&masks.join(format!("leaf{number}.png")), png::ColorType::Grayscale, &bytes);
    });
}

/// Two kinds in red and green on black; two ready-made parts.
pub(crate) fn tints(raw: &Path) {
    for (part, many) in [("train", 90), ("val", 30)] {
        let folder = raw.join(part).join("leaves");
        pictures(&folder, many, 2, |number, points| {
            let bytes: Vec<u8> = points
                .iter()
                .flat_map(|kind| [[0, 0, 0], [255, 0, 0], [0, 255, 0]][*kind as usize])
                .collect();
            save(&folder.join(format!("leaf{number}_mask.png")), png::ColorType::Rgb, &bytes);
        });
    }
}
