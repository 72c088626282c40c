//! Packaging of every crate that is published, and the size of what would be uploaded.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::process;
use crate::workspace::{self, Package};

/// Bytes of one packed crate; the registry takes five times as much.
const LARGEST: u64 = 2 * 1024 * 1024;

pub(super) fn run() -> Result<(), Failure> {
    let metadata = workspace::metadata()?;
    let (published, kept): (Vec<&Package>, Vec<&Package>) =
        metadata.packages.iter().partition(|package| package.is_published());
    let mut command = process::cargo();
    // Cargo would build every dependency anew for each crate alone, which takes longer than all other steps.
    // What a packed crate can lack, a file outside its folder, `tidy` looks for.
    command.args(["package", "--workspace", "--allow-dirty", "--no-verify"]);
    for package in kept {
        command.args(["--exclude", &package.name]);
    }
    process::check(&mut command)?;
    let folder = metadata.target_directory.join("package");
    let sizes =
        published.into_iter().map(|package| packed_size(&folder, package)).collect::<Result<Vec<_>, _>>()?;
    match too_large(&sizes) {
        problems if problems.is_empty() => Ok(()),
        problems => Err(Failure::Refused(problems.join("\n"))),
    }
}

fn packed_size(folder: &Path, package: &Package) -> Result<(String, u64), Failure> {
    let name = format!("{}-{}.crate", package.name, package.version);
    let path = folder.join(&name);
    let facts = fs::metadata(&path).map_err(|error| Failure::io("find the package", &path, &error))?;
    println!("{:>8} KiB  {name}", facts.len().div_ceil(1024));
    Ok((name, facts.len()))
}

fn too_large(sizes: &[(String, u64)]) -> Vec<String> {
    let above = sizes.iter().filter(|(_, bytes)| *bytes >= LARGEST);
    above
        .map(|(name, bytes)| {
            format!("{name} has {bytes} bytes, {LARGEST} or more: leave test data out with `include`")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_packages_below_the_limit_pass() {
        let sizes = [("a.crate".to_owned(), LARGEST - 1), ("b.crate".to_owned(), LARGEST)];
        let problems = too_large(&sizes);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("b.crate has 2097152 bytes"), "{problems:?}");
    }
}
