//! From groups of steps to triggers: who shares which slot, in which cycles, with which chance.
//!
//! A cycle is divided by the weights of its slots, a slot by the steps in it, and so on. Turns (one
//! step per time round) become a congruence of the cycle's number, so that any place of the song
//! gives its triggers without counting up to it.

use crate::registry::{NoteEvent, NoteValue, Turn};

/// What sounds in a slot.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Nothing.
    Rest,
    /// One trigger.
    Note(NoteValue),
    /// Slots that share this one.
    Group(Vec<Slot>),
    /// Slots that take turns, one each time round.
    Turns(Vec<Slot>),
}

/// A slot of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// What sounds.
    pub step: Step,
    /// How often it sounds in the slot, `*`.
    pub repeat: usize,
    /// How many such slots follow each other, `!`.
    pub copies: usize,
    /// Its share of the time beside its neighbours, `@`.
    pub weight: usize,
    /// How likely each of its notes is, `?`.
    pub chance: f32,
}

impl Slot {
    /// A slot of the usual length.
    pub fn new(step: Step) -> Self {
        Self {
            step,
            repeat: 1,
            copies: 1,
            weight: 1,
            chance: 1.0,
        }
    }

    /// Steps it comes to, rests and lengths included.
    fn size(&self) -> usize {
        let inner = match &self.step {
            Step::Rest | Step::Note(_) => 1,
            Step::Group(slots) | Step::Turns(slots) => size(slots),
        };
        let once = inner.saturating_mul(self.repeat);
        once.saturating_add(self.weight - 1)
            .saturating_mul(self.copies)
    }
}

/// Steps that slots come to, rests and lengths included.
pub fn size(slots: &[Slot]) -> usize {
    slots.iter().fold(0, |sum, s| sum.saturating_add(s.size()))
}

/// A stretch of the cycle: from `start / whole`, `length / whole` long. As the parts of a stretch
/// have the same `whole`, every time is rounded once, when it is known.
#[derive(Clone, Copy)]
struct Stretch {
    start: u128,
    length: u128,
    whole: u128,
}

impl Stretch {
    /// `length` parts from part `start` on, of `parts`.
    fn part(self, start: usize, length: usize, parts: usize) -> Self {
        let (start, length, parts) = (start as u128, length as u128, parts.max(1) as u128);
        Self {
            start: self.start * parts + self.length * start,
            length: self.length * length,
            whole: self.whole * parts,
        }
    }
}

/// The cycles in which a stretch is played, and how often it was played before: in cycle
/// `turn.period · t + turn.offset` it is for the `times · t + first`-th time.
#[derive(Clone, Copy)]
struct Round {
    turn: Turn,
    times: u64,
    first: u64,
}

impl Round {
    /// The round of the `number`-th of `count` plays within one.
    fn repeated(self, number: usize, count: usize) -> Self {
        Self {
            times: self.times * count as u64,
            first: self.first * count as u64 + number as u64,
            ..self
        }
    }

    /// The rounds whose turn it is of `number` among `count`, if there are any.
    fn turn(self, number: usize, count: usize) -> Option<Self> {
        let (number, count) = (number as u64, count as u64);
        // The count of plays modulo `count` repeats after `step` values of t.
        let step = count / greatest_common_divisor(self.times, count);
        let t = (0..step).find(|t| (self.times * t + self.first) % count == number)?;
        Some(Self {
            turn: Turn {
                period: self.turn.period * step,
                offset: self.turn.period * t + self.turn.offset,
            },
            times: self.times * step / count,
            first: (self.times * t + self.first - number) / count,
        })
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// The triggers of a cycle, in the order of time.
///
/// The slots must not come to more steps than a pattern may have, nor be nested deeper than
/// [`MAX_DEPTH`](super::notes::MAX_DEPTH): then no number here is near its limit.
pub fn triggers(slots: &[Slot]) -> Vec<NoteEvent> {
    let mut events = Vec::new();
    let cycle = Stretch {
        start: 0,
        length: 1,
        whole: 1,
    };
    let round = Round {
        turn: Turn::ALWAYS,
        times: 1,
        first: 0,
    };
    group(slots, cycle, round, 1.0, &mut events);
    events.sort_by(|a, b| a.at.total_cmp(&b.at));
    events
}

fn group(slots: &[Slot], stretch: Stretch, round: Round, chance: f32, events: &mut Vec<NoteEvent>) {
    let parts: usize = slots.iter().map(|s| s.weight * s.copies).sum();
    let mut start = 0;
    for slot in slots {
        for _ in 0..slot.copies {
            let part = stretch.part(start, slot.weight, parts);
            play(slot, part, round, chance, events);
            start += slot.weight;
        }
    }
}

fn play(slot: &Slot, stretch: Stretch, round: Round, chance: f32, events: &mut Vec<NoteEvent>) {
    let chance = chance * slot.chance;
    for number in 0..slot.repeat {
        let stretch = stretch.part(number, 1, slot.repeat);
        let round = round.repeated(number, slot.repeat);
        match &slot.step {
            Step::Rest => {}
            Step::Note(value) => events.push(NoteEvent {
                at: stretch.start as f64 / stretch.whole as f64,
                value: *value,
                turn: round.turn,
                chance,
            }),
            Step::Group(slots) => group(slots, stretch, round, chance, events),
            Step::Turns(slots) => {
                // A step that is copied or lengthened keeps its turn that many times.
                let count: usize = slots.iter().map(|s| s.weight * s.copies).sum();
                let turns = slots
                    .iter()
                    .flat_map(|s| (0..s.weight * s.copies).map(move |_| s));
                for (number, slot) in turns.enumerate() {
                    if let Some(round) = round.turn(number, count) {
                        play(slot, stretch, round, chance, events);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(n: u8) -> Slot {
        Slot::new(Step::Note(NoteValue::Midi(f32::from(n))))
    }

    fn turns(slots: &[Slot]) -> Slot {
        Slot::new(Step::Turns(slots.to_vec()))
    }

    /// Notes with their times in one cycle.
    fn cycle(slots: &[Slot], number: i64) -> Vec<(f64, u8)> {
        let events = triggers(slots).into_iter();
        let here = events.filter(|e| e.turn.includes(number));
        here.map(|e| match e.value {
            NoteValue::Midi(n) => (e.at, n as u8),
            NoteValue::Reference(_) => (e.at, 0),
        })
        .collect()
    }

    #[test]
    fn weights_copies_and_repeats_share_the_cycle() {
        let slots = [
            Slot {
                weight: 3,
                ..note(1)
            },
            Slot {
                copies: 2,
                ..note(2)
            },
            Slot {
                repeat: 2,
                ..note(3)
            },
        ];
        let sixths = [0.0, 3.0, 4.0, 5.0, 5.5].map(|n: f64| n / 6.0);
        let want: Vec<_> = sixths.into_iter().zip([1, 2, 2, 3, 3]).collect();
        assert_eq!(cycle(&slots, 0), want);
        assert_eq!(size(&slots), 3 + 2 + 2);
    }

    #[test]
    fn turns_nest_and_repeat_as_counted_one_by_one() {
        // A reference that counts: the k-th play of turns takes entry k mod n.
        let inner = [note(3), note(4), note(5)];
        let slots = [
            Slot {
                repeat: 2,
                ..turns(&[note(1), note(2), turns(&inner)])
            },
            turns(&[note(6), note(7)]),
        ];
        let (mut plays, mut inner_plays) = (0, 0);
        for number in 0..40 {
            let mut want = Vec::new();
            for half in 0..2 {
                let n = match plays % 3 {
                    2 => {
                        inner_plays += 1;
                        3 + (inner_plays - 1) % 3
                    }
                    n => 1 + n,
                };
                plays += 1;
                want.push((f64::from(half) / 4.0, n as u8));
            }
            want.push((0.5, 6 + (number % 2) as u8));
            assert_eq!(cycle(&slots, number), want, "cycle {number}");
        }
        // Cycles before the song's start go on backwards.
        assert_eq!(cycle(&slots, -36 * 2), cycle(&slots, 0));
    }

    #[test]
    fn a_step_keeps_its_turn_as_often_as_it_is_copied() {
        let slots = [turns(&[
            Slot {
                copies: 3,
                ..note(1)
            },
            note(2),
        ])];
        let notes: Vec<u8> = (0..8).flat_map(|n| cycle(&slots, n)).map(|e| e.1).collect();
        assert_eq!(notes, [1, 1, 1, 2, 1, 1, 1, 2]);
    }

    #[test]
    fn chances_multiply() {
        let half = |step| Slot {
            chance: 0.5,
            ..Slot::new(step)
        };
        let inner = half(Step::Note(NoteValue::Midi(60.0)));
        let events = triggers(&[half(Step::Group(vec![inner, note(62)]))]);
        let chances: Vec<f32> = events.iter().map(|e| e.chance).collect();
        assert_eq!(chances, [0.25, 0.5]);
    }

    #[test]
    fn sizes_do_not_overflow() {
        let mut slot = note(60);
        for _ in 0..6 {
            slot = Slot {
                repeat: 4096,
                copies: 4096,
                ..Slot::new(Step::Group(vec![slot]))
            };
        }
        assert_eq!(size(&[slot]), usize::MAX);
    }
}
