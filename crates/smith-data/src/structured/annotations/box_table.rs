//! Tables with a file, the corners of a box and a class in each row.

use std::collections::BTreeMap;

use smith_task_schema::profile::{
    AnnotationFormat, AnnotationProfile, BoxColumns, ColumnKind, ColumnProfile, Range,
};

use super::image_index::ImageIndex;
use super::tally::{Tally, is_valid_box};
use crate::table_data::TableData;

/// Images whose size is looked up.
const MEASURED_IMAGES: usize = 5_000;

/// Names of columns without anything but letters and digits, for each side in turn.
const CORNERS: [[&str; 4]; 7] = [
    ["xmin", "ymin", "xmax", "ymax"],
    ["x1", "y1", "x2", "y2"],
    ["left", "top", "right", "bottom"],
    ["bboxxmin", "bboxymin", "bboxxmax", "bboxymax"],
    ["bboxx1", "bboxy1", "bboxx2", "bboxy2"],
    ["minx", "miny", "maxx", "maxy"],
    ["xtl", "ytl", "xbr", "ybr"],
];
const SIZED: [[&str; 4]; 5] = [
    ["bboxx", "bboxy", "bboxw", "bboxh"],
    ["bboxx", "bboxy", "bboxwidth", "bboxheight"],
    ["x", "y", "w", "h"],
    ["x", "y", "width", "height"],
    ["left", "top", "width", "height"],
];
const IMAGES: [&str; 12] = [
    "image",
    "imageid",
    "imagepath",
    "imagename",
    "filename",
    "file",
    "path",
    "img",
    "imgpath",
    "filepath",
    "frame",
    "imageurl",
];
const CLASSES: [&str; 10] =
    ["label", "class", "classname", "classid", "category", "name", "labelname", "species", "object", "type"];

/// The columns of a table of boxes.
struct Columns {
    image: usize,
    corners: [usize; 4],
    /// True when the last two are a width and a height.
    sized: bool,
    class: Option<usize>,
    /// Columns with the size of the image.
    size: Option<(usize, usize)>,
}

impl Columns {
    fn named(&self, columns: &[ColumnProfile]) -> BoxColumns {
        let name = |index: usize| columns.get(index).map(|column| column.name.clone()).unwrap_or_default();
        let mut named = BoxColumns::default();
        (named.image, named.sides) = (name(self.image), self.corners.map(name));
        (named.sized, named.class) = (self.sized, self.class.map(name));
        named
    }
}

/// The boxes of a table; none when its columns are others.
pub(super) fn profile(table: &TableData, images: &ImageIndex<'_>) -> Option<AnnotationProfile> {
    let columns = columns(table)?;
    let mut tally = Tally::default();
    tally.objects = table.facts.rows;
    tally.shapes.insert("box");
    if let Some(class) = columns.class.and_then(|class| table.facts.columns.get(class)) {
        class.top.iter().for_each(|value| tally.class(&value.value, value.count));
        if class.constant && class.top.is_empty() {
            class.examples.first().into_iter().for_each(|value| tally.class(value, table.facts.rows));
        }
    }
    find_images(table, columns.image, images, &mut tally);
    check(table, &columns, images, &mut tally);
    let per_image = per_image(table, columns.image);
    let total = columns.class.and_then(|class| table.facts.columns.get(class)).map(|class| class.distinct);
    let mut profile = tally.finish(&table.facts.path, AnnotationFormat::BoxTable, 1, 1);
    profile.per_image = per_image;
    profile.total_classes = total.unwrap_or(0);
    profile.columns = Some(columns.named(&table.facts.columns));
    Some(profile)
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn columns(table: &TableData) -> Option<Columns> {
    let names: Vec<String> = table.facts.columns.iter().map(|column| plain(&column.name)).collect();
    let at = |wanted: &str| names.iter().position(|name| name == wanted);
    let numeric =
        |index: usize| table.facts.columns.get(index).is_some_and(|column| column.kind.is_numeric());
    let all = |wanted: &[&str; 4]| -> Option<[usize; 4]> {
        let places: Vec<usize> =
            wanted.iter().filter_map(|name| at(name)).filter(|&index| numeric(index)).collect();
        places.try_into().ok()
    };
    let cornered = CORNERS.iter().find_map(all).map(|corners| (corners, false));
    let (corners, sized) = cornered.or_else(|| SIZED.iter().find_map(all).map(|corners| (corners, true)))?;
    let free = |index: &usize| !corners.contains(index);
    let names_files =
        |column: &ColumnProfile| column.names_files_in.is_some() || column.kind == ColumnKind::Path;
    let linked = (0..names.len()).filter(free).find(|&index| names_files(&table.facts.columns[index]));
    let image = linked.or_else(|| IMAGES.iter().find_map(|name| at(name)).filter(free))?;
    let class = CLASSES.iter().find_map(|name| at(name)).filter(|index| free(index) && *index != image);
    let size = ["width", "imagewidth", "imgwidth"]
        .iter()
        .find_map(|name| at(name))
        .zip(["height", "imageheight", "imgheight"].iter().find_map(|name| at(name)))
        .filter(|(width, height)| !sized && free(width) && free(height));
    Some(Columns { image, corners, sized, class, size })
}

/// Counts the images of a column and how many of them are there.
fn find_images(table: &TableData, column: usize, images: &ImageIndex<'_>, tally: &mut Tally) {
    let Some(facts) = table.facts.columns.get(column) else { return };
    let directory = table.facts.path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let written: Vec<&str> = match table.columns.get(column).map(|data| &data.written) {
        Some(written) if !written.is_empty() => written.iter().map(|value| &**value).collect(),
        _ => facts.examples.iter().map(String::as_str).collect(),
    };
    let found = written.iter().filter_map(|value| images.find(value, directory));
    found.for_each(|image| tally.found_in(image.directory()));
    tally.images = facts.distinct;
    let looked_at = written.len() as u64;
    if looked_at < facts.distinct && looked_at > 0 {
        let share = facts.names_files_share.unwrap_or(tally.images_found as f64 / looked_at as f64);
        tally.images_found = (share * facts.distinct as f64).round() as u64;
    }
}

/// Looks at the boxes of the rows that were kept.
fn check(table: &TableData, columns: &Columns, images: &ImageIndex<'_>, tally: &mut Tally) {
    let sides: Option<Vec<&[f64]>> = columns
        .corners
        .iter()
        .map(|&index| table.columns.get(index).map(|data| data.numbers.as_slice()))
        .collect();
    let Some(sides) = sides.filter(|sides| sides.iter().all(|side| side.len() == table.sample_rows)) else {
        return;
    };
    let sizes = sizes(table, columns, images);
    for row in 0..table.sample_rows {
        let [x, y, a, b] = [0, 1, 2, 3].map(|side: usize| sides[side].get(row).copied().unwrap_or(f64::NAN));
        if [x, y, a, b].iter().all(|value| value.is_nan()) {
            continue;
        }
        let corners = if columns.sized { [x, y, x + a, y + b] } else { [x, y, a, b] };
        tally.checked += 1;
        tally.invalid += u64::from(!is_valid_box(corners, sizes(row)));
    }
}

/// The size of each row's image, from the table or from the image itself.
fn sizes<'t>(
    table: &'t TableData,
    columns: &Columns,
    images: &ImageIndex<'_>,
) -> impl Fn(usize) -> Option<(f64, f64)> + 't {
    let stated = columns
        .size
        .and_then(|(width, height)| Some((table.columns.get(width)?, table.columns.get(height)?)));
    let image = table.columns.get(columns.image);
    let directory = table.facts.path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut measured: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    if let (None, Some(data)) = (stated, image) {
        // Values are numbered in order of first appearance, and so are those that are kept as written.
        for (code, written) in (1_u32..).zip(data.written.iter().take(MEASURED_IMAGES)) {
            let found = images.find(written, directory);
            if let Some(size) = found.and_then(|found| imagesize::size(&found.path).ok()) {
                measured.insert(code, (size.width as f64, size.height as f64));
            }
        }
    }
    // A sample may not begin with the first row: then numbers and written values do not go together.
    let known = image
        .filter(|data| table.sample_rows as u64 == table.facts.rows && data.codes.len() == table.sample_rows);
    move |row| match stated {
        Some((width, height)) => width.numbers.get(row).copied().zip(height.numbers.get(row).copied()),
        None => known.and_then(|data| data.codes.get(row)).and_then(|code| measured.get(code)).copied(),
    }
}

/// Rows of an image, when every row was kept.
fn per_image(table: &TableData, column: usize) -> Option<Range<u64>> {
    let codes = &table.columns.get(column)?.codes;
    if codes.is_empty() || codes.len() as u64 != table.facts.rows {
        return None;
    }
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    codes.iter().filter(|code| **code > 0).for_each(|code| *counts.entry(*code).or_default() += 1);
    counts.into_values().fold(None, |range: Option<Range<u64>>, count| Some(Range::grown(range, count)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structured::test_table::table;

    #[test]
    fn boxes_of_a_table() {
        let text = "image_path,xmin,ymin,xmax,ymax,label,width,height\n\
            a.png,1,1,20,20,Tree,50,50\na.png,1,1,1,20,Tree,50,50\nb.png,1,1,99,20,Bush,50,50\n";
        let found = profile(&table("x/boxes.csv", text), &ImageIndex::of(&[])).unwrap();
        assert_eq!((found.images, found.images_found, found.objects), (2, 0, 3));
        assert_eq!((found.checked, found.invalid, found.total_classes), (3, 2, 2));
        assert_eq!(found.per_image.map(|range| (range.min, range.max)), Some((1, 2)));
    }

    #[test]
    fn other_tables_are_none() {
        for header in ["height,left,top,right,bottom", "image,x,y,z,w", "image,xmin,xmax,ymin,depth"] {
            assert!(
                profile(&table("t.csv", &format!("{header}\n1,2,3,4,5\n2,3,4,5,6\n")), &ImageIndex::of(&[]))
                    .is_none(),
                "{header}"
            );
        }
    }
}
