//! Whether a media file holds what its name promises, as far as its header tells, and how large its picture is.

use std::path::Path;

use super::audio::{self, Odd};
use super::images;
use super::video;
use super::window::Window;

/// Endings of pictures, sounds and films whose beginnings are known.
const KNOWN: [&str; 21] = [
    "png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "wav", "flac", "mp3", "ogg", "opus", "aif",
    "aiff", "m4a", "mp4", "mov", "mkv", "webm", "avi",
];

/// What is wrong with a media file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flaw {
    /// It has no bytes, or its sound no samples.
    Empty,
    /// It ends before the content that its header announces.
    Cut,
    /// Its header is broken, or it holds something else.
    Broken,
}

/// What is wrong with a picture, a sound or a film by its header; none for a file that is whole, that is of another kind
/// or cannot be opened. Blocks.
#[must_use]
pub fn flaw(path: &Path) -> Option<Flaw> {
    let mut window = Window::open(path).ok()?;
    if window.length() == 0 {
        return Some(Flaw::Empty);
    }
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or("").to_lowercase();
    let found = in_window(&mut window, KNOWN.contains(&ending.as_str()));
    if window.take_error().is_some() { None } else { found }
}

fn in_window(window: &mut Window<'_>, is_known: bool) -> Option<Flaw> {
    let film = video::measure_in(window);
    match film {
        Ok(film) if film.cut => return Some(Flaw::Cut),
        Ok(film) => return film.seconds.filter(|seconds| *seconds <= 0.0).map(|_| Flaw::Empty),
        Err(video::Fault::Closed(_)) => return None,
        Err(video::Fault::Broken(_)) => return is_known.then_some(Flaw::Broken),
        Err(_) => {}
    }
    match images::measure_in(window) {
        Ok(picture) if picture.cut => return Some(Flaw::Cut),
        Ok(_) => return None,
        Err(images::Fault::Broken(_)) => return is_known.then_some(Flaw::Broken),
        Err(_) => {}
    }
    match audio::measure_in(window) {
        Ok(sound) if sound.odd == Some(Odd::Cut) => Some(Flaw::Cut),
        Ok(sound) => sound.seconds.filter(|seconds| *seconds <= 0.0).map(|_| Flaw::Empty),
        Err(_) => is_known.then_some(Flaw::Broken),
    }
}

/// Width and height of a picture in pixels, by its header. Blocks.
#[must_use]
pub fn extent(path: &Path) -> Option<(u32, u32)> {
    let picture = images::measure(path).ok()?;
    (picture.width > 0 && picture.height > 0).then_some((picture.width, picture.height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wav(announced: u32, samples: usize) -> Vec<u8> {
        let format = [
            &1_u16.to_le_bytes()[..],
            &1_u16.to_le_bytes(),
            &8_000_u32.to_le_bytes(),
            &16_000_u32.to_le_bytes(),
            &2_u16.to_le_bytes(),
            &16_u16.to_le_bytes(),
        ]
        .concat();
        let riff = (36 + announced).to_le_bytes();
        [b"RIFF", &riff[..], b"WAVEfmt ", &16_u32.to_le_bytes(), &format, b"data", &announced.to_le_bytes()]
            .concat()
            .into_iter()
            .chain(vec![1; 2 * samples])
            .collect()
    }

    #[test]
    fn flaws_of_pictures_and_sounds() {
        let dir = tempfile::tempdir().unwrap();
        let mut whole = Vec::new();
        image::RgbImage::from_fn(40, 30, |x, y| image::Rgb([x as u8, y as u8, 7]))
            .write_to(&mut std::io::Cursor::new(&mut whole), image::ImageFormat::Png)
            .unwrap();
        let cases: [(&str, Vec<u8>, Option<Flaw>); 9] = [
            ("a.wav", wav(400, 200), None),
            ("b.wav", wav(400, 8), Some(Flaw::Cut)),
            ("c.wav", wav(0, 0), Some(Flaw::Empty)),
            ("d.wav", Vec::new(), Some(Flaw::Empty)),
            ("e.wav", b"RIFF\0\0\0\0WAVEfm".to_vec(), Some(Flaw::Broken)),
            ("f.png", whole.clone(), None),
            ("g.png", whole[..whole.len() - 30].to_vec(), Some(Flaw::Cut)),
            ("h.jpg", b"<html>not found</html>".to_vec(), Some(Flaw::Broken)),
            ("i.txt", b"words".to_vec(), None),
        ];
        for (name, bytes, expected) in cases {
            let path = dir.path().join(name);
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(flaw(&path), expected, "{name}");
        }
        assert_eq!(extent(&dir.path().join("f.png")), Some((40, 30)));
        assert_eq!(extent(&dir.path().join("a.wav")), None);
    }
}
