//! Which nodes of a new program are which of the old one.
//!
//! Chains match by name, or as a rename when one vanished and one with the same body appeared;
//! nodes inside a chain match by longest common subsequence over canonical names, ties broken by
//! equal arguments, then by nearest position (R6.4).
//!
//! Thread: control.

use std::collections::HashMap;

use crate::resolve::{Arg, Chain, ChainId, Node, Program};

/// For each node of each new chain, its chain and index in the old program.
pub type Matches = Vec<Vec<Option<(u32, u32)>>>;

/// Above this many cells the table for the longest common subsequence is not built; such a pair of
/// chains differs in a thousand places at both ends, and equal positions are matched instead.
const TABLE_CELLS: usize = 4_000_000;

/// Matches the nodes of two programs.
#[must_use]
pub fn match_programs(old: &Program, new: &Program) -> Matches {
    let pairs = match_chains(old, new);
    new.chains
        .iter()
        .zip(pairs)
        .map(|(chain, pair)| match pair {
            None => vec![None; chain.nodes.len()],
            Some(o) => {
                let same = |a: &Node, b: &Node| equal_nodes(old, a, new, b);
                match_nodes(&old.chains[o as usize].nodes, &chain.nodes, same)
                    .into_iter()
                    .map(|m| m.map(|k| (o, k)))
                    .collect()
            }
        })
        .collect()
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
        if pair.is_some() || vanished.is_empty() {
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

/// Longest common subsequence of two chains: for each new node the old one.
fn match_nodes(
    old: &[Node],
    new: &[Node],
    same: impl Fn(&Node, &Node) -> bool,
) -> Vec<Option<u32>> {
    let mut matches = vec![None; new.len()];
    let shorter = old.len().min(new.len());
    let head = (0..shorter)
        .take_while(|i| same(&old[*i], &new[*i]))
        .count();
    let tail = (0..shorter - head)
        .take_while(|i| same(&old[old.len() - 1 - i], &new[new.len() - 1 - i]))
        .count();
    for (i, m) in matches.iter_mut().enumerate().take(head) {
        *m = Some(i as u32);
    }
    for i in 1..=tail {
        matches[new.len() - i] = Some((old.len() - i) as u32);
    }
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    if a.is_empty() || b.is_empty() {
        return matches;
    }
    if a.len() * b.len() > TABLE_CELLS {
        for (i, (x, y)) in a.iter().zip(b).enumerate() {
            if x.spec == y.spec {
                matches[head + i] = Some((head + i) as u32);
            }
        }
        return matches;
    }
    for (i, j) in common_subsequence(a, b, same) {
        matches[head + j] = Some((head + i) as u32);
    }
    matches
}

/// Dynamic programme over suffixes. A pair scores one match, then equal arguments, then nearness.
fn common_subsequence(
    a: &[Node],
    b: &[Node],
    same: impl Fn(&Node, &Node) -> bool,
) -> Vec<(usize, usize)> {
    const MATCH: i64 = 1 << 42;
    const EQUAL: i64 = 1 << 21;
    let width = b.len() + 1;
    let pair_score = |i: usize, j: usize| -> Option<i64> {
        if a[i].spec != b[j].spec {
            return None;
        }
        let equal = if same(&a[i], &b[j]) { EQUAL } else { 0 };
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
