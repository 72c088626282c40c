//! What a dataset's own documents state reaches its profile, its columns and its overview.

use smith_data::{ProfileOptions, overview, profile};

use crate::folder;

#[test]
fn documents_describe_the_dataset_and_its_columns() {
    let trees: String = (0..30).map(|i| format!("{i},{}.5,{}\n", i % 7, ["oak", "elm"][i % 2])).collect();
    let root = folder(&[
        ("trees.csv", format!("tree,h,kind\n{trees}").as_bytes()),
        (
            "README.md",
            b"---\nlicense: cc-by-4.0\n---\n# Trees of a town\n\nEvery tree of the town, measured in one summer.\n\n\
              | Column | Meaning |\n|---|---|\n| `h` | Height in metres |\n",
        ),
        ("data_dictionary.csv", b"file,variable,description\ntrees.csv,Kind,Kind of the tree\n"),
        ("LICENSE", b"Ask the gardeners first.\n"),
        ("CITATION.cff", b"title: The trees\ndoi: 10.1234/trees\n"),
    ]);
    let profile = profile(root.path(), &ProfileOptions::default()).unwrap();
    assert_eq!(profile.title.as_deref(), Some("Trees of a town"), "a readme before a citation");
    assert_eq!(profile.description.as_deref(), Some("Every tree of the town, measured in one summer."));
    assert_eq!(profile.licence.as_deref(), Some("CC-BY-4.0; Ask the gardeners first"));
    assert_eq!(profile.provenance, ["doi: 10.1234/trees"]);
    let trees = profile.table("trees.csv").unwrap();
    let described: Vec<Option<&str>> =
        trees.columns.iter().map(|column| column.description.as_deref()).collect();
    assert_eq!(described, [None, Some("Height in metres"), Some("Kind of the tree")]);
    let text = overview(&profile, 8_000);
    for part in [
        "- title as stated: `Trees of a town`",
        "described as `Height in metres`",
        "> Every tree of the town",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
}
