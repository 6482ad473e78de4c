//! Standard MIDI files (The MIDI Association, RP-001): formats 0 and 1, times in ticks per quarter
//! note.
//!
//! A reader of our own: of the crates for it, `midly` has no licence that fits here, and `midi-msg`
//! 0.9.0 slices by lengths that it does not check. Nothing here trusts a length.

use engine::{MidiEvent, NoteAddress, NoteExpression};

/// What a file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Song {
    /// Messages with their times in quarter notes; of one time, in the order of the file.
    pub(crate) events: Vec<(f64, MidiEvent)>,
    /// Time of the last event of any kind.
    pub(crate) end_beats: f64,
    /// What it says that is not followed, each as a sentence.
    pub(crate) remarks: Vec<&'static str>,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{what} (byte {byte})")]
pub(crate) struct Damage {
    /// The end of a sentence.
    what: String,
    /// Bytes from the start of the file.
    byte: usize,
}

const TEMPO: &str = "Its tempo is not followed; --bpm says how fast it goes.";
const PROGRAM: &str = "Its program changes are left out; there is one program.";

/// Reads a whole file.
pub(crate) fn read(bytes: &[u8]) -> Result<Song, Damage> {
    let mut file = Reader {
        bytes,
        at: 0,
        end: bytes.len(),
    };
    if file.take(4).ok() != Some(b"MThd") {
        return Err(file.damage_at(0, "it does not begin like a MIDI file"));
    }
    let header_bytes = file.u32()?;
    if header_bytes < 6 {
        return Err(file.damage_at(4, "its header is too short"));
    }
    let header_end = file.at + header_bytes as usize;
    let (format, tracks) = (file.u16()?, file.u16()?);
    match format {
        0 | 1 => {}
        2 => return Err(file.damage_at(8, "it holds several songs (format 2); export one of them")),
        _ => return Err(file.damage_at(8, "its format is unknown")),
    }
    let division = file.u16()?;
    if division & 0x8000 != 0 {
        let what = "its times are film frames (SMPTE); export it with ticks per quarter note";
        return Err(file.damage_at(12, what));
    }
    if division == 0 {
        return Err(file.damage_at(12, "it has no ticks per quarter note"));
    }
    file.skip_to(header_end)?;

    let mut timed: Vec<(u64, MidiEvent)> = Vec::new();
    let mut song = Song::default();
    let mut end_ticks = 0;
    let mut read = 0;
    while read < tracks {
        let is_track = file.take(4)? == b"MTrk";
        let length = file.u32()? as usize;
        let start = file.at;
        file.skip_to(start.saturating_add(length))?;
        if !is_track {
            continue; // Chunks of other kinds are to be skipped.
        }
        let track = Reader {
            bytes,
            at: start,
            end: file.at,
        };
        end_ticks = track.track(&mut timed, &mut song)?.max(end_ticks);
        read += 1;
    }
    // Stable: events of one time stay in their order, track after track.
    timed.sort_by_key(|(ticks, _)| *ticks);
    let beats = |ticks: u64| ticks as f64 / f64::from(division);
    song.events = timed
        .into_iter()
        .map(|(t, event)| (beats(t), event))
        .collect();
    song.end_beats = beats(end_ticks);
    Ok(song)
}

/// A place in the bytes of a file or a track.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Nothing is read from here on.
    end: usize,
}

impl<'a> Reader<'a> {
    fn damage_at(&self, byte: usize, what: &str) -> Damage {
        let what = what.to_owned();
        Damage { what, byte }
    }

    fn too_short(&self) -> Damage {
        self.damage_at(self.at, "it ends too early")
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let end = self.at.checked_add(count).filter(|end| *end <= self.end);
        let taken = end.and_then(|end| self.bytes.get(self.at..end));
        let taken = taken.ok_or_else(|| self.too_short())?;
        self.at += count;
        Ok(taken)
    }

    fn skip_to(&mut self, at: usize) -> Result<(), Damage> {
        if at > self.end || at < self.at {
            return Err(self.too_short());
        }
        self.at = at;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        self.take(1)?
            .first()
            .copied()
            .ok_or_else(|| self.too_short())
    }

    fn big_endian(&mut self, count: usize) -> Result<u32, Damage> {
        let bytes = self.take(count)?.iter();
        Ok(bytes.fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn u16(&mut self) -> Result<u16, Damage> {
        // Two bytes fit.
        Ok(self.big_endian(2)? as u16)
    }

    fn u32(&mut self) -> Result<u32, Damage> {
        self.big_endian(4)
    }

    /// A number of up to four bytes with seven bits each; the last one has no top bit.
    fn variable_length(&mut self) -> Result<u32, Damage> {
        let start = self.at;
        let mut number = 0;
        for _ in 0..4 {
            let byte = self.byte()?;
            number = number << 7 | u32::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(self.damage_at(start, "a number in it has no end"))
    }

    fn data(&mut self) -> Result<u8, Damage> {
        let byte = self.byte()?;
        if byte & 0x80 != 0 {
            return Err(self.damage_at(self.at - 1, "a message in it breaks off"));
        }
        Ok(byte)
    }

    /// Reads a track; returns the ticks at its end.
    fn track(mut self, timed: &mut Vec<(u64, MidiEvent)>, song: &mut Song) -> Result<u64, Damage> {
        let mut ticks = 0;
        let mut running: Option<u8> = None;
        while self.at < self.end {
            ticks += u64::from(self.variable_length()?);
            let start = self.at;
            let first = self.byte()?;
            let status = match first {
                0x80.. => first,
                // A data byte: the message has the status of the one before it.
                _ => {
                    self.at = start;
                    running
                        .ok_or_else(|| self.damage_at(start, "a message in it has no beginning"))?
                }
            };
            match status {
                0x80..=0xef => {
                    running = Some(status);
                    if let Some(event) = self.message(status, song)? {
                        timed.push((ticks, event));
                    }
                }
                0xff => {
                    running = None;
                    let kind = self.byte()?;
                    let length = self.variable_length()? as usize;
                    self.take(length)?;
                    match kind {
                        0x2f => return Ok(ticks),
                        0x51 => remark(song, TEMPO),
                        _ => {}
                    }
                }
                0xf0 | 0xf7 => {
                    running = None;
                    let length = self.variable_length()? as usize;
                    self.take(length)?;
                }
                _ => return Err(self.damage_at(start, "a message in it cannot stand in a file")),
            }
        }
        Ok(ticks)
    }

    /// The data of a channel message.
    fn message(&mut self, status: u8, song: &mut Song) -> Result<Option<MidiEvent>, Damage> {
        let channel = status & 15;
        let first = self.data()?;
        let share = |byte: u8| f32::from(byte) / 127.0;
        let note = NoteAddress::new(channel, first);
        Ok(Some(match status & 0xf0 {
            0x80 => {
                self.data()?;
                MidiEvent::NoteOff { note }
            }
            0x90 => match self.data()? {
                0 => MidiEvent::NoteOff { note },
                velocity => MidiEvent::NoteOn {
                    note,
                    velocity: share(velocity),
                },
            },
            0xa0 => MidiEvent::Expression {
                note,
                kind: NoteExpression::Pressure,
                value: share(self.data()?),
            },
            0xb0 => MidiEvent::Controller {
                channel,
                number: first,
                value: share(self.data()?),
            },
            0xc0 => {
                remark(song, PROGRAM);
                return Ok(None);
            }
            0xd0 => MidiEvent::ChannelPressure {
                channel,
                value: share(first),
            },
            _ => MidiEvent::PitchBend {
                channel,
                value: bend(first, self.data()?),
            },
        }))
    }
}

/// A pitch wheel from −1 to 1, with both ends and the middle exact.
fn bend(low: u8, high: u8) -> f32 {
    let offset = (i16::from(high) << 7 | i16::from(low)) - 8192;
    let reach = if offset < 0 { 8192.0 } else { 8191.0 };
    f32::from(offset) / reach
}

fn remark(song: &mut Song, text: &'static str) {
    if !song.remarks.contains(&text) {
        song.remarks.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(format: u16, division: u16, tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\0\0\0\x06".to_vec();
        bytes.extend(format.to_be_bytes());
        bytes.extend((tracks.len() as u16).to_be_bytes());
        bytes.extend(division.to_be_bytes());
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32).to_be_bytes());
            bytes.extend(*track);
        }
        bytes
    }

    fn on(channel: u8, key: u8, velocity: u8) -> MidiEvent {
        MidiEvent::NoteOn {
            note: NoteAddress::new(channel, key),
            velocity: f32::from(velocity) / 127.0,
        }
    }

    fn off(channel: u8, key: u8) -> MidiEvent {
        MidiEvent::NoteOff {
            note: NoteAddress::new(channel, key),
        }
    }

    /// All messages, running status, a variable length of two bytes, meta and exclusive ones.
    const EVERYTHING: &[u8] = &[
        0, 0xff, 0x51, 3, 7, 0xa1, 0x20, // tempo
        0, 0x93, 60, 127, // note on, channel 4
        0, 64, 64, // running status
        0x83, 0x60, 60, 0, // 480 ticks later: note off as velocity 0
        0, 0x83, 64, 9, // note off
        0, 0xa0, 61, 127, // polyphonic pressure
        0, 0xf0, 3, 1, 2, 0xf7, // exclusive
        0, 0xb0, 1, 127, // controller
        0, 0xc0, 5, // program
        0, 0xd0, 0, // channel pressure
        0, 0xe0, 0, 0, // bend, all the way down
        0, 0x7f, 0x7f, // all the way up
        0, 0, 0x40, // the middle
        120, 0xff, 0x2f, 0, // end
    ];

    #[test]
    fn every_message_is_read_at_its_beat() {
        let song = read(&file(0, 480, &[EVERYTHING])).expect("a whole file");
        let bend = |value| MidiEvent::PitchBend { channel: 0, value };
        let expected = [
            (0.0, on(3, 60, 127)),
            (0.0, on(3, 64, 64)),
            (1.0, off(3, 60)),
            (1.0, off(3, 64)),
            (
                1.0,
                MidiEvent::Expression {
                    note: NoteAddress::new(0, 61),
                    kind: NoteExpression::Pressure,
                    value: 1.0,
                },
            ),
            (
                1.0,
                MidiEvent::Controller {
                    channel: 0,
                    number: 1,
                    value: 1.0,
                },
            ),
            (
                1.0,
                MidiEvent::ChannelPressure {
                    channel: 0,
                    value: 0.0,
                },
            ),
            (1.0, bend(-1.0)),
            (1.0, bend(1.0)),
            (1.0, bend(0.0)),
        ];
        assert_eq!(song.events, expected);
        assert_eq!(song.end_beats, 1.25);
        assert_eq!(song.remarks, [TEMPO, PROGRAM]);
    }

    #[test]
    fn tracks_play_together() {
        let first: &[u8] = &[0, 0x90, 60, 1, 96, 0x80, 60, 0, 0, 0xff, 0x2f, 0];
        let second: &[u8] = &[48, 0x91, 61, 1, 48, 0x91, 62, 1, 0, 0xff, 0x2f, 0];
        let mut bytes = file(1, 96, &[first, second]);
        // A chunk of another kind between the tracks, which counts as none.
        let at = 14 + 8 + first.len();
        bytes.splice(at..at, *b"XFIH\0\0\0\x02ab");
        let song = read(&bytes).expect("a whole file");
        let expected = [
            (0.0, on(0, 60, 1)),
            (0.5, on(1, 61, 1)),
            (1.0, off(0, 60)),
            (1.0, on(1, 62, 1)),
        ];
        assert_eq!(song.events, expected);
        assert_eq!(read(&file(1, 96, &[])), Ok(Song::default()));
    }

    #[test]
    fn damage_is_told_with_its_place() {
        let damaged = |bytes: &[u8]| read(bytes).expect_err("damaged").to_string();
        let track = |bytes: &[u8]| damaged(&file(0, 96, &[bytes]));
        // A file's header has 14 bytes, a track's 8.
        let cases = [
            (damaged(b""), "does not begin", 0),
            (damaged(b"RIFF1234"), "does not begin", 0),
            (damaged(b"MThd\0\0\0\x05"), "header is too short", 4),
            (damaged(b"MThd\0\0\0\x06\0\0"), "ends too early", 10),
            (damaged(&file(2, 96, &[])), "format 2", 8),
            (damaged(&file(3, 96, &[])), "format is unknown", 8),
            (damaged(&file(1, 0xe728, &[])), "SMPTE", 12),
            (damaged(&file(1, 0, &[])), "no ticks", 12),
            (track(&[0, 60, 1]), "no beginning", 23),
            (track(&[0, 0x90, 60]), "ends too early", 25),
            (track(&[0, 0x90, 60, 0x90]), "breaks off", 25),
            (track(&[0, 0xf2, 0, 0]), "cannot stand", 23),
            (track(&[0x80, 0x80, 0x80, 0x80, 0]), "no end", 22),
            (track(&[0, 0xff, 1, 9, 0]), "ends too early", 26),
            (track(&[0, 0xf0, 0x7f]), "ends too early", 25),
            // Neither exclusive nor meta events have a running status.
            (
                track(&[0, 0x90, 1, 1, 0, 0xf0, 0, 0, 2, 2]),
                "no beginning",
                30,
            ),
        ];
        for (text, words, byte) in cases {
            assert!(text.contains(words), "{text}");
            assert!(text.ends_with(&format!("(byte {byte})")), "{text}");
        }
        let mut longer = file(0, 96, &[&[0, 0xff, 0x2f, 0]]);
        longer[18..22].fill(0xff);
        assert!(damaged(&longer).contains("ends too early"));
    }

    #[test]
    fn any_bytes_end_in_a_song_or_in_a_place_inside_the_file() {
        let whole = file(1, 480, &[EVERYTHING, EVERYTHING]);
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut refused = 0;
        for _ in 0..20_000 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(3) {
                    0 => bytes[at] = random(256) as u8,
                    1 => bytes.truncate(at + 1),
                    _ => bytes.insert(at, random(256) as u8),
                }
            }
            match read(&bytes) {
                Ok(song) => assert!(song.events.iter().all(|(beat, _)| *beat <= song.end_beats)),
                Err(damage) => {
                    refused += 1;
                    assert!(damage.byte <= bytes.len(), "{damage}");
                }
            }
        }
        assert!((5_000..20_000).contains(&refused), "{refused}");
    }
}
