//! When a waiting program starts (R7.9).
//!
//! Thread: audio.

use super::exchange::{Exchange, Waiting};
use crate::transport::Transport;

/// The place where a waiting program starts, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaunchPoint {
    /// The program.
    pub revision: u64,
    /// Frame on which it is due; the present one or an earlier one: now.
    pub frame: u64,
    /// Song position there.
    pub beat: f64,
    /// Whether a song that stands begins to run by itself with it.
    pub starts_song: bool,
}

/// Knows whose launch frame has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Launcher {
    /// Revision of the program whose frame has come and that may still have to wait for a fade.
    due: u64,
}

impl Launcher {
    /// Where the waiting program starts. `at_once` says that it need not wait for anything.
    pub fn next(
        &mut self,
        exchange: &Exchange,
        transport: &Transport,
        frame: u64,
        at_once: bool,
    ) -> Option<LaunchPoint> {
        let Waiting {
            revision,
            quantum_beats,
            starts_song,
        } = exchange.peek()?;
        let here = transport.clock().beat_at(frame);
        let next = if at_once || quantum_beats == 0 || self.due == revision {
            None
        } else {
            // A standing song has no next multiple: the program starts at once.
            transport.next_launch(frame, f64::from(quantum_beats))
        };
        let (at, beat) = next.unwrap_or((frame, here));
        if at <= frame {
            self.due = revision;
        }
        Some(LaunchPoint {
            revision,
            frame: at,
            beat,
            starts_song,
        })
    }

    /// Looks at the position on `frame` before the song leaves it for the start of its loop: the
    /// loop's end may be the launch point.
    pub fn before_wrap(&mut self, exchange: &Exchange, transport: &Transport, frame: u64) {
        if transport.next_wrap() == Some(frame) {
            let _ = self.next(exchange, transport, frame, false);
        }
    }
}
