//! What the voice references have in common.

use crate::registry::{Category, NodeSpec, Tail, Width};

/// A spec of a voice reference, to be completed.
pub const VOICE_VALUE: NodeSpec = NodeSpec {
    category: Category::Reference,
    upstream: false,
    width: Width::Mono,
    tail: Tail::Endless,
    ..NodeSpec::PLAIN
};
