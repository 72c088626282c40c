//! The files of a dataset with those in its archives: listed, read once, told apart.

use std::collections::BTreeSet;

use smith_task_schema::profile::{DuplicateFiles, FileKind};

use crate::findings::Findings;
use crate::overview::display::number_of;
use crate::source::content::Container;
use crate::source::duplicates;
use crate::source::pass::{self, Hash, Passed, Progress};
use crate::source::remark::Remarks;
use crate::source::stamp::Stamp;
use crate::source::unpack::{Member, Store, UnpackLimits, Unpacker};
use crate::source::walk::{Found, Listing};

/// The files of a dataset, ready to be looked into. What was unpacked lies on the disk as long as this lives.
pub(crate) struct Sources {
    /// All files, those in archives included, in order of their relative paths.
    pub(crate) files: Vec<(Found, FileKind)>,
    /// As [`smith_task_schema::profile::DatasetProfile::digest`].
    pub(crate) digest: Option<String>,
    pub(crate) duplicates: Option<DuplicateFiles>,
    /// One for each file; absent for what lies in an archive.
    stamps: Vec<Option<Stamp>>,
    _unpacked: Option<Store>,
}

impl Sources {
    /// Reads every file of a listing once, and what is in archives. `progress` is told of every byte that is read of
    /// the listed files or unpacked from archives.
    pub(crate) fn read(
        listing: Listing,
        limits: &UnpackLimits,
        progress: Progress<'_>,
        findings: &mut Findings,
    ) -> Self {
        let passed = pass::pass(&listing, progress, findings);
        let digest = pass::digest(&listing, &passed, findings);
        let Inside { members, replaced, unpacked } = unpack(&listing, &passed, limits, progress, findings);
        let mut all: Vec<Known> = Vec::with_capacity(listing.files.len() + members.len());
        let outer = listing.files.into_iter().zip(passed).zip(listing.stamps);
        // A single file that was unpacked stands for the compressed one.
        let outer = outer.filter(|((found, _), _)| !replaced.contains(&found.relative));
        all.extend(outer.map(|((found, passed), stamp)| Known { found, passed, stamp: Some(stamp) }));
        all.extend(members.into_iter().map(|member| Known {
            found: member.found,
            passed: Passed { verdict: member.verdict, hash: Some(member.hash) },
            stamp: None,
        }));
        // A stable sort: what cannot be told apart by its path stays in the order in which it was found.
        all.sort_by(|a, b| a.found.relative.cmp(&b.found.relative));
        remark(&all, findings);
        let hashes: Vec<Option<Hash>> = all.iter().map(|known| known.passed.hash).collect();
        let stamps = all.iter().map(|known| known.stamp).collect();
        let files: Vec<_> = all.into_iter().map(|known| (known.found, known.passed.verdict.kind)).collect();
        let duplicates = duplicates::find(&files, &hashes);
        Self { files, digest, duplicates, stamps, _unpacked: unpacked }
    }

    /// Looks at every listed file once more; one that has changed since it was listed is a finding.
    pub(crate) fn recheck(&self, findings: &mut Findings) {
        pass::recheck(&self.files, &self.stamps, findings);
    }
}

/// All that is known of a file.
struct Known {
    found: Found,
    passed: Passed,
    /// Absent for what lies in an archive.
    stamp: Option<Stamp>,
}

/// What lies in the archives of a dataset.
struct Inside {
    members: Vec<Member>,
    /// Relative paths of compressed files whose one member takes their place.
    replaced: BTreeSet<String>,
    unpacked: Option<Store>,
}

fn unpack(
    listing: &Listing,
    passed: &[Passed],
    limits: &UnpackLimits,
    progress: Progress<'_>,
    findings: &mut Findings,
) -> Inside {
    let mut unpacker = Unpacker::new(limits, progress);
    let outside: BTreeSet<Hash> = passed.iter().filter_map(|one| one.hash).collect();
    let (mut members, mut replaced) = (Vec::new(), BTreeSet::new());
    for (found, one) in listing.files.iter().zip(passed) {
        let Some(container) = one.verdict.container else { continue };
        let inside = unpacker.open(found, container, findings);
        let is_copy = !inside.is_empty() && inside.iter().all(|member| outside.contains(&member.hash));
        if is_copy {
            let count = number_of(inside.len() as u64, "file");
            let message =
                format!("holds {count}, all of which lie outside of it too: it is not counted again");
            findings.warn(&found.relative, message);
            continue;
        }
        if matches!(container, Container::Single(_)) && inside.len() == 1 {
            replaced.insert(found.relative.clone());
        }
        members.extend(inside);
    }
    Inside { members, replaced, unpacked: unpacker.finish(findings) }
}

/// What is odd about single files, in the order of their paths.
fn remark(all: &[Known], findings: &mut Findings) {
    let mut remarks = Remarks::default();
    for known in all {
        if let Some(remark) = known.passed.verdict.remark {
            remarks.add(&known.found.relative, remark, findings);
        }
    }
    remarks.finish(findings);
}
