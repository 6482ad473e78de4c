//! Random programs and random edits of them, as somebody live-coding would make.

use std::fmt::Write as _;

use crate::scenario::Random;

/// The chain no edit ever touches.
pub const UNTOUCHED: &str = "keep: sin 440 >> mul 0.1";

/// A program under edit.
pub struct Edited {
    random: Random,
    lines: Vec<(String, Vec<String>)>,
    next_name: u32,
    broken: bool,
    /// Highest level of an edited chain.
    level: f64,
}

impl Edited {
    /// Starts with a few chains.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_level(seed, 0.1)
    }

    /// Like [`new`](Self::new), but the edited chains end in `mul 0`: they are computed, and only
    /// the untouched chain is heard.
    #[must_use]
    pub fn unheard(seed: u64) -> Self {
        Self::with_level(seed, 0.0)
    }

    fn with_level(seed: u64, level: f64) -> Self {
        let random = Random::new(seed);
        let mut edited = Self {
            random,
            lines: Vec::new(),
            next_name: 0,
            broken: false,
            level,
        };
        for _ in 0..4 {
            edited.add_chain();
        }
        edited
    }

    /// The program's text, the untouched chain first.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{UNTOUCHED}\n");
        for (name, nodes) in &self.lines {
            let _ = writeln!(text, "{name}: {}", nodes.join(" >> "));
        }
        if self.broken {
            text.push_str("oops: sin >> >> lfp 300 [\n");
        }
        text
    }

    /// Whether the text has an error in it now.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// Makes one random edit. One in twenty leaves an error in the text, the next repairs it.
    pub fn edit(&mut self) {
        self.broken = !self.broken && self.random.below(20) == 0;
        match self.random.below(6) {
            0 if self.lines.len() < 10 => self.add_chain(),
            1 if self.lines.len() > 2 => {
                let at = self.random.below(self.lines.len() as u64) as usize;
                self.lines.remove(at);
            }
            2 => {
                let node = self.effect();
                let at = self.random.below(self.lines.len() as u64) as usize;
                let nodes = &mut self.lines[at].1;
                // Before the level, which stays last.
                let place = 1 + self.random.below(nodes.len() as u64 - 1) as usize;
                nodes.insert(place, node);
            }
            3 => {
                let at = self.random.below(self.lines.len() as u64) as usize;
                let nodes = &mut self.lines[at].1;
                // The source and the level at the end stay.
                if nodes.len() > 2 {
                    let place = 1 + self.random.below(nodes.len() as u64 - 2) as usize;
                    nodes.remove(place);
                }
            }
            4 => {
                let source = self.source();
                let at = self.random.below(self.lines.len() as u64) as usize;
                self.lines[at].1[0] = source;
            }
            _ => {
                let level = self.level();
                let at = self.random.below(self.lines.len() as u64) as usize;
                if let Some(last) = self.lines[at].1.last_mut() {
                    *last = level;
                }
            }
        }
    }

    fn level(&mut self) -> String {
        format!("mul {:.3}", self.random.unit() * self.level)
    }

    fn add_chain(&mut self) {
        self.next_name += 1;
        let (source, effect, level) = (self.source(), self.effect(), self.level());
        self.lines
            .push((format!("c{}", self.next_name), vec![source, effect, level]));
    }

    fn source(&mut self) -> String {
        let hertz = 40.0 + self.random.unit() * 2000.0;
        match self.random.below(9) {
            0 => format!("sin {hertz:.1}"),
            1 => format!("saw {hertz:.1}"),
            2 => format!("squ {hertz:.1}"),
            3 => format!("tri {hertz:.1}"),
            4 => format!("noiz {}", self.random.below(100)),
            5 => "~input".into(),
            6 => format!("imp {:.2}", 1.0 + self.random.unit() * 20.0),
            7 => "speed 4 >> seq 60 _ 67 60_72 >> bd 0.2".into(),
            _ => "speed 8 >> seq 60 60 _60 _ >> hh 0.05".into(),
        }
    }

    fn effect(&mut self) -> String {
        let hertz = 100.0 + self.random.unit() * 6000.0;
        match self.random.below(7) {
            0 => format!("lpf {hertz:.1} {:.2}", 0.5 + self.random.unit() * 3.0),
            1 => format!("hpf {hertz:.1} {:.2}", 0.5 + self.random.unit() * 3.0),
            2 => format!("delayms {:.1}", 1.0 + self.random.unit() * 400.0),
            3 => format!("plate {:.2}", self.random.unit()),
            4 => format!("mul {:.3}", self.random.unit()),
            5 => format!("pan {:.2}", self.random.unit() * 2.0 - 1.0),
            _ => format!("add {:.3}", self.random.unit() * 0.01),
        }
    }
}
