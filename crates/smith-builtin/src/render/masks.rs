//! The lines of the scripts that read masks of pictures, and that compare regions.

use super::boxes::EXTENSIONS;
use super::context::Names;
use super::python::{list, literal};
use crate::plan::{Ask, MaskPart, Masks, Plan};

/// Pictures of a task at most; of more a random part is taken.
pub(crate) const MOST_PICTURES: u64 = 2_000;
/// The longer side of a picture at most, in points.
pub(crate) const LARGEST: u64 = 512;
/// The number of a point at most, that sums over many pictures are whole numbers still.
const MOST_POINTS: &str = "1_000_000_000";

/// How pictures with masks are read: the line, the functions that it calls, and their modules.
pub(crate) fn pictures(plan: &Plan, masks: &Masks, names: &Names) -> (String, String, Vec<&'static str>) {
    let kinds = match &plan.target.ask {
        Ask::Regions { kinds } => kinds.as_slice(),
        _ => &[],
    };
    let regions = match (kinds.is_empty(), masks.colours) {
        (true, _) => BRIGHT.to_owned(),
        (false, colours) => {
            let values = if colours { COLOURS } else { NUMBERS };
            let code = |kind: &String| {
                u64::from_str_radix(kind.trim_start_matches('#'), if colours { 16 } else { 10 })
            };
            let codes: Vec<String> =
                kinds.iter().map(|kind| code(kind).unwrap_or_default().to_string()).collect();
            let remark = if colours { ": red, green and blue in one number" } else { "" };
            format!(
                "# The kinds, and the values of masks that stand for them{remark}.\nKINDS = {}\nCODES = [{}]\n\n\n{KINDS}",
                list(kinds, 0),
                codes.join(", ")
            )
            .replace("VALUES", values)
        }
    };
    let run =
        if kinds.is_empty() { "{at + 1} {length}" } else { "{KINDS[points[at] - 1]} {at + 1} {length}" };
    let what = if kinds.is_empty() { "First point" } else { "Kind, first point" };
    let helper = format!(
        "{}\n\n{FIND}\n\n{regions}\n\n{}\n\n{READ}",
        constants(masks),
        RUNS.replace("RUN", run).replace("WHAT", what)
    );
    (format!("    {} = read_pictures(raw)", names.frame), helper, vec!["random"])
}

fn constants(masks: &Masks) -> String {
    let remark = if masks.parts.len() > 1 { "; the ready-made parts are put together" } else { "" };
    let part = |part: &MaskPart| {
        format!("    ({}, {}, {}),\n", literal(&part.path), literal(&part.ending), literal(&part.images))
    };
    let parts: String = masks.parts.iter().map(part).collect();
    let extensions: Vec<String> = EXTENSIONS.map(str::to_owned).into();
    format!(
        "# Where masks lie, what their names have more than those of their pictures, and where these lie{remark}.\nPARTS = [\n{parts}]\nEXTENSIONS = {}\n# Pictures at most, and points of the longer side.\nMOST_PICTURES = {MOST_PICTURES}\nLARGEST = {LARGEST}\n",
        list(&extensions, 0)
    )
}

const FIND: &str = r#"def find_masks(raw: Path) -> dict[Path, tuple[Path, str]]:
    """Each mask with the directory of its picture and the picture's name without extension."""
    found = {}
    for directory, ending, images in PARTS:
        for path in sorted((raw / directory).iterdir()):
            if path.suffix.lower() in EXTENSIONS and path.stem.lower().endswith(ending):
                found[path] = raw / images, path.stem[: len(path.stem) - len(ending)]
    return found


def find_pictures(directory: Path, masks: dict) -> dict[str, Path]:
    """Pictures by their names without extension."""
    files = sorted(path for path in directory.rglob("*") if path.suffix.lower() in EXTENSIONS and path not in masks)
    return {path.stem: path for path in files}


def smaller(size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a picture whose longer side has LARGEST points at most."""
    scale = min(1, LARGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
"#;

const BRIGHT: &str = r#"def regions(mask: Image.Image) -> np.ndarray:
    """1 where the mask is bright and 0 elsewhere."""
    light = np.asarray(mask.convert("L"))
    return (light > light.max() / 2).astype(int)
"#;

const KINDS: &str = r#"def regions(mask: Image.Image) -> np.ndarray:
    """For each point the number of its kind, from 1, or 0 where it has none."""
VALUES
    found = np.zeros(values.shape, dtype=int)
    for number, code in enumerate(CODES, 1):
        found[values == code] = number
    return found
"#;

const COLOURS: &str = "    red, green, blue = np.moveaxis(np.asarray(mask.convert(\"RGB\")).astype(int), 2, 0)\n    values = red * 65536 + green * 256 + blue";

const NUMBERS: &str =
    "    values = np.asarray(mask).astype(int)\n    values = values if values.ndim == 2 else values[..., 0]";

const RUNS: &str = r#"def runs(points: np.ndarray) -> str:
    """WHAT and length of each run of equal points, row by row; the upper left point has the number 1."""
    points = points.ravel()
    firsts = np.flatnonzero(np.diff(points, prepend=-1))
    lengths = np.diff(firsts, append=len(points))
    return " ".join(f"RUN" for at, length in zip(firsts, lengths) if points[at])
"#;

const READ: &str = r#"def read_pictures(raw: Path) -> pd.DataFrame:
    """Each picture with the runs of its mask; a mask of another size than its picture says nothing."""
    masks = find_masks(raw)
    pictures = {directory: find_pictures(directory, masks) for directory in {place[0] for place in masks.values()}}
    pairs = [(pictures[place].get(name), mask) for mask, (place, name) in sorted(masks.items())]
    pairs = [pair for pair in pairs if pair[0]]
    rows = []
    for source, mask in sorted(random.Random(SEED).sample(pairs, min(len(pairs), MOST_PICTURES))):
        with Image.open(source) as picture, Image.open(mask) as drawn:
            if picture.size == drawn.size:
                small = drawn.resize(smaller(drawn.size), Image.Resampling.NEAREST)
                rows.append((source, runs(regions(small))))
    found = pd.DataFrame(rows, columns=["source", TARGET])
    return found[found[TARGET] != ""].drop_duplicates(subset="source")
"#;

/// The functions of metric.py.
pub(crate) fn metric(kinds: &[String]) -> String {
    if kinds.is_empty() {
        return format!("{}\n\n\n{PAIRS}\n\n\n{COVERED}", most_points());
    }
    format!("KINDS = {}\n{}\n\n\n{TRIPLES}\n\n\n{COVERED}", list(kinds, 0), most_points())
}

fn most_points() -> String {
    format!(
        "# The number of a point at most; the points of a row are numbered on from those of the row before.\nMOST_POINTS = {MOST_POINTS}"
    )
}

const PAIRS: &str = r#"def parse(cell: str) -> list[tuple]:
    """First point and length of each run; an empty cell has none."""
    words = cell.split() if isinstance(cell, str) else []
    if len(words) % 2:
        raise ValueError("a run has two numbers")
    return [(int(words[at]), int(words[at + 1])) for at in range(0, len(words), 2)]


def runs_of(cells: pd.Series) -> np.ndarray:
    """Row, first point and end of all runs."""
    runs = [
        (row, row * MOST_POINTS + first, row * MOST_POINTS + first + length)
        for row, cell in enumerate(cells)
        for first, length in parse(cell)
    ]
    return np.array(runs, dtype=np.int64).reshape(-1, 3).T"#;

const TRIPLES: &str = r#"def parse(cell: str) -> list[tuple]:
    """Kind, first point and length of each run; an empty cell has none."""
    words = cell.split() if isinstance(cell, str) else []
    if len(words) % 3:
        raise ValueError("a run has three words")
    return [(words[at], int(words[at + 1]), int(words[at + 2])) for at in range(0, len(words), 3)]


def runs_of(cells: pd.Series) -> np.ndarray:
    """Number of the kind, first point and end of all runs."""
    number = {kind: at for at, kind in enumerate(KINDS)}
    runs = [
        (number[kind], row * MOST_POINTS + first, row * MOST_POINTS + first + length)
        for row, cell in enumerate(cells)
        for kind, first, length in parse(cell)
    ]
    return np.array(runs, dtype=np.int64).reshape(-1, 3).T"#;

const COVERED: &str = r#"def shared(firsts: np.ndarray, ends: np.ndarray, other_firsts: np.ndarray, other_ends: np.ndarray) -> np.ndarray:
    """How many points of each run lie in any of the other runs."""
    total = np.concatenate([[0], np.cumsum(other_ends - other_firsts)])
    last = np.concatenate([[0], other_ends])

    def before(points: np.ndarray) -> np.ndarray:
        begun = np.searchsorted(other_firsts, points)
        return total[begun] - np.maximum(last[begun] - points, 0)

    return before(ends) - before(firsts)"#;

/// The body of the score of one region.
pub(crate) const DICE: &str = r#"        rows, firsts, ends = runs_of(truth[self.value])
        said_rows, said_firsts, said_ends = runs_of(predicted[self.value])
        both = np.bincount(rows, shared(firsts, ends, said_firsts, said_ends), len(truth))
        sizes = np.bincount(rows, ends - firsts, len(truth)) + np.bincount(said_rows, said_ends - said_firsts, len(truth))
        return float(np.mean(2 * both / sizes))"#;

/// The body of the score of several kinds.
pub(crate) const MEAN_IOU: &str = r#"        known, said = runs_of(truth[self.value]), runs_of(predicted[self.value])
        scores = []
        for kind in np.unique(known[0]):
            firsts, ends = known[1:, known[0] == kind]
            said_firsts, said_ends = said[1:, said[0] == kind]
            both = shared(firsts, ends, said_firsts, said_ends).sum()
            scores.append(both / ((ends - firsts).sum() + (said_ends - said_firsts).sum() - both))
        return float(np.mean(scores))"#;

/// What a submission must keep to.
pub(crate) fn validate(kinds: &[String]) -> String {
    if kinds.is_empty() {
        return VALIDATE.replace("KIND, ", "").replace("CHECK", "");
    }
    let check = "\n                if kind not in KINDS:\n                    raise InvalidSubmissionError(f\"{ID} {row}: there is no kind {kind[:40]!r}\")";
    VALIDATE.replace("KIND, ", "kind, ").replace("CHECK", check)
}

const VALIDATE: &str = r#"        for row, cell in zip(submission[ID], submission[self.value]):
            if not isinstance(cell, str) and not pd.isna(cell):
                raise InvalidSubmissionError(f"{ID} {row}: runs must be text")
            try:
                runs = parse(cell)
            except ValueError as error:
                raise InvalidSubmissionError(f"{ID} {row}: {error}") from error
            last = 0
            for KIND, first, length in runs:CHECK
                if not last < first <= first + length - 1 <= MOST_POINTS:
                    raise InvalidSubmissionError(
                        f"{ID} {row}: runs have a point at least and follow each other from 1 to {MOST_POINTS}"
                    )
                last = first + length - 1"#;

/// Two rows that show the form.
pub(crate) fn shown(kinds: &[String]) -> [String; 2] {
    match (kinds.first(), kinds.last()) {
        (Some(first), Some(last)) => {
            [format!("{first} 14 5 {first} 78 7"), format!("{first} 1 12 {last} 13 9")]
        }
        _ => ["14 5 78 7".to_owned(), "1 12 65 10 130 4".to_owned()],
    }
}

/// The words about the form of a prediction.
pub(crate) fn form(target: &str, kinds: &[String]) -> String {
    let run = if kinds.is_empty() {
        "two numbers: its first point and its length"
    } else {
        "three words: its kind, its first point and its length"
    };
    format!(
        "{target} has the region of the picture as runs of neighbouring points, one behind the other, each as {run}. The points of a picture are numbered row by row, from left to right and from top to bottom; the upper left one has the number 1. Runs follow each other in the order of their points and do not overlap, and no number is greater than {}. A blank stands between two words; where nothing is found the cell is empty.",
        MOST_POINTS.replace('_', "")
    )
}
