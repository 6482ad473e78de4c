//! System packages: which are missing, and how they get here.
//!
//! Probes look for the thing itself (a program, a shared library), not for a package, so that the
//! answer is right on any Linux; the names of the packages are Debian's.

use std::path::Path;
use std::process::Stdio;

use anyhow::Result;

use crate::shell;

/// How to see whether something is there.
#[derive(Clone, Copy)]
enum Probe {
    /// A program on the search path.
    Program(&'static str),
    /// A shared library, by its run-time name.
    Library(&'static str),
    /// A file under the system's library folders, by its path there.
    LibraryFile(&'static str),
    /// Python's `venv` module with its bundled pip.
    PythonVenv,
}

/// One system package and what it is needed for.
pub struct Need {
    /// Debian's name for it.
    pub package: &'static str,
    probe: Probe,
}

const fn need(package: &'static str, probe: Probe) -> Need {
    Need { package, probe }
}

/// Needed to build anything.
pub const BUILD: &[Need] = &[
    need("gcc", Probe::Program("cc")),
    need("libc6-dev", Probe::LibraryFile("crt1.o")),
];

/// Needed to open the editor's window; they are loaded at run time.
pub const EDITOR: &[Need] = &[
    need("libx11-6", Probe::Library("libX11.so.6")),
    need("libx11-xcb1", Probe::Library("libX11-xcb.so.1")),
    need("libxcb1", Probe::Library("libxcb.so.1")),
    need("libxcb-randr0", Probe::Library("libxcb-randr.so.0")),
    need("libxcb-xfixes0", Probe::Library("libxcb-xfixes.so.0")),
    need("libxcb-present0", Probe::Library("libxcb-present.so.0")),
    need("libxcb-sync1", Probe::Library("libxcb-sync.so.1")),
    need("libxcb-xkb1", Probe::Library("libxcb-xkb.so.1")),
    need("libxcb-dri3-0", Probe::Library("libxcb-dri3.so.0")),
    need("libxkbcommon0", Probe::Library("libxkbcommon.so.0")),
    need(
        "libxkbcommon-x11-0",
        Probe::Library("libxkbcommon-x11.so.0"),
    ),
    need("libegl1", Probe::Library("libEGL.so.1")),
    need("libegl-mesa0", Probe::Library("libEGL_mesa.so.0")),
    need("libgl1-mesa-dri", Probe::LibraryFile("dri/swrast_dri.so")),
];

/// Needed by tests that open the editor on a display of their own.
pub const DISPLAY: &[Need] = &[
    need("xvfb", Probe::Program("Xvfb")),
    need("xdotool", Probe::Program("xdotool")),
    need("x11-utils", Probe::Program("xwininfo")),
    need("imagemagick", Probe::Program("import")),
    need("openbox", Probe::Program("openbox")),
];

/// Needed by the test with a foreign VST3 host.
pub const PYTHON: &[Need] = &[
    need("python3", Probe::Program("python3")),
    need("python3-venv", Probe::PythonVenv),
];

/// Needed to build the fuzz targets: libFuzzer is C++.
pub const FUZZ: &[Need] = &[need("g++", Probe::Program("c++"))];

/// The needs of some groups that are not met. Empty where packages are not how things are done.
pub fn missing(groups: &[&'static [Need]]) -> Vec<&'static Need> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    let libraries = shell::find_program("ldconfig")
        .and_then(|ldconfig| shell::output(shell::command(ldconfig).arg("-p")).ok())
        .unwrap_or_default();
    groups
        .iter()
        .flat_map(|group| group.iter())
        .filter(|need| !is_there(need.probe, &libraries))
        .collect()
}

fn is_there(probe: Probe, libraries: &str) -> bool {
    match probe {
        Probe::Program(name) => shell::find_program(name).is_some(),
        // Systems without a linker cache keep their libraries elsewhere; they are not second-guessed.
        Probe::Library(name) => {
            libraries.is_empty()
                || libraries.lines().any(|line| {
                    line.split_whitespace()
                        .next()
                        .is_some_and(|word| word == name)
                })
        }
        Probe::LibraryFile(name) => {
            let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
            [multiarch.as_str(), "/usr/lib64", "/usr/lib"]
                .iter()
                .any(|folder| Path::new(folder).join(name).exists())
        }
        Probe::PythonVenv => shell::find_program("python3").is_some_and(|python| {
            succeeds(shell::command(python).args(["-c", "import venv, ensurepip"]))
        }),
    }
}

/// Whether a command runs and reports success; shows nothing.
fn succeeds(command: &mut std::process::Command) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// The line a person would type to install some needs.
pub fn install_line(needs: &[&Need]) -> String {
    format!(
        "apt-get install -y --no-install-recommends {}",
        names(needs)
    )
}

/// The packages' names, separated by spaces.
pub fn names(needs: &[&Need]) -> String {
    needs
        .iter()
        .map(|n| n.package)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Installs what is missing where that is possible without asking, and returns what still is.
///
/// "Possible" means: the system has `apt-get`, and we are root or may become root without a
/// password. Otherwise the exact command is printed.
///
/// # Errors
/// The rights of this process cannot be found out.
pub fn ensure(groups: &[&'static [Need]], purpose: &str) -> Result<Vec<&'static Need>> {
    let needs = missing(groups);
    if needs.is_empty() {
        return Ok(needs);
    }
    let Some(prefix) = installer() else {
        println!("Missing for {purpose}: {}", names(&needs));
        println!(
            "On Debian and Ubuntu, run as root: {}",
            install_line(&needs)
        );
        return Ok(needs);
    };
    println!("Installing for {purpose}: {}", names(&needs));
    let apt = |args: &[&str]| {
        let mut words = prefix.iter().copied().chain(["apt-get"]);
        let mut command = shell::command(words.next().unwrap_or("apt-get"));
        command
            .args(words)
            .args(args)
            .env("DEBIAN_FRONTEND", "noninteractive");
        shell::run(&mut command)
    };
    // Stale package lists are no reason to stop: the packages may be in the cache.
    if let Err(error) = apt(&["update", "-qq"]) {
        println!("note: {error:#}");
    }
    let packages: Vec<&str> = needs.iter().map(|n| n.package).collect();
    let mut args = vec!["install", "-y", "-qq", "--no-install-recommends"];
    args.extend(&packages);
    if let Err(error) = apt(&args) {
        println!("note: {error:#}");
    }
    Ok(missing(groups))
}

/// Words before `apt-get`: none as root, `sudo -n` where that works, `None` where neither does.
fn installer() -> Option<Vec<&'static str>> {
    shell::find_program("apt-get")?;
    let id = shell::output(shell::command("id").arg("-u")).ok()?;
    if id.trim() == "0" {
        return Some(Vec::new());
    }
    shell::find_program("sudo")?;
    succeeds(shell::command("sudo").args(["-n", "true"])).then(|| vec!["sudo", "-n"])
}
