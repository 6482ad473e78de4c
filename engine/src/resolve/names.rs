//! Which chain a name means.

use std::collections::{HashMap, HashSet};

use super::program::{Chain, ChainId};
use crate::registry::{Category, NodeSpec, Registry};

/// The chains of a program by name, built-in references included.
#[derive(Debug)]
pub struct Names<'t> {
    registry: &'t Registry,
    chains: HashMap<&'t str, ChainId>,
    /// User chains by id.
    in_order: Vec<&'t str>,
    /// User chains in alphabetical order, for `~t..`.
    sorted: Vec<(&'t str, ChainId)>,
    /// Names whose definitions are too broken to make a chain; they count as known.
    broken: HashSet<&'t str>,
    /// Chains that the program uses without defining them, in the order of their first use.
    implicit: Vec<Implicit>,
}

/// A chain that nobody defines by name.
#[derive(Clone, Debug)]
pub enum Implicit {
    /// A built-in reference.
    Builtin {
        /// What it is.
        spec: &'static NodeSpec,
        /// Its name.
        name: String,
    },
    /// A signal that is written where it is used.
    Inline(Chain),
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A chain of the program or a built-in reference.
    Chain(ChainId),
    /// Something whose own problem is told elsewhere.
    Broken,
}

impl<'t> Names<'t> {
    /// The names of user chains; `names` yields each once, in the order of their ids.
    pub fn new(registry: &'t Registry, names: impl Iterator<Item = &'t str>) -> Self {
        let mut sorted: Vec<(&str, ChainId)> = names.zip((0..).map(ChainId)).collect();
        let chains = sorted.iter().copied().collect();
        let in_order = sorted.iter().map(|(name, _)| *name).collect();
        sorted.sort_unstable();
        let broken = HashSet::new();
        Self {
            registry,
            chains,
            in_order,
            sorted,
            broken,
            implicit: Vec::new(),
        }
    }

    /// Adds names whose definitions are too broken to make a chain.
    pub fn set_broken(&mut self, broken: HashSet<&'t str>) {
        self.broken = broken;
    }

    /// The name of a chain or built-in reference.
    pub fn name_of(&self, id: ChainId) -> &str {
        let index = id.0 as usize;
        let implicit = || self.implicit.get(index.checked_sub(self.in_order.len())?);
        match self.in_order.get(index) {
            Some(name) => name,
            None => match implicit() {
                Some(Implicit::Builtin { name, .. }) => name,
                Some(Implicit::Inline(chain)) => &chain.name,
                None => "",
            },
        }
    }

    /// Whether a user chain has this name.
    pub fn is_called(&self, id: ChainId, name: &str) -> bool {
        self.chain(name) == Some(id)
    }

    /// The user chain of this name.
    pub fn chain(&self, name: &str) -> Option<ChainId> {
        self.chains.get(name).copied()
    }

    /// Whether a user chain or built-in reference has this name.
    pub fn is_known(&self, name: &str) -> bool {
        self.chains.contains_key(name) || self.broken.contains(name) || self.builtin(name).is_some()
    }

    /// What a name means: a user chain, else a built-in reference (R4.6).
    pub fn find(&mut self, name: &str) -> Option<Target> {
        if let Some(id) = self.chain(name) {
            return Some(Target::Chain(id));
        }
        if self.broken.contains(name) {
            return Some(Target::Broken);
        }
        let spec = self.builtin(name)?;
        // An alias is the same reference, another number is another one.
        let name = match spec.numbered {
            Some(_) => name,
            None => spec.name,
        };
        let is_same = |i: &Implicit| matches!(i, Implicit::Builtin { name: n, .. } if n == name);
        let id = match self.implicit.iter().position(is_same) {
            Some(number) => self.implicit_id(number),
            None => self.add_implicit(Implicit::Builtin {
                spec,
                name: name.to_owned(),
            }),
        };
        Some(Target::Chain(id))
    }

    fn implicit_id(&self, number: usize) -> ChainId {
        ChainId(u32::try_from(self.in_order.len() + number).unwrap_or(u32::MAX))
    }

    /// Adds a chain that nobody defines by name.
    pub fn add_implicit(&mut self, implicit: Implicit) -> ChainId {
        self.implicit.push(implicit);
        self.implicit_id(self.implicit.len() - 1)
    }

    fn builtin(&self, name: &str) -> Option<&'static NodeSpec> {
        if !name.starts_with('~') {
            return None;
        }
        self.registry
            .find(name)
            .filter(|spec| spec.category == Category::Reference)
    }

    /// The user chains whose names begin so, without the one that asks, in the order of the text.
    pub fn matches(&self, prefix: &str, asking: ChainId) -> Vec<ChainId> {
        let from = self.sorted.partition_point(|(name, _)| *name < prefix);
        let mut ids: Vec<ChainId> = self
            .sorted
            .iter()
            .skip(from)
            .take_while(|(name, _)| name.starts_with(prefix))
            .map(|(_, id)| *id)
            .filter(|id| *id != asking)
            .collect();
        ids.sort_unstable();
        ids
    }

    /// Number of chains that nobody defines by name.
    pub fn implicit_count(&self) -> usize {
        self.implicit.len()
    }

    /// Forgets all implicit chains but the first `count`; nobody may hold an id of the others.
    pub fn forget_implicit(&mut self, count: usize) {
        self.implicit.truncate(count);
    }

    /// Takes the implicit chains in the order of their ids, which follow those of the user chains.
    pub fn take_implicit(&mut self) -> Vec<Implicit> {
        std::mem::take(&mut self.implicit)
    }

    /// Every name that a reference may have.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        let builtins = self.registry.names().filter(|n| n.starts_with('~'));
        let builtins = builtins.map(|n| -> &str { n });
        self.sorted
            .iter()
            .map(|(name, _)| -> &str { name })
            .chain(builtins)
    }
}
