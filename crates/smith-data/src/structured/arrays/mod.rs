//! Numeric arrays: NumPy's `.npy` and `.npz`, and IDX.

mod dtype;
mod header;
mod literal;
mod meaning;
mod tally;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};

use rayon::prelude::*;
use smith_task_schema::profile::{ArrayProfile, FileKind};

pub(crate) use self::dtype::{Dtype, Element};
use self::header::Header;
pub(crate) use self::header::npy as header_of_npy;
pub(crate) use self::tally::{MAX_BYTES, half, text_of};
use crate::findings::Findings;
use crate::source::kind::extension;
use crate::source::reader;
use crate::source::walk::Found;
use crate::spread::spread;

/// Array files of one directory that are read, and arrays of one file.
pub(crate) const ARRAYS_PER_GROUP: usize = 40;
/// Array files that are read in all.
const ARRAY_FILES: usize = 400;

/// Frequent elements of anything but labels say something when there are no more than these.
const TELLING_VALUES: u64 = 20;

/// How arrays lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Container {
    Npy,
    Npz,
    Idx,
}

/// A file that was opened.
type Input = BufReader<Box<dyn Read + Send>>;

/// One array, or what is wrong with it.
type Outcome = Result<ArrayProfile, (String, String)>;

/// True for a file that holds arrays, by its name and, for one of an unknown kind, its first bytes.
pub(crate) fn is_array(found: &Found, kind: FileKind) -> bool {
    container(found, kind).is_some()
}

fn container(found: &Found, kind: FileKind) -> Option<Container> {
    match extension(found.name()).as_str() {
        "npy" | "npy.gz" => return Some(Container::Npy),
        "npz" => return Some(Container::Npz),
        _ => {}
    }
    let lower = found.name().to_lowercase();
    let named = (1..=4).any(|n| lower.contains(&format!("idx{n}"))) || lower.ends_with(".idx");
    if !matches!(kind, FileKind::Other | FileKind::Array | FileKind::Archive)
        || (kind == FileKind::Archive && !named)
    {
        return None;
    }
    let start = reader::head(&found.path, 80).ok()?;
    if start.starts_with(b"\x93NUMPY") {
        return Some(Container::Npy);
    }
    let mut rest = start.as_slice();
    let header = header::idx(&mut rest).ok()?;
    let bytes = header.elements.saturating_mul(header.dtype.size() as u64);
    let length = bytes.saturating_add((start.len() - rest.len()) as u64);
    (named || length == found.bytes).then_some(Container::Idx)
}

/// The facts of all arrays in order of path, of many some of each directory.
pub(crate) fn profile(files: &[(Found, FileKind)], findings: &mut Findings) -> Vec<ArrayProfile> {
    let candidates = files
        .iter()
        .filter(|(_, kind)| matches!(kind, FileKind::Array | FileKind::Other | FileKind::Archive));
    let all: Vec<(&Found, Container)> =
        candidates.filter_map(|(found, kind)| Some((found, container(found, *kind)?))).collect();
    let chosen = choose(&all, files);
    if chosen.len() < all.len() {
        let message = format!("{} of {} array files were not opened", all.len() - chosen.len(), all.len());
        findings.warn("", message);
    }
    let read: Vec<Vec<Outcome>> =
        chosen.par_iter().map(|(found, container)| read_file(found, *container)).collect();
    let mut arrays = Vec::new();
    for outcome in read.into_iter().flatten() {
        match outcome {
            Ok(array) => {
                if !array.exact && array.missing_elements == 0 && array.dtype != "object" {
                    let message = format!("the array's figures cover its first {} MiB", MAX_BYTES >> 20);
                    findings.warn(&array.path, message);
                }
                arrays.push(array);
            }
            Err((path, message)) => findings.error(&path, message),
        }
    }
    for array in arrays.iter().filter(|array| array.missing_elements > 0) {
        let message = format!(
            "{} elements that the header promises are missing; the file may be cut off",
            array.missing_elements
        );
        findings.error(&array.path, message);
    }
    for array in arrays.iter().filter(|array| array.dtype == "object") {
        let message = "holds Python objects (a pickle), which are never loaded; save it with a plain type";
        findings.error(&array.path, message);
    }
    arrays.sort_by(|a, b| a.path.cmp(&b.path));
    meaning::add_pairs(&mut arrays);
    arrays
}

/// Some files of every directory; an `.npz` whose members are listed by themselves is left out.
fn choose<'f>(all: &[(&'f Found, Container)], files: &[(Found, FileKind)]) -> Vec<(&'f Found, Container)> {
    let opened: BTreeSet<&str> = files
        .iter()
        .filter_map(|(found, _)| found.relative.rsplit_once("!/"))
        .map(|(outer, _)| outer)
        .collect();
    let mut groups: BTreeMap<&str, Vec<(&Found, Container)>> = BTreeMap::new();
    for &(found, container) in all.iter().filter(|(found, _)| !opened.contains(found.relative.as_str())) {
        groups.entry(found.directory()).or_default().push((found, container));
    }
    let some: Vec<_> = groups.values().flat_map(|group| spread(group, ARRAYS_PER_GROUP)).collect();
    spread(&some, ARRAY_FILES)
}

fn read_file(found: &Found, container: Container) -> Vec<Outcome> {
    match container {
        Container::Npz => read_members(found),
        Container::Npy => vec![read_one(found, "npy", header::npy)],
        Container::Idx => vec![read_one(found, "idx", header::idx)],
    }
}

fn read_one(found: &Found, format: &str, header: fn(&mut Input) -> Result<Header, String>) -> Outcome {
    let fail = |message: String| (found.relative.clone(), format!("is no readable array: {message}"));
    let mut input = BufReader::new(reader::open(&found.path).map_err(|error| fail(error.to_string()))?);
    let header = header(&mut input).map_err(fail)?;
    describe(&mut input, &header, found.relative.clone(), format).map_err(fail)
}

/// The arrays of an `.npz`, which is a ZIP archive of `.npy` files.
fn read_members(found: &Found) -> Vec<Outcome> {
    let fail =
        |message: String| (found.relative.clone(), format!("is no readable archive of arrays: {message}"));
    let archive = File::open(&found.path).map_err(zip::result::ZipError::from);
    let mut archive = match archive.and_then(|file| zip::ZipArchive::new(BufReader::new(file))) {
        Ok(archive) => archive,
        Err(error) => return vec![Err(fail(error.to_string()))],
    };
    let mut outcomes = Vec::new();
    for index in 0..archive.len().min(ARRAYS_PER_GROUP) {
        outcomes.push(match archive.by_index(index) {
            Ok(mut member) => read_member(found, &mut member),
            Err(error) => Err(fail(error.to_string())),
        });
    }
    if archive.len() > ARRAYS_PER_GROUP {
        let left_out = archive.len() - ARRAYS_PER_GROUP;
        outcomes.push(Err((
            found.relative.clone(),
            format!("{left_out} of its {} arrays were not read", archive.len()),
        )));
    }
    outcomes
}

fn read_member<R: Read + ?Sized>(found: &Found, member: &mut zip::read::ZipFile<'_, R>) -> Outcome {
    let name = member.name().map_or_else(|_| String::from("?"), std::borrow::Cow::into_owned);
    let path = format!("{}!/{}", found.relative, name.strip_suffix(".npy").unwrap_or(&name));
    let fail = |message: String| (path.clone(), format!("is no readable array: {message}"));
    let header = header::npy(member).map_err(fail)?;
    describe(member, &header, path.clone(), "npz").map_err(fail)
}

/// The facts of an array whose header was read.
fn describe(
    input: &mut impl Read,
    header: &Header,
    path: String,
    format: &str,
) -> Result<ArrayProfile, String> {
    let mut facts = ArrayProfile::default();
    facts.path = path;
    facts.format = format.to_string();
    facts.dtype = header.dtype.name();
    facts.shape.clone_from(&header.shape);
    if header.dtype.element != Element::Object {
        let read = tally::measure(input, header, &mut facts).map_err(|error| error.to_string())?;
        let readable = header.elements.min(MAX_BYTES / header.dtype.size().max(1) as u64);
        if read < readable {
            facts.missing_elements = header.elements - read;
        }
    }
    facts.looks_like = meaning::looks_like(&facts).to_string();
    if facts.looks_like != "labels" && facts.distinct.is_some_and(|distinct| distinct > TELLING_VALUES) {
        facts.top.clear();
    }
    Ok(facts)
}

/// The facts of bytes as a `.npy` file; for tests with hostile bytes.
pub(crate) fn npy_of_bytes(mut bytes: &[u8]) -> Result<ArrayProfile, String> {
    let header = header::npy(&mut bytes)?;
    describe(&mut bytes, &header, String::new(), "npy")
}

/// The facts of bytes as an IDX file; for tests with hostile bytes.
pub(crate) fn idx_of_bytes(mut bytes: &[u8]) -> Result<ArrayProfile, String> {
    let header = header::idx(&mut bytes)?;
    describe(&mut bytes, &header, String::new(), "idx")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0_usize..120, by in any::<u8>()) {
            let text = "{'descr': [('x', '<f4'), ('y', '|S3')], 'fortran_order': False, 'shape': (3, 4), }\n";
            let mut npy = vec![0x93, b'N', b'U', b'M', b'P', b'Y', 1, 0, text.len() as u8, 0];
            npy.extend(text.as_bytes());
            npy.extend(&noise);
            let mut idx = vec![0, 0, by, noise.first().copied().unwrap_or(1)];
            idx.extend(&noise);
            let _ = (npy_of_bytes(&noise), idx_of_bytes(&noise), idx_of_bytes(&idx));
            if let Some(byte) = npy.get_mut(at) {
                *byte = by;
            }
            let _ = npy_of_bytes(&npy);
        }
    }
}
