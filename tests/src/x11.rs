//! An X display for editors: a virtual one where there is none, a parent window, screenshots, and
//! a keyboard and mouse through `xdotool`.

// Waiting for files is a C call.
#![allow(unsafe_code)]

use std::io::{BufRead, BufReader};
use std::os::fd::RawFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ConfigureWindowAux, ConnectionExt, CreateWindowAux, EventMask, ImageFormat,
    PropMode, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// Which of these files can be read now.
#[must_use]
pub fn readable(files: &[RawFd]) -> Vec<RawFd> {
    let mut polled: Vec<libc::pollfd> = files
        .iter()
        .map(|&fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        })
        .collect();
    // SAFETY: the array has the length given; the call returns at once.
    unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, 0) };
    polled
        .iter()
        .filter(|p| p.revents != 0)
        .map(|p| p.fd)
        .collect()
}

/// A virtual display that ends with this value.
pub struct VirtualDisplay {
    server: Child,
    /// Its name, such as ":99".
    pub name: String,
}

impl VirtualDisplay {
    /// Starts `Xvfb` on a free display number.
    ///
    /// # Errors
    /// It is not installed or does not start.
    pub fn start() -> Result<Self> {
        // The server chooses the number and writes it to its standard output. Without "-noreset" it
        // starts anew whenever its last window closes.
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1400x900x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb (package xvfb)")?;
        let mut number = String::new();
        let output = server.stdout.take().context("a piped output")?;
        BufReader::new(output).read_line(&mut number)?;
        if number.trim().is_empty() {
            let _ = server.kill();
            let _ = server.wait();
            bail!("Xvfb names no display");
        }
        Ok(Self {
            server,
            name: format!(":{}", number.trim()),
        })
    }
}

impl Drop for VirtualDisplay {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// A top-level window for an editor to live in.
pub struct ParentWindow {
    connection: RustConnection,
    /// X11 id.
    pub id: u32,
    /// The window manager's message for "close".
    delete: Atom,
}

impl ParentWindow {
    /// Opens and shows one on the display of the environment.
    ///
    /// # Errors
    /// There is no display.
    pub fn open(width: u16, height: u16) -> Result<Self> {
        let (connection, screen) = x11rb::connect(None).context("there is no X display")?;
        let root = &connection.setup().roots[screen];
        let id = connection.generate_id()?;
        connection.create_window(
            x11rb::COPY_DEPTH_FROM_PARENT,
            id,
            root.root,
            0,
            0,
            width,
            height,
            0,
            WindowClass::INPUT_OUTPUT,
            0,
            &CreateWindowAux::new()
                .event_mask(EventMask::STRUCTURE_NOTIFY)
                .background_pixel(root.black_pixel),
        )?;
        // Asks the window manager to send a message instead of cutting the connection.
        let protocols = connection
            .intern_atom(false, b"WM_PROTOCOLS")?
            .reply()?
            .atom;
        let delete = connection
            .intern_atom(false, b"WM_DELETE_WINDOW")?
            .reply()?
            .atom;
        connection.change_property32(
            PropMode::REPLACE,
            id,
            protocols,
            AtomEnum::ATOM,
            &[delete],
        )?;
        connection.map_window(id)?;
        connection.sync()?;
        Ok(Self {
            connection,
            id,
            delete,
        })
    }

    /// Whether the user closed it.
    ///
    /// # Errors
    /// The display is gone.
    pub fn is_closed(&self) -> Result<bool> {
        while let Some(event) = self.connection.poll_for_event()? {
            match event {
                Event::ClientMessage(message) if message.data.as_data32()[0] == self.delete => {
                    return Ok(true);
                }
                Event::DestroyNotify(gone) if gone.window == self.id => return Ok(true),
                _ => {}
            }
        }
        Ok(false)
    }

    /// Gives it a title.
    ///
    /// # Errors
    /// The display is gone.
    pub fn set_title(&self, title: &str) -> Result<()> {
        let (name, text) = (AtomEnum::WM_NAME, AtomEnum::STRING);
        self.connection.change_property8(
            PropMode::REPLACE,
            self.id,
            name,
            text,
            title.as_bytes(),
        )?;
        self.connection.sync()?;
        Ok(())
    }

    /// Changes the size.
    ///
    /// # Errors
    /// The display is gone.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let size = ConfigureWindowAux::new().width(width).height(height);
        self.connection.configure_window(self.id, &size)?;
        self.connection.sync()?;
        Ok(())
    }

    /// Number of different colours in the window, up to a thousand.
    ///
    /// # Errors
    /// The display is gone.
    pub fn colours(&self) -> Result<usize> {
        let size = self.connection.get_geometry(self.id)?.reply()?;
        let image = self
            .connection
            .get_image(
                ImageFormat::Z_PIXMAP,
                self.id,
                0,
                0,
                size.width,
                size.height,
                !0,
            )?
            .reply()?;
        let mut colours = std::collections::HashSet::new();
        for pixel in image.data.chunks_exact(4) {
            colours.insert([pixel[0], pixel[1], pixel[2]]);
            if colours.len() >= 1000 {
                break;
            }
        }
        Ok(colours.len())
    }

    /// Writes a picture of the window.
    ///
    /// # Errors
    /// ImageMagick is missing or fails.
    pub fn screenshot(&self, path: &Path) -> Result<()> {
        run(Command::new("import")
            .args(["-window", &self.id.to_string()])
            .arg(path))
    }

    /// Clicks into the window.
    ///
    /// # Errors
    /// `xdotool` is missing or fails.
    pub fn click(&self, x: u32, y: u32) -> Result<()> {
        let (id, x, y) = (self.id.to_string(), x.to_string(), y.to_string());
        run(Command::new("xdotool").args(["mousemove", "--window", &id, &x, &y, "click", "1"]))
    }
}

impl Drop for ParentWindow {
    fn drop(&mut self) {
        let _ = self.connection.destroy_window(self.id);
        let _ = self.connection.sync();
    }
}

/// Types text on the focused window.
///
/// # Errors
/// `xdotool` is missing or fails.
pub fn type_text(text: &str) -> Result<()> {
    run(Command::new("xdotool").args(["type", "--delay", "12", "--", text]))
}

/// Presses a key or a combination, such as `ctrl+Return`.
///
/// # Errors
/// `xdotool` is missing or fails.
pub fn press(key: &str) -> Result<()> {
    run(Command::new("xdotool").args(["key", "--delay", "20", key]))
}

fn run(command: &mut Command) -> Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} fails: {status}");
    }
    Ok(())
}
