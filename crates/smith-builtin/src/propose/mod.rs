//! What a dataset can be asked for: every target that its profile supports as a draft, and the reason for each one that
//! is not taken.

mod arrays;
mod boxes;
mod classes;
mod columns;
mod files;
mod forecast;
mod links;
mod masks;
pub(crate) mod passages;
mod question;
mod reading;
mod sequences;
mod tables;

use std::path::Path;

use smith_task_schema::profile::DatasetProfile;
use smith_task_schema::{Formulation, Modality};

use crate::plan::{About, Plan};

/// Fewest examples with a known target: 24 of them are tested at least.
const MIN_EXAMPLES: u64 = 80;

/// One possible task.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// How much speaks for it, from 0 to 1.
    pub(crate) score: f64,
    pub(crate) formulation: Formulation,
    pub(crate) modality: Modality,
    pub(crate) plan: Plan,
}

/// Everything that was considered.
#[derive(Debug, Default)]
pub(crate) struct Considered {
    pub(crate) drafts: Vec<Draft>,
    /// One sentence for each target that is not taken.
    pub(crate) refused: Vec<String>,
}

/// Considers every target of the dataset at `root`. Reads the columns of targets; blocks.
pub(crate) fn consider(root: &Path, profile: &DatasetProfile) -> Considered {
    let mut considered = Considered::default();
    let about = About {
        name: profile.name.clone(),
        title: profile.title.clone(),
        description: profile.description.clone(),
        licence: profile.licence.clone(),
    };
    tables::consider(root, profile, &about, &mut considered);
    links::consider(root, profile, &about, &mut considered);
    arrays::consider(profile, &about, &mut considered);
    boxes::consider(root, profile, &about, &mut considered);
    masks::consider(profile, &about, &mut considered);
    files::consider(profile, &about, &mut considered);
    sequences::consider(root, profile, &about, &mut considered);
    passages::consider(root, profile, &about, &mut considered);
    considered
}

/// The best drafts, as different from each other as can be: targets are not repeated, and one of a formulation or
/// modality that is there already waits behind the others. The rest is refused.
pub(crate) fn choose(considered: Considered, most: usize) -> Considered {
    let Considered { mut drafts, mut refused } = considered;
    let mut chosen: Vec<Draft> = Vec::new();
    while chosen.len() < most {
        let Some(best) = best(&drafts, &chosen) else { break };
        chosen.push(drafts.swap_remove(best));
    }
    drafts.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| name(a).cmp(name(b))));
    refused.extend(drafts.iter().map(|draft| {
        format!(
            "`{}`: {most} other targets are better supported or more different (score {:.2})",
            name(draft),
            draft.score
        )
    }));
    Considered { drafts: chosen, refused }
}

fn name(draft: &Draft) -> &str {
    &draft.plan.target.column
}

fn best(drafts: &[Draft], chosen: &[Draft]) -> Option<usize> {
    let same_name = |a: &Draft, b: &Draft| name(a).eq_ignore_ascii_case(name(b));
    let worth = |draft: &Draft| {
        let alike = chosen.iter().filter(|other| other.formulation == draft.formulation).count();
        draft.score * 0.7_f64.powi(i32::try_from(alike).unwrap_or(i32::MAX))
    };
    drafts
        .iter()
        .enumerate()
        .filter(|(_, draft)| !chosen.iter().any(|other| same_name(other, draft)))
        .max_by(|(i, a), (j, b)| worth(a).total_cmp(&worth(b)).then_with(|| j.cmp(i)))
        .map(|(at, _)| at)
}
