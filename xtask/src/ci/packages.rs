//! Packaging of every crate that is published: each is built from its packed files, and must be small enough to
//! upload.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::process;
use crate::workspace::{self, Package};

/// Bytes of one packed crate; the registry takes five times as much.
const LARGEST: u64 = 2 * 1024 * 1024;

pub(super) fn run() -> Result<(), Failure> {
    let metadata = workspace::metadata()?;
    let (published, kept): (Vec<&Package>, Vec<&Package>) =
        metadata.packages.iter().partition(|package| package.is_published());
    let profiles = write_profiles(&metadata.target_directory)?;
    let mut command = process::cargo();
    command.args(["package", "--workspace", "--allow-dirty", "--config"]).arg(profiles);
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

/// Writes the workspace's build profiles as a configuration file of cargo. A packed crate does not carry them, and
/// under other profiles cargo would build every dependency a second time to verify the packages.
fn write_profiles(folder: &Path) -> Result<PathBuf, Failure> {
    let manifest = workspace::root().join("Cargo.toml");
    let text = fs::read_to_string(&manifest).map_err(|error| Failure::io("read", &manifest, &error))?;
    let profiles = profiles(&text)
        .map_err(|error| Failure::Fault(format!("cannot read {}: {error}", manifest.display())))?;
    let path = folder.join("package-profiles.toml");
    fs::write(&path, profiles).map_err(|error| Failure::io("write", &path, &error))?;
    Ok(path)
}

/// The profiles of a manifest, alone.
fn profiles(manifest: &str) -> Result<String, toml::de::Error> {
    let mut manifest: toml::Table = manifest.parse()?;
    manifest.retain(|key, _| key == "profile");
    Ok(manifest.to_string())
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
    fn the_profiles_are_taken_out_of_the_manifest_and_nothing_else() {
        let own = "[profile.dev.package.\"*\"]\ndebug = false\n";
        let manifest = format!("[workspace]\nmembers = [\"a\"]\n{own}");
        let expected: toml::Table = own.parse().unwrap();
        assert_eq!(profiles(&manifest).unwrap().parse::<toml::Table>().unwrap(), expected);
        assert_eq!(profiles("[workspace]\n").unwrap(), "");
        assert!(profiles("not [ toml").is_err());
    }

    #[test]
    fn only_packages_below_the_limit_pass() {
        let sizes = [("a.crate".to_owned(), LARGEST - 1), ("b.crate".to_owned(), LARGEST)];
        let problems = too_large(&sizes);
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("b.crate has 2097152 bytes"), "{problems:?}");
    }
}
