//! Whatever the bytes: the parsers of media neither panic nor hang.

use image::ImageFormat;
use proptest::prelude::*;
use smith_data::fuzzing;

use crate::media_files::*;

/// Valid files of every format.
fn seeds() -> Vec<Vec<u8>> {
    let picture = waves(1, 24);
    let mut seeds: Vec<Vec<u8>> = [
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::WebP,
        ImageFormat::Tiff,
        ImageFormat::Pnm,
    ]
    .into_iter()
    .map(|format| encoded(picture.clone(), format))
    .collect();
    seeds.extend([jpeg(&picture, 70), jpeg_with_exif(&picture, &exif(3)), exif(3), dicom(4, 4), jp2(4, 4)]);
    seeds.push(b"\0\0\x01\0\x02\0\x10\x10\0\0\x01\0\x20\0".to_vec());
    seeds.push(b"<?xml?><!-- a --><svg width='3mm' viewBox='0 0 4 4'></svg>".to_vec());
    seeds.extend([
        wav(2, 8_000, 16, 40),
        wav_extensible(40),
        mp3(6),
        flac(8_000, 1, 16, 100),
        aiff(40),
        m4a(),
    ]);
    seeds.push(ogg(&vorbis_head(), 1_000));
    seeds.extend([mp4(true), fragmented_mp4(), mkv("webm", false), mkv("matroska", true), avi()]);
    seeds
}

/// A valid file with some bytes replaced, some taken out and its end cut.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let replaced = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12);
    let extreme = proptest::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..3);
    let cut = prop_oneof![3 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)];
    (proptest::sample::select(seeds()), replaced, extreme, cut).prop_map(
        |(mut bytes, replaced, extreme, cut)| {
            for (at, value) in replaced {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            for (at, high) in extreme {
                let at = at.index(bytes.len());
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(if high { 0xff } else { 0 });
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            bytes
        },
    )
}

fn all(bytes: &[u8]) {
    fuzzing::image_header(bytes);
    fuzzing::exif(bytes);
    fuzzing::dicom(bytes);
    fuzzing::audio(bytes);
    fuzzing::mp4(bytes);
    fuzzing::mkv(bytes);
    fuzzing::avi(bytes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn mutated_files(bytes in mutated()) {
        all(&bytes);
    }

    #[test]
    fn random_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        all(&bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn mutated_pixels(bytes in mutated()) {
        fuzzing::image_pixels(&bytes);
    }
}
