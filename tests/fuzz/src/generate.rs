//! Programs made from the nodes' specs: any node, any kind of argument, references, feedback, edits.

use glisten_engine::{ArgKind, ArgSpec, BUILTIN, Input, NodeSpec, Role};
use libfuzzer_sys::arbitrary::{Result, Unstructured};

use crate::any_text::FRAGMENTS;

const MOST_CHAINS: usize = 6;
const MOST_NODES: usize = 6;
const MOST_EDITS: usize = 3;

/// Nodes that a user defines: with parameters, through another one, and as a plain effect.
const OWN_NODES: &[&str] = &[
    "~wah ~f ~q: lpf ~f ~q >> mul 0.5",
    "~deep ~x: ~wah ~x 2 >> delayms ~x",
    "~off: mul 0.7 >> add 0.01",
];

struct Chain {
    name: String,
    nodes: Vec<String>,
}

struct Maker<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    /// See [`Performance::tame`](crate::input::Performance::tame).
    tame: bool,
    chains: Vec<Chain>,
    made: usize,
}

/// A program and its edits.
///
/// # Errors
/// The bytes do not suffice.
pub fn texts(bytes: &mut Unstructured<'_>, tame: bool) -> Result<Vec<String>> {
    let mut maker = Maker {
        bytes,
        tame,
        chains: Vec::new(),
        made: 0,
    };
    for _ in 0..maker.bytes.int_in_range(1..=MOST_CHAINS)? {
        maker.add_chain()?;
    }
    let mut texts = vec![maker.text()?];
    for _ in 0..maker.bytes.int_in_range(0..=MOST_EDITS)? {
        maker.edit()?;
        texts.push(maker.text()?);
    }
    Ok(texts)
}

impl Maker<'_, '_> {
    fn pick<T: Copy>(&mut self, from: &[T]) -> Result<T> {
        self.bytes.choose(from).copied()
    }

    /// Whether something happens that happens once in `n`.
    fn once_in(&mut self, n: u8) -> Result<bool> {
        self.bytes.ratio(1, n)
    }

    fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        for definition in OWN_NODES {
            // Only those that are used; an unused one would be a warning in every program.
            let name = definition.split([' ', ':']).next().unwrap_or_default();
            let mut nodes = self.chains.iter().flat_map(|chain| &chain.nodes);
            if nodes.any(|node| node.contains(name)) {
                text.push_str(definition);
                text.push('\n');
            }
        }
        for chain in &self.chains {
            text.push_str(&chain.name);
            text.push_str(": ");
            text.push_str(&chain.nodes.join(" >> "));
            text.push('\n');
        }
        // Something that does not belong there.
        if !self.tame && self.once_in(12)? {
            let at = self.bytes.choose_index(text.len() + 1)?;
            let fragment = self.pick(FRAGMENTS)?;
            if text.is_char_boundary(at) {
                text.insert_str(at, fragment);
            }
        }
        Ok(text)
    }

    fn add_chain(&mut self) -> Result<()> {
        self.made += 1;
        // Chains that are read need the sign; names are also letters, for patterns.
        let number = self.made;
        let name = match self.bytes.int_in_range(0..=3)? {
            0 => format!("o{number}"),
            1 if number <= 26 => format!("~{}", char::from(b'a' + (number - 1) as u8)),
            1 | 2 => format!("~c{number}"),
            _ => format!("out{number}"),
        };
        let mut chain = Chain {
            name,
            nodes: Vec::new(),
        };
        let length = self.bytes.int_in_range(1..=MOST_NODES)?;
        for i in 0..length {
            let node = self.node(i == 0)?;
            chain.nodes.push(node);
        }
        self.chains.push(chain);
        Ok(())
    }

    fn edit(&mut self) -> Result<()> {
        if self.chains.is_empty() {
            return self.add_chain();
        }
        let at = self.bytes.choose_index(self.chains.len())?;
        let length = self.chains[at].nodes.len();
        let place = self.bytes.choose_index(length)?;
        match self.bytes.int_in_range(0..=7)? {
            0 if self.chains.len() < MOST_CHAINS => self.add_chain()?,
            1 => {
                self.chains.remove(at);
            }
            2 => {
                let node = self.node(false)?;
                self.chains[at].nodes.insert(place + 1, node);
            }
            3 if length > 1 => {
                self.chains[at].nodes.remove(place);
            }
            4 => {
                // A new name for the same chain.
                self.made += 1;
                let name = format!("o{}", self.made);
                self.chains[at].name = name;
            }
            5 if !self.tame => {
                let other = self.bytes.choose_index(self.chains.len())?;
                self.chains.swap(at, other);
            }
            6 => {
                // The same node with other arguments: what is kept of it?
                let name = self.chains[at].nodes[place].split(' ').next();
                let spec = name.and_then(|name| BUILTIN.iter().find(|s| s.name == name));
                if let Some(spec) = spec {
                    let node = self.arguments(spec)?;
                    self.chains[at].nodes[place] = node;
                }
            }
            _ => {
                let node = self.node(place == 0)?;
                self.chains[at].nodes[place] = node;
            }
        }
        Ok(())
    }

    fn node(&mut self, first: bool) -> Result<String> {
        if first && self.once_in(4)? {
            return self.reference();
        }
        if !first && !self.tame && self.once_in(8)? {
            // One of the user's own nodes.
            let (name, a, b) = (
                self.pick(&["~wah", "~deep", "~off"])?,
                self.reference()?,
                self.note()?,
            );
            return Ok(match self.bytes.int_in_range(0..=2)? {
                0 => name.to_owned(),
                1 => format!("{name} {a}"),
                _ => format!("{name} {b} {a}"),
            });
        }
        let fits = |spec: &&&NodeSpec| match spec.input {
            Input::None => first,
            Input::Optional => true,
            Input::Required => !first,
        };
        let fitting: Vec<&NodeSpec> = BUILTIN.iter().filter(fits).copied().collect();
        // A wrong place, now and then.
        let spec = if !self.tame && self.once_in(30)? {
            self.pick(BUILTIN)?
        } else {
            self.pick(&fitting)?
        };
        if self.once_in(8)? {
            let uses = uses_in_examples(spec);
            if let Some(used) = self.bytes.choose_iter(uses.iter()).ok().cloned() {
                return Ok(used);
            }
        }
        let node = self.arguments(spec)?;
        // A speed does nothing but before a pattern.
        if spec.role == Role::Speed {
            let patterns: Vec<&NodeSpec> = BUILTIN
                .iter()
                .copied()
                .filter(|s| s.role == Role::Sequencer)
                .collect();
            let pattern = self.pick(&patterns)?;
            return Ok(format!("{node} >> {}", self.arguments(pattern)?));
        }
        Ok(node)
    }

    fn arguments(&mut self, spec: &NodeSpec) -> Result<String> {
        let mut text = spec.name.to_owned();
        for arg in spec.visible_args() {
            if arg.default.is_some() && self.once_in(8)? {
                break;
            }
            let Some(value) = self.argument(spec, arg)? else {
                let uses = uses_in_examples(spec);
                return Ok(self.bytes.choose_iter(uses.iter()).cloned().unwrap_or(text));
            };
            text.push(' ');
            text.push_str(&value);
        }
        if !self.tame && self.once_in(60)? {
            text.push_str(" 0.5");
        }
        Ok(text)
    }

    /// The text of an argument; `None` for kinds that only examples show.
    #[allow(unreachable_patterns)] // Kinds of arguments to come.
    fn argument(&mut self, spec: &NodeSpec, arg: &ArgSpec) -> Result<Option<String>> {
        Ok(Some(match arg.kind {
            ArgKind::Signal if self.once_in(4)? && !(self.tame && spec.in_place.is_some()) => {
                self.reference()?
            }
            ArgKind::Signal if !self.tame && self.once_in(12)? => self.arithmetic()?,
            ArgKind::Signal if !self.tame && self.once_in(20)? => self.pattern()?,
            ArgKind::Number if arg.whole => {
                let last = arg.max.min(1e4) as i32;
                self.bytes.int_in_range(arg.min as i32..=last)?.to_string()
            }
            ArgKind::Signal | ArgKind::Number => self.number(spec, arg)?,
            ArgKind::Integers => {
                let count = self.bytes.int_in_range(1..=5)?;
                let numbers: Result<Vec<String>> = (0..count).map(|_| self.note()).collect();
                numbers?.join(" ")
            }
            ArgKind::Notes => self.notes()?,
            ArgKind::Choice if !arg.words.is_empty() => self.pick(arg.words)?.to_owned(),
            ArgKind::Arrangement => {
                let mut turns = String::new();
                for _ in 0..self.bytes.int_in_range(1..=3)? {
                    let (name, bars) = (self.reference()?, self.pick(&["1", "0.5", "2", "0.1"])?);
                    turns.push_str(&format!("{name} {bars} "));
                }
                turns.trim_end().to_owned()
            }
            ArgKind::Pattern => self.pattern()?,
            ArgKind::Points => self.points()?,
            ArgKind::Refs => {
                let count = self.bytes.int_in_range(1..=3)?;
                let names: Result<Vec<String>> = (0..count).map(|_| self.reference()).collect();
                names?.join(" ")
            }
            _ => return Ok(None),
        }))
    }

    /// A chain, mostly one that is there; in a tame program one that stands before, so that nothing
    /// feeds back.
    fn reference(&mut self) -> Result<String> {
        let built_in: Vec<&str> = BUILTIN
            .iter()
            .map(|spec| spec.numbered.map_or(spec.name, |family| family.shown))
            .filter(|name| name.starts_with('~'))
            .collect();
        if self.chains.is_empty() || self.once_in(5)? {
            return self.pick(&built_in).map(str::to_owned);
        }
        if !self.tame && self.once_in(3)? {
            // Itself, one that comes later, or one that is not there.
            let number = self.bytes.int_in_range(1..=MOST_CHAINS)?;
            return Ok(format!("~c{number}"));
        }
        if !self.tame && self.once_in(12)? {
            return Ok("~c..".to_owned());
        }
        let at = self.bytes.choose_index(self.chains.len())?;
        Ok(self.chains[at].name.clone())
    }

    fn number(&mut self, spec: &NodeSpec, arg: &ArgSpec) -> Result<String> {
        let (mut low, mut high) = (arg.min.max(-1e4), arg.max.min(1e4));
        if self.tame && (spec.in_place.is_some() || spec.role == Role::Constant) {
            (low, high) = (-1.0, 1.0);
        }
        let value = match self.bytes.int_in_range(0..=15)? {
            0 => low,
            1 => high,
            2 => 0.0_f32.clamp(low, high),
            3 => arg.default.unwrap_or(low).clamp(low, high),
            4 if !self.tame => {
                return self
                    .pick(&[
                        "-1", "1e30", "-1e30", ".5", "1e-40", "440.", "+3", "1000000", "-0",
                    ])
                    .map(str::to_owned);
            }
            // Squared, so that small numbers of a large range are as likely as large ones.
            _ => {
                let at = f32::from(self.bytes.arbitrary::<u16>()?) / f32::from(u16::MAX);
                low + (high - low) * at * at
            }
        };
        Ok(format!("{value:.3}"))
    }

    /// Numbers and references with signs between them, in parentheses.
    fn arithmetic(&mut self) -> Result<String> {
        let mut text = String::from("(");
        for i in 0..self.bytes.int_in_range(1..=4)? {
            if i > 0 {
                text.push_str(self.pick(&[" + ", " - ", "*", " / ", " ^ ", " % "])?);
            }
            let value = match self.bytes.int_in_range(0..=3)? {
                0 => self.reference()?,
                1 => self
                    .pick(&["0", "1e9", "-2", "(3)", "c4", "min(1, 2)"])?
                    .to_owned(),
                _ => self.bytes.int_in_range(0..=1000)?.to_string(),
            };
            text.push_str(&value);
        }
        text.push(')');
        Ok(text)
    }

    /// Values at times, in quotes.
    fn pattern(&mut self) -> Result<String> {
        let mut text = String::from("\"");
        for i in 0..self.bytes.int_in_range(1..=4)? {
            let value = self.bytes.int_in_range(0..=1000)?;
            let time = self.pick(&["0", "1/4", "0.5", "2/3", "1", "3.99", "100"])?;
            text.push_str(&format!("{}{value}@{time}", if i > 0 { " " } else { "" }));
        }
        text.push_str(self.pick(&["\"(1)", "\"()", "\"(0.01)", "\"(64)", "\""])?);
        Ok(text)
    }

    /// A breakpoint envelope.
    fn points(&mut self) -> Result<String> {
        let mut text = String::from("[");
        for _ in 0..self.bytes.int_in_range(0..=4)? {
            let time = self.pick(&["0", "0.0", "1/4", "1/2+100_ms", "0.75", "1-0.01_s", "2"])?;
            let value = self.pick(&["0", "1", "0.2", "-5", "1000"])?;
            text.push_str(&format!("{time}=>{value} "));
        }
        text.push_str(self.pick(&["]", "]!", "]*2!", "]/4!", "]*(3/4)", "]/100!"])?);
        Ok(text)
    }

    fn note(&mut self) -> Result<String> {
        Ok(match self.bytes.int_in_range(0..=9)? {
            0 => "0".to_owned(),
            1 => "127".to_owned(),
            _ => self.bytes.int_in_range(36..=84)?.to_string(),
        })
    }

    fn notes(&mut self) -> Result<String> {
        let mut text = String::new();
        for _ in 0..self.bytes.int_in_range(1..=6)? {
            if !self.tame && self.once_in(6)? {
                text.push_str(self.pick(&[
                    "c4",
                    "f#3*3",
                    "(60 62)",
                    "{60 62 64}",
                    "60?",
                    "60?0.3",
                    "(60 _ 67)*2",
                    "((60) 62)",
                    "{60 (62 64)}*4?",
                    "60!2",
                    "60@3",
                    "_*8",
                    "(60 {62 65})*2?0.5",
                    "c4_60",
                ])?);
                text.push(' ');
                continue;
            }
            for i in 0..self.bytes.int_in_range(1..=3)? {
                match self.bytes.int_in_range(0..=5)? {
                    0 | 1 => text.push('_'),
                    2 => {
                        text.push('~');
                        text.push(char::from(b'a' + self.bytes.int_in_range(0..=5)?));
                    }
                    _ if i > 0 => text.push('_'),
                    _ => text.push_str(&self.note()?),
                }
            }
            text.push(' ');
        }
        Ok(text.trim_end().to_owned())
    }
}

/// How the node's examples write it, arguments included. Scripts may hold `>>` and line ends.
fn uses_in_examples(spec: &NodeSpec) -> Vec<String> {
    let mut uses = Vec::new();
    for example in spec.examples {
        let mut rest = *example;
        while let Some(at) = rest.find(spec.name) {
            let before = rest[..at].chars().next_back();
            let used = &rest[at..];
            let mut in_code = false;
            let end = used.char_indices().find(|(i, c)| {
                in_code ^= *c == '`';
                !in_code && (*c == '\n' || used[*i..].starts_with(">>"))
            });
            let length = end.map_or(used.len(), |(i, _)| i);
            let after = used[spec.name.len()..].chars().next();
            let whole = |c: Option<char>| c.is_none_or(char::is_whitespace);
            if whole(before) && whole(after) {
                uses.push(used[..length].trim_end().to_owned());
            }
            rest = &used[length.max(1)..];
        }
    }
    uses
}
