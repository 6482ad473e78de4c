//! Drives the editor of an instance like a user: clicks, types, looks.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::host::Host;
use crate::x11::{self, ParentWindow};

/// An open editor in a window of its own.
pub struct OpenEditor<'a> {
    host: &'a mut dyn Host,
    /// The window around it.
    pub window: ParentWindow,
    /// Size the editor asked for, in pixels.
    pub size: (u32, u32),
}

impl<'a> OpenEditor<'a> {
    /// Opens the editor and waits until it has drawn something.
    ///
    /// # Errors
    /// There is no display or no editor.
    pub fn open(host: &'a mut dyn Host) -> Result<Self> {
        let window = ParentWindow::open(900, 600)?;
        let size = host.open_editor(window.id)?;
        window.resize(size.0, size.1)?;
        let mut editor = Self { host, window, size };
        editor.wait_until(Duration::from_secs(20), |window| {
            window.colours().unwrap_or(0) > 8
        })?;
        Ok(editor)
    }

    /// Lets the host's loop run for a time.
    pub fn run(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.host.idle();
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Runs the loop until the window is as wished. Returns whether it became so in time.
    ///
    /// # Errors
    /// Never at the moment; the display may be gone.
    pub fn wait_until(
        &mut self,
        limit: Duration,
        mut wished: impl FnMut(&ParentWindow) -> bool,
    ) -> Result<bool> {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            self.run(Duration::from_millis(50));
            if wished(&self.window) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs the loop until the instance is as wished. Returns whether it became so in time.
    pub fn wait_for_host(
        &mut self,
        limit: Duration,
        mut wished: impl FnMut(&mut dyn Host) -> bool,
    ) -> bool {
        let end = Instant::now() + limit;
        while Instant::now() < end {
            self.run(Duration::from_millis(50));
            if wished(self.host) {
                return true;
            }
        }
        false
    }

    /// Replaces the whole text by typing. The text must not need auto-indentation.
    ///
    /// # Errors
    /// `xdotool` is missing.
    pub fn replace_text(&mut self, text: &str) -> Result<()> {
        self.window.click(self.size.0 / 3, self.size.1 / 3)?;
        self.run(Duration::from_millis(300));
        x11::press("ctrl+a")?;
        self.run(Duration::from_millis(100));
        x11::type_text(text)?;
        self.run(Duration::from_millis(300));
        Ok(())
    }

    /// Presses a key or a combination, such as `ctrl+Return`.
    ///
    /// # Errors
    /// `xdotool` is missing.
    pub fn press(&mut self, key: &str) -> Result<()> {
        x11::press(key)?;
        self.run(Duration::from_millis(100));
        Ok(())
    }

    /// Resizes window and editor. Returns whether the editor took the size.
    ///
    /// # Errors
    /// The display is gone.
    pub fn resize(&mut self, width: u32, height: u32) -> Result<bool> {
        self.window.resize(width, height)?;
        let taken = self.host.resize_editor(width, height);
        if taken {
            self.size = (width, height);
        }
        self.run(Duration::from_millis(300));
        Ok(taken)
    }

    /// Writes a picture of the window.
    ///
    /// # Errors
    /// ImageMagick is missing.
    pub fn screenshot(&self, path: &Path) -> Result<()> {
        self.window.screenshot(path)
    }

    /// The instance.
    pub fn host(&mut self) -> &mut dyn Host {
        self.host
    }
}

impl Drop for OpenEditor<'_> {
    fn drop(&mut self) {
        // The editor goes before its parent window does.
        self.host.close_editor();
        for _ in 0..10 {
            self.host.idle();
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
