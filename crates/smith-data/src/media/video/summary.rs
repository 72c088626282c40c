//! The facts of all videos together.

use std::collections::BTreeMap;

use rayon::prelude::*;
use smith_task_schema::profile::{Range, VideoSummary};

use super::measure::{Fault, VideoMeasure, measure};
use crate::column::tally::most_frequent;
use crate::findings::Findings;
use crate::media::folded::Folded;
use crate::source::walk::Found;

/// Values that are listed.
const LISTED: usize = 8;

/// Measures all files on all cores and sums up.
pub(crate) fn summarise(files: &[&Found], findings: &mut Findings) -> VideoSummary {
    let measured: Vec<Result<VideoMeasure, Fault>> =
        files.par_iter().map(|found| measure(&found.path)).collect();
    let mut folded = Folded::new("videos", files.len());
    let mut tally = Tally::default();
    tally.summary.files = files.len() as u64;
    for (found, measured) in files.iter().zip(measured) {
        match measured {
            Ok(measure) => {
                report(found, &measure, &mut folded);
                tally.add(measure);
            }
            Err(Fault::Closed(container)) => {
                *tally.summary.containers.entry(container.to_string()).or_default() += 1;
                folded.warn(&found.relative, format!("is a video in {container}, which is not looked into"));
            }
            Err(fault) => folded.error(&found.relative, describe(&fault)),
        }
    }
    folded.finish(findings);
    tally.finish()
}

fn describe(fault: &Fault) -> String {
    match fault {
        Fault::Unreadable(error) => format!("cannot be read: {error}"),
        Fault::Broken(format) => {
            format!(
                "begins like {format} video, but its description of the tracks is missing, broken or cut off"
            )
        }
        Fault::Closed(_) | Fault::Unknown => {
            String::from("is named like a video, but holds none of a known container")
        }
    }
}

fn report(found: &Found, measure: &VideoMeasure, folded: &mut Folded) {
    let path = &found.relative;
    if measure.cut {
        folded.error(path, "ends before the film that its container announces (cut off)");
    }
    if measure.codec.is_empty() {
        folded.warn(path, "is named like a video, but holds sound alone");
    }
    if measure.seconds.is_none() {
        folded.warn(path, "does not state its duration");
    }
}

#[derive(Default)]
struct Tally {
    summary: VideoSummary,
    codecs: BTreeMap<String, u64>,
    sizes: BTreeMap<String, u64>,
    rates: BTreeMap<String, u64>,
}

impl Tally {
    fn add(&mut self, measure: VideoMeasure) {
        let summary = &mut self.summary;
        summary.measured += 1;
        summary.with_audio += u64::from(measure.with_audio);
        *summary.containers.entry(measure.container.to_string()).or_default() += 1;
        if let Some(seconds) = measure.seconds {
            summary.total_seconds += seconds;
            summary.seconds = Some(Range::grown(summary.seconds, seconds));
        }
        if measure.width > 0 && measure.height > 0 {
            *self.sizes.entry(format!("{}x{}", measure.width, measure.height)).or_default() += 1;
        }
        if let Some(rate) = measure.rate {
            *self.rates.entry(rounded(rate)).or_default() += 1;
        }
        if !measure.codec.is_empty() {
            *self.codecs.entry(measure.codec).or_default() += 1;
        }
    }

    fn finish(self) -> VideoSummary {
        let mut summary = self.summary;
        summary.codecs = most_frequent(self.codecs, LISTED);
        summary.sizes = most_frequent(self.sizes, LISTED);
        summary.rates = most_frequent(self.rates, LISTED);
        summary
    }
}

/// With two places, of which noughts are left out: `25`, `29.97`.
fn rounded(rate: f64) -> String {
    let text = format!("{rate:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}
