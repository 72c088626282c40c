//! What is neither a plain table nor a single picture or sound: classes by folder, annotations, arrays, shapes, graphs,
//! collections of texts.

pub(crate) mod annotations;
pub(crate) mod arrays;
mod class_folders;
mod class_prefix;
mod edge_files;
pub(crate) mod figure;
pub(crate) mod geometry;
mod graphs;
pub(crate) mod lines;
pub(crate) mod parts;
#[cfg(test)]
pub(crate) mod test_table;
mod tree;

use rayon::prelude::*;
use smith_task_schema::profile::{DatasetProfile, FileKind};

use crate::findings::Findings;
use crate::source::walk::Found;
use crate::table_data::TableData;
use crate::text::corpus;

/// Sets right the kinds of files that only their content or their neighbours give away: shapes, arrays, and labels of
/// images that look like tables. To be called before tables are read.
pub(crate) fn correct_kinds(files: &mut [(Found, FileKind)]) {
    files.par_iter_mut().for_each(|(found, kind)| {
        if !kind.is_data() {
            return;
        }
        if arrays::is_array(found, *kind) {
            *kind = FileKind::Array;
        } else if geometry::is_geometry(found) {
            *kind = FileKind::Geometry;
        }
    });
    let labels = annotations::yolo_paths(files);
    for (found, kind) in files.iter_mut().filter(|(found, _)| labels.contains(&found.relative)) {
        if found.bytes > 0 {
            *kind = FileKind::Text;
        }
    }
}

/// Fills the parts of a profile that this module knows of. `profile.groups` must be there.
pub(crate) fn describe(
    files: &[(Found, FileKind)],
    tables: &[TableData],
    profile: &mut DatasetProfile,
    findings: &mut Findings,
) {
    let annotations = annotations::profile(files, tables, findings);
    let annotated = annotations.profiles.iter().map(|annotation| annotation.path.as_str()).collect();
    profile.class_folders = class_folders::find(files, &annotated);
    profile.annotations = annotations.profiles;
    profile.arrays = arrays::profile(files, findings);
    profile.geometry = geometry::summarise(files, findings);
    profile.graphs = graphs::profile(tables);
    let more = edge_files::profile(files, &profile.graphs, findings);
    profile.graphs.extend(more);
    profile.graphs.sort_by(|a, b| a.path.cmp(&b.path));
    profile.corpora = corpus::profile(files, &profile.groups, &annotations.taken, findings);
    let limits = [
        ("annotation_files", annotations::MAX_FILES as u64),
        ("array_bytes", arrays::MAX_BYTES),
        ("arrays_of_a_directory", arrays::ARRAYS_PER_GROUP as u64),
        ("corpus_files", corpus::MAX_FILES as u64),
        ("geometry_files", geometry::MAX_FILES as u64),
    ];
    profile.limits.extend(limits.map(|(name, limit)| (String::from(name), limit)));
}
