//! Which nodes of a new program are which of the old one.
//!
//! Chains match by name, or as a rename when one vanished and one with the same body appeared;
//! nodes inside a chain match by longest common subsequence over canonical names, ties broken by
//! equal arguments, then by nearest position (R6.4). The nodes of a use of a user's node match only
//! those of a matched use (R4.11).
//!
//! Thread: control.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::resolve::{Arg, Chain, ChainId, Instance, Node, Program};

/// For each node of each new chain, its chain and index in the old program.
pub type Matches = Vec<Vec<Option<(u32, u32)>>>;

/// Above this many cells the table for the longest common subsequence is not built; such a pair of
/// chains differs in a thousand places at both ends, and equal positions are matched instead.
const TABLE_CELLS: usize = 4_000_000;

/// Matches the nodes of two programs.
#[must_use]
pub fn match_programs(old: &Program, new: &Program) -> Matches {
    let pairs = match_chains(old, new);
    let programs = Programs::new(old, new);
    new.chains
        .iter()
        .zip(pairs)
        .map(|(chain, pair)| match pair {
            None => vec![None; chain.nodes.len()],
            Some(o) => {
                let old_nodes = &old.chains[o as usize].nodes;
                let mut matches = vec![None; chain.nodes.len()];
                let old_range = 0..old_nodes.len();
                let new_range = 0..chain.nodes.len();
                let pair = Pair {
                    programs: &programs,
                    old: old_nodes,
                    new: &chain.nodes,
                };
                pair.match_series(old_range, new_range, 0, &mut matches);
                matches.into_iter().map(|m| m.map(|k| (o, k))).collect()
            }
        })
        .collect()
}

/// Two programs with the names of their chains.
struct Programs<'p> {
    old: &'p Program,
    new: &'p Program,
    old_names: HashSet<&'p str>,
    new_names: HashSet<&'p str>,
}

impl<'p> Programs<'p> {
    fn new(old: &'p Program, new: &'p Program) -> Self {
        let names = |p: &'p Program| p.chains.iter().map(|c| c.name.as_str()).collect();
        Self {
            old_names: names(old),
            new_names: names(new),
            old,
            new,
        }
    }

    fn same(&self, a: &Node, b: &Node) -> bool {
        equal_nodes(self.old, a, self.new, b)
    }

    /// Whether a user's node of the old program may have been renamed to one of the new.
    fn may_be_renamed(&self, old: &str, new: &str) -> bool {
        !self.new_names.contains(old) && !self.old_names.contains(new)
    }
}

fn match_chains(old: &Program, new: &Program) -> Vec<Option<u32>> {
    let by_name: HashMap<&str, u32> = old
        .chains
        .iter()
        .enumerate()
        .map(|(i, c)| (c.name.as_str(), i as u32))
        .collect();
    let new_names: std::collections::HashSet<&str> =
        new.chains.iter().map(|c| c.name.as_str()).collect();
    let mut pairs: Vec<Option<u32>> = new
        .chains
        .iter()
        .map(|c| by_name.get(c.name.as_str()).copied())
        .collect();

    // Bodies of vanished chains by length first: only equal lengths can be equal bodies.
    let mut vanished: Vec<u32> = (0..old.chains.len() as u32)
        .filter(|i| !new_names.contains(old.chains[*i as usize].name.as_str()))
        .collect();
    for (pair, chain) in pairs.iter_mut().zip(&new.chains) {
        // The chain of a user's node has no nodes: they stand where it is used.
        if pair.is_some() || vanished.is_empty() || chain.nodes.is_empty() {
            continue;
        }
        let found = vanished
            .iter()
            .position(|o| equal_bodies(old, &old.chains[*o as usize], new, chain));
        if let Some(at) = found {
            *pair = Some(vanished.remove(at));
        }
    }
    pairs
}

fn equal_bodies(old: &Program, a: &Chain, new: &Program, b: &Chain) -> bool {
    a.nodes.len() == b.nodes.len()
        && a.nodes
            .iter()
            .zip(&b.nodes)
            .all(|(x, y)| equal_nodes(old, x, new, y))
}

fn chain_name(program: &Program, chain: ChainId) -> &str {
    program
        .chains
        .get(chain.0 as usize)
        .map_or("", |c| c.name.as_str())
}

/// Same node with the same arguments; references are compared by name.
fn equal_nodes(old: &Program, a: &Node, new: &Program, b: &Node) -> bool {
    let same_chain = |x: ChainId, y: ChainId| chain_name(old, x) == chain_name(new, y);
    let same_chains = |x: &[ChainId], y: &[ChainId]| {
        x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same_chain(*x, *y))
    };
    a.spec == b.spec
        && a.args.len() == b.args.len()
        && a.extra.len() == b.extra.len()
        && (a.args.iter().chain(&a.extra))
            .zip(b.args.iter().chain(&b.extra))
            .all(|(x, y)| match (x, y) {
                (Arg::Chain(x), Arg::Chain(y)) => same_chain(*x, *y),
                (Arg::Refs(x), Arg::Refs(y)) => same_chains(x, y),
                (x, y) => x == y,
            })
}

/// What is matched as one inside a row of nodes: a node, or all nodes of a use of a user's node.
#[derive(Clone, Debug)]
struct Unit<'n> {
    nodes: Range<usize>,
    user: Option<&'n Instance>,
}

/// The units of a row of nodes that stand inside `depth` uses of user's nodes.
fn units(nodes: &[Node], range: Range<usize>, depth: usize) -> Vec<Unit<'_>> {
    let mut units: Vec<Unit<'_>> = Vec::with_capacity(range.len());
    for index in range {
        let user = nodes[index].instance.as_deref().and_then(|instance| {
            let mut at = Some(instance);
            while let Some(inner) = at.filter(|i| i.depth > depth) {
                at = inner.parent.as_deref();
            }
            at.filter(|i| i.depth == depth)
        });
        match units.last_mut() {
            Some(last)
                if user.is_some() && last.user.map(|u| u.number) == user.map(|u| u.number) =>
            {
                last.nodes.end = index + 1;
            }
            _ => units.push(Unit {
                nodes: index..index + 1,
                user,
            }),
        }
    }
    units
}

/// Two rows of nodes of which one became the other.
struct Pair<'p> {
    programs: &'p Programs<'p>,
    old: &'p [Node],
    new: &'p [Node],
}

impl Pair<'_> {
    /// Longest common subsequence: writes the old node of each new one. A use of a user's node is
    /// matched as a whole, then its nodes inside it (R4.11).
    fn match_series(
        &self,
        old: Range<usize>,
        new: Range<usize>,
        depth: usize,
        matches: &mut [Option<u32>],
    ) {
        let (nodes_a, nodes_b) = (old.len(), new.len());
        let a = units(self.old, old, depth);
        let b = units(self.new, new, depth);
        let shorter = a.len().min(b.len());
        let head = (0..shorter)
            .take_while(|i| self.equal(&a[*i], &b[*i]))
            .count();
        let tail = (0..shorter - head)
            .take_while(|i| self.equal(&a[a.len() - 1 - i], &b[b.len() - 1 - i]))
            .count();
        let (a_end, b_end) = (a.len() - tail, b.len() - tail);
        for i in 0..head {
            self.match_units(&a[i], &b[i], depth, matches);
        }
        for i in 0..tail {
            self.match_units(&a[a_end + i], &b[b_end + i], depth, matches);
        }
        let (a, b) = (&a[head..a_end], &b[head..b_end]);
        if a.is_empty() || b.is_empty() {
            return;
        }
        // A cell compares whole units, so nodes count and not units.
        if nodes_a.saturating_mul(nodes_b) > TABLE_CELLS {
            for (x, y) in a.iter().zip(b) {
                if self.alike(x, y) {
                    self.match_units(x, y, depth, matches);
                }
            }
            return;
        }
        for (i, j) in self.common_subsequence(a, b) {
            self.match_units(&a[i], &b[j], depth, matches);
        }
    }

    fn match_units(
        &self,
        old: &Unit<'_>,
        new: &Unit<'_>,
        depth: usize,
        matches: &mut [Option<u32>],
    ) {
        if new.user.is_some() {
            self.match_series(old.nodes.clone(), new.nodes.clone(), depth + 1, matches);
        } else if let Some(slot) = matches.get_mut(new.nodes.start) {
            *slot = Some(old.nodes.start as u32);
        }
    }

    /// Whether two units may be the same one: equal nodes, or uses of the same user's node.
    fn alike(&self, old: &Unit<'_>, new: &Unit<'_>) -> bool {
        match (old.user, new.user) {
            (None, None) => self.old[old.nodes.start].spec == self.new[new.nodes.start].spec,
            (Some(a), Some(b)) if a.name == b.name => true,
            (Some(a), Some(b)) => {
                let specs = |nodes: &[Node]| nodes.iter().map(|n| n.spec.name).collect::<Vec<_>>();
                self.programs.may_be_renamed(&a.name, &b.name)
                    && old.nodes.len() == new.nodes.len()
                    && specs(&self.old[old.nodes.clone()]) == specs(&self.new[new.nodes.clone()])
            }
            _ => false,
        }
    }

    /// Whether two units are alike to the last argument.
    fn equal(&self, old: &Unit<'_>, new: &Unit<'_>) -> bool {
        let nodes = || {
            self.old[old.nodes.clone()]
                .iter()
                .zip(&self.new[new.nodes.clone()])
        };
        old.nodes.len() == new.nodes.len()
            && self.alike(old, new)
            && nodes().all(|(x, y)| self.programs.same(x, y))
    }

    /// Dynamic programme over suffixes. A pair scores one match, then equal arguments, then nearness.
    fn common_subsequence(&self, a: &[Unit<'_>], b: &[Unit<'_>]) -> Vec<(usize, usize)> {
        const MATCH: i64 = 1 << 42;
        const EQUAL: i64 = 1 << 21;
        let width = b.len() + 1;
        let pair_score = |i: usize, j: usize| -> Option<i64> {
            if !self.alike(&a[i], &b[j]) {
                return None;
            }
            let equal = if self.equal(&a[i], &b[j]) { EQUAL } else { 0 };
            // Distances sum to less than one EQUAL for chains that fit the table.
            Some(MATCH + equal - i.abs_diff(j).min(500) as i64)
        };
        let mut best = vec![0_i64; (a.len() + 1) * width];
        for i in (0..a.len()).rev() {
            for j in (0..b.len()).rev() {
                let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
                let take = pair_score(i, j).map_or(i64::MIN, |s| s + best[(i + 1) * width + j + 1]);
                best[i * width + j] = skip.max(take);
            }
        }
        let mut pairs = Vec::new();
        let (mut i, mut j) = (0, 0);
        while i < a.len() && j < b.len() {
            let here = best[i * width + j];
            if pair_score(i, j).is_some_and(|s| s + best[(i + 1) * width + j + 1] == here) {
                pairs.push((i, j));
                i += 1;
                j += 1;
            } else if best[(i + 1) * width + j] == here {
                i += 1;
            } else {
                j += 1;
            }
        }
        pairs
    }
}
