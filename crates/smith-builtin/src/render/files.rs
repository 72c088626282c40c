//! The lines of prepare.py that read files which are examples, or long texts that hold them.

use super::context::Names;
use super::python::{list, literal};
use crate::plan::{Files, MediaKind, Passages};
use crate::propose::passages::{LARGEST, MOST_PIECES};

/// How files are read: the lines, the function that they call, and its modules.
pub(crate) fn files(files: &Files, names: &Names) -> (String, String, Vec<&'static str>) {
    let mut root = match &files.archive {
        Some(archive) => format!("unpacked(raw / {})", literal(archive)),
        None => "raw".to_owned(),
    };
    if !files.directory.is_empty() {
        root.push_str(&format!(" / {}", literal(&files.directory)));
    }
    let label = if files.prefixes.is_empty() {
        format!("path.relative_to(root).parts[{}]", files.depth)
    } else {
        "class_of(path.name)".to_owned()
    };
    let deep = files.depth + 1;
    let filter = if files.prefixes.is_empty() {
        format!(
            "path.is_file() and path.suffix.lower() in EXTENSIONS and len(path.relative_to(root).parts) > {deep}"
        )
    } else {
        "path.is_file() and path.suffix.lower() in EXTENSIONS".to_owned()
    };
    let column = if files.kind == MediaKind::Text {
        "\"text\": [path.read_text(encoding=\"utf-8\", errors=\"replace\").replace(\"\\0\", \" \") for path in files]"
    } else {
        "\"source\": files"
    };
    let mut helper = format!("EXTENSIONS = {}\n", list(&files.extensions, 0));
    if !files.prefixes.is_empty() {
        let mut prefixes = files.prefixes.clone();
        prefixes.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        helper.push_str(&format!(
            "# Longer beginnings first, so that none hides behind a shorter one.\nCLASSES = {}\n\n\ndef class_of(name: str) -> str | None:\n    \"\"\"What the name of a file begins with.\"\"\"\n    return next((label for label in CLASSES if name.lower().startswith(label.lower())), None)\n",
            list(&prefixes, 0)
        ));
    }
    helper.push_str(&format!(
        "\n\ndef read_files(root: Path) -> pd.DataFrame:\n    \"\"\"Each file with its class.\"\"\"\n    files = sorted(\n        path\n        for path in root.rglob(\"*\")\n        if {filter}\n    )\n    return pd.DataFrame({{{column}, TARGET: [{label} for path in files]}})\n"
    ));
    let read = format!("    {0} = read_files({root})\n    {0} = {0}.dropna(subset=[TARGET])", names.frame);
    if files.archive.is_none() {
        return (read, helper, Vec::new());
    }
    helper.push_str(UNPACKED);
    (read, helper, vec!["atexit", "shutil", "tempfile", "zipfile"])
}

const UNPACKED: &str = "\n\ndef unpacked(archive: Path) -> Path:\n    \"\"\"A folder with the files of the archive, until this program ends.\"\"\"\n    folder = Path(tempfile.mkdtemp())\n    atexit.register(shutil.rmtree, folder, ignore_errors=True)\n    with zipfile.ZipFile(archive) as opened:\n        opened.extractall(folder)\n    return folder\n";

/// Passages that stand together in their text: neighbours speak of the same things.
const STRETCH: u64 = 20;

/// And of texts that are short for the most part.
const SHORT_STRETCH: u64 = 5;

/// How the texts in folders are cut.
fn folders(directory: &str, lines: u64, names: &Names) -> (String, String, Vec<&'static str>) {
    let root = if directory.is_empty() { "raw".to_owned() } else { format!("raw / {}", literal(directory)) };
    let helper = format!(
        "# How texts are cut; of a long one only the beginning is taken.\nLINES = {lines}\nSTRETCH = {SHORT_STRETCH}\nMOST_PIECES = {MOST_PIECES}\nLARGEST = {LARGEST}\n\n\ndef read_passages(root: Path) -> pd.DataFrame:\n    \"\"\"Pieces of LINES lines, each with its folder and the stretch of the text in which it stands.\"\"\"\n    rows = []\n    for path in sorted(path for path in root.rglob(\"*\") if path.is_file() and path.parent != root):\n        # What has the name of a file beside it and more is made of that file.\n        made = path.suffix and path.with_suffix(\"\").is_file()\n        if made or path.stat().st_size > LARGEST:\n            continue\n        text = path.read_text(encoding=\"utf-8\", errors=\"replace\").replace(\"\\0\", \" \")\n        lines = [line for line in text.split(\"\\n\") if line.strip()]\n        for number in range(min(len(lines) // LINES, MOST_PIECES)):\n            passage = \"\\n\".join(lines[number * LINES : (number + 1) * LINES])\n            rows.append((passage, path.relative_to(root).parts[0], f\"{{path}} {{number // STRETCH}}\"))\n    return pd.DataFrame(rows, columns=[\"text\", TARGET, \"stretch\"])\n"
    );
    (format!("    {} = read_passages({root})", names.frame), helper, Vec::new())
}

/// How passages are cut: the lines, the function that they call, and its modules.
pub(crate) fn passages(passages: &Passages, names: &Names) -> (String, String, Vec<&'static str>) {
    if let Some(directory) = &passages.folders {
        return folders(directory, passages.lines, names);
    }
    let texts: String = passages
        .texts
        .iter()
        .map(|(label, path)| format!("    {}: {},\n", literal(label), literal(path)))
        .collect();
    let helper = format!(
        "# The texts by their names, and how they are cut.\nTEXTS = {{\n{texts}}}\nLINES = {}\nSTRETCH = {STRETCH}\n\n\ndef read_passages(raw: Path) -> pd.DataFrame:\n    \"\"\"Pieces of LINES lines, each with its text and the stretch of that text in which it stands.\"\"\"\n    rows = []\n    for label, name in TEXTS.items():\n        text = (raw / name).read_text(encoding=\"utf-8\", errors=\"replace\").replace(\"\\0\", \" \")\n        lines = [line for line in text.splitlines() if line.strip()]\n        for number in range(len(lines) // LINES):\n            passage = \"\\n\".join(lines[number * LINES : (number + 1) * LINES])\n            rows.append((passage, label, f\"{{label}} {{number // STRETCH}}\"))\n    return pd.DataFrame(rows, columns=[\"text\", TARGET, \"stretch\"])\n",
        passages.lines
    );
    (format!("    {} = read_passages(raw)", names.frame), helper, Vec::new())
}
