//! The nodes, one file each, and the list that makes them known.
//!
//! A node is a static [`NodeSpec`] and a [`Processor`](crate::processor::Processor) over kernels of
//! [`crate::dsp`]; it imports no other node. A new one is a file in its family's folder and a line
//! in [`BUILTIN`].
//!
//! Thread: `process`, `read`, `write`, `reset` and `inherit` audio; specs and `build` control.

mod control;
mod distortion;
mod dynamics;
mod effect;
mod envelope;
mod filter;
mod fundsp_unit;
mod instrument;
mod operator;
mod oscillator;
mod reference;
mod routing;
mod script;
mod sequencer;
mod support;
mod voice;

use crate::registry::NodeSpec;

/// Every node, in the order of the reference.
pub static BUILTIN: &[&NodeSpec] = &[
    &oscillator::sin::SPEC,
    &oscillator::saw::SPEC,
    &oscillator::squ::SPEC,
    &oscillator::tri::SPEC,
    &oscillator::pulse::SPEC,
    &oscillator::supersaw::SPEC,
    &oscillator::wave::SPEC,
    &oscillator::noiz::SPEC,
    &oscillator::pink::SPEC,
    &oscillator::brown::SPEC,
    &oscillator::imp::SPEC,
    &control::sig::SPEC,
    &control::knob::SPEC,
    &control::beats::SPEC,
    &control::hold::SPEC,
    &control::slew::SPEC,
    &control::pattern::SPEC,
    &control::points::SPEC,
    &control::lfo::SPEC,
    &control::walk::SPEC,
    &control::quant::SPEC,
    &control::mtof::SPEC,
    &operator::mul::SPEC,
    &operator::add::SPEC,
    &operator::expr::SPEC,
    &filter::lpf::SPEC,
    &filter::hpf::SPEC,
    &filter::moog::SPEC,
    &filter::morph::SPEC,
    &filter::onepole::SPEC,
    &filter::bpf::SPEC,
    &filter::notch::SPEC,
    &filter::lowshelf::SPEC,
    &filter::highshelf::SPEC,
    &filter::bell::SPEC,
    &distortion::tanh::SPEC,
    &distortion::clip::SPEC,
    &distortion::fold::SPEC,
    &distortion::crush::SPEC,
    &dynamics::compress::SPEC,
    &dynamics::duck::SPEC,
    &dynamics::gate::SPEC,
    &dynamics::limiter::SPEC,
    &dynamics::follow::SPEC,
    &effect::delayms::SPEC,
    &effect::echo::SPEC,
    &effect::pingpong::SPEC,
    &effect::delayn::SPEC,
    &effect::comb::SPEC,
    &effect::apfmsgain::SPEC,
    &effect::plate::SPEC,
    &effect::reverb::SPEC,
    &effect::hall::SPEC,
    &effect::chorus::SPEC,
    &effect::flanger::SPEC,
    &effect::phaser::SPEC,
    &envelope::envperc::SPEC,
    &envelope::adsr::SPEC,
    &sequencer::seq::SPEC,
    &sequencer::eu::SPEC,
    &sequencer::speed::SPEC,
    &sequencer::choose::SPEC,
    &sequencer::arrange::SPEC,
    &sequencer::notes::SPEC,
    &voice::midi::SPEC,
    &instrument::bd::SPEC,
    &instrument::sn::SPEC,
    &instrument::hh::SPEC,
    &instrument::p_synth::SPEC,
    &instrument::sawsynth::SPEC,
    &instrument::squsynth::SPEC,
    &instrument::trisynth::SPEC,
    &instrument::msgsynth::SPEC,
    &instrument::pluck::SPEC,
    &instrument::sp::SPEC,
    &instrument::psampler::SPEC,
    &routing::get::SPEC,
    &routing::mix::SPEC,
    &voice::poly::SPEC,
    &routing::pan::SPEC,
    &routing::balance::SPEC,
    &routing::width::SPEC,
    &routing::mid::SPEC,
    &routing::side::SPEC,
    &routing::midside::SPEC,
    &script::eval::SPEC,
    &script::meta::SPEC,
    &reference::input::SPEC,
    &reference::sidechain::SPEC,
    &reference::bpm::SPEC,
    &reference::beat::SPEC,
    &reference::bar::SPEC,
    &reference::playing::SPEC,
    &voice::freq::SPEC,
    &voice::gate::SPEC,
    &voice::vel::SPEC,
    &voice::note::SPEC,
    &voice::bend::SPEC,
    &voice::press::SPEC,
    &voice::timbre::SPEC,
    &voice::cc::SPEC,
];
