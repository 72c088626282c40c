//! What archives say of the test files in them beside their content, and in which order they stand there.

use smith_data::About;
use smith_task_schema::Finding;

use super::{agrees, place, shown};
use crate::leakage::agree::agreement;
use crate::leakage::sheet::Sheet;
use crate::rule::RuleInfo;
use crate::subject::{Public, PublicFile, Subject};

/// What is said of a member, and how it is read.
type Field = (&'static str, fn(&About) -> String);

/// Archives that are looked at.
const MAX_ARCHIVES: usize = 20;

/// An archive with test files in it.
pub(in crate::rules) struct Archive {
    /// Path within `public/`.
    pub(in crate::rules) path: String,
    /// Rows of the sheet in the order of their members, each with what is said of it.
    pub(in crate::rules) members: Vec<(usize, About)>,
}

/// Archives that hold the files of test examples.
pub(in crate::rules) fn archives(public: &Public, sheet: &Sheet) -> Vec<Archive> {
    let archive = |file: &PublicFile| file.path.rsplit_once("!/").map(|(archive, _)| archive.to_owned());
    let mut by_archive: Vec<(String, Vec<PublicFile>)> = Vec::new();
    for file in &public.inner {
        let Some(path) = archive(file) else { continue };
        match by_archive.last_mut().filter(|(last, _)| *last == path) {
            Some((_, files)) => files.push(file.clone()),
            None => by_archive.push((path, vec![file.clone()])),
        }
    }
    let of = |(path, files): (String, Vec<PublicFile>)| {
        let mut members: Vec<(usize, usize)> =
            sheet.files(&files).into_iter().enumerate().filter_map(|(row, at)| Some((at?, row))).collect();
        members.sort_unstable();
        let about = |(at, row): (usize, usize)| Some((row, public.about(&files.get(at)?.path)?));
        Archive { path, members: members.into_iter().filter_map(about).collect() }
    };
    by_archive.into_iter().map(of).filter(|archive| archive.members.len() > 1).take(MAX_ARCHIVES).collect()
}

/// Findings for fields of members that tell the answers.
pub(super) fn members_tell(info: &RuleInfo, cx: &Subject, public: &Public, sheet: &Sheet) -> Vec<Finding> {
    archives(public, sheet).iter().filter_map(|archive| told(info, cx, archive, sheet)).collect()
}

fn told(info: &RuleInfo, cx: &Subject, archive: &Archive, sheet: &Sheet) -> Option<Finding> {
    let columns: [Field; 5] = [
        ("time", |about| about.time.to_string()),
        ("mode", |about| about.mode.to_string()),
        ("owner", |about| format!("{} {}", about.owner.0, about.owner.1)),
        ("name of the owner", |about| about.owner.2.to_string()),
        ("comment", |about| about.beside.to_string()),
    ];
    columns.into_iter().find_map(|(what, value)| {
        let mut cells: Vec<Option<String>> = vec![None; sheet.ids.len()];
        for (row, about) in &archive.members {
            if let Some(cell) = cells.get_mut(*row) {
                *cell = Some(value(about));
            }
        }
        let given: Vec<Option<&str>> = cells.iter().map(Option::as_deref).collect();
        sheet.targets.iter().find_map(|target| {
            let found = agreement(target, &given, false)?;
            let message = format!(
                "the {what} of the test files in this archive {} of {}. Pack the test files with one time, mode and owner, in the \
                 order of their names.",
                agrees(&found),
                shown(&target.name)
            );
            Some(info.finding(place(cx, &archive.path), message))
        })
    })
}
