use proptest::prelude::*;
use smith_task_schema::profile::{ColumnKind, ProfileFinding};

use super::*;

type Profiled = Option<(JsonProfile, Vec<TableProfile>)>;

fn of(text: &str, format: &str, max_rows: u64) -> (Profiled, Vec<ProfileFinding>) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    std::fs::write(&path, text).unwrap();
    let found = Found { path, relative: "x.json".into(), bytes: text.len() as u64 };
    let mut findings = Findings::default();
    let profiled = profile(&found, format, max_rows, &mut findings);
    let profiled = profiled
        .map(|(json, tables)| (json, tables.into_iter().map(|table| table.facts).collect::<Vec<_>>()));
    (profiled, findings.finish())
}

fn table(text: &str) -> (JsonProfile, TableProfile) {
    let (profiled, findings) = of(text, "json", 1_000);
    let (json, mut tables) = profiled.unwrap();
    assert_eq!((tables.len(), findings.len()), (1, 0), "{text} {findings:?}");
    (json, tables.remove(0))
}

fn names(table: &TableProfile) -> String {
    table.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(" ")
}

const RECORDS: &str =
    r#"[{"name":"a","size":1,"tags":["x"]},{"name":"b","size":null},{"size":2.5,"ok":true}]"#;

#[test]
fn an_array_of_objects_is_a_table() {
    let (json, table) = table(RECORDS);
    assert_eq!((json.shape.as_str(), json.records), ("array of objects", Some(3)));
    assert_eq!(json.keys, ["name", "size", "tags", "ok"]);
    assert_eq!((table.rows, table.exact), (3, true));
    let kinds: Vec<_> = table.columns.iter().map(|c| (c.kind, c.missing)).collect();
    assert_eq!(kinds[1..3], [(ColumnKind::Float, 1), (ColumnKind::Nested, 2)]);
}

#[test]
fn records_inside_records_become_columns() {
    let text = r#"[
        {"agent":"a","link":{"rtt":50,"type":"4g","near":{"x":1}},"sizes":[1,2,3],"names":{"eng":"A"}},
        {"agent":"b","link":null,"sizes":[],"names":{"fra":"B"}}
    ]"#;
    let (_, table) = table(text);
    assert_eq!(names(&table), "agent link.rtt link.type link.near.x sizes names.eng link names.fra");
    let sizes = table.column("sizes").unwrap().elements.clone().unwrap();
    assert_eq!(
        (sizes.kind.as_str(), sizes.shortest, sizes.longest, sizes.mean.as_str()),
        ("number", 0, 3, "1.5")
    );
    assert_eq!(table.column("link.rtt").unwrap().missing, 1);
}

#[test]
fn dictionaries_stay_whole() {
    let records: Vec<String> = (0..60)
        .map(|i| format!("{{\"id\":{i},\"votes\":{{\"user{}\":1,\"user{}\":2}}}}", i * 2, i * 2 + 1))
        .collect();
    let (_, table) = table(&format!("[{}]", records.join(",")));
    assert_eq!(names(&table), "id votes");
    assert_eq!(table.columns[1].kind, ColumnKind::Nested);
}

#[test]
fn records_beyond_the_limit_are_counted_only() {
    let (json, tables) = of(RECORDS, "json", 2).0.unwrap();
    let table = &tables[0];
    assert_eq!((json.records, table.rows, table.exact), (Some(3), 2, false));
    assert!(table.column("ok").is_none());
}

#[test]
fn json_lines_are_recognised_under_either_name() {
    for format in ["json", "jsonl"] {
        let (json, tables) = of("\u{feff}{\"a\":1}\n\n{\"a\":2}\n", format, 100).0.unwrap();
        assert_eq!((json.shape.as_str(), json.records), ("JSON Lines of objects", Some(2)), "{format}");
        assert_eq!((tables[0].rows, tables[0].exact), (2, true));
    }
    let (json, tables) = of("{\n \"a\":1\n}\n{\n \"a\":2\n}", "json", 100).0.unwrap();
    assert_eq!((json.shape.as_str(), tables[0].rows), ("JSON values of objects", 2));
    let (json, _) = of("{\"a\":1}{\"a\":2} {\"a\":3}", "jsonl", 100).0.unwrap();
    assert_eq!((json.shape.as_str(), json.records), ("JSON values of objects", Some(3)));
}

#[test]
fn an_object_shows_what_its_keys_hold() {
    let text = r#"{"info":{"year":2020,"by":"x"},"images":[{"id":1,"file":"a"},{"id":2}],"tags":[{"a":1},{"a":2}],"ids":[1,2,3],"n":5}"#;
    let (json, tables) = of(text, "json", 100).0.unwrap();
    assert!(tables.is_empty(), "details of a record are no tables");
    assert_eq!((json.shape.as_str(), json.records), ("object", None));
    let keys = [
        "info: object of 2 keys",
        "images: array of 2 objects with id, file",
        "tags: array of 2 objects with a",
        "ids: array of 3",
        "n: number",
    ];
    assert_eq!(json.keys, keys);
}

#[test]
fn records_are_found_wherever_they_lie() {
    let points = r#"{"type":"FeatureCollection","metadata":{"count":2},"features":[
        {"type":"Feature","properties":{"mag":4.5,"place":"a"},"geometry":{"type":"Point","coordinates":[1.5,2.5,10]},"id":"x1"},
        {"type":"Feature","properties":{"mag":5.5,"place":"b"},"geometry":{"type":"Point","coordinates":[2.5,2.5,12]},"id":"x2"}]}"#;
    let cases = [
        (
            points,
            "x.json!/features",
            2,
            "type properties.mag properties.place geometry.type geometry.coordinates id",
        ),
        (r#"{"version":1,"data":[{"a":1,"b":"x"},{"a":2,"b":"y"}]}"#, "x.json!/data", 2, "a b"),
        (r#"{"result":{"total":2,"records":[{"a":1},{"a":2}]}}"#, "x.json!/result/records", 2, "a"),
        (r#"{"k1":{"a":1},"k2":{"a":2},"k3":{"a":3},"k4":{"a":4},"k5":{"a":5}}"#, "x.json", 5, "key a"),
        (r#"{"a":[1,2,3],"b":["x","y",null]}"#, "x.json", 3, "a b"),
        (r#"{"a":{"0":1,"1":2,"2":3},"b":{"0":"x","1":"y","2":"z"}}"#, "x.json", 3, "a b"),
        (r#"{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}"#, "x.json", 2, "a b"),
        (r#"[[1,"x",2.5],[2,"y",3.5]]"#, "x.json", 2, "column_1 column_2 column_3"),
    ];
    for (text, path, rows, columns) in cases {
        let (_, table) = table(text);
        assert_eq!(
            (table.path.as_str(), table.rows, names(&table).as_str()),
            (path, rows, columns),
            "{text}"
        );
        assert!(table.exact);
    }
}

#[test]
fn a_record_with_a_short_list_is_no_table() {
    let text = r#"{"version":"5","flags":{},"shapes":[{"label":"a"},{"label":"b"},{"label":"c"}],"image":"x.jpg","height":5,"width":7}"#;
    let (json, tables) = of(text, "json", 100).0.unwrap();
    assert!(tables.is_empty() && json.keys[2] == "shapes: array of 3 objects with label");
}

#[test]
fn several_arrays_are_several_tables() {
    let list = |key: &str| (0..6).map(|i| format!("{{\"{key}\":{i}}}")).collect::<Vec<_>>().join(",");
    let text = format!("{{\"images\":[{}],\"boxes\":[{}],\"note\":\"x\"}}", list("id"), list("image_id"));
    let (_, tables) = of(&text, "json", 100).0.unwrap();
    let paths: Vec<&str> = tables.iter().map(|table| table.path.as_str()).collect();
    assert_eq!(paths, ["x.json!/images", "x.json!/boxes"]);
}

#[test]
fn what_is_no_json_is_a_finding() {
    for text in ["{\"a\":", "[1,2", "nope", "", "{} x", "{nothing here}", "[}", "]"] {
        let (profiled, findings) = of(text, "json", 100);
        assert!(profiled.is_none() && findings.len() == 1, "{text} {profiled:?} {findings:?}");
    }
}

#[test]
fn mixed_and_plain_arrays_are_no_tables() {
    for (text, shape) in [
        ("[1,2]", "array of values"),
        ("[{},1]", "array of objects and values"),
        ("[[1,2],[3]]", "array of arrays"),
        (" 5 ", "single value"),
        ("[]", "array"),
    ] {
        let (json, tables) = of(text, "json", 100).0.unwrap();
        assert!(tables.is_empty());
        assert_eq!(json.shape, shape);
    }
}

#[test]
fn oddities_are_told_and_the_rest_is_read() {
    let cases = [
        ("json", "[{\"a\":1},{\"a\":2},{\"a\":", 2, false, "ends in the middle of a value; the 2 records"),
        (
            "json",
            "{\"data\":[{\"a\":1},{\"a\":2},{\"a\"",
            2,
            false,
            "ends in the middle of a value; the 2 records",
        ),
        ("json", "[{\"a\":1},{\"a\":2,},]", 2, true, "has 2 commas"),
        ("json", "[{\"a\":NaN},{\"a\":-Infinity}]", 2, true, "holds 2 NaN or Infinity"),
        ("json", "[{\"a\":1,\"a\":2},{\"a\":3}]", 2, true, "1 keys occur more than once"),
        (
            "json",
            "[{\"a\":1},{\"a\" 2},{\"a\":3}]",
            2,
            false,
            "1 of 3 values are no sound JSON and left out; the first is number 2",
        ),
        (
            "jsonl",
            "{\"a\":1}\noops\n{\"a\":3}\n",
            2,
            false,
            "1 of 3 values are no sound JSON and left out; the first is number 2",
        ),
        ("jsonl", "{'a': 'it is', 'b': None}\n{'a': \"it's\", 'b': True}\n", 2, true, "Python's literals"),
    ];
    for (format, text, rows, exact, message) in cases {
        let (profiled, findings) = of(text, format, 100);
        let (_, tables) = profiled.unwrap();
        assert_eq!((tables[0].rows, tables[0].exact), (rows, exact), "{text}");
        assert!(findings.len() == 1 && findings[0].message.contains(message), "{text} {findings:?}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let (_, table) = table(r#"[{"n":12345678901234567890123,"x":1e400},{"n":2,"x":0.1000}]"#);
    assert_eq!(table.columns[0].examples[0], "12345678901234567890123");
}

#[test]
fn depth_is_no_danger() {
    let depth = 200_000;
    let deep = format!("[{{\"a\":{}1{}}},{{\"a\":2}}]", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(of(&deep, "json", 100).0.unwrap().1[0].rows, 2);
    let objects = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    assert!(of(&objects, "json", 100).0.is_some());
    let records = format!("[{objects},{objects}]");
    assert_eq!(of(&records, "json", 100).0.unwrap().1[0].rows, 2);
}

#[test]
fn encodings_do_not_matter() {
    let text = r#"[{"name":"größe"},{"name":"über"}]"#;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(text);
    for bytes in [&utf16[..], &latin] {
        std::fs::write(&path, bytes).unwrap();
        let found = Found { path: path.clone(), relative: "x.json".into(), bytes: 1 };
        let (_, tables) = profile(&found, "json", 100, &mut Findings::default()).unwrap();
        assert_eq!(tables[0].facts.columns[0].examples, ["größe", "über"]);
    }
}

proptest! {
    #[test]
    fn whatever_the_bytes_there_is_no_panic(
        bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\",:'\\ ab01nt\n-.\xff".as_slice()), 0..200),
        format in proptest::sample::select(["json", "jsonl"].as_slice()),
    ) {
        read_bytes(&bytes, format);
    }

    #[test]
    fn damaged_json_is_read_or_refused(
        damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = r#"{"info":{"a":1},"data":[{"a":{"b":[1,2,{"c":"é"}]},"d":"x\"y"},{"a":{"b":[]}},{"a":null}],"n":[1e5,true]}"#
            .repeat(2).into_bytes();
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        read_bytes(&bytes, "json");
        read_bytes(&bytes, "jsonl");
    }
}
