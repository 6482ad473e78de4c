use super::*;

const VOICE: VoiceID = VoiceID::ID(7);
const CHANNEL: Channel = Channel::Number(2);
const KEY: Key = Key::Number(64);
const NOTE: NoteAddress = NoteAddress {
    channel: Some(2),
    key: Some(64),
    id: Some(7),
};

fn clap(event: NoteEvent<()>) -> Option<MidiEvent> {
    from_host(&event, PluginApi::Clap)
}

#[test]
fn notes_carry_channel_key_and_the_hosts_number() {
    let on = NoteEvent::NoteOn {
        timing: 3,
        voice_id: VOICE,
        channel: CHANNEL,
        key: KEY,
        velocity: 0.5,
    };
    assert_eq!(
        clap(on),
        Some(MidiEvent::NoteOn {
            note: NOTE,
            velocity: 0.5
        })
    );
    let off = NoteEvent::NoteOff {
        timing: 3,
        voice_id: VoiceID::Wildcard,
        channel: CHANNEL,
        key: KEY,
        velocity: 0.5,
    };
    assert_eq!(
        clap(off),
        Some(MidiEvent::NoteOff {
            note: NoteAddress::new(2, 64)
        })
    );
    let choke = NoteEvent::Choke {
        timing: 0,
        voice_id: VoiceID::Wildcard,
        channel: Channel::Wildcard,
        key: Key::Wildcard,
    };
    assert_eq!(
        clap(choke),
        Some(MidiEvent::Choke {
            note: NoteAddress::default()
        })
    );
}

#[test]
fn a_note_without_a_key_is_none_and_one_without_a_channel_plays_on_the_first() {
    let on = |channel, key| NoteEvent::NoteOn {
        timing: 0,
        voice_id: VoiceID::Wildcard,
        channel,
        key,
        velocity: 1.0,
    };
    assert_eq!(clap(on(CHANNEL, Key::Wildcard)), None);
    assert_eq!(clap(on(CHANNEL, Key::Number(200))), None);
    assert_eq!(
        clap(on(Channel::Wildcard, KEY)),
        Some(MidiEvent::NoteOn {
            note: NoteAddress::new(0, 64),
            velocity: 1.0
        })
    );
}

#[test]
fn brightness_is_timbre_in_both_formats() {
    let brightness = NoteEvent::PolyBrightness {
        timing: 0,
        voice_id: VOICE,
        channel: CHANNEL,
        key: KEY,
        brightness: 0.75,
    };
    let expression = NoteEvent::PolyExpression {
        timing: 0,
        voice_id: VOICE,
        channel: CHANNEL,
        key: KEY,
        expression: 0.75,
    };
    let timbre = Some(MidiEvent::Expression {
        note: NOTE,
        kind: NoteExpression::Timbre,
        value: 0.75,
    });
    assert_eq!(from_host(&brightness, PluginApi::Clap), timbre);
    assert_eq!(from_host(&expression, PluginApi::Clap), None);
    assert_eq!(from_host(&brightness, PluginApi::Vst3), None);
    assert_eq!(from_host(&expression, PluginApi::Vst3), timbre);
}

#[test]
fn a_wheel_at_rest_bends_by_nothing_in_either_resolution() {
    for rest in [0.5, 8192.0 / 16383.0] {
        assert_eq!(bend(rest), 0.0);
    }
    assert_eq!((bend(0.0), bend(1.0)), (-1.0, 1.0));
    // One step of a MIDI wheel away from rest, up and down.
    assert!((bend(8193.0 / 16383.0) - 1.0 / 8191.0).abs() < 1e-6);
    assert!((bend(8191.0 / 16383.0) + 1.0 / 8192.0).abs() < 1e-4);
    let mut last = -2.0;
    for i in 0..=16383 {
        let now = bend(i as f32 / 16383.0);
        assert!(now >= last, "rises at {i}");
        last = now;
    }
}

#[test]
fn values_outside_of_their_range_come_to_its_ends() {
    let tuning = |tuning| NoteEvent::PolyTuning {
        timing: 0,
        voice_id: VOICE,
        channel: CHANNEL,
        key: KEY,
        tuning,
    };
    let expected = |value| {
        Some(MidiEvent::Expression {
            note: NOTE,
            kind: NoteExpression::Tuning,
            value,
        })
    };
    assert_eq!(clap(tuning(-1.5)), expected(-1.5));
    assert_eq!(clap(tuning(1e9)), expected(120.0));
    assert_eq!(clap(tuning(f32::NAN)), expected(0.0));
    let controller = NoteEvent::MidiCC {
        timing: 0,
        channel: 0,
        cc: 200,
        value: 0.5,
    };
    assert_eq!(clap(controller), None);
}

#[test]
fn a_sent_note_comes_back_as_it_was() {
    let sent = SentNote {
        frame: 5,
        channel: 9,
        key: 40,
        velocity: 0.25,
        on: true,
    };
    assert_eq!(
        clap(to_host(&sent, 12)),
        Some(MidiEvent::NoteOn {
            note: NoteAddress::new(9, 40),
            velocity: 0.25
        })
    );
    assert_eq!(to_host(&sent, 12).timing(), 12);
    let ended = SentNote {
        on: false,
        velocity: 0.0,
        ..sent
    };
    assert_eq!(
        clap(to_host(&ended, 12)),
        Some(MidiEvent::NoteOff {
            note: NoteAddress::new(9, 40)
        })
    );
}
