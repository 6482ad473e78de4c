//! Colours of the text, from the engine's own parse.
//!
//! The parser keeps its trees by statement, so a key press parses one statement. A very long text
//! is not even scanned while somebody types: its old tokens move with the text until it rests.

use std::ops::Range;

use egui::Color32;
use engine::{Parser, TokenClass, highlight};

use super::diff::Change;
use super::theme::Theme;

/// Longer texts are parsed only when they rest.
const LIVE_BYTES: usize = 64 * 1024;

/// A coloured stretch of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Bytes.
    pub range: Range<usize>,
    /// What it is.
    pub class: TokenClass,
    /// Whether it names what is defined here.
    pub bold: bool,
}

/// Keeps the tokens of the newest text.
pub struct Highlighter {
    parser: Parser,
    text: String,
    stretches: Vec<Stretch>,
    stale: bool,
    version: u64,
}

impl Default for Highlighter {
    fn default() -> Self {
        Self {
            parser: Parser::new(),
            text: String::new(),
            stretches: Vec::new(),
            stale: false,
            version: 0,
        }
    }
}

impl Highlighter {
    /// Brings the tokens up to `text`. `rests`: nobody is typing.
    pub fn update(&mut self, text: &str, rests: bool) {
        let changed = self.text != text;
        let overdue = self.stale && rests;
        if !changed && !overdue {
            return;
        }
        self.version += 1;
        if text.len() <= LIVE_BYTES || rests {
            self.parse(text);
        } else {
            let change = Change::between(&self.text, text);
            self.stretches
                .retain_mut(|stretch| match change.map(stretch.range.clone()) {
                    Some(range) => {
                        stretch.range = range;
                        true
                    }
                    None => false,
                });
            self.stale = true;
        }
        if changed {
            text.clone_into(&mut self.text);
        }
    }

    fn parse(&mut self, text: &str) {
        let ast = self.parser.parse(text);
        let mut defined = ast
            .statements()
            .filter_map(|(placed, s)| Some(placed.span(s.head.as_ref()?.name).start))
            .peekable();
        let tokens = highlight(&ast, text);
        self.stretches.clear();
        for token in tokens {
            while defined.next_if(|start| *start < token.span.start).is_some() {}
            let bold = defined.next_if_eq(&token.span.start).is_some();
            let range = token.span.range();
            // The layout slices the text by these ranges, so they are checked here once.
            let after = self.stretches.last().map_or(0, |s| s.range.end);
            if range.start >= after && text.get(range.clone()).is_some() {
                self.stretches.push(Stretch {
                    range,
                    class: token.class,
                    bold,
                });
            }
        }
        self.stale = false;
    }

    /// The tokens in the order of the text, without overlap.
    #[must_use]
    pub fn stretches(&self) -> &[Stretch] {
        &self.stretches
    }

    /// Changes whenever the tokens change.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }
}

/// Colour of a token.
#[must_use]
pub fn color(class: TokenClass, theme: &Theme) -> Color32 {
    match class {
        TokenClass::OutputName => theme.output_name,
        TokenClass::Reference => theme.reference,
        TokenClass::Node => theme.node,
        TokenClass::Number => theme.number,
        TokenClass::Operator => theme.operator,
        TokenClass::Rest | TokenClass::Comment | TokenClass::Error => theme.comment,
        TokenClass::Symbol | TokenClass::Script => theme.symbol,
    }
}

#[cfg(test)]
mod tests {
    use super::{Highlighter, LIVE_BYTES};
    use engine::TokenClass;

    #[test]
    fn names_are_bold_where_they_are_defined_only() {
        let text = "~a: sin 1\nout: ~a >> mul 0.5";
        let mut highlighter = Highlighter::default();
        highlighter.update(text, true);
        let bold: Vec<&str> = highlighter
            .stretches()
            .iter()
            .filter(|s| s.bold)
            .map(|s| &text[s.range.clone()])
            .collect();
        assert_eq!(bold, ["~a", "out"]);
        let references = highlighter
            .stretches()
            .iter()
            .filter(|s| s.class == TokenClass::Reference);
        assert_eq!(references.count(), 2);
    }

    #[test]
    fn a_long_text_keeps_its_colours_while_it_is_typed() {
        let line = "out: sin 440 >> mul 0.5\n";
        let mut text = line.repeat(LIVE_BYTES / line.len() + 1);
        let mut highlighter = Highlighter::default();
        highlighter.update(&text, true);
        let before = highlighter.stretches().len();
        text.insert_str(0, "// x\n");
        highlighter.update(&text, false);
        assert_eq!(highlighter.stretches().len(), before, "old tokens moved");
        let first = &highlighter.stretches()[0];
        assert_eq!(&text[first.range.clone()], "out");
        highlighter.update(&text, true);
        assert_eq!(highlighter.stretches().len(), before + 1, "parsed at rest");
    }
}
