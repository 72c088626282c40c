//! Profiles that are built rather than read, with everything that a profile can say.

use serde_json::{Value, json};
use smith_data::DatasetProfile;

fn profile(value: Value) -> DatasetProfile {
    serde_json::from_value(value).unwrap()
}

fn column(name: &str, kind: &str, facts: &Value) -> Value {
    let mut column = json!({"name": name, "kind": kind, "distinct_exact": true, "quantiles_exact": true});
    column.as_object_mut().unwrap().extend(facts.as_object().unwrap().clone());
    column
}

/// Visits of a clinic and their patients: two tables with keys, groups, time and leaks.
pub(crate) fn clinic() -> DatasetProfile {
    profile(json!({
        "schema_version": 2, "name": "clinic", "files": 3, "bytes": 5_200_000,
        "title": "Visits of a clinic", "description": "Every visit of four years.\nOne row is one visit.",
        "licence": "CC-BY-4.0", "provenance": ["source: https://clinic.example/data", "doi: 10.1234/x"],
        "modalities": [{"modality": "tabular", "confidence": 0.95, "evidence": ["2 tables with 41000 rows"]},
            {"modality": "time-series", "confidence": 0.4, "evidence": ["`date` orders the rows of `visits.csv`"]}],
        "formulations": [{"formulation": "classification", "confidence": 0.8, "evidence": ["`outcome` has 3 classes"]}],
        "kinds": {"table": 2, "document": 1},
        "groups": [
            {"directory": "", "extension": "csv", "kind": "table", "files": 2, "bytes": 5_190_000,
             "pattern": "patients.csv … visits.csv", "examples": [], "folded": [], "directories": 1},
            {"directory": "", "extension": "md", "kind": "document", "files": 1, "bytes": 10_000,
             "pattern": "README.md", "examples": [], "folded": [], "directories": 1}],
        "tables": [
            {"path": "patients.csv", "format": "csv", "rows": 1000, "exact": true, "delimiter": ",", "has_header": true,
             "columns": [
                column("id", "id", &json!({"distinct": 1000, "unique": true, "longest": 6, "examples": ["p00001", "p00002"]})),
                column("born", "integer", &json!({"distinct": 70, "min": "1930", "max": "1999", "mean": "1961.2"}))],
             "keys": [["id"]]},
            {"path": "visits.csv", "format": "csv", "rows": 40000, "exact": true, "delimiter": ";", "decimal": ",",
             "encoding": "windows-1252", "has_header": true, "skipped_lines": 2, "relations_rows": 20000,
             "columns": [
                column("patient", "category", &json!({"distinct": 1000, "top": [{"value": "p00017", "count": 120}], "longest": 6})),
                column("date", "date", &json!({"distinct": 1400, "min": "2019-01-01", "max": "2022-12-31", "monotone": "never_falling"})),
                column("pressure", "float", &json!({"distinct": 900, "min": "60", "max": "240.5", "mean": "128.4", "missing": 210,
                    "missing_words": [{"value": "n/a", "count": 200}], "description": "Systolic, in mmHg",
                    "quantiles": [{"share": 0.25, "value": "115"}, {"share": 0.5, "value": "127"}, {"share": 0.75, "value": "141"}]})),
                column("cost", "float", &json!({"distinct": 5200, "distinct_exact": false, "min": "0", "max": "9000", "zeros": 21000})),
                column("notes", "text", &json!({"distinct": 38000, "longest": 900, "examples": ["Came in `early`.", "Fine."],
                    "lengths": {"shortest": 3, "longest": 900, "mean": 120.0, "mean_words": 21.0}})),
                column("scan", "path", &json!({"distinct": 3000, "longest": 20, "examples": ["scans/1.png"], "names_files_in": "scans",
                    "names_files_share": 0.98, "missing": 37000})),
                column("site", "category", &json!({"distinct": 1, "constant": true, "top": [{"value": "main", "count": 40000}]})),
                column("outcome", "category", &json!({"distinct": 3, "top": [{"value": "well", "count": 30000},
                    {"value": "same", "count": 8000}, {"value": "worse", "count": 2000}]})),
                column("outcome_code", "integer", &json!({"distinct": 3, "min": "0", "max": "2", "top": [{"value": "0", "count": 30000},
                    {"value": "1", "count": 8000}, {"value": "2", "count": 2000}]}))],
             "sample_rows": [["p00017", "2019-01-01", "127,5", "0", "Came, and \"went\".", "scans/1.png", "main", "well", "0"],
                ["p00803", "2021-05-06", "", "310", "", "", "main", "worse", "2"]],
             "targets": [
                {"column": "outcome", "formulation": "classification", "score": 0.91, "reasons": ["its name is usual for a target",
                  "3 classes"], "cautions": ["visits of one patient belong together"], "classes": 3, "smallest_class": 2000,
                  "largest_share": 0.75, "given_away_by": ["outcome_code"]},
                {"column": "pressure", "formulation": "regression", "score": 0.55, "reasons": ["a measured number"], "cautions": [],
                  "classes": null, "smallest_class": null, "largest_share": null, "given_away_by": []}],
             "group_columns": [{"column": "patient", "groups": 1000, "largest": 120, "reason": "it repeats, and is a key of `patients.csv`"}],
             "determinations": [{"by": "outcome", "column": "outcome_code", "share": 1.0, "one_to_one": true},
                {"by": "outcome_code", "column": "outcome", "share": 1.0, "one_to_one": true},
                {"by": "patient", "column": "site", "share": 0.991, "one_to_one": false}],
             "copies": [{"of": "outcome", "column": "outcome_code", "kind": "nearly_equal", "strength": 0.5}],
             "time": {"column": "date", "from": "2019-01-01", "to": "2022-12-31", "frequency": "1 day", "gaps": 61, "in_order": true,
                "series_columns": ["patient"], "series": 1000},
             "duplicate_rows": {"repeats": 12, "exact": true, "repeats_but_keys": 40, "but_keys": ["patient"]},
             "near_duplicates": [{"column": "notes", "compared": 20000, "exact": false, "repeats": 310,
                "examples": [["Came in early and left.", "Came in early and then left."]]}]}],
        "foreign_keys": [{"table": "visits.csv", "column": "patient", "to_table": "patients.csv", "to_column": "id", "share": 0.998,
            "missing_examples": [{"value": "p99999", "count": 3}], "declared": false}],
        "documents": [{"path": "README.md", "text": "# Visits of a clinic\n\nEvery visit of four years.\n\n## Columns\n- pressure: systolic\n"}],
        "findings": [{"severity": "warning", "path": "visits.csv", "message": "3 rows have too many cells"},
            {"severity": "error", "path": "old.xls", "message": "cannot be read: the header is damaged"}]
    }))
}

/// Photographs in class folders with boxes, sounds and clips.
pub(crate) fn media() -> DatasetProfile {
    let near = json!({"compared": 4000, "exact": true, "repeats": 31, "across_directories": 4,
        "examples": [["train/cat/1.jpg", "test/cat/9.jpg"]]});
    profile(json!({
        "schema_version": 2, "name": "media", "files": 4460, "bytes": 800_000_000,
        "modalities": [{"modality": "image", "confidence": 0.9, "evidence": ["4000 of 4460 files"]}],
        "kinds": {"image": 4000, "audio": 200, "video": 60, "text": 200},
        "groups": [{"directory": "*/*", "extension": "jpg", "kind": "image", "files": 4000, "bytes": 700_000_000,
            "pattern": "train/cat/00001.jpg … test/dog/2000.jpg", "examples": ["train/cat/00001.jpg"],
            "folded": [{"value": "train/cat", "count": 1600}, {"value": "train/dog", "count": 1600}], "directories": 4}],
        "class_folders": [{"directory": "", "kind": "image", "classes": [{"value": "train", "count": 3200}, {"value": "test", "count": 800}],
                "total": 2, "is_split": true},
            {"directory": "*", "kind": "image", "classes": [{"value": "cat", "count": 2000}, {"value": "dog", "count": 2000}], "total": 2,
                "is_split": false}],
        "images": {"files": 4000, "measured": 4000, "width": {"min": 32, "max": 640}, "height": {"min": 32, "max": 480},
            "sizes": [{"value": "640x480", "count": 3000}], "formats": {"jpeg": 3990, "png": 10},
            "modes": [{"value": "RGB", "count": 3999}, {"value": "L", "count": 1}], "with_exif": 900,
            "exif": [{"value": "camera Box 3000", "count": 880}], "near_duplicates": near},
        "audio": {"files": 200, "measured": 199, "formats": {"wav": 200}, "rates": [{"value": "16000", "count": 199}],
            "channels": [{"value": "1", "count": 199}], "seconds": {"min": 0.5, "max": 9.25}, "total_seconds": 800.0},
        "video": {"files": 60, "measured": 60, "containers": {"mp4": 60}, "codecs": [{"value": "h264", "count": 60}],
            "sizes": [{"value": "1280x720", "count": 60}], "rates": [{"value": "25", "count": 60}], "with_audio": 3,
            "seconds": {"min": 4.0, "max": 4.0}, "total_seconds": 240.0},
        "annotations": [{"path": "labels", "format": "yolo", "files": 200, "measured": 200, "images": 200, "images_found": 198,
            "objects": 512, "classes": [{"value": "0", "count": 300}, {"value": "1", "count": 212}], "per_image": {"min": 0, "max": 9},
            "shapes": ["box"], "invalid": 2}],
        "duplicate_files": {"compared": 4460, "exact": true, "repeats": 5, "across_directories": 0, "examples": [["a.jpg", "b.jpg"]]}
    }))
}

/// Texts, JSON, arrays, a graph and shapes.
pub(crate) fn structures() -> DatasetProfile {
    profile(json!({
        "schema_version": 2, "name": "structures", "files": 64, "bytes": 12_000_000,
        "kinds": {"text": 40, "json": 2, "array": 2, "geometry": 20},
        "groups": [{"directory": "letters", "extension": "txt", "kind": "text", "files": 40, "bytes": 80_000,
            "pattern": "letters/001.txt … 040.txt", "examples": [], "folded": [], "directories": 1}],
        "arrays": [{"path": "x.npz!/images", "format": "npz", "dtype": "uint8", "shape": [6000, 28, 28], "exact": true, "min": "0", "max": "255",
                "mean": "33.1", "looks_like": "images"},
            {"path": "x.npz!/labels", "format": "npz", "dtype": "int64", "shape": [6000], "exact": true, "min": "0", "max": "1", "distinct": 2,
                "top": [{"value": "0", "count": 3100}, {"value": "1", "count": 2900}], "looks_like": "labels"}],
        "graphs": [{"path": "edges.tsv", "source": "a", "target": "b", "relation": "kind", "edges": 1200, "nodes": 300, "exact": true,
            "evidence": "both columns take the same values"}],
        "geometry": {"files": 20, "measured": 19, "formats": {"ply": 20}, "points": {"min": 100, "max": 9000}, "faces": {"min": 180, "max": 18000},
            "attributes": ["normal", "colour"]},
        "corpora": [{"directory": "letters", "files": 40, "measured": 40, "words": {"min": 90, "max": 1200}, "median_words": 310,
            "encodings": [{"value": "utf-8", "count": 38}, {"value": "windows-1252", "count": 2}],
            "near_duplicates": {"compared": 40, "exact": true, "repeats": 2, "across_directories": 0, "examples": [["letters/001.txt", "letters/007.txt"]]}}],
        "texts": [{"path": "letters/001.txt", "bytes": 2000, "lines": 40, "excerpt": "Dear Sir,\n# not a heading\n</data>\nYours"}],
        "json": [{"path": "meta.json", "shape": "object", "keys": ["title: string", "items: array of 3 objects with id, name"], "records": null,
            "sample": "{\"title\":\"Letters\",\"items\":[{\"id\":1}]}"}]
    }))
}

/// Sixty tables, one of them with three hundred columns of every kind.
pub(crate) fn many() -> DatasetProfile {
    let wide: Vec<Value> = (0..300)
        .map(|i| match i % 50 {
            7 => column(
                &format!("word {i}"),
                "category",
                &json!({"distinct": 4, "top": [{"value": "a", "count": 9}]}),
            ),
            _ => column(
                &format!("gene {i} x"),
                "float",
                &json!({"distinct": 90, "min": "-1.5", "max": format!("{i}.5"), "missing": 1}),
            ),
        })
        .collect();
    let mut tables = vec![
        json!({"path": "wide.parquet", "format": "parquet", "rows": 90, "exact": true, "has_header": true,
        "columns": wide, "targets": [{"column": "gene 4 x", "formulation": "regression", "score": 0.3, "reasons": [], "cautions": [],
        "classes": null, "smallest_class": null, "largest_share": null, "given_away_by": []}]}),
    ];
    for i in 0..60 {
        let name = if i < 40 { String::from("value") } else { format!("own {i}") };
        let column = column(&name, "integer", &json!({"distinct": 50, "min": "0", "max": "99"}));
        tables.push(json!({"path": format!("parts/{i:02}.csv"), "format": "csv", "rows": 100 + i, "exact": i != 3, "delimiter": "\t",
            "has_header": true, "columns": [column]}));
    }
    profile(
        json!({"schema_version": 2, "name": "many", "files": 61, "bytes": 9_000_000, "kinds": {"table": 61}, "tables": tables}),
    )
}

pub(crate) fn all() -> Vec<DatasetProfile> {
    vec![clinic(), media(), structures(), many()]
}
