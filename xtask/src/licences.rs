//! Licences of everything the bundles are made of, and the pins that keep it so.

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

/// Licences that let Glisten be given away under its own.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "OFL-1.1",
    "Ubuntu-font-1.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Packages that name a licence file instead of an expression, with what stands in the file.
const BY_FILE: &[(&str, &str)] = &[("ttf-inter", "OFL-1.1")];

/// Dependencies whose next version may change the sound or the formats: exact versions only.
const PINNED: &[&str] = &[
    "nice-plug",
    "nice-plug-egui",
    "nice-plug-xtask",
    "egui",
    "fundsp",
];

/// Checks all packages of the lock file, for every system. Returns one sentence per offence and
/// the number of packages.
///
/// # Errors
/// The lock file is missing or does not fit the manifests, or cargo cannot run.
pub fn check() -> Result<(Vec<String>, usize)> {
    let text =
        shell::output(shell::cargo().args(["metadata", "--format-version", "1", "--locked"]))
            .context("Cargo.lock does not fit the manifests; run `cargo update --workspace`")?;
    let metadata: Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists no packages.")?;
    let mut problems = Vec::new();
    for package in packages {
        let name = package["name"].as_str().unwrap_or("?");
        let version = package["version"].as_str().unwrap_or("?");
        let by_file = BY_FILE
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, licence)| *licence);
        match package["license"].as_str().or(by_file) {
            None => problems.push(format!("{name} {version} states no licence.")),
            Some(licence) if !is_allowed(licence) => {
                problems.push(format!("{name} {version} has the licence `{licence}`."));
            }
            Some(_) => {}
        }
        let foreign = package["source"]
            .as_str()
            .is_some_and(|s| !s.starts_with("registry+"));
        if foreign {
            problems.push(format!(
                "{name} {version} does not come from the package registry."
            ));
        }
    }
    problems.extend(unpinned(&shell::read(&shell::root().join("Cargo.toml"))?));
    // Outside a git checkout (a source archive) there is nothing to ask.
    if shell::root().join(".git").exists() {
        let mut git = shell::command("git");
        git.current_dir(shell::root())
            .args(["ls-files", "Cargo.lock"]);
        if shell::output(&mut git).is_ok_and(|listed| listed.trim().is_empty()) {
            problems.push("Cargo.lock is not under version control.".to_owned());
        }
    }
    Ok((problems, packages.len()))
}

/// Dependencies that should name one exact version and do not.
fn unpinned(manifest: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for name in PINNED {
        let exact = manifest.lines().any(|line| {
            let Some((key, value)) = line.split_once('=') else {
                return false;
            };
            key.trim() == *name && value.contains("\"=")
        });
        if !exact {
            problems.push(format!(
                "Cargo.toml does not pin {name} to an exact version."
            ));
        }
    }
    problems
}

/// Whether a licence expression leaves a choice that is allowed.
///
/// Grammar: SPDX 2.3, annex D, without `+`; a `/` counts as `OR`, as in older manifests.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut place = 0;
    let allowed = any_of(&words, &mut place);
    allowed && place == words.len()
}

fn any_of(words: &[&str], place: &mut usize) -> bool {
    let mut allowed = all_of(words, place);
    while words.get(*place) == Some(&"OR") {
        *place += 1;
        // Not `||`: the right side must be read in any case.
        allowed |= all_of(words, place);
    }
    allowed
}

fn all_of(words: &[&str], place: &mut usize) -> bool {
    let mut allowed = single(words, place);
    while words.get(*place) == Some(&"AND") {
        *place += 1;
        allowed &= single(words, place);
    }
    allowed
}

fn single(words: &[&str], place: &mut usize) -> bool {
    let Some(word) = words.get(*place) else {
        return false;
    };
    *place += 1;
    if *word == "(" {
        let allowed = any_of(words, place);
        *place += 1;
        return allowed;
    }
    if words.get(*place) == Some(&"WITH") {
        // An exception only ever permits more.
        *place += 2;
    }
    ALLOWED.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_suffices_and_a_sum_must_be_whole() {
        for good in [
            "MIT",
            "MIT/Apache-2.0",
            "Apache-2.0 OR GPL-2.0-only",
            "(MIT OR GPL-3.0-only) AND OFL-1.1",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "",
            "(MIT",
            "LGPL-2.1 OR AGPL-3.0",
        ] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }

    #[test]
    fn loose_versions_are_found() {
        let exact: String = PINNED
            .iter()
            .map(|name| format!("{name} = \"=1.0\"\n"))
            .collect();
        assert_eq!(unpinned(&exact), Vec::<String>::new());
        let loose = exact.replace("fundsp = \"=1.0\"", "fundsp = \"1.0\"");
        assert_eq!(unpinned(&loose).len(), 1);
    }
}
