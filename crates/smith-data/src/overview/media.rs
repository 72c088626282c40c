//! Writes images, sound, video and their annotations.

use std::collections::BTreeMap;

use smith_task_schema::profile::{
    AnnotationFormat, AnnotationProfile, AudioSummary, ImageSummary, Range, ValueCount, VideoSummary,
};

use crate::overview::columns::counts;
use crate::overview::display::{duration, number_of};
use crate::overview::head::{range_text, repeated_files, share_text};
use crate::overview::quote;
use crate::overview::section::{Item, Section};

/// Frequent values that are shown.
const SHOWN: usize = 8;
/// Classes of an annotation that are shown.
const CLASSES: usize = 16;

fn title(what: &str, files: u64, measured: u64) -> String {
    let measured =
        if measured == files { String::from("all measured") } else { format!("{measured} measured") };
    format!("## {what}: {}, {measured}", number_of(files, "file"))
}

fn section(title: String, label: &str, lines: Vec<String>) -> Section {
    Section::new(title, lines.into_iter().map(Item::line).collect()).noun("fact").label(label).priority(3, 4)
}

/// `- what: …`, when there is something.
fn listed(what: &str, values: &[ValueCount]) -> Option<String> {
    let more = if values.len() > SHOWN { ", …" } else { "" };
    (!values.is_empty()).then(|| format!("- {what}: {}{more}", counts(values, SHOWN)))
}

fn by_name(what: &str, values: &BTreeMap<String, u64>) -> Option<String> {
    let list: Vec<String> =
        values.iter().take(SHOWN).map(|(name, files)| format!("{} {files}", quote::figure(name))).collect();
    (!list.is_empty()).then(|| format!("- {what}: {}", list.join(", ")))
}

fn durations(seconds: Option<Range<f64>>, total: f64) -> Option<String> {
    let seconds = seconds?;
    let each = range_text(&duration(seconds.min), &duration(seconds.max));
    Some(format!("- duration: {each} each, {} in all", duration(total)))
}

/// All images together.
pub(crate) fn images(images: &ImageSummary) -> Section {
    let mut lines = sizes(images);
    lines.extend(by_name("formats", &images.formats));
    lines.extend(listed("colour modes", &images.modes));
    let near = images
        .near_duplicates
        .as_ref()
        .and_then(|files| repeated_files(files, "look the same or nearly the same as"));
    lines.extend(near);
    if images.with_exif > 0 {
        lines.push(format!("- with EXIF metadata: {}", share_text(images.with_exif, images.measured)));
        lines.extend(listed("EXIF facts that may give something away", &images.exif));
    }
    section(title("Images", images.files, images.measured), "images", lines)
}

/// How large images are comes first: with little room it is all that is said of them.
fn sizes(images: &ImageSummary) -> Vec<String> {
    if let [only] = images.sizes.as_slice()
        && only.count == images.measured
    {
        return vec![format!("- size: {} pixels, all alike", quote::figure(&only.value))];
    }
    let (width, height) = (images.width.as_ref(), images.height.as_ref());
    let ranges = width.zip(height).map(|(width, height)| {
        let (width, height) = (range_text(&width.min, &width.max), range_text(&height.min, &height.max));
        format!("- width {width}, height {height} pixels")
    });
    ranges.into_iter().chain(listed("most frequent sizes", &images.sizes)).collect()
}

/// All sound together.
pub(crate) fn audio(audio: &AudioSummary) -> Section {
    let mut lines: Vec<String> = by_name("formats", &audio.formats).into_iter().collect();
    lines.extend(durations(audio.seconds, audio.total_seconds));
    lines.extend(listed("samples per second", &audio.rates));
    lines.extend(listed("channels", &audio.channels));
    section(title("Audio", audio.files, audio.measured), "audio", lines)
}

/// All videos together.
pub(crate) fn video(video: &VideoSummary) -> Section {
    let mut lines: Vec<String> = by_name("containers", &video.containers).into_iter().collect();
    lines.extend(durations(video.seconds, video.total_seconds));
    lines.extend(listed("sizes", &video.sizes));
    lines.extend(listed("pictures in a second", &video.rates));
    lines.extend(listed("codecs", &video.codecs));
    lines.push(format!("- with sound: {}", share_text(video.with_audio, video.measured)));
    section(title("Video", video.files, video.measured), "video", lines)
}

/// Annotations of one format in one place.
pub(crate) fn annotation(annotation: &AnnotationProfile) -> Section {
    let place = quote::name(&annotation.path);
    let mut lines = vec![format!(
        "- {} in {}, {} of them in the dataset",
        number_of(annotation.objects, "object"),
        number_of(annotation.images, "image"),
        annotation.images_found
    )];
    if !annotation.shapes.is_empty() {
        let shapes: Vec<String> =
            annotation.shapes.iter().take(SHOWN).map(|shape| quote::figure(shape)).collect();
        lines.push(format!("- objects have: {}", shapes.join(", ")));
    }
    if let Some(objects) = annotation.per_image {
        lines.push(format!("- {} objects an image", range_text(&objects.min, &objects.max)));
    }
    if !annotation.classes.is_empty() {
        let more = if annotation.classes.len() > CLASSES { ", …" } else { "" };
        lines.push(format!(
            "- {}: {}{more}",
            number_of(annotation.classes.len() as u64, "class"),
            counts(&annotation.classes, CLASSES)
        ));
    }
    if annotation.invalid > 0 {
        lines.push(format!("- {} empty or beyond their image", number_of(annotation.invalid, "object")));
    }
    let read = if annotation.measured == annotation.files {
        String::new()
    } else {
        format!(", {} read", annotation.measured)
    };
    let title = format!(
        "## Annotations {place}: {}, {}{read}",
        format_words(annotation.format),
        number_of(annotation.files, "file")
    );
    section(title, &format!("annotations {place}"), lines)
}

/// An annotation format in words.
fn format_words(format: AnnotationFormat) -> &'static str {
    match format {
        AnnotationFormat::Coco => "COCO JSON",
        AnnotationFormat::Yolo => "YOLO text files",
        AnnotationFormat::Voc => "Pascal VOC XML",
        AnnotationFormat::Labelme => "labelme JSON",
        AnnotationFormat::Masks => "mask images",
        AnnotationFormat::BoxTable => "table of boxes",
        AnnotationFormat::Tracks => "tracks of boxes",
        _ => "other",
    }
}
