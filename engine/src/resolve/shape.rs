//! The order of nodes in a chain: inputs that are needed, inputs that are ignored, and speeds that
//! become a hidden argument of the sequencer after them.

use std::collections::HashSet;

use super::chain::one_chain_of;
use super::program::{Arg, Chain, ChainId, Node};
use super::sink::Sink;
use crate::diagnostics::{Diagnostic, Problem, Wanted};
use crate::processor::Value;
use crate::registry::{ArgKind, Category, Input, NodeSpec, Registry, Role, Unit};
use crate::text::Span;

/// Longest row of chains that only name the next one, up to a speed.
const MAX_HOPS: usize = 64;

/// A speed as a sequencer takes it over.
struct Speed {
    value: Arg,
    span: Span,
    /// The chain that holds it, if it is another one.
    from: Option<ChainId>,
}

/// Puts all chains in order.
///
/// `text` is that of the program: advice that moves a node quotes it.
pub fn shape(chains: &mut [Chain], text: &str, registry: &Registry, sink: &mut Sink) {
    let mut used_speeds: HashSet<ChainId> = HashSet::new();
    let mut shaped: Vec<Vec<Node>> = Vec::with_capacity(chains.len());
    for chain in chains.iter() {
        let mut out: Vec<Node> = Vec::with_capacity(chain.nodes.len());
        // Whether the chain begins with an effect whose source comes after it.
        let mut reversed = false;
        for (number, node) in chain.nodes.iter().enumerate() {
            if out.is_empty() && node.spec.input == Input::Required {
                let source = source_after(chain.nodes.get(number + 1..).unwrap_or(&[]), text);
                reversed = source.is_some();
                sink.push(match source {
                    Some(source) => source_comes_later(node, source, text),
                    None => needs_input(node.spec, node.span),
                });
            }
            let mut node = node.clone();
            if let Some(before) = out.pop() {
                if !reversed && gives_own_frequency(&node, text) {
                    let problem = Problem::FrequencyTwice {
                        node: node.spec.name.to_owned(),
                    };
                    let place = node.arg_spans.first().copied().unwrap_or(node.span);
                    sink.push(problem.at(place));
                }
                if out.is_empty() && is_constant(&before) && is_triggered(node.spec) {
                    let node = node.spec.name.to_owned();
                    sink.push(Problem::ConstantTrigger { node }.at(before.span));
                }
                if before.spec.role == Role::MidiTrigger && is_tone(node.spec) {
                    let problem = Problem::TriggerAsFrequency {
                        trigger: before.spec.name.to_owned(),
                        node: node.spec.name.to_owned(),
                    };
                    sink.push(problem.at(before.span.to(node.span)));
                }
                match node.spec.role {
                    Role::Sequencer => match speed_of(&before, chains) {
                        Some(speed) => {
                            used_speeds.extend(speed.from);
                            take_speed(&mut node, &speed);
                        }
                        None if reversed => {}
                        None => ignored(&node, sink),
                    },
                    _ if node.spec.input == Input::None => {
                        if before.spec.role == Role::Speed {
                            lonely_speed(&before, sink);
                        }
                        // A reference after an arrow was told when it was looked up.
                        if node.spec.role != Role::Reference && !reversed {
                            ignored(&node, sink);
                        }
                    }
                    _ => {
                        let before = match before.spec.role {
                            Role::Speed => {
                                lonely_speed(&before, sink);
                                as_constant(&before, registry)
                            }
                            _ => before,
                        };
                        out.push(before);
                    }
                }
                // Nothing that stood before a node without input can be heard.
                if node.spec.role == Role::Sequencer || node.spec.input == Input::None {
                    out.clear();
                }
            }
            out.push(node);
        }
        shaped.push(out);
    }
    for ((number, chain), nodes) in chains.iter_mut().enumerate().zip(shaped) {
        chain.nodes = nodes;
        let id = ChainId(u32::try_from(number).unwrap_or(u32::MAX));
        if let Some(last) = chain
            .nodes
            .last_mut()
            .filter(|n| n.spec.role == Role::Speed)
        {
            if !used_speeds.contains(&id) {
                lonely_speed(last, sink);
            }
            *last = as_constant(last, registry);
        }
    }
}

/// Why a chain cannot be heard, if that is certain: the place, and whether it is a constant.
///
/// Only what is known by roles counts: a constant alone, and arithmetic with a number that makes any
/// signal 0, with nothing after it but nodes that make 0 from 0.
pub fn silence_of(chain: &Chain) -> Option<(Span, bool)> {
    if let Some((first, rest)) = chain.nodes.split_first()
        && (is_constant(first) || stands_still(first))
        && rest.iter().all(is_arithmetic_with_a_number)
    {
        return Some((first.span, true));
    }
    let mut silent = None;
    for node in &chain.nodes {
        let applied = |x: f32| match (node.spec.in_place, node.args.as_slice()) {
            (Some(apply), [Arg::Number(value)]) => {
                let mut signal = [x];
                apply(&mut signal, Value::Held(*value));
                Some(signal[0])
            }
            _ => None,
        };
        if applied(1.0) == Some(0.0) && applied(-0.7) == Some(0.0) {
            silent = silent.or(Some(node.span));
        } else if applied(0.0) != Some(0.0) {
            let numbers_only = node
                .args
                .iter()
                .all(|a| !matches!(a, Arg::Chain(_) | Arg::Refs(_)));
            let passive = matches!(node.spec.category, Category::Filter | Category::Effect);
            if !(numbers_only && passive && node.spec.input == Input::Required) {
                silent = None;
            }
        }
    }
    silent.map(|span| (span, false))
}

/// Whether a node is a number that never changes.
fn is_constant(node: &Node) -> bool {
    node.spec.role == Role::Constant && matches!(node.args.first(), Some(Arg::Number(_)))
}

/// Whether a node is an oscillator at 0 Hz.
fn stands_still(node: &Node) -> bool {
    is_tone(node.spec) && node.args.first() == Some(&Arg::Number(0.0))
}

fn is_arithmetic_with_a_number(node: &Node) -> bool {
    node.spec.in_place.is_some() && matches!(node.args.as_slice(), [Arg::Number(_)])
}

/// Whether a node is an oscillator that can take its frequency from the signal before it.
fn is_tone(spec: &NodeSpec) -> bool {
    let in_hertz = spec.args.first().is_some_and(|a| a.unit == Unit::Hertz);
    spec.category == Category::Oscillator && spec.input == Input::Optional && in_hertz
}

/// Whether an oscillator after another node has a number of its own written as its frequency.
fn gives_own_frequency(node: &Node, text: &str) -> bool {
    let written = node.arg_spans.first().map_or("", |span| span.text(text));
    is_tone(node.spec) && written.parse::<f64>().is_ok()
}

/// Whether a node does nothing without triggers.
fn is_triggered(spec: &NodeSpec) -> bool {
    let waits = matches!(spec.category, Category::Envelope | Category::Instrument);
    (waits || spec.role == Role::Sender) && spec.input == Input::Required
}

/// What a node needs before it.
fn wanted_by(spec: &NodeSpec) -> Wanted {
    match spec.role {
        Role::Poly => Wanted::Voice,
        _ if is_triggered(spec) => Wanted::Triggers,
        _ => Wanted::Signal,
    }
}

/// The first of the nodes that begins a chain: one without input, or a tone with its frequency.
fn source_after<'n>(nodes: &'n [Node], text: &str) -> Option<&'n Node> {
    nodes.iter().find(|node| {
        let speed = node.spec.role == Role::Speed;
        (node.spec.input == Input::None && !speed) || gives_own_frequency(node, text)
    })
}

/// Says that a chain begins with an effect and that its source comes only then, with a fix that
/// moves the source to the front.
fn source_comes_later(effect: &Node, source: &Node, text: &str) -> Diagnostic {
    let written = source.span.text(text);
    let problem = Problem::NeedsInput {
        node: effect.spec.name.to_owned(),
        wanted: wanted_by(effect.spec),
        source: Some(written.to_owned()),
    };
    let before = Span::new(effect.span.start as usize, source.span.start as usize);
    let effects = before.text(text).trim_end();
    let effects = effects.strip_suffix(">>").unwrap_or(effects).trim_end();
    let moved = format!("{written} >> {effects}");
    problem
        .at(effect.span)
        .with_fix(effect.span.to(source.span), moved)
}

/// Says that a node lacks its input, with a fix that gives it some.
pub fn needs_input(spec: &NodeSpec, span: Span) -> Diagnostic {
    let wanted = wanted_by(spec);
    let problem = Problem::NeedsInput {
        node: spec.name.to_owned(),
        wanted,
        source: None,
    };
    let source = match wanted {
        Wanted::Signal => "~input >> ",
        Wanted::Triggers => "imp 2 >> ",
        Wanted::Voice => "saw ~freq >> ",
    };
    problem
        .at(span)
        .with_fix(Span::at(span.start as usize), source)
}

/// The speed that a node before a sequencer stands for: itself, or the end of the chain it names.
fn speed_of(node: &Node, chains: &[Chain]) -> Option<Speed> {
    let mut node = node;
    let mut from = None;
    for _ in 0..MAX_HOPS {
        match node.spec.role {
            Role::Speed => {
                let value = node.args.first()?.clone();
                let span = node.arg_spans.first().copied().unwrap_or(node.span);
                return Some(Speed { value, span, from });
            }
            Role::Reference => {
                let id = node.args.first().and_then(one_chain_of)?;
                from = Some(id);
                node = chains.get(id.0 as usize)?.nodes.last()?;
            }
            _ => return None,
        }
    }
    None
}

/// Fills a sequencer's hidden argument.
fn take_speed(node: &mut Node, speed: &Speed) {
    let hidden = node
        .spec
        .args
        .iter()
        .position(|a| a.hidden && a.kind == ArgKind::Signal);
    let Some(index) = hidden else { return };
    let Some(arg) = node.spec.args.get(index) else {
        return;
    };
    if let Some(value) = node.args.get_mut(index) {
        *value = match &speed.value {
            Arg::Number(x) => Arg::Number(x.clamp(arg.min, arg.max)),
            other => other.clone(),
        };
    }
    if let Some(span) = node.arg_spans.get_mut(index) {
        *span = speed.span;
    }
}

fn ignored(node: &Node, sink: &mut Sink) {
    let name = node.spec.name.to_owned();
    let sequencer = node.spec.role == Role::Sequencer;
    let problem = match node.spec.upstream || sequencer {
        true => Problem::InputIgnored {
            node: name,
            sequencer,
        },
        // Upstream plays such programs; of our own nodes nobody has any yet.
        false => Problem::SourceAfterLink {
            name,
            reference: false,
        },
    };
    sink.push(problem.at(node.span));
}

fn lonely_speed(node: &Node, sink: &mut Sink) {
    sink.push(
        Problem::SpeedWithoutSequencer {
            node: node.spec.name.to_owned(),
        }
        .at(node.span),
    );
}

/// A speed that nothing takes over reads as its own value.
fn as_constant(node: &Node, registry: &Registry) -> Node {
    let with_role = |role: Role| {
        registry
            .nodes()
            .iter()
            .copied()
            .find(|s: &&NodeSpec| s.role == role)
    };
    let value = node.args.first().cloned().unwrap_or(Arg::Number(1.0));
    let (spec, value) = match value {
        Arg::Chain(id) => {
            let spec = with_role(Role::Reference);
            let refs = spec
                .and_then(|s| s.args.first())
                .is_some_and(|a| a.kind == ArgKind::Refs);
            (
                spec,
                if refs {
                    Arg::Refs(vec![id])
                } else {
                    Arg::Chain(id)
                },
            )
        }
        other => (with_role(Role::Constant), other),
    };
    match spec {
        Some(spec) => Node {
            spec,
            span: node.span,
            args: vec![value],
            arg_spans: node.arg_spans.iter().take(1).copied().collect(),
            extra: Vec::new(),
            instance: None,
            group: node.group,
        },
        None => node.clone(),
    }
}
