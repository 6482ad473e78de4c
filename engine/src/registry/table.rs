//! Lookup of nodes by name.

use std::collections::HashMap;

use super::spec::NodeSpec;

/// The nodes a program may use, by name and alias.
#[derive(Debug, Clone)]
pub struct Registry {
    nodes: Vec<&'static NodeSpec>,
    by_name: HashMap<&'static str, &'static NodeSpec>,
    notes_only: bool,
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
            notes_only: false,
        }
    }

    /// The same for a plugin that hosts send notes, but neither controllers, wheels nor pressure.
    #[must_use]
    pub fn with_notes_only(mut self) -> Self {
        self.notes_only = true;
        self
    }

    /// Whether only notes are heard.
    #[must_use]
    pub fn hears_notes_only(&self) -> bool {
        self.notes_only
    }

    /// The node of this name or alias, or the family of which it is a member. Built-in references
    /// are found with their `~`.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&'static NodeSpec> {
        match self.by_name.get(name).copied() {
            Some(spec) => Some(spec).filter(|s| s.numbered.is_none()),
            None => self.families().find(|s| s.member(name).is_some()),
        }
    }

    /// The family that a name seems to be of, whether or not it is one of its members.
    #[must_use]
    pub fn family(&self, name: &str) -> Option<&'static NodeSpec> {
        self.families().find(|family| {
            let rest = name.strip_prefix(family.name);
            rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        })
    }

    fn families(&self) -> impl Iterator<Item = &'static NodeSpec> + '_ {
        let nodes = self.nodes.iter().copied();
        nodes.filter(|spec| spec.numbered.is_some())
    }

    /// All nodes in the order of the reference.
    #[must_use]
    pub fn nodes(&self) -> &[&'static NodeSpec] {
        &self.nodes
    }

    /// All names and aliases, built-in references included; of a family one member.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_name
            .iter()
            .map(|(name, spec)| spec.numbered.map_or(*name, |family| family.shown))
    }
}
