//! What EXIF metadata say about the picture's origin.

use super::ifd::{Directory, Layout};
use crate::media::window::Window;

/// Facts that may tell something about the label or the place of a picture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Exif {
    /// From 1 to 8; 1 and 0 for a picture that is stored upright.
    pub(crate) orientation: u8,
    /// Make and model.
    pub(crate) camera: Option<String>,
    /// Day on which the picture was taken, such as `2014-03-01`.
    pub(crate) day: Option<String>,
    /// True when the position is given.
    pub(crate) position: bool,
}

/// Reads the EXIF metadata whose header is at `base`; none when they cannot be read.
pub(super) fn read(window: &mut Window<'_>, base: u64) -> Option<Box<Exif>> {
    let layout = Layout::read(window, base)?;
    let directory = layout.directory(window, layout.first)?;
    Some(Box::new(of(window, &layout, &directory)))
}

/// The facts of a first directory and of those that it points to.
pub(super) fn of(window: &mut Window<'_>, layout: &Layout, directory: &Directory) -> Exif {
    let text = |window: &mut Window<'_>, directory: &Directory, id| {
        directory.tag(id).and_then(|tag| layout.text(window, tag))
    };
    let below = |window: &mut Window<'_>, id| {
        let offset = directory.tag(id).and_then(|tag| layout.number(window, tag, 0))?;
        layout.directory(window, offset)
    };
    let orientation = directory.tag(0x0112).and_then(|tag| layout.number(window, tag, 0));
    let camera = camera(text(window, directory, 0x010f), text(window, directory, 0x0110));
    let details = below(window, 0x8769);
    let taken = details.as_ref().and_then(|details| text(window, details, 0x9003));
    let day = taken.or_else(|| text(window, directory, 0x0132)).and_then(|date| day(&date));
    let position = below(window, 0x8825).is_some_and(|gps| gps.tag(2).is_some() && gps.tag(4).is_some());
    let orientation = orientation.and_then(|value| u8::try_from(value).ok()).filter(|value| *value <= 8);
    Exif { orientation: orientation.unwrap_or(0), camera, day, position }
}

/// Make and model; many models begin with the make.
fn camera(make: Option<String>, model: Option<String>) -> Option<String> {
    match (make, model) {
        (Some(make), Some(model)) => {
            let first = make.split(' ').next().unwrap_or(&make);
            let repeats = model.to_lowercase().starts_with(&first.to_lowercase());
            Some(if repeats { model } else { format!("{make} {model}") })
        }
        (make, model) => make.or(model),
    }
}

/// `2014:03:01 12:00:00` as `2014-03-01`.
fn day(date: &str) -> Option<String> {
    let mut parts = date.get(..10)?.split([':', '-', '/']);
    let mut part = |digits: usize| {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    (year != "0000").then(|| format!("{year}-{month}-{day}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days() {
        assert_eq!(day("2014:03:01 12:00:00").as_deref(), Some("2014-03-01"));
        assert_eq!(day("2014-03-01T12:00").as_deref(), Some("2014-03-01"));
        for none in ["0000:00:00 00:00:00", "    :  :     :  :  ", "", "2014", "2014:ab:01 "] {
            assert_eq!(day(none), None, "{none:?}");
        }
    }

    #[test]
    fn cameras_name_their_make_once() {
        let named =
            |make: &str, model: &str| camera(Some(make.to_string()), Some(model.to_string())).unwrap();
        assert_eq!(named("Canon", "Canon EOS 5D"), "Canon EOS 5D");
        assert_eq!(named("NIKON CORPORATION", "NIKON D70"), "NIKON D70");
        assert_eq!(named("Apple", "iPhone 6"), "Apple iPhone 6");
    }
}
