//! The lines of prepare.py that read samples and labels out of arrays.

use super::context::Names;
use super::python::literal;
use crate::plan::{ArrayFormat, ArrayPart, Arrays, Samples};

/// How arrays are read: the lines, the functions that they call, and their modules.
pub(crate) fn arrays(arrays: &Arrays, names: &Names) -> (String, String, Vec<&'static str>) {
    let (reader, modules) = reader(arrays);
    let labels = "labels = np.concatenate([read_array(raw, part) for part in LABELS])";
    let (helper, read) = match &arrays.samples {
        Samples::Pictures { channels_first, least, greatest } => (
            pictures(*channels_first, *least, *greatest),
            format!(
                "    {0} = pd.DataFrame({{\"source\": read_pictures(raw), TARGET: labels.ravel()}})",
                names.frame
            ),
        ),
        Samples::Numbers { columns } => (
            String::new(),
            format!(
                "    samples = np.concatenate([read_array(raw, part) for part in SAMPLES]).reshape(len(labels), -1)\n    {0} = pd.DataFrame(samples, columns=[f\"feature_{{number}}\" for number in range(1, {columns} + 1)])\n    {0}[TARGET] = labels.ravel()\n    {0} = {0}.dropna(subset=[TARGET]).drop_duplicates()",
                names.frame
            ),
        ),
    };
    let helper = format!("{}\n\n{reader}{helper}", constants(arrays));
    (format!("    {labels}\n{read}"), helper, modules)
}

/// The arrays by their paths, and names where a file holds several.
fn constants(arrays: &Arrays) -> String {
    let several = arrays.parts.len() > 1;
    let list = |of: &dyn Fn(&ArrayPart) -> String| -> String {
        arrays.parts.iter().map(|part| format!("    {},\n", place(arrays.format, &of(part)))).collect()
    };
    let remark = if several { "# The ready-made parts are put together and divided anew.\n" } else { "" };
    format!(
        "{remark}SAMPLES = [\n{}]\nLABELS = [\n{}]\n",
        list(&|part| part.samples.clone()),
        list(&|part| part.labels.clone())
    )
}

/// A path, or a path and a name, as Python writes it.
fn place(format: ArrayFormat, path: &str) -> String {
    let (file, inner) = path.split_once("!/").unwrap_or((path, ""));
    match format {
        ArrayFormat::Npz => {
            format!("({}, {})", literal(file), literal(inner.strip_suffix(".npy").unwrap_or(inner)))
        }
        ArrayFormat::Idx | ArrayFormat::Npy => literal(file),
    }
}

fn reader(arrays: &Arrays) -> (&'static str, Vec<&'static str>) {
    match arrays.format {
        ArrayFormat::Npy => (NPY, Vec::new()),
        ArrayFormat::Npz => (NPZ, Vec::new()),
        ArrayFormat::Idx => (IDX, vec!["gzip"]),
    }
}

const NPY: &str = "def read_array(raw: Path, part: str) -> np.ndarray:\n    return np.load(raw / part, allow_pickle=False)\n";

const NPZ: &str = "def read_array(raw: Path, part: tuple[str, str]) -> np.ndarray:\n    path, name = part\n    with np.load(raw / path, allow_pickle=False) as arrays:\n        return arrays[name]\n";

const IDX: &str = "def read_array(raw: Path, part: str) -> np.ndarray:\n    \"\"\"An IDX file: its type and extents stand in front of the elements, the greatest byte first.\"\"\"\n    data = (raw / part).read_bytes()\n    if part.endswith(\".gz\"):\n        data = gzip.decompress(data)\n    kind = {8: \"u1\", 9: \"i1\", 11: \">i2\", 12: \">i4\", 13: \">f4\", 14: \">f8\"}[data[2]]\n    shape = np.frombuffer(data, \">i4\", count=data[3], offset=4)\n    return np.frombuffer(data, kind, offset=4 + 4 * data[3]).reshape(shape)\n";

fn pictures(channels_first: bool, least: f64, greatest: f64) -> String {
    let mut lines =
        String::from("    pictures = np.concatenate([read_array(raw, part) for part in SAMPLES])\n");
    if channels_first {
        lines.push_str(
            "    # The channels come before the rows.\n    pictures = np.moveaxis(pictures, 1, -1)\n",
        );
    }
    if (least, greatest) != (0.0, 255.0) {
        lines.push_str(&format!(
            "    # Lights from {least} to {greatest} become whole numbers from 0 to 255.\n    pictures = (np.nan_to_num(pictures.astype(float)) - {least:?}) / ({greatest:?} - {least:?})\n    pictures = (pictures.clip(0, 1) * 255).round().astype(\"uint8\")\n"
        ));
    }
    format!(
        "\n\ndef read_pictures(raw: Path) -> list[np.ndarray]:\n    \"\"\"The pictures as bytes, without a channel where there is only one.\"\"\"\n{lines}    if pictures.shape[-1] == 1:\n        pictures = pictures[..., 0]\n    return list(pictures)\n"
    )
}
