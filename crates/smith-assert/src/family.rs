//! Families of rules: the letter that a code begins with.

/// A family of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The letter that its codes begin with.
    pub letter: char,
    /// Short title.
    pub title: &'static str,
    /// What its rules look at.
    pub about: &'static str,
}

/// The families, in the order in which a task is read.
pub const FAMILIES: [Family; 9] = [
    Family {
        letter: 'L',
        title: "Layout",
        about: "Files and where they lie; the certificate in `task.json`.",
    },
    Family { letter: 'P', title: "prepare.py", about: "The contract of the preparation script, by parsing." },
    Family { letter: 'M', title: "metric.py", about: "The contract of the metric, by parsing." },
    Family { letter: 'D', title: "Description", about: "`description.txt` against the facts." },
    Family { letter: 'R', title: "Running", about: "The task's scripts, run on copies in the sandbox." },
    Family {
        letter: 'S',
        title: "Scoring",
        about: "What the metric says about submissions that are built from the answers: valid, damaged and hostile ones.",
    },
    Family { letter: 'A', title: "Answers", about: "Answers in public data, and shortcuts to them." },
    Family {
        letter: 'Q',
        title: "Quality",
        about: "Quality of the data and of its split: copies, groups, time, coverage, targets.",
    },
    Family {
        letter: 'C',
        title: "Calibration",
        about: "What constants, generic learners and the answers score, and how far they lie apart.",
    },
];

impl Family {
    /// The family of a code; none for a letter of an embedder's own.
    #[must_use]
    pub fn of(code: &str) -> Option<&'static Self> {
        let letter = code.chars().next()?;
        FAMILIES.iter().find(|family| family.letter == letter)
    }
}
