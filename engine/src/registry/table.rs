//! Lookup of nodes by name.

use std::collections::HashMap;

use super::spec::NodeSpec;

/// The nodes a program may use, by name and alias.
#[derive(Debug, Clone)]
pub struct Registry {
    nodes: Vec<&'static NodeSpec>,
    by_name: HashMap<&'static str, &'static NodeSpec>,
}

impl Registry {
    /// A registry of the given nodes; a later name or alias never hides an earlier one.
    #[must_use]
    pub fn new(nodes: &[&'static NodeSpec]) -> Self {
        let mut by_name = HashMap::new();
        for spec in nodes {
            by_name.entry(spec.name).or_insert(*spec);
        }
        for spec in nodes {
            for alias in spec.aliases {
                by_name.entry(alias).or_insert(*spec);
            }
        }
        Self {
            nodes: nodes.to_vec(),
            by_name,
        }
    }

    /// The node of this name or alias. Built-in references are found with their `~`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static NodeSpec> {
        self.by_name.get(name).copied()
    }

    /// All nodes in the order of the reference.
    #[must_use]
    pub fn nodes(&self) -> &[&'static NodeSpec] {
        &self.nodes
    }

    /// All names and aliases, built-in references included.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_name.keys().copied()
    }
}
