//! What the fuzzers begin with: a small sound file of each format, and odd ones that a reader has to survive.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, DictionaryArray, Float64Array, Int64Array, ListArray,
    RecordBatch, StringArray,
};
use arrow::datatypes::Int32Type;
use arrow::ipc::writer::{FileWriter, StreamWriter};
use image::ImageFormat;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use tar::EntryType;

use crate::archive_writing::{Entry, add_to_tar, compress, tar, zeros_as_zstd, zip, zip_of};
use crate::fuzz_seeds_media::{annotations, pictures, shapes, sounds, videos};
use crate::media_files::{encoded, wav, waves};
use crate::{csv, gzip, png};

/// Name of a door, name of a file in its corpus, and the file.
pub(crate) type Seed = (&'static str, String, Vec<u8>);

/// Files of one door.
pub(crate) fn of(door: &'static str, files: Vec<(&str, Vec<u8>)>) -> Vec<Seed> {
    files.into_iter().map(|(name, bytes)| (door, name.to_string(), bytes)).collect()
}

/// Texts of one door.
pub(crate) fn texts(door: &'static str, files: &[(&str, &str)]) -> Vec<Seed> {
    of(door, files.iter().map(|(name, text)| (*name, text.as_bytes().to_vec())).collect())
}

/// Everything but the last bytes, an eighth of them.
pub(crate) fn cut(bytes: &[u8]) -> Vec<u8> {
    bytes[..bytes.len() - bytes.len() / 8].to_vec()
}

/// A file behind the byte by which a door chooses what to make of it.
pub(crate) fn chosen(choice: u8, bytes: &[u8]) -> Vec<u8> {
    [&[choice], bytes].concat()
}

/// All seeds.
pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = delimited();
    for more in [
        json(),
        text_tables(),
        columnar(),
        spreadsheets(),
        databases(),
        arrays(),
        shapes(),
        annotations(),
        pictures(),
        sounds(),
        videos(),
        archives(),
        documents(),
        datasets(),
    ] {
        seeds.extend(more);
    }
    seeds
}

fn utf_16(text: &str) -> Vec<u8> {
    [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn delimited() -> Vec<Seed> {
    let files = || {
        vec![
            ("plain.csv", csv(12)),
            ("bom.csv", [&b"\xef\xbb\xbf"[..], &csv(6)].concat()),
            ("utf_16.csv", utf_16("größe;farbe\r\n1,5;rot\r\n2,5;grün\r\n3,5;blau\r\n")),
            ("latin_1.csv", b"name;wert\nM\xfcller;1.234,5\nStra\xdfe;2.000,0\nAn;3,0\n".to_vec()),
            ("quoted.csv", b"a,b\n\"x, \"\"y\"\"\",1\n\"two\nlines\",2\n\"open,3\nz,4\n".to_vec()),
            ("ragged.csv", b"a\tb\tc\n1\t2\n3\t4\t5\t6\n\n\t\t\n7\t8\t9\n".to_vec()),
            ("preamble.csv", b"# made by hand\n# twice\nday|size|who\n2019-01-01|1e400|{\"a\":1}\n2019-01-02|-0|https://a.b/c.png\nTotal|3|\n".to_vec()),
            ("nul.csv", b"a,b\n1,\0\n\0\0,2\n\xff\xfe,3\n".to_vec()),
            ("returns.csv", b"a,b\r1,2\r3,4\r".to_vec()),
            ("numbers.csv", b"1 2 3\n4 5 6\n 7  8 9\n99999999999999999999999 NaN inf\n".to_vec()),
            ("one_cell.csv", b"\"".to_vec()),
            ("blank.csv", b"\n \n\t\n".to_vec()),
        ]
    };
    [of("csv", files()), of("dialect", files())].concat()
}

fn json() -> Vec<Seed> {
    let deep = format!("{}1{}", "[{\"a\":".repeat(200), "}]".repeat(200));
    texts(
        "json",
        &[
            (
                "records.json",
                r#"[{"id":1,"tags":["a","b"],"at":{"x":1.5,"y":null}},{"id":2,"tags":[],"at":{"x":-1e999}}]"#,
            ),
            ("lines.jsonl", "{\"id\":1,\"t\":\"a\"}\n{\"id\":\"two\",\"t\":true}\n\n{\"id\":3\n{\"id\":4}\n"),
            ("columns.json", r#"{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}"#),
            ("split.json", r#"{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}"#),
            (
                "nested.json",
                r#"{"meta":{"n":2},"images":[{"id":1},{"id":2}],"boxes":[{"image_id":1,"b":[1,2,3,4]}]}"#,
            ),
            ("loose.json", "\u{feff}{'a': NaN, \"b\": Infinity, // note\n \"c\": [1,2,],}\n"),
            ("escapes.json", r#"[{"\ud800":"\udc00\u0000","":"\"\\"},{"a":123456789012345678901234567890}]"#),
            ("deep.json", &deep),
            ("cut.json", r#"[{"a":[1,{"b":"c"#),
        ],
    )
}

fn text_tables() -> Vec<Seed> {
    let arff = texts(
        "arff",
        &[
            (
                "dense.arff",
                "% a note\n@relation 'r s'\n@attribute size numeric\n@attribute 'k k' {oak,'elm, red'}\n@attribute d date \"yyyy-MM-dd\"\n@data\n1,oak,'2019-01-01'\n?,'elm, red',?\n",
            ),
            (
                "sparse.arff",
                "@relation r\n@attribute a numeric\n@attribute b {x,y}\n@data\n{0 1}\n{1 y, 0 3}\n{7 1}\n{}\n",
            ),
            (
                "relational.arff",
                "@relation r\n@attribute bag relational\n@attribute x numeric\n@end bag\n@attribute c {0,1}\n@data\n\"1\\n2\",0\n",
            ),
            ("open.arff", "@relation r\n@attribute a {x,\n@data\n'"),
        ],
    );
    let series = texts(
        "time_series",
        &[
            (
                "equal.ts",
                "@problemName p\n@timeStamps false\n@classLabel true a b\n@data\n1,2,3:a\n1,?,4:b\n",
            ),
            (
                "several.ts",
                "@problemName p\n@timeStamps true\n@univariate false\n@classLabel false\n@data\n(0,1),(1,2):(0,3)\n(0,:\n",
            ),
            (
                "lying.ts",
                "@problemName p\n@seriesLength 99999999999999999999\n@dimensions 4000000000\n@data\n::::::\n",
            ),
        ],
    );
    let sparse = texts(
        "sparse",
        &[
            ("rows.svm", "1 1:0.5 3:2 # note\n-1 2:1\n1 qid:7 1:7\n"),
            ("labels.svm", "1,2,5 1:1\n3 2:nan\n 4:1\n"),
            ("lying.svm", "1 4294967295:1\n1 18446744073709551615:1\n1 0:1 -1:1\n"),
        ],
    );
    let sequences = texts(
        "sequences",
        &[
            ("dna.fasta", ">q1 first\nACGT\nACGT\n>q2\n\n>\nNNNN\n"),
            ("protein.fasta", ";old\n>p|1|x\nMKV*LA-\n"),
            ("reads.fastq", "@r1\nACGT\n+\nIIII\n@r2\nACG\n+r2\n@II\n@r3\nAC\n"),
        ],
    );
    [arff, series, sparse, sequences].concat()
}

/// Rows with a column of each sort.
fn batch(rows: usize) -> RecordBatch {
    let numbers: Float64Array = (0..rows).map(|i| (i % 4 != 3).then_some(i as f64 / 4.0)).collect();
    let kinds: DictionaryArray<Int32Type> = (0..rows).map(|i| Some(["cat", "dog"][i % 2])).collect();
    let lists =
        ListArray::from_iter_primitive::<Int32Type, _, _>((0..rows).map(|i| Some([Some(i as i32), None])));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new((0..rows as i64).map(Some).collect::<Int64Array>())),
        ("weight", Arc::new(numbers)),
        ("kind", Arc::new(kinds)),
        ("list", Arc::new(lists)),
        ("bytes", Arc::new((0..rows).map(|_| Some(&b"\x89PNG"[..])).collect::<BinaryArray>())),
        ("word", Arc::new((0..rows).map(|i| Some(format!("word {i}"))).collect::<StringArray>())),
        ("day", Arc::new((0..rows as i32).map(Some).collect::<Date32Array>())),
        ("good", Arc::new((0..rows).map(|i| Some(i % 2 == 0)).collect::<BooleanArray>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn parquet(rows: usize, columns: &[usize], compression: Compression) -> Vec<u8> {
    let batch = batch(rows).project(columns).unwrap();
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut file = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    file
}

fn columnar() -> Vec<Seed> {
    let whole = parquet(5, &[0, 1, 2], Compression::UNCOMPRESSED);
    let mut lying = whole.clone();
    let length = lying.len() - 8;
    lying[length..length + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    let parquet = of(
        "parquet",
        vec![
            ("plain.parquet", whole.clone()),
            ("nested.parquet", parquet(6, &[3, 4], Compression::UNCOMPRESSED)),
            ("snappy.parquet", parquet(9, &[0, 5], Compression::SNAPPY)),
            ("zstd.parquet", parquet(9, &[6, 7], Compression::ZSTD(Default::default()))),
            ("empty.parquet", parquet(0, &[0], Compression::UNCOMPRESSED)),
            ("cut.parquet", cut(&whole)),
            ("lying.parquet", lying),
        ],
    );
    let batch = batch(5);
    let mut file = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    file.write(&batch).unwrap();
    let file = file.into_inner().unwrap();
    let small = batch.project(&[0, 5]).unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &small.schema()).unwrap();
    stream.write(&small).unwrap();
    stream.write(&small).unwrap();
    let stream = stream.into_inner().unwrap();
    let arrow = of(
        "arrow",
        vec![
            ("file.arrow", file.clone()),
            ("cut.arrow", cut(&file)),
            ("cut.arrows", cut(&stream)),
            ("stream.arrows", stream),
            ("old.feather", b"FEA1\0\0\0\0\x10\0\0\0FEA1".to_vec()),
            ("lying.arrow", b"ARROW1\0\0\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
        ],
    );
    [parquet, arrow].concat()
}

fn workbook(rows: &str) -> Vec<u8> {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let relation = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let book = format!(
        r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#
    );
    let sheet = format!(r#"<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>"#);
    zip(&[
        ("_rels/.rels", relation("officeDocument", "xl/workbook.xml").as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", relation("worksheet", "worksheets/sheet1.xml").as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn spreadsheets() -> Vec<Seed> {
    let cell =
        |place: &str, text: &str| format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = format!(
        r#"<row r="1">{}{}</row><row r="2"><c r="A2"><v>1</v></c>{}</row><row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>"#,
        cell("A1", "size"),
        cell("B1", "kind"),
        cell("B2", "oak")
    );
    let far =
        format!(r#"<row r="1048576">{}</row><row r="1">{}</row>"#, cell("XFD1048576", "x"), cell("A1", "y"));
    let content = r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string"><text:p>a</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="3"/></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    let ods = zip_of(&[
        Entry::stored("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        Entry::deflated(
            "META-INF/manifest.xml",
            br#"<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#,
        ),
        Entry::deflated("content.xml", content.as_bytes()),
    ]);
    let repeats = content
        .replace("repeated=\"2\"", "repeated=\"4294967295\"")
        .replace("repeated=\"3\"", "repeated=\"99999999\"");
    let lying = zip(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", repeats.as_bytes()),
    ]);
    of(
        "spreadsheet",
        vec![
            ("small.xlsx", workbook(&rows)),
            ("cut.xlsx", cut(&workbook(&rows))),
            ("far.xlsx", workbook(&far)),
            ("open.xlsx", workbook("<row><c><v>")),
            ("small.ods", ods.0),
            ("lying.ods", lying),
            (
                "old.xls",
                [
                    &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..],
                    &[0; 16],
                    b"\x3e\0\x03\0\xfe\xff\x09\0\x06\0",
                    &[0xff; 600],
                ]
                .concat(),
            ),
        ],
    )
}

fn database(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("d.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(&format!("PRAGMA page_size = 512; PRAGMA foreign_keys = off; {statements}"))
        .unwrap();
    connection.close().unwrap();
    std::fs::read(path).unwrap()
}

fn databases() -> Vec<Seed> {
    let tables = database(
        "CREATE TABLE town (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE visit (town REFERENCES town(id), size REAL, raw BLOB);
         INSERT INTO town VALUES (1, 'Ulm'), (2, 'Bern');
         INSERT INTO visit VALUES (1, 2.5, x'00ff'), (2, 'many', NULL), (9, 1e300, '');",
    );
    let view = database(
        "CREATE TABLE t (a); CREATE VIEW v AS SELECT a FROM t; CREATE VIRTUAL TABLE f USING fts5(x);",
    );
    let mut lying = tables.clone();
    // Size of a page and number of pages.
    lying[16..18].fill(0xff);
    lying[28..32].fill(0xff);
    of(
        "sqlite",
        vec![
            ("cut.db", cut(&tables)),
            ("lying.db", lying),
            ("tables.db", tables),
            ("views.db", view[..view.len().min(4_096)].to_vec()),
            ("magic.db", b"SQLite format 3\0".to_vec()),
        ],
    )
}

fn npy(kind: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], header.as_bytes(), elements].concat()
}

fn arrays() -> Vec<Seed> {
    let floats: Vec<u8> = (0..12_u8).flat_map(|i| (f32::from(i) / 3.0).to_le_bytes()).collect();
    let matrix = npy("'<f4'", "(4, 3)", &floats);
    let labels = npy("'|u1'", "(4,)", &[0, 1, 1, 2]);
    let arrays = of(
        "npy",
        vec![
            ("matrix.npy", matrix.clone()),
            ("words.npy", npy("'<U3'", "(2,)", &utf_16("abcdefabcde"))),
            ("records.npy", npy("[('a', '<i8'), ('b', '|S2', (2,))]", "(1,)", &[7; 12])),
            ("halves.npy", npy("'>f2'", "(2, 2)", &[0x7c, 0, 0xfc, 1, 0, 1, 0x80, 0])),
            ("pickle.npy", npy("'|O'", "(3,)", b"\x80\x04.")),
            ("cut.npy", cut(&matrix)),
            ("lying.npy", npy("'<f8'", "(4294967295, 4294967295)", &[])),
            ("deep.npy", npy(&"[(".repeat(400), "()", &[])),
        ],
    );
    let idx = |kind: u8, sizes: &[u32], elements: &[u8]| {
        let sizes = sizes.iter().flat_map(|size| size.to_be_bytes()).collect::<Vec<u8>>();
        let dimensions = u8::try_from(sizes.len() / 4).unwrap();
        [&[0, 0, kind, dimensions], &sizes[..], elements].concat()
    };
    let idx = of(
        "idx",
        vec![
            ("labels.idx", idx(8, &[5], &[0, 1, 2, 1, 0])),
            ("images.idx", idx(8, &[2, 3, 3], &[9; 18])),
            ("doubles.idx", idx(14, &[1], &1.5_f64.to_be_bytes())),
            ("lying.idx", idx(13, &[u32::MAX; 4], &[1])),
        ],
    );
    let npz = of(
        "npz",
        vec![
            ("pair.npz", zip(&[("x.npy", &matrix), ("y.npy", &labels)])),
            ("odd.npz", zip(&[("../x.npy", &matrix), ("note.txt", b"hello"), ("z.npy", b"nothing")])),
            ("cut.npz", cut(&zip(&[("x.npy", &matrix), ("y.npy", &labels)]))),
            ("lying.npz", zip_of(&[Entry::stored("x.npy", &matrix).stating(u32::MAX)]).0),
        ],
    );
    [arrays, idx, npz].concat()
}

fn archives() -> Vec<Seed> {
    let inner = zip(&[("deep/t.csv", &csv(3))]);
    let links = zip_of(&[
        Entry::stored("l", b"/etc").with_mode(0o120_777),
        Entry::stored("s", b"x").encrypted(),
        Entry::stored("a.txt", b"hello").stating(u32::MAX),
    ]);
    let zips = of(
        "zip",
        vec![
            ("plain.zip", zip(&[("t.csv", &csv(5)), ("README.md", b"# Trees\n"), ("1.png", &png(2, 2))])),
            (
                "nested.zip",
                zip(&[
                    ("inner.zip", &inner),
                    ("t.csv.gz", &gzip(&csv(3))),
                    ("b.tar", &tar(&[("t.csv", &csv(2))])[..1_024]),
                ]),
            ),
            (
                "slip.zip",
                zip(&[
                    ("../../x.txt", b"out"),
                    ("/etc/y.txt", b"out"),
                    ("C:\\z.txt", b"out"),
                    ("a/./b//c", b"in"),
                ]),
            ),
            ("odd.zip", links.0),
            ("bomb.zip", zip(&[("zeros.bin.zst", &zeros_as_zstd(32))])),
            ("cut.zip", cut(&zip(&[("t.csv", &csv(50)), ("u.csv", &csv(50))]))),
            ("empty.zip", zip(&[])),
        ],
    );
    let mut odd = tar::Builder::new(Vec::new());
    for (name, kind) in [
        ("../x", EntryType::Regular),
        ("l", EntryType::Symlink),
        ("h", EntryType::Link),
        ("d", EntryType::Char),
        ("n", EntryType::GNULongName),
        ("p", EntryType::XHeader),
    ] {
        add_to_tar(&mut odd, name, kind, if kind == EntryType::XHeader { b"99 path=abc\n" } else { b"" });
    }
    let plain = tar(&[("t.csv", &csv(5)), ("a/b.txt", b"hello\n")]);
    let mut lying = plain.clone();
    lying[124..135].copy_from_slice(b"77777777777");
    let tars = of(
        "tar",
        vec![
            ("nested.tar", tar(&[("t.csv.xz", &compress("xz", &csv(9))), ("i.zip", &inner)])),
            ("odd.tar", odd.into_inner().unwrap()),
            ("cut.tar", plain[..700].to_vec()),
            ("lying.tar", lying),
            ("plain.tar", plain),
        ],
    );
    [zips, tars].concat()
}

fn documents() -> Vec<Seed> {
    let croissant = r#"{"@type":"sc:Dataset","name":"trees","license":"https://spdx.org/licenses/MIT","recordSet":[{"field":[{"name":"size","description":"in m"}]}]}"#;
    of(
        "document",
        vec![
            ("card.md", chosen(0, b"---\nlicense: mit\ntags: [a, b]\ntask_categories:\n- image-classification\n---\n# Trees\n\n| column | meaning |\n|---|---|\n| `size` | in m |\n\n- kind: oak or elm\n")),
            ("open.md", chosen(0, b"---\nlicense: [[[{\n<a href=\"")),
            ("licence.txt", chosen(1, b"MIT License\n\nPermission is hereby granted, free of charge\n")),
            ("citation.cff", chosen(2, b"cff-version: 1.2.0\ntitle: Trees\ndoi: 10.1/x\nauthors:\n  - family-names: Oak\n")),
            ("info.json", chosen(3, br#"{"license":"cc0","features":{"size":{"dtype":"float32"}},"citation":"@misc{a}"}"#)),
            ("package.json", chosen(4, br#"{"licenses":[{"name":"ODbL"}],"resources":[{"path":"t.csv","schema":{"fields":[{"name":"size","type":"number"}]}}]}"#)),
            ("croissant.json", chosen(5, croissant.as_bytes())),
            ("references.bib", chosen(6, b"@article{a, title={T {x} \\\"o}, year=2019,\n@misc{")),
        ],
    )
}

fn datasets() -> Vec<Seed> {
    // The places of the endings in the list of the door.
    let tables: Vec<Seed> = [
        (0, "table.csv", csv(20)),
        (2, "prose.txt", b"Some words.\nAnd more, which are\x00 odd.\n".to_vec()),
        (3, "coco.json", br#"{"images":[{"id":1,"file_name":"a.png"}],"annotations":[{"image_id":1,"category_id":1,"bbox":[1,2,3,4]}],"categories":[{"id":1,"name":"a"}]}"#.to_vec()),
        (5, "small.parquet", parquet(4, &[0, 5], Compression::UNCOMPRESSED)),
        (8, "text_as.sqlite", csv(4)),
        (10, "vector.npy", npy("'<f4'", "(3,)", &[0; 12])),
        (12, "picture.png", encoded(waves(2, 8), ImageFormat::Png)),
        (14, "tone.wav", wav(1, 8_000, 8, 20)),
        (16, "archive.zip", zip(&[("train/t.csv", &csv(5)), ("test/t.csv", &csv(4))])),
        (18, "table.csv.gz", gzip(&csv(9))),
        (20, "points.ply", b"ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nend_header\n1\n".to_vec()),
        (22, "graph.edges", b"# nodes\n1 2\n2 3\n3 1\n4 1\n".to_vec()),
        (23, "disguised.bin", parquet(2, &[0], Compression::UNCOMPRESSED)),
    ]
    .into_iter()
    .map(|(choice, name, bytes)| ("dataset", name.to_string(), chosen(choice, &bytes)))
    .collect();
    tables
}
