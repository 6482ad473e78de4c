//! A hidden X display for tests that open windows.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};

use crate::shell;

/// A running X server without a screen, with a window manager; both end with this value.
pub struct HiddenDisplay {
    /// Value for `DISPLAY`.
    pub name: String,
    server: Child,
    window_manager: Option<Child>,
}

impl HiddenDisplay {
    /// Starts `Xvfb` on a free display number of its own choice.
    ///
    /// # Errors
    /// `Xvfb` is missing or ends at once.
    pub fn start() -> Result<Self> {
        let mut command = shell::command("Xvfb");
        // The server writes the number it found to its standard output. Without `-noreset` it
        // starts over, and refuses connections meanwhile, whenever its last window closes.
        command
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x900x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut server = command.spawn().context("Could not start Xvfb")?;
        let mut number = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut number)
                .context("Xvfb did not answer")?;
        }
        if number.trim().is_empty() {
            // It has ended or is of no use; waiting for it leaves no dead process behind.
            let _ = server.kill();
            let status = server.wait()?;
            bail!("Xvfb ended without a display ({status}).");
        }
        let name = format!(":{}", number.trim());
        // Some hosts' windows wait for a window manager; ours do not need one.
        let window_manager = shell::command("openbox")
            .env("DISPLAY", &name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .ok();
        Ok(Self {
            name,
            server,
            window_manager,
        })
    }
}

impl Drop for HiddenDisplay {
    fn drop(&mut self) {
        for child in self.window_manager.iter_mut().chain([&mut self.server]) {
            // An error means that it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
