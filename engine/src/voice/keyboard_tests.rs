use super::*;

fn control(channel: u8, number: u8, seven_bits: u8) -> MidiEvent {
    MidiEvent::Controller {
        channel,
        number,
        value: f32::from(seven_bits) / 127.0,
    }
}

fn on(channel: u8, key: u8) -> MidiEvent {
    MidiEvent::NoteOn {
        note: NoteAddress::new(channel, key),
        velocity: f32::from(key) / 127.0,
    }
}

fn off(channel: u8, key: u8) -> MidiEvent {
    MidiEvent::NoteOff {
        note: NoteAddress::new(channel, key),
    }
}

fn wheel(channel: u8, value: f32) -> MidiEvent {
    MidiEvent::PitchBend { channel, value }
}

fn after(events: &[MidiEvent]) -> Keyboard {
    let mut keyboard = Keyboard::default();
    events.iter().for_each(|e| keyboard.apply(e));
    keyboard
}

fn newest(keyboard: &Keyboard) -> Option<(u8, u8)> {
    let (note, _) = keyboard.newest_key()?;
    Some((note.channel?, note.key?))
}

/// The three messages that set a registered parameter.
fn parameter(channel: u8, number: u8, value: u8) -> [MidiEvent; 3] {
    [
        control(channel, 101, 0),
        control(channel, 100, number),
        control(channel, 6, value),
    ]
}

#[test]
fn the_newest_key_that_is_still_down_is_known() {
    let mut keyboard = after(&[on(0, 60), on(0, 64), on(3, 67)]);
    assert_eq!(newest(&keyboard), Some((3, 67)));
    keyboard.apply(&off(0, 64));
    keyboard.apply(&off(3, 67));
    assert_eq!(
        (newest(&keyboard), keyboard.keys_down()),
        (Some((0, 60)), 1)
    );
    // Struck again it is the newest, and counts once.
    keyboard.apply(&on(0, 62));
    keyboard.apply(&on(0, 60));
    assert_eq!(
        (newest(&keyboard), keyboard.keys_down()),
        (Some((0, 60)), 2)
    );
    let (_, velocity) = keyboard.newest_key().expect("a key is down");
    assert_eq!(velocity, 60.0 / 127.0);
    keyboard.release_all();
    assert_eq!(keyboard.newest_key(), None);
}

#[test]
fn every_key_of_every_channel_has_room_and_none_is_lost() {
    let mut keyboard = Keyboard::default();
    for channel in 0..16 {
        for key in 0..128 {
            keyboard.apply(&on(channel, key));
        }
    }
    assert_eq!(keyboard.keys_down(), 2048);
    // Notes that no keyboard has change nothing.
    keyboard.apply(&on(16, 60));
    keyboard.apply(&on(0, 128));
    assert_eq!(keyboard.keys_down(), 2048);
    for channel in 0..16 {
        for key in 0..128 {
            keyboard.apply(&off(channel, key));
        }
    }
    assert_eq!(keyboard.keys_down(), 0);
}

#[test]
fn all_notes_off_and_all_sound_off_lift_the_keys_of_their_channel() {
    for number in [120, 123, 124, 125, 126, 127] {
        let keyboard = after(&[on(0, 60), on(1, 61), on(0, 62), control(0, number, 0)]);
        assert_eq!(
            (newest(&keyboard), keyboard.keys_down()),
            (Some((1, 61)), 1),
            "{number}"
        );
    }
    // Other controllers do not.
    let keyboard = after(&[on(0, 60), control(0, 121, 0), control(0, 122, 0)]);
    assert_eq!(keyboard.keys_down(), 1);
    // In MPE the master speaks for its members.
    let mpe = MidiEvent::Mpe { on: true };
    let keyboard = after(&[mpe, on(1, 60), on(15, 61), control(0, 123, 0)]);
    assert_eq!(keyboard.keys_down(), 0);
}

#[test]
fn a_wheel_bends_its_channel_by_two_semitones_or_as_far_as_the_range_says() {
    let keyboard = after(&[wheel(2, 0.5), wheel(3, -1.0)]);
    assert_eq!([2, 3, 4].map(|c| keyboard.own_bend(c)), [1.0, -2.0, 0.0]);
    let keyboard = after(&[wheel(2, 0.5), MidiEvent::BendRange { semitones: 12.0 }]);
    assert_eq!(keyboard.own_bend(2), 6.0);
    assert_eq!(keyboard.common_bend(2), 0.0);
    // Registered parameter 0: 7 semitones and 50 cents on one channel.
    let mut keyboard = after(&[wheel(2, 1.0), wheel(3, 1.0)]);
    parameter(2, 0, 7).iter().for_each(|e| keyboard.apply(e));
    keyboard.apply(&control(2, 38, 50));
    assert_eq!((keyboard.own_bend(2), keyboard.own_bend(3)), (7.5, 2.0));
    // No parameter is chosen, or an unregistered one: data entry means nothing.
    keyboard.apply(&control(2, 99, 0));
    keyboard.apply(&control(2, 6, 24));
    assert_eq!(keyboard.own_bend(2), 7.5);
    keyboard.apply(&control(3, 6, 24));
    assert_eq!(keyboard.own_bend(3), 2.0);
}

#[test]
fn in_mpe_each_note_bends_by_48_semitones_and_the_master_bends_all() {
    let mpe = MidiEvent::Mpe { on: true };
    let mut keyboard = after(&[mpe, wheel(0, 1.0), wheel(5, 0.25)]);
    assert_eq!((keyboard.own_bend(5), keyboard.common_bend(5)), (12.0, 2.0));
    assert_eq!((keyboard.own_bend(0), keyboard.common_bend(0)), (2.0, 0.0));
    // The range of the master is set apart from that of the members.
    keyboard.apply(&MidiEvent::BendRange { semitones: 7.0 });
    assert_eq!((keyboard.own_bend(5), keyboard.common_bend(5)), (12.0, 7.0));
    // A member's registered parameter speaks for all members.
    parameter(9, 0, 24).iter().for_each(|e| keyboard.apply(e));
    assert_eq!((keyboard.own_bend(5), keyboard.common_bend(5)), (6.0, 7.0));
    keyboard.apply(&MidiEvent::Mpe { on: false });
    assert_eq!((keyboard.own_bend(5), keyboard.common_bend(5)), (1.75, 0.0));
}

#[test]
fn the_mpe_configuration_message_makes_a_zone_of_its_size() {
    let mut keyboard = Keyboard::default();
    parameter(0, 6, 7).iter().for_each(|e| keyboard.apply(e));
    let members: Vec<u8> = (0..16).filter(|c| keyboard.is_member(*c)).collect();
    assert_eq!(members, (1..=7).collect::<Vec<u8>>());
    keyboard.apply(&wheel(8, 1.0));
    keyboard.apply(&wheel(0, 1.0));
    // Channel 8 is outside the zone: an ordinary channel.
    assert_eq!((keyboard.own_bend(8), keyboard.common_bend(8)), (2.0, 0.0));
    assert_eq!(keyboard.common_bend(7), 2.0);
    parameter(0, 6, 0).iter().for_each(|e| keyboard.apply(e));
    assert!((0..16).all(|c| !keyboard.is_member(c)));
    // On another channel it is the upper zone's, which is not kept.
    parameter(15, 6, 7).iter().for_each(|e| keyboard.apply(e));
    assert!((0..16).all(|c| !keyboard.is_member(c)));
}

#[test]
fn the_pedal_holds_its_channel_and_the_masters_pedal_all_members() {
    let mut keyboard = after(&[control(0, 64, 64)]);
    assert_eq!([0, 1].map(|c| keyboard.sustains(c)), [true, false]);
    keyboard.apply(&MidiEvent::Mpe { on: true });
    assert_eq!([0, 1, 15].map(|c| keyboard.sustains(c)), [true; 3]);
    keyboard.apply(&control(0, 64, 63));
    assert!(!keyboard.sustains(1));
}

#[test]
fn pressure_and_timbre_stand_per_channel_and_the_masters_newest_reaches_all() {
    let pressure = |channel, value| MidiEvent::ChannelPressure { channel, value };
    let mut keyboard = after(&[pressure(1, 0.75), control(2, 74, 127)]);
    assert_eq!([0, 1].map(|c| keyboard.pressure(c)), [0.0, 0.75]);
    assert_eq!([1, 2].map(|c| keyboard.timbre(c)), [0.5, 1.0]);
    keyboard.apply(&MidiEvent::Mpe { on: true });
    keyboard.apply(&pressure(0, 0.25));
    keyboard.apply(&pressure(3, 0.5));
    assert_eq!([0, 1, 3].map(|c| keyboard.pressure(c)), [0.25, 0.25, 0.5]);
}

#[test]
fn reset_all_controllers_returns_what_rp_015_lists() {
    let mut keyboard = after(&[
        wheel(1, 1.0),
        wheel(2, 1.0),
        control(1, 1, 127),
        control(1, 7, 127),
        control(1, 64, 127),
        control(1, 74, 0),
        MidiEvent::ChannelPressure {
            channel: 1,
            value: 1.0,
        },
        control(1, 121, 0),
    ]);
    assert_eq!([1, 2].map(|c| keyboard.own_bend(c)), [0.0, 2.0]);
    assert_eq!((keyboard.pressure(1), keyboard.timbre(1)), (0.0, 0.0));
    assert!(!keyboard.sustains(1));
    let values = [1, 7, 11, 64].map(|n| keyboard.controller(n));
    assert_eq!(values, [0.0, 1.0, 1.0, 0.0]);
    assert_eq!(Keyboard::default().controller(11), 0.0, "it was never sent");
    // The engine's reset forgets all messages, but not what the host has set.
    keyboard.apply(&MidiEvent::Mpe { on: true });
    keyboard.apply(&MidiEvent::BendRange { semitones: 5.0 });
    keyboard.apply(&on(1, 60));
    keyboard.reset();
    keyboard.apply(&wheel(0, 1.0));
    assert_eq!((keyboard.keys_down(), keyboard.controller(7)), (0, 0.0));
    assert_eq!(
        (keyboard.is_member(15), keyboard.common_bend(15)),
        (true, 5.0)
    );
}

#[test]
fn nonsense_from_a_host_leaves_sensible_values() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e30, -1e30] {
        let keyboard = after(&[
            wheel(0, bad),
            wheel(255, bad),
            MidiEvent::BendRange { semitones: bad },
            MidiEvent::ChannelPressure {
                channel: 0,
                value: bad,
            },
            MidiEvent::Controller {
                channel: 200,
                number: 200,
                value: bad,
            },
            MidiEvent::Controller {
                channel: 0,
                number: 74,
                value: bad,
            },
        ]);
        let values = [
            keyboard.own_bend(0),
            keyboard.pressure(0),
            keyboard.timbre(0),
        ];
        assert!(values.iter().all(|x| x.abs() <= 96.0), "{bad}: {values:?}");
        assert_eq!(keyboard.own_bend(255), 0.0);
    }
}
