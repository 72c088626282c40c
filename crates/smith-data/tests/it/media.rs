//! Images, audio and video: what their headers say, what is odd about them, and which images look alike.

use image::ImageFormat;
use image::imageops::FilterType;
use smith_data::{DatasetProfile, ProfileOptions, profile};
use smith_task_schema::profile::{AudioSummary, ImageSummary, Range, ValueCount, VideoSummary};

use crate::media_files::*;
use crate::write;

fn profiled(files: &[(String, Vec<u8>)]) -> DatasetProfile {
    let root = tempfile::tempdir().unwrap();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    write(root.path(), &files);
    profile(root.path(), &ProfileOptions::default()).unwrap()
}

fn named(files: Vec<(&str, Vec<u8>)>) -> Vec<(String, Vec<u8>)> {
    files.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect()
}

fn images(files: Vec<(&str, Vec<u8>)>) -> (ImageSummary, Vec<(String, String)>) {
    let profile = profiled(&named(files));
    let findings = messages(&profile);
    (profile.images.unwrap(), findings)
}

fn audio(name: &str, bytes: Vec<u8>) -> (AudioSummary, Vec<(String, String)>) {
    let profile = profiled(&named(vec![(name, bytes)]));
    let findings = messages(&profile);
    (profile.audio.unwrap(), findings)
}

fn video(name: &str, bytes: Vec<u8>) -> (VideoSummary, Vec<(String, String)>) {
    let profile = profiled(&named(vec![(name, bytes)]));
    let findings = messages(&profile);
    (profile.video.unwrap(), findings)
}

fn messages(profile: &DatasetProfile) -> Vec<(String, String)> {
    profile.findings.iter().map(|finding| (finding.path.clone(), finding.message.clone())).collect()
}

fn counts(list: &[ValueCount]) -> Vec<(&str, u64)> {
    list.iter().map(|counted| (counted.value.as_str(), counted.count)).collect()
}

#[test]
fn every_format_states_its_size_and_mode() {
    let rgb = || waves(1, 40);
    let deep = image::ImageBuffer::from_fn(40, 40, |x, y| image::Luma([(x * y) as u16]));
    let cases: Vec<(&str, Vec<u8>, &str, Option<&str>)> = vec![
        ("a.png", encoded(rgb(), ImageFormat::Png), "png", Some("RGB")),
        ("b.png", encoded(deep, ImageFormat::Png), "png", Some("L 16-bit")),
        ("c.jpg", jpeg(&rgb(), 90), "jpeg", Some("RGB")),
        ("d.jpeg", encoded(plain(40, 3), ImageFormat::Jpeg), "jpeg", Some("L")),
        ("e.gif", encoded(rgb(), ImageFormat::Gif), "gif", Some("P")),
        ("f.bmp", encoded(rgb(), ImageFormat::Bmp), "bmp", Some("RGB")),
        ("g.webp", encoded(rgb(), ImageFormat::WebP), "webp", Some("RGB")),
        ("h.tif", encoded(rgb(), ImageFormat::Tiff), "tiff", Some("RGB")),
        ("i.ppm", encoded(rgb(), ImageFormat::Pnm), "pnm", Some("RGB")),
        ("j.svg", b"<svg viewBox='0 0 40 40'></svg>".to_vec(), "svg", Some("vector")),
        ("k.dcm", dicom(40, 40), "dicom", Some("L 16-bit")),
        ("m.jp2", jp2(40, 40), "jp2", Some("RGB")),
        ("l.ico", b"\0\0\x01\0\x01\0\x28\x28\0\0\x01\0\x20\0\0\0\0\0\x16\0\0\0".to_vec(), "ico", None),
    ];
    for (name, bytes, format, mode) in cases {
        let (found, findings) = images(vec![(name, bytes)]);
        assert_eq!((found.files, found.measured), (1, 1), "{name}");
        assert_eq!(found.formats.keys().collect::<Vec<_>>(), [format], "{name}");
        assert_eq!(found.width, Some(Range::of(40)), "{name}");
        assert_eq!(counts(&found.sizes), [("40x40", 1)], "{name}");
        assert_eq!(
            counts(&found.modes),
            mode.map(|mode| (mode, 1)).into_iter().collect::<Vec<_>>(),
            "{name}"
        );
        let odd: Vec<_> = findings.iter().filter(|(_, message)| !message.contains("single colour")).collect();
        assert!(odd.is_empty(), "{name}: {odd:?}");
    }
}

#[test]
fn medical_images_state_their_modality() {
    let (found, _) = images(vec![("1.dcm", dicom(8, 9)), ("scan", dicom(8, 9))]);
    assert_eq!(counts(&found.modalities), [("MR", 2)]);
    assert_eq!(counts(&found.sizes), [("9x8", 2)]);
}

#[test]
fn exif_tells_camera_day_turn_and_place() {
    let turned = jpeg_with_exif(&waves(1, 64), &exif(6));
    let upright = jpeg_with_exif(&waves(2, 64), &exif(1));
    let (found, findings) =
        images(vec![("a.jpg", turned), ("b.jpg", upright), ("c.jpg", jpeg(&waves(3, 64), 80))]);
    assert_eq!(found.with_exif, 2);
    let expected =
        [("taken 2014-03-01", 2), ("camera Canon EOS 5D", 2), ("orientation 6", 1), ("position", 2)];
    assert_eq!(counts(&found.exif), expected);
    let about = |word: &str| findings.iter().filter(|(_, message)| message.contains(word)).count();
    assert_eq!((about("orientation"), about("privacy")), (1, 2));
}

#[test]
fn what_is_cut_broken_or_misnamed_is_found() {
    let picture = waves(1, 64);
    let (png, jpg) = (encoded(picture.clone(), ImageFormat::Png), jpeg(&picture, 80));
    let (found, findings) = images(vec![
        ("cut.png", png[..png.len() / 2].to_vec()),
        ("cut.jpg", jpg[..jpg.len() / 2].to_vec()),
        ("head.jpg", jpg[..12].to_vec()),
        ("page.jpg", b"<!DOCTYPE html><html>not found</html>".to_vec()),
        ("other.png", jpg.clone()),
        ("good.png", png.clone()),
    ]);
    // The web page is none of the images, whatever its name.
    assert_eq!((found.files, found.measured), (5, 4));
    for (path, word) in [
        ("cut.png", "cut off"),
        ("cut.jpg", "cut off"),
        ("head.jpg", "header is broken"),
        ("page.jpg", "a web page"),
        ("other.png", "holds jpeg"),
    ] {
        assert!(findings.iter().any(|(p, m)| p == path && m.contains(word)), "{path}: {findings:?}");
    }
    assert!(!findings.iter().any(|(path, _)| path == "good.png"));
}

#[test]
fn many_broken_files_are_one_finding() {
    let files: Vec<(String, Vec<u8>)> =
        (0..40).map(|i| (format!("images/{i:02}.png"), b"\x89PNG\r\n\x1a\nbroken".to_vec())).collect();
    let profile = profiled(&files);
    let [(path, message)] = messages(&profile).try_into().unwrap();
    assert_eq!(path, "");
    assert!(message.starts_with("40 of 40 images, such as `images/00.png`, "), "{message}");
}

#[test]
fn damaged_pixels_are_found_though_the_header_is_whole() {
    let mut png = encoded(waves(1, 64), ImageFormat::Png);
    let middle = png.len() / 2;
    png[middle..middle + 40].fill(0);
    let (_, findings) = images(vec![("a.png", png)]);
    assert!(
        findings.iter().any(|(_, message)| message.contains("no picture can be decoded")),
        "{findings:?}"
    );
}

#[test]
fn scaled_and_compressed_copies_are_found_and_nothing_else() {
    let mut files: Vec<(String, Vec<u8>)> =
        (0..40).map(|i| (format!("train/oak/{i:02}.png"), encoded(waves(i, 96), ImageFormat::Png))).collect();
    for i in [3, 17, 30] {
        let small = image::imageops::resize(&waves(i, 96), 70, 80, FilterType::Triangle);
        files.push((format!("test/elm/copy{i}.jpg"), jpeg(&small, 60)));
    }
    // Blank and nearly blank ones repeat nothing.
    files.extend((0..10).map(|i| (format!("icons/{i}.png"), encoded(plain(32, 200), ImageFormat::Png))));
    let profile = profiled(&files);
    let alike = profile.images.unwrap().near_duplicates.unwrap();
    assert_eq!((alike.compared, alike.exact), (43, true));
    assert_eq!((alike.repeats, alike.across_directories), (3, 3));
    let pair = |i: u32| vec![format!("test/elm/copy{i}.jpg"), format!("train/oak/{i:02}.png")];
    assert_eq!(alike.examples, [pair(17), pair(3), pair(30)]);
    assert!(profile.findings.iter().any(|finding| finding.message.contains("single colour")));
}

#[test]
fn colours_tell_drawings_apart() {
    let drawing = |r: u8, g: u8, b: u8| {
        let picture = image::RgbImage::from_fn(64, 64, |x, y| {
            let inside = (x as i32 - 32).pow(2) + (y as i32 - 32).pow(2) < 400;
            if inside { image::Rgb([r, g, b]) } else { image::Rgb([255, 255, 255]) }
        });
        encoded(picture, ImageFormat::Png)
    };
    // Red and green of the same brightness.
    let (found, _) = images(vec![("a.png", drawing(200, 0, 0)), ("b.png", drawing(0, 103, 0))]);
    assert_eq!(found.near_duplicates.unwrap().repeats, 0);
}

#[test]
fn fewer_are_compared_when_asked_and_it_says_so() {
    let root = tempfile::tempdir().unwrap();
    for i in 0..20 {
        std::fs::write(root.path().join(format!("{i:02}.jpg")), jpeg(&waves(i, 48), 90)).unwrap();
    }
    let mut options = ProfileOptions::default();
    options.max_images_compared = 7;
    let images = profile(root.path(), &options).unwrap().images.unwrap();
    let alike = images.near_duplicates.unwrap();
    assert_eq!((images.measured, alike.compared, alike.exact), (20, 7, false));
}

#[test]
fn audio_of_every_format() {
    let mut opus = b"OpusHead\x01\x01".to_vec();
    opus.extend(312_u16.to_le_bytes());
    opus.extend(48_000_u32.to_le_bytes());
    opus.extend([0; 20]);
    let mut au = b".snd\0\0\0\x18\xff\xff\xff\xff\0\0\0\x03\0\0\x1f\x40\0\0\0\x02".to_vec();
    au.extend([0; 32_000]);
    let mut sphere = b"NIST_1A\n   1024\nsample_count -i 16000\nsample_rate -i 16000\nchannel_count -i 1\nsample_n_bytes -i 2\nend_head\n".to_vec();
    sphere.resize(1024 + 32_000, 0);
    let cases = vec![
        ("a.wav", wav(2, 44_100, 16, 22_050), "pcm", "44100", "2", Some("16"), 0.5),
        ("b.wav", wav(1, 8_000, 24, 4_001), "pcm", "8000", "1", Some("24"), 4_001.0 / 8_000.0),
        ("c.wav", wav_extensible(16_000), "float", "16000", "1", Some("32"), 1.0),
        ("d.flac", flac(48_000, 2, 24, 96_000), "flac", "48000", "2", Some("24"), 2.0),
        ("e.mp3", mp3(100), "mp3", "44100", "2", None, 100.0 * 1152.0 / 44_100.0),
        ("f.ogg", ogg(&vorbis_head(), 88_200), "vorbis", "44100", "2", None, 2.0),
        ("g.opus", ogg(&opus, 48_312), "opus", "48000", "1", None, 1.0),
        ("h.m4a", m4a(), "aac", "22050", "2", None, 43.0 * 1024.0 / 22_050.0),
        ("i.aiff", aiff(4_000), "pcm", "8000", "1", Some("16"), 0.5),
        ("j.au", au, "pcm", "8000", "2", Some("16"), 1.0),
        ("k.wav", sphere, "pcm", "16000", "1", Some("16"), 1.0),
    ];
    for (name, bytes, codec, rate, channels, bits, seconds) in cases {
        let (found, findings) = audio(name, bytes);
        assert_eq!((found.files, found.measured), (1, 1), "{name}: {findings:?}");
        assert_eq!(counts(&found.codecs), [(codec, 1)], "{name}");
        assert_eq!(counts(&found.rates), [(rate, 1)], "{name}");
        assert_eq!(counts(&found.channels), [(channels, 1)], "{name}");
        assert_eq!(counts(&found.bits), bits.map(|bits| (bits, 1)).into_iter().collect::<Vec<_>>(), "{name}");
        assert!((found.total_seconds - seconds).abs() < 1e-9, "{name}: {}", found.total_seconds);
        assert!(findings.is_empty(), "{name}: {findings:?}");
    }
}

#[test]
fn audio_that_does_not_keep_its_promise() {
    let whole = wav(1, 8_000, 16, 8_000);
    let mut open = whole.clone();
    let data = open.windows(4).position(|part| part == b"data").unwrap();
    open[data + 4..data + 8].fill(0xff);
    let mut odd = whole.clone();
    let format = odd.windows(4).position(|part| part == b"fmt ").unwrap();
    odd[format + 16] = 1;
    let page = ogg(&vorbis_head(), 88_200);
    let cases: Vec<(&str, Vec<u8>, Option<&str>, f64)> = vec![
        ("cut.wav", whole[..whole.len() - 8_000].to_vec(), Some("cut off"), 0.5),
        ("streamed.wav", open, None, 1.0),
        ("odd.wav", odd, Some("do not fit together"), 1.0),
        ("empty.wav", wav(1, 8_000, 16, 0), Some("no sound"), 0.0),
        ("cut.aiff", aiff(4_000)[..4_000].to_vec(), Some("cut off"), 0.5),
        ("cut.ogg", page[..page.len() - 20].to_vec(), Some("cut off"), 0.0),
        ("text.mp3", b"this is no sound".to_vec(), Some("named like audio"), 0.0),
        ("head.wav", whole[..20].to_vec(), Some("broken"), 0.0),
    ];
    for (name, bytes, word, seconds) in cases {
        let (found, findings) = audio(name, bytes);
        assert!((found.total_seconds - seconds).abs() < 1e-9, "{name}: {}", found.total_seconds);
        let hit = word.is_none_or(|word| findings.iter().any(|(_, message)| message.contains(word)));
        assert!(hit && (word.is_some() || findings.is_empty()), "{name}: {findings:?}");
    }
}

#[test]
fn video_of_every_container() {
    let cases = vec![
        ("a.mp4", mp4(true), "mp4", "avc1", "25", 1, 2.0),
        ("b.mov", mp4(false), "mp4", "avc1", "25", 0, 2.0),
        ("c.mp4", fragmented_mp4(), "mp4", "hvc1", "25", 0, 2.0),
        ("d.mkv", mkv("matroska", true), "matroska", "V_VP9", "25", 0, 2.0),
        ("e.webm", mkv("webm", false), "webm", "V_VP9", "25", 0, 2.0),
        ("f.avi", avi(), "avi", "MJPG", "10", 1, 3.5),
    ];
    for (name, bytes, container, codec, rate, with_audio, seconds) in cases {
        let (found, findings) = video(name, bytes);
        assert_eq!((found.files, found.measured), (1, 1), "{name}: {findings:?}");
        assert_eq!(found.containers.keys().collect::<Vec<_>>(), [container], "{name}");
        assert_eq!(counts(&found.codecs), [(codec, 1)], "{name}");
        assert_eq!(counts(&found.sizes), [("64x48", 1)], "{name}");
        assert_eq!(counts(&found.rates), [(rate, 1)], "{name}");
        assert_eq!(found.with_audio, with_audio, "{name}");
        assert!((found.total_seconds - seconds).abs() < 1e-6, "{name}: {}", found.total_seconds);
        assert!(findings.is_empty(), "{name}: {findings:?}");
    }
}

#[test]
fn video_that_is_cut_or_closed() {
    let film = mp4(false);
    let moov = film.windows(4).position(|part| part == b"moov").unwrap();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("cut.mp4", film[..moov].to_vec(), "tracks is missing"),
        ("cut.avi", avi()[..300].to_vec(), "cut off"),
        ("old.flv", b"FLV\x01\x05 and so on".to_vec(), "flv"),
        ("text.mp4", b"not a film at all".to_vec(), "none of a known container"),
        ("sound.mp4", m4a(), "sound alone"),
    ];
    for (name, bytes, word) in cases {
        let (_, findings) = video(name, bytes);
        assert!(findings.iter().any(|(_, message)| message.contains(word)), "{name}: {findings:?}");
    }
}
