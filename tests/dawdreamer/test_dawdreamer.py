"""Glisten's VST3 in a foreign host: DawDreamer, which is JUCE.

usage: GLISTEN_VST3=path/to/Glisten.vst3 python test_dawdreamer.py

DawDreamer loads the first class of a bundle only (the instrument) and always starts at beat 0.
Prints one line per check; the exit code is 1 when one fails.
"""

import json
import math
import os
import struct
import sys
import tempfile

import dawdreamer
import numpy as np

RATE = 48000
CLASS_ID = b"Glisten.Plug.Ins"
RICH = """\
~cut: sin 0.7 >> mul 600 >> add 900
~env: speed 4 >> seq 60 _ 60 _60 >> envperc 0.005 0.12
~r: choose 60 64 67 72
bass: saw 55 >> lpf ~cut 0.9 >> mul ~env >> mul 0.4
drums: speed 2 >> seq 60 _ 60 60_60 >> bd 0.2 >> mul 0.4
lead: speed 2 >> seq ~r _ ~r 72 >> mul 0.05
air: noiz 42 >> mul 0.01 >> delayms 150 >> plate 0.2
"""
BROKEN = "out: sin 440 >> lfp 300"


def preset(draft, last_good):
    """A .vstpreset file: header, component state, list of chunks (VST3 SDK, vstpresetfile.h)."""
    document = {"format": 1, "draft": draft, "last_good": last_good, "seed": 0}
    state = {"version": "", "params": {}, "fields": {"glisten": json.dumps(document)}}
    data = json.dumps(state).encode()
    header = b"VST3" + struct.pack("<i", 1) + CLASS_ID.hex().upper().encode()
    start = len(header) + 8
    chunks = b"List" + struct.pack("<i", 1) + b"Comp" + struct.pack("<qq", start, len(data))
    return header + struct.pack("<q", start + len(data)) + data + chunks


class Session:
    """One engine with one instance."""

    def __init__(self, bundle, block=512):
        self.engine = dawdreamer.RenderEngine(RATE, block)
        self.plugin = self.engine.make_plugin_processor("glisten", bundle)
        self.engine.load_graph([(self.plugin, [])])

    def load(self, draft, last_good=None):
        with tempfile.NamedTemporaryFile(suffix=".vstpreset", delete=False) as file:
            file.write(preset(draft, last_good if last_good is not None else draft))
        try:
            if not self.plugin.load_vst3_preset(file.name):
                raise AssertionError("the preset is refused")
        finally:
            os.remove(file.name)
        return self

    def render(self, seconds, bpm=120.0):
        self.engine.set_bpm(bpm)
        self.engine.render(seconds)
        return self.engine.get_audio().copy()

    def parameter(self, name):
        for description in self.plugin.get_parameters_description():
            if description["name"] == name:
                return description["index"]
        raise AssertionError(f"no parameter {name}")


def check_sound_and_width(bundle):
    audio = Session(bundle).load("out: sin 440 >> mul 0.25").render(0.5)
    assert audio.shape[0] == 2, audio.shape
    peak = float(np.abs(audio).max())
    assert abs(peak - 0.25) < 0.001, f"peak {peak}"
    assert np.array_equal(audio[0], audio[1]), "mono goes to both sides"


def check_knob_names(bundle):
    session = Session(bundle)

    def names():
        described = session.plugin.get_parameters_description()
        return [description["name"] for description in described[:3]]

    assert names() == ["-", "-", "-"], names()
    cutoff = "~cutoff: knob 800 20 20000 hz\nout: saw 55 >> lpf ~cutoff 0.7 >> mul "
    session.load(cutoff + "0.1")
    assert names() == ["cutoff", "-", "-"], names()
    text = session.plugin.get_parameters_description()[0]["text"]
    assert text.startswith("800"), text
    session.load("~drive: knob 0.5 0 1\n" + cutoff + "~drive")
    assert {"cutoff", "drive"} <= set(names()), names()


def check_triggers(bundle):
    for bpm in (90.0, 120.0, 133.0):
        audio = Session(bundle).load("out: seq 60 60 60 60").render(20.0, bpm)
        found = np.nonzero(audio[0])[0].tolist()
        frames_per_beat = 60.0 / bpm * RATE
        wanted = []
        beat = 0
        while (frame := math.ceil(beat * frames_per_beat - 1e-3)) < audio.shape[1]:
            wanted.append(frame)
            beat += 1
        assert found == wanted, f"{bpm} BPM: {found[:5]} and {wanted[:5]}"


def beats_of_map(bpm, ppqn, block, frames):
    """Frames of whole beats as DawDreamer plays a tempo map: it reads the map once for each block
    and holds that tempo, so its song is behind the map's own line on a ramp."""
    found, beat, frame = [], 0.0, 0
    while frame < frames:
        beats_per_frame = bpm[min(int(beat * ppqn), len(bpm) - 1)] / 60 / RATE
        while (wait := math.ceil((len(found) - beat) / beats_per_frame - 1e-3)) < block:
            found.append(frame + max(wait, 0))
        beat += block * beats_per_frame
        frame += block
    return [at for at in found if at < frames]


def check_tempo_map(bundle):
    """A step from 120 to 60, and a ramp between them over 8 beats."""
    seconds = 12.0
    step = (np.array([120.0] * 4 + [60.0] * 20), 1)
    ramp = (np.concatenate([np.full(48, 120.0), np.linspace(120, 60, 192), np.full(480, 60.0)]), 24)
    for what, (bpm, ppqn) in (("step", step), ("ramp", ramp)):
        for block in (64, 512):
            session = Session(bundle, block).load("out: seq 60 60 60 60")
            session.engine.set_bpm(bpm, ppqn=ppqn)
            session.engine.render(seconds)
            found = np.nonzero(session.engine.get_audio()[0])[0]
            wanted = np.array(beats_of_map(bpm, ppqn, block, int(seconds * RATE)))
            assert found.size == wanted.size > 10, f"{what}, {block}: {found} and {wanted}"
            worst = int(np.abs(found - wanted).max())
            print(f"dawdreamer: tempo {what}, blocks of {block}: {found.size} beats, {worst} frames off")
            assert worst <= 1, f"{what}, {block}: {found - wanted}"


def check_same_bits(bundle):
    first = Session(bundle).load(RICH).render(4.0, 133.0)
    assert float(np.abs(first).max()) > 0.1, "the program sounds"
    assert np.array_equal(first, Session(bundle).load(RICH).render(4.0, 133.0)), "second render"
    for block in (64, 100, 2048):
        other = Session(bundle, block).load(RICH).render(4.0, 133.0)
        frames = min(first.shape[1], other.shape[1])
        different = np.nonzero(first[:, :frames] != other[:, :frames])[1]
        assert different.size == 0, f"blocks of {block}: from frame {different.min()} on"


def check_state(bundle):
    first = Session(bundle).load(BROKEN, last_good=RICH)
    gain = first.parameter("Output gain")
    first.plugin.set_parameter(gain, 0.75)
    wanted = first.render(2.0)
    assert float(np.abs(wanted).max()) > 0.05, "the last good program sounds"
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "state")
        first.plugin.save_state(path)
        second = Session(bundle)
        second.plugin.load_state(path)
    assert abs(second.plugin.get_parameter(gain) - 0.75) < 1e-6, "the gain comes back"
    assert np.array_equal(second.render(2.0), wanted), "the same sound from the first frame on"


def check_automation(bundle):
    session = Session(bundle).load("out: sin 440 >> mul 0.5")
    gain = session.parameter("Output gain")
    # One value per frame: 0 dB, then -12 dB. The range is -60 to 12 dB.
    values = np.full(2 * RATE, 60.0 / 72.0)
    values[RATE:] = 48.0 / 72.0
    session.plugin.set_automation(gain, values)
    audio = session.render(2.0)
    before = float(np.abs(audio[0, RATE // 2 : RATE - 1024]).max())
    after = float(np.abs(audio[0, RATE + 2048 :]).max())
    assert abs(before - 0.5) < 0.001, f"before: {before}"
    assert abs(after - 0.5 * 10 ** (-12 / 20)) < 0.001, f"after: {after}"


def check_latency(bundle):
    session = Session(bundle).load("out: sin 440")
    session.render(0.1)
    frames = session.plugin.get_latency_samples()
    assert frames == 0, f"{frames} frames"


CHECKS = [
    check_sound_and_width,
    check_knob_names,
    check_triggers,
    check_tempo_map,
    check_same_bits,
    check_state,
    check_automation,
    check_latency,
]


def main():
    bundle = os.environ.get("GLISTEN_VST3")
    if not bundle or not os.path.exists(bundle):
        print(f"GLISTEN_VST3 names no bundle ({bundle}). Build it: cargo xtask bundle")
        return 1
    failed = 0
    for check in CHECKS:
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            check(bundle)
            print(f"dawdreamer: {name}: ok")
        except AssertionError as error:
            failed += 1
            print(f"dawdreamer: {name}: FAILED: {error}")
    print(f"dawdreamer: {len(CHECKS) - failed} of {len(CHECKS)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
