//! Boxes lie in the pictures that they belong to.

use std::borrow::Cow;
use std::collections::HashMap;

use smith_data::signal::extent;
use smith_data::{Frame, TextColumn};
use smith_task_schema::{Bound, Figure, Finding, Layer, Severity};

use super::{labels, percent, quoted, weighed};
use crate::AssertError;
use crate::literature;
use crate::quality::boxes::{Area, Columns, are_shapes};
use crate::quality::media::Medium;
use crate::rule::{Measured, Report, RuleInfo};
use crate::subject::{Directories, Public, Subject, stem};

pub(in crate::rules) const BOXES: RuleInfo = RuleInfo {
    code: "Q127",
    name: "boxes-in-their-pictures",
    severity: Severity::Error,
    layer: Layer::Data,
    proves: "The boxes of the training examples and of the answers lie in the pictures that they belong to, in pixels or in \
             parts of the picture.",
    why: "Boxes of the whole photograph beside its tiles, or of the picture before it was shrunk, teach nothing.",
    mend: "Take off the corner of the tile, scale the boxes as the pictures are scaled, and leave out boxes that lie \
           outside.",
    references: &[literature::BOXES],
};

/// Share of the boxes that lie outside from which on something is wrong for certain, and from which on it may be.
const CERTAIN: f64 = 0.3;
const SUSPICIOUS: f64 = 0.05;
/// Boxes and pictures that prove something.
const MIN_BOXES: usize = 10;
const MIN_PICTURES: usize = 5;
/// Boxes of a table that are looked at, pictures that are opened, and columns that may name them.
const MAX_BOXES: usize = 50_000;
const MAX_PICTURES: usize = 3_000;
const MAX_COLUMNS: usize = 20;
/// Largest number of boxes that are in parts of the picture.
const PARTS: f64 = 1.5;

/// Boxes beside the sizes of their pictures.
#[derive(Default)]
struct Boxes {
    numbers: Vec<[f64; 4]>,
    sizes: Vec<(u32, u32)>,
    pictures: usize,
    /// The first picture by its name.
    names: Vec<String>,
}

/// `Q127`.
pub(in crate::rules) fn inside(info: &RuleInfo, cx: &Subject) -> Measured {
    let public = cx.public()?;
    let directories = Directories::new(&public.files);
    let mut sizes = Sizes { public, root: cx.layout().public.clone(), known: HashMap::new() };
    let asks = asks_for_shapes(cx);
    let (mut findings, mut all, mut worst) = (Vec::new(), 0_usize, 0.0_f64);
    for (place, frame, ids) in tables(cx, public)? {
        let ways = Columns::of(&frame);
        if ways.is_empty() {
            continue;
        }
        let named = ids
            .iter()
            .chain(frame.columns().iter().take(MAX_COLUMNS))
            .find_map(|column| Some((column, directories.named_by(column, "train")?)))
            .filter(|(_, named)| named.files.iter().flatten().any(|file| sizes.of(*file).is_some()));
        let Some((column, named)) = named else { continue };
        // Of several ways to read them the one in which fewest lie outside.
        let read = ways.iter().filter_map(|columns| {
            let boxes = boxes(&frame, column, columns, &named.files, &mut sizes)?;
            let (share, example) = outside(&boxes, columns);
            Some((share, example, boxes))
        });
        let Some((share, example, boxes)) = read.reduce(|a, b| if b.0 < a.0 { b } else { a }) else {
            continue;
        };
        if boxes.numbers.len() < MIN_BOXES || boxes.pictures < MIN_PICTURES {
            continue;
        }
        all += boxes.numbers.len();
        worst = worst.max(share);
        let severity = if share >= CERTAIN && asks { Severity::Error } else { Severity::Warning };
        findings.extend(judged(info, severity, place, share, &boxes, example));
    }
    Ok(Report::from(findings)
        .with(Figure::new("boxes compared with the sizes of their pictures", all as f64))
        .with(
            Figure::new("largest share of the boxes of a table that lie outside", worst)
                .bounded(Bound::AtMost(CERTAIN)),
        ))
}

/// Whether shapes in pictures are asked for. Where they are not, boxes may say where a picture was cut out.
fn asks_for_shapes(cx: &Subject) -> bool {
    let Ok(pair) = cx.pair() else { return false };
    let mut answers = Frame::new(pair.answers.headers.clone());
    pair.answers.rows.iter().take(1_000).for_each(|row| answers.push_row(row.iter().map(String::as_str)));
    !Columns::of(&answers).is_empty()
        || pair.predicted().iter().any(|name| are_shapes(&pair.answer_column(name)))
}

fn judged(
    info: &RuleInfo,
    severity: Severity,
    place: String,
    share: f64,
    boxes: &Boxes,
    example: Option<usize>,
) -> Option<Finding> {
    let at = example.filter(|_| share >= SUSPICIOUS)?;
    let (numbers, (width, height)) = (boxes.numbers.get(at)?, boxes.sizes.get(at)?);
    let message = format!(
        "{} of {} boxes lie outside their pictures, such as {} {numbers:?} of {width} x {height} pixels. {}",
        percent(share),
        boxes.numbers.len(),
        quoted(boxes.names.get(at).map_or("", String::as_str)),
        info.mend
    );
    Some(weighed(info, severity, place, message))
}

/// A table, where it stands in findings, and the column that names pictures if it is none of its own.
type Place<'p> = (String, Cow<'p, Frame>, Option<TextColumn>);

/// The tables of the public data, the files of one picture each, and the answers.
fn tables<'p>(cx: &Subject, public: &'p Public) -> Result<Vec<Place<'p>>, AssertError> {
    let mut places: Vec<Place<'p>> = Vec::new();
    for tables in public.tables.chunk_by(|a, b| a.path == b.path) {
        let pictures = tables.iter().find_map(|table| file_names(&table.frame));
        for table in tables {
            let names = pictures.as_ref().and_then(|names| joined(&table.frame, names));
            places.push((cx.name_in_public(&table.path), Cow::Borrowed(&table.frame), names));
        }
    }
    let of_files = labels::of_files(public).into_iter();
    places.extend(of_files.map(|(path, frame)| (cx.name_in_public(&path), Cow::Owned(frame), None)));
    if let Ok(pair) = cx.pair() {
        let mut frame = Frame::new(pair.answers.headers.clone());
        pair.answers.rows.iter().for_each(|row| frame.push_row(row.iter().map(String::as_str)));
        places.push((cx.name(&cx.layout().test_answer()), Cow::Owned(frame), None));
    }
    Ok(places)
}

/// The file names of a list of pictures by their numbers.
fn file_names(frame: &Frame) -> Option<HashMap<&str, &str>> {
    let (id, name) = (frame.position("id")?, frame.position("file_name")?);
    Some((0..frame.rows()).map(|row| (frame.cell(row, id), frame.cell(row, name))).collect())
}

/// The file names of the pictures that a list of annotations gives by their numbers.
fn joined(frame: &Frame, names: &HashMap<&str, &str>) -> Option<TextColumn> {
    let column = frame.columns().get(frame.position("image_id")?)?;
    Some(column.iter().map(|id| stem(names.get(id).copied().unwrap_or(""))).collect())
}

struct Sizes<'p> {
    public: &'p Public,
    root: std::path::PathBuf,
    known: HashMap<u32, Option<(u32, u32)>>,
}

impl Sizes<'_> {
    fn of(&mut self, file: u32) -> Option<(u32, u32)> {
        if let Some(known) = self.known.get(&file) {
            return *known;
        }
        let path = self.public.files.get(file as usize).map(|file| self.root.join(&file.path))?;
        let is_picture = Medium::Picture.has(&path.to_string_lossy()) && self.known.len() < MAX_PICTURES;
        let size = is_picture.then(|| extent(&path)).flatten();
        self.known.insert(file, size);
        size
    }
}

/// The boxes of a table with the sizes of their pictures, which this column names.
fn boxes(
    frame: &Frame,
    column: &TextColumn,
    columns: &Columns,
    files: &[Option<u32>],
    sizes: &mut Sizes<'_>,
) -> Option<Boxes> {
    let mut boxes = Boxes::default();
    let mut last = None;
    for (row, file) in files.iter().enumerate() {
        if boxes.numbers.len() >= MAX_BOXES {
            break;
        }
        let Some(size) = file.and_then(|file| sizes.of(file)) else { continue };
        boxes.pictures += usize::from(last != *file);
        last = *file;
        for numbers in columns.numbers(frame, row) {
            boxes.numbers.push(numbers);
            boxes.sizes.push(size);
            boxes.names.push(column.get(row).to_owned());
        }
    }
    (!boxes.numbers.is_empty()).then_some(boxes)
}

/// Share of the boxes that lie outside in the way of reading in which fewest do, and the first of them.
fn outside(boxes: &Boxes, columns: &Columns) -> (f64, Option<usize>) {
    let largest = boxes.numbers.iter().flatten().fold(0.0_f64, |most, number| most.max(number.abs()));
    let size = |(width, height): (u32, u32)| {
        if largest <= PARTS { (1.0, 1.0) } else { (f64::from(width), f64::from(height)) }
    };
    let of = |way| {
        let (mut out, mut known, mut first) = (0_usize, 0_usize, None);
        for (at, (numbers, own)) in boxes.numbers.iter().zip(&boxes.sizes).enumerate() {
            let Some(area) = Area::of(*numbers, way) else { continue };
            known += 1;
            let (width, height) = size(*own);
            if !area.is_within(width, height) {
                out += 1;
                first = first.or(Some(at));
            }
        }
        // A way in which most are no boxes is not the right one.
        let share = if known * 2 >= boxes.numbers.len() { out as f64 / known.max(1) as f64 } else { 1.0 };
        (share, first)
    };
    let ways = columns.ways().iter().map(|way| of(*way));
    ways.reduce(|a, b| if b.0 < a.0 { b } else { a }).unwrap_or((0.0, None))
}
