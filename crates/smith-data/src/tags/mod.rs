//! What a dataset is made of and what it can be asked for, with confidence and evidence.
//!
//! Every observation has a weight between 0 and 1; those of one tag are taken as independent. What merely accompanies
//! (a table that lists images, icons beside meshes) weighs less than what it accompanies.

mod evidence;
mod formulation;
mod molecules;
mod tables;
mod writing;

use smith_task_schema::Modality;
use smith_task_schema::profile::{AnnotationFormat, DatasetProfile, FileKind, ModalityTag};

use crate::source::kind;
use crate::source::walk::Found;
use evidence::Evidence;

/// Fewest files of a kind that make a dataset one of that kind, whatever else is in it.
const MANY: u64 = 20;
/// Endings of drawings and scans that are images though no reader of photographs knows them.
const DRAWINGS: &[&str] = &["svg", "dcm", "dicom", "nii", "eps", "wmf", "psd"];
/// Endings of programs and their like.
const PROGRAMS: &[&str] = &[
    "py", "js", "ts", "java", "c", "h", "cpp", "cc", "hpp", "cs", "go", "rs", "rb", "php", "scala", "kt",
    "swift", "hs", "ml", "clj", "lua", "pl", "r", "jl", "sql", "sh", "graphql", "vhd", "v", "asm", "ipynb",
    "sol",
];
/// Endings of graphs, molecules, sequences and the like.
const STRUCTURES: &[&str] = &[
    "sdf", "mol", "mol2", "pdb", "cif", "smi", "fasta", "fa", "fna", "faa", "fastq", "gb", "vcf", "bed",
    "gff", "gml", "graphml", "edgelist", "edges", "mtx", "g6", "nt", "ttl", "rdf", "owl", "obo", "gexf",
    "conllu", "conll", "ptb",
];

/// Writes the tags of a dataset into its profile, the surest first.
pub(crate) fn add(profile: &mut DatasetProfile, files: &[(Found, FileKind)]) {
    profile.modalities = modalities(profile, files);
    profile.formulations = formulation::find(profile, files);
}

fn modalities(profile: &DatasetProfile, files: &[(Found, FileKind)]) -> Vec<ModalityTag> {
    let mut evidence = Evidence::new(&[
        Modality::Image,
        Modality::Video,
        Modality::Audio,
        Modality::OtherStructured,
        Modality::TimeSeries,
        Modality::NaturalLanguage,
        Modality::Tabular,
    ]);
    media(profile, files, &mut evidence);
    structures(profile, files, &mut evidence);
    writing::find(profile, files, &mut evidence);
    tables::find(profile, &mut evidence);
    let tags = evidence.finish();
    tags.into_iter()
        .map(|(modality, confidence, evidence)| ModalityTag { modality, confidence, evidence })
        .collect()
}

/// The weight of so many files among all data files.
fn weight_of(files: u64, all: u64) -> f64 {
    let share = files as f64 / all.max(1) as f64;
    match (files, share) {
        (0, _) => 0.0,
        (MANY.., 0.3..) => 0.92,
        (MANY.., _) => 0.7,
        (_, 0.5..) => 0.75,
        _ => 0.35,
    }
}

/// The path of a directory or a file, or what it is called when it has none.
fn place(path: &str) -> String {
    if path.is_empty() { String::from("the top directory") } else { format!("`{path}`") }
}

fn data_files(profile: &DatasetProfile) -> u64 {
    profile.kinds.iter().filter(|(kind, _)| kind.is_data()).map(|(_, count)| count).sum()
}

fn media(profile: &DatasetProfile, files: &[(Found, FileKind)], evidence: &mut Evidence<Modality>) {
    let all = data_files(profile);
    let words = |count: u64, what: &str| format!("{count} {what} files of {all} data files");
    let images = profile.count(FileKind::Image);
    let shapes = profile.count(FileKind::Geometry);
    // Icons and renderings accompany shapes.
    let accompany = if shapes * 2 > images && images > 0 { 0.6 } else { 1.0 };
    evidence.add(&Modality::Image, weight_of(images, all) * accompany, words(images, "image"));
    for (kind, modality, what) in
        [(FileKind::Audio, Modality::Audio, "audio"), (FileKind::Video, Modality::Video, "video")]
    {
        evidence.add(&modality, weight_of(profile.count(kind), all), words(profile.count(kind), what));
    }
    let drawings = with_ending(files, DRAWINGS);
    evidence.add(&Modality::Image, weight_of(drawings, all), format!("{drawings} drawings or scans"));
    for array in profile.arrays.iter().filter(|array| array.looks_like == "images") {
        evidence.add(
            &Modality::Image,
            0.85,
            format!("`{}` has the shape of images: {:?}", array.path, array.shape),
        );
    }
    for array in profile.arrays.iter().filter(|array| array.looks_like == "series") {
        evidence.add(
            &Modality::TimeSeries,
            0.7,
            format!("`{}` has the shape of series: {:?}", array.path, array.shape),
        );
    }
    for array in profile.arrays.iter().filter(|array| array.looks_like == "features") {
        evidence.add(
            &Modality::Tabular,
            0.6,
            format!("`{}` has the shape of features: {:?}", array.path, array.shape),
        );
    }
    for annotations in &profile.annotations {
        let modality =
            if annotations.format == AnnotationFormat::Tracks { Modality::Video } else { Modality::Image };
        let images = annotations.images;
        let text = format!(
            "{} annotates {images} {}",
            place(&annotations.path),
            if images == 1 { "image" } else { "images" }
        );
        evidence.add(&modality, 0.6, text);
    }
}

/// Number of files with one of some endings.
fn with_ending(files: &[(Found, FileKind)], endings: &[&str]) -> u64 {
    let fits = |name: &str| {
        let ending = kind::extension(name);
        endings.contains(&ending.strip_suffix(".gz").unwrap_or(&ending))
    };
    files.iter().filter(|(found, kind)| kind.is_data() && fits(found.name())).count() as u64
}

fn structures(profile: &DatasetProfile, files: &[(Found, FileKind)], evidence: &mut Evidence<Modality>) {
    let all = data_files(profile);
    let other = Modality::OtherStructured;
    let shapes = profile.count(FileKind::Geometry);
    evidence.add(&other, weight_of(shapes, all), format!("{shapes} meshes or point clouds"));
    let programs = with_ending(files, PROGRAMS);
    if programs >= MANY {
        evidence.add(&other, weight_of(programs, all), format!("{programs} programs"));
    }
    let structures = with_ending(files, STRUCTURES);
    evidence.add(
        &other,
        weight_of(structures, all),
        format!("{structures} files of molecules, sequences or graphs"),
    );
    for graph in &profile.graphs {
        let edges = format!("`{}` lists {} edges between {} nodes", graph.path, graph.edges, graph.nodes);
        evidence.add(&other, if graph.relation.is_some() { 0.9 } else { 0.8 }, edges);
    }
}

#[cfg(test)]
mod tests {
    use smith_task_schema::profile::{ColumnKind, ColumnProfile, GraphProfile, Lengths, TableProfile};

    use super::*;

    fn main_of(profile: &DatasetProfile) -> Modality {
        modalities(profile, &[]).first().map_or(Modality::Other("none".into()), |tag| tag.modality.clone())
    }

    fn table(path: &str, columns: &[(&str, ColumnKind, f64)]) -> TableProfile {
        let mut table = TableProfile::new(path, "csv");
        table.rows = 500;
        for (name, kind, words) in columns {
            let mut column = ColumnProfile::new(*name);
            column.kind = *kind;
            column.distinct = 300;
            if *words > 0.0 {
                let mut lengths = Lengths::default();
                (lengths.mean_words, lengths.mean) = (*words, words * 6.0);
                column.lengths = Some(lengths);
            }
            table.columns.push(column);
        }
        table
    }

    fn with(kinds: &[(FileKind, u64)], tables: Vec<TableProfile>) -> DatasetProfile {
        let mut profile = DatasetProfile::new("x");
        profile.kinds = kinds.iter().copied().collect();
        profile.tables = tables;
        profile
    }

    #[test]
    fn the_main_modality_of_usual_datasets() {
        let numbers =
            [("a", ColumnKind::Float, 0.0), ("b", ColumnKind::Float, 0.0), ("c", ColumnKind::Category, 1.0)];
        assert_eq!(
            main_of(&with(&[(FileKind::Table, 1)], vec![table("t.csv", &numbers)])),
            Modality::Tabular
        );
        let reviews = [("review", ColumnKind::Text, 60.0), ("stars", ColumnKind::Integer, 0.0)];
        assert_eq!(
            main_of(&with(&[(FileKind::Table, 1)], vec![table("t.csv", &reviews)])),
            Modality::NaturalLanguage
        );
        let mut listing =
            table("labels.csv", &[("image", ColumnKind::Path, 1.0), ("class", ColumnKind::Category, 1.0)]);
        listing.columns[0].names_files_in = Some("images".into());
        listing.columns[0].names_files_share = Some(1.0);
        let pictures = with(&[(FileKind::Image, 900), (FileKind::Table, 1)], vec![listing]);
        assert_eq!(main_of(&pictures), Modality::Image);
        assert!(modalities(&pictures, &[]).iter().any(|tag| tag.modality == Modality::Tabular));
        assert_eq!(main_of(&with(&[(FileKind::Audio, 90)], vec![])), Modality::Audio);
        let models = with(&[(FileKind::Geometry, 800), (FileKind::Image, 820)], vec![]);
        assert_eq!(main_of(&models), Modality::OtherStructured);
    }

    #[test]
    fn graphs_and_molecules_in_tables() {
        let ends = [("head", ColumnKind::Category, 1.0), ("tail", ColumnKind::Category, 1.0)];
        let mut profile = with(&[(FileKind::Table, 1)], vec![table("edges.tsv", &ends)]);
        let mut graph = GraphProfile::default();
        (graph.path, graph.edges) = ("edges.tsv".into(), 500);
        profile.graphs.push(graph);
        assert_eq!(main_of(&profile), Modality::OtherStructured);
        let mut molecules =
            table("m.csv", &[("smiles", ColumnKind::Text, 1.0), ("expt", ColumnKind::Float, 0.0)]);
        molecules.columns[0].examples = vec!["CC(=O)Oc1ccccc1C(=O)O".into(), "CCO".into(), "C1CCCCC1".into()];
        assert_eq!(main_of(&with(&[(FileKind::Table, 1)], vec![molecules])), Modality::OtherStructured);
    }

    #[test]
    fn points_and_pairs_of_words_in_tables() {
        let float = ColumnKind::Float;
        let trees = [("x", float, 0.0), ("y", float, 0.0), ("species", ColumnKind::Category, 1.0)];
        let one = [(FileKind::Table, 1)];
        assert_eq!(main_of(&with(&one, vec![table("trees.csv", &trees)])), Modality::OtherStructured);
        let pair =
            [("word1", ColumnKind::Text, 1.0), ("word2", ColumnKind::Text, 1.0), ("rating", float, 0.0)];
        let mut pairs = table("pairs.csv", &pair);
        for column in pairs.columns.iter_mut().take(2) {
            column.examples = vec!["cup".into(), "coffee bean".into()];
        }
        assert_eq!(main_of(&with(&one, vec![pairs])), Modality::NaturalLanguage);
    }

    #[test]
    fn nothing_speaks_for_nothing() {
        assert_eq!(modalities(&DatasetProfile::new("x"), &[]), []);
    }
}
