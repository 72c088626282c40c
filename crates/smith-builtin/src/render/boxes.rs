//! The lines of the scripts that read boxes of pictures, and that compare them.

use super::context::Names;
use super::python::{list, literal};
use super::reading;
use crate::plan::{Ask, BoxFormat, BoxPart, BoxTable, Boxes, Plan, Table};

/// Boxes that a submission may have in a picture, and the size of a number of theirs at most: the area of a larger box is
/// none that can be computed with.
const MOST_BOXES: usize = 300;
const GREATEST: &str = "1e6";
/// Extensions of pictures.
pub(super) const EXTENSIONS: [&str; 9] =
    [".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"];

/// How pictures with boxes are read: the line, the functions that it calls, and their modules.
pub(crate) fn pictures(plan: &Plan, boxes: &Boxes, names: &Names) -> (String, String, Vec<&'static str>) {
    let kinds = match &plan.target.ask {
        Ask::Boxes { kinds } => kinds.as_slice(),
        _ => &[],
    };
    let (reader, mut modules) = reader(plan, boxes);
    modules.push("from collections.abc import Iterator");
    let helper = format!("{}\n\n{FIND}\n\n{reader}\n\n{READ}", constants(boxes, kinds));
    (format!("    {} = read_pictures(raw)", names.frame), helper, modules)
}

fn constants(boxes: &Boxes, kinds: &[String]) -> String {
    let remark = if boxes.parts.len() > 1 { "; the ready-made parts are put together" } else { "" };
    let part = |part: &BoxPart| format!("    ({}, {}),\n", literal(&part.path), literal(&part.images));
    let parts: String = boxes.parts.iter().map(part).collect();
    let extensions: Vec<String> = EXTENSIONS.map(str::to_owned).into();
    format!(
        "# Where boxes stand, and where their pictures lie{remark}.\nPARTS = [\n{parts}]\nEXTENSIONS = {}\n# Kinds with enough boxes to be learnt and tested.\nKINDS = {}\n",
        list(&extensions, 0),
        list(kinds, 0)
    )
}

const FIND: &str = r#"def find_pictures(directory: Path) -> dict[str, Path]:
    """Pictures by their names, with and without extension."""
    files = sorted(path for path in directory.rglob("*") if path.suffix.lower() in EXTENSIONS)
    return {path.stem: path for path in files} | {path.name: path for path in files}


def picture_of(pictures: dict[str, Path], *names: str) -> Path | None:
    """The picture of the first of these names that there is; directories in names do not count."""
    plain = [str(name).replace("\\", "/").split("/")[-1] for name in names]
    return next((pictures[name] for name in plain if name in pictures), None)
"#;

const READ: &str = r#"def read_pictures(raw: Path) -> pd.DataFrame:
    """Each picture with its boxes from top to bottom: kind, confidence, left, top, right and bottom."""
    found = {}
    for annotations, images in PARTS:
        for picture, kind, *sides in boxes_of(raw / annotations, find_pictures(raw / images)):
            kind = "_".join(str(kind).split())
            left, top, right, bottom = (round(float(side), 1) for side in sides)
            if picture and kind in KINDS and left < right and top < bottom:
                text = f"{kind} 1 {left:g} {top:g} {right:g} {bottom:g}"
                found.setdefault(picture, set()).add((top, left, text))
    rows = [(path, " ".join(text for *_, text in sorted(boxes))) for path, boxes in sorted(found.items())]
    return pd.DataFrame(rows, columns=["source", TARGET])
"#;

const COCO: &str = r#"def boxes_of(path: Path, pictures: dict[str, Path]) -> Iterator[tuple]:
    """Picture, kind and corners of each box of a COCO file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    kinds = {kind["id"]: kind["name"] for kind in document.get("categories", [])}
    names = {image["id"]: image["file_name"] for image in document["images"]}
    for box in document["annotations"]:
        if box.get("bbox") and box["image_id"] in names:
            left, top, width, height = box["bbox"]
            kind = kinds.get(box.get("category_id"), box.get("category_id"))
            yield picture_of(pictures, names[box["image_id"]]), kind, left, top, left + width, top + height
"#;

const VOC: &str = r#"def boxes_of(directory: Path, pictures: dict[str, Path]) -> Iterator[tuple]:
    """Picture, kind and corners of each box of the XML files of a directory."""
    for path in sorted(directory.rglob("*.xml")):
        root = ElementTree.parse(path).getroot()
        picture = picture_of(pictures, root.findtext("filename", "").strip(), path.stem)
        for thing in root.iter("object"):
            box = thing.find("bndbox")
            if box is not None:
                corners = (box.findtext(side, "nan") for side in ("xmin", "ymin", "xmax", "ymax"))
                yield picture, thing.findtext("name", ""), *corners
"#;

const LABELME: &str = r#"def boxes_of(directory: Path, pictures: dict[str, Path]) -> Iterator[tuple]:
    """Picture, kind and corners of the box around each outline of the JSON files of a directory."""
    for path in sorted(directory.rglob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict) or "shapes" not in document:
            continue
        picture = picture_of(pictures, document.get("imagePath") or "", path.stem)
        for shape in document["shapes"]:
            across, down = zip(*shape["points"])
            yield picture, shape["label"], min(across), min(down), max(across), max(down)
"#;

const YOLO: &str = r#"def boxes_of(directory: Path, pictures: dict[str, Path]) -> Iterator[tuple]:
    """Picture, kind and corners of each line of the text files of a directory; the file has shares of the sides."""
    for path in sorted(directory.rglob("*.txt")):
        picture = picture_of(pictures, path.stem)
        if picture is None:
            continue
        with Image.open(picture) as opened:
            across, down = opened.size
        for line in path.read_text(encoding="utf-8").splitlines():
            words = line.split()
            if len(words) < 5:
                continue
            x, y, width, height = (float(word) for word in words[1:5])
            left, top = (x - width / 2) * across, (y - height / 2) * down
            yield picture, words[0], left, top, left + width * across, top + height * down
"#;

/// The function `boxes_of` of a format, with what it calls and its modules.
fn reader(plan: &Plan, boxes: &Boxes) -> (String, Vec<&'static str>) {
    match &boxes.format {
        BoxFormat::Coco => (COCO.to_owned(), vec!["json"]),
        BoxFormat::Voc => (VOC.to_owned(), vec!["from xml.etree import ElementTree"]),
        BoxFormat::Labelme => (LABELME.to_owned(), vec!["json"]),
        BoxFormat::Yolo { names } if names.is_empty() => (YOLO.to_owned(), Vec::new()),
        BoxFormat::Yolo { names } => {
            let names: String = names
                .iter()
                .map(|(number, name)| format!("    \"{number}\": {},\n", literal(name)))
                .collect();
            let named = YOLO.replace("words[0], left", "NAMES.get(words[0], words[0]), left");
            (
                format!("# What the numbers of kinds stand for.\nNAMES = {{\n{names}}}\n\n\n{named}"),
                Vec::new(),
            )
        }
        BoxFormat::Table(columns) => {
            let BoxTable { reader, image, sides, sized, class } = &**columns;
            let table = Table { paths: Vec::new(), reader: reader.clone(), media: None };
            let reading = reading::of(plan, &table, "path");
            let kind = match class {
                Some(class) => format!("row[{}]", literal(class)),
                None => "KINDS[0]".to_owned(),
            };
            let corners =
                if *sized { "left, top, left + right, top + bottom" } else { "left, top, right, bottom" };
            let width = if *sized { "        # The last two are a width and a height.\n" } else { "" };
            let helper = format!(
                "def boxes_of(path: Path, pictures: dict[str, Path]) -> Iterator[tuple]:\n    \"\"\"Picture, kind and corners of each row.\"\"\"\n    for row in {}.to_dict(\"records\"):\n        left, top, right, bottom = (float(row[side]) for side in {})\n{width}        yield picture_of(pictures, row[{}]), {kind}, {corners}\n",
                reading.call,
                list(sides, 4),
                literal(image)
            );
            let helper =
                if reading.helper.is_empty() { helper } else { format!("{}\n\n{helper}", reading.helper) };
            (helper, reading.imports)
        }
    }
}

/// The functions of metric.py.
pub(crate) fn metric(kinds: &[String]) -> String {
    format!(
        "KINDS = {}\n# Boxes of a picture at most.\nMOST_BOXES = {MOST_BOXES}\n\n\n{COMPARE}",
        list(kinds, 0)
    )
}

const COMPARE: &str = r#"def parse(cell: str) -> list[tuple]:
    """Kind, confidence, left, top, right and bottom of each box; an empty cell has none."""
    words = cell.split() if isinstance(cell, str) else []
    if len(words) % 6:
        raise ValueError("a box has six words")
    return [(words[at], *(float(word) for word in words[at + 1 : at + 6])) for at in range(0, len(words), 6)]


def overlap(a: tuple, b: tuple) -> float:
    """Intersection over union of two boxes."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def average_precision(known: dict, predicted: list[tuple]) -> float:
    """Area under the precision-recall curve of one kind; `known` has the boxes of each picture that are not found yet."""
    total, hits = sum(map(len, known.values())), []
    for row, _, *place in sorted(predicted, key=lambda box: -box[1]):
        overlaps = [overlap(place, other) for other in known.get(row, [])]
        hits.append(max(overlaps, default=0) >= 0.5)
        if hits[-1]:
            del known[row][int(np.argmax(overlaps))]
    if not hits:
        return 0.0
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(found, prepend=0) * precision) / total)"#;

/// The body of the score.
pub(crate) const MEAN_PRECISION: &str = r#"        known, said = {}, {}
        for row, cell in truth[self.value].items():
            for kind, _, *place in parse(cell):
                known.setdefault(kind, {}).setdefault(row, []).append(place)
        for row, cell in predicted[self.value].items():
            for kind, confidence, *place in parse(cell):
                said.setdefault(kind, []).append((row, confidence, *place))
        return float(np.mean([average_precision(boxes, said.get(kind, [])) for kind, boxes in sorted(known.items())]))"#;

/// What a submission must keep to.
pub(crate) fn validate() -> String {
    VALIDATE.replace("GREATEST", GREATEST)
}

const VALIDATE: &str = r#"        for row, cell in zip(submission[ID], submission[self.value]):
            if not isinstance(cell, str) and not pd.isna(cell):
                raise InvalidSubmissionError(f"{ID} {row}: boxes must be text")
            try:
                boxes = parse(cell)
            except ValueError as error:
                raise InvalidSubmissionError(f"{ID} {row}: {error}") from error
            if len(boxes) > MOST_BOXES:
                raise InvalidSubmissionError(f"{ID} {row}: there may be {MOST_BOXES} boxes")
            for kind, confidence, left, top, right, bottom in boxes:
                if kind not in KINDS:
                    raise InvalidSubmissionError(f"{ID} {row}: there is no kind {kind[:40]!r}")
                if not 0 <= confidence <= 1:
                    raise InvalidSubmissionError(f"{ID} {row}: a confidence must be from 0 to 1")
                if not (-GREATEST <= left < right <= GREATEST and -GREATEST <= top < bottom <= GREATEST):
                    raise InvalidSubmissionError(f"{ID} {row}: a box has left < right and top < bottom, within GREATEST of 0")"#;

/// Two rows that show the form.
pub(crate) fn shown(kinds: &[String]) -> [String; 2] {
    let first = kinds.first().map_or("", String::as_str);
    let last = kinds.last().map_or("", String::as_str);
    [format!("{first} 0.9 12 8 57 40.5"), format!("{last} 0.8 5 5 20.5 30 {first} 0.3 40 10 60 22")]
}

/// The words about the form of a prediction.
pub(crate) fn form(target: &str) -> String {
    format!(
        "{target} has all boxes of the picture one behind the other, each as six words: its kind, a confidence from 0 to 1, and its left, top, right and bottom side in pixels from the upper left corner, where left is less than right and top less than bottom. A blank stands between two words, and a number is within {GREATEST} of 0. There may be {MOST_BOXES} boxes in a picture; where nothing is found the cell is empty."
    )
}
