//! A hostile program with what is expected of it, which its first lines say.

use std::path::Path;
use std::time::Duration;

use crate::{ExecError, JobStatus, Limits, Tier};

/// One program.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Case {
    pub(super) name: String,
    /// Every status that shows that the sandbox holds, as [`word`] writes it.
    pub(super) expect: Vec<String>,
    pub(super) tiers: Vec<Tier>,
    /// Whether it must not share the machine with another case.
    pub(super) alone: bool,
    pub(super) limits: Limits,
}

/// Every program of a folder, by name. Files without an expectation are what programs import.
pub(super) fn read_all(folder: &Path) -> Result<Vec<Case>, ExecError> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(ExecError::io(folder))? {
        let path = entry.map_err(ExecError::io(folder))?.path();
        if path.extension().is_none_or(|extension| extension != "py") {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(ExecError::io(&path))?;
        if text.starts_with("# expect:") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let case = parse(&name, &text);
            cases.push(case.map_err(|why| ExecError::Mistake(format!("{}: {why}", path.display())))?);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

/// Reads the comment lines at the start: `# key: value`.
fn parse(name: &str, text: &str) -> Result<Case, String> {
    let mut case = Case {
        name: name.to_owned(),
        expect: Vec::new(),
        tiers: everywhere(),
        alone: false,
        limits: default_limits(),
    };
    let mut tries = false;
    for line in text.lines().map_while(|line| line.strip_prefix("# ")) {
        let (key, value) = line.split_once(": ").ok_or_else(|| format!("`{line}` is no `key: value`"))?;
        match key {
            "expect" => case.expect = expected(value)?,
            "tiers" => case.tiers = tiers(value)?,
            "alone" => case.alone = value == "yes",
            "tries" => tries = true,
            limit => set_limit(&mut case.limits, limit, value)?,
        }
    }
    if tries { Ok(case) } else { Err("it does not say what it tries".to_owned()) }
}

/// Little enough that nothing disturbs the machine for long.
fn default_limits() -> Limits {
    Limits {
        wall: Duration::from_secs(10),
        cpu: Duration::from_secs(10),
        memory_bytes: 512 << 20,
        output_bytes: 1 << 20,
        file_bytes: 64 << 20,
        disk_bytes: 128 << 20,
        processes: 64,
        ..Limits::default()
    }
}

fn set_limit(limits: &mut Limits, key: &str, value: &str) -> Result<(), String> {
    let number: u32 = value.parse().map_err(|_| format!("`{key}: {value}` is no limit"))?;
    match key {
        "wall" => limits.wall = Duration::from_secs(number.into()),
        "cpu" => limits.cpu = Duration::from_secs(number.into()),
        "memory_mb" => limits.memory_bytes = u64::from(number) << 20,
        "disk_mb" => limits.disk_bytes = u64::from(number) << 20,
        "processes" => limits.processes = number,
        _ => return Err(format!("there is no limit `{key}`")),
    }
    Ok(())
}

fn everywhere() -> Vec<Tier> {
    [Tier::NATIVE.as_slice(), &[Tier::Container]].concat()
}

fn tiers(value: &str) -> Result<Vec<Tier>, String> {
    if value == "all" {
        return Ok(everywhere());
    }
    value.split_whitespace().map(tier).collect()
}

/// The tier of this name.
pub(super) fn tier(name: &str) -> Result<Tier, String> {
    let found = everywhere().into_iter().find(|tier| tier.as_str() == name);
    found.ok_or_else(|| format!("there is no tier `{name}`"))
}

fn expected(value: &str) -> Result<Vec<String>, String> {
    const KINDS: [&str; 9] = [
        "ok",
        "exit",
        "signal",
        "oom",
        "timeout_wall",
        "timeout_cpu",
        "output_limit",
        "disk_limit",
        "process_limit",
    ];
    let words: Vec<String> = value.split(" or ").map(|word| word.trim().to_owned()).collect();
    let known = |word: &str| KINDS.contains(&word.split(' ').next().unwrap_or_default());
    match words.iter().find(|word| !known(word)) {
        Some(unknown) => Err(format!("there is no status `{unknown}`")),
        None => Ok(words),
    }
}

/// A status as the first lines of a program write it.
pub(super) fn word(status: JobStatus) -> String {
    let word = match status {
        JobStatus::Ok => "ok",
        JobStatus::Exit { code } => return format!("exit {code}"),
        JobStatus::Signal { signal } => return format!("signal {signal}"),
        JobStatus::TimeoutWall => "timeout_wall",
        JobStatus::TimeoutCpu => "timeout_cpu",
        JobStatus::Oom => "oom",
        JobStatus::OutputLimit => "output_limit",
        JobStatus::DiskLimit => "disk_limit",
        JobStatus::ProcessLimit => "process_limit",
        JobStatus::SandboxError => "sandbox_error",
        JobStatus::InfraError => "infra_error",
    };
    word.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_say_what_is_expected() {
        let text = "# expect: process_limit or exit 3\n# tiers: namespaces user\n# alone: yes\n# wall: 3\n\
                    # memory_mb: 2\n# tries: forks\nimport os  # wall: 9\n";
        let case = parse("bomb", text).unwrap();
        assert_eq!(case.expect, ["process_limit", "exit 3"]);
        assert_eq!(case.tiers, [Tier::Namespaces, Tier::User]);
        assert!(case.alone);
        assert_eq!((case.limits.wall, case.limits.memory_bytes), (Duration::from_secs(3), 2 << 20));
        assert!(case.expect.contains(&word(JobStatus::Exit { code: 3 })));
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "# expect: fine\n# tries: x\n",
            "# expect: ok\n",
            "# expect: ok\n# tries: x\n# colour: 3\n",
            "# expect: ok\n# tries: x\n# tiers: moon\n",
            "# expect: ok\n# tries: x\n# wall: long\n",
        ] {
            assert!(parse("x", text).is_err(), "{text}");
        }
    }
}
