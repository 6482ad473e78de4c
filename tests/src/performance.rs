//! Somebody plays.

use crate::scenario::{Expression, MessageKind, Random, Scenario};

/// A performance of everything there is, for the instrument; the same in both formats.
#[must_use]
pub fn performance(frames: u64) -> Scenario {
    let mut random = Random::new(99);
    let mut scenario = Scenario::new(frames);
    let mut frame = 0;
    let mut held: Vec<(u8, u8, i32)> = Vec::new();
    let mut next_id = 0;
    while frame < frames {
        let channel = random.below(4) as u8;
        let kind = match random.below(10) {
            0..=3 => {
                let key = 40 + random.below(40) as u8;
                next_id += 1;
                held.push((channel, key, next_id));
                MessageKind::On {
                    key,
                    id: Some(next_id),
                    velocity: 0.25 + 0.25 * random.below(4) as f64,
                }
            }
            4..=6 if !held.is_empty() => {
                let (channel, key, id) = held.swap_remove(random.below(held.len() as u64) as usize);
                scenario = scenario.message(frame, channel, MessageKind::Off { key, id: Some(id) });
                frame += random.below(300);
                continue;
            }
            7 if !held.is_empty() => {
                let (channel, key, id) = *random.pick(&held);
                let kind = MessageKind::Expression {
                    key,
                    id,
                    kind: *random.pick(&[
                        Expression::Volume,
                        Expression::Brightness,
                        Expression::Pressure,
                    ]),
                    value: 0.25 * random.below(5) as f64,
                };
                scenario = scenario.message(frame, channel, kind);
                frame += random.below(300);
                continue;
            }
            8 => MessageKind::Bend(random.below(3) as f64 - 1.0),
            _ => MessageKind::Controller {
                number: *random.pick(&[1, 64, 74]),
                value: random.below(2) as f64,
            },
        };
        scenario = scenario.message(frame, channel, kind);
        // Several events on one frame are common.
        frame += random.below(3) * random.below(200);
    }
    scenario
}
