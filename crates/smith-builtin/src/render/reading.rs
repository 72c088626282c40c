//! The lines of prepare.py that read a table.

use serde::Serialize;

use super::python::{list, literal};
use crate::plan::{Ask, Cells, Layout, Plan, Reader, Source, Table};

/// How a table is read: an expression over `path`, and what it needs.
#[derive(Debug, Serialize)]
pub(crate) struct Reading {
    /// The call, with `raw / NAME` in the place of the path.
    pub(crate) call: String,
    /// A function that it calls.
    pub(crate) helper: String,
    /// Modules beside pandas.
    pub(crate) imports: Vec<&'static str>,
}

/// The reading of a table whose path is written as `path`.
pub(crate) fn of(plan: &Plan, table: &Table, path: &str) -> Reading {
    let plain = |call: String| Reading { call, helper: String::new(), imports: Vec::new() };
    match &table.reader {
        Reader::Csv { .. } => plain(csv(plan, &table.reader, path)),
        Reader::Parquet => plain(format!("pd.read_parquet({path})")),
        Reader::Feather => plain(format!("pd.read_feather({path})")),
        Reader::Excel { sheet: Some(sheet) } => plain(format!("pd.read_excel({path}, sheet_name={})", literal(sheet))),
        Reader::Excel { sheet: None } => plain(format!("pd.read_excel({path})")),
        Reader::Sqlite { table } => sqlite(table, path),
        Reader::JsonLines => Reading {
            call: format!("read_records({path})"),
            helper: "def read_records(path: Path) -> pd.DataFrame:\n    \"\"\"One record a line; nested ones become dotted columns.\"\"\"\n    lines = path.read_text(encoding=\"utf-8\").splitlines()\n    return pd.json_normalize([json.loads(line) for line in lines if line.strip()])\n".to_owned(),
            imports: vec!["json"],
        },
        Reader::Json { keys, layout } => json(keys, *layout, path),
        Reader::Arff { names } => arff(names, path),
        Reader::Cases { .. } => Reading {
            call: format!("read_cases({path})"),
            helper: CASES.to_owned(),
            imports: Vec::new(),
        },
    }
}

const CASES: &str = "def read_cases(path: Path) -> pd.DataFrame:\n    \"\"\"One case a line below @data: its channels between colons, its label at the end.\"\"\"\n    lines = path.read_text(encoding=\"utf-8\", errors=\"replace\").splitlines()\n    start = next(number for number, line in enumerate(lines) if line.strip().lower() == \"@data\")\n    cases = []\n    for line in lines[start + 1 :]:\n        if not line.strip() or line.startswith(\"#\"):\n            continue\n        *channels, label = line.strip().split(\":\")\n        case = {\n            f\"channel_{channel}_step_{step}\": float(value)\n            for channel, values in enumerate(channels, 1)\n            for step, value in enumerate(values.replace(\"?\", \"nan\").split(\",\"), 1)\n        }\n        cases.append(case | {TARGET: label.strip()})\n    return pd.DataFrame(cases).replace({TARGET: {\"?\": np.nan}})\n";

fn csv(plan: &Plan, reader: &Reader, path: &str) -> String {
    let Reader::Csv { delimiter, decimal, encoding, names, skip, typed_header, na } = reader else {
        return String::new();
    };
    let mut arguments = vec![path.to_owned()];
    match delimiter {
        ',' => {}
        ' ' => arguments.push("sep=r\"\\s+\"".to_owned()),
        other => arguments.push(format!("sep={}", literal(&other.to_string()))),
    }
    if let Some(decimal) = decimal {
        arguments.push(format!("decimal={}", literal(&decimal.to_string())));
    }
    if let Some(encoding) = encoding {
        arguments.push(format!("encoding={}", literal(encoding)));
    }
    if !names.is_empty() {
        arguments.push("header=None".to_owned());
        arguments.push(format!("names={}", column_names(names)));
    }
    match (typed_header, skip) {
        // Types and roles stand below the names.
        (true, skip) => arguments.push(format!("skiprows=[{}, {}]", skip + 1, skip + 2)),
        (false, 0) => {}
        (false, skip) => arguments.push(format!("skiprows={skip}")),
    }
    if !na.is_empty() {
        arguments.push(format!("na_values={}", list(na, 4)));
    }
    let words = match &plan.target.ask {
        _ if matches!(plan.source, Source::Edges(_)) => false,
        Ask::Binary { cells, .. } | Ask::Classes { cells, .. } => *cells != Cells::Numbers,
        Ask::Labels { .. } | Ask::Sequence { .. } | Ask::Text { .. } => true,
        Ask::Number { .. }
        | Ask::Several { .. }
        | Ask::Ahead { .. }
        | Ask::Ranked { .. }
        | Ask::Boxes { .. }
        | Ask::Regions { .. } => false,
    };
    if words {
        arguments.push("dtype={TARGET: str}".to_owned());
    }
    arguments.push("low_memory=False".to_owned());
    format!("pd.read_csv({})", arguments.join(", "))
}

fn json(keys: &[String], layout: Layout, path: &str) -> Reading {
    let keys: String = keys.iter().map(|key| format!("[{}]", literal(key))).collect();
    let found = format!("json.loads(path.read_text(encoding=\"utf-8\")){keys}");
    let (words, lines) = match layout {
        Layout::Records => {
            ("Nested records become dotted columns.", format!("    return pd.json_normalize({found})\n"))
        }
        Layout::Keyed => (
            "The records with the keys below which they lie; nested ones become dotted columns.",
            format!(
                "    records = []\n    for key, below in {found}.items():\n        for record in below if isinstance(below, list) else [below]:\n            if isinstance(record, dict):\n                records.append({{\"key\": key}} | record)\n    return pd.json_normalize(records)\n"
            ),
        ),
        Layout::Columns => (
            "The columns of the document.",
            format!("    return pd.DataFrame({found}).reset_index(drop=True)\n"),
        ),
        Layout::Split => (
            "The rows of the document below the names of their columns.",
            format!(
                "    document = {found}\n    return pd.DataFrame(document[\"data\"], columns=document[\"columns\"])\n"
            ),
        ),
    };
    Reading {
        call: format!("read_records({path})"),
        helper: format!("def read_records(path: Path) -> pd.DataFrame:\n    \"\"\"{words}\"\"\"\n{lines}"),
        imports: vec!["json"],
    }
}

fn column_names(names: &[String]) -> String {
    let numbered = names.iter().zip(1..).all(|(name, number)| *name == format!("column_{number}"));
    if numbered && names.len() > 4 {
        format!("[f\"column_{{number}}\" for number in range(1, {})]", names.len() + 1)
    } else {
        list(names, 4)
    }
}

fn sqlite(table: &str, path: &str) -> Reading {
    let query = format!("SELECT * FROM \"{}\"", table.replace('"', "\"\""));
    Reading {
        call: format!("read_table({path})"),
        helper: format!(
            "def read_table(path: Path) -> pd.DataFrame:\n    # Immutable, so that nothing is written beside the database.\n    source = path.resolve().as_uri() + \"?mode=ro&immutable=1\"\n    with closing(sqlite3.connect(source, uri=True)) as connection:\n        return pd.read_sql_query({}, connection)\n",
            literal(&query)
        ),
        imports: vec!["sqlite3", "from contextlib import closing"],
    }
}

fn arff(names: &[String], path: &str) -> Reading {
    Reading {
        call: format!("read_arff({path})"),
        helper: format!(
            "def read_arff(path: Path) -> pd.DataFrame:\n    \"\"\"The rows below @data; `?` is a missing value.\"\"\"\n    lines = path.read_text(encoding=\"utf-8\").splitlines()\n    start = next(number for number, line in enumerate(lines) if line.strip().lower() == \"@data\")\n    rows = [line for line in lines[start + 1 :] if line.strip() and not line.startswith(\"%\")]\n    names = {}\n    return pd.read_csv(\n        io.StringIO(\"\\n\".join(rows)), names=names, quotechar=\"'\", na_values=[\"?\"], skipinitialspace=True\n    )\n",
            list(names, 4)
        ),
        imports: vec!["io"],
    }
}
