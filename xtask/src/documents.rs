//! The documents tell the truth: links lead somewhere, and every program in them is accepted.

use std::path::Path;

use anyhow::Result;

use crate::shell;

/// The overview stays readable in one sitting.
const MAX_ARCHITECTURE_LINES: usize = 250;

/// Checks all Markdown files of the project with the built `glisten` program. Returns one sentence
/// per offence.
///
/// # Errors
/// A file cannot be read or written, or the program does not start.
pub fn check(cli: &Path) -> Result<Vec<String>> {
    let scratch = shell::target_dir()?.join("documents");
    std::fs::create_dir_all(&scratch)?;
    let mut problems = Vec::new();
    let mut programs = 0;
    for file in shell::files_under(shell::root(), "md")? {
        let text = shell::read(&file)?;
        let name = shell::relative(&file);
        if name == "ARCHITECTURE.md" && text.lines().count() > MAX_ARCHITECTURE_LINES {
            problems.push(format!(
                "{name} is longer than {MAX_ARCHITECTURE_LINES} lines."
            ));
        }
        for (line, target) in links(&text) {
            let path = target.split('#').next().unwrap_or(target);
            let folder = file.parent().unwrap_or(Path::new(""));
            if !path.is_empty() && !folder.join(path).exists() {
                problems.push(format!("{name}:{line}: The link `{target}` leads nowhere."));
            }
        }
        for (line, program) in blocks(&text, "glicol") {
            programs += 1;
            let place = scratch.join("program.glicol");
            std::fs::write(&place, &program)?;
            let output = shell::command(cli).arg("check").arg(&place).output()?;
            if !output.status.success() {
                let said = String::from_utf8_lossy(&output.stdout).into_owned()
                    + &String::from_utf8_lossy(&output.stderr);
                problems.push(format!(
                    "{name}:{line}: The program is not accepted.\n{said}"
                ));
            }
        }
    }
    println!("{programs} programs");
    Ok(problems)
}

/// Line and target of each relative link, outside fenced code.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (i, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for part in line.split("](").skip(1) {
            let Some((target, _)) = part.split_once(')') else {
                continue;
            };
            if !target.contains("://") && !target.starts_with("mailto:") {
                found.push((i + 1, target));
            }
        }
    }
    found
}

/// First line and content of each fenced block in a language.
pub fn blocks(text: &str, language: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open: Option<(usize, bool, String)> = None;
    for (i, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (&mut open, fence) {
            (Some((start, wanted, content)), Some(_)) => {
                if *wanted {
                    found.push((*start, std::mem::take(content)));
                }
                open = None;
            }
            (Some((_, _, content)), None) => {
                content.push_str(line);
                content.push('\n');
            }
            (None, Some(info)) => open = Some((i + 2, info.trim() == language, String::new())),
            (None, None) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_one_language_are_found() {
        let text = "a\n```glicol\no: sin 1\n```\n```sh\nls\n```\n";
        assert_eq!(blocks(text, "glicol"), [(3, "o: sin 1\n".to_owned())]);
    }

    #[test]
    fn relative_links_are_found_outside_code() {
        let text = "[a](b.md#c) [d](https://e.f)\n```\n[g](h)\n```\n";
        assert_eq!(links(text), [(1, "b.md#c")]);
    }
}
