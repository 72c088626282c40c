//! Snippets of tables as they lie about, and the dialect that a person sees in them.

use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Dialect {
    sniff(text.as_bytes(), true).unwrap()
}

/// Delimiter (a blank for runs), quote, skipped lines, header lines, names joined with `|` (empty without a header).
type Seen = (char, Option<char>, usize, usize, &'static str);

fn check(text: &str, (delimiter, quote, skip, header, names): Seen) {
    let dialect = of(text);
    let seen = dialect.names.as_ref().map(|names| names.join("|")).unwrap_or_default();
    let quote_seen = dialect.quote.map(char::from);
    assert_eq!(
        (char::from(dialect.delimiter), dialect.skip_lines, dialect.header_lines, seen.as_str()),
        (delimiter, skip, header, names),
        "{text}\n{dialect:?}"
    );
    if let Some(quote) = quote {
        assert_eq!(quote_seen, Some(quote), "{text}");
    }
    assert_eq!(dialect.has_header, !names.is_empty());
}

#[test]
fn tables_as_they_lie_about() {
    let cases: &[(&str, Seen)] = &[
        // Plain ones.
        ("id,name,price\n1,anvil,1.5\n2,rope,2.25\n3,bell,7\n", (',', None, 0, 1, "id|name|price")),
        ("a\tb\n1\t2\n3\t4\n", ('\t', None, 0, 1, "a|b")),
        ("genre|title\nAction,War|A\nDrama,War|B\n", ('|', None, 0, 1, "genre|title")),
        (
            "name;price;size\nanvil;1,50;2,5\nrope;2,25;3,5\nbell;0,75;4,5\n",
            (';', None, 0, 1, "name|price|size"),
        ),
        ("x,y\r\n1,2\r\n3,4\r\n", (',', None, 0, 1, "x|y")),
        ("x,y\r1,2\r3,4\r", (',', None, 0, 1, "x|y")),
        ("\u{feff}x,y\n1,2\n3,4\n", (',', None, 0, 1, "x|y")),
        // What spreadsheets read as the delimiter is no header.
        ("sep=;\na;b\n1;x\n2;y\n3;z\n", (';', None, 1, 1, "a|b")),
        ("\u{feff}\"sep=,\"\r\na,b\r\n1,x\r\n2,y\r\n", (',', None, 1, 1, "a|b")),
        ("sep=\t\na\tb\n1\tx\n2\ty\n", ('\t', None, 1, 1, "a|b")),
        ("sep=x,b\n1,2\n3,4\n5,6\n", (',', None, 0, 1, "sep=x|b")),
        // Quotation.
        ("id,text\n1,\"a;b;c\"\n2,\"d;e;f\"\n3,\"g;h;i\"\n", (',', Some('"'), 0, 1, "id|text")),
        ("id,text\n1,\"one, two\nthree\"\n2,\"four, \"\"five\"\"\"\n", (',', Some('"'), 0, 1, "id|text")),
        ("id,text,n\n1,'a, b',4\n2,'c, d',5\n3,'e',6\n", (',', Some('\''), 0, 1, "id|text|n")),
        (
            "id,text\n1,\"say \\\"hi\\\", now\"\n2,\"no\"\n3,\"\\\"quoted\\\" word\"\n",
            (',', Some('"'), 0, 1, "id|text"),
        ),
        ("\"sep\",\"a \"\"b\"\"\"\n\"x\",1\n\"y\",2\n", (',', Some('"'), 0, 1, "sep|a \"b\"")),
        ("id\tpipe\n1\t\"5 inch\n2\t6\" long\n3\t\"round\n4\tshort\n", ('\t', None, 0, 1, "id|pipe")),
        // Without a header.
        (
            "5.1,3.5,1.4,0.2,setosa\n4.9,3.0,1.4,0.2,setosa\n6.2,2.9,4.3,1.3,versicolor\n",
            (',', None, 0, 0, ""),
        ),
        ("T,2,8,3,5\nI,5,12,3,7\nD,4,11,6,8\nN,7,11,6,6\n", (',', None, 0, 0, "")),
        (
            "39, State-gov, 77516, Bachelors\n50, Private, 83311, HS-grad\n38, Private, 215646, HS-grad\n",
            (',', None, 0, 0, ""),
        ),
        ("spam,win now\nham,see you\nspam,free\nham,ok\n", (',', None, 0, 0, "")),
        (
            "brazil\ttrades\tindia\nburma\taccuses\tusa\nusa\ttrades\tburma\nindia\taccuses\tbrazil\n",
            ('\t', None, 0, 0, ""),
        ),
        ("1,1,794,247,71,174\n2,1,648,238,57,163\n3,1,513,167,66,192\n", (',', None, 0, 0, "")),
        ("2012-01-01,rain\n2012-01-02,sun\n2012-01-03,sun\n", (',', None, 0, 0, "")),
        // Runs of blanks.
        (
            " 0.00632  18.00   2.310  0  0.5380\n 0.02731   0.00   7.070  0  0.4690\n 0.02729   0.00   7.070  0  0.4690\n",
            (' ', None, 0, 0, ""),
        ),
        (
            "18.0   8   307.0      130.0      3504.      12.0   70  1\t\"chevrolet chevelle malibu\"\n15.0   8   350.0      165.0      3693.      11.5   70  1\t\"buick skylark 320\"\n",
            (' ', Some('"'), 0, 0, ""),
        ),
        (
            "15.26\t14.84\t0.871\t\t5.763\t1\n14.88\t14.57\t0.8811\t5.554\t\t1\n14.29\t14.09\t0.905\t5.291\t3.337\t1\n13.84\t13.94\t0.8955\t5.324\t3.379\t1\n",
            ('\t', None, 0, 0, ""),
        ),
        (
            "\"mpg\" \"cyl\" \"am\"\n\"Mazda RX4\" 21 6 1\n\"Datsun 710\" 22.8 4 1\n\"Valiant\" 18.1 6 0\n",
            (' ', Some('"'), 0, 1, "row_name|mpg|cyl|am"),
        ),
        (
            "time   flux  err\n0.1    5.2   0.1\n0.2    5.4   0.1\n0.3    5.3   0.2\n",
            (' ', None, 0, 1, "time|flux|err"),
        ),
        // Row names without a name.
        ("\"x\"\n\"1\" 5.1\n\"2\" 4.9\n\"3\" 4.7\n", (' ', None, 0, 1, "row_name|x")),
        ("mpg\tcyl\nMazda RX4\t21\t6\nDatsun 710\t22.8\t4\n", ('\t', None, 0, 1, "row_name|mpg|cyl")),
        (",mpg,cyl\nMazda RX4,21,6\nDatsun 710,22.8,4\n", (',', None, 0, 1, "Unnamed: 0|mpg|cyl")),
        // Titles and comments.
        ("# made by hand\n# in 2019\nx,y\n1,2\n3,4\n", (',', None, 2, 1, "x|y")),
        (
            "# The collection (http://a.b/c)\n# Word 1\tWord 2\tHuman (mean)\nlove\tsex\t6.77\ntiger\tcat\t7.35\n",
            ('\t', None, 1, 1, "Word 1|Word 2|Human (mean)"),
        ),
        ("# x y z\n1.0 2.0 3.0\n4.0 5.0 6.5\n7.0 8.0 9.0\n", (' ', None, 0, 1, "x|y|z")),
        (
            "##fileformat=V4\n##source=x\n#CHROM\tPOS\tREF\n20\t14370\tG\n20\t17330\tT\n",
            ('\t', None, 2, 1, "#CHROM|POS|REF"),
        ),
        (
            "#,Name,Type 1,HP\n1,Bulba,Grass,45\n2,Ivy,Grass,60\n3,Venus,Grass,80\n",
            (',', None, 0, 1, "#|Name|Type 1|HP"),
        ),
        ("% a title\n%\n1.5,2.5\n3.5,4.5\n5.0,6.0\n", (',', None, 2, 0, "")),
        (
            "Monthly sales, 2019\nShop 12\n\nday,item,count,sum\n1,anvil,2,3.0\n2,rope,1,2.25\n3,bell,7,5.25\n",
            (',', None, 3, 1, "day|item|count|sum"),
        ),
        (
            "\"Data Source\",\"Indicators\",\n\n\"Last Updated Date\",\"2020-07-01\",\n\n\"Country\",\"Code\",\"Name\",\"2018\",\"2019\",\n\"Aruba\",\"ABW\",\"Population\",\"105845\",\"106314\",\n\"Chad\",\"TCD\",\"Population\",\"15477751\",\"15946876\",\n\"Peru\",\"PER\",\"Population\",\"31989256\",\"32510453\",\n",
            (',', Some('"'), 4, 1, "Country|Code|Name|2018|2019"),
        ),
        ("Sales,,\n,,\nshop,day,sum\na,1,2\nb,2,3\n", (',', None, 2, 1, "shop|day|sum")),
        ("\n\nx,y\n1,2\n3,4\n", (',', None, 2, 1, "x|y")),
        // Headers of more than one row, and of numbers.
        (
            "time,speed,load\n(s),(m/s),(kg)\n0.1,5,2\n0.2,6,2\n0.3,7,2\n",
            (',', None, 0, 2, "time|speed|load"),
        ),
        (
            "sepal\twidth\tiris\ncontinuous\tcontinuous\tdiscrete\n\t\tclass\n5.1\t3.5\tsetosa\n4.9\t3.0\tsetosa\n",
            ('\t', None, 0, 3, "sepal|width|iris"),
        ),
        (
            "Country,1/22/20,1/23/20,1/24/20\nChad,0,0,1\nPeru,1,2,7\n",
            (',', None, 0, 1, "Country|1/22/20|1/23/20|1/24/20"),
        ),
        (
            "850,852,854,856,858\n2.61,2.62,2.65,2.61,2.6\n2.83,2.84,2.84,2.9,2.83\n",
            (',', None, 0, 1, "850|852|854|856|858"),
        ),
        ("a,a\n1,2\n3,4\n", (',', None, 0, 1, "a|a.1")),
        // Ends of rows and of files.
        ("a,b,\n1,2,\n3,4,\n", (',', None, 0, 1, "a|b")),
        ("a;b\n1;2;\n3;4;\n", (';', None, 0, 1, "a|b")),
        (
            "year,rain,sun\n2001,5,6\n2002,7,8\n2003,7,9\nSource: the weather\n",
            (',', None, 0, 1, "year|rain|sun"),
        ),
        // Seldom delimiters.
        ("root:x:0:0:/root\ndaemon:x:1:1:/usr\nbin:x:2:2:/bin\nsys:x:3:3:/dev\n", (':', None, 0, 0, "")),
        ("id~name~size\n1~anvil~5\n2~rope~7\n3~bell~2\n", ('~', None, 0, 1, "id|name|size")),
        ("id^name^size\n1^anvil^5\n2^rope^7\n3^bell^2\n", ('^', None, 0, 1, "id|name|size")),
        // Delimiters that are none.
        ("id;vec\n1;0.1,0.2,0.3\n2;0.4,0.5,0.6\n3;0.7,0.8,0.9\n", (';', None, 0, 1, "id|vec")),
        ("when,load\n2012-01-01 10:00:00,1.5\n2012-01-01 11:00:00,1.75\n", (',', None, 0, 1, "when|load")),
        ("smiles,logp\nCC(=O)O,-0.2\nc1ccccc1,2.1\nC#N,0.1\n", (',', None, 0, 1, "smiles|logp")),
        ("url,clicks\nhttp://a.b/c?d=1;e=2,5\nhttp://a.b/c?d=3;e=4,6\n", (',', None, 0, 1, "url|clicks")),
        ("word\nalpha\nbeta\ngamma\ndelta\n", (',', None, 0, 1, "word")),
        ("text\nHello, you\nNothing here\nWell, well\nFirst Last\n", (',', None, 0, 1, "text")),
    ];
    assert!(cases.len() >= 40);
    for (text, seen) in cases {
        check(text, *seen);
    }
}

#[test]
fn marks_in_numbers_are_found() {
    let cases = [
        ("name;price\nanvil;1,50\nrope;2,25\n", (b',', None)),
        ("name,price\nanvil,\"1,50\"\nrope,\"2,25\"\n", (b',', None)),
        ("name,people\nanvil,\"1,500\"\nrope,\"12,225,000\"\n", (b'.', Some(b','))),
        ("name;people\nanvil;1.500,5\nrope;12.225.000,7\n", (b',', Some(b'.'))),
        ("name,price\nanvil,1.5\nrope,2.25\n", (b'.', None)),
    ];
    for (text, marks) in cases {
        let dialect = of(text);
        assert_eq!((dialect.decimal, dialect.thousands), marks, "{text}");
    }
}

#[test]
fn comments_between_rows_are_known_from_data() {
    let commented = of("# made by hand\nx,y\n1,2\n# a break\n3,4\n");
    assert_eq!((commented.comment, commented.skip_lines), (Some(b'#'), 1));
    let tags = of("#tag,count\n#one,2\n#two,3\nthree,4\n");
    assert_eq!(tags.comment, None, "{tags:?}");
    assert_eq!(of("x,y\n1,2\n").comment, None);
}

#[test]
fn footers_and_trailing_delimiters_are_no_cells() {
    let footer = of("year,rain,sun\n2001,5,6\n2002,7,8\n2003,7,9\n\nSource: the weather\n");
    assert_eq!((footer.footer_rows, footer.columns), (1, 3));
    let trailing = of("a,b,\n1,2,\n3,4,\n");
    assert_eq!((trailing.trailing_delimiter, trailing.columns), (true, 2));
    assert!(!of("a,b,c\n1,2,\n3,4,\n").trailing_delimiter, "a named column without values");
}

#[test]
fn a_cut_last_row_does_not_count() {
    let sample = b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n1,2,3\n4,5";
    assert!(sniff(sample, false).unwrap().is_certain());
    assert!(!sniff(sample, true).unwrap().is_certain());
    assert_eq!(sniff(b"a,b\n1,\"x\"\n2,\"y", false).unwrap().quote, Some(b'"'));
}

#[test]
fn long_rows_of_numbers_are_a_table() {
    let row: String = (0..900).map(|i| format!("   {i}.5e+00")).collect();
    let text = format!("{row}\n{row}\n{row}");
    let dialect = sniff(&text.as_bytes()[..text.len() - 20], false).unwrap();
    assert_eq!((dialect.delimiter, dialect.columns, dialect.has_header), (b' ', 900, false));
    assert!(dialect.is_certain());
}

#[test]
fn prose_and_code_are_no_tables() {
    for text in [
        "It was, in a way, odd.\nNobody came.\nThen, late, one did; he left.\nYes.\nNo, not yet.\n",
        "int a;\nint b;\nint c;\nint d;\nint e;\nint f;\n",
        "The dog ran away\nOne cat sat down\nTwo men came home\nShe saw it all\nThey went back again\nHe did not say\n",
        "key: value\nother: thing\nthird: one\nfourth: two\nfifth: three\n",
        "From: a@b.c\nTo: d@e.f\nDate: today\n\nHello,\n\nit is late.\n\nYours\n",
        "v 1.0 2.0 3.0\nv 1.0 2.5 3.0\nv 2.0 2.5 3.0\nf 1 2 3\n# end\nusemtl wood\n",
    ] {
        assert!(!of(text).is_certain(), "{text}");
    }
}

#[test]
fn encodings_do_not_matter() {
    let text = "id;größe\n1;5\n2;7\n";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode(text);
    for bytes in [text.as_bytes(), &utf16, &latin] {
        let dialect = sniff(bytes, true).unwrap();
        assert_eq!(dialect.names.unwrap(), ["id", "größe"]);
    }
}

#[test]
fn nothing_has_no_dialect() {
    assert_eq!(sniff(b"", true), None);
    assert_eq!(sniff(b"\n\n", true), None);
}

/// Writes a table in a dialect, quoting where it is needed.
fn write(rows: &[Vec<String>], delimiter: u8, quote: u8, line_end: &str) -> String {
    let quote = char::from(quote);
    let mut text = String::new();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                let special =
                    cell.contains([char::from(delimiter), quote, '\n', '\r', '"', '\'']) || cell.is_empty();
                let inner = cell.replace(quote, &format!("{quote}{quote}"));
                if special { format!("{quote}{inner}{quote}") } else { cell.clone() }
            })
            .collect();
        text += &cells.join(&char::from(delimiter).to_string());
        text += line_end;
    }
    text
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (2_usize..6).prop_flat_map(|columns| {
        const KINDS: [&str; 5] = [
            "[0-9]{1,4}",
            "-?[0-9]{1,3}\\.[0-9]{2}",
            "[a-z]{3,9}",
            "[a-z]{2,5} [a-z]{3,12}",
            "20[0-2][0-9]-0[1-9]-1[0-9]",
        ];
        let column = proptest::sample::select(KINDS.as_slice());
        proptest::collection::vec(column, columns).prop_flat_map(|patterns| {
            let row: Vec<_> =
                patterns.iter().map(|pattern| proptest::string::string_regex(pattern).unwrap()).collect();
            proptest::collection::vec(row, 5..40)
        })
    })
}

proptest! {
    #[test]
    fn the_delimiter_that_wrote_a_table_is_found(
        delimiter in proptest::sample::select(b",\t;|".as_slice()),
        rows in (2_usize..6).prop_flat_map(|columns| {
            proptest::collection::vec(proptest::collection::vec("[a-z0-9 ,;|\"\t.]{0,12}", columns), 3..30)
        }),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record((0..rows[0].len()).map(|i| format!("name_{i}"))).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let dialect = sniff(&writer.into_inner().unwrap(), true).unwrap();
        prop_assert_eq!(dialect.delimiter, delimiter);
        prop_assert_eq!(dialect.columns, rows[0].len());
    }

    #[test]
    fn what_was_written_in_a_dialect_is_read_in_it(
        rows in table(),
        delimiter in proptest::sample::select(b",\t;|~^".as_slice()),
        quote in proptest::sample::select(b"\"'".as_slice()),
        line_end in proptest::sample::select(["\n", "\r\n", "\r"].as_slice()),
        comments in 0_usize..3,
        has_header in any::<bool>(),
    ) {
        let mut rows = rows;
        // Every other text has marks in it that are delimiters elsewhere.
        for cell in rows.iter_mut().skip(1).step_by(2).flatten().filter(|cell| cell.contains(' ')) {
            cell.push_str(", and; so|on");
        }
        let columns = rows[0].len();
        let names: Vec<String> = (0..columns).map(|i| format!("Name_{}", char::from(b'A' + i as u8))).collect();
        let mut all = if has_header { vec![names.clone()] } else { Vec::new() };
        all.extend(rows);
        let text = format!("# note{line_end}").repeat(comments) + &write(&all, delimiter, quote, line_end);
        let dialect = sniff(text.as_bytes(), true).unwrap();
        prop_assert_eq!((dialect.delimiter, dialect.columns), (delimiter, columns), "{}", text);
        prop_assert_eq!(dialect.skip_lines, comments);
        let has_quotes = text.contains(char::from(quote));
        prop_assert!(!has_quotes || dialect.quote == Some(quote), "{}", text);
        if has_header {
            prop_assert_eq!(dialect.names, Some(names));
        }
    }

    #[test]
    fn whatever_the_bytes_there_is_no_panic(
        bytes in proptest::collection::vec(proptest::sample::select(b"ab1,;\t| \"'\\\n\r#%.:\xff\xc3\0".as_slice()), 0..300),
        whole in any::<bool>(),
    ) {
        if let Some(dialect) = sniff(&bytes, whole) {
            prop_assert!(dialect.columns >= 1);
            prop_assert_eq!(dialect.names.as_ref().map_or(dialect.columns, Vec::len), dialect.columns);
            prop_assert!(dialect.names.iter().flatten().all(|name| !name.is_empty()));
        }
    }
}
