//! Whether and when a program may be left uncomputed in silence (R8.10).
//!
//! Silence at the inputs ends in silence at the output if nothing on the way to it moves by itself.
//! Two things decide that here: what each node does while everything it reads stands still, and
//! which way its signal takes. What only sets the cutoff of a filter, or the gain of a signal that
//! is 0, makes no sound; so an effect with an oscillator as a slow control may rest, too, if the
//! oscillator can be told afterwards how far it would have turned.
//!
//! What cannot be known from the text is measured by the renderer: that the output is quiet, and
//! that every node with a memory gives a signal that stands.
//!
//! Thread: control.

use super::layout::Config;
use super::plan::Rest;
use super::vertex::{Body, Graph, SHARED, Source, Vertex};
use crate::processor::Value;
use crate::registry::{Activity, Category, Input, NodeSpec, Tail};

/// For how long at least everything must stand.
const LEAST_SECONDS: f64 = 0.1;
/// What a memory that shows no tail is given, such as the gain of a compressor that recovers.
const HIDDEN_SECONDS: f64 = 5.0;
/// What a node is given whose signal may stand for a while and then go on, such as a sample.
const PAUSE_SECONDS: f64 = 10.0;

/// What a signal does by itself, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Motion {
    Stands,
    WithSong,
    Moves,
}

/// When the program of a graph may rest; `None` = never. `used` says which vertices run.
pub fn rest_of(
    graph: &Graph,
    used: &[bool],
    configs: &[Option<Config>],
    sample_rate: f64,
) -> Option<Rest> {
    let motions = motions(graph);
    let shared = |(id, vertex): &(usize, &Vertex)| {
        vertex.group == SHARED && used.get(*id).copied().unwrap_or(false)
    };
    let mut seconds = LEAST_SECONDS;
    let mut plays = false;
    for (id, vertex) in graph.vertices.iter().enumerate().filter(shared) {
        let Body::Node(spec) = vertex.body else {
            continue;
        };
        match spec.activity() {
            Activity::Always => return None,
            // It is told how far it would have turned, which a number for its speed decides.
            Activity::Turns if !vertex.edges.iter().all(is_number) => return None,
            Activity::Turns | Activity::Positional => {}
            // Its place in the song would be lost, whatever it drives.
            Activity::WithSong => {
                plays = true;
                if spec.tail == Tail::Endless {
                    seconds = seconds.max(PAUSE_SECONDS);
                }
            }
            Activity::Driven => {
                let reserved = configs.get(id).and_then(Option::as_ref);
                let reserved = reserved.map_or(0, |config| config.reserved_frames);
                // Half as much again as is needed is reserved.
                let line_seconds = (reserved > 0).then(|| reserved as f64 / (1.5 * sample_rate));
                seconds = seconds.max(memory_seconds(graph, vertex, spec, line_seconds));
            }
        }
    }
    let of_root = |source: &Source| match source {
        Source::Vertex(v) => motions.get(*v as usize).copied(),
        _ => None,
    };
    let heard = graph.roots.iter().filter_map(of_root);
    let sent = graph
        .senders
        .iter()
        .filter_map(|v| of_root(&Source::Vertex(*v)));
    let motion = heard.chain(sent).max().unwrap_or(Motion::Stands);
    if motion == Motion::Moves {
        return None;
    }
    Some(Rest {
        frames: (seconds * sample_rate).ceil() as u64,
        with_song: plays || motion == Motion::WithSong,
    })
}

/// Whether the renderer watches that a node's signal stands: it remembers, and shows it.
pub fn is_watched(vertex: &Vertex) -> bool {
    match vertex.body {
        Body::Node(spec) => {
            let driven = spec.activity() == Activity::Driven;
            vertex.group == SHARED && driven && !spec.stateless && spec.in_place.is_none()
        }
        _ => false,
    }
}

fn is_number(edge: &super::vertex::Edge) -> bool {
    !matches!(edge.source, Source::Vertex(_))
}

/// What each vertex's signal does while the inputs are silent: the least fixpoint, so that loops
/// stand unless something moves them.
fn motions(graph: &Graph) -> Vec<Motion> {
    let mut motions = vec![Motion::Stands; graph.vertices.len()];
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); graph.vertices.len()];
    for (id, vertex) in graph.vertices.iter().enumerate() {
        for edge in &vertex.edges {
            if let Source::Vertex(v) = edge.source {
                readers[v as usize].push(id);
            }
        }
    }
    let mut work: Vec<usize> = (0..graph.vertices.len()).rev().collect();
    while let Some(id) = work.pop() {
        let motion = motion_of(&graph.vertices[id], &motions);
        if motion > motions[id] {
            motions[id] = motion;
            work.extend(&readers[id]);
        }
    }
    motions
}

fn motion_of(vertex: &Vertex, motions: &[Motion]) -> Motion {
    let of = |source: Source| match source {
        Source::Vertex(v) => motions[v as usize],
        Source::Literal(_) | Source::Nothing => Motion::Stands,
    };
    let most = || {
        let all = vertex.edges.iter().map(|e| of(e.source));
        all.max().unwrap_or(Motion::Stands)
    };
    match vertex.body {
        // The renderer asks the voices themselves.
        Body::Voices { .. } => Motion::Stands,
        Body::Node(spec) => match spec.activity() {
            Activity::Always | Activity::Turns => Motion::Moves,
            Activity::Positional | Activity::WithSong => Motion::WithSong.max(most()),
            Activity::Driven if keeps_silence(spec) => vertex
                .edges
                .first()
                .map_or(Motion::Stands, |e| of(e.source)),
            Activity::Driven => most(),
        },
        Body::Sum | Body::Line { .. } | Body::Fade => most(),
    }
}

/// Whether silence before a node is silence after it, whatever its arguments do.
fn keeps_silence(spec: &NodeSpec) -> bool {
    if let Some(apply) = spec.in_place {
        let silent = |value: f32| {
            let mut signal = [0.0];
            apply(&mut signal, Value::Held(value));
            signal == [0.0]
        };
        return silent(1.0) && silent(-3.0);
    }
    let passes = matches!(
        spec.category,
        Category::Filter
            | Category::Effect
            | Category::Dynamics
            | Category::Distortion
            | Category::Routing
    );
    passes && spec.input == Input::Required
}

/// How long a driven node's memory may take to show; at most as long as its line, if it has one.
fn memory_seconds(
    graph: &Graph,
    vertex: &Vertex,
    spec: &NodeSpec,
    line_seconds: Option<f64>,
) -> f64 {
    let argument = |index: usize| {
        let written = vertex.edges.get(index + 1).map(|e| e.source);
        let longest = spec.args.get(index).map_or(0.0, |a| a.max);
        f64::from(match written {
            Some(Source::Literal(literal)) => graph
                .literals
                .get(literal as usize)
                .map_or(longest, |l| l.value),
            _ => longest,
        })
    };
    match spec.tail {
        _ if spec.stateless || spec.in_place.is_some() => 0.0,
        // It only passes on what comes from outside.
        Tail::Endless if spec.input == Input::None => 0.0,
        Tail::None => HIDDEN_SECONDS,
        Tail::Seconds(seconds) => f64::from(seconds),
        Tail::MillisecondsOf(index) => line_seconds
            .unwrap_or(f64::INFINITY)
            .min(argument(index) * 1e-3),
        Tail::SecondsOf(index) => argument(index),
        Tail::Endless => PAUSE_SECONDS,
    }
}
