//! The definitions of a program: which of them count, and under which number.

use std::collections::HashMap;

use super::program::ChainId;
use crate::syntax::{Ast, Head, Placed, Statement};

/// A definition with a usable name.
#[derive(Clone, Copy, Debug)]
pub struct Definition<'a> {
    /// Name as written, with its `~`.
    pub name: &'a str,
    /// Its place.
    pub placed: &'a Placed,
    /// Its tree.
    pub statement: &'a Statement,
    /// What stands before its chain.
    pub head: &'a Head,
}

impl<'a> Definition<'a> {
    /// Byte at which it starts.
    pub fn base(&self) -> usize {
        self.placed.piece.span.start as usize
    }

    /// Names of its parameters.
    pub fn params(&self, text: &'a str) -> impl Iterator<Item = &'a str> {
        let base = self.base();
        let params = self.head.params.iter();
        params.map(move |span| span.shifted(base).text(text))
    }
}

/// The definitions of a program.
pub struct Definitions<'a> {
    /// Those that count, in the order of the text; their index is the chain's id.
    pub winners: Vec<Definition<'a>>,
    /// Those that a later one of the same name overrides, with the chain's id.
    pub overridden: Vec<(Definition<'a>, ChainId)>,
    /// Ids by name.
    pub ids: HashMap<&'a str, ChainId>,
}

impl<'a> Definitions<'a> {
    /// Finds them.
    pub fn collect(ast: &'a Ast, text: &'a str) -> Self {
        let all = ast.statements().filter_map(|(placed, statement)| {
            let head = statement.head.as_ref().filter(|h| h.valid)?;
            let name = placed.span(head.name).text(text);
            Some(Definition {
                name,
                placed,
                statement,
                head,
            })
        });
        let all: Vec<Definition<'a>> = all.collect();
        let last: HashMap<&str, usize> = all.iter().enumerate().map(|(i, d)| (d.name, i)).collect();
        let wins = |i: usize, d: &Definition<'_>| last.get(d.name) == Some(&i);
        let winners: Vec<Definition<'a>> = all
            .iter()
            .enumerate()
            .filter(|(i, d)| wins(*i, d))
            .map(|(_, d)| *d)
            .collect();
        let ids: HashMap<&str, ChainId> = winners
            .iter()
            .map(|d| d.name)
            .zip((0..).map(ChainId))
            .collect();
        let overridden = all
            .iter()
            .enumerate()
            .filter(|(i, d)| !wins(*i, d))
            .filter_map(|(_, d)| Some((*d, *ids.get(d.name)?)))
            .collect();
        Self {
            winners,
            overridden,
            ids,
        }
    }

    /// The definition of a chain.
    pub fn winner(&self, id: ChainId) -> Option<&Definition<'a>> {
        self.winners.get(id.0 as usize)
    }
}
